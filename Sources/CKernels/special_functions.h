/* Functions that distributions are made of. Included once for each instruction set. */

#define CK_LOG_ROOT_TWO_PI 0x1.d67f1cp-1f /* ln(2 pi) / 2 */

CK_ALWAYS_INLINE CK_TARGET ck_vec ck_magnitude(ck_vec x) {
  return (ck_vec)(ck_bits(x) & INT32_MAX);
}

/* ln(1 + x) for x from 0 to 1: what the sum rounds away is added to the first order. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_log_one_plus(ck_vec x) {
  const ck_vec y = 1.0f + x;
  return ck_logarithm(y) + (x - (y - 1.0f)) / y;
}

/* ln(1 + e^x). */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_softplus(ck_vec x) {
  const ck_vec rest = ck_log_one_plus(ck_exponential(-ck_magnitude(x)));
  return ck_select(x < 0.0f, ck_all(0), x) + rest;
}

/* 1 / (1 + e^-x). */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_sigmoid(ck_vec x) {
  const ck_vec e = ck_exponential(-ck_magnitude(x));
  return ck_select(x < 0.0f, e, ck_all(1)) / (1.0f + e);
}

/* The quantile of the standard normal distribution at (word + 1/2) / 2^32, word unsigned:
   Wichura 1988, algorithm AS 241, PPND7. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_normal_quantile(ck_ivec word) {
  const ck_ivec is_above = word < 0; /* the upper half */
  const ck_ivec tail = ck_select_integer(is_above, ~word, word); /* at least 0 */
  const ck_ivec centre = INT32_MAX - tail;
  const ck_vec p = (__builtin_convertvector(tail, ck_vec) + 0.5f) * 0x1p-32f;
  const ck_vec q = (__builtin_convertvector(centre, ck_vec) + 0.5f) * 0x1p-32f;

  const ck_vec r = CK_FMA(-q, q, ck_all(0.180625f));
  ck_vec a = CK_FMA(ck_all(59.109374720f), r, ck_all(159.29113202f));
  a = CK_FMA(a, r, ck_all(50.434271938f));
  a = CK_FMA(a, r, ck_all(3.3871327179f));
  ck_vec b = CK_FMA(ck_all(67.187563600f), r, ck_all(78.757757664f));
  b = CK_FMA(b, r, ck_all(17.895169469f));
  b = CK_FMA(b, r, ck_all(1));

  const ck_vec far = CK_SQRT(-ck_logarithm(p)) - 1.6f;
  ck_vec c = CK_FMA(ck_all(0.17023821103f), far, ck_all(1.3067284816f));
  c = CK_FMA(c, far, ck_all(2.7568153900f));
  c = CK_FMA(c, far, ck_all(1.4234372777f));
  ck_vec d = CK_FMA(ck_all(0.12021132975f), far, ck_all(0.73700164250f));
  d = CK_FMA(d, far, ck_all(1));

  const ck_ivec is_central = q <= ck_all(0.425f);
  const ck_vec size = ck_select(is_central, q * a, c) / ck_select(is_central, b, d);
  return ck_select(is_above, size, -size);
}

/* phi(x) = ln Gamma(x) - (x - 1/2) ln x + x - ln(2 pi) / 2 for x >= 1, what Stirling's formula
   leaves: t P(t) with t = 1/x, P by Remez exchange with relative error below 2^-24. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_stirling_rest(ck_vec x) {
  const ck_vec t = 1.0f / x;
  ck_vec p = ck_all(0x1.1f5fap-13f);
  p = CK_FMA(p, t, ck_all(-0x1.4a09ap-11f));
  p = CK_FMA(p, t, ck_all(0x1.11ca1p-10f));
  p = CK_FMA(p, t, ck_all(-0x1.a629fap-15f));
  p = CK_FMA(p, t, ck_all(-0x1.6b8472p-9f));
  p = CK_FMA(p, t, ck_all(-0x1.41fbcep-24f));
  p = CK_FMA(p, t, ck_all(0x1.555554p-4f));
  return p * t;
}

/* h(x) = ln x - digamma(x) for x >= 1: t / 2 + t^2 P(t) with t = 1/x, P by Remez exchange with
   relative error below 2^-22. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_digamma_rest(ck_vec x) {
  const ck_vec t = 1.0f / x;
  ck_vec p = ck_all(-0x1.0f553ap-12f);
  p = CK_FMA(p, t, ck_all(0x1.d3566p-10f));
  p = CK_FMA(p, t, ck_all(-0x1.3a621p-8f));
  p = CK_FMA(p, t, ck_all(0x1.7ed896p-8f));
  p = CK_FMA(p, t, ck_all(-0x1.9afb6p-12f));
  p = CK_FMA(p, t, ck_all(-0x1.0fbcbep-7f));
  p = CK_FMA(p, t, ck_all(-0x1.b0d3e2p-20f));
  p = CK_FMA(p, t, ck_all(0x1.555558p-4f));
  return CK_FMA(p, t, ck_all(0.5f)) * t;
}

/* The slope of digamma for x >= 1: t + t^2 / 2 + t^3 P(t) with t = 1/x, P by Remez exchange with
   relative error below 2^-22. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_trigamma_from_one(ck_vec x) {
  const ck_vec t = 1.0f / x;
  ck_vec p = ck_all(-0x1.1ae4ap-10f);
  p = CK_FMA(p, t, ck_all(0x1.19bd22p-10f));
  p = CK_FMA(p, t, ck_all(0x1.4d1766p-7f));
  p = CK_FMA(p, t, ck_all(-0x1.0036ccp-5f));
  p = CK_FMA(p, t, ck_all(0x1.1a850cp-5f));
  p = CK_FMA(p, t, ck_all(-0x1.fc4332p-10f));
  p = CK_FMA(p, t, ck_all(-0x1.0fa4f6p-5f));
  p = CK_FMA(p, t, ck_all(-0x1.90035cp-18f));
  p = CK_FMA(p, t, ck_all(0x1.55555ap-3f));
  p = CK_FMA(p, t, ck_all(0.5f));
  return CK_FMA(p * t, t, t);
}

CK_ALWAYS_INLINE CK_TARGET ck_vec ck_digamma_from_one(ck_vec x) {
  return ck_logarithm(x) - ck_digamma_rest(x);
}

CK_ALWAYS_INLINE CK_TARGET ck_vec ck_log_gamma_from_one(ck_vec x) {
  return CK_FMA(x - 0.5f, ck_logarithm(x), CK_LOG_ROOT_TWO_PI - x) + ck_stirling_rest(x);
}
