/* The kernels for AVX2 and FMA, 16 registers of 8 floats, and for NEON, 32 of 4. */
#include "lanes.h"

#if defined(__x86_64__)
#define CK_TARGET __attribute__((target("avx2,fma,bmi2")))
#define CK_WIDTH 8
#define CK_STRIP 2
#else
#define CK_TARGET
#define CK_WIDTH 4
#define CK_STRIP 4
#endif
/* Vectors of 16 lanes are passed only between functions that are always inlined: there is no call
   whose convention could differ. */
#pragma clang diagnostic ignored "-Wpsabi"

#define CK_TABLE ck_narrow_table
#define CK_STRIP_ROWS 6
#define CK_NARROW_ROWS 6

#include "product_body.h"
#include "peak_body.h"
#include "elementwise_body.h"
#include "narrow_body.h"
#include "head_body.h"
#include "loss_body.h"
#include "table_body.h"
