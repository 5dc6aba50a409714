/* The product of our own. Included once for each instruction set, which defines
   CK_TARGET       the function attribute that selects it,
   CK_WIDTH        floats in a register,
   CK_STRIP        registers across the widest strip of columns, at most 4,
   CK_STRIP_ROWS   rows of a block in that strip: CK_STRIP * CK_STRIP_ROWS sums stay in registers,
   CK_NARROW_ROWS  the same in narrower strips.

   Sums of a block stay in registers over the whole of k, so each element is one chain. */

typedef float ck_register __attribute__((vector_size(4 * CK_WIDTH)));
typedef int32_t ck_register_mask __attribute__((vector_size(4 * CK_WIDTH)));
typedef float ck_register_unaligned
    __attribute__((vector_size(4 * CK_WIDTH), aligned(4), may_alias));

enum { CK_MAX_ROWS = 8, CK_MAX_STRIP = 4 };

/* How a block reads a: as it is stored; transposed; and transposed with a row of ones at the end. */
typedef enum ck_block_kind { CK_STRAIGHT, CK_TRANSPOSED, CK_WITH_ONES } ck_block_kind;

/* Rows of b that a strip reads before it turns to the next rows of a: 128 KiB at 64 columns. */
enum { CK_DEPTH = 512 };

CK_ALWAYS_INLINE CK_TARGET ck_register ck_splat(float x) { return x - (ck_register){0}; }

/* x, but 0 where z is below 0, or with `or_equal` at 0; NaN stays NaN. */
CK_ALWAYS_INLINE CK_TARGET ck_register ck_above_zero(const bool or_equal, ck_register z,
                                                     ck_register x) {
  const ck_register zero = {0};
  const ck_register_mask is_off = or_equal ? z <= zero : z < zero;
  return (ck_register)(~is_off & (ck_register_mask)x);
}

CK_ALWAYS_INLINE CK_TARGET ck_register ck_ended(const ck_ending_kind kind, ck_register sum,
                                                const float *with) {
  if (kind == CK_ENDS_AS_SUM) return sum;
  const ck_register y = *(const ck_register_unaligned *)with;
  if (kind == CK_ENDS_BEHIND_RELU) return ck_above_zero(true, y, sum);
  const ck_register z = sum + y;
  return kind == CK_ENDS_WITH_RELU ? ck_above_zero(false, z, z) : z;
}

CK_ALWAYS_INLINE CK_TARGET void ck_end_block_as(const ck_ending_kind kind, const int rows,
                                                const int vectors, const float *with,
                                                ptrdiff_t ldw,
                                                ck_register sum[CK_MAX_ROWS][CK_MAX_STRIP],
                                                float *c, ptrdiff_t ldc) {
  CK_UNROLL
  for (int i = 0; i < rows; i++) {
    CK_UNROLL
    for (int j = 0; j < vectors; j++)
      *(ck_register_unaligned *)(c + i * ldc + j * CK_WIDTH) =
          ck_ended(kind, sum[i][j], with + i * ldw + j * CK_WIDTH);
  }
}

/* Stores a block's sums as they are to end. */
CK_ALWAYS_INLINE CK_TARGET void ck_end_block(ck_ending end, const int rows, const int vectors,
                                             ck_register sum[CK_MAX_ROWS][CK_MAX_STRIP], float *c,
                                             ptrdiff_t ldc) {
#define CK_END(KIND, LD)                                                \
  case KIND:                                                           \
    ck_end_block_as(KIND, rows, vectors, end.with, LD, sum, c, ldc);   \
    break;
  switch (end.kind) {
    CK_END(CK_ENDS_AS_SUM, 0)
    CK_END(CK_ENDS_WITH_BIAS, 0)
    CK_END(CK_ENDS_WITH_RELU, 0)
    CK_END(CK_ENDS_BEHIND_RELU, end.ld)
  }
#undef CK_END
}

/* Where the sums of a block's row begin; the row of ones, which is the last, has a place of its own. */
CK_ALWAYS_INLINE float *ck_row_of(const ck_block_kind kind, const int rows, const int i, float *c,
                                  ptrdiff_t ldc, float *ones) {
  return kind == CK_WITH_ONES && i == rows - 1 ? ones : c + i * ldc;
}

/* c[rows, vectors * CK_WIDTH] (+)= op(a) b; `rows`, `vectors` and `kind` are literals. */
CK_ALWAYS_INLINE CK_TARGET void ck_block(const int rows, const int vectors,
                                         const ck_block_kind kind, bool accumulate, ck_ending end,
                                         ptrdiff_t k, const float *a, ptrdiff_t lda,
                                         const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc,
                                         float *ones) {
  ck_register sum[CK_MAX_ROWS][CK_MAX_STRIP];
  CK_UNROLL
  for (int i = 0; i < rows; i++) {
    const float *row = ck_row_of(kind, rows, i, c, ldc, ones);
    CK_UNROLL
    for (int j = 0; j < vectors; j++) {
      const ck_register zero = {0};
      sum[i][j] = accumulate ? *(const ck_register_unaligned *)(row + j * CK_WIDTH) : zero;
    }
  }
  for (ptrdiff_t p = 0; p < k; p++) {
    ck_register y[CK_MAX_STRIP];
    CK_UNROLL
    for (int j = 0; j < vectors; j++)
      y[j] = *(const ck_register_unaligned *)(b + p * ldb + j * CK_WIDTH);
    CK_UNROLL
    for (int i = 0; i < rows; i++) {
      const bool is_one = kind == CK_WITH_ONES && i == rows - 1;
      const ck_register x =
          ck_splat(is_one ? 1.0f : kind == CK_STRAIGHT ? a[i * lda + p] : a[p * lda + i]);
      CK_UNROLL
      for (int j = 0; j < vectors; j++) sum[i][j] = CK_FMA(x, y[j], sum[i][j]);
    }
  }
  if (kind == CK_STRAIGHT) {
    ck_end_block(end, rows, vectors, sum, c, ldc);
    return;
  }
  CK_UNROLL
  for (int i = 0; i < rows; i++) {
    float *row = ck_row_of(kind, rows, i, c, ldc, ones);
    CK_UNROLL
    for (int j = 0; j < vectors; j++)
      *(ck_register_unaligned *)(row + j * CK_WIDTH) = sum[i][j];
  }
}

/* c[m, vectors * CK_WIDTH], in blocks of nearly equal height; a row of ones beside those of op(a)
   where there is a place for its sums. */
CK_ALWAYS_INLINE CK_TARGET void ck_strip(const int vectors, const int most_rows,
                                         const ck_block_kind kind, bool accumulate, ck_ending end,
                                         ptrdiff_t m, ptrdiff_t k, const float *a, ptrdiff_t lda,
                                         const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc,
                                         float *ones) {
#define CK_ROWS(R, KIND)                                                                          \
  case R:                                                                                         \
    if (R <= most_rows)                                                                           \
      ck_block(R, vectors, KIND, accumulate, end, k, a, lda, b, ldb, c, ldc, ones);               \
    break;
#define CK_BLOCKS(KIND)                                                                           \
  switch (rows) {                                                                                 \
    CK_ROWS(1, KIND) CK_ROWS(2, KIND) CK_ROWS(3, KIND) CK_ROWS(4, KIND)                           \
    CK_ROWS(5, KIND) CK_ROWS(6, KIND) CK_ROWS(7, KIND) CK_ROWS(8, KIND)                           \
  }
  if (kind == CK_TRANSPOSED && ones) m += 1;
  for (ptrdiff_t blocks = (m + most_rows - 1) / most_rows; blocks > 0; blocks--) {
    const ptrdiff_t rows = (m + blocks - 1) / blocks;
    if (kind == CK_TRANSPOSED && ones && blocks == 1) {
      CK_BLOCKS(CK_WITH_ONES)
    } else {
      CK_BLOCKS(kind)
    }
    m -= rows;
    a += kind == CK_STRAIGHT ? rows * lda : rows;
    c += rows * ldc;
    end.with += rows * end.ld;
  }
#undef CK_BLOCKS
#undef CK_ROWS
}

#define CK_STRIPS(NAME, KIND)                                                                     \
  CK_TARGET static void NAME(bool accumulate, ck_ending end, ptrdiff_t m, ptrdiff_t n,            \
                             ptrdiff_t k, const float *a, ptrdiff_t lda, const float *b,          \
                             ptrdiff_t ldb, float *c, ptrdiff_t ldc, float *ones) {               \
    while (n > 0) {                                                                               \
      const int vectors = n < CK_STRIP * CK_WIDTH ? (int)(n / CK_WIDTH) : CK_STRIP;               \
      switch (vectors) {                                                                          \
        case CK_STRIP:                                                                            \
          ck_strip(CK_STRIP, CK_STRIP_ROWS, KIND, accumulate, end, m, k, a, lda, b, ldb, c, ldc,  \
                   ones);                                                                         \
          break;                                                                                  \
        CK_NARROWER_STRIPS(KIND)                                                                  \
      }                                                                                           \
      n -= vectors * CK_WIDTH;                                                                    \
      b += vectors * CK_WIDTH;                                                                    \
      c += vectors * CK_WIDTH;                                                                    \
      end.with += vectors * CK_WIDTH;                                                             \
      if (ones) ones += vectors * CK_WIDTH;                                                       \
    }                                                                                             \
  }

#define CK_NARROWER(V, KIND)                                                                      \
  case V:                                                                                         \
    ck_strip(V, CK_NARROW_ROWS, KIND, accumulate, end, m, k, a, lda, b, ldb, c, ldc, ones);       \
    break;

/* Columns come in CK_LANES: narrower strips exist only where a register holds that many. */
#if CK_WIDTH == 16
#define CK_NARROWER_STRIPS(T) CK_NARROWER(1, T) CK_NARROWER(2, T) CK_NARROWER(3, T)
#else
#define CK_NARROWER_STRIPS(T)
#endif

CK_STRIPS(ck_strips, CK_STRAIGHT)
CK_STRIPS(ck_strips_transposed, CK_TRANSPOSED)

/* dw (+)= x transposed, times dz; with the sums of a row of ones in `dbias`, unless it is NULL. */
CK_TARGET static void ck_own_weight_gradient(bool accumulate, ptrdiff_t m, ptrdiff_t n,
                                             ptrdiff_t k, const float *x, ptrdiff_t ldx,
                                             const float *dz, ptrdiff_t lddz, float *dw,
                                             ptrdiff_t lddw, float *dbias) {
  ptrdiff_t from = 0;
  do {
    const ptrdiff_t depth = k - from < CK_DEPTH ? k - from : CK_DEPTH;
    ck_strips_transposed(accumulate || from > 0, (ck_ending){CK_ENDS_AS_SUM, dw, 0}, m, n, depth,
                         x + from * ldx, ldx, dz + from * lddz, lddz, dw, lddw, dbias);
    from += depth;
  } while (from < k);
}

/* c = a b of one block's rows, a literal: the loop over blocks costs more than such a product. */
CK_ALWAYS_INLINE CK_TARGET void ck_few_rows(const int rows, ck_ending end, ptrdiff_t n, ptrdiff_t k,
                                            const float *a, ptrdiff_t lda, const float *b,
                                            ptrdiff_t ldb, float *c, ptrdiff_t ldc) {
  for (ptrdiff_t j = 0; j < n; j += CK_STRIP * CK_WIDTH) {
    const ck_ending here = {end.kind, end.with + j, end.ld};
#define CK_COLUMNS(V)                                                                          \
  case V:                                                                                         \
    if (V <= CK_STRIP)                                                                            \
      ck_block(rows, V, CK_STRAIGHT, false, here, k, a, lda, b + j, ldb, c + j, ldc, NULL);       \
    break;
    switch (n - j < CK_STRIP * CK_WIDTH ? (n - j) / CK_WIDTH : CK_STRIP) {
      CK_COLUMNS(1) CK_COLUMNS(2) CK_COLUMNS(3) CK_COLUMNS(4)
    }
#undef CK_COLUMNS
  }
}

/* c = a b, its sums ended; k is short enough to be read at once. */
CK_TARGET static void ck_own_ended_product(ck_ending end, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                                           const float *a, ptrdiff_t lda, const float *b,
                                           ptrdiff_t ldb, float *c, ptrdiff_t ldc) {
  switch (m) {
    case 1: ck_few_rows(1, end, n, k, a, lda, b, ldb, c, ldc); break;
    case 2: ck_few_rows(2, end, n, k, a, lda, b, ldb, c, ldc); break;
    case 4: ck_few_rows(4, end, n, k, a, lda, b, ldb, c, ldc); break;
    default: ck_strips(false, end, m, n, k, a, lda, b, ldb, c, ldc, NULL); break;
  }
}

CK_TARGET static void ck_own_product(bool transposed, bool accumulate, ptrdiff_t m, ptrdiff_t n,
                                     ptrdiff_t k, const float *a, ptrdiff_t lda, const float *b,
                                     ptrdiff_t ldb, float *c, ptrdiff_t ldc) {
  if (transposed) {
    ck_own_weight_gradient(accumulate, m, n, k, a, lda, b, ldb, c, ldc, NULL);
    return;
  }
  ptrdiff_t from = 0;
  do {
    const ptrdiff_t depth = k - from < CK_DEPTH ? k - from : CK_DEPTH;
    ck_strips(accumulate || from > 0, (ck_ending){CK_ENDS_AS_SUM, c, 0}, m, n, depth, a + from,
              lda, b + from * ldb, ldb, c, ldc, NULL);
    from += depth;
  } while (from < k);
}
