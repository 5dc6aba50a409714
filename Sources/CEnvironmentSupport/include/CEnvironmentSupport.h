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

#ifdef __cplusplus
}
#endif

#endif
