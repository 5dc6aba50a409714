/* What the kernel bodies are written in: vectors, multiply-adds that are meant, no others. */
#ifndef CK_LANES_H
#define CK_LANES_H

#include "CKernels.h"

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

/* One table for each instruction set; the body files fill it. */
typedef struct ck_table {
  void (*product)(bool transposed, bool accumulate, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                  const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb, float *c,
                  ptrdiff_t ldc);
  void (*bias_activation)(ck_activation activation, ptrdiff_t m, ptrdiff_t n, const float *bias,
                          float *y, ptrdiff_t ldy);
  void (*activation_gradient)(ck_activation activation, ptrdiff_t m, ptrdiff_t n, const float *y,
                              ptrdiff_t ldy, float *dz, ptrdiff_t lddz);
  void (*column_sums)(ptrdiff_t m, ptrdiff_t n, const float *x, ptrdiff_t ldx, float *sums);
  void (*transpose)(ptrdiff_t m, ptrdiff_t n, const float *w, ptrdiff_t ldw, float *t,
                    ptrdiff_t ldt);
  void (*tanh)(ptrdiff_t n, const float *x, float *y);
  void (*exp)(ptrdiff_t n, const float *x, float *y);
  void (*log)(ptrdiff_t n, const float *x, float *y);
  float (*sum_of_squares)(ptrdiff_t n, const float *x);
  void (*blend)(ptrdiff_t n, float tau, const float *source, float *x);
  void (*adam)(ptrdiff_t n, ck_adam_step step, const float *gradient, float *p, float *m,
               float *v);
  void (*rmsprop)(ptrdiff_t n, ck_rmsprop_step step, const float *gradient, float *p, float *v);
  float (*peak)(ptrdiff_t rounds);
  ptrdiff_t peak_flops; /* of a round */
} ck_table;

extern const ck_table ck_wide_table;
extern const ck_table ck_narrow_table;

#endif
