/* SPDX-License-Identifier: MIT */
#include "limits_rig.h"

struct limits_arrivals limits_arrivals;

void limits_start(void)
{
	nt_clock_simulate(START);
	rig_start();
	rig_process(100);
	rig_process(104);
}

void limits_stop(void)
{
	rig_stop();
	nt_registry_set(0, NULL, 0);
}

void limits_set(ULONG process, ULONG64 upload, ULONG64 download)
{
	CHECK_EQUAL(STATUS_SUCCESS, rig_rule(upload || download ? NETFLOW_IOCTL_SET_RULE : NETFLOW_IOCTL_REMOVE_RULE,
					     process, NULL, upload, download, 0));
}

void limits_set_path(ULONG code, ULONG process, ULONG64 upload, UINT8 flags)
{
	CHECK_EQUAL(STATUS_SUCCESS, rig_rule(code, 0, rig_path(process), upload, 0, flags));
}

static void note_arrival(const struct engine_arrival *arrival, void *context)
{
	UNREFERENCED_PARAMETER(context);
	limits_arrivals.flags[limits_arrivals.count] = arrival->flags;
	limits_arrivals.sequence[limits_arrivals.count++] = arrival->sequence;
}

UINT64 limits_flow(UINT8 transport)
{
	struct engine_flow_options options = rig_flow(100);

	options.transport = transport;
	engine_on_arrival(note_arrival, NULL);
	limits_arrivals.count = 0;
	return engine_flow_open(&options);
}
