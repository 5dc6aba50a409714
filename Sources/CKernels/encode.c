/* Rows of bytes in an environment's types to rows of floats. */
#include "CKernels.h"

#include <string.h>

/* How far ahead a gather asks for its rows: enough to cover a miss of every cache. */
enum { AHEAD = 8 };

static inline const unsigned char *row(const ck_rows *rows, ptrdiff_t i) {
  return rows->rows + (rows->index ? (ptrdiff_t)rows->index[i] : i) * rows->row_bytes;
}

static inline void prefetch(const ck_rows *rows, ptrdiff_t i, ptrdiff_t offset) {
  if (rows->index && i + AHEAD < rows->count) __builtin_prefetch(row(rows, i + AHEAD) + offset);
}

/* Elements may lie anywhere: memcpy is the load. */
#define NUMBERS(NAME, TYPE)                                                                     \
  static void NAME(const ck_rows *rows, ptrdiff_t offset, ptrdiff_t n, float divisor, float *y,   \
                   ptrdiff_t ldy) {                                                             \
    for (ptrdiff_t i = 0; i < rows->count; i++) {                                               \
      const unsigned char *x = row(rows, i) + offset;                                           \
      prefetch(rows, i, offset);                                                                \
      for (ptrdiff_t j = 0; j < n; j++) {                                                       \
        TYPE value;                                                                             \
        memcpy(&value, x + j * (ptrdiff_t)sizeof value, sizeof value);                          \
        y[i * ldy + j] = (float)value / divisor;                                                  \
      }                                                                                         \
    }                                                                                           \
  }

NUMBERS(numbers_f32, float)
NUMBERS(numbers_u8, uint8_t)
NUMBERS(numbers_i8, int8_t)
NUMBERS(numbers_u16, uint16_t)
NUMBERS(numbers_i16, int16_t)
NUMBERS(numbers_u32, uint32_t)
NUMBERS(numbers_i32, int32_t)
NUMBERS(numbers_i64, int64_t)

/* Floats as they are; rows of a size that is known are copied without a call. */
static void copy_f32(const ck_rows *rows, ptrdiff_t offset, ptrdiff_t n, float *y, ptrdiff_t ldy) {
#define COPY(BYTES)                                                        \
  for (ptrdiff_t i = 0; i < rows->count; i++) {                            \
    prefetch(rows, i, offset);                                             \
    memcpy(y + i * ldy, row(rows, i) + offset, (size_t)(BYTES));           \
  }
  switch (n) {
    case 2: COPY(8) break;
    case 3: COPY(12) break;
    case 4: COPY(16) break;
    case 6: COPY(24) break;
    default: COPY(n * (ptrdiff_t)sizeof *y) break;
  }
#undef COPY
}

void ck_encode_numbers(ck_rows rows, ck_element element, ptrdiff_t offset, ptrdiff_t n,
                       float divisor, float *y, ptrdiff_t ldy) {
  if (element == CK_F32 && divisor == 1) {
    copy_f32(&rows, offset, n, y, ldy);
    return;
  }
  switch (element) {
    case CK_F32: numbers_f32(&rows, offset, n, divisor, y, ldy); break;
    case CK_U8: numbers_u8(&rows, offset, n, divisor, y, ldy); break;
    case CK_I8: numbers_i8(&rows, offset, n, divisor, y, ldy); break;
    case CK_U16: numbers_u16(&rows, offset, n, divisor, y, ldy); break;
    case CK_I16: numbers_i16(&rows, offset, n, divisor, y, ldy); break;
    case CK_U32: numbers_u32(&rows, offset, n, divisor, y, ldy); break;
    case CK_I32: numbers_i32(&rows, offset, n, divisor, y, ldy); break;
    case CK_I64: numbers_i64(&rows, offset, n, divisor, y, ldy); break;
  }
}

#define LOAD_INTEGER(TYPE)            \
  do {                                \
    TYPE value;                       \
    memcpy(&value, x, sizeof value);  \
    return (int64_t)value;            \
  } while (0)

static int64_t integer(ck_element element, const unsigned char *x) {
  switch (element) {
    case CK_F32: LOAD_INTEGER(float);
    case CK_U8: LOAD_INTEGER(uint8_t);
    case CK_I8: LOAD_INTEGER(int8_t);
    case CK_U16: LOAD_INTEGER(uint16_t);
    case CK_I16: LOAD_INTEGER(int16_t);
    case CK_U32: LOAD_INTEGER(uint32_t);
    case CK_I32: LOAD_INTEGER(int32_t);
    case CK_I64: LOAD_INTEGER(int64_t);
  }
  return 0;
}

ptrdiff_t ck_encode_choice(ck_rows rows, ck_element element, ptrdiff_t offset, int64_t start,
                           ptrdiff_t n, float *y, ptrdiff_t ldy) {
  for (ptrdiff_t i = 0; i < rows.count; i++) {
    prefetch(&rows, i, offset);
    /* unsigned: a value below the start is as far out as one above the end */
    const uint64_t choice =
        (uint64_t)integer(element, row(&rows, i) + offset) - (uint64_t)start;
    if (choice >= (uint64_t)n) return i;
    memset(y + i * ldy, 0, (size_t)n * sizeof(float));
    y[i * ldy + (ptrdiff_t)choice] = 1;
  }
  return -1;
}
