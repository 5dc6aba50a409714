/* The kernel sets behind one face, and what is composed of several kernels. */
#include "lanes.h"
#include "xsmm.h"

#include <stdlib.h>

#if defined(__x86_64__)
static bool has_wide(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("bmi2");
}
static bool has_narrow(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi2");
}
/* Asked at every call, so it is remembered; from every thread the answer is the same. */
static const ck_table *best_table(void) {
  static const ck_table *best;
  const ck_table *known = __atomic_load_n(&best, __ATOMIC_RELAXED);
  if (known) return known;
  known = has_wide() ? &ck_wide_table : &ck_narrow_table;
  __atomic_store_n(&best, known, __ATOMIC_RELAXED);
  return known;
}
#define CK_BEST_TABLE best_table()
#define CK_WIDE_TABLE &ck_wide_table
#else
static bool has_wide(void) { return false; }
static bool has_narrow(void) { return true; }
#define CK_BEST_TABLE &ck_narrow_table
#define CK_WIDE_TABLE &ck_narrow_table
#endif

bool ck_available(ck_set set) {
  switch (set) {
    case CK_XSMM: return has_narrow() && ck_xsmm_works();
    case CK_WIDE: return has_wide();
    case CK_NARROW: return has_narrow();
    case CK_SETS: break;
  }
  return false;
}

const ck_table *ck_table_of(ck_set set) {
  if (set == CK_NARROW) return &ck_narrow_table;
  return set == CK_WIDE ? CK_WIDE_TABLE : CK_BEST_TABLE;
}

static inline const ck_table *table(ck_set set) { return ck_table_of(set); }

const char *ck_environment(const char *name) {
  const char *value = getenv(name);
  return value ? value : "";
}

void ck_product(ck_set set, bool transposed, bool accumulate, ptrdiff_t m, ptrdiff_t n,
                ptrdiff_t k, const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb,
                float *c, ptrdiff_t ldc) {
  const ck_table *own = table(set);
  if (set == CK_XSMM)
    ck_xsmm_product(own, transposed, accumulate, m, n, k, a, lda, b, ldb, c, ldc);
  else
    own->product(transposed, accumulate, m, n, k, a, lda, b, ldb, c, ldc);
}

/* Columns of a tile: what follows a product finds the tile in the first cache. */
enum { TILE = 64 };

static inline ptrdiff_t tile_width(ptrdiff_t n, ptrdiff_t from) {
  return n - from < TILE ? n - from : TILE;
}

/* Terms of a sum up to which our own product, which does all that a layer needs while the sums are
   in registers, is faster than libxsmm's and a pass after it. */
enum { SHALLOW = 128 };

/* Whether a layer's product is our own and read at once. */
static inline bool is_shallow(ck_set set, ptrdiff_t m, ptrdiff_t k) {
  return k <= SHALLOW || (k <= 512 && (set != CK_XSMM || m < CK_LANES));
}

/* Outputs up to which a layer is computed without its padding. */
enum { NARROW = 4 };

static inline ptrdiff_t padded(ptrdiff_t n) { return (n + CK_LANES - 1) / CK_LANES * CK_LANES; }

/* A layer of many sums, tile by tile. */
static void dense_tiles(ck_set set, ck_activation activation, ptrdiff_t m, ptrdiff_t n,
                        ptrdiff_t k, const float *x, ptrdiff_t ldx, const float *w,
                        const float *bias, float *y, ptrdiff_t ldy) {
  for (ptrdiff_t j = 0; j < n; j += TILE) {
    const ptrdiff_t width = tile_width(n, j);
    ck_product(set, false, false, m, width, k, x, ldx, w + j, n, y + j, ldy);
    table(set)->bias_activation(activation, m, width, bias + j, y + j, ldy);
  }
}

void ck_dense(ck_set set, ck_activation activation, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
              const float *x, ptrdiff_t ldx, const float *w, const float *bias, float *y,
              ptrdiff_t ldy) {
  if (n <= NARROW && m > CK_LANES / 2) {
    table(set)->narrow_dense(activation, m, n, k, x, ldx, w, bias, y, ldy);
  } else if (is_shallow(set, m, k) && activation != CK_TANH) {
    const ck_ending_kind kind = activation == CK_RELU ? CK_ENDS_WITH_RELU : CK_ENDS_WITH_BIAS;
    table(set)->ended_product((ck_ending){kind, bias, 0}, m, padded(n), k, x, ldx, w, padded(n), y,
                              ldy);
  } else {
    dense_tiles(set, activation, m, padded(n), k, x, ldx, w, bias, y, ldy);
  }
}

void ck_input_gradient(ck_set set, ck_activation activation, ptrdiff_t m, ptrdiff_t n,
                       ptrdiff_t k, const float *dz, ptrdiff_t lddz, const float *wt,
                       const float *x, ptrdiff_t ldx, float *dx, ptrdiff_t lddx) {
  if (is_shallow(set, m, k) && activation == CK_RELU) {
    const ck_ending end = {CK_ENDS_BEHIND_RELU, x, ldx};
    table(set)->ended_product(end, m, n, k, dz, lddz, wt, n, dx, lddx);
    return;
  }
  for (ptrdiff_t j = 0; j < n; j += TILE) {
    const ptrdiff_t width = tile_width(n, j);
    ck_product(set, false, false, m, width, k, dz, lddz, wt + j, n, dx + j, lddx);
    table(set)->activation_gradient(activation, m, width, x + j, ldx, dx + j, lddx);
  }
}

void ck_weight_gradient(ck_set set, bool accumulate, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                        const float *x, ptrdiff_t ldx, const float *dz, ptrdiff_t lddz, float *dw,
                        ptrdiff_t lddw, float *dbias) {
  if (set != CK_XSMM || k <= SHALLOW) {
    table(set)->weight_gradient(accumulate, m, n, k, x, ldx, dz, lddz, dw, lddw, dbias);
    return;
  }
  ck_product(set, true, accumulate, m, n, k, x, ldx, dz, lddz, dw, lddw);
  if (dbias) table(set)->column_sums(accumulate, k, n, dz, lddz, dbias);
}

void ck_output_weight_gradient(ck_set set, bool accumulate, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                               const float *x, ptrdiff_t ldx, const float *dz, ptrdiff_t lddz,
                               float *dw, ptrdiff_t lddw, float *dbias) {
  if (n > NARROW) {
    ck_weight_gradient(set, accumulate, m, padded(n), k, x, ldx, dz, lddz, dw, lddw, dbias);
    return;
  }
  table(set)->narrow_gradient(accumulate, m, n, k, x, ldx, dz, lddz, dw, lddw, dbias);
}

void ck_output_gradient(ck_set set, ck_activation activation, ptrdiff_t m, ptrdiff_t n,
                        const float *y, float *dz, ptrdiff_t ld) {
  table(set)->activation_gradient(activation, m, padded(n), y, ld, dz, ld);
  table(set)->clear_padding(m, n, dz, ld);
}

void ck_transpose(ck_set set, ptrdiff_t m, ptrdiff_t n, const float *w, ptrdiff_t ldw, float *t,
                  ptrdiff_t ldt) {
  table(set)->transpose(m, n, w, ldw, t, ldt);
}

void ck_tanh(ck_set set, ptrdiff_t n, const float *x, float *y) { table(set)->tanh(n, x, y); }

void ck_exp(ck_set set, ptrdiff_t n, const float *x, float *y) { table(set)->exp(n, x, y); }

void ck_log(ck_set set, ptrdiff_t n, const float *x, float *y) { table(set)->log(n, x, y); }

float ck_sum_of_squares(ck_set set, ptrdiff_t n, const float *x) {
  return table(set)->sum_of_squares(n, x);
}

void ck_add_squares(ck_set set, ptrdiff_t n, const float *x, ptrdiff_t before, float *lanes) {
  table(set)->add_squares(n, x, before, lanes);
}

float ck_sum_of_lanes(ck_set set, const float *lanes) { return table(set)->sum_of_lanes(lanes); }

void ck_blend(ck_set set, ptrdiff_t n, float tau, const float *source, float *x) {
  table(set)->blend(n, tau, source, x);
}

void ck_adam(ck_set set, ptrdiff_t n, ck_adam_step step, const float *gradient, float *p, float *m,
             float *v) {
  table(set)->adam(n, step, gradient, p, m, v);
}

void ck_policy_loss(ck_set set, const ck_loss *loss, ptrdiff_t n, const float *log_probabilities,
                    const float *old_log_probabilities, const float *advantages,
                    const float *entropies, float *log_probability_slopes, float *entropy_slopes,
                    ck_loss_sums *sums) {
  table(set)->policy_loss(loss, n, log_probabilities, old_log_probabilities, advantages, entropies,
                          log_probability_slopes, entropy_slopes, sums);
}

void ck_value_loss(ck_set set, const ck_loss *loss, ptrdiff_t n, const float *values,
                   const float *old_values, const float *returns, float *slopes,
                   ck_loss_sums *sums) {
  table(set)->value_loss(loss, n, values, old_values, returns, slopes, sums);
}

void ck_normalize(ck_set set, ptrdiff_t n, float *x) { table(set)->normalize(n, x); }

void ck_add_rows(ck_set set, ptrdiff_t n, ptrdiff_t rows, const float *x, ptrdiff_t ldx, float *y) {
  table(set)->add_rows(n, rows, x, ldx, y);
}

void ck_rmsprop(ck_set set, ptrdiff_t n, ck_rmsprop_step step, const float *gradient, float *p,
                float *v) {
  table(set)->rmsprop(n, step, gradient, p, v);
}

float ck_peak(ck_set set, ptrdiff_t rounds) { return table(set)->peak(rounds); }

ptrdiff_t ck_peak_flops(ck_set set) { return table(set)->peak_flops; }
