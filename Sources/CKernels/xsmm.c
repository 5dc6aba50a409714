#include "xsmm.h"

#if defined(RLHOST_XSMM)

#include <libxsmm.h>
#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>

/* Which of its kernels add in the order k = 0, 1, 2 ...: those of at least 16 rows and at most 64
   columns. Larger products are cut into such tiles; the rows that remain are ours. */
enum { LEAST_ROWS = 16, MOST_ROWS = 64, MOST_COLUMNS = 64, MOST_DEPTH = 512 };

static libxsmm_smmfunction dispatch(bool transposed, bool accumulate, ptrdiff_t m, ptrdiff_t n,
                                    ptrdiff_t k, ptrdiff_t lda, ptrdiff_t ldb, ptrdiff_t ldc) {
  /* libxsmm is column-major: our c = a b is its c' = b' a' */
  const int flags = transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  const float alpha = 1, beta = accumulate ? 1 : 0;
  const int its_lda = (int)ldb, its_ldb = (int)lda, its_ldc = (int)ldc;
  return libxsmm_smmdispatch((int)n, (int)m, (int)k, &its_lda, &its_ldb, &its_ldc, &alpha, &beta,
                             &flags, NULL);
}

typedef struct {
  const ck_table *own;
  bool transposed, accumulate;
  ptrdiff_t k, lda, ldb, ldc;
} shape;

/* Tiles of `rows` by `columns` down the first m rows. */
static void tiles(const shape *s, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t m, const float *a,
                  const float *b, float *c) {
  libxsmm_smmfunction kernel = NULL;
  if (rows >= LEAST_ROWS)
    kernel = dispatch(s->transposed, s->accumulate, rows, columns, s->k, s->lda, s->ldb, s->ldc);
  for (ptrdiff_t i = 0; i < m; i += rows) {
    const float *ai = a + (s->transposed ? i : i * s->lda);
    if (kernel)
      kernel(b, ai, c + i * s->ldc);
    else
      s->own->product(s->transposed, s->accumulate, rows, columns, s->k, ai, s->lda, b, s->ldb,
                      c + i * s->ldc, s->ldc);
  }
}

/* One strip of columns: tiles of 64 rows, then of 32, of 16, and what remains. */
static void strip(const shape *s, ptrdiff_t m, ptrdiff_t columns, const float *a, const float *b,
                  float *c) {
  for (ptrdiff_t rows = MOST_ROWS; m > 0; rows = rows > LEAST_ROWS ? rows / 2 : m) {
    const ptrdiff_t covered = m / rows * rows;
    if (covered == 0) continue;
    tiles(s, rows, columns, covered, a, b, c);
    a += s->transposed ? covered : covered * s->lda;
    c += covered * s->ldc;
    m -= covered;
  }
}

static void product_of_depth(const shape *s, ptrdiff_t m, ptrdiff_t n, const float *a,
                             const float *b, float *c) {
  for (ptrdiff_t j = 0; j < n; j += MOST_COLUMNS)
    strip(s, m, n - j < MOST_COLUMNS ? n - j : MOST_COLUMNS, a, b + j, c + j);
}

void ck_xsmm_product(const ck_table *own, bool transposed, bool accumulate, ptrdiff_t m,
                     ptrdiff_t n, ptrdiff_t k, const float *a, ptrdiff_t lda, const float *b,
                     ptrdiff_t ldb, float *c, ptrdiff_t ldc) {
  if (m < LEAST_ROWS || k == 0 || !ck_xsmm_works() || lda > INT_MAX || ldb > INT_MAX || ldc > INT_MAX) {
    own->product(transposed, accumulate, m, n, k, a, lda, b, ldb, c, ldc);
    return;
  }
  for (ptrdiff_t from = 0; from < k; from += MOST_DEPTH) {
    const shape s = {own, transposed, accumulate || from > 0,
                     k - from < MOST_DEPTH ? k - from : MOST_DEPTH, lda, ldb, ldc};
    product_of_depth(&s, m, n, a + (transposed ? from * lda : from), b + from * ldb, c);
  }
}

static bool works;

/* Whether written memory may become code. Hardened systems refuse; libxsmm does not notice, and
   returns kernels that cannot be called. */
static bool may_generate_code(void) {
  const size_t size = 4096;
  void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  const bool may = mprotect(page, size, PROT_READ | PROT_EXEC) == 0;
  munmap(page, size);
  return may;
}

static void find_out(void) {
  if (!may_generate_code()) return;
  libxsmm_init();
  works = libxsmm_get_target_archid() >= LIBXSMM_X86_AVX2 &&
          dispatch(false, false, LEAST_ROWS, CK_LANES, CK_LANES, CK_LANES, CK_LANES, CK_LANES);
}

bool ck_xsmm_works(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, find_out);
  return works;
}

const char *ck_xsmm_target(void) { return ck_xsmm_works() ? libxsmm_get_target_arch() : ""; }

#else

void ck_xsmm_product(const ck_table *own, bool transposed, bool accumulate, ptrdiff_t m,
                     ptrdiff_t n, ptrdiff_t k, const float *a, ptrdiff_t lda, const float *b,
                     ptrdiff_t ldb, float *c, ptrdiff_t ldc) {
  own->product(transposed, accumulate, m, n, k, a, lda, b, ldb, c, ldc);
}

bool ck_xsmm_works(void) { return false; }

const char *ck_xsmm_target(void) { return ""; }

#endif
