/* The heads of policies: rows of network outputs as distributions over actions.

   A row of outputs holds the choices' columns one choice after the other, then those of the C
   controls: their means; or their means, then their log-stds; or alpha, then beta before their
   softplus. Rows of outputs are `ldo` floats apart, a multiple of CK_LANES.

   Every function does the rows first ..< first + count. Sixteen rows are computed side by side, a
   lane each, so a row's bits depend on nothing but the row. */
#ifndef CKERNELS_HEADS_H
#define CKERNELS_HEADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One discrete component: a softmax over `count` outputs, or one logit for 0 and 1. */
typedef struct ck_choice {
  bool is_binary;
  ptrdiff_t count;
  ptrdiff_t column; /* its first output */
  ptrdiff_t mask;   /* the first of its entries in a row of masks; -1 when nothing is forbidden */
} ck_choice;

typedef enum ck_control_kind {
  CK_GAUSSIAN = 0,       /* the log-std is a parameter of each control */
  CK_STATE_GAUSSIAN = 1, /* the log-std is an output, clamped to -20 ... 2 */
  CK_GSDE = 2,           /* the variance is a sum over the latent's squares */
  CK_BETA = 3            /* alpha and beta are softplus(output) + 1 */
} ck_control_kind;

typedef struct ck_head {
  const ck_choice *choices;
  ptrdiff_t choice_count; /* D */
  ptrdiff_t mask_length;  /* M */
  ck_control_kind kind;
  ptrdiff_t control_count; /* C */
  ptrdiff_t column;        /* the first output of the controls */
  ptrdiff_t outputs;       /* K */
  ptrdiff_t latent_width;  /* L */
} ck_head;

typedef struct ck_head_input {
  const float *outputs; /* [B, ldo] */
  ptrdiff_t ldo;
  const float *latent; /* [B, ldl]; gSDE */
  ptrdiff_t ldl;       /* a multiple of CK_LANES */
  const float *log_std;     /* [C]; Gaussian */
  const float *std_squares; /* [C, ldl]; gSDE */
  const uint8_t *masks;     /* [B, M], 0 = forbidden; NULL when nothing is */
} ck_head_input;

/* The log-probability of a row's action, and the distribution's entropy. */
void ck_head_values(ck_set set, const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                    ptrdiff_t count, const int32_t *choices, const float *controls,
                    float *log_probabilities, float *entropies);

/* What actions are drawn from: `words`, [B, D + C], one for each component of a row. With `weights`,
   [B, C, ldl], gSDE's noise is latent times weights, and words are read for the choices alone. */
typedef struct ck_draws {
  const uint32_t *words;
  ptrdiff_t ldw;
  const float *weights;
} ck_draws;

/* An action for each row; Beta's controls are left as they are. And unless they are NULL, what
   ck_head_values gives for it. */
void ck_head_draw(ck_set set, const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                  ptrdiff_t count, const ck_draws *draws, int32_t *choices, float *controls,
                  float *log_probabilities, float *entropies);

/* The most probable action of each row; among equal choices the first. */
void ck_head_mode(ck_set set, const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                  ptrdiff_t count, int32_t *choices, float *controls);

/* concentrations, [B, C, 2]: alpha and beta of Beta's controls. */
void ck_head_concentrations(ck_set set, const ck_head *head, const ck_head_input *input,
                            ptrdiff_t first, ptrdiff_t count, float *concentrations);

typedef struct ck_head_slopes {
  const float *log_probability; /* [B]: the loss's slope at a row's log-probability */
  const float *entropy;         /* [B]: at its entropy */
  float *outputs;               /* [B, ldo]: columns below K are overwritten */
  float *log_std;               /* [C], added to: Gaussian */
  float *variance;              /* [B, C], overwritten: gSDE */
} ck_head_slopes;

/* The loss's slope at the outputs and at what the free parameters make. */
void ck_head_gradient(ck_set set, const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                      ptrdiff_t count, const int32_t *choices, const float *controls,
                      const ck_head_slopes *slopes);

/* sums[c, l] = the sum over B rows of latent[b, l]^2 slopes[b, c], for CK_LANES columns l from
   `from` on; [C, ldl]. They grow when `accumulate` continues the chains. */
void ck_square_sums(ck_set set, bool accumulate, ptrdiff_t rows, const float *latent, ptrdiff_t ldl, ptrdiff_t from,
                    ptrdiff_t controls, const float *slopes, float *sums);

/* y[i] = the quantile of the standard normal distribution at (words[i] + 1/2) / 2^32; y may be the
   words' own place. */
void ck_normal(ck_set set, ptrdiff_t n, const uint32_t *words, float *y);

/* y[i] = f(x[i]) for x[i] >= 1. */
void ck_log_gamma(ck_set set, ptrdiff_t n, const float *x, float *y);
void ck_digamma(ck_set set, ptrdiff_t n, const float *x, float *y);
void ck_trigamma(ck_set set, ptrdiff_t n, const float *x, float *y);

#endif
