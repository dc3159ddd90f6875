/* SPDX-License-Identifier: MIT */
#include "speed_meter.h"

static LONG64 total(struct speed_meter *meter, int direction)
{
	return InterlockedExchangeAdd64(&meter->bytes[direction], 0);
}

void speed_meter_initialize(struct speed_meter *meter, LONG second)
{
	RtlZeroMemory(meter, sizeof(*meter));
	KeInitializeSpinLock(&meter->lock);
	meter->second = second;
}

static void roll_locked(struct speed_meter *meter, LONG second)
{
	LONG passed = second - meter->second;

	if (passed <= 0) /* another processor was here first, or has an older clock */
		return;
	for (int direction = 0; direction < NETFLOW_DIRECTIONS; direction++) {
		LONG64 bytes = total(meter, direction);

		meter->previous[direction] = passed == 1 ? bytes - meter->start[direction] : 0;
		meter->start[direction] = bytes;
	}
	write_once(&meter->second, second);
}

void speed_meter_roll(struct speed_meter *meter, LONG second)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&meter->lock, &handle);
	roll_locked(meter, second);
	KeReleaseInStackQueuedSpinLock(&handle);
}

void speed_meter_read(struct speed_meter *meter, LONG second, struct traffic *sum)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&meter->lock, &handle);
	roll_locked(meter, second);
	for (int direction = 0; direction < NETFLOW_DIRECTIONS; direction++) {
		sum->bytes[direction] += total(meter, direction);
		sum->speed[direction] += meter->previous[direction];
	}
	KeReleaseInStackQueuedSpinLock(&handle);
}

void speed_meter_merge(struct speed_meter *into, struct speed_meter *from, LONG second)
{
	KLOCK_QUEUE_HANDLE handle;

	speed_meter_roll(from, second);
	KeAcquireInStackQueuedSpinLock(&into->lock, &handle);
	roll_locked(into, second);
	for (int direction = 0; direction < NETFLOW_DIRECTIONS; direction++) {
		LONG64 bytes = total(from, direction);

		into->previous[direction] += from->previous[direction];
		into->start[direction] += from->start[direction];
		InterlockedExchangeAdd64(&into->bytes[direction], bytes);
	}
	KeReleaseInStackQueuedSpinLock(&handle);
}
