/* What threads that share a minibatch tell each other. */
#include "CKernels.h"

ptrdiff_t ck_claim_place(uint32_t *taken, ptrdiff_t count) {
  for (ptrdiff_t place = 0;; place = (place + 1) % count)
    if (__atomic_exchange_n(taken + place, 1, __ATOMIC_ACQUIRE) == 0) return place;
}

void ck_release_place(uint32_t *taken, ptrdiff_t place) {
  __atomic_store_n(taken + place, 0, __ATOMIC_RELEASE);
}

void ck_signal(uint32_t *signal) { __atomic_store_n(signal, 1, __ATOMIC_RELEASE); }

static inline void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

bool ck_await(const uint32_t *signal) {
  enum { LOOKS = 20000 };
  for (int i = 0; i < LOOKS; i++) {
    if (__atomic_load_n(signal, __ATOMIC_ACQUIRE) != 0) return true;
    pause_briefly();
  }
  return false;
}
