/* A plugin of the time of 1.0: the tables row by row, in the order of the fields. Later headers may add fields behind,
 * which are then zero. It counts to three. */
#include "rlenv.h"
#include <math.h>
#include <stdlib.h>

typedef struct { uint32_t lanes; int32_t *taken; } Counter;

static rlenv_status create(const rlenv_host *host, const rlenv_env *env, const rlenv_value *options, uint32_t lanes,
                           rlenv_instance **out, rlenv_error *error) {
    Counter *c = (Counter *)malloc(sizeof *c);
    (void)host, (void)env, (void)options, (void)error;
    if (!c) return RLENV_E_NOMEM;
    c->lanes = lanes;
    c->taken = (int32_t *)calloc(lanes, sizeof *c->taken);
    *out = (rlenv_instance *)c;
    return c->taken ? RLENV_OK : RLENV_E_INTERNAL;
}
static void destroy(rlenv_instance *instance) {
    free(((Counter *)instance)->taken);
    free(instance);
}
static rlenv_status reset(rlenv_instance *instance, const rlenv_batch *b, rlenv_error *error) {
    Counter *c = (Counter *)instance;
    uint32_t k;
    (void)error;
    for (k = 0; k < b->count; k++) {
        uint32_t lane = rlenv_lane_at(b, k);
        c->taken[lane] = 0;
        *(int32_t *)rlenv_row(&b->obs[0], lane) = 0;
    }
    return RLENV_OK;
}
static rlenv_status step(rlenv_instance *instance, const rlenv_batch *b, rlenv_error *error) {
    Counter *c = (Counter *)instance;
    uint32_t k;
    (void)error;
    for (k = 0; k < b->count; k++) {
        uint32_t lane = rlenv_lane_at(b, k);
        *(int32_t *)rlenv_row(&b->obs[0], lane) = ++c->taken[lane];
        b->reward[lane] = *(const int32_t *)rlenv_row(&b->act[0], lane);
        b->flags[lane] = c->taken[lane] == 3 ? RLENV_TERMINATED : 0;
    }
    return RLENV_OK;
}

static const rlenv_leaf obs[] = { { "", RLENV_KIND_DISCRETE, RLENV_I32, 0, 0, { 0 }, 0, 0, NULL, NULL, 4, 0, NULL, NULL,
                                    NULL, "steps taken" } };
static const rlenv_leaf act[] = { { "", RLENV_KIND_DISCRETE, RLENV_I32, 0, 0, { 0 }, 0, 0, NULL, NULL, 2, 0, NULL, NULL,
                                    NULL, "what is paid" } };
static const rlenv_env environments[] = {
    { "Count-v0", "Counts to three.", 0, 0, NAN, 0, 1, { NULL, 0, 0 }, { obs, 1, sizeof obs[0] },
      { act, 1, sizeof act[0] }, { NULL, 0, 0 }, 0, 0, create, destroy, reset, step,
      NULL, NULL, NULL, NULL, NULL, NULL, NULL }
};
const rlenv_plugin_v1 rlenv_plugin = { RLENV_HEADER, 0, "org.example.count", "1.0.0", NULL, NULL, NULL, "Counts",
                                       { environments, 1, sizeof environments[0] }, NULL, NULL, NULL };
