#ifndef ALLOCATION_METER_H
#define ALLOCATION_METER_H

#include <stddef.h>
#include <stdint.h>

/* Counts what the process holds from malloc and its kin, which this library replaces.
 *
 * Between begin and end, a request that would raise what is held by more than `limit` bytes ends the process: a line
 * on the standard error, and the status below. */

#define ALLOCATION_METER_STATUS 77

void   allocation_meter_begin(size_t limit);
size_t allocation_meter_end(void); /* the most that was held since begin, above what was held then */

/* Blocks that the calling thread has asked for since it began, with or without a meter. */
uint64_t allocation_meter_thread_blocks(void);

#endif
