#define _GNU_SOURCE
#include "CEnvironmentSupport.h"

#include <dlfcn.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

int cenvironment_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

void *cenvironment_load_apart(const char *path) { return dlmopen(LM_ID_NEWLM, path, RTLD_NOW | RTLD_LOCAL); }

void cenvironment_die_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

uint64_t cenvironment_heap_bytes(void) {
  struct mallinfo2 heap = mallinfo2();
  return (uint64_t)heap.uordblks + (uint64_t)heap.hblkhd;
}
