/* What the host of plugins needs from C. */
#ifndef CENVIRONMENTSUPPORT_H
#define CENVIRONMENTSUPPORT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The floating-point mode of this thread: rounding, flushing of denormals, traps. */
uint64_t cenvironment_floating_point_mode(void);

/* The mode a thread starts with: rounds to nearest, keeps subnormal numbers, traps nothing. */
uint64_t cenvironment_default_floating_point_mode(void);

/* Sets a mode that one of the two functions above returned. */
void cenvironment_set_floating_point_mode(uint64_t mode);

#ifdef __cplusplus
}
#endif

#endif
