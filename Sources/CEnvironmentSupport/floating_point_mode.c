#include "CEnvironmentSupport.h"

#if defined(__x86_64__)

/* MXCSR without its six exception flags, which every operation may set; the x87 control word above it. */
uint64_t cenvironment_floating_point_mode(void) {
  uint16_t x87;
  __asm__ volatile("fnstcw %0" : "=m"(x87));
  return (uint64_t)x87 << 32 | (__builtin_ia32_stmxcsr() & 0xFFC0u);
}

uint64_t cenvironment_default_floating_point_mode(void) { return (uint64_t)0x037F << 32 | 0x1F80u; }

void cenvironment_set_floating_point_mode(uint64_t mode) {
  if (cenvironment_floating_point_mode() == mode) return;
  uint16_t x87 = (uint16_t)(mode >> 32);
  __asm__ volatile("fldcw %0" : : "m"(x87));
  __builtin_ia32_ldmxcsr((uint32_t)mode);
}

#elif defined(__aarch64__)

uint64_t cenvironment_floating_point_mode(void) {
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}

uint64_t cenvironment_default_floating_point_mode(void) { return 0; }

void cenvironment_set_floating_point_mode(uint64_t mode) {
  if (cenvironment_floating_point_mode() == mode) return;
  __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}

#else
#error "this processor is not supported: x86-64 and aarch64 are"
#endif
