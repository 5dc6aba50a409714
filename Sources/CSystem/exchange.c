#if defined(__linux__)
#define _GNU_SOURCE /* renameat2 */
#endif

#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

int csystem_exchange(const char *path, const char *other) {
#if defined(RENAME_EXCHANGE)
  return renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE);
#else
  (void)path;
  (void)other;
  errno = ENOSYS;
  return -1;
#endif
}
