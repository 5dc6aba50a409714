#include "allocation_meter.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* glibc's own, behind the names that are replaced here */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void  __libc_free(void *block);

static atomic_bool     is_on;
static _Atomic int64_t held;    /* since begin */
static _Atomic int64_t highest; /* of `held` */
static _Atomic int64_t allowed;

static _Thread_local uint64_t thread_blocks;

static void refuse(size_t size) {
    char line[128];
    int  length = snprintf(line, sizeof line, "an allocation of %zu bytes, with %lld held, is above the limit of %lld\n",
                           size, (long long)atomic_load(&held), (long long)atomic_load(&allowed));
    if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0) { /* the status tells it too */
    }
    _exit(ALLOCATION_METER_STATUS);
}

/* Ends the process when `size` bytes more would be too much. */
static void ask(size_t size) {
    thread_blocks++;
    if (!atomic_load_explicit(&is_on, memory_order_relaxed)) return;
    int64_t room = atomic_load(&allowed) - atomic_load(&held);
    if (room < 0 || size > (size_t)room) refuse(size);
}

static void add(int64_t bytes) {
    if (!atomic_load_explicit(&is_on, memory_order_relaxed)) return;
    int64_t now = atomic_fetch_add(&held, bytes) + bytes;
    int64_t old = atomic_load(&highest);
    while (now > old && !atomic_compare_exchange_weak(&highest, &old, now)) {
    }
}

static void *counted(void *block) {
    if (block) add((int64_t)malloc_usable_size(block));
    return block;
}

void *malloc(size_t size) {
    ask(size);
    return counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
    size_t total;
    ask(__builtin_mul_overflow(count, size, &total) ? SIZE_MAX : total);
    return counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size) {
    size_t old = block ? malloc_usable_size(block) : 0;
    if (size > old) ask(size - old);
    void *moved = __libc_realloc(block, size);
    if (moved || size == 0) add((moved ? (int64_t)malloc_usable_size(moved) : 0) - (int64_t)old);
    return moved;
}

void *memalign(size_t alignment, size_t size) {
    ask(size);
    return counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *made = memalign(alignment, size);
    if (!made) return ENOMEM;
    *block = made;
    return 0;
}

void free(void *block) {
    if (block) add(-(int64_t)malloc_usable_size(block));
    __libc_free(block);
}

uint64_t allocation_meter_thread_blocks(void) { return thread_blocks; }

void allocation_meter_begin(size_t limit) {
    atomic_store(&held, 0);
    atomic_store(&highest, 0);
    atomic_store(&allowed, (int64_t)limit);
    atomic_store(&is_on, 1);
}

size_t allocation_meter_end(void) {
    atomic_store(&is_on, 0);
    return (size_t)atomic_load(&highest);
}
