/* The product of our own. Included once for each instruction set, which defines
   CK_TARGET       the function attribute that selects it,
   CK_WIDTH        floats in a register,
   CK_STRIP        registers across the widest strip of columns, at most 4,
   CK_STRIP_ROWS   rows of a block in that strip: CK_STRIP * CK_STRIP_ROWS sums stay in registers,
   CK_NARROW_ROWS  the same in narrower strips.

   Sums of a block stay in registers over the whole of k, so each element is one chain. */

typedef float ck_register __attribute__((vector_size(4 * CK_WIDTH)));
typedef float ck_register_unaligned
    __attribute__((vector_size(4 * CK_WIDTH), aligned(4), may_alias));

enum { CK_MAX_ROWS = 8, CK_MAX_STRIP = 4 };

/* Chains of the peak's loop: enough to cover the latency of two multiply-adds a cycle. */
enum { CK_PEAK_CHAINS = 12 };

/* Rows of b that a strip reads before it turns to the next rows of a: 128 KiB at 64 columns. */
enum { CK_DEPTH = 512 };

CK_ALWAYS_INLINE CK_TARGET ck_register ck_splat(float x) { return x - (ck_register){0}; }

/* c[rows, vectors * CK_WIDTH] (+)= op(a) b; `rows`, `vectors`, `transposed` are literals. */
CK_ALWAYS_INLINE CK_TARGET void ck_block(const int rows, const int vectors, const bool transposed,
                                         bool accumulate, ptrdiff_t k, const float *a,
                                         ptrdiff_t lda, const float *b, ptrdiff_t ldb, float *c,
                                         ptrdiff_t ldc) {
  ck_register sum[CK_MAX_ROWS][CK_MAX_STRIP];
  CK_UNROLL
  for (int i = 0; i < rows; i++) {
    CK_UNROLL
    for (int j = 0; j < vectors; j++) {
      const ck_register zero = {0};
      sum[i][j] =
          accumulate ? *(const ck_register_unaligned *)(c + i * ldc + j * CK_WIDTH) : zero;
    }
  }
  for (ptrdiff_t p = 0; p < k; p++) {
    ck_register y[CK_MAX_STRIP];
    CK_UNROLL
    for (int j = 0; j < vectors; j++)
      y[j] = *(const ck_register_unaligned *)(b + p * ldb + j * CK_WIDTH);
    CK_UNROLL
    for (int i = 0; i < rows; i++) {
      const ck_register x = ck_splat(transposed ? a[p * lda + i] : a[i * lda + p]);
      CK_UNROLL
      for (int j = 0; j < vectors; j++) sum[i][j] = CK_FMA(x, y[j], sum[i][j]);
    }
  }
  CK_UNROLL
  for (int i = 0; i < rows; i++) {
    CK_UNROLL
    for (int j = 0; j < vectors; j++)
      *(ck_register_unaligned *)(c + i * ldc + j * CK_WIDTH) = sum[i][j];
  }
}

/* c[m, vectors * CK_WIDTH], in blocks of nearly equal height. */
CK_ALWAYS_INLINE CK_TARGET void ck_strip(const int vectors, const int most_rows,
                                         const bool transposed, bool accumulate, ptrdiff_t m,
                                         ptrdiff_t k, const float *a, ptrdiff_t lda,
                                         const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc) {
#define CK_ROWS(R)                                                                              \
  case R:                                                                                       \
    if (R <= most_rows)                                                                         \
      ck_block(R, vectors, transposed, accumulate, k, a, lda, b, ldb, c, ldc);                  \
    break;
  for (ptrdiff_t blocks = (m + most_rows - 1) / most_rows; blocks > 0; blocks--) {
    const ptrdiff_t rows = (m + blocks - 1) / blocks;
    switch (rows) {
      CK_ROWS(1) CK_ROWS(2) CK_ROWS(3) CK_ROWS(4) CK_ROWS(5) CK_ROWS(6) CK_ROWS(7) CK_ROWS(8)
    }
    m -= rows;
    a += transposed ? rows : rows * lda;
    c += rows * ldc;
  }
#undef CK_ROWS
}

#define CK_STRIPS(NAME, TRANSPOSED)                                                             \
  CK_TARGET static void NAME(bool accumulate, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,            \
                             const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb,      \
                             float *c, ptrdiff_t ldc) {                                         \
    while (n > 0) {                                                                             \
      const int vectors = n < CK_STRIP * CK_WIDTH ? (int)(n / CK_WIDTH) : CK_STRIP;             \
      switch (vectors) {                                                                        \
        case CK_STRIP:                                                                          \
          ck_strip(CK_STRIP, CK_STRIP_ROWS, TRANSPOSED, accumulate, m, k, a, lda, b, ldb, c,    \
                   ldc);                                                                        \
          break;                                                                                \
        CK_NARROWER_STRIPS(TRANSPOSED)                                                          \
      }                                                                                         \
      n -= vectors * CK_WIDTH;                                                                  \
      b += vectors * CK_WIDTH;                                                                  \
      c += vectors * CK_WIDTH;                                                                  \
    }                                                                                           \
  }

#define CK_NARROWER(V, TRANSPOSED)                                                              \
  case V:                                                                                       \
    ck_strip(V, CK_NARROW_ROWS, TRANSPOSED, accumulate, m, k, a, lda, b, ldb, c, ldc);          \
    break;

/* Columns come in CK_LANES: narrower strips exist only where a register holds that many. */
#if CK_WIDTH == 16
#define CK_NARROWER_STRIPS(T) CK_NARROWER(1, T) CK_NARROWER(2, T) CK_NARROWER(3, T)
#else
#define CK_NARROWER_STRIPS(T)
#endif

CK_STRIPS(ck_strips, false)
CK_STRIPS(ck_strips_transposed, true)

CK_TARGET static void ck_own_product(bool transposed, bool accumulate, ptrdiff_t m, ptrdiff_t n,
                                     ptrdiff_t k, const float *a, ptrdiff_t lda, const float *b,
                                     ptrdiff_t ldb, float *c, ptrdiff_t ldc) {
  ptrdiff_t from = 0;
  do {
    const ptrdiff_t depth = k - from < CK_DEPTH ? k - from : CK_DEPTH;
    const bool continues = accumulate || from > 0;
    if (transposed)
      ck_strips_transposed(continues, m, n, depth, a + from * lda, lda, b + from * ldb, ldb, c,
                           ldc);
    else
      ck_strips(continues, m, n, depth, a + from, lda, b + from * ldb, ldb, c, ldc);
    from += depth;
  } while (from < k);
}

CK_TARGET static float ck_own_peak(ptrdiff_t rounds) {
  ck_register sum[CK_PEAK_CHAINS];
  const ck_register x = ck_splat((float)rounds * 0x1p-100f);
  CK_UNROLL
  for (int i = 0; i < CK_PEAK_CHAINS; i++) sum[i] = x + (float)i;
  for (ptrdiff_t round = 0; round < rounds; round++) {
    CK_UNROLL
    for (int i = 0; i < CK_PEAK_CHAINS; i++) sum[i] = CK_FMA(sum[i], x, x);
  }
  ck_register total = x;
  CK_UNROLL
  for (int i = 0; i < CK_PEAK_CHAINS; i++) total += sum[i];
  return total[0];
}
