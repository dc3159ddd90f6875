/* SPDX-License-Identifier: MIT */
#include "duties.h"
#include "../common/netflow_processes.h"
#include "closure.h"
#include "packet.h"
#include "session.h"

#define BATCH 256

C_ASSERT(SHAPER_NOTHING_WAITS == WORKER_SLEEPS);

/* Returns the ticks until the next packet is due. */
static ULONG64 return_due_packets(void)
{
	LIST_ENTRY due;
	ULONG64 wait;

	InitializeListHead(&due);
	wait = shaper_take(&wfp.netflow.shaper, KeQueryInterruptTime(), BATCH, &due);
	while (!IsListEmpty(&due))
		packet_return(CONTAINING_RECORD(RemoveHeadList(&due), struct held, entry));
	return wait;
}

BOOLEAN duties_perform(ULONG64 *ticks)
{
	BOOLEAN closures_are_done;

	*ticks = return_due_packets();
	closures_are_done = closures_complete();
	netflow_describe_processes(&wfp.netflow);
	session_drop_unused();
	return closures_are_done && shaper_held(&wfp.netflow.shaper) == 0;
}
