/* SPDX-License-Identifier: MIT */
/* The truth that tests compare with: bytes of each process, and packets of each flow that have come to their end. */
#include "internal.h"

#define MOST_TOTALS 65536

static struct total {
	ULONG process_id;
	BOOLEAN is_used;
	volatile LONG64 bytes[2];
} totals[MOST_TOTALS];

void sim_totals_start(void)
{
	RtlZeroMemory(totals, sizeof(totals));
}

/* The lock is held. */
static struct total *total_of(ULONG process_id)
{
	for (ULONG step = 0; step < MOST_TOTALS; step++) {
		struct total *total = &totals[(process_id / 4 + step) % MOST_TOTALS];

		if (!total->is_used) {
			total->process_id = process_id;
			total->is_used = TRUE;
		}
		if (total->process_id == process_id)
			return total;
	}
	engine_fail("more processes than the simulation counts");
	return NULL;
}

static struct total *find(ULONG process_id)
{
	KLOCK_QUEUE_HANDLE handle;
	struct total *total;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	total = total_of(process_id);
	KeReleaseInStackQueuedSpinLock(&handle);
	return total;
}

void sim_total_add(const struct sim_flow *flow, BOOLEAN is_download, LONG64 bytes)
{
	InterlockedExchangeAdd64(&find(flow->options.process_id)->bytes[is_download], bytes);
}

struct engine_totals engine_totals(ULONG process_id)
{
	struct total *total = find(process_id);

	return (struct engine_totals){(UINT64)InterlockedExchangeAdd64(&total->bytes[0], 0),
				      (UINT64)InterlockedExchangeAdd64(&total->bytes[1], 0)};
}

struct engine_deliveries engine_deliveries(UINT64 id, BOOLEAN is_inbound)
{
	struct sim_flow *flow = sim_flow_find(id);
	struct engine_deliveries deliveries = {0};
	KLOCK_QUEUE_HANDLE handle;

	if (!flow)
		return deliveries;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	deliveries = flow->way[is_inbound].deliveries;
	KeReleaseInStackQueuedSpinLock(&handle);
	sim_flow_release(flow);
	return deliveries;
}
