/* The peak of a core. Included once for each instruction set, after product_body.h. */

/* Chains of the peak's loop: enough to cover the latency of two multiply-adds a cycle. */
enum { CK_PEAK_CHAINS = 12 };

CK_TARGET static float ck_own_peak(ptrdiff_t rounds) {
  ck_register sum[CK_PEAK_CHAINS];
  const ck_register x = ck_splat((float)rounds * 0x1p-100f);
  CK_UNROLL
  for (int i = 0; i < CK_PEAK_CHAINS; i++) sum[i] = x + (float)i;
  for (ptrdiff_t round = 0; round < rounds; round++) {
    CK_UNROLL
    for (int i = 0; i < CK_PEAK_CHAINS; i++) sum[i] = CK_FMA(sum[i], x, x);
  }
  ck_register total = x;
  CK_UNROLL
  for (int i = 0; i < CK_PEAK_CHAINS; i++) total += sum[i];
  return total[0];
}
