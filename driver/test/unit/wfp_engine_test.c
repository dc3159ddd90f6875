/* SPDX-License-Identifier: MIT */
/* A filtering engine that is slow, busy or fails: the driver gets where it wants to be, and no traffic waits for it. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "limits_rig.h"

static BOOLEAN counts(void)
{
	return engine_filters(FWPS_LAYER_STREAM_V4) == 1;
}

static BOOLEAN limits(void)
{
	return engine_filters(FWPS_LAYER_OUTBOUND_TRANSPORT_V4) == 1;
}

static void starts_beside_another_writer(void)
{
	nt_clock_simulate(START);
	rig_start_engine();
	engine_set_service(FWPM_SERVICE_RUNNING);
	engine_fail_transactions(3);
	rig_load();
	CHECK(!counts());
	nt_clock_advance(5 * SECOND);
	CHECK(counts());
	CHECK(rig_statistics().lost_events > 0);
	rig_stop();
}

static void starts_when_the_service_does(void)
{
	nt_clock_simulate(START);
	rig_start_engine();
	rig_load();
	engine_fail_transactions(2);
	engine_set_service(FWPM_SERVICE_RUNNING);
	nt_clock_advance(5 * SECOND);
	CHECK(counts());
	rig_stop();
}

static void aborts_what_it_could_not_commit(void)
{
	nt_clock_simulate(START);
	rig_start_engine();
	rig_load();
	engine_fail_commits(2);
	engine_set_service(FWPM_SERVICE_RUNNING);
	nt_clock_advance(5 * SECOND);
	CHECK(counts());
	rig_stop();
}

static volatile LONG is_set;
static NTSTATUS told;

static void *set_limit(void *unused)
{
	told = rig_rule(NETFLOW_IOCTL_SET_RULE, 100, NULL, 100000, 100000, 0);
	write_once(&is_set, TRUE);
	return unused;
}

/* A request waits for a while, on a clock that this thread moves. */
static void limit_meanwhile(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, set_limit, NULL);
	while (!read_once(&is_set)) {
		nt_clock_advance(SECOND / 100);
		usleep(100);
	}
	pthread_join(thread, NULL);
}

static void limits_as_soon_as_it_can(void)
{
	limits_start();
	engine_delay_transactions(15 * SECOND);
	limit_meanwhile();
	CHECK_EQUAL(STATUS_IO_TIMEOUT, told);
	CHECK(!limits());
	engine_fail_transactions(3);
	engine_delay_transactions(0);
	nt_clock_advance(20 * SECOND);
	CHECK(limits());
	limits_stop();
}

/* What waits already goes on at its rate while another rule's filters can't be added. */
static void keeps_the_rate_meanwhile(void)
{
	UINT64 flow;
	int before;

	limits_start();
	flow = limits_flow(6);
	limits_set(100, 10000, 0);
	for (ULONG index = 0; index < 100; index++)
		engine_segment(flow, FALSE, index, 500, 0x10);
	engine_delay_transactions(15 * SECOND);
	engine_set_service(FWPM_SERVICE_STOPPED);
	engine_set_service(FWPM_SERVICE_RUNNING);
	before = limits_arrivals.count;
	nt_clock_advance(2 * SECOND);
	CHECK(limits_arrivals.count >= before + 35 && limits_arrivals.count <= before + 45);
	engine_delay_transactions(0);
	nt_clock_advance(20 * SECOND);
	CHECK(limits());
	limits_stop();
}

static void unloads_where_contexts_stay(void)
{
	struct engine_flow_options options = rig_flow(100);

	limits_start();
	limits_set(100, 100000, 100000);
	for (int index = 0; index < 50; index++)
		engine_flow_open(&options);
	engine_fail_removals(3);
	nt_clock_real(); /* the driver waits a little before it asks again */
	limits_stop();
}

static const UINT32 offloads[] = {FWP_CALLOUT_FLAG_ALLOW_RSC, FWP_CALLOUT_FLAG_ALLOW_USO, FWP_CALLOUT_FLAG_ALLOW_URO};

static void check_offloads(BOOLEAN are_allowed)
{
	for (size_t index = 0; index < COUNT(offloads); index++)
		CHECK_EQUAL(are_allowed, engine_allows(offloads[index]));
}

static void offloads_without_limits(void)
{
	nt_build = NT_WINDOWS_11_24H2;
	limits_start();
	check_offloads(TRUE);
	for (int round = 0; round < 3; round++) {
		limits_set(100, 100000, 0);
		CHECK(limits());
		check_offloads(FALSE);
		limits_set(100, 0, 0);
		nt_clock_advance(SECOND);
		CHECK(!limits());
		check_offloads(TRUE);
	}
	limits_stop();
}

/* Whichever of Microsoft's pages is right about it. */
static void registers_on_every_version(void)
{
	static const ULONG builds[] = {10240, NT_WINDOWS_10_1607, 17763, 18362, 19045, 22631};

	for (int round = 0; round < 2; round++) {
		setenv("NETFLOW_SEED", round ? "2" : "1", TRUE);
		for (size_t index = 0; index < COUNT(builds); index++) {
			nt_build = builds[index];
			limits_start();
			CHECK(counts() && engine_allows(FWP_CALLOUT_FLAG_ALLOW_RSC));
			CHECK_EQUAL(round && nt_build >= 18362, engine_allows(FWP_CALLOUT_FLAG_ALLOW_USO));
			limits_stop();
		}
	}
}

/* A flow that was limited once is limited again. */
static void limits_again(void)
{
	UINT64 flow;

	limits_start();
	flow = limits_flow(6);
	for (int round = 0; round < 3; round++) {
		limits_set(100, 2000, 0);
		limits_arrivals.count = 0;
		for (ULONG index = 0; index < 10; index++)
			engine_segment(flow, FALSE, 10 * (ULONG)round + index, 1000, 0x10);
		CHECK(limits_arrivals.count < 5);
		limits_set(100, 0, 0);
		nt_clock_advance(SECOND);
		CHECK_EQUAL(10, limits_arrivals.count);
	}
	limits_stop();
}

static const struct test tests[] = {
	{"a driver that starts while another session writes counts as soon as it can", starts_beside_another_writer},
	{"the service comes, and another session writes: it counts as soon as it can", starts_when_the_service_does},
	{"a transaction that can't be committed is aborted, and tried again", aborts_what_it_could_not_commit},
	{"a limit is in force as soon as its filters can be added", limits_as_soon_as_it_can},
	{"what waits keeps its rate while the engine does not answer", keeps_the_rate_meanwhile},
	{"contexts that can't be removed at first don't keep the driver from unloading", unloads_where_contexts_stay},
	{"while there is no limit, the network adapter may coalesce and segment", offloads_without_limits},
	{"callouts are registered with what this version of Windows takes", registers_on_every_version},
	{"a limit that was removed holds again when it is set again", limits_again},
};

TEST_MAIN(tests)
