/* The layout of version 1.0 on 64-bit systems. Compiled against include/ and against abi-1.0/, the header as it was
 * released: what one of them moves, the compiler finds here. Later versions may only add to it. */
#include "rlenv.h"

#ifdef __cplusplus
#define ASSERT(name, condition) static_assert(condition, #name)
#else
#define ASSERT(name, condition) _Static_assert(condition, #name)
#endif
#define AT(type, field, offset) ASSERT(type##_##field, offsetof(type, field) == (offset))
#define FROZEN(type, bytes) ASSERT(type, sizeof(type) == (bytes))
#define AT_LEAST(type, bytes, constant) ASSERT(type, sizeof(type) >= (bytes) && (constant) == (bytes))
#define VALUE(name, value) ASSERT(name, (long long)(name) == (value))

ASSERT(lp64, sizeof(void *) == 8 && sizeof(size_t) == 8 && sizeof(rlenv_status) == 4);

FROZEN(rlenv_error, 256);
AT(rlenv_error, lane, 0);
AT(rlenv_error, message, 4);
FROZEN(rlenv_list, 16);
AT(rlenv_list, data, 0);
AT(rlenv_list, count, 8);
AT(rlenv_list, stride, 12);
FROZEN(rlenv_value, 24);
AT(rlenv_value, i, 0);
AT(rlenv_value, f, 8);
AT(rlenv_value, s, 16);
FROZEN(rlenv_rows, 16);
AT(rlenv_rows, data, 0);
AT(rlenv_rows, stride, 8);

AT_LEAST(rlenv_leaf, 152, RLENV_SIZE_1_0_LEAF);
AT(rlenv_leaf, name, 0);
AT(rlenv_leaf, kind, 8);
AT(rlenv_leaf, dtype, 12);
AT(rlenv_leaf, flags, 16);
AT(rlenv_leaf, ndim, 20);
AT(rlenv_leaf, shape, 24);
AT(rlenv_leaf, low, 72);
AT(rlenv_leaf, high, 80);
AT(rlenv_leaf, lows, 88);
AT(rlenv_leaf, highs, 96);
AT(rlenv_leaf, n, 104);
AT(rlenv_leaf, start, 112);
AT(rlenv_leaf, nvec, 120);
AT(rlenv_leaf, starts, 128);
AT(rlenv_leaf, labels, 136);
AT(rlenv_leaf, doc, 144);

AT_LEAST(rlenv_option, 56, RLENV_SIZE_1_0_OPTION);
AT(rlenv_option, key, 0);
AT(rlenv_option, type, 8);
AT(rlenv_option, flags, 12);
AT(rlenv_option, def, 16);
AT(rlenv_option, min, 24);
AT(rlenv_option, max, 32);
AT(rlenv_option, choices, 40);
AT(rlenv_option, doc, 48);

AT_LEAST(rlenv_metric, 24, RLENV_SIZE_1_0_METRIC);
AT(rlenv_metric, name, 0);
AT(rlenv_metric, reduce, 8);
AT(rlenv_metric, flags, 12);
AT(rlenv_metric, doc, 16);

AT_LEAST(rlenv_host, 48, RLENV_SIZE_1_0_HOST);
AT(rlenv_host, size, 0);
AT(rlenv_host, abi_major, 4);
AT(rlenv_host, abi_minor, 6);
AT(rlenv_host, name, 8);
AT(rlenv_host, version, 16);
AT(rlenv_host, plugin_dir, 24);
AT(rlenv_host, log, 32);
AT(rlenv_host, extension, 40);

AT_LEAST(rlenv_batch, 80, RLENV_SIZE_1_0_BATCH);
AT(rlenv_batch, size, 0);
AT(rlenv_batch, count, 4);
AT(rlenv_batch, lanes, 8);
AT(rlenv_batch, act, 16);
AT(rlenv_batch, obs, 24);
AT(rlenv_batch, reward, 32);
AT(rlenv_batch, flags, 40);
AT(rlenv_batch, mask, 48);
AT(rlenv_batch, metrics, 56);
AT(rlenv_batch, seeds, 64);
AT(rlenv_batch, options, 72);

AT_LEAST(rlenv_description, 104, RLENV_SIZE_1_0_DESCRIPTION);
AT(rlenv_description, size, 0);
AT(rlenv_description, flags, 4);
AT(rlenv_description, max_episode_steps, 8);
AT(rlenv_description, reward_threshold, 16);
AT(rlenv_description, reward_min, 24);
AT(rlenv_description, reward_max, 32);
AT(rlenv_description, id, 40);
AT(rlenv_description, doc, 48);
AT(rlenv_description, obs, 56);
AT(rlenv_description, act, 72);
AT(rlenv_description, metrics, 88);

AT_LEAST(rlenv_frame, 40, RLENV_SIZE_1_0_FRAME);
AT(rlenv_frame, size, 0);
AT(rlenv_frame, format, 4);
AT(rlenv_frame, width, 8);
AT(rlenv_frame, height, 12);
AT(rlenv_frame, data, 16);
AT(rlenv_frame, capacity, 24);
AT(rlenv_frame, bytes, 32);

AT_LEAST(rlenv_env, 208, RLENV_SIZE_1_0_ENV);
AT(rlenv_env, id, 0);
AT(rlenv_env, doc, 8);
AT(rlenv_env, flags, 16);
AT(rlenv_env, max_episode_steps, 20);
AT(rlenv_env, reward_threshold, 24);
AT(rlenv_env, reward_min, 32);
AT(rlenv_env, reward_max, 40);
AT(rlenv_env, options, 48);
AT(rlenv_env, obs, 64);
AT(rlenv_env, act, 80);
AT(rlenv_env, metrics, 96);
AT(rlenv_env, agents, 112);
AT(rlenv_env, needs, 116);
AT(rlenv_env, create, 120);
AT(rlenv_env, destroy, 128);
AT(rlenv_env, reset, 136);
AT(rlenv_env, step, 144);
AT(rlenv_env, describe, 152);
AT(rlenv_env, snapshot_size, 160);
AT(rlenv_env, save, 168);
AT(rlenv_env, load, 176);
AT(rlenv_env, reseed, 184);
AT(rlenv_env, render, 192);
AT(rlenv_env, extension, 200);

AT_LEAST(rlenv_plugin_v1, 104, RLENV_SIZE_1_0_PLUGIN);
AT(rlenv_plugin_v1, magic, 0);
AT(rlenv_plugin_v1, abi_major, 4);
AT(rlenv_plugin_v1, abi_minor, 6);
AT(rlenv_plugin_v1, size, 8);
AT(rlenv_plugin_v1, needs, 12);
AT(rlenv_plugin_v1, id, 16);
AT(rlenv_plugin_v1, version, 24);
AT(rlenv_plugin_v1, license, 32);
AT(rlenv_plugin_v1, author, 40);
AT(rlenv_plugin_v1, url, 48);
AT(rlenv_plugin_v1, doc, 56);
AT(rlenv_plugin_v1, envs, 64);
AT(rlenv_plugin_v1, init, 80);
AT(rlenv_plugin_v1, deinit, 88);
AT(rlenv_plugin_v1, find, 96);

VALUE(RLENV_MAGIC, 0x56454C52);
VALUE(RLENV_ABI_MAJOR, 1);
VALUE(RLENV_MAX_DIMS, 6);
VALUE(RLENV_OK, 0);
VALUE(RLENV_E_ARG, -1);
VALUE(RLENV_E_STATE, -2);
VALUE(RLENV_E_OPTION, -3);
VALUE(RLENV_E_NOMEM, -4);
VALUE(RLENV_E_IO, -5);
VALUE(RLENV_E_UNSUPPORTED, -6);
VALUE(RLENV_E_BUFFER, -7);
VALUE(RLENV_E_LANE, -8);
VALUE(RLENV_E_INTERNAL, -9);
VALUE(RLENV_E_FATAL, -10);
VALUE(RLENV_KIND_BOX, 1);
VALUE(RLENV_KIND_DISCRETE, 2);
VALUE(RLENV_KIND_MULTI_DISCRETE, 3);
VALUE(RLENV_KIND_MULTI_BINARY, 4);
VALUE(RLENV_KIND_TEXT, 5);
VALUE(RLENV_F32, 1);
VALUE(RLENV_F64, 2);
VALUE(RLENV_U8, 3);
VALUE(RLENV_I8, 4);
VALUE(RLENV_U16, 5);
VALUE(RLENV_I16, 6);
VALUE(RLENV_U32, 7);
VALUE(RLENV_I32, 8);
VALUE(RLENV_I64, 9);
VALUE(RLENV_BOOL, 10);
VALUE(RLENV_LEAF_MASKED, 1);
VALUE(RLENV_LEAF_IMAGE, 2);
VALUE(RLENV_LEAF_CHW, 4);
VALUE(RLENV_OPTION_TYPE_BOOL, 1);
VALUE(RLENV_OPTION_TYPE_INT, 2);
VALUE(RLENV_OPTION_TYPE_FLOAT, 3);
VALUE(RLENV_OPTION_TYPE_STRING, 4);
VALUE(RLENV_OPTION_TYPE_ENUM, 5);
VALUE(RLENV_OPTION_TYPE_PATH, 6);
VALUE(RLENV_OPTION_AT_RESET, 1);
VALUE(RLENV_LAST, 1);
VALUE(RLENV_SUM, 2);
VALUE(RLENV_MEAN, 3);
VALUE(RLENV_MIN, 4);
VALUE(RLENV_MAX, 5);
VALUE(RLENV_TERMINATED, 1);
VALUE(RLENV_TRUNCATED, 2);
VALUE(RLENV_FAULT, 4);
VALUE(RLENV_FRAME_RGB8, 1);
VALUE(RLENV_FRAME_TEXT, 2);
VALUE(RLENV_ENV_NONDETERMINISTIC, 1);
VALUE(RLENV_ENV_SINGLE_INSTANCE, 2);
VALUE(RLENV_ENV_SINGLE_LANE, 4);
VALUE(RLENV_ENV_SLOW_RESET, 8);
VALUE(RLENV_ENV_HAS_THRESHOLD, 16);
VALUE(RLENV_ENV_WANTS_EXEC, 32);
VALUE(RLENV_ENV_WANTS_FILES, 64);
VALUE(RLENV_ENV_WANTS_NETWORK, 128);
VALUE(RLENV_NEEDS_AGENTS, 1);
VALUE(RLENV_LOG_DEBUG, 0);
VALUE(RLENV_LOG_INFO, 1);
VALUE(RLENV_LOG_WARN, 2);
VALUE(RLENV_LOG_ERROR, 3);

extern int layout_is_right;
int layout_is_right = 1;
