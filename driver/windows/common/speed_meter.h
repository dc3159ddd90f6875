/* SPDX-License-Identifier: MIT */
/*
 * Bytes in both directions, and how many of them there were in the last whole second.
 *
 * Adding is one interlocked addition; only the first one in a second takes the lock. A
 * byte that another processor adds at that very moment may be counted in the next second,
 * never lost or counted twice.
 */
#ifndef NETFLOW_COMMON_SPEED_METER_H
#define NETFLOW_COMMON_SPEED_METER_H

#include "kernel_api.h"

struct speed_meter {
	volatile LONG64 bytes[NETFLOW_DIRECTIONS];
	LONG second;                      /* the one that `start` belongs to; read without the lock, written with it */
	KSPIN_LOCK lock;                  /* of what follows */
	LONG64 start[NETFLOW_DIRECTIONS]; /* bytes when it began */
	LONG64 previous[NETFLOW_DIRECTIONS]; /* bytes in the second before */
};

struct traffic {
	LONG64 bytes[NETFLOW_DIRECTIONS];
	LONG64 speed[NETFLOW_DIRECTIONS]; /* bytes in the last whole second */
};

void speed_meter_initialize(struct speed_meter *meter, LONG second);

/* IRQL <= DISPATCH_LEVEL. Goes on to `second`, which must not be locked already. */
void speed_meter_roll(struct speed_meter *meter, LONG second);

/* IRQL <= DISPATCH_LEVEL; `second` is current_second(), given so that one reading serves a whole call. */
static inline void speed_meter_add(struct speed_meter *meter, int direction, LONG64 bytes, LONG second)
{
	if (read_once(&meter->second) != second)
		speed_meter_roll(meter, second);
	InterlockedExchangeAdd64(&meter->bytes[direction], bytes);
}

/* IRQL <= DISPATCH_LEVEL. Adds what the meter knows to `sum`. */
void speed_meter_read(struct speed_meter *meter, LONG second, struct traffic *sum);

/* IRQL <= DISPATCH_LEVEL. Adds `from`, to which nobody adds any more, to `into`, its last second included. */
void speed_meter_merge(struct speed_meter *into, struct speed_meter *from, LONG second);

#endif
