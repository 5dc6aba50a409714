/* Fields of rows of bytes: moments of their columns, and copies that are standardised or stacked. */
#include "CKernels.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

/* Lanes in which the rows of a column are added: row i in lane i % ADDERS. */
enum { ADDERS = 4 };

static inline ptrdiff_t lane(const ck_rows *rows, ptrdiff_t i) {
  return rows->index ? (ptrdiff_t)rows->index[i] : i;
}

static inline const unsigned char *row(const ck_rows *rows, ptrdiff_t i) {
  return rows->rows + lane(rows, i) * rows->row_bytes;
}

/* What every CPU that the kernels run on has; sums are spelt out, so wider vectors give the same
   bits. */
#if defined(__x86_64__)
#define CK_TARGET __attribute__((target("avx2")))
#else
#define CK_TARGET
#endif

/* sums[i % ADDERS][j] += (x - center) or its square; `center` has ADDERS equal rows. Rows without
   gaps are one long row. */
#define ADD(NAME, TYPE, TERM)                                                                     \
  CK_TARGET static void NAME(const ck_rows *rows, ptrdiff_t offset, ptrdiff_t n,                  \
                             const double *restrict center, double *restrict sums) {              \
    const ptrdiff_t size = (ptrdiff_t)sizeof(TYPE), count = rows->count;                          \
    const ptrdiff_t long_row = ADDERS * n;                                                        \
    ptrdiff_t i = 0;                                                                              \
    if (!rows->index && rows->row_bytes == n * size)                                              \
      for (; i + ADDERS <= count; i += ADDERS) {                                                  \
        const unsigned char *restrict x = rows->rows + i * n * size;                              \
        for (ptrdiff_t j = 0; j < long_row; j++) {                                                \
          TYPE value;                                                                             \
          memcpy(&value, x + j * size, sizeof value);                                             \
          const double d = (double)value - center[j];                                             \
          sums[j] += TERM;                                                                        \
        }                                                                                         \
      }                                                                                           \
    for (; i < count; i++) {                                                                      \
      const unsigned char *restrict x = row(rows, i) + offset;                                    \
      double *restrict own = sums + i % ADDERS * n;                                               \
      for (ptrdiff_t j = 0; j < n; j++) {                                                         \
        TYPE value;                                                                               \
        memcpy(&value, x + j * size, sizeof value);                                               \
        const double d = (double)value - center[j];                                               \
        own[j] += TERM;                                                                           \
      }                                                                                           \
    }                                                                                             \
  }

/* y = (x - mean) scale within the limits, for n numbers. */
#define STANDARDIZE(NAME, TYPE)                                                                   \
  CK_TARGET static inline void row_##NAME(const unsigned char *restrict x, ptrdiff_t n,           \
                                          const double *restrict mean,                            \
                                          const double *restrict scale, float limit,              \
                                          unsigned char *restrict y) {                            \
    for (ptrdiff_t j = 0; j < n; j++) {                                                           \
      TYPE value;                                                                                 \
      memcpy(&value, x + j * (ptrdiff_t)sizeof value, sizeof value);                              \
      float z = (float)(((double)value - mean[j]) * scale[j]);                                    \
      z = z < -limit ? -limit : z;                                                                \
      z = z > limit ? limit : z;                                                                  \
      memcpy(y + j * (ptrdiff_t)sizeof z, &z, sizeof z);                                          \
    }                                                                                             \
  }                                                                                               \
  CK_TARGET static void NAME(const ck_rows *rows, ptrdiff_t offset, ptrdiff_t n,                  \
                             const double *mean, const double *scale, float limit,                \
                             unsigned char *y, ptrdiff_t y_row_bytes) {                           \
    const ptrdiff_t size = (ptrdiff_t)sizeof(TYPE), floats = (ptrdiff_t)sizeof(float);            \
    ptrdiff_t i = 0;                                                                              \
    if (!rows->index && rows->row_bytes == n * size && y_row_bytes == n * floats && n <= SHORT) { \
      double means[SHORT * ADDERS], scales[SHORT * ADDERS];                                       \
      repeat(n, mean, means);                                                                     \
      repeat(n, scale, scales);                                                                   \
      for (; i + ADDERS <= rows->count; i += ADDERS)                                              \
        row_##NAME(rows->rows + i * n * size, ADDERS * n, means, scales, limit,                   \
                   y + i * n * floats);                                                           \
    }                                                                                             \
    for (; i < rows->count; i++)                                                                  \
      row_##NAME(row(rows, i) + offset, n, mean, scale, limit, y + lane(rows, i) * y_row_bytes);  \
  }

/* Rows of so few numbers are gone through several at a time. */
enum { SHORT = 32 };

static inline void repeat(ptrdiff_t n, const double *x, double *y) {
  for (ptrdiff_t i = 0; i < ADDERS; i++) memcpy(y + i * n, x, (size_t)n * sizeof(double));
}

#define EACH(NAME, TYPE)               \
  ADD(values_##NAME, TYPE, d)          \
  ADD(squares_##NAME, TYPE, d * d)     \
  STANDARDIZE(standard_##NAME, TYPE)

EACH(f32, float)
EACH(u8, uint8_t)
EACH(i8, int8_t)
EACH(u16, uint16_t)
EACH(i16, int16_t)
EACH(u32, uint32_t)
EACH(i32, int32_t)
EACH(i64, int64_t)

/* Runs one of the functions above. */
#define CHOOSE(FUNCTION, ...)                             \
  switch (element) {                                      \
    case CK_F32: FUNCTION##_f32(&rows, __VA_ARGS__); break; \
    case CK_U8: FUNCTION##_u8(&rows, __VA_ARGS__); break;   \
    case CK_I8: FUNCTION##_i8(&rows, __VA_ARGS__); break;   \
    case CK_U16: FUNCTION##_u16(&rows, __VA_ARGS__); break; \
    case CK_I16: FUNCTION##_i16(&rows, __VA_ARGS__); break; \
    case CK_U32: FUNCTION##_u32(&rows, __VA_ARGS__); break; \
    case CK_I32: FUNCTION##_i32(&rows, __VA_ARGS__); break; \
    case CK_I64: FUNCTION##_i64(&rows, __VA_ARGS__); break; \
  }

static void add_lanes(ptrdiff_t n, const double *sums, double *total) {
  for (ptrdiff_t j = 0; j < n; j++)
    total[j] = (sums[j] + sums[n + j]) + (sums[2 * n + j] + sums[3 * n + j]);
}

void ck_moments(ck_rows rows, ck_element element, ptrdiff_t offset, ptrdiff_t n, double *mean,
                double *squares, double *work) {
  double *sums = work, *center = work + ADDERS * n;
  memset(work, 0, (size_t)(2 * ADDERS * n) * sizeof(double));
  CHOOSE(values, offset, n, center, sums)
  add_lanes(n, sums, mean);
  for (ptrdiff_t j = 0; j < n; j++) mean[j] /= (double)rows.count;
  repeat(n, mean, center);
  memset(sums, 0, (size_t)(ADDERS * n) * sizeof(double));
  CHOOSE(squares, offset, n, center, sums)
  add_lanes(n, sums, squares);
}

void ck_standardize(ck_rows rows, ck_element element, ptrdiff_t offset, ptrdiff_t n,
                    const double *mean, const double *scale, float limit, unsigned char *y,
                    ptrdiff_t y_row_bytes) {
  CHOOSE(standard, offset, n, mean, scale, limit, y, y_row_bytes)
}

void ck_store_column(const float *values, const int32_t *index, ptrdiff_t count, unsigned char *y,
                     ptrdiff_t y_row_bytes) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const ptrdiff_t at = index ? (ptrdiff_t)index[i] : i;
    memcpy(y + at * y_row_bytes, values + at, sizeof *values);
  }
}

void ck_copy_field(ck_rows rows, ptrdiff_t bytes, unsigned char *y, ptrdiff_t y_row_bytes) {
  for (ptrdiff_t i = 0; i < rows.count; i++)
    memcpy(y + lane(&rows, i) * y_row_bytes, row(&rows, i), (size_t)bytes);
}

void ck_push_frame(ck_rows rows, const unsigned char *before, ptrdiff_t outer, ptrdiff_t bytes,
                   ptrdiff_t frames, unsigned char *y, ptrdiff_t y_row_bytes) {
  const size_t kept = (size_t)(bytes * (frames - 1));
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const unsigned char *x = row(&rows, i);
    const ptrdiff_t at = lane(&rows, i) * y_row_bytes;
    for (ptrdiff_t o = 0; o < outer; o++) {
      const ptrdiff_t stack = at + o * bytes * frames;
      memcpy(y + stack, before + stack + bytes, kept);
      memcpy(y + stack + kept, x + o * bytes, (size_t)bytes);
    }
  }
}

void ck_fill_frames(ck_rows rows, ptrdiff_t outer, ptrdiff_t bytes, ptrdiff_t frames,
                    unsigned char *y, ptrdiff_t y_row_bytes) {
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    const unsigned char *x = row(&rows, i);
    unsigned char *own = y + lane(&rows, i) * y_row_bytes;
    for (ptrdiff_t o = 0; o < outer; o++)
      for (ptrdiff_t f = 0; f < frames; f++)
        memcpy(own + (o * frames + f) * bytes, x + o * bytes, (size_t)bytes);
  }
}
