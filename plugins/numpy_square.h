/* numpy_square.h - x ** 2 as numpy computes it for one number: with libm's pow(), whose last bit is not always that of
 * a product. For the environments of this folder that are Gymnasium's to the bit.
 *
 * glibc's pow errs by less than 0.54 units in the last place. So it gives the product, correctly rounded, unless the
 * exact square lies close to the middle between two numbers; only there it has to be asked, once in ten times. For
 * powf(x, 2) the margin was tried on every x up to 2: it differs from the product within 0.002 units of the middle. */
#ifndef NUMPY_SQUARE_H
#define NUMPY_SQUARE_H
#include "rlenv.h"
#include <math.h>
#include <string.h>
RLENV_EXACT_FLOATS

/* Volatile, or compilers would make products of the powers. */
static const volatile double numpy_two = 2;

/* 0.45 units in the last place of what lies just below p, for p >= 0; 0 where that is too small to tell. */
static inline double numpy_margin(double p) {
    uint64_t bits;
    memcpy(&bits, &p, sizeof bits);
    bits = (bits - (bits > 0)) & 0x7FF0000000000000ull;
    memcpy(&p, &bits, sizeof bits);
    return p * (0.45 * 0x1p-52);
}
/* What rounding took from the product is exact by Dekker's splitting in halves of 26 bits (1971). */
static inline double numpy_square(double x) {
    double product = x * x, scaled = x * 134217729.0, high = scaled - (scaled - x), low = x - high;
    double lost = high * high - product + 2 * high * low + low * low;
    return fabs(lost) < numpy_margin(product) ? product : pow(x, numpy_two);
}
/* The product of two numbers of 24 bits is exact in 53. */
static inline float numpy_square32(float x) {
    double exact = (double)x * x;
    float product = (float)exact;
    double margin = exact < 0x1p-126 ? 0 : numpy_margin(exact) * 0x1p29;
    return fabs(exact - product) < margin ? product : powf(x, (float)numpy_two);
}
#endif
