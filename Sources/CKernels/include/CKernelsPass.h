/* The gradient of a policy-gradient loss over a minibatch, shard by shard.

   A minibatch is cut into groups of shards of CK_SHARD rows. A shard goes from its rows of bytes to
   the gradient of the parameters while all of it is in the first caches; a group adds up the shards
   one after the other. The cuts depend on the number of rows alone. */
#ifndef CKERNELS_PASS_H
#define CKERNELS_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CK_SHARD = 64 };

/* A dense layer and where it lies in the arrays of its stack. */
typedef struct ck_layer {
  ptrdiff_t inputs, outputs;
  ptrdiff_t input_stride, output_stride;
  ptrdiff_t weights, bias; /* in the parameters and in their gradient */
  ptrdiff_t transposed;    /* in the transposed weights */
  ptrdiff_t hidden;        /* columns of the hidden layers before this one's */
  ck_activation activation;
} ck_layer;

typedef struct ck_stack {
  const ck_layer *layers;
  ptrdiff_t count;          /* 0 where there is no such stack */
  ptrdiff_t hidden_columns; /* of all hidden layers */
  const float *transposed;
} ck_stack;

/* A field of a row of bytes, and the columns it becomes. */
typedef struct ck_field {
  ck_element element;
  bool is_choice;
  ptrdiff_t offset, column, count;
  int64_t start; /* of a choice */
  float divisor; /* of numbers */
} ck_field;

/* What a loss is made of:
   is_clipped ? min(r A, clip(r, 1 - range, 1 + range) A) : A log p, times `scale`;
   the entropy's slope; (V - R)^2 with the slope value_factor (V - R), V at most value_range from
   the old one if has_value_range. */
typedef struct ck_loss {
  bool is_clipped, has_value_range;
  float range, scale, entropy_slope, value_range, value_factor;
} ck_loss;

typedef struct ck_loss_sums {
  double objective, divergence, clipped, entropy, error;
} ck_loss_sums;

/* Slopes of the policy's loss at the log-probabilities and entropies of n rows; `sums` grows. */
void ck_policy_loss(ck_set set, const ck_loss *loss, ptrdiff_t n, const float *log_probabilities,
                    const float *old_log_probabilities, const float *advantages,
                    const float *entropies, float *log_probability_slopes, float *entropy_slopes,
                    ck_loss_sums *sums);

/* Slopes of the value's loss at n values; `sums` grows. Old values are read only for a range. */
void ck_value_loss(ck_set set, const ck_loss *loss, ptrdiff_t n, const float *values,
                   const float *old_values, const float *returns, float *slopes,
                   ck_loss_sums *sums);

/* x[i] = (x[i] - mean) / (deviation + 1e-8), the deviation with n - 1; n is at least 2. */
void ck_normalize(ck_set set, ptrdiff_t n, float *x);

/* y[i] = the sum of x[i], x[i + ldx] ... over `rows` rows, in order. */
void ck_add_rows(ck_set set, ptrdiff_t n, ptrdiff_t rows, const float *x, ptrdiff_t ldx, float *y);

typedef struct ck_minibatch {
  /* of the rollout; row i of the minibatch is its row index[i] */
  const unsigned char *observations;
  ptrdiff_t row_bytes;
  const int32_t *choices;
  const float *controls;
  const uint8_t *masks;
  const float *log_probabilities, *returns, *values;
  const int32_t *index;
  ptrdiff_t rows;

  const float *advantages; /* [rows], of the minibatch */
  const ck_field *fields;
  ptrdiff_t field_count;
  ck_head head;
  const float *log_std, *std_squares;
  ptrdiff_t latent_stride;
  ck_stack actor, critic; /* without a critic, the value is the actor's column behind the head's */
  const float *parameters;
  ck_loss loss;
} ck_minibatch;

/* The first of `count` places that nobody has, until it is released; there is always one where no
   more than `count` threads ask. */
ptrdiff_t ck_claim_place(uint32_t *taken, ptrdiff_t count);
void ck_release_place(uint32_t *taken, ptrdiff_t place);

/* Tells who awaits the signal, 0 until then, that what was written before is there. */
void ck_signal(uint32_t *signal);

/* Waits for the signal, but not for ever: some hundreds of microseconds. Returns whether it came. */
bool ck_await(const uint32_t *signal);

/* The weights that slopes go down through, transposed: those of all layers but the first. */
void ck_transpose_weights(ck_set set, const ck_stack *stack, const float *parameters,
                          float *transposed);

/* Bytes that a pass over a shard works in. */
ptrdiff_t ck_shard_bytes(const ck_minibatch *minibatch);

typedef struct ck_group {
  ptrdiff_t first, count; /* rows of the minibatch */
  void *work;             /* ck_shard_bytes, aligned to a vector, zeroed once */
  float *gradient;        /* as the parameters, overwritten in the stack's places */
  float *spread;          /* overwritten: slopes at log_std, [C]; at std_squares, [C, ldl] */
  ck_loss_sums *sums;     /* overwritten */
} ck_group;

/* The policy's gradient over a group, and the value's where both are one stack. */
void ck_policy_group(ck_set set, const ck_minibatch *minibatch, const ck_group *group);

/* The value's gradient over a group. */
void ck_value_group(ck_set set, const ck_minibatch *minibatch, const ck_group *group);

/* Acting on rows of observations, from bytes to actions. */
typedef struct ck_acting {
  ck_stack policy;
  const ck_field *fields;
  ptrdiff_t field_count;
  ck_head head;
  const float *parameters, *log_std, *std_squares;
  ptrdiff_t latent_stride;

  const unsigned char *observations;
  ptrdiff_t row_bytes;
  const uint8_t *masks;
  const uint32_t *words; /* [rows, ldw], as of ck_draws */
  ptrdiff_t ldw;
  const float *noise; /* as the weights of ck_draws */

  int32_t *choices;
  float *controls, *log_probabilities, *entropies;
  float *values;  /* [rows], of the column behind the head's; NULL where there is none */
  float *outputs; /* [rows, output stride] where the caller goes on from them: then actions are drawn,
                     but not evaluated; else NULL */
} ck_acting;

/* Bytes that a pass over CK_SHARD rows works in. */
ptrdiff_t ck_acting_bytes(const ck_acting *acting);

/* Acts on rows first ..< first + count, at most CK_SHARD; `work` is aligned to a vector and was
   zeroed once. Returns the first row with a choice outside its field, and stops there; else -1. */
ptrdiff_t ck_policy_act(ck_set set, const ck_acting *acting, ptrdiff_t first, ptrdiff_t count,
                        void *work);

#endif
