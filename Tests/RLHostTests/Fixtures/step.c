/* A walk on a line whose step does what STEP says, such as abort() or usleep(2000). */
#define _DEFAULT_SOURCE
#include "rlenv_simple.h"
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    rlenv_rng rng;
    int cell;
} Walk;

static int walk_reset(Walk *s, rlenv_cell *c) {
    s->cell = 4;
    *(float *)c->obs[0] = (float)s->cell;
    return 0;
}

static int walk_step(Walk *s, rlenv_cell *c) {
    STEP;
    s->cell += rlenv_random(&s->rng) < 0.5 ? 1 : -1;
    *(float *)c->obs[0] = (float)s->cell;
    c->reward = 1;
    return s->cell == 0 || s->cell == 8 ? RLENV_TERMINATED : 0;
}
RLENV_SIMPLE(Walk, walk_reset, walk_step)

static const rlenv_leaf observation[] = { RLENV_BOX("", RLENV_F32, 0, 8, "the cell", 1) };
static const rlenv_leaf action[] = { RLENV_DISCRETE("", 2, "nothing") };
static const rlenv_env environments[] = { RLENV_ENV("Step-v0", "A walk.", 0, 100, 50, 0, 1, RLENV_EMPTY,
                                                    RLENV_LIST(observation), RLENV_LIST(action), RLENV_EMPTY,
                                                    RLENV_SIMPLE_CALLS(Walk)) };
RLENV_SIMPLE_PLUGIN(environments, "org.example.step", "0.1.0", "A walk")
