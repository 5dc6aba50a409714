/* What the contract promises, on every environment of a plugin that says nothing else: the same bits for any number
 * of lanes, lane and order; rows of other lanes untouched; every byte of an observation written; a seeded reset that
 * erases what was before; instances in several threads; snapshots that go on in another lane.
 *
 *     properties PLUGIN.so */
#include "testhost.h"
#include <pthread.h>

enum { STEPS = 120, MANY = 7, LANE = 4 };

static uint64_t taste(const World *w, uint32_t lane, uint32_t element) {
    uint64_t hash = fnv(FNV_START, &element, sizeof element);
    return fnv(hash, rlenv_row(&w->obs[0], lane), w->obs[0].stride) >> 17;
}
/* An action that follows from the observation alone, inside its space and its mask. */
static void act(World *w, uint32_t lane) {
    const uint8_t *mask = w->mask + lane * w->mask_length;
    uint32_t k, j;
    for (k = 0; k < w->about.act.count; k++) {
        const rlenv_leaf *leaf = (const rlenv_leaf *)rlenv_at(&w->about.act, k);
        void *row = rlenv_row(&w->act[k], lane);
        for (j = 0; j < rlenv_elements(leaf); j++) {
            uint64_t t = taste(w, lane, j);
            if (leaf->kind == RLENV_KIND_BOX) {
                CHECK(leaf->dtype == RLENV_F32, "an action of this type is not in this test");
                ((float *)row)[j] = (float)(leaf->low + (leaf->high - leaf->low) * (double)(t % 1000) / 1000);
            } else {
                uint64_t n = (uint64_t)(leaf->kind == RLENV_KIND_DISCRETE ? leaf->n : leaf->nvec[j]), value = t % n;
                int64_t start = leaf->kind == RLENV_KIND_DISCRETE ? leaf->start : leaf->starts ? leaf->starts[j] : 0;
                CHECK(leaf->dtype == RLENV_I32, "an action of this type is not in this test");
                if (leaf->flags & RLENV_LEAF_MASKED) {
                    while (!mask[value]) value = (value + 1) % n;
                    mask += n;
                }
                ((int32_t *)row)[j] = (int32_t)(start + (int64_t)value);
            }
        }
    }
}
static uint64_t look(const World *w, uint32_t lane, uint64_t hash) {
    uint32_t k;
    for (k = 0; k < w->about.obs.count; k++) hash = fnv(hash, rlenv_row(&w->obs[k], lane), w->obs[k].stride);
    hash = fnv(hash, w->mask + lane * w->mask_length, w->flags[lane] & RLENV_TERMINATED ? 0 : w->mask_length);
    hash = fnv(hash, w->metrics + lane * w->about.metrics.count, w->about.metrics.count * sizeof(double));
    hash = fnv(hash, &w->reward[lane], sizeof(double));
    return fnv(hash, &w->flags[lane], 1);
}
static void fill(World *w, int byte) {
    uint32_t k;
    for (k = 0; k < w->about.obs.count; k++) memset(w->obs[k].data, byte, w->obs[k].stride * w->lanes);
}
static void untouched(const World *w, uint32_t but, int byte) {
    uint32_t k, lane;
    size_t j;
    for (k = 0; k < w->about.obs.count; k++)
        for (lane = 0; lane < w->lanes; lane++)
            for (j = 0; lane != but && j < w->obs[k].stride; j++)
                CHECK(((uint8_t *)rlenv_row(&w->obs[k], lane))[j] == byte, "%s: lane %u was not listed", w->env->id,
                      lane);
}
/* One lane alone for some episodes; the rest of the world is filled with a byte. */
static uint64_t play(World *w, uint32_t lane, uint64_t seed, int byte) {
    uint64_t hash = FNV_START, *seeds = (uint64_t *)calloc(w->lanes, sizeof *seeds);
    int step;
    w->flags[lane] = 1;
    for (step = 0; step < STEPS; step++) {
        int ended = w->flags[lane] != 0;
        seeds[lane] = seed++;
        if (!ended) act(w, lane);
        fill(w, byte);
        if (ended) world_reset(w, &lane, 1, seeds);
        else world_step(w, &lane, 1);
        untouched(w, lane, byte);
        hash = look(w, lane, hash);
    }
    free(seeds);
    return hash;
}
/* All lanes at once, each with the seeds that play() would use: the answer is that of one lane. */
static uint64_t play_together(World *w, uint32_t lane, uint64_t seed) {
    uint64_t hash = FNV_START, seeds[MANY];
    uint32_t ended[MANY], running[MANY], n_ended, n_running, k;
    int step;
    for (k = 0; k < MANY; k++) seeds[k] = seed + 1000 * (k + MANY - lane) - 7000, w->flags[k] = 1;
    for (step = 0; step < STEPS; step++) {
        for (k = n_ended = n_running = 0; k < MANY; k++)
            if (w->flags[k]) ended[n_ended++] = k;
            else act(w, k), running[n_running++] = k;
        if (n_ended) world_reset(w, ended, n_ended, seeds);
        if (n_running) world_step(w, running, n_running);
        for (k = 0; k < MANY; k++) seeds[k]++;
        hash = look(w, lane, hash);
    }
    return hash;
}
static void snapshots(World *w, uint64_t seed) {
    uint32_t from = 1, to = 5;
    uint64_t seeds[MANY] = { 0 };
    size_t bytes = 0, capacity = w->env->snapshot_size(w->instance), k;
    char *buffer = (char *)malloc(capacity);
    int step;
    for (step = 0; step < 40; step++) {
        seeds[from] = seed + (uint64_t)step;
        if (step == 0 || w->flags[from]) world_reset(w, &from, 1, seeds);
        else act(w, from), world_step(w, &from, 1);
        if (w->flags[from]) continue;
        CHECK(w->env->save(w->instance, from, buffer, capacity, &bytes, &w->error) == RLENV_OK, "save");
        CHECK(bytes <= capacity, "snapshot_size is too small");
        CHECK(w->env->load(w->instance, to, buffer, bytes, &w->error) == RLENV_OK, "load: %s", w->error.message);
        for (k = 0; k < w->about.obs.count; k++)
            memcpy(rlenv_row(&w->obs[k], to), rlenv_row(&w->obs[k], from), w->obs[k].stride);
        if (w->mask_length) memcpy(w->mask + to * w->mask_length, w->mask + from * w->mask_length, w->mask_length);
        act(w, from);
        act(w, to);
        world_step(w, &from, 1);
        world_step(w, &to, 1);
        CHECK(look(w, from, 0) == look(w, to, 0), "%s: a snapshot goes on differently", w->env->id);
    }
    CHECK(w->env->load(w->instance, to, buffer, bytes - 1, &w->error) == RLENV_E_ARG, "a short snapshot");
    free(buffer);
}

/* Two instances in two threads at once. */
typedef struct { const rlenv_env *env; uint64_t hash; } Task;
static void *run(void *argument) {
    Task *task = (Task *)argument;
    World w = world_open(task->env, host_values(task->env, ""), 2);
    task->hash = play(&w, 1, 500, 0x11);
    world_close(&w);
    return NULL;
}
static void together(const rlenv_env *env, uint64_t expected) {
    Task tasks[2] = { { env, 0 }, { env, 0 } };
    pthread_t threads[2];
    int k;
    for (k = 0; k < 2; k++) CHECK(pthread_create(&threads[k], NULL, run, &tasks[k]) == 0, "a thread");
    for (k = 0; k < 2; k++) pthread_join(threads[k], NULL);
    for (k = 0; k < 2; k++) CHECK(tasks[k].hash == expected, "%s: instances in threads differ", env->id);
}

int main(int count, char **arguments) {
    const rlenv_plugin_v1 *plugin;
    uint32_t k;
    CHECK(count == 2, "usage: properties PLUGIN.so");
    plugin = host_load(arguments[1]);
    for (k = 0; k < plugin->envs.count; k++) {
        const rlenv_env *env = (const rlenv_env *)rlenv_at(&plugin->envs, k);
        World alone = world_open(env, host_values(env, ""), 1), many = world_open(env, host_values(env, ""), MANY);
        uint64_t expected = play(&alone, 0, 500, 0x00);
        CHECK(play(&many, LANE, 500, 0xA5) == expected, "%s: lanes, or bytes that were not written, matter", env->id);
        CHECK(play(&alone, 0, 500, 0x5A) == expected, "%s: a seeded reset does not erase what was before", env->id);
        CHECK(play_together(&many, LANE, 500) == expected, "%s: the other lanes matter", env->id);
        together(env, expected);
        if (env->save) snapshots(&many, 77);
        world_close(&alone);
        world_close(&many);
    }
    printf("%u environments keep the contract\n", (unsigned)plugin->envs.count);
    return 0;
}
