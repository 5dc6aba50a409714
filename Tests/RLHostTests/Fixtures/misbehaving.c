/* misbehaving.c - a walk that does what CASE says, to see how the host takes it.
 *
 * QUIET behaves. NAN_REWARD pays NaN at the 300th step of the process. NOISY prints on the standard output
 * in every call. GLOBAL declares that it can have one instance only. ENORMOUS pays so much that the square of an
 * error is infinite. FAULT gives up every step with a message, FAULT_LATE every second episode; SEGV and ABORT
 * crash at the 50th step. */
#include "rlenv_simple.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { QUIET, NAN_REWARD, NOISY, GLOBAL, ENORMOUS, FAULT, FAULT_LATE, SEGV, ABORT };
#ifndef CASE
#define CASE QUIET
#endif

typedef struct {
    rlenv_rng rng;
    int cell; /* 0 ... 8 */
} Walk;

static void look(const Walk *s, rlenv_cell *c) {
    ((float *)c->obs[0])[0] = (float)(s->cell - 4) / 4.0f;
    if (CASE == NOISY) {
        puts("{\"noise\":true}");
        fflush(stdout);
    }
}

static int walk_reset(Walk *s, rlenv_cell *c) {
    s->cell = 4;
    look(s, c);
    return 0;
}

static int walk_step(Walk *s, rlenv_cell *c) {
    static int steps;
    static int *volatile nowhere;
    s->cell += *(const int32_t *)c->act[0] == 1 ? 1 : -1;
    look(s, c);
    c->reward = s->cell == 8 ? 1.0 : 0.0;
    if (CASE == ENORMOUS) c->reward = 1e38;
    if (CASE == NAN_REWARD && ++steps >= 300) c->reward = NAN;
    if (CASE == FAULT || (CASE == FAULT_LATE && ++steps % 32 == 0)) {
        snprintf(c->error->message, sizeof c->error->message, "the floor gave way");
        return RLENV_E_STATE;
    }
    if (CASE == SEGV && ++steps == 50) *nowhere = 1;
    if (CASE == ABORT && ++steps == 50) abort();
    return s->cell == 0 || s->cell == 8 ? RLENV_TERMINATED : 0;
}
RLENV_SIMPLE(Walk, walk_reset, walk_step)

static const rlenv_leaf observation[] = { RLENV_BOX("", RLENV_F32, -1, 1, "where the walker is", 1) };
static const rlenv_leaf action[] = { RLENV_DISCRETE("", 2, "0 left, 1 right") };

static const rlenv_env environments[] = {
    RLENV_ENV("Walk-v0", "Walk to the right end of a line.", CASE == GLOBAL ? RLENV_ENV_SINGLE_INSTANCE : 0, 0,
              NAN, 0, 1, RLENV_EMPTY, RLENV_LIST(observation), RLENV_LIST(action), RLENV_EMPTY,
              RLENV_SIMPLE_CALLS(Walk))
};
RLENV_SIMPLE_PLUGIN(environments, "org.rl-host.test.walk", "0.1.0", "A walk for tests")
