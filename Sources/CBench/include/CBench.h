/* What rl-bench measures against: a host loop in plain C, and the start of a program. */
#ifndef CBENCH_H
#define CBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An environment with one observation leaf and one 32-bit Discrete action leaf, stepped by a loop
   that does what every host must: it presets the outputs, applies the time limit and resets the
   lanes that ended, each with a seed of its own. */
typedef struct cb_loop cb_loop;

/* Loads `id` from the plugin at `path` with its default options and resets all lanes. NULL, and a
   message, when that cannot be done. */
cb_loop *cb_loop_open(const char *path, const char *id, uint32_t lanes, char *message,
                      size_t capacity);

/* Steps all lanes `steps` times with actions[step % rows][lane]. Returns how many episodes ended,
   -1 when the plugin reports a failure. */
int64_t cb_loop_run(cb_loop *loop, const int32_t *actions, size_t rows, size_t steps);

void cb_loop_close(cb_loop *loop);

/* Runs `program` with one argument, its output thrown away, and waits for it. Whether it ended
   with status 0. */
bool cb_run_program(const char *program, const char *argument);

/* Runs a command, words with single spaces between them, at most 31 and 4,095 bytes, its output
   thrown away. Its peak memory in KiB; -1 when it did not end with status 0. */
int64_t cb_peak_memory(const char *command);

#ifdef __cplusplus
}
#endif

#endif
