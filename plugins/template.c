/* template.c - the smallest complete environment. Copy it, rename it, make it yours.
 *
 *     cc -shared -fPIC -O2 -Wall -Wextra -Iinclude plugins/template.c -o plugins/template.so -lm
 *
 * A walker on a line of nine cells starts in the middle and should reach the right end. */
#include "rlenv_simple.h"
#include <math.h>

typedef struct {
    rlenv_rng rng; /* must come first; seeded for you */
    int cell;      /* 0 ... 8 */
} Walk;

enum { SLIP }; /* the options, in the order of the table below */

static void look(const Walk *s, rlenv_cell *c) {
    float *observation = (float *)c->obs[0];
    observation[0] = (float)(s->cell - 4) / 4.0f;
}

static int walk_reset(Walk *s, rlenv_cell *c) {
    s->cell = 4;
    look(s, c);
    return 0;
}

static int walk_step(Walk *s, rlenv_cell *c) {
    int right = *(const int32_t *)c->act[0] == 1;
    if (rlenv_random(&s->rng) < c->opt[SLIP].f) right = !right;
    s->cell += right ? 1 : -1;
    look(s, c);
    c->reward = s->cell == 8 ? 1.0 : 0.0;
    return s->cell == 0 || s->cell == 8 ? RLENV_TERMINATED : 0;
}
RLENV_SIMPLE(Walk, walk_reset, walk_step)

static const rlenv_leaf observation[] = { RLENV_BOX("", RLENV_F32, -1, 1, "where the walker is, -1 left, 1 right", 1) };
static const rlenv_leaf action[] = { RLENV_DISCRETE("", 2, "0 left, 1 right") };
static const rlenv_option options[] = {
    RLENV_OPTION_FLOAT("slip", "0.1", 0, 1, "probability of a step to the other side")
};

static const rlenv_env environments[] = {
    RLENV_ENV("Walk-v0", "Reach the right end of a line.", 0, 100 /* steps at most */, 0.9 /* solved */, 0, 1,
              RLENV_LIST(options), RLENV_LIST(observation), RLENV_LIST(action), RLENV_EMPTY,
              RLENV_SIMPLE_CALLS(Walk))
};
RLENV_SIMPLE_PLUGIN(environments, "org.example.walk", "0.1.0", "A walk on a line")
