/* Options at reset, on CartPole's low and high: they hold for the listed lanes until changed, travel with snapshots,
 * and a value that the environment cannot use fails one lane alone.
 *
 *     options cartpole.so */
#include "testhost.h"

enum { LANES = 3 };

static int starts_between(const World *w, uint32_t lane, double low, double high) {
    const float *x = (const float *)rlenv_row(&w->obs[0], lane);
    int k, inside = 1;
    for (k = 0; k < 4; k++) inside = inside && x[k] >= (float)low && x[k] <= (float)high;
    return inside;
}

int main(int count, char **arguments) {
    const rlenv_env *env;
    const uint32_t one = 1, two = 2;
    uint64_t seeds[LANES] = { 1, 2, 3 };
    rlenv_value *values, *each;
    char snapshot[4096];
    size_t bytes, n, k;
    rlenv_status status;
    World w, other;
    CHECK(count == 2, "usage: options cartpole.so");
    env = host_find(host_load(arguments[1]), "CartPole-v1");
    n = env->options.count;
    values = host_values(env, "low=0.2 high=0.21");
    each = (rlenv_value *)calloc(LANES * n, sizeof *each);
    for (k = 0; k < LANES; k++) memcpy(each + k * n, host_values(env, ""), n * sizeof *each);
    memcpy(each + 1 * n, values, n * sizeof *each);
    w = world_open(env, host_values(env, ""), LANES);

    CHECK(world_try_reset(&w, NULL, LANES, seeds, each) == RLENV_OK, "reset: %s", w.error.message);
    CHECK(starts_between(&w, 1, 0.2, 0.21), "lane 1 has its own bounds");
    CHECK(starts_between(&w, 0, -0.05, 0.05) && starts_between(&w, 2, -0.05, 0.05), "the other lanes have the default");
    world_reset(&w, NULL, LANES, seeds);
    CHECK(starts_between(&w, 1, 0.2, 0.21), "the bounds hold when a reset gives none");
    CHECK(starts_between(&w, 0, -0.05, 0.05), "the default holds too");

    CHECK(env->save(w.instance, 1, snapshot, sizeof snapshot, &bytes, &w.error) == RLENV_OK, "save");
    CHECK(env->load(w.instance, 2, snapshot, bytes, &w.error) == RLENV_OK, "load: %s", w.error.message);
    world_reset(&w, &two, 1, seeds);
    CHECK(starts_between(&w, 2, 0.2, 0.21), "the bounds came with the snapshot");
    other = world_open(env, host_values(env, "gravity=1.6"), 1);
    status = env->load(other.instance, 0, snapshot, bytes, &other.error);
    CHECK(status == RLENV_E_ARG && strstr(other.error.message, "gravity"), "a snapshot of another world: %d", status);

    for (k = 0; k < n; k++)
        if (strcmp(((const rlenv_option *)rlenv_at(&env->options, (uint32_t)k))->key, "low") == 0) each[n + k].f = 0.9;
    status = world_try_reset(&w, NULL, LANES, seeds, each);
    CHECK(status == RLENV_E_LANE && w.error.lane == 1 && strstr(w.error.message, "low (0.9)"), "%d %s", status,
          w.error.message);
    CHECK(w.flags[0] == 0 && w.flags[1] == RLENV_FAULT && w.flags[2] == 0, "only lane 1 has failed");
    CHECK(world_try_step(&w, &one, 1) == RLENV_E_STATE, "a failed lane is not stepped");
    world_step(&w, &two, 1);
    memcpy(each + n, host_values(env, ""), n * sizeof *each);
    CHECK(world_try_reset(&w, &one, 1, seeds, each) == RLENV_OK, "a seeded reset mends it: %s", w.error.message);
    world_step(&w, NULL, LANES);
    world_close(&w);
    world_close(&other);
    printf("options at reset hold\n");
    return 0;
}
