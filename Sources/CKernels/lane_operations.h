/* Operations on CK_LANES floats. Included once for each instruction set, after CK_TARGET. */

CK_ALWAYS_INLINE CK_TARGET ck_vec ck_load(const float *x) {
  return *(const ck_vec_unaligned *)x;
}

CK_ALWAYS_INLINE CK_TARGET void ck_store(float *y, ck_vec x) { *(ck_vec_unaligned *)y = x; }

/* The first n floats at x, 0 in the other lanes. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_load_part(const float *x, ptrdiff_t n) {
  float lanes[CK_LANES] = {0};
  for (ptrdiff_t i = 0; i < n; i++) lanes[i] = x[i];
  return ck_load(lanes);
}

CK_ALWAYS_INLINE CK_TARGET void ck_store_part(float *y, ck_vec x, ptrdiff_t n) {
  float lanes[CK_LANES];
  ck_store(lanes, x);
  for (ptrdiff_t i = 0; i < n; i++) y[i] = lanes[i];
}

CK_ALWAYS_INLINE CK_TARGET ck_vec ck_all(float x) { return x - (ck_vec){0}; }

CK_ALWAYS_INLINE CK_TARGET ck_ivec ck_bits(ck_vec x) { return (ck_ivec)x; }

/* x where the mask is set, else y. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_select(ck_ivec mask, ck_vec x, ck_vec y) {
  return (ck_vec)((mask & ck_bits(x)) | (~mask & ck_bits(y)));
}

CK_ALWAYS_INLINE CK_TARGET ck_ivec ck_select_integer(ck_ivec mask, ck_ivec x, ck_ivec y) {
  return (mask & x) | (~mask & y);
}

CK_ALWAYS_INLINE CK_TARGET ck_ivec ck_all_integer(int32_t x) { return x - (ck_ivec){0}; }

/* The sum of all lanes, in pairs at distance 8, 4, 2, 1. */
CK_ALWAYS_INLINE CK_TARGET float ck_sum(ck_vec x) {
  float lanes[CK_LANES];
  ck_store(lanes, x);
  for (int distance = CK_LANES / 2; distance > 0; distance /= 2)
    for (int i = 0; i < distance; i++) lanes[i] += lanes[i + distance];
  return lanes[0];
}

/* 2^n for -126 <= n <= 127. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_power_of_two(ck_ivec n) { return (ck_vec)((n + 127) << 23); }

/* e^x / 2^n, with that n. x = n ln 2 + r with |r| <= ln 2 / 2; e^r = 1 + r + r^2 P(r), P by Remez
   exchange with relative error below 2^-34. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_exponential_fraction(ck_vec x, ck_ivec *n) {
  /* adding 1.5 * 2^23 rounds to an integer, which is then in the low bits */
  const ck_vec magic = ck_all(0x1.8p23f);
  const ck_vec shifted = CK_FMA(x, ck_all(0x1.715476p0f), magic);
  const ck_vec whole = shifted - magic;
  *n = ck_bits(shifted) - ck_bits(magic);
  ck_vec r = CK_FMA(whole, ck_all(-0x1.63p-1f), x);
  r = CK_FMA(whole, ck_all(0x1.bd0106p-13f), r);

  ck_vec p = ck_all(0x1.9f085ap-13f);
  p = CK_FMA(p, r, ck_all(0x1.6d8d52p-10f));
  p = CK_FMA(p, r, ck_all(0x1.111272p-7f));
  p = CK_FMA(p, r, ck_all(0x1.55548ep-5f));
  p = CK_FMA(p, r, ck_all(0x1.555554p-3f));
  p = CK_FMA(p, r, ck_all(0x1p-1f));
  return CK_FMA(p * r, r, r) + 1.0f;
}

/* e^x. Overflows to infinity, underflows through the subnormals. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_exponential(ck_vec x) {
  const ck_vec low = ck_all(-104.0f), high = ck_all(89.0f);
  x = ck_select(x < low, low, x); /* NaN compares false and stays */
  x = ck_select(x > high, high, x);
  ck_ivec n;
  const ck_vec y = ck_exponential_fraction(x, &n);
  /* in two steps: 2^n alone may leave the range */
  const ck_ivec half = n >> 1;
  return y * ck_power_of_two(half) * ck_power_of_two(n - half);
}

/* tanh x: below 0.625 x + x^3 P(x^2), P by Remez exchange with relative
   error below 2^-32; above, 1 - 2 / (e^2x + 1), which is 1 from 10 on. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_hyperbolic_tangent(ck_vec x) {
  const ck_ivec sign = ck_bits(x) & INT32_MIN;
  const ck_vec magnitude = (ck_vec)(ck_bits(x) & INT32_MAX);

  const ck_vec z = x * x;
  ck_vec p = ck_all(0x1.18e1dap-9f);
  p = CK_FMA(p, z, ck_all(-0x1.0bf4fcp-7f));
  p = CK_FMA(p, z, ck_all(0x1.638b58p-6f));
  p = CK_FMA(p, z, ck_all(-0x1.b9ee9p-5f));
  p = CK_FMA(p, z, ck_all(0x1.111066p-3f));
  p = CK_FMA(p, z, ck_all(-0x1.555554p-2f));
  const ck_vec near = CK_FMA(p * z, x, x);

  const ck_vec twice = magnitude + magnitude, high = ck_all(20.0f);
  ck_ivec n;
  const ck_vec fraction = ck_exponential_fraction(ck_select(twice > high, high, twice), &n);
  const ck_vec far = 1.0f - 2.0f / (fraction * ck_power_of_two(n) + 1.0f);
  const ck_vec y = ck_select(magnitude < ck_all(0.625f), near, far);
  return (ck_vec)(ck_bits(y) | sign); /* of -0 too */
}

/* ln x. x = 2^n (1 + f) with 1 + f from sqrt(1/2) to sqrt(2); ln(1 + f) = f - f^2 / 2 + f^3 P(f),
   P by Remez exchange with relative error below 2^-30. -infinity at 0, NaN below. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_logarithm(ck_vec x) {
  const ck_ivec subnormal = x < ck_all(0x1p-126f);
  const ck_vec normal = ck_select(subnormal, x * 0x1p23f, x);

  /* the exponent that leaves a fraction of at least sqrt(1/2) */
  const ck_ivec root = ck_bits(ck_all(0x1.6a09e6p-1f));
  const ck_ivec n = (ck_bits(normal) - root) >> 23;
  const ck_vec fraction = (ck_vec)(ck_bits(normal) - (n << 23));
  const ck_vec whole = __builtin_convertvector(n - (subnormal & 23), ck_vec);
  const ck_vec f = fraction - 1.0f;
  const ck_vec z = f * f;

  ck_vec p = ck_all(0x1.1457c4p-4f);
  p = CK_FMA(p, f, ck_all(-0x1.de3c1cp-4f));
  p = CK_FMA(p, f, ck_all(0x1.e6f062p-4f));
  p = CK_FMA(p, f, ck_all(-0x1.fc2206p-4f));
  p = CK_FMA(p, f, ck_all(0x1.233768p-3f));
  p = CK_FMA(p, f, ck_all(-0x1.555c4ep-3f));
  p = CK_FMA(p, f, ck_all(0x1.99a4b6p-3f));
  p = CK_FMA(p, f, ck_all(-0x1.000006p-2f));
  p = CK_FMA(p, f, ck_all(0x1.555548p-2f));
  ck_vec y = p * z * f;
  y = CK_FMA(whole, ck_all(-0x1.bd0106p-13f), y);
  y = CK_FMA(z, ck_all(-0.5f), y);
  y = CK_FMA(whole, ck_all(0x1.63p-1f), f + y);

  y = ck_select((x > 0.0f) & (x < ck_all(__builtin_inff())), y, x + x); /* +infinity, NaN */
  y = ck_select(x == 0.0f, ck_all(-__builtin_inff()), y);
  return ck_select(x < 0.0f, ck_all(__builtin_nanf("")), y);
}
