/* What the host of plugins needs from C. */
#ifndef CENVIRONMENTSUPPORT_H
#define CENVIRONMENTSUPPORT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sets this thread's default floating-point mode: rounds to nearest, keeps subnormal numbers, traps nothing.
   Returns the mode before. */
uint64_t cenvironment_enter_default_mode(void);

/* Sets a floating-point mode that cenvironment_enter_default_mode returned. */
void cenvironment_restore_mode(uint64_t mode);

/* A new file in memory, closed in other programs; -1 if there is none to be had. */
int cenvironment_memory_file(const char *name);

/* Loads a library with copies of its own dependencies and nothing else; NULL, and dlerror, on failure. */
void *cenvironment_load_apart(const char *path);

/* Has this process killed when the thread that started it ends. */
void cenvironment_die_with_parent(void);

/* Bytes that malloc has given out in this process. */
uint64_t cenvironment_heap_bytes(void);

#ifdef __cplusplus
}
#endif

#endif
