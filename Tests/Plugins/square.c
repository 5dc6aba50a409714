/* numpy_square.h gives what pow(x, 2) and powf(x, 2) give, on numbers that are random, near powers of two, or extreme.
 *
 *     square */
#include "../../plugins/numpy_square.h"
#include <stdio.h>

static unsigned tried, wrong, roundings;

static void try_one(double x) {
    double power = pow(x, numpy_two), product = x * x, seen = numpy_square(x);
    float x32 = (float)x, power32 = powf(x32, (float)numpy_two), seen32 = numpy_square32(x32);
    tried++;
    roundings += power != product;
    if (memcmp(&seen, &power, sizeof seen) == 0 && memcmp(&seen32, &power32, sizeof seen32) == 0) return;
    wrong++;
    fprintf(stderr, "%a: %a, should be %a; in 32 bits %a, should be %a\n", x, seen, power, seen32, power32);
}

int main(void) {
    static const double scales[] = { 1, 4, 100, 1e-3, 1e-150, 1e150 };
    static const double extremes[] = { 0, 1e-300, 1e-170, 1.5e-154, 1e-162, 1e300, 1e154, INFINITY };
    uint64_t state = 1;
    int k, scale, offset;
    for (scale = 0; scale < 6; scale++)
        for (k = 0; k < 300000; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            try_one(((double)(state >> 11) * 0x1p-52 - 1) * scales[scale]);
        }
    for (k = -60; k <= 60; k++) /* squares that round to powers of two, from both sides */
        for (offset = -50; offset <= 50; offset++) try_one(sqrt(ldexp(1, k)) * (1 + offset * 0x1p-52));
    for (k = 0; k < 8; k++) {
        try_one(extremes[k]);
        try_one(-extremes[k]);
    }
    printf("%u squares, of which %u are not the product\n", tried, roundings);
    return wrong > 0;
}
