/* Float kernels for small networks on one core.

   Every matrix is row-major; `ld` is the distance between its rows, in floats. Matrices whose rows
   are read or written as vectors have a multiple of CK_LANES columns. Nothing is aligned beyond
   its element. Nothing here checks its arguments: RLKernels does.

   A result's bits depend neither on the kernel set nor on the rows or columns computed beside it:
   each element of a product is one chain of fused multiply-adds over k = 0, 1, 2 ..., and a
   reduction adds in a fixed number of lanes and then adds the lanes in pairs. */
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CK_LANES = 16 };

/* Which kernels are run. */
typedef enum ck_set {
  CK_XSMM = 0,   /* products through libxsmm, the rest as the best set below */
  CK_WIDE = 1,   /* our own for AVX-512 */
  CK_NARROW = 2, /* our own for AVX2 and FMA; on aarch64 for NEON */
  CK_SETS = 3
} ck_set;

typedef enum ck_activation { CK_IDENTITY = 0, CK_RELU = 1, CK_TANH = 2 } ck_activation;

/* Whether this build on this CPU can run the set. */
bool ck_available(ck_set set);

/* The instruction set libxsmm generates for, "" without libxsmm. */
const char *ck_xsmm_target(void);

/* The value of an environment variable, "" when it is not set. */
const char *ck_environment(const char *name);

/* c[m,n] = op(a) b, or c += op(a) b when `accumulate` continues the chain. a is [m,k], or [k,m]
   when `transposed`; b is [k,n]; n is a multiple of CK_LANES. */
void ck_product(ck_set set, bool transposed, bool accumulate, ptrdiff_t m, ptrdiff_t n,
                ptrdiff_t k, const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb,
                float *c, ptrdiff_t ldc);

/* y[m,n] = activation(x[m,k] w[k,n] + bias[n]). Rows of w lie n rounded up to a multiple of CK_LANES
   apart; they, the bias and the rows of y are padded so far, w and the bias with zeros. */
void ck_dense(ck_set set, ck_activation activation, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
              const float *x, ptrdiff_t ldx, const float *w, const float *bias, float *y,
              ptrdiff_t ldy);

/* dx[m,n] = (dz[m,k] wt[k,n]) activation'(x), where x[m,n] is what the activation returned. */
void ck_input_gradient(ck_set set, ck_activation activation, ptrdiff_t m, ptrdiff_t n,
                       ptrdiff_t k, const float *dz, ptrdiff_t lddz, const float *wt,
                       const float *x, ptrdiff_t ldx, float *dx, ptrdiff_t lddx);

/* dw[m,n] = x[k,m] transposed, times dz[k,n]; and unless it is NULL dbias[n] = the column sums of
   dz. Both grow when `accumulate` continues the chains. */
void ck_weight_gradient(ck_set set, bool accumulate, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *x,
                        ptrdiff_t ldx, const float *dz, ptrdiff_t lddz, float *dw, ptrdiff_t lddw,
                        float *dbias);

/* The same of n outputs without those that pad them, which are left alone where n is small. */
void ck_output_weight_gradient(ck_set set, bool accumulate, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k,
                               const float *x, ptrdiff_t ldx, const float *dz, ptrdiff_t lddz,
                               float *dw, ptrdiff_t lddw, float *dbias);

/* dz[m,n] *= activation'(y), where y[m,n] is what the activation returned; columns from n to the
   next multiple of CK_LANES become 0. */
void ck_output_gradient(ck_set set, ck_activation activation, ptrdiff_t m, ptrdiff_t n,
                        const float *y, float *dz, ptrdiff_t ld);

/* t[n,m] = w[m,n] transposed; columns from m to the next multiple of CK_LANES become 0. */
void ck_transpose(ck_set set, ptrdiff_t m, ptrdiff_t n, const float *w, ptrdiff_t ldw, float *t,
                  ptrdiff_t ldt);

/* y[i] = f(x[i]) for i below n; x and y may be the same. */
void ck_tanh(ck_set set, ptrdiff_t n, const float *x, float *y);
void ck_exp(ck_set set, ptrdiff_t n, const float *x, float *y);
void ck_log(ck_set set, ptrdiff_t n, const float *x, float *y);

/* The sum of x[i]^2, in four times CK_LANES lanes. */
float ck_sum_of_squares(ck_set set, ptrdiff_t n, const float *x);

/* The same in parts: adds to the lanes, [4 CK_LANES], 0 at first, when `before` numbers, a multiple of
   CK_LANES, are in; then the sum over the lanes. */
void ck_add_squares(ck_set set, ptrdiff_t n, const float *x, ptrdiff_t before, float *lanes);
float ck_sum_of_lanes(ck_set set, const float *lanes);

/* x[i] += tau (source[i] - x[i]). */
void ck_blend(ck_set set, ptrdiff_t n, float tau, const float *source, float *x);

typedef struct ck_adam_step {
  float scale;         /* of the gradient, before all else */
  float rest1, rest2;  /* 1 - beta1, 1 - beta2 */
  float beta2;
  float step_size;     /* learning rate / (1 - beta1^t) */
  float second_scale;  /* 1 / sqrt(1 - beta2^t) */
  float epsilon;
} ck_adam_step;

/* p -= step_size m / (sqrt(v) second_scale + epsilon) after m and v have moved towards g and g^2;
   a moment that became subnormal is 0. */
void ck_adam(ck_set set, ptrdiff_t n, ck_adam_step step, const float *gradient, float *p, float *m,
             float *v);

typedef struct ck_rmsprop_step {
  float scale; /* of the gradient, before all else */
  float alpha, rest;   /* rest = 1 - alpha */
  float learning_rate;
  float epsilon;
  bool epsilon_inside; /* the root, as TensorFlow has it */
} ck_rmsprop_step;

/* p -= learning_rate g / (sqrt(v) + epsilon), or / sqrt(v + epsilon), after v has moved towards
   g^2; a v that became subnormal is 0. */
void ck_rmsprop(ck_set set, ptrdiff_t n, ck_rmsprop_step step, const float *gradient, float *p,
                float *v);

/* Multiply-adds in registers alone: the peak of a core, ck_peak_flops(set) operations a round.
   The result only keeps the compiler honest. */
float ck_peak(ck_set set, ptrdiff_t rounds);
ptrdiff_t ck_peak_flops(ck_set set);

/* How an element is stored. */
typedef enum ck_element {
  CK_F32, CK_U8, CK_I8, CK_U16, CK_I16, CK_U32, CK_I32, CK_I64
} ck_element;

/* Rows of bytes: row i is rows + index[i] * row_bytes, or rows + i * row_bytes without an index. */
typedef struct ck_rows {
  const unsigned char *rows;
  ptrdiff_t row_bytes;
  const int32_t *index; /* may be NULL */
  ptrdiff_t count;
} ck_rows;

/* y[i, j] = element j of the field at `offset` in row i, over `divisor`, for j below n. */
void ck_encode_numbers(ck_rows rows, ck_element element, ptrdiff_t offset, ptrdiff_t n,
                       float divisor, float *y, ptrdiff_t ldy);

/* y[i, 0 ..< n] = 0 but 1 where the integer at `offset` in row i, less `start`, points. Returns
   the first row whose integer is not in start ..< start + n, and stops there; -1 when none. */
ptrdiff_t ck_encode_choice(ck_rows rows, ck_element element, ptrdiff_t offset, int64_t start,
                           ptrdiff_t n, float *y, ptrdiff_t ldy);

/* mean[j] of element j, below n, of the field at `offset`, and squares[j], the sum of the squared
   differences from it; both in double precision, the rows added in four lanes, then in pairs.
   `work` has 8 n numbers. There is at least one row. */
void ck_moments(ck_rows rows, ck_element element, ptrdiff_t offset, ptrdiff_t n, double *mean,
                double *squares, double *work);

/* The floats at y + r y_row_bytes = (element j - mean[j]) scale[j], rounded once, within `limit` on
   both sides; r is the row's place among `rows`, for these and the copies below. */
void ck_standardize(ck_rows rows, ck_element element, ptrdiff_t offset, ptrdiff_t n,
                    const double *mean, const double *scale, float limit, unsigned char *y,
                    ptrdiff_t y_row_bytes);

/* values[r] at y + r y_row_bytes, for r = index[i], or i without an index. */
void ck_store_column(const float *values, const int32_t *index, ptrdiff_t count, unsigned char *y,
                     ptrdiff_t y_row_bytes);

/* The first `bytes` of each row. */
void ck_copy_field(ck_rows rows, ptrdiff_t bytes, unsigned char *y, ptrdiff_t y_row_bytes);

/* Stacks [outer, frames, bytes]: those of `before`, whose rows lie as those of y, without the
   oldest frame, and then the row's own [outer, bytes]. */
void ck_push_frame(ck_rows rows, const unsigned char *before, ptrdiff_t outer, ptrdiff_t bytes,
                   ptrdiff_t frames, unsigned char *y, ptrdiff_t y_row_bytes);

/* The same stacks, of the row's own frame alone. */
void ck_fill_frames(ck_rows rows, ptrdiff_t outer, ptrdiff_t bytes, ptrdiff_t frames,
                    unsigned char *y, ptrdiff_t y_row_bytes);

#include "CKernelsHeads.h"
#include "CKernelsPass.h"

#ifdef __cplusplus
}
#endif

#endif
