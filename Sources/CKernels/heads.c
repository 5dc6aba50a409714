/* The heads of policies behind one face. */
#include "lanes.h"

void ck_head_values(ck_set set, const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                    ptrdiff_t count, const int32_t *choices, const float *controls,
                    float *log_probabilities, float *entropies) {
  ck_table_of(set)->head_values(head, input, first, count, choices, controls, log_probabilities,
                                entropies);
}

void ck_head_draw(ck_set set, const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                  ptrdiff_t count, const ck_draws *draws, int32_t *choices, float *controls,
                  float *log_probabilities, float *entropies) {
  ck_table_of(set)->head_draw(head, input, first, count, draws, choices, controls,
                              log_probabilities, entropies);
}

void ck_head_mode(ck_set set, const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                  ptrdiff_t count, int32_t *choices, float *controls) {
  ck_table_of(set)->head_mode(head, input, first, count, choices, controls);
}

void ck_head_concentrations(ck_set set, const ck_head *head, const ck_head_input *input,
                            ptrdiff_t first, ptrdiff_t count, float *concentrations) {
  ck_table_of(set)->head_concentrations(head, input, first, count, concentrations);
}

void ck_head_gradient(ck_set set, const ck_head *head, const ck_head_input *input, ptrdiff_t first,
                      ptrdiff_t count, const int32_t *choices, const float *controls,
                      const ck_head_slopes *slopes) {
  ck_table_of(set)->head_gradient(head, input, first, count, choices, controls, slopes);
}

void ck_square_sums(ck_set set, bool accumulate, ptrdiff_t rows, const float *latent, ptrdiff_t ldl, ptrdiff_t from,
                    ptrdiff_t controls, const float *slopes, float *sums) {
  ck_table_of(set)->square_sums(accumulate, rows, latent, ldl, from, controls, slopes, sums);
}

void ck_normal(ck_set set, ptrdiff_t n, const uint32_t *words, float *y) {
  ck_table_of(set)->normal(n, words, y);
}

void ck_log_gamma(ck_set set, ptrdiff_t n, const float *x, float *y) {
  ck_table_of(set)->log_gamma(n, x, y);
}

void ck_digamma(ck_set set, ptrdiff_t n, const float *x, float *y) {
  ck_table_of(set)->digamma(n, x, y);
}

void ck_trigamma(ck_set set, ptrdiff_t n, const float *x, float *y) {
  ck_table_of(set)->trigamma(n, x, y);
}
