/* Actions drawn from heads, and the most probable ones. Included once for each instruction set, after
   the values in head_body.h. */

/* gSDE's noise of a row: latent times weights, in CK_LANES lanes that are added in pairs. */
CK_ALWAYS_INLINE CK_TARGET float ck_lane_product(ptrdiff_t n, const float *x, const float *y) {
  ck_vec sum = {0};
  ptrdiff_t i = 0;
  for (; i + CK_LANES <= n; i += CK_LANES) sum = CK_FMA(ck_load(x + i), ck_load(y + i), sum);
  if (i < n) sum = CK_FMA(ck_load_part(x + i, n - i), ck_load_part(y + i, n - i), sum);
  return ck_sum(sum);
}

CK_ALWAYS_INLINE CK_TARGET ck_vec ck_weighted_noise(const ck_tile *tile, const float *weights,
                                                    ptrdiff_t c) {
  float noise[CK_LANES] = {0};
  const ptrdiff_t ldl = tile->input->ldl;
  for (ptrdiff_t i = 0; i < tile->rows; i++) {
    const ptrdiff_t row = tile->first + i;
    noise[i] = ck_lane_product(tile->head->latent_width, tile->input->latent + row * ldl,
                               weights + (row * tile->head->control_count + c) * ldl);
  }
  return ck_load(noise);
}

/* The actions of a tile. */
CK_ALWAYS_INLINE CK_TARGET void ck_draw_tile(const ck_control_kind kind, ck_tile *tile,
                                             const ck_draws *draws, int32_t *choices,
                                             float *controls) {
  const ck_head *head = tile->head;
  const ptrdiff_t at = tile->first, rows = tile->rows;
  for (ptrdiff_t d = 0; d < head->choice_count; d++) {
    const ck_ivec word = ck_gather_words(CK_AT(draws->words, draws->ldw, d), draws->ldw, rows);
    ck_scatter_choices(CK_AT(choices, head->choice_count, d), head->choice_count, rows,
                       ck_choice_draw(tile, head->choices + d, word));
  }
  for (ptrdiff_t c = 0; kind != CK_BETA && c < head->control_count; c++) {
    ck_vec noise;
    if (draws->weights) {
      noise = ck_weighted_noise(tile, draws->weights, c);
    } else {
      const ptrdiff_t column = head->choice_count + c;
      const ck_ivec word =
          ck_gather_words(CK_AT(draws->words, draws->ldw, column), draws->ldw, rows);
      noise = ck_normal_quantile(word) * ck_spread_of(kind, tile, c).std;
    }
    ck_scatter(CK_AT(controls, head->control_count, c), head->control_count, rows,
               ck_column(&tile->outputs, head->column + c) + noise);
  }
}

CK_ALWAYS_INLINE CK_TARGET void ck_draw_as(const ck_control_kind kind, const ck_head *head,
                                           const ck_head_input *input, ptrdiff_t first,
                                           ptrdiff_t count, const ck_draws *draws, int32_t *choices,
                                           float *controls, float *log_probabilities,
                                           float *entropies) {
  ck_tile tile;
  for (ptrdiff_t at = first; at < first + count; at += CK_LANES) {
    ck_open_tile(&tile, head, input, at, first + count);
    ck_draw_tile(kind, &tile, draws, choices, controls);
    if (log_probabilities)
      ck_tile_values(kind, &tile, choices, controls, log_probabilities, entropies);
  }
}

CK_ALWAYS_INLINE CK_TARGET void ck_mode_as(const ck_control_kind kind, const ck_head *head,
                                           const ck_head_input *input, ptrdiff_t first,
                                           ptrdiff_t count, int32_t *choices, float *controls) {
  ck_tile tile;
  for (ptrdiff_t at = first; at < first + count; at += CK_LANES) {
    const ptrdiff_t rows = ck_open_tile(&tile, head, input, at, first + count);
    for (ptrdiff_t d = 0; d < head->choice_count; d++)
      ck_scatter_choices(CK_AT(choices, head->choice_count, d), head->choice_count, rows,
                         ck_choice_mode(&tile, head->choices + d));
    for (ptrdiff_t c = 0; c < head->control_count; c++)
      ck_scatter(CK_AT(controls, head->control_count, c), head->control_count, rows,
                 kind == CK_BETA ? ck_beta_mode(&tile, c)
                                 : ck_column(&tile.outputs, head->column + c));
  }
}
