/* Heads of policies, tile by tile. Included once for each instruction set. */

#include "special_functions.h"
#include "choice_body.h"
#include "control_body.h"

/* A row's own number `j` of `width`. */
#define CK_AT(X, WIDTH, J) ((X) + at * (WIDTH) + (J))

CK_ALWAYS_INLINE CK_TARGET void ck_control_value(const ck_control_kind kind, ck_tile *tile,
                                                 ptrdiff_t c, ck_vec x, ck_vec *log_probability,
                                                 ck_vec *entropy) {
  if (kind == CK_BETA)
    ck_beta_value(tile, c, x, log_probability, entropy);
  else
    ck_normal_value(kind, tile, c, x, log_probability, entropy);
}

/* The log-probabilities and entropies of a tile. */
CK_ALWAYS_INLINE CK_TARGET void ck_tile_values(const ck_control_kind kind, ck_tile *tile,
                                               const int32_t *choices, const float *controls,
                                               float *log_probabilities, float *entropies) {
  const ck_head *head = tile->head;
  const ptrdiff_t at = tile->first, rows = tile->rows;
  ck_vec log_probability = {0}, entropy = {0};
  for (ptrdiff_t d = 0; d < head->choice_count; d++) {
    const ck_ivec index =
        ck_gather_choices(CK_AT(choices, head->choice_count, d), head->choice_count, rows);
    ck_choice_value(tile, head->choices + d, index, &log_probability, &entropy);
  }
  for (ptrdiff_t c = 0; c < head->control_count; c++) {
    const ck_vec x = ck_gather(CK_AT(controls, head->control_count, c), head->control_count, rows);
    ck_control_value(kind, tile, c, x, &log_probability, &entropy);
  }
  ck_scatter(log_probabilities + at, 1, rows, log_probability);
  ck_scatter(entropies + at, 1, rows, entropy);
}

CK_ALWAYS_INLINE CK_TARGET void ck_values_as(const ck_control_kind kind, const ck_head *head,
                                             const ck_head_input *input, ptrdiff_t first,
                                             ptrdiff_t count, const int32_t *choices,
                                             const float *controls, float *log_probabilities,
                                             float *entropies) {
  ck_tile tile;
  for (ptrdiff_t at = first; at < first + count; at += CK_LANES) {
    ck_open_tile(&tile, head, input, at, first + count);
    ck_tile_values(kind, &tile, choices, controls, log_probabilities, entropies);
  }
}

#include "draw_body.h"

/* The slope at the output of control c on one side: alpha's or a mean's, beta's or a log-std's. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_side_gradient(const ck_control_kind kind, ck_tile *tile,
                                                   ptrdiff_t c, const int side, ck_vec x, ck_vec g,
                                                   ck_vec h) {
  if (kind == CK_BETA) return ck_beta_gradient(tile, c, side, x, g, h);
  const ck_normal_slopes slopes = ck_normal_gradient(kind, tile, c, x, g, h);
  return side == 0 ? slopes.mean : slopes.spread;
}

CK_ALWAYS_INLINE CK_TARGET void ck_two_sided_gradient(const ck_control_kind kind, ck_tile *tile,
                                                      const float *controls, ck_vec g, ck_vec h,
                                                      ck_sink *sink) {
  const ptrdiff_t at = tile->first, width = tile->head->control_count;
  CK_UNROLL
  for (int side = 0; side < 2; side++)
    for (ptrdiff_t c = 0; c < width; c++) {
      const ck_vec x = ck_gather(CK_AT(controls, width, c), width, tile->rows);
      ck_give(sink, ck_side_gradient(kind, tile, c, side, x, g, h));
    }
}

/* Slopes at the controls' outputs and at what the free parameters make. */
CK_ALWAYS_INLINE CK_TARGET void ck_controls_gradient(const ck_control_kind kind, ck_tile *tile,
                                                     const float *controls, ck_vec g, ck_vec h,
                                                     const ck_head_slopes *slopes, ck_sink *sink) {
  if (kind == CK_STATE_GAUSSIAN || kind == CK_BETA) {
    ck_two_sided_gradient(kind, tile, controls, g, h, sink);
    return;
  }
  const ptrdiff_t at = tile->first, width = tile->head->control_count;
  for (ptrdiff_t c = 0; c < width; c++) {
    const ck_vec x = ck_gather(CK_AT(controls, width, c), width, tile->rows);
    const ck_normal_slopes slope = ck_normal_gradient(kind, tile, c, x, g, h);
    ck_give(sink, slope.mean);
    if (kind == CK_GAUSSIAN)
      slopes->log_std[c] += ck_sum(slope.spread);
    else
      ck_scatter(CK_AT(slopes->variance, width, c), width, tile->rows, slope.spread);
  }
}

CK_ALWAYS_INLINE CK_TARGET void ck_gradient_of(const ck_control_kind kind, const ck_head *head,
                                               const ck_head_input *input, ptrdiff_t first,
                                               ptrdiff_t count, const int32_t *choices,
                                               const float *controls,
                                               const ck_head_slopes *slopes) {
  ck_sink sink;
  ck_tile tile;
  for (ptrdiff_t at = first; at < first + count; at += CK_LANES) {
    const ptrdiff_t rows = ck_open_tile(&tile, head, input, at, first + count);
    const ck_vec g = ck_gather(slopes->log_probability + at, 1, rows);
    const ck_vec h = ck_gather(slopes->entropy + at, 1, rows);
    sink.y = slopes->outputs + at * input->ldo;
    sink.ld = input->ldo;
    sink.rows = rows;
    sink.count = 0;
    for (ptrdiff_t d = 0; d < head->choice_count; d++) {
      const ck_ivec index =
          ck_gather_choices(CK_AT(choices, head->choice_count, d), head->choice_count, rows);
      ck_choice_gradient(&tile, head->choices + d, index, g, h, &sink);
    }
    ck_controls_gradient(kind, &tile, controls, g, h, slopes, &sink);
    ck_finish(&sink);
  }
}

/* One copy of a loop for each kind of control, and one without controls. */
#define CK_FOR_KIND(FUNCTION, ...)                                          \
  switch (head->kind) {                                                     \
    case CK_GAUSSIAN: FUNCTION(CK_GAUSSIAN, __VA_ARGS__); break;             \
    case CK_STATE_GAUSSIAN: FUNCTION(CK_STATE_GAUSSIAN, __VA_ARGS__); break; \
    case CK_GSDE: FUNCTION(CK_GSDE, __VA_ARGS__); break;                     \
    case CK_BETA: FUNCTION(CK_BETA, __VA_ARGS__); break;                     \
  }

CK_TARGET static void ck_own_head_values(const ck_head *head, const ck_head_input *input,
                                         ptrdiff_t first, ptrdiff_t count, const int32_t *choices,
                                         const float *controls, float *log_probabilities,
                                         float *entropies) {
  CK_FOR_KIND(ck_values_as, head, input, first, count, choices, controls, log_probabilities,
              entropies)
}

CK_TARGET static void ck_own_head_draw(const ck_head *head, const ck_head_input *input,
                                       ptrdiff_t first, ptrdiff_t count, const ck_draws *draws,
                                       int32_t *choices, float *controls,
                                       float *log_probabilities, float *entropies) {
  CK_FOR_KIND(ck_draw_as, head, input, first, count, draws, choices, controls, log_probabilities,
              entropies)
}

CK_TARGET static void ck_own_head_mode(const ck_head *head, const ck_head_input *input,
                                       ptrdiff_t first, ptrdiff_t count, int32_t *choices,
                                       float *controls) {
  CK_FOR_KIND(ck_mode_as, head, input, first, count, choices, controls)
}

CK_TARGET static void ck_own_head_gradient(const ck_head *head, const ck_head_input *input,
                                           ptrdiff_t first, ptrdiff_t count,
                                           const int32_t *choices, const float *controls,
                                           const ck_head_slopes *slopes) {
  CK_FOR_KIND(ck_gradient_of, head, input, first, count, choices, controls, slopes)
}

CK_TARGET static void ck_own_head_concentrations(const ck_head *head, const ck_head_input *input,
                                                 ptrdiff_t first, ptrdiff_t count,
                                                 float *concentrations) {
  const ptrdiff_t width = 2 * head->control_count;
  ck_tile tile;
  for (ptrdiff_t at = first; at < first + count; at += CK_LANES) {
    const ptrdiff_t rows = ck_open_tile(&tile, head, input, at, first + count);
    for (ptrdiff_t c = 0; c < head->control_count; c++)
      for (ptrdiff_t side = 0; side < 2; side++) {
        const ptrdiff_t column = head->column + side * head->control_count + c;
        ck_scatter(CK_AT(concentrations, width, 2 * c + side), width, rows,
                   ck_softplus(ck_column(&tile.outputs, column)) + 1.0f);
      }
  }
}

/* `controls` is a literal: so many chains at once. */
CK_ALWAYS_INLINE CK_TARGET void ck_square_chains(const int controls, bool accumulate,
                                                 ptrdiff_t rows, const float *latent,
                                                 ptrdiff_t ldl, const float *slopes,
                                                 ptrdiff_t lds, float *sums) {
  ck_vec sum[4];
  CK_UNROLL
  for (int c = 0; c < controls; c++) sum[c] = accumulate ? ck_load(sums + c * ldl) : ck_all(0);
  for (ptrdiff_t i = 0; i < rows; i++) {
    const ck_vec x = ck_load(latent + i * ldl), square = x * x;
    CK_UNROLL
    for (int c = 0; c < controls; c++)
      sum[c] = CK_FMA(square, ck_all(slopes[i * lds + c]), sum[c]);
  }
  CK_UNROLL
  for (int c = 0; c < controls; c++) ck_store(sums + c * ldl, sum[c]);
}

CK_TARGET static void ck_own_square_sums(bool accumulate, ptrdiff_t rows, const float *latent,
                                         ptrdiff_t ldl, ptrdiff_t from, ptrdiff_t controls,
                                         const float *slopes, float *sums) {
  ptrdiff_t c = 0;
  for (; c + 4 <= controls; c += 4)
    ck_square_chains(4, accumulate, rows, latent + from, ldl, slopes + c, controls,
                     sums + c * ldl + from);
  for (; c < controls; c++)
    ck_square_chains(1, accumulate, rows, latent + from, ldl, slopes + c, controls,
                     sums + c * ldl + from);
}

CK_TARGET static void ck_own_normal(ptrdiff_t n, const uint32_t *words, float *y) {
  for (ptrdiff_t i = 0; i < n; i += CK_LANES) {
    const ptrdiff_t part = n - i < CK_LANES ? n - i : CK_LANES;
    ck_ivec word = {0};
    memcpy(&word, words + i, (size_t)part * sizeof *words);
    const ck_vec normal = ck_normal_quantile(word);
    memcpy(y + i, &normal, (size_t)part * sizeof *y);
  }
}

CK_MAP(ck_own_log_gamma, ck_log_gamma_from_one)
CK_MAP(ck_own_digamma, ck_digamma_from_one)
CK_MAP(ck_own_trigamma, ck_trigamma_from_one)
