/* What the kernel bodies are written in: vectors, multiply-adds that are meant, no others. */
#ifndef CK_LANES_H
#define CK_LANES_H

#include "CKernels.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

#define CK_ALWAYS_INLINE static inline __attribute__((always_inline))

/* CK_LANES floats, and as many integers to build masks and exponents with. */
typedef float ck_vec __attribute__((vector_size(64)));
typedef int32_t ck_ivec __attribute__((vector_size(64)));
typedef float ck_vec_unaligned __attribute__((vector_size(64), aligned(4), may_alias));

#if defined(__clang__)
#define CK_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#define CK_SQRT(a) __builtin_elementwise_sqrt(a)
#define CK_UNROLL _Pragma("clang loop unroll(full)")
#else
#error "the kernels are written in clang's vector extensions"
#endif

/* How the sums of a product end: as they are; with a bias added, [n]; and with ReLU after that; or
   times ReLU's slope at what it returned, [m, n]. */
typedef enum ck_ending_kind {
  CK_ENDS_AS_SUM,
  CK_ENDS_WITH_BIAS,
  CK_ENDS_WITH_RELU,
  CK_ENDS_BEHIND_RELU
} ck_ending_kind;

typedef struct ck_ending {
  ck_ending_kind kind;
  const float *with; /* the bias, or what ReLU returned */
  ptrdiff_t ld;      /* between its rows; 0 of a bias */
} ck_ending;

/* One table for each instruction set; the body files fill it. */
typedef struct ck_table {
  void (*product)(bool transposed, bool accumulate, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                  const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float *c,
                  ptrdiff_t ldc);
  void (*ended_product)(ck_ending end, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a,
                        ptrdiff_t lda, const float *b, ptrdiff_t ldb, float *c, ptrdiff_t ldc);
  void (*weight_gradient)(bool accumulate, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *x,
                          ptrdiff_t ldx, const float *dz, ptrdiff_t lddz, float *dw,
                          ptrdiff_t lddw, float *dbias);
  void (*bias_activation)(ck_activation activation, ptrdiff_t m, ptrdiff_t n, const float *bias,
                          float *y, ptrdiff_t ldy);
  void (*activation_gradient)(ck_activation activation, ptrdiff_t m, ptrdiff_t n, const float *y,
                              ptrdiff_t ldy, float *dz, ptrdiff_t lddz);
  void (*clear_padding)(ptrdiff_t m, ptrdiff_t n, float *x, ptrdiff_t ld);
  void (*column_sums)(bool accumulate, ptrdiff_t m, ptrdiff_t n, const float *x, ptrdiff_t ldx,
                      float *sums);
  void (*narrow_dense)(ck_activation activation, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                       const float *x, ptrdiff_t ldx, const float *w, const float *bias, float *y,
                       ptrdiff_t ldy);
  void (*narrow_gradient)(bool accumulate, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *x,
                          ptrdiff_t ldx, const float *dz, ptrdiff_t lddz, float *dw,
                          ptrdiff_t lddw, float *dbias);
  void (*transpose)(ptrdiff_t m, ptrdiff_t n, const float *w, ptrdiff_t ldw, float *t,
                    ptrdiff_t ldt);
  void (*tanh)(ptrdiff_t n, const float *x, float *y);
  void (*exp)(ptrdiff_t n, const float *x, float *y);
  void (*log)(ptrdiff_t n, const float *x, float *y);
  float (*sum_of_squares)(ptrdiff_t n, const float *x);
  void (*add_squares)(ptrdiff_t n, const float *x, ptrdiff_t before, float *lanes);
  float (*sum_of_lanes)(const float *lanes);
  void (*blend)(ptrdiff_t n, float tau, const float *source, float *x);
  void (*adam)(ptrdiff_t n, ck_adam_step step, const float *gradient, float *p, float *m,
               float *v);
  void (*rmsprop)(ptrdiff_t n, ck_rmsprop_step step, const float *gradient, float *p, float *v);
  void (*head_values)(const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                      ptrdiff_t count, const int32_t *choices, const float *controls,
                      float *log_probabilities, float *entropies);
  void (*head_draw)(const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                    ptrdiff_t count, const ck_draws *draws, int32_t *choices, float *controls,
                    float *log_probabilities, float *entropies);
  void (*head_mode)(const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                    ptrdiff_t count, int32_t *choices, float *controls);
  void (*head_concentrations)(const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                              ptrdiff_t count, float *concentrations);
  void (*head_gradient)(const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                        ptrdiff_t count, const int32_t *choices, const float *controls,
                        const ck_head_slopes *slopes);
  void (*square_sums)(bool accumulate, ptrdiff_t rows, const float *latent, ptrdiff_t ldl,
                      ptrdiff_t from, ptrdiff_t controls, const float *slopes, float *sums);
  void (*policy_loss)(const ck_loss *loss, ptrdiff_t n, const float *log_probabilities,
                      const float *old, const float *advantages, const float *entropies,
                      float *slopes, float *entropy_slopes, ck_loss_sums *sums);
  void (*value_loss)(const ck_loss *loss, ptrdiff_t n, const float *values,
                     const float *old_values, const float *returns, float *slopes,
                     ck_loss_sums *sums);
  void (*normalize)(ptrdiff_t n, float *x);
  void (*add_rows)(ptrdiff_t n, ptrdiff_t rows, const float *x, ptrdiff_t ldx, float *y);
  void (*normal)(ptrdiff_t n, const uint32_t *words, float *y);
  void (*log_gamma)(ptrdiff_t n, const float *x, float *y);
  void (*digamma)(ptrdiff_t n, const float *x, float *y);
  void (*trigamma)(ptrdiff_t n, const float *x, float *y);
  float (*peak)(ptrdiff_t rounds);
  ptrdiff_t peak_flops; /* of a round */
} ck_table;

extern const ck_table ck_wide_table;
extern const ck_table ck_narrow_table;

/* The table that a set's own kernels are in. */
const ck_table *ck_table_of(ck_set set);

#endif
