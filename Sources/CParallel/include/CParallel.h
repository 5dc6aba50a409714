/* A pool of threads for work that lasts microseconds. */
#ifndef CPARALLEL_H
#define CPARALLEL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cparallel_pool cparallel_pool;

/* One piece of work. Called with every index below the number of tasks, on any thread. */
typedef void (*cparallel_task)(void *context, ptrdiff_t index);

/* Cores that this process may use: at least 1. */
int cparallel_cores(void);

/* A pool of `threads` threads, the caller of cparallel_run counted: it starts `threads` - 1.
   NULL when memory or threads are short. cparallel_destroy frees it. */
cparallel_pool *cparallel_create(int threads);

/* Ends the threads. No run may be in progress. */
void cparallel_destroy(cparallel_pool *pool);

/* Runs task(context, i) for every i in 0 ..< tasks and returns when all have ended; what they
   wrote is visible to the caller. The caller takes part. A run that begins while another is in
   progress, from a task or from another thread, is done by its caller alone. */
void cparallel_run(cparallel_pool *pool, ptrdiff_t tasks, cparallel_task task, void *context);

#ifdef __cplusplus
}
#endif

#endif
