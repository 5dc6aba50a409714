/* A minimal host for the tests: loads a plugin, owns the buffers, calls reset and step. Failures end the test. */
#ifndef TESTHOST_H
#define TESTHOST_H
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "rlenv.h"
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition, ...)                                          \
    do {                                                               \
        if (!(condition)) {                                            \
            fprintf(stderr, "%s:%d: failed: ", __FILE__, __LINE__);    \
            fprintf(stderr, __VA_ARGS__);                              \
            fprintf(stderr, "\n");                                     \
            exit(1);                                                   \
        }                                                              \
    } while (0)

enum { HOST_LEAVES = 16 };

static inline void host_log(const rlenv_host *host, int32_t level, const char *message) {
    (void)host;
    fprintf(stderr, "plugin log %d: %s\n", (int)level, message);
}
static inline const void *host_extension(const rlenv_host *host, const char *id) {
    (void)host;
    (void)id;
    return NULL;
}
static const rlenv_host the_host = { sizeof(rlenv_host), RLENV_ABI_MAJOR, RLENV_ABI_MINOR, "testhost", "1", "/",
                                     host_log, host_extension };

static inline const rlenv_plugin_v1 *host_load(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const rlenv_plugin_v1 *plugin;
    rlenv_error error = { -1, "" };
    CHECK(library, "%s", dlerror());
    plugin = (const rlenv_plugin_v1 *)dlsym(library, "rlenv_plugin");
    CHECK(plugin && plugin->magic == RLENV_MAGIC && plugin->abi_major == 1 && plugin->needs == 0, "%s: prefix", path);
    if (plugin->init) CHECK(plugin->init(&the_host, &error) == RLENV_OK, "init: %s", error.message);
    return plugin;
}

static inline const rlenv_env *host_find(const rlenv_plugin_v1 *plugin, const char *id) {
    rlenv_error error = { -1, "" };
    uint32_t k;
    for (k = 0; k < plugin->envs.count; k++) {
        const rlenv_env *env = (const rlenv_env *)rlenv_at(&plugin->envs, k);
        if (!id || strcmp(env->id, id) == 0) return env;
    }
    return plugin->find && id ? plugin->find(id, &error) : NULL;
}

static inline rlenv_value host_parse(const rlenv_option *option, const char *text) {
    rlenv_value value = { 0, 0, text };
    switch (option->type) {
    case RLENV_OPTION_TYPE_BOOL: value.i = strcmp(text, "true") == 0 || strcmp(text, "1") == 0; break;
    case RLENV_OPTION_TYPE_INT: value.i = strtoll(text, NULL, 10); break;
    case RLENV_OPTION_TYPE_FLOAT: value.f = strtod(text, NULL); break;
    case RLENV_OPTION_TYPE_ENUM:
        while (option->choices[value.i] && strcmp(option->choices[value.i], text)) value.i++;
        CHECK(option->choices[value.i], "%s has no choice %s", option->key, text);
    }
    if (option->type != RLENV_OPTION_TYPE_FLOAT) value.f = (double)value.i;
    return value;
}

/* settings: "key=value key=value"; the strings stay allocated for the life of the test */
static inline rlenv_value *host_values(const rlenv_env *env, const char *settings) {
    rlenv_value *values = (rlenv_value *)calloc(env->options.count + 1, sizeof *values);
    char *copy = strdup(settings), *word, *rest = copy;
    uint32_t k;
    for (k = 0; k < env->options.count; k++) {
        const rlenv_option *option = (const rlenv_option *)rlenv_at(&env->options, k);
        if (option->def) values[k] = host_parse(option, option->def);
    }
    while ((word = strtok_r(rest, " \n", &rest)) != NULL) {
        char *equals = strchr(word, '=');
        CHECK(equals, "setting %s", word);
        *equals = 0;
        for (k = 0; k < env->options.count; k++) {
            const rlenv_option *option = (const rlenv_option *)rlenv_at(&env->options, k);
            if (strcmp(option->key, word) == 0) break;
        }
        CHECK(k < env->options.count, "no option %s", word);
        values[k] = host_parse((const rlenv_option *)rlenv_at(&env->options, k), equals + 1);
    }
    return values;
}

/* An instance with buffers of its own. */
typedef struct {
    const rlenv_env  *env;
    rlenv_instance   *instance;
    rlenv_description about;
    uint32_t          lanes;
    size_t            mask_length;
    rlenv_rows        obs[HOST_LEAVES], act[HOST_LEAVES];
    double           *reward, *metrics;
    uint8_t          *flags, *mask;
    rlenv_error       error;
} World;

static inline size_t leaf_bytes(const rlenv_leaf *leaf) {
    return (size_t)rlenv_elements(leaf) * rlenv_dtype_size(leaf->dtype);
}
static inline size_t world_rows(const rlenv_list *leaves, uint32_t lanes, rlenv_rows *rows) {
    size_t total = 0;
    uint32_t k;
    CHECK(leaves->count <= HOST_LEAVES, "leaves");
    for (k = 0; k < leaves->count; k++) {
        size_t bytes = leaf_bytes((const rlenv_leaf *)rlenv_at(leaves, k));
        rows[k].stride = bytes;
        rows[k].data = calloc(lanes, bytes);
        total += bytes;
    }
    return total;
}
static inline rlenv_description host_about(const rlenv_env *env) {
    rlenv_description d;
    memset(&d, 0, sizeof d);
    d.size = sizeof d;
    d.flags = env->flags;
    d.max_episode_steps = env->max_episode_steps;
    d.reward_threshold = env->reward_threshold;
    d.reward_min = env->reward_min;
    d.reward_max = env->reward_max;
    d.id = env->id;
    d.doc = env->doc;
    d.obs = env->obs;
    d.act = env->act;
    d.metrics = env->metrics;
    return d;
}
static inline void world_error(World *w) {
    memset(&w->error, 0, sizeof w->error);
    w->error.lane = -1;
}
static inline World world_open(const rlenv_env *env, const rlenv_value *values, uint32_t lanes) {
    World w;
    rlenv_status status;
    memset(&w, 0, sizeof w);
    world_error(&w);
    w.env = env;
    w.lanes = lanes;
    status = env->create(&the_host, env, values, lanes, &w.instance, &w.error);
    CHECK(status == RLENV_OK && w.instance, "create %s: %d %s", env->id, status, w.error.message);
    w.about = host_about(env);
    if (env->describe) CHECK(env->describe(w.instance, &w.about, &w.error) == RLENV_OK, "describe");
    world_rows(&w.about.obs, lanes, w.obs);
    world_rows(&w.about.act, lanes, w.act);
    w.mask_length = (size_t)rlenv_mask_length(&w.about.act);
    w.reward = (double *)calloc(lanes, sizeof(double));
    w.flags = (uint8_t *)calloc(lanes, 1);
    w.mask = (uint8_t *)malloc(lanes * w.mask_length + 1);
    w.metrics = (double *)calloc(lanes * w.about.metrics.count + 1, sizeof(double));
    return w;
}
static inline void world_close(World *w) {
    uint32_t k;
    w->env->destroy(w->instance);
    for (k = 0; k < HOST_LEAVES; k++) {
        free(w->obs[k].data);
        free(w->act[k].data);
    }
    free(w->reward);
    free(w->flags);
    free(w->mask);
    free(w->metrics);
}
static inline rlenv_batch world_batch(World *w, const uint32_t *lanes, uint32_t count) {
    rlenv_batch b;
    uint32_t k, j;
    memset(&b, 0, sizeof b);
    world_error(w);
    b.size = sizeof b;
    b.count = count;
    b.lanes = lanes;
    b.obs = w->obs;
    b.act = w->act;
    b.reward = w->reward;
    b.flags = w->flags;
    b.mask = w->mask_length ? w->mask : NULL;
    b.metrics = w->metrics;
    for (k = 0; k < count; k++) {
        uint32_t lane = rlenv_lane_at(&b, k);
        w->reward[lane] = 0;
        w->flags[lane] = 0;
        memset(w->mask + lane * w->mask_length, 1, w->mask_length);
        for (j = 0; j < w->about.metrics.count; j++) w->metrics[lane * w->about.metrics.count + j] = NAN;
    }
    return b;
}
static inline rlenv_status world_try_reset(World *w, const uint32_t *lanes, uint32_t count, const uint64_t *seeds,
                                    const rlenv_value *options) {
    rlenv_batch b = world_batch(w, lanes, count);
    b.seeds = seeds;
    b.options = options;
    return w->env->reset(w->instance, &b, &w->error);
}
static inline rlenv_status world_try_step(World *w, const uint32_t *lanes, uint32_t count) {
    rlenv_batch b = world_batch(w, lanes, count);
    return w->env->step(w->instance, &b, &w->error);
}
static inline void world_reset(World *w, const uint32_t *lanes, uint32_t count, const uint64_t *seeds) {
    rlenv_status status = world_try_reset(w, lanes, count, seeds, NULL);
    CHECK(status == RLENV_OK, "reset: %d %s", status, w->error.message);
}
static inline void world_step(World *w, const uint32_t *lanes, uint32_t count) {
    rlenv_status status = world_try_step(w, lanes, count);
    CHECK(status == RLENV_OK, "step: %d %s", status, w->error.message);
}

static inline uint64_t fnv(uint64_t hash, const void *data, size_t bytes) {
    const unsigned char *p = (const unsigned char *)data;
    while (bytes--) hash = (hash ^ *p++) * 0x100000001B3ull;
    return hash;
}
#define FNV_START 0xCBF29CE484222325ull
#endif
