/* Faults in a program's work with files, by LD_PRELOAD.

   Counts the calls on files whose path contains "/checkpoints", from when the program opens a file
   called "arm" until it opens one called "disarm". What happens, by environment variables:
     FAULT_AT=n         only the n-th of them is hit; without it, all are
     FAULT_CALL=name    only calls of this function are hit
     FAULT_ERRNO=e      they fail with this error and do nothing
     FAULT_KILL=1       the process is killed before the call; a write has written half by then
     FAULT_SHORT=1      a write or a read does one byte */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum verdict { PASS, FAIL, SHORTEN, DIE };

static atomic_bool armed;
static atomic_long calls;

/* The function of this name behind ours. */
#define REAL(name) (__extension__(__typeof__(&name))dlsym(RTLD_NEXT, #name))

static bool ends_with(const char *path, const char *end) {
  size_t length = strlen(path), tail = strlen(end);
  return length >= tail && strcmp(path + length - tail, end) == 0;
}

static bool is_ours(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return false;
  path[length] = 0;
  return strstr(path, "/checkpoints") != NULL;
}

static bool is_ours_at(int folder, const char *path) {
  return path[0] == '/' || folder == AT_FDCWD ? strstr(path, "/checkpoints") != NULL
                                              : is_ours(folder);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* What is to happen to this call; errno is set when it is to fail. */
static enum verdict judge(bool ours, const char *name) {
  if (!ours || !atomic_load(&armed)) return PASS;
  long number = atomic_fetch_add(&calls, 1) + 1;
  const char *at = getenv("FAULT_AT"), *call = getenv("FAULT_CALL");
  if (at && atol(at) != number) return PASS;
  if (call && strcmp(call, name) != 0) return PASS;
  if (getenv("FAULT_KILL")) return DIE;
  if (getenv("FAULT_SHORT")) return SHORTEN;
  const char *error = getenv("FAULT_ERRNO");
  if (!error) return PASS;
  errno = atoi(error);
  return FAIL;
}

/* Whether the call is to fail; does not return where the process is to be killed. */
static bool fails(bool ours, const char *name) {
  enum verdict verdict = judge(ours, name);
  if (verdict == DIE) die();
  return verdict == FAIL;
}

static int opened(int folder, const char *path, int flags, mode_t mode, const char *name) {
  if (ends_with(path, "/disarm")) atomic_store(&armed, false);
  if (fails(is_ours_at(folder, path), name)) return -1;
  int fd = REAL(openat)(folder, path, flags, mode);
  if (ends_with(path, "/arm")) atomic_store(&armed, true);
  return fd;
}

static mode_t mode_of(int flags, va_list rest) {
  return flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name)                                      \
  int name(const char *path, int flags, ...) {          \
    va_list rest;                                       \
    va_start(rest, flags);                              \
    mode_t mode = mode_of(flags, rest);                 \
    va_end(rest);                                       \
    return opened(AT_FDCWD, path, flags, mode, "open"); \
  }

#define OPEN_AT(name)                                      \
  int name(int folder, const char *path, int flags, ...) { \
    va_list rest;                                          \
    va_start(rest, flags);                                 \
    mode_t mode = mode_of(flags, rest);                    \
    va_end(rest);                                          \
    return opened(folder, path, flags, mode, "openat");    \
  }

OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)

ssize_t write(int fd, const void *bytes, size_t count) {
  enum verdict verdict = judge(is_ours(fd), "write");
  if (verdict == FAIL) return -1;
  if (verdict == DIE) {
    if (REAL(write)(fd, bytes, count / 2) < 0) die();
    die();
  }
  return REAL(write)(fd, bytes, verdict == SHORTEN && count > 1 ? 1 : count);
}

ssize_t read(int fd, void *bytes, size_t count) {
  enum verdict verdict = judge(is_ours(fd), "read");
  if (verdict == FAIL) return -1;
  if (verdict == DIE) die();
  return REAL(read)(fd, bytes, verdict == SHORTEN && count > 1 ? 1 : count);
}

int fsync(int fd) { return fails(is_ours(fd), "fsync") ? -1 : REAL(fsync)(fd); }

int fdatasync(int fd) { return fails(is_ours(fd), "fdatasync") ? -1 : REAL(fdatasync)(fd); }

int mkdir(const char *path, mode_t mode) {
  return fails(is_ours_at(AT_FDCWD, path), "mkdir") ? -1 : REAL(mkdir)(path, mode);
}

int link(const char *path, const char *other) {
  return fails(is_ours_at(AT_FDCWD, other), "link") ? -1 : REAL(link)(path, other);
}

int rename(const char *path, const char *other) {
  return fails(is_ours_at(AT_FDCWD, other), "rename") ? -1 : REAL(rename)(path, other);
}

int renameat2(int folder, const char *path, int other_folder, const char *other, unsigned flags) {
  if (fails(is_ours_at(other_folder, other), "renameat2")) return -1;
  return REAL(renameat2)(folder, path, other_folder, other, flags);
}

int unlink(const char *path) {
  return fails(is_ours_at(AT_FDCWD, path), "unlink") ? -1 : REAL(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags) {
  return fails(is_ours_at(folder, path), "unlinkat") ? -1 : REAL(unlinkat)(folder, path, flags);
}
