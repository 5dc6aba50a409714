/* A host in plain C: the least that a correct one does around the plugin's own functions. */
#include "CBench.h"

#include "rlenv.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cb_loop {
  void *library;
  const rlenv_plugin_v1 *plugin;
  const rlenv_env *env;
  rlenv_instance *instance;
  rlenv_host host;
  rlenv_value *options;
  rlenv_batch batch;
  rlenv_rows act, obs;
  rlenv_error error;
  uint32_t lanes, limit;
  uint32_t *length; /* [lanes] steps of the episode that the lane is in */
  uint32_t *ended;  /* [lanes] which lanes the last step ended */
  uint64_t *seeds;  /* [lanes] */
  uint64_t resets;
  bool initialised;
};

static void be_silent(const rlenv_host *host, int32_t level, const char *message) {
  (void)host, (void)level, (void)message;
}

static const void *no_extension(const rlenv_host *host, const char *id) {
  (void)host, (void)id;
  return NULL;
}

static cb_loop *fail(cb_loop *loop, const char *reason, char *message, size_t capacity) {
  snprintf(message, capacity, "%s", reason);
  cb_loop_close(loop);
  return NULL;
}

static rlenv_value default_value(const rlenv_option *option) {
  rlenv_value value = {0, 0, option->def ? option->def : ""};
  switch (option->type) {
    case RLENV_OPTION_TYPE_BOOL:
      value.i = strcmp(value.s, "true") == 0 || strcmp(value.s, "1") == 0;
      value.f = (double)value.i;
      break;
    case RLENV_OPTION_TYPE_INT:
      value.i = strtoll(value.s, NULL, 10);
      value.f = (double)value.i;
      break;
    case RLENV_OPTION_TYPE_FLOAT: value.f = strtod(value.s, NULL); break;
    case RLENV_OPTION_TYPE_ENUM:
      while (option->choices[value.i] && strcmp(option->choices[value.i], value.s) != 0) value.i++;
      break;
    default: break;
  }
  return value;
}

/* A seed for each reset, as a host that promises reproducible episodes gives one. */
static uint64_t next_seed(cb_loop *loop) {
  uint64_t x = ++loop->resets * 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  return (x ^ (x >> 27)) >> 11;
}

static bool reset_lanes(cb_loop *loop, const uint32_t *lanes, uint32_t count) {
  for (uint32_t k = 0; k < count; k++) {
    const uint32_t lane = lanes ? lanes[k] : k;
    loop->seeds[lane] = next_seed(loop);
    loop->length[lane] = 0;
  }
  loop->batch.lanes = lanes;
  loop->batch.count = count;
  loop->batch.seeds = loop->seeds;
  return loop->env->reset(loop->instance, &loop->batch, &loop->error) == RLENV_OK;
}

static bool step_all(cb_loop *loop) {
  loop->batch.lanes = NULL;
  loop->batch.count = loop->lanes;
  loop->batch.seeds = NULL;
  memset(loop->batch.reward, 0, loop->lanes * sizeof *loop->batch.reward);
  memset(loop->batch.flags, 0, loop->lanes);
  return loop->env->step(loop->instance, &loop->batch, &loop->error) == RLENV_OK;
}

/* The lanes whose episode ended, by the plugin's word or by the time limit. */
static uint32_t collect_ended(cb_loop *loop) {
  uint32_t count = 0;
  for (uint32_t lane = 0; lane < loop->lanes; lane++) {
    const bool over_limit = ++loop->length[lane] == loop->limit;
    if (loop->batch.flags[lane] || over_limit) loop->ended[count++] = lane;
  }
  return count;
}

int64_t cb_loop_run(cb_loop *loop, const int32_t *actions, size_t rows, size_t steps) {
  int64_t episodes = 0;
  for (size_t step = 0; step < steps; step++) {
    memcpy(loop->act.data, actions + step % rows * loop->lanes, loop->lanes * sizeof *actions);
    if (!step_all(loop)) return -1;
    const uint32_t count = collect_ended(loop);
    if (count && !reset_lanes(loop, loop->ended, count)) return -1;
    episodes += count;
  }
  return episodes;
}

static const rlenv_env *find(const rlenv_plugin_v1 *plugin, const char *id) {
  for (uint32_t k = 0; k < plugin->envs.count; k++) {
    const rlenv_env *env = (const rlenv_env *)rlenv_at(&plugin->envs, k);
    if (strcmp(env->id, id) == 0) return env;
  }
  return NULL;
}

/* The leaves that this loop can feed; NULL when they are of another kind. */
static const rlenv_leaf *only_observation(const rlenv_env *env) {
  if (env->obs.count != 1 || env->act.count != 1 || env->metrics.count) return NULL;
  const rlenv_leaf *action = (const rlenv_leaf *)env->act.data;
  const bool fits = action->kind == RLENV_KIND_DISCRETE && action->dtype == RLENV_I32 &&
                    action->start == 0 && !(action->flags & RLENV_LEAF_MASKED);
  return fits ? (const rlenv_leaf *)env->obs.data : NULL;
}

static bool allocate(cb_loop *loop, const rlenv_leaf *observation, uint32_t lanes) {
  const size_t row = rlenv_elements(observation) * rlenv_dtype_size(observation->dtype);
  loop->lanes = lanes;
  loop->obs = (rlenv_rows){calloc(lanes, row), row};
  loop->act = (rlenv_rows){calloc(lanes, sizeof(int32_t)), sizeof(int32_t)};
  loop->batch.size = sizeof loop->batch;
  loop->batch.act = &loop->act;
  loop->batch.obs = &loop->obs;
  loop->batch.reward = calloc(lanes, sizeof *loop->batch.reward);
  loop->batch.flags = calloc(lanes, 1);
  loop->length = calloc(lanes, sizeof *loop->length);
  loop->ended = calloc(lanes, sizeof *loop->ended);
  loop->seeds = calloc(lanes, sizeof *loop->seeds);
  loop->options = calloc(loop->env->options.count + 1, sizeof *loop->options);
  return loop->obs.data && loop->act.data && loop->batch.reward && loop->batch.flags &&
         loop->length && loop->ended && loop->seeds && loop->options;
}

static bool start(cb_loop *loop) {
  loop->host = (rlenv_host){sizeof loop->host, RLENV_ABI_MAJOR, RLENV_ABI_MINOR, "rl-bench", "",
                            "",                be_silent,       no_extension};
  if (loop->plugin->init && loop->plugin->init(&loop->host, &loop->error) != RLENV_OK) return false;
  loop->initialised = true;
  for (uint32_t k = 0; k < loop->env->options.count; k++)
    loop->options[k] = default_value((const rlenv_option *)rlenv_at(&loop->env->options, k));
  loop->limit = loop->env->max_episode_steps;
  return loop->env->create(&loop->host, loop->env, loop->options, loop->lanes, &loop->instance,
                           &loop->error) == RLENV_OK &&
         reset_lanes(loop, NULL, loop->lanes);
}

cb_loop *cb_loop_open(const char *path, const char *id, uint32_t lanes, char *message,
                      size_t capacity) {
  cb_loop *loop = calloc(1, sizeof *loop);
  if (!loop) return fail(NULL, "out of memory", message, capacity);
  loop->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!loop->library) return fail(loop, dlerror(), message, capacity);
  loop->plugin = dlsym(loop->library, "rlenv_plugin");
  if (!loop->plugin) return fail(loop, "no symbol rlenv_plugin", message, capacity);
  loop->env = find(loop->plugin, id);
  if (!loop->env) return fail(loop, "the plugin has no such environment", message, capacity);
  const rlenv_leaf *observation = only_observation(loop->env);
  if (!observation) return fail(loop, "spaces that the plain loop cannot feed", message, capacity);
  if (!allocate(loop, observation, lanes)) return fail(loop, "out of memory", message, capacity);
  if (!start(loop)) {
    char reason[sizeof loop->error.message];
    memcpy(reason, loop->error.message, sizeof reason);
    return fail(loop, reason, message, capacity);
  }
  return loop;
}

void cb_loop_close(cb_loop *loop) {
  if (!loop) return;
  if (loop->instance) loop->env->destroy(loop->instance);
  if (loop->initialised && loop->plugin->deinit) loop->plugin->deinit();
  free(loop->options);
  free(loop->seeds);
  free(loop->ended);
  free(loop->length);
  free(loop->batch.flags);
  free(loop->batch.reward);
  free(loop->act.data);
  free(loop->obs.data);
  if (loop->library) dlclose(loop->library);
  free(loop);
}
