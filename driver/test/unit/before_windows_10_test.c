/* SPDX-License-Identifier: MIT */
/* The build of the driver for Windows 7 to 8.1, compiled for this program alone. */
#include <stdlib.h>

#include "limits_rig.h"

static void counts_and_limits_on(ULONG build)
{
	UINT64 flow;

	nt_build = build;
	limits_start();
	flow = limits_flow(6);
	engine_stream(flow, FWPS_STREAM_FLAG_SEND, 1000);
	rig_check_totals(100);
	limits_set(100, 2000, 0);
	limits_arrivals.count = 0;
	for (ULONG index = 0; index < 10; index++)
		engine_segment(flow, FALSE, index, 1000, 0x10);
	CHECK(limits_arrivals.count < 5);
	nt_clock_advance(6 * SECOND);
	CHECK_EQUAL(10, limits_arrivals.count);
	nt_process_exit(100);
	rig_exited(100);
	limits_stop();
}

static void runs_on_each_version(void)
{
	counts_and_limits_on(NT_WINDOWS_7);
	counts_and_limits_on(NT_WINDOWS_8);
	counts_and_limits_on(NT_WINDOWS_8_1);
}

/* Windows 7 to 8.1 may leave a connection to the adapter. */
static void counts_what_could_be_offloaded_on(ULONG build)
{
	struct engine_flow_options options = rig_flow(100);
	UINT64 flow;

	nt_build = build;
	rig_start();
	rig_process(100);
	engine_offload(TRUE);
	flow = engine_flow_open(&options);
	engine_stream(flow, FWPS_STREAM_FLAG_SEND, 1000);
	rig_check_totals(100);
	CHECK_EQUAL(1000, rig_living(100).upload_bytes);
	rig_stop();
}

static void counts_what_could_be_offloaded(void)
{
	counts_what_could_be_offloaded_on(NT_WINDOWS_7);
	setenv("NETFLOW_SEED", "2", TRUE); /* the engine takes every flag that there is */
	counts_what_could_be_offloaded_on(NT_WINDOWS_8_1);
}

static void is_not_for_windows_10(void)
{
	rig_start_engine();
	CHECK_EQUAL(STATUS_NOT_SUPPORTED, rig_try_to_load());
	rig_stop_engine();
}

static const struct test tests[] = {
	{"the driver counts and limits on Windows 7, 8 and 8.1", runs_on_each_version},
	{"before Windows 10, no connection is left to the network adapter", counts_what_could_be_offloaded},
	{"Windows 10 is refused, for which there is another build", is_not_for_windows_10},
};

TEST_MAIN(tests)
