/* The kernels for AVX-512: 32 registers of 16 floats. */
#if defined(__x86_64__)

#include "lanes.h"

#define CK_TARGET                                                                               \
  __attribute__((target("avx2,fma,bmi2,avx512f,avx512vl,avx512bw,avx512dq"),                    \
                 min_vector_width(512)))
#define CK_TABLE ck_wide_table
#define CK_WIDTH 16
#define CK_STRIP 4
#define CK_STRIP_ROWS 6
#define CK_NARROW_ROWS 8

#include "product_body.h"
#include "peak_body.h"
#include "elementwise_body.h"
#include "narrow_body.h"
#include "head_body.h"
#include "loss_body.h"
#include "table_body.h"

#else
typedef int ck_wide_is_empty; /* a translation unit must declare something */
#endif
