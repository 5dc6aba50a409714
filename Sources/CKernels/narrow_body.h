/* Layers with few outputs. Included once for each instruction set, after elementwise_body.h. */

enum { CK_NARROW_STRIP = 4, CK_NARROW_OUTPUTS = 4, CK_NARROW_TILES = 2 };

/* Rows of a tile while their outputs are summed up, a lane a row. */
typedef struct ck_narrow_rows {
  const float *x;
  ptrdiff_t rows;
  ck_vec sum[CK_NARROW_OUTPUTS];
} ck_narrow_rows;

/* Goes on over `depth` inputs, at most CK_LANES, with w [depth, outputs]; `outputs` is a literal. */
CK_ALWAYS_INLINE CK_TARGET void ck_narrow_terms(const int outputs, ck_narrow_rows *tile,
                                                ptrdiff_t from, ptrdiff_t depth, ptrdiff_t ldx,
                                                const float *w) {
  ck_vec column[CK_LANES];
  CK_UNROLL
  for (int i = 0; i < CK_LANES; i++)
    column[i] = i < tile->rows ? ck_load(tile->x + i * ldx + from) : ck_all(0);
  ck_transpose_square(column);
  CK_UNROLL
  for (int p = 0; p < CK_LANES; p++) {
    if (p == depth) break; /* what pads the inputs may be anything */
    CK_UNROLL
    for (int j = 0; j < outputs; j++)
      tile->sum[j] = CK_FMA(column[p], ck_all(w[p * CK_LANES + j]), tile->sum[j]);
  }
}

/* y[rows, outputs] = activation(sum + bias), columns of padding 0. */
CK_ALWAYS_INLINE CK_TARGET void ck_narrow_store(const int outputs, const ck_narrow_rows *tile,
                                                ck_activation activation, const float *bias,
                                                float *y, ptrdiff_t ldy) {
  float columns[CK_NARROW_OUTPUTS][CK_LANES];
  CK_UNROLL
  for (int j = 0; j < outputs; j++)
    ck_store(columns[j], ck_activate(activation, tile->sum[j] + ck_all(bias[j])));
  for (ptrdiff_t i = 0; i < tile->rows; i++) {
    ck_vec row = {0};
    CK_UNROLL
    for (int j = 0; j < outputs; j++) row[j] = columns[j][i];
    ck_store(y + i * ldy, row);
  }
}

/* y[m, outputs] = activation(x[m, k] w[k, outputs] + bias), m up to `tiles` tiles; `outputs` and
   `tiles` are literals. Tiles go side by side: for the latency of a multiply-add. */
CK_ALWAYS_INLINE CK_TARGET void ck_narrow_tiles(const int outputs, const int tiles,
                                                ck_activation activation, ptrdiff_t m, ptrdiff_t k,
                                                const float *x, ptrdiff_t ldx, const float *w,
                                                const float *bias, float *y, ptrdiff_t ldy) {
  ck_narrow_rows tile[CK_NARROW_TILES];
  CK_UNROLL
  for (int t = 0; t < tiles; t++) {
    const ptrdiff_t rest = m - t * CK_LANES;
    tile[t] = (ck_narrow_rows){x + t * CK_LANES * ldx, rest < CK_LANES ? rest : CK_LANES, {{0}}};
  }
  for (ptrdiff_t from = 0; from < k; from += CK_LANES) {
    CK_UNROLL
    for (int t = 0; t < tiles; t++)
      ck_narrow_terms(outputs, tile + t, from, k - from, ldx, w + from * CK_LANES);
  }
  CK_UNROLL
  for (int t = 0; t < tiles; t++)
    ck_narrow_store(outputs, tile + t, activation, bias, y + t * CK_LANES * ldy, ldy);
}

CK_ALWAYS_INLINE CK_TARGET void ck_narrow_dense_as(const int outputs, ck_activation activation,
                                                   ptrdiff_t m, ptrdiff_t k, const float *x,
                                                   ptrdiff_t ldx, const float *w,
                                                   const float *bias, float *y, ptrdiff_t ldy) {
  const ptrdiff_t most = CK_NARROW_TILES * CK_LANES;
  ptrdiff_t i = 0;
  for (; i + most <= m; i += most)
    ck_narrow_tiles(outputs, CK_NARROW_TILES, activation, most, k, x + i * ldx, ldx, w, bias,
                    y + i * ldy, ldy);
  for (; i < m; i += CK_LANES)
    ck_narrow_tiles(outputs, 1, activation, m - i, k, x + i * ldx, ldx, w, bias, y + i * ldy, ldy);
}

CK_TARGET static void ck_own_narrow_dense(ck_activation activation, ptrdiff_t m, ptrdiff_t n,
                                          ptrdiff_t k, const float *x, ptrdiff_t ldx,
                                          const float *w, const float *bias, float *y,
                                          ptrdiff_t ldy) {
  switch (n) {
    case 1: ck_narrow_dense_as(1, activation, m, k, x, ldx, w, bias, y, ldy); break;
    case 2: ck_narrow_dense_as(2, activation, m, k, x, ldx, w, bias, y, ldy); break;
    case 3: ck_narrow_dense_as(3, activation, m, k, x, ldx, w, bias, y, ldy); break;
    case 4: ck_narrow_dense_as(4, activation, m, k, x, ldx, w, bias, y, ldy); break;
  }
}

/* Columns of an [m, outputs] matrix, each in vectors; 0 in the lanes without a row. */
typedef float ck_narrow_columns[CK_NARROW_OUTPUTS][CK_NARROW_STRIP * CK_LANES];

CK_ALWAYS_INLINE CK_TARGET void ck_open_narrow(const int outputs, const int vectors,
                                               bool accumulate, ptrdiff_t m, const float *dw,
                                               ptrdiff_t lddw, ck_narrow_columns columns) {
  CK_UNROLL
  for (int j = 0; j < outputs; j++) {
    CK_UNROLL
    for (int v = 0; v < vectors; v++) ck_store(columns[j] + v * CK_LANES, ck_all(0));
  }
  if (!accumulate) return;
  for (ptrdiff_t i = 0; i < m; i++) {
    CK_UNROLL
    for (int j = 0; j < outputs; j++) columns[j][i] = dw[i * lddw + j];
  }
}

/* dw[m, outputs], m in `vectors` vectors, and unless it is NULL dbias; `outputs` and `vectors` are
   literals. The inputs are in the lanes, so columns of padding cost nothing. */
CK_ALWAYS_INLINE CK_TARGET void ck_narrow_strip(const int outputs, const int vectors,
                                                bool accumulate, ptrdiff_t m, ptrdiff_t k,
                                                const float *x, ptrdiff_t ldx, const float *dz,
                                                ptrdiff_t lddz, float *dw, ptrdiff_t lddw,
                                                float *dbias) {
  ck_narrow_columns columns;
  ck_vec sum[CK_NARROW_OUTPUTS][CK_NARROW_STRIP];
  ck_vec bias = accumulate && dbias ? ck_load(dbias) : ck_all(0);
  ck_open_narrow(outputs, vectors, accumulate, m, dw, lddw, columns);
  CK_UNROLL
  for (int j = 0; j < outputs; j++) {
    CK_UNROLL
    for (int v = 0; v < vectors; v++) sum[j][v] = ck_load(columns[j] + v * CK_LANES);
  }
  for (ptrdiff_t p = 0; p < k; p++) {
    bias += ck_load(dz + p * lddz);
    CK_UNROLL
    for (int v = 0; v < vectors; v++) {
      const ck_vec input = ck_load(x + p * ldx + v * CK_LANES);
      CK_UNROLL
      for (int j = 0; j < outputs; j++)
        sum[j][v] = CK_FMA(input, ck_all(dz[p * lddz + j]), sum[j][v]);
    }
  }
  if (dbias) ck_store(dbias, bias);
  CK_UNROLL
  for (int j = 0; j < outputs; j++) {
    CK_UNROLL
    for (int v = 0; v < vectors; v++) ck_store(columns[j] + v * CK_LANES, sum[j][v]);
  }
  for (ptrdiff_t i = 0; i < m; i++) {
    CK_UNROLL
    for (int j = 0; j < outputs; j++) dw[i * lddw + j] = columns[j][i];
  }
}

CK_ALWAYS_INLINE CK_TARGET void ck_narrow_as(const int outputs, bool accumulate, ptrdiff_t m,
                                             ptrdiff_t k, const float *x, ptrdiff_t ldx,
                                             const float *dz, ptrdiff_t lddz, float *dw,
                                             ptrdiff_t lddw, float *dbias) {
  const ptrdiff_t width = CK_NARROW_STRIP * CK_LANES;
  for (ptrdiff_t i = 0; i < m; i += width) {
    const ptrdiff_t part = m - i < width ? m - i : width;
    float *bias = i == 0 ? dbias : NULL;
#define CK_VECTORS(V)                                                                         \
  case V:                                                                                     \
    ck_narrow_strip(outputs, V, accumulate, part, k, x + i, ldx, dz, lddz, dw + i * lddw, lddw, \
                    bias);                                                                    \
    break;
    switch ((part + CK_LANES - 1) / CK_LANES) {
      CK_VECTORS(1) CK_VECTORS(2) CK_VECTORS(3) CK_VECTORS(4)
    }
#undef CK_VECTORS
  }
}

CK_TARGET static void ck_own_narrow_gradient(bool accumulate, ptrdiff_t m, ptrdiff_t n,
                                             ptrdiff_t k, const float *x, ptrdiff_t ldx,
                                             const float *dz, ptrdiff_t lddz, float *dw,
                                             ptrdiff_t lddw, float *dbias) {
  switch (n) {
    case 1: ck_narrow_as(1, accumulate, m, k, x, ldx, dz, lddz, dw, lddw, dbias); break;
    case 2: ck_narrow_as(2, accumulate, m, k, x, ldx, dz, lddz, dw, lddw, dbias); break;
    case 3: ck_narrow_as(3, accumulate, m, k, x, ldx, dz, lddz, dw, lddw, dbias); break;
    case 4: ck_narrow_as(4, accumulate, m, k, x, ldx, dz, lddz, dw, lddw, dbias); break;
  }
}
