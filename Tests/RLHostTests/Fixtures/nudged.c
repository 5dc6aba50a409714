/* nudged.c - CartPole-v1 whose fourth observation is one unit in the last place too large in every step that leaves the
 * pole at more than a tenth of a radian to the right. Its state, rewards and ends are CartPole's. */
#include "rlenv_simple.h"
#include <math.h>

#undef RLENV_SIMPLE_SHARED
#define RLENV_SIMPLE_SHARED(T, SHARED, SETUP, RESET, STEP)                                                        \
static int nudged_step(T *s, rlenv_cell *c) {                                                                     \
    int flags = STEP(s, c);                                                                                       \
    float *o = (float *)c->obs[0];                                                                                \
    if (o[2] > 0.1f) o[3] = nextafterf(o[3], INFINITY);                                                           \
    return flags;                                                                                                 \
}                                                                                                                 \
static int rlenv_of_##T##_setup(void *shared, rlenv_setup *u) { return SETUP((SHARED *)shared, u); }              \
RLENV_SIMPLE_MAKE(T, sizeof(SHARED), rlenv_of_##T##_setup, NULL, RESET, nudged_step)
#include "../../../plugins/cartpole.c"
