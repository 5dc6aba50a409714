#if defined(__linux__)
#define _GNU_SOURCE /* sched_getaffinity */
#endif

#include "CParallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* How often a waiting thread looks before it sleeps: some tens of microseconds. */
enum { SPINS = 2000 };

/* The most tasks of one job: larger runs are cut into several. */
enum { JOB_TASKS = UINT16_MAX };

/* What the caller writes in each run, what a thread writes that ends a task, and what is hardly ever
   written lie in cache lines of their own. */
struct cparallel_pool {
  /* Job number in the upper half; in the lower the tasks not yet claimed: from the first, in 16
     bits, to one past the last. One exchange claims a task of this job and of no other, so a thread
     that wakes late cannot run an old body. */
  alignas(64) _Atomic uint64_t job;

  /* Of the job; written before `job` and read only by who claimed one of its tasks. */
  cparallel_task task;
  void *context;
  ptrdiff_t first; /* index of the job's first task */

  alignas(64) _Atomic uint32_t unfinished; /* tasks of this job that have not ended */
  alignas(64) atomic_bool busy;            /* a run is in progress */

  alignas(64) atomic_int sleepers; /* threads that wait for `wake` */
  atomic_bool waiting;             /* the caller waits for `finished` */
  atomic_bool ending;

  pthread_mutex_t mutex; /* guards only going to sleep and waking */
  pthread_cond_t wake;
  pthread_cond_t finished;

  int workers;
  pthread_t threads[];
};

static inline void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static inline uint32_t first_unclaimed(uint64_t job) { return (uint32_t)job & UINT16_MAX; }
static inline uint32_t end_unclaimed(uint64_t job) { return (uint32_t)job >> 16; }
static inline bool has_unclaimed(uint64_t job) { return first_unclaimed(job) < end_unclaimed(job); }

/* The job without its first unclaimed task, or without its last. */
static inline uint64_t without_first(uint64_t job) { return job + 1; }
static inline uint64_t without_last(uint64_t job) { return job - (UINT64_C(1) << 16); }

int cparallel_cores(void) {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    int count = CPU_COUNT(&allowed);
    if (count > 0) return count;
  }
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}

static void wake_caller(cparallel_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_signal(&pool->finished);
  pthread_mutex_unlock(&pool->mutex);
}

/* Runs tasks until none is unclaimed: the caller from the first on, the others from the last. So two
   threads do the same tasks in one run as in the next, and find in their caches what those left. */
static void work(cparallel_pool *pool, bool is_caller) {
  uint64_t job = atomic_load_explicit(&pool->job, memory_order_acquire);
  while (has_unclaimed(job)) {
    if (!atomic_compare_exchange_weak_explicit(
            &pool->job, &job, is_caller ? without_first(job) : without_last(job),
            memory_order_acq_rel, memory_order_acquire))
      continue;
    /* the claimed task has not ended, so neither has its job: these fields are its own */
    const uint32_t claimed = is_caller ? first_unclaimed(job) : end_unclaimed(job) - 1;
    pool->task(pool->context, pool->first + (ptrdiff_t)claimed);
    /* sequentially consistent with `waiting`: one of the two sides sees the other */
    if (atomic_fetch_sub(&pool->unfinished, 1) == 1 && atomic_load(&pool->waiting))
      wake_caller(pool);
    job = atomic_load_explicit(&pool->job, memory_order_acquire);
  }
}

/* Whether there is something to do, looking for a while. */
static bool spin_for_job(cparallel_pool *pool) {
  for (int i = 0; i < SPINS; i++) {
    if (has_unclaimed(atomic_load_explicit(&pool->job, memory_order_relaxed))) return true;
    if (atomic_load_explicit(&pool->ending, memory_order_relaxed)) return true;
    pause_briefly();
  }
  return false;
}

static void sleep_for_job(cparallel_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleepers, 1);
  /* sequentially consistent with the caller, who stores `job` and then loads `sleepers` */
  while (!has_unclaimed(atomic_load(&pool->job)) && !atomic_load(&pool->ending))
    pthread_cond_wait(&pool->wake, &pool->mutex);
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->mutex);
}

static void *worker(void *argument) {
  cparallel_pool *pool = argument;
  while (!atomic_load_explicit(&pool->ending, memory_order_relaxed)) {
    if (!spin_for_job(pool)) sleep_for_job(pool);
    work(pool, false);
  }
  return NULL;
}

static void wake_workers(cparallel_pool *pool) {
  if (atomic_load(&pool->sleepers) == 0) return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
}

cparallel_pool *cparallel_create(int threads) {
  int workers = threads > 1 ? threads - 1 : 0;
  size_t size = sizeof(cparallel_pool) + (size_t)workers * sizeof(pthread_t);
  cparallel_pool *pool = aligned_alloc(64, (size + 63) / 64 * 64);
  if (!pool) return NULL;
  atomic_init(&pool->job, 0);
  atomic_init(&pool->unfinished, 0);
  atomic_init(&pool->sleepers, 0);
  atomic_init(&pool->waiting, false);
  atomic_init(&pool->busy, false);
  atomic_init(&pool->ending, false);
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pthread_cond_init(&pool->finished, NULL);
  for (pool->workers = 0; pool->workers < workers; pool->workers++)
    if (pthread_create(&pool->threads[pool->workers], NULL, worker, pool) != 0) {
      cparallel_destroy(pool);
      return NULL;
    }
  return pool;
}

void cparallel_destroy(cparallel_pool *pool) {
  atomic_store(&pool->ending, true);
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
  for (int i = 0; i < pool->workers; i++) pthread_join(pool->threads[i], NULL);
  pthread_cond_destroy(&pool->finished);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  free(pool);
}

/* Waits until every task of the job has ended. */
static void wait_for_job(cparallel_pool *pool) {
  for (int i = 0; i < SPINS; i++) {
    if (atomic_load_explicit(&pool->unfinished, memory_order_acquire) == 0) return;
    pause_briefly();
  }
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->waiting, true);
  while (atomic_load(&pool->unfinished) > 0) pthread_cond_wait(&pool->finished, &pool->mutex);
  atomic_store(&pool->waiting, false);
  pthread_mutex_unlock(&pool->mutex);
}

static void run_job(cparallel_pool *pool, ptrdiff_t first, uint32_t tasks, cparallel_task task,
                    void *context) {
  uint64_t number = atomic_load_explicit(&pool->job, memory_order_relaxed) >> 32;
  pool->task = task;
  pool->context = context;
  pool->first = first;
  atomic_store_explicit(&pool->unfinished, tasks, memory_order_relaxed);
  atomic_store(&pool->job, (number + 1) << 32 | (uint64_t)tasks << 16);
  wake_workers(pool);
  work(pool, true);
  wait_for_job(pool);
}

void cparallel_run(cparallel_pool *pool, ptrdiff_t tasks, cparallel_task task, void *context) {
  bool alone = tasks < 2 || pool->workers == 0 ||
               atomic_exchange_explicit(&pool->busy, true, memory_order_acquire);
  if (alone) {
    for (ptrdiff_t i = 0; i < tasks; i++) task(context, i);
    return;
  }
  for (ptrdiff_t first = 0; first < tasks; first += JOB_TASKS) {
    ptrdiff_t left = tasks - first;
    run_job(pool, first, (uint32_t)(left < JOB_TASKS ? left : JOB_TASKS), task, context);
  }
  atomic_store_explicit(&pool->busy, false, memory_order_release);
}
