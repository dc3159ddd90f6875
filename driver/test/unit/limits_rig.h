/* SPDX-License-Identifier: MIT */
/*
 * The driver on a simulated clock, with two processes, 100 and 104, to be limited.
 */
#ifndef NETFLOW_TEST_UNIT_LIMITS_RIG_H
#define NETFLOW_TEST_UNIT_LIMITS_RIG_H

#include "rig.h"

#define SECOND 10000000ull /* of the clock */

#define START (1000 * SECOND)

void limits_start(void);
void limits_stop(void);

/* A process's own rule; without both limits it is removed. */
void limits_set(ULONG process, ULONG64 upload, ULONG64 download);

/* `code` sets or removes the rule of the process's path. */
void limits_set_path(ULONG code, ULONG process, ULONG64 upload, UINT8 flags);

/* A flow of process 100; what of it arrives is noted from then on. */
UINT64 limits_flow(UINT8 transport);

struct limits_arrivals {
	ULONG sequence[256];
	ULONG flags[256];
	int count;
};
extern struct limits_arrivals limits_arrivals;

#endif
