/* Everything but the product. Included once for each instruction set, after CK_TARGET. */

#include "lane_operations.h"
#include "tile.h"

CK_ALWAYS_INLINE CK_TARGET ck_vec ck_activate(const ck_activation activation, ck_vec z) {
  if (activation == CK_TANH) return ck_hyperbolic_tangent(z);
  /* NaN stays NaN: a network that diverged must show it */
  if (activation == CK_RELU) return ck_select(z < 0.0f, ck_all(0), z);
  return z;
}

/* dy activation'(z), from what the activation returned. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_slope(const ck_activation activation, ck_vec y, ck_vec dy) {
  if (activation == CK_TANH) return dy * CK_FMA(-y, y, ck_all(1));
  if (activation == CK_RELU) return ck_select(y <= 0.0f, ck_all(0), dy);
  return dy;
}

CK_ALWAYS_INLINE CK_TARGET void ck_bias_as(const ck_activation activation, ptrdiff_t m,
                                           ptrdiff_t n, const float *bias, float *y,
                                           ptrdiff_t ldy) {
  for (ptrdiff_t i = 0; i < m; i++)
    for (ptrdiff_t j = 0; j < n; j += CK_LANES) {
      float *at = y + i * ldy + j;
      ck_store(at, ck_activate(activation, ck_load(at) + ck_load(bias + j)));
    }
}

CK_TARGET static void ck_own_bias_activation(ck_activation activation, ptrdiff_t m, ptrdiff_t n,
                                             const float *bias, float *y, ptrdiff_t ldy) {
  switch (activation) {
    case CK_IDENTITY: ck_bias_as(CK_IDENTITY, m, n, bias, y, ldy); break;
    case CK_RELU: ck_bias_as(CK_RELU, m, n, bias, y, ldy); break;
    case CK_TANH: ck_bias_as(CK_TANH, m, n, bias, y, ldy); break;
  }
}

CK_ALWAYS_INLINE CK_TARGET void ck_gradient_as(const ck_activation activation, ptrdiff_t m,
                                               ptrdiff_t n, const float *y, ptrdiff_t ldy,
                                               float *dz, ptrdiff_t lddz) {
  for (ptrdiff_t i = 0; i < m; i++)
    for (ptrdiff_t j = 0; j < n; j += CK_LANES) {
      float *at = dz + i * lddz + j;
      ck_store(at, ck_slope(activation, ck_load(y + i * ldy + j), ck_load(at)));
    }
}

CK_TARGET static void ck_own_activation_gradient(ck_activation activation, ptrdiff_t m,
                                                 ptrdiff_t n, const float *y, ptrdiff_t ldy,
                                                 float *dz, ptrdiff_t lddz) {
  switch (activation) {
    case CK_IDENTITY: break;
    case CK_RELU: ck_gradient_as(CK_RELU, m, n, y, ldy, dz, lddz); break;
    case CK_TANH: ck_gradient_as(CK_TANH, m, n, y, ldy, dz, lddz); break;
  }
}

/* The columns from n to the next multiple of CK_LANES become 0. */
CK_TARGET static void ck_own_clear_padding(ptrdiff_t m, ptrdiff_t n, float *x, ptrdiff_t ld) {
  const ptrdiff_t last = n / CK_LANES * CK_LANES;
  const ck_ivec lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  if (last == n) return;
  for (ptrdiff_t i = 0; i < m; i++) {
    float *at = x + i * ld + last;
    ck_store(at, ck_select(lane < (int32_t)(n - last), ck_load(at), ck_all(0)));
  }
}

/* `vectors`, a literal, side by side: for the latency of an addition. */
CK_ALWAYS_INLINE CK_TARGET void ck_sum_columns(const int vectors, bool accumulate, ptrdiff_t m,
                                               const float *x, ptrdiff_t ldx, float *sums) {
  ck_vec sum[4];
  CK_UNROLL
  for (int j = 0; j < vectors; j++)
    sum[j] = accumulate ? ck_load(sums + j * CK_LANES) : ck_all(0);
  for (ptrdiff_t i = 0; i < m; i++) {
    CK_UNROLL
    for (int j = 0; j < vectors; j++) sum[j] += ck_load(x + i * ldx + j * CK_LANES);
  }
  CK_UNROLL
  for (int j = 0; j < vectors; j++) ck_store(sums + j * CK_LANES, sum[j]);
}

CK_TARGET static void ck_own_column_sums(bool accumulate, ptrdiff_t m, ptrdiff_t n, const float *x,
                                         ptrdiff_t ldx, float *sums) {
  ptrdiff_t j = 0;
  for (; j + 4 * CK_LANES <= n; j += 4 * CK_LANES)
    ck_sum_columns(4, accumulate, m, x + j, ldx, sums + j);
  for (; j < n; j += CK_LANES) ck_sum_columns(1, accumulate, m, x + j, ldx, sums + j);
}

CK_TARGET static void ck_own_transpose(ptrdiff_t m, ptrdiff_t n, const float *w, ptrdiff_t ldw,
                                       float *t, ptrdiff_t ldt) {
  for (ptrdiff_t j = 0; j < n; j += CK_LANES)
    for (ptrdiff_t i = 0; i < m; i += CK_LANES) {
      ck_vec row[CK_LANES];
      CK_UNROLL
      for (int r = 0; r < CK_LANES; r++)
        row[r] = i + r < m ? ck_load(w + (i + r) * ldw + j) : (ck_vec){0};
      ck_transpose_square(row);
      CK_UNROLL
      for (int r = 0; r < CK_LANES; r++)
        if (j + r < n) ck_store(t + (j + r) * ldt + i, row[r]);
    }
}

/* y[i] = F(x[i]). */
#define CK_MAP(NAME, F)                                                                         \
  CK_TARGET static void NAME(ptrdiff_t n, const float *x, float *y) {                           \
    ptrdiff_t i = 0;                                                                            \
    for (; i + CK_LANES <= n; i += CK_LANES) ck_store(y + i, F(ck_load(x + i)));                \
    if (i < n) ck_store_part(y + i, F(ck_load_part(x + i, n - i)), n - i);                      \
  }

CK_MAP(ck_own_tanh, ck_hyperbolic_tangent)
CK_MAP(ck_own_exp, ck_exponential)
CK_MAP(ck_own_log, ck_logarithm)

/* Four sums of CK_LANES lanes, for the latency of an addition: vector i goes to sum i mod 4. */
CK_ALWAYS_INLINE CK_TARGET void ck_square_lanes(ptrdiff_t n, const float *x, ck_vec *sum) {
  ptrdiff_t i = 0;
  for (; i + 4 * CK_LANES <= n; i += 4 * CK_LANES) {
    CK_UNROLL
    for (int j = 0; j < 4; j++) {
      const ck_vec y = ck_load(x + i + j * CK_LANES);
      sum[j] = CK_FMA(y, y, sum[j]);
    }
  }
  for (int j = 0; i < n; i += CK_LANES, j++) {
    const ck_vec y = ck_load_part(x + i, n - i < CK_LANES ? n - i : CK_LANES);
    sum[j] = CK_FMA(y, y, sum[j]);
  }
}

CK_TARGET static float ck_own_sum_of_squares(ptrdiff_t n, const float *x) {
  ck_vec sum[4] = {{0}, {0}, {0}, {0}};
  ck_square_lanes(n, x, sum);
  return ck_sum((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

CK_TARGET static void ck_own_add_squares(ptrdiff_t n, const float *x, ptrdiff_t before,
                                         float *lanes) {
  ck_vec sum[4];
  float *place[4];
  for (int j = 0; j < 4; j++) {
    place[j] = lanes + (before / CK_LANES + j) % 4 * CK_LANES;
    sum[j] = ck_load(place[j]);
  }
  ck_square_lanes(n, x, sum);
  for (int j = 0; j < 4; j++) ck_store(place[j], sum[j]);
}

CK_TARGET static float ck_own_sum_of_lanes(const float *lanes) {
  return ck_sum((ck_load(lanes) + ck_load(lanes + CK_LANES)) +
                (ck_load(lanes + 2 * CK_LANES) + ck_load(lanes + 3 * CK_LANES)));
}

CK_TARGET static void ck_own_blend(ptrdiff_t n, float tau, const float *source, float *x) {
  ptrdiff_t i = 0;
  for (; i + CK_LANES <= n; i += CK_LANES) {
    const ck_vec at = ck_load(x + i);
    ck_store(x + i, CK_FMA(ck_load(source + i) - at, ck_all(tau), at));
  }
  for (; i < n; i++) x[i] = __builtin_fmaf(source[i] - x[i], tau, x[i]);
}

/* x, but 0 where it is subnormal: a parameter without a gradient brings its moments there, for good,
   and arithmetic on such numbers costs a multiple. */
CK_ALWAYS_INLINE CK_TARGET ck_vec ck_flushed(ck_vec x) {
  return (ck_vec)(ck_bits(x) & ((ck_bits(x) & INT32_MAX) > 0x007FFFFF));
}

/* Kingma & Ba 2015, algorithm 1, in PyTorch's arrangement. */
CK_ALWAYS_INLINE CK_TARGET void ck_adam_lanes(const ck_adam_step *step, ck_vec gradient,
                                              ck_vec *p, ck_vec *m, ck_vec *v) {
  const ck_vec g = gradient * step->scale;
  *m = ck_flushed(CK_FMA(g - *m, ck_all(step->rest1), *m));
  *v = ck_flushed(CK_FMA(g * g, ck_all(step->rest2), *v * step->beta2));
  const ck_vec denominator =
      CK_FMA(CK_SQRT(*v), ck_all(step->second_scale), ck_all(step->epsilon));
  *p = *p - step->step_size * *m / denominator;
}

CK_TARGET static void ck_own_adam(ptrdiff_t n, ck_adam_step step, const float *gradient,
                                  float *p, float *m, float *v) {
  ptrdiff_t i = 0;
  for (; i + CK_LANES <= n; i += CK_LANES) {
    ck_vec pi = ck_load(p + i), mi = ck_load(m + i), vi = ck_load(v + i);
    ck_adam_lanes(&step, ck_load(gradient + i), &pi, &mi, &vi);
    ck_store(p + i, pi);
    ck_store(m + i, mi);
    ck_store(v + i, vi);
  }
  const ptrdiff_t rest = n - i;
  if (rest > 0) {
    ck_vec pi = ck_load_part(p + i, rest), mi = ck_load_part(m + i, rest);
    ck_vec vi = ck_load_part(v + i, rest);
    ck_adam_lanes(&step, ck_load_part(gradient + i, rest), &pi, &mi, &vi);
    ck_store_part(p + i, pi, rest);
    ck_store_part(m + i, mi, rest);
    ck_store_part(v + i, vi, rest);
  }
}

/* Tieleman & Hinton 2012, lecture 6.5: epsilon outside the root as in PyTorch, or inside it as in
   TensorFlow. */
CK_ALWAYS_INLINE CK_TARGET void ck_rmsprop_lanes(const ck_rmsprop_step *step, ck_vec gradient,
                                                 ck_vec *p, ck_vec *v) {
  const ck_vec g = gradient * step->scale;
  *v = ck_flushed(CK_FMA(g * g, ck_all(step->rest), *v * step->alpha));
  const ck_vec root =
      step->epsilon_inside ? CK_SQRT(*v + step->epsilon) : CK_SQRT(*v) + step->epsilon;
  *p = *p - step->learning_rate * g / root;
}

CK_TARGET static void ck_own_rmsprop(ptrdiff_t n, ck_rmsprop_step step, const float *gradient,
                                     float *p, float *v) {
  ptrdiff_t i = 0;
  for (; i + CK_LANES <= n; i += CK_LANES) {
    ck_vec pi = ck_load(p + i), vi = ck_load(v + i);
    ck_rmsprop_lanes(&step, ck_load(gradient + i), &pi, &vi);
    ck_store(p + i, pi);
    ck_store(v + i, vi);
  }
  const ptrdiff_t rest = n - i;
  if (rest > 0) {
    ck_vec pi = ck_load_part(p + i, rest), vi = ck_load_part(v + i, rest);
    ck_rmsprop_lanes(&step, ck_load_part(gradient + i, rest), &pi, &vi);
    ck_store_part(p + i, pi, rest);
    ck_store_part(v + i, vi, rest);
  }
}
