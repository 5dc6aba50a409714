/* Controls: Gaussian, gSDE and Beta distributions. Included once for each instruction set. */

/* The clamp of log-stds that are outputs, as in SB3's SAC. */
#define CK_LOG_STD_LOW -20.0f
#define CK_LOG_STD_HIGH 2.0f

/* Added to gSDE's variance, as in SB3. */
#define CK_VARIANCE_EPSILON 1e-6f

typedef struct ck_spread {
  ck_vec log_std, std;
  ck_vec factor; /* dln std / d what it is made of: 0 beyond a clamp; gSDE: 1 / (2 variance) */
} ck_spread;

CK_ALWAYS_INLINE CK_TARGET ck_spread ck_state_spread(ck_vec z) {
  const ck_vec low = ck_all(CK_LOG_STD_LOW), high = ck_all(CK_LOG_STD_HIGH);
  const ck_vec log_std = ck_select(z < low, low, ck_select(z > high, high, z));
  const ck_vec factor = ck_select((z < low) | (z > high), ck_all(0), ck_all(1));
  return (ck_spread){log_std, ck_exponential(log_std), factor};
}

/* variance = sum over l of latent_l^2 std_l^2, plus epsilon (Raffin et al. 2021, as in SB3), of
   `count` controls from c on; `count` is a literal. */
CK_ALWAYS_INLINE CK_TARGET void ck_sum_variances(const int count, ck_tile *tile, ptrdiff_t c) {
  const ptrdiff_t ldl = tile->input->ldl;
  const float *squares = tile->input->std_squares + c * ldl;
  ck_vec sum[4] = {{0}, {0}, {0}, {0}};
  for (ptrdiff_t l = 0; l < tile->head->latent_width; l++) {
    const ck_vec x = ck_column(&tile->latent, l), square = x * x;
    CK_UNROLL
    for (int i = 0; i < count; i++)
      sum[i] = CK_FMA(square, ck_all(squares[i * ldl + l]), sum[i]);
  }
  CK_UNROLL
  for (int i = 0; i < count; i++) tile->variance[i] = sum[i] + CK_VARIANCE_EPSILON;
  tile->variance_start = c;
  tile->variance_end = c + count;
}

CK_TARGET static void ck_hold_variances(ck_tile *tile, ptrdiff_t c) {
  const ptrdiff_t left = tile->head->control_count - c;
  if (left >= 4)
    ck_sum_variances(4, tile, c);
  else if (left >= 2)
    ck_sum_variances(2, tile, c);
  else
    ck_sum_variances(1, tile, c);
}

CK_ALWAYS_INLINE CK_TARGET ck_spread ck_gsde_spread(ck_tile *tile, ptrdiff_t c) {
  if (c < tile->variance_start || c >= tile->variance_end) ck_hold_variances(tile, c);
  const ck_vec variance = tile->variance[c - tile->variance_start];
  return (ck_spread){0.5f * ck_logarithm(variance), CK_SQRT(variance), 0.5f / variance};
}

CK_ALWAYS_INLINE CK_TARGET ck_spread ck_spread_of(const ck_control_kind kind, ck_tile *tile,
                                                  ptrdiff_t c) {
  const ck_head *head = tile->head;
  if (kind == CK_GSDE) return ck_gsde_spread(tile, c);
  if (kind == CK_STATE_GAUSSIAN)
    return ck_state_spread(ck_column(&tile->outputs, head->column + head->control_count + c));
  const ck_vec log_std = ck_all(tile->input->log_std[c]);
  return (ck_spread){log_std, ck_exponential(log_std), ck_all(1)};
}

CK_ALWAYS_INLINE CK_TARGET void ck_normal_value(const ck_control_kind kind, ck_tile *tile,
                                                ptrdiff_t c, ck_vec x, ck_vec *log_probability,
                                                ck_vec *entropy) {
  const ck_spread spread = ck_spread_of(kind, tile, c);
  const ck_vec n = (x - ck_column(&tile->outputs, tile->head->column + c)) / spread.std;
  *log_probability -= CK_FMA(0.5f * n, n, spread.log_std) + CK_LOG_ROOT_TWO_PI;
  *entropy += spread.log_std + (0.5f + CK_LOG_ROOT_TWO_PI);
}

/* The slopes at a mean and at what the std is made of. */
typedef struct ck_normal_slopes {
  ck_vec mean, spread;
} ck_normal_slopes;

CK_ALWAYS_INLINE CK_TARGET ck_normal_slopes ck_normal_gradient(const ck_control_kind kind,
                                                               ck_tile *tile, ptrdiff_t c, ck_vec x,
                                                               ck_vec g, ck_vec h) {
  const ck_spread spread = ck_spread_of(kind, tile, c);
  const ck_vec n = (x - ck_column(&tile->outputs, tile->head->column + c)) / spread.std;
  const ck_vec at_log_std = CK_FMA(g, CK_FMA(n, n, ck_all(-1)), h);
  return (ck_normal_slopes){g * n / spread.std, at_log_std * spread.factor};
}

/* Beta(alpha, beta) with the logarithms taken apart so that nothing large cancels: with
   s = alpha + beta, mu = alpha / s, and ln Gamma as Stirling's formula with the rest phi,
   ln B = alpha ln mu + beta ln(1 - mu) - ln(alpha beta / s) / 2 + ln(2 pi) / 2
          + phi(alpha) + phi(beta) - phi(s). */
typedef struct ck_beta {
  ck_vec z[2];     /* the outputs */
  ck_vec shape[2]; /* alpha, beta = softplus(z) + 1 */
  ck_vec sum;
  ck_vec spread; /* ln(alpha beta / s) / 2 - ln(2 pi) / 2 - phi(alpha) - phi(beta) + phi(s) */
} ck_beta;

CK_ALWAYS_INLINE CK_TARGET ck_beta ck_beta_of(ck_tile *tile, ptrdiff_t c) {
  const ck_head *head = tile->head;
  ck_beta beta;
  beta.z[0] = ck_column(&tile->outputs, head->column + c);
  beta.z[1] = ck_column(&tile->outputs, head->column + head->control_count + c);
  beta.shape[0] = ck_softplus(beta.z[0]) + 1.0f;
  beta.shape[1] = ck_softplus(beta.z[1]) + 1.0f;
  beta.sum = beta.shape[0] + beta.shape[1];
  const ck_vec rests = ck_stirling_rest(beta.shape[0]) + ck_stirling_rest(beta.shape[1]);
  const ck_vec size = 0.5f * ck_logarithm(beta.shape[0] / beta.sum * beta.shape[1]);
  beta.spread = size - CK_LOG_ROOT_TWO_PI - rests + ck_stirling_rest(beta.sum);
  return beta;
}

/* ln p = alpha ln(x / mu) + beta ln((1 - x) / (1 - mu)) - ln x - ln(1 - x) + spread,
   H = spread's negative + (alpha - 1) h(alpha) + (beta - 1) h(beta) - (s - 2) h(s)
       + ln(alpha beta / s) - ln s, where digamma(x) = ln x - h(x). */
CK_ALWAYS_INLINE CK_TARGET void ck_beta_value(ck_tile *tile, ptrdiff_t c, ck_vec x,
                                              ck_vec *log_probability, ck_vec *entropy) {
  const ck_beta beta = ck_beta_of(tile, c);
  const ck_vec alpha = beta.shape[0], other = beta.shape[1], s = beta.sum, y = 1.0f - x;
  const ck_vec first = ck_logarithm(x * (s / alpha)), second = ck_logarithm(y * (s / other));
  const ck_vec far = CK_FMA(alpha, first, other * second);
  *log_probability += far - (ck_logarithm(x) + ck_logarithm(y)) + beta.spread;
  ck_vec sum = (alpha - 1.0f) * ck_digamma_rest(alpha);
  sum = CK_FMA(other - 1.0f, ck_digamma_rest(other), sum);
  sum = CK_FMA(2.0f - s, ck_digamma_rest(s), sum);
  const ck_vec size = ck_logarithm(alpha / s * (other / s));
  *entropy += size + sum - beta.spread;
}

/* The slope at the output behind alpha (side 0) or beta (side 1). */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_beta_gradient(ck_tile *tile, ptrdiff_t c, const int side,
                                                   ck_vec x, ck_vec g, ck_vec h) {
  const ck_beta beta = ck_beta_of(tile, c);
  const ck_vec shape = beta.shape[side], s = beta.sum, at = side == 0 ? x : 1.0f - x;
  const ck_vec to_probability =
      ck_logarithm(at * (s / shape)) + (ck_digamma_rest(shape) - ck_digamma_rest(s));
  const ck_vec to_entropy =
      CK_FMA(s - 2.0f, ck_trigamma_from_one(s), -((shape - 1.0f) * ck_trigamma_from_one(shape)));
  return CK_FMA(g, to_probability, h * to_entropy) * ck_sigmoid(beta.z[side]);
}

/* (alpha - 1) / (alpha + beta - 2); 1/2 where both are 1. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_beta_mode(ck_tile *tile, ptrdiff_t c) {
  const ck_head *head = tile->head;
  const ck_vec alpha = ck_softplus(ck_column(&tile->outputs, head->column + c));
  const ck_vec beta =
      ck_softplus(ck_column(&tile->outputs, head->column + head->control_count + c));
  const ck_vec sum = alpha + beta;
  return ck_select(sum == 0.0f, ck_all(0.5f), alpha / sum);
}
