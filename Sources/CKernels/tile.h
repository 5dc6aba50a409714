/* Tiles of up to CK_LANES rows, a lane a row. Included once for each instruction set. */

/* One level of a transposition: the blocks of D by D lanes off the diagonal change places. */
#define CK_LANE_OF_UPPER(D, L) ((L) & (D) ? 16 + (L) - (D) : (L))
#define CK_LANE_OF_LOWER(D, L) ((L) & (D) ? 16 + (L) : (L) + (D))
#define CK_SHUFFLE(LANE, D, A, B)                                                               \
  __builtin_shufflevector(A, B, LANE(D, 0), LANE(D, 1), LANE(D, 2), LANE(D, 3), LANE(D, 4),     \
                          LANE(D, 5), LANE(D, 6), LANE(D, 7), LANE(D, 8), LANE(D, 9),           \
                          LANE(D, 10), LANE(D, 11), LANE(D, 12), LANE(D, 13), LANE(D, 14),      \
                          LANE(D, 15))
#define CK_EXCHANGE(D)                                                                          \
  CK_UNROLL                                                                                     \
  for (int i = 0; i < CK_LANES; i++)                                                            \
    if ((i & D) == 0) {                                                                         \
      const ck_vec upper = row[i], lower = row[i + D];                                          \
      row[i] = CK_SHUFFLE(CK_LANE_OF_UPPER, D, upper, lower);                                   \
      row[i + D] = CK_SHUFFLE(CK_LANE_OF_LOWER, D, upper, lower);                               \
    }

CK_ALWAYS_INLINE CK_TARGET void ck_transpose_square(ck_vec row[CK_LANES]) {
  CK_EXCHANGE(8)
  CK_EXCHANGE(4)
  CK_EXCHANGE(2)
  CK_EXCHANGE(1)
}

/* Columns of a tile to read: CK_LANES of them are held, transposed, until others are asked for. */
typedef struct ck_columns {
  const float *x; /* the tile's first row */
  ptrdiff_t ld, rows;
  ptrdiff_t block; /* which are held: block * CK_LANES and those after it; -1 none */
  ck_vec held[CK_LANES];
} ck_columns;

CK_ALWAYS_INLINE CK_TARGET void ck_open_columns(ck_columns *columns, const float *x, ptrdiff_t ld,
                                                ptrdiff_t rows) {
  columns->x = x;
  columns->ld = ld;
  columns->rows = rows;
  columns->block = -1;
}

CK_TARGET static void ck_hold(ck_columns *from, ptrdiff_t block) {
  ck_vec row[CK_LANES];
  CK_UNROLL
  for (int i = 0; i < CK_LANES; i++)
    row[i] = i < from->rows ? ck_load(from->x + i * from->ld + block * CK_LANES) : (ck_vec){0};
  ck_transpose_square(row);
  CK_UNROLL
  for (int i = 0; i < CK_LANES; i++) from->held[i] = row[i];
  from->block = block;
}

CK_ALWAYS_INLINE CK_TARGET ck_vec ck_column(ck_columns *from, ptrdiff_t j) {
  if (j / CK_LANES != from->block) ck_hold(from, j / CK_LANES);
  return from->held[j % CK_LANES];
}

/* Columns of a tile to write, in ascending order from 0. */
typedef struct ck_sink {
  float *y; /* the tile's first row */
  ptrdiff_t ld, rows;
  ptrdiff_t count; /* columns that were given */
  ck_vec held[CK_LANES];
} ck_sink;

/* Writes the last `width` columns that were given, and leaves those beside them alone. */
CK_TARGET static void ck_flush(const ck_sink *sink, ptrdiff_t width) {
  ck_vec row[CK_LANES];
  const ck_ivec lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  CK_UNROLL
  for (int i = 0; i < CK_LANES; i++) row[i] = sink->held[i];
  ck_transpose_square(row);
  float *y = sink->y + sink->count - width;
  CK_UNROLL
  for (int i = 0; i < CK_LANES; i++)
    if (i < sink->rows) {
      float *at = y + i * sink->ld;
      ck_store(at, ck_select(lane < (int32_t)width, row[i], ck_load(at)));
    }
}

CK_ALWAYS_INLINE CK_TARGET void ck_give(ck_sink *sink, ck_vec column) {
  sink->held[sink->count++ % CK_LANES] = column;
  if (sink->count % CK_LANES == 0) ck_flush(sink, CK_LANES);
}

CK_ALWAYS_INLINE CK_TARGET void ck_finish(const ck_sink *sink) {
  if (sink->count % CK_LANES != 0) ck_flush(sink, sink->count % CK_LANES);
}

/* One number a row, `ld` apart; 0 in the lanes without a row. */
#define CK_GATHER(NAME, TYPE, VECTOR, ELEMENT)                                                  \
  CK_ALWAYS_INLINE CK_TARGET VECTOR NAME(const TYPE *x, ptrdiff_t ld, ptrdiff_t rows) {         \
    VECTOR y = {0};                                                                             \
    if (rows == CK_LANES) {                                                                     \
      CK_UNROLL                                                                                 \
      for (int i = 0; i < CK_LANES; i++) y[i] = (ELEMENT)x[i * ld];                             \
      return y;                                                                                 \
    }                                                                                           \
    CK_UNROLL                                                                                   \
    for (int i = 0; i < CK_LANES; i++) {                                                        \
      if (i == rows) break;                                                                     \
      y[i] = (ELEMENT)x[i * ld];                                                                \
    }                                                                                           \
    return y;                                                                                   \
  }

CK_GATHER(ck_gather, float, ck_vec, float)
CK_GATHER(ck_gather_choices, int32_t, ck_ivec, int32_t)
CK_GATHER(ck_gather_words, uint32_t, ck_ivec, int32_t)
CK_GATHER(ck_gather_bytes, uint8_t, ck_ivec, int32_t)

#define CK_SCATTER(NAME, TYPE, VECTOR)                                                          \
  CK_ALWAYS_INLINE CK_TARGET void NAME(TYPE *y, ptrdiff_t ld, ptrdiff_t rows, VECTOR x) {       \
    TYPE lanes[CK_LANES];                                                                       \
    memcpy(lanes, &x, sizeof lanes);                                                            \
    for (ptrdiff_t i = 0; i < rows; i++) y[i * ld] = lanes[i];                                  \
  }

CK_SCATTER(ck_scatter, float, ck_vec)
CK_SCATTER(ck_scatter_choices, int32_t, ck_ivec)
