/* A host of a later minor version, 1.7: its rlenv_host, rlenv_batch and rlenv_description are longer than a plugin of
 * 1.0 knows, and the unknown tails are not zero. The plugin has to give the same results as on a host of 1.0, and
 * must not touch the tails.
 *
 *     growth PLUGIN.so */
#include "testhost.h"

typedef struct { rlenv_host known; uint64_t tail[4]; } NewHost;
typedef struct { rlenv_batch known; uint64_t tail[4]; } NewBatch;
typedef struct { rlenv_description known; uint64_t tail[4]; } NewDescription;
enum { STEPS = 60, LANES = 2 };

static int untouched(const uint64_t *tail) {
    int k;
    for (k = 0; k < 4; k++)
        if (tail[k] != 0xA5A5A5A5A5A5A5A5ull) return 0;
    return 1;
}
static NewBatch grown(rlenv_batch known) {
    NewBatch batch;
    memset(&batch, 0xA5, sizeof batch);
    batch.known = known;
    batch.known.size = sizeof batch;
    return batch;
}
static uint64_t look(World *w, uint64_t hash) {
    uint32_t k;
    for (k = 0; k < w->about.obs.count; k++) hash = fnv(hash, w->obs[k].data, w->obs[k].stride * LANES);
    hash = fnv(hash, w->reward, sizeof(double) * LANES);
    return fnv(fnv(hash, w->flags, LANES), w->mask, w->mask_length * LANES);
}
/* Plays with constant actions; a new host passes what it has grown. */
static uint64_t play(const rlenv_env *env, int is_new) {
    World w = world_open(env, host_values(env, ""), LANES);
    uint64_t hash = FNV_START, seeds[LANES] = { 11, 12 };
    uint32_t lane, k;
    int step;
    for (k = 0; k < w.about.act.count; k++) { /* the first action of each space */
        const rlenv_leaf *leaf = (const rlenv_leaf *)rlenv_at(&w.about.act, k);
        for (lane = 0; lane < LANES; lane++)
            if (leaf->kind == RLENV_KIND_MULTI_DISCRETE && leaf->starts)
                for (step = 0; step < (int)rlenv_elements(leaf); step++)
                    ((int32_t *)rlenv_row(&w.act[k], lane))[step] = (int32_t)leaf->starts[step];
    }
    for (step = 0; step < STEPS; step++) {
        int ended = step == 0 || w.flags[0] || w.flags[1];
        rlenv_batch b = world_batch(&w, NULL, LANES);
        NewBatch larger;
        rlenv_status status;
        b.seeds = step == 0 ? seeds : NULL;
        larger = grown(b);
        status = (ended ? env->reset : env->step)(w.instance, is_new ? &larger.known : &b, &w.error);
        CHECK(status == RLENV_OK, "status %d: %s", status, w.error.message);
        CHECK(untouched(larger.tail), "the plugin has written behind the batch it knows");
        hash = look(&w, hash);
    }
    world_close(&w);
    return hash;
}
static void describe(const rlenv_env *env, const NewHost *host) {
    NewDescription d;
    rlenv_instance *instance = NULL;
    rlenv_error error = { -1, "" };
    memset(&d, 0xA5, sizeof d);
    d.known = host_about(env);
    d.known.size = sizeof d;
    CHECK(env->create(&host->known, env, host_values(env, ""), 1, &instance, &error) == RLENV_OK, "%s", error.message);
    if (env->describe) CHECK(env->describe(instance, &d.known, &error) == RLENV_OK, "describe: %s", error.message);
    CHECK(untouched(d.tail), "describe has written behind the struct it knows");
    CHECK(d.known.size == sizeof d && d.known.obs.count > 0 && d.known.act.count > 0, "describe has lost something");
    env->destroy(instance);
}

int main(int count, char **arguments) {
    NewHost host;
    const rlenv_plugin_v1 *plugin;
    uint32_t k;
    CHECK(count == 2, "usage: growth PLUGIN.so");
    memset(&host, 0xA5, sizeof host);
    host.known = the_host;
    host.known.size = sizeof host;
    host.known.abi_minor = 7;
    plugin = host_load(arguments[1]);
    for (k = 0; k < plugin->envs.count; k++) {
        const rlenv_env *env = (const rlenv_env *)rlenv_at(&plugin->envs, k);
        describe(env, &host);
        CHECK(play(env, 0) == play(env, 1), "%s plays otherwise on a newer host", env->id);
    }
    printf("%u environments play the same on a newer host\n", (unsigned)plugin->envs.count);
    return 0;
}
