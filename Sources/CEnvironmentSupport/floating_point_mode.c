#include "CEnvironmentSupport.h"

#if defined(__x86_64__)

/* MXCSR without its six exception flags, which every operation may set; the x87 control word above it. */
static const uint64_t DEFAULT_MODE = (uint64_t)0x037F << 32 | 0x1F80u;

static inline uint64_t mode_now(void) {
  uint16_t x87;
  __asm__ volatile("fnstcw %0" : "=m"(x87));
  return (uint64_t)x87 << 32 | (__builtin_ia32_stmxcsr() & 0xFFC0u);
}

static inline void set_mode(uint64_t mode) {
  uint16_t x87 = (uint16_t)(mode >> 32);
  __asm__ volatile("fldcw %0" : : "m"(x87));
  __builtin_ia32_ldmxcsr((uint32_t)mode);
}

#elif defined(__aarch64__)

static const uint64_t DEFAULT_MODE = 0;

static inline uint64_t mode_now(void) {
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}

static inline void set_mode(uint64_t mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }

#else
#error "this processor is not supported: x86-64 and aarch64 are"
#endif

/* Writing the mode is slow, reading it is not. */
uint64_t cenvironment_enter_default_mode(void) {
  uint64_t mode = mode_now();
  if (mode != DEFAULT_MODE) set_mode(DEFAULT_MODE);
  return mode;
}

void cenvironment_restore_mode(uint64_t mode) {
  if (mode_now() != mode) set_mode(mode);
}
