/* An environment of rlenv_simple.h that, with -DCASE='"name"', writes beside its rows or gives an odd answer; run.sh
 * says which words of rlenv-run each case must meet. Without a known name it is in order. */
#include "rlenv_simple.h"
#include <math.h>

typedef struct {
    rlenv_rng rng;
    int taken;
} Stray;

static int is(const char *name) { return strcmp(CASE, name) == 0; }

static void look(const Stray *s, rlenv_cell *c) {
    float *observation = (float *)c->obs[0];
    observation[0] = (float)s->taken / 20;
    observation[1] = (float)rlenv_random((rlenv_rng *)&s->rng);
    if (is("observation-behind")) observation[2] = 1;
    if (is("observation-before")) observation[-1] = 1;
    if (is("mask-behind")) c->mask[4] = 9;
    if (is("mask-before")) c->mask[-1] = 9;
    if (is("metrics-behind")) c->metrics[2] = 5;
    if (is("metrics-before")) c->metrics[-1] = 5;
}
static int stray_reset(Stray *s, rlenv_cell *c) {
    static uint64_t resets = 0;
    if (is("reset-static")) rlenv_rng_seed(&s->rng, ++resets);
    look(s, c);
    return 0;
}
static int stray_step(Stray *s, rlenv_cell *c) {
    static const Stray *first = NULL;
    static uint64_t steps = 0;
    if (!first) first = s;
    if (is("neighbour") && s == first) c->metrics[2] = 5;
    s->taken++;
    look(s, c);
    c->mask[s->taken % 4] = 0;
    c->metrics[0] = s->taken;
    c->reward = 1;
    if (is("reward-static")) c->reward = (double)++steps;
    if (is("status-unlisted")) return -77;
    if (is("status-lane")) return RLENV_E_IO;
    if (is("flags-unknown")) return 7;
    if (is("flags-large")) return 256;
    if (c->opt || c->shared) return RLENV_E_FATAL; /* there are none */
    return s->taken == 20 ? RLENV_TERMINATED : 0;
}
RLENV_SIMPLE(Stray, stray_reset, stray_step)

static const rlenv_leaf observation[] = { RLENV_BOX("", RLENV_F32, 0, 1, "steps and noise", 2) };
static const rlenv_leaf action[] = { RLENV_DISCRETE_MASKED("", 4, "any") };
static const rlenv_metric metrics[] = { RLENV_METRIC("taken", RLENV_LAST, "steps"),
                                        RLENV_METRIC("silent", RLENV_LAST, "never written") };
#ifndef ID
#define ID "Stray-v0"
#endif
static const rlenv_env environments[] = {
    RLENV_ENV(ID, "An environment that may write beside its rows.", 0, 0, NAN, 0, 0, RLENV_EMPTY,
              RLENV_LIST(observation), RLENV_LIST(action), RLENV_LIST(metrics), RLENV_SIMPLE_CALLS(Stray))
};
RLENV_SIMPLE_PLUGIN(environments, "org.example.stray", "0.1.0", "Tests of the plain C host")
