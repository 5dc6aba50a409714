/* Losses of policies and values. Included once for each instruction set. */

/* Sums in double precision, a lane for each of CK_LANES rows. */
typedef double ck_wide_sums __attribute__((vector_size(8 * CK_LANES)));

CK_ALWAYS_INLINE CK_TARGET ck_wide_sums ck_widen(ck_vec x) {
  return __builtin_convertvector(x, ck_wide_sums);
}

/* The sum of all lanes, in pairs at distance 8, 4, 2, 1. */
CK_ALWAYS_INLINE CK_TARGET double ck_sum_wide(ck_wide_sums x) {
  double lanes[CK_LANES];
  memcpy(lanes, &x, sizeof lanes);
  for (int distance = CK_LANES / 2; distance > 0; distance /= 2)
    for (int i = 0; i < distance; i++) lanes[i] += lanes[i + distance];
  return lanes[0];
}

/* The first n lanes of what is at x + i, with 0 in the others. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_load_up_to(const float *x, ptrdiff_t n) {
  return n >= CK_LANES ? ck_load(x) : ck_load_part(x, n);
}

CK_ALWAYS_INLINE CK_TARGET void ck_store_up_to(float *y, ck_vec x, ptrdiff_t n) {
  if (n >= CK_LANES)
    ck_store(y, x);
  else
    ck_store_part(y, x, n);
}

/* Lanes without a row hold zeros, which add nothing. */
CK_ALWAYS_INLINE CK_TARGET void ck_policy_loss_as(const bool is_clipped, const ck_loss *loss,
                                                  ptrdiff_t n, const float *log_probabilities,
                                                  const float *old, const float *advantages,
                                                  const float *entropies, float *slopes,
                                                  float *entropy_slopes, ck_loss_sums *sums) {
  const ck_vec low = ck_all(1.0f - loss->range), high = ck_all(1.0f + loss->range);
  ck_wide_sums objective = {0}, divergence = {0}, clipped = {0}, entropy = {0};
  for (ptrdiff_t i = 0; i < n; i += CK_LANES) {
    const ck_vec log_p = ck_load_up_to(log_probabilities + i, n - i);
    const ck_vec advantage = ck_load_up_to(advantages + i, n - i);
    ck_vec term, slope;
    if (is_clipped) {
      const ck_vec change = log_p - ck_load_up_to(old + i, n - i);
      const ck_vec ratio = ck_exponential(change);
      const ck_vec all = ratio * advantage;
      const ck_vec least = ck_select(ratio < low, low, ratio);
      const ck_vec held = ck_select(least > high, high, least) * advantage;
      /* where the clipped term is the smaller one, it is constant */
      slope = ck_select(held < all, ck_all(0), loss->scale * all);
      term = ck_select(held < all, held, all);
      const ck_ivec is_far = (ratio - 1.0f > loss->range) | (1.0f - ratio > loss->range);
      clipped += ck_widen(ck_select(is_far, ck_all(1), ck_all(0)));
      divergence += ck_widen((ratio - 1.0f) - change);
    } else {
      slope = loss->scale * advantage;
      term = advantage * log_p;
    }
    ck_store_up_to(slopes + i, slope, n - i);
    ck_store_up_to(entropy_slopes + i, ck_all(loss->entropy_slope), n - i);
    objective += ck_widen(term);
    entropy += ck_widen(ck_load_up_to(entropies + i, n - i));
  }
  sums->objective += ck_sum_wide(objective);
  sums->divergence += ck_sum_wide(divergence);
  sums->clipped += ck_sum_wide(clipped);
  sums->entropy += ck_sum_wide(entropy);
}

CK_TARGET static void ck_own_policy_loss(const ck_loss *loss, ptrdiff_t n,
                                         const float *log_probabilities, const float *old,
                                         const float *advantages, const float *entropies,
                                         float *slopes, float *entropy_slopes,
                                         ck_loss_sums *sums) {
  if (loss->is_clipped)
    ck_policy_loss_as(true, loss, n, log_probabilities, old, advantages, entropies, slopes,
                      entropy_slopes, sums);
  else
    ck_policy_loss_as(false, loss, n, log_probabilities, old, advantages, entropies, slopes,
                      entropy_slopes, sums);
}

CK_TARGET static void ck_own_value_loss(const ck_loss *loss, ptrdiff_t n, const float *values,
                                        const float *old_values, const float *returns,
                                        float *slopes, ck_loss_sums *sums) {
  ck_wide_sums errors = {0};
  for (ptrdiff_t i = 0; i < n; i += CK_LANES) {
    ck_vec value = ck_load_up_to(values + i, n - i), factor = ck_all(loss->value_factor);
    if (loss->has_value_range) {
      const ck_vec old = ck_load_up_to(old_values + i, n - i), change = value - old;
      const ck_vec range = ck_all(loss->value_range);
      /* written so that NaN stays NaN */
      const ck_ivec is_above = change > range, is_below = change < -range;
      value = ck_select(is_above, old + range, ck_select(is_below, old - range, value));
      factor = ck_select(is_above | is_below, ck_all(0), factor);
    }
    const ck_vec error = value - ck_load_up_to(returns + i, n - i);
    ck_store_up_to(slopes + i, factor * error, n - i);
    const ck_wide_sums wide = ck_widen(error);
    errors += wide * wide;
  }
  sums->error += ck_sum_wide(errors);
}

CK_TARGET static void ck_own_normalize(ptrdiff_t n, float *x) {
  ck_wide_sums sum = {0}, squares = {0};
  for (ptrdiff_t i = 0; i < n; i += CK_LANES) sum += ck_widen(ck_load_up_to(x + i, n - i));
  const double mean = ck_sum_wide(sum) / (double)n;
  ptrdiff_t i = 0;
  for (; i + CK_LANES <= n; i += CK_LANES) {
    const ck_wide_sums difference = ck_widen(ck_load(x + i)) - mean;
    squares += difference * difference;
  }
  double square = ck_sum_wide(squares);
  for (; i < n; i++) square += ((double)x[i] - mean) * ((double)x[i] - mean);
  const double scale = 1 / (__builtin_sqrt(square / (double)(n - 1)) + 1e-8);
  for (i = 0; i < n; i += CK_LANES) {
    const ck_wide_sums difference = ck_widen(ck_load_up_to(x + i, n - i)) - mean;
    ck_store_up_to(x + i, __builtin_convertvector(difference * scale, ck_vec), n - i);
  }
}

/* `vectors`, a literal, side by side. */
CK_ALWAYS_INLINE CK_TARGET void ck_add_strip(const int vectors, ptrdiff_t rows, const float *x,
                                             ptrdiff_t ldx, float *y) {
  ck_vec sum[4];
  CK_UNROLL
  for (int j = 0; j < vectors; j++) sum[j] = ck_load(x + j * CK_LANES);
  for (ptrdiff_t row = 1; row < rows; row++) {
    CK_UNROLL
    for (int j = 0; j < vectors; j++) sum[j] += ck_load(x + row * ldx + j * CK_LANES);
  }
  CK_UNROLL
  for (int j = 0; j < vectors; j++) ck_store(y + j * CK_LANES, sum[j]);
}

CK_TARGET static void ck_own_add_rows(ptrdiff_t n, ptrdiff_t rows, const float *x, ptrdiff_t ldx,
                                      float *y) {
  ptrdiff_t i = 0;
  for (; i + 4 * CK_LANES <= n; i += 4 * CK_LANES) ck_add_strip(4, rows, x + i, ldx, y + i);
  for (; i + CK_LANES <= n; i += CK_LANES) ck_add_strip(1, rows, x + i, ldx, y + i);
  for (; i < n; i++) {
    float sum = x[i];
    for (ptrdiff_t row = 1; row < rows; row++) sum += x[row * ldx + i];
    y[i] = sum;
  }
}
