/* SPDX-License-Identifier: MIT */
/* Flows, contexts, processes and the driver itself end in any order, and nothing is left or used afterwards. */
#include <pthread.h>
#include <stdlib.h>

#include "rig.h"

#define PROCESSES 16
#define THREADS 4

static volatile LONG is_over;

static ULONG pick(ULONG *state, ULONG below)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % below;
}

static UINT64 open_any(ULONG *state)
{
	struct engine_flow_options options = rig_flow(100 + 4 * pick(state, PROCESSES));

	options.transport = pick(state, 2) ? 6 : 17;
	options.is_ipv6 = (BOOLEAN)pick(state, 2);
	options.is_inbound = (BOOLEAN)pick(state, 2);
	options.is_old = pick(state, 8) == 0;
	return engine_flow_open(&options);
}

static void use(UINT64 flow, ULONG *state)
{
	switch (pick(state, 4)) {
	case 0:
		engine_stream(flow, FWPS_STREAM_FLAG_SEND, 1 + pick(state, 5000));
		break;
	case 1:
		engine_datagrams(flow, (BOOLEAN)pick(state, 2), pick(state, 1400), 1);
		break;
	default:
		engine_segment(flow, (BOOLEAN)pick(state, 2), 0, pick(state, 1460), 0x10);
	}
}

struct churn {
	ULONG seed, rounds;
};

/* Opens, uses and closes flows as they come, many of other threads' at the same time. */
static void *churn(void *argument)
{
	struct churn *churn = argument;
	UINT64 flows[32] = {0};
	ULONG state = churn->seed;

	for (ULONG round = 0; round < churn->rounds && !read_once(&is_over); round++) {
		UINT64 *flow = &flows[pick(&state, 32)];

		if (!*flow)
			*flow = open_any(&state);
		else if (pick(&state, 8) == 0) {
			engine_flow_close(*flow);
			*flow = 0;
		} else
			use(pick(&state, 4) ? *flow : 1 + pick(&state, 200), &state);
	}
	for (int index = 0; index < 32; index++)
		engine_flow_close(flows[index]);
	return NULL;
}

/* Processes come and go, rules are set and removed, somebody looks. */
static void *disturb(void *argument)
{
	struct churn *churn = argument;
	ULONG state = churn->seed;

	for (ULONG round = 0; round < churn->rounds / 20 && !read_once(&is_over); round++) {
		ULONG id = 100 + 4 * pick(&state, PROCESSES);

		switch (pick(&state, 6)) {
		case 0:
			nt_process_exit(id);
			nt_process_start(id, 4, 134116128000000000 + round, rig_path(id), NULL);
			break;
		case 1:
			rig_rule(NETFLOW_IOCTL_SET_RULE, 0, rig_path(id), 1000000 + round, pick(&state, 2) * 100000,
				 (UINT8)pick(&state, 4));
			break;
		case 2:
			rig_rule(NETFLOW_IOCTL_REMOVE_RULE, 0, rig_path(id), 0, 0, (UINT8)pick(&state, 4));
			break;
		case 3:
			rig_rule(NETFLOW_IOCTL_SET_RULE, id, NULL, 5000, 5000, 0);
			break;
		default:
			rig_count(NETFLOW_IOCTL_QUERY_CONNECTIONS);
			rig_count(NETFLOW_IOCTL_QUERY_PROCESSES);
			rig_count(NETFLOW_IOCTL_QUERY_RULES);
			rig_statistics();
		}
	}
	return NULL;
}

static pthread_t threads[THREADS + 1];
static struct churn churns[THREADS + 1];

static void start_churn(ULONG seed, ULONG rounds, BOOLEAN with_disturbance)
{
	is_over = FALSE;
	for (int index = 0; index < THREADS; index++) {
		churns[index] = (struct churn){seed * 10 + (ULONG)index, rounds};
		pthread_create(&threads[index], NULL, churn, &churns[index]);
	}
	churns[THREADS] = (struct churn){seed * 10 + 9, with_disturbance ? rounds : 0};
	pthread_create(&threads[THREADS], NULL, disturb, &churns[THREADS]);
}

static void join_churn(void)
{
	for (int index = 0; index <= THREADS; index++)
		pthread_join(threads[index], NULL);
}

static void add_processes(void)
{
	for (ULONG index = 0; index < PROCESSES; index++)
		rig_process(100 + 4 * index);
}

static void survives_everything_at_once(void)
{
	for (ULONG seed = test_seed(); seed < test_seed() + 5; seed++) {
		rig_start();
		add_processes();
		start_churn(seed, 4000, TRUE);
		join_churn();
		rig_stop();
		nt_registry_set(0, NULL, 0);
	}
}

/* The device is not asked meanwhile: Windows does not unload a driver while a handle to it is open. */
static void unloads_under_load(void)
{
	for (ULONG seed = test_seed(); seed < test_seed() + 10; seed++) {
		rig_start();
		add_processes();
		rig_rule(NETFLOW_IOCTL_SET_RULE, 0, rig_path(100), 200000, 200000, 0);
		start_churn(seed, 1000000, FALSE);
		for (volatile int wait = 0; wait < 2000000 * (int)(seed % 4); wait++)
			;
		rig_unload();
		write_once(&is_over, TRUE);
		join_churn();
		rig_stop_engine();
		nt_registry_set(0, NULL, 0);
	}
}

static void unloads_with_ten_thousand_flows(void)
{
	ULONG state = test_seed();

	rig_start();
	add_processes();
	for (int index = 0; index < 10000; index++)
		open_any(&state);
	CHECK(engine_contexts() >= 8000);
	rig_unload();
	CHECK_EQUAL(0, engine_contexts());
	rig_stop_engine();
}

static void closes_in_any_order(void)
{
	for (ULONG seed = test_seed(); seed < test_seed() + 20; seed++) {
		UINT64 flows[64];
		ULONG state = seed;

		rig_start();
		add_processes();
		rig_rule(NETFLOW_IOCTL_SET_RULE, 0, rig_path(100), 4000, 4000, 0);
		for (int index = 0; index < 64; index++) {
			flows[index] = open_any(&state);
			use(flows[index], &state);
		}
		for (int index = 0; index < 64; index += 2)
			engine_flow_close(flows[(index * 7 + seed) % 64]);
		for (ULONG index = 0; index < PROCESSES; index++)
			nt_process_exit(100 + 4 * index);
		rig_stop();
		nt_registry_set(0, NULL, 0);
	}
}

static void starts_or_fails_whole_without_memory(void)
{
	DRIVER_OBJECT driver;
	NTSTATUS DriverEntry(DRIVER_OBJECT *, UNICODE_STRING *);
	BOOLEAN loaded = FALSE;

	for (ULONG count = 1; !loaded; count++) {
		rig_start_engine();
		engine_set_service(FWPM_SERVICE_RUNNING);
		nt_pool_fail_after(count);
		loaded = NT_SUCCESS(nt_load(DriverEntry, &driver));
		nt_pool_fail_after(0);
		if (loaded)
			nt_unload(&driver);
		rig_stop_engine();
		CHECK(count < 100);
	}
}

static void works_on_with_little_memory(void)
{
	for (ULONG seed = test_seed(); seed < test_seed() + 5; seed++) {
		rig_start();
		add_processes();
		nt_pool_fail_randomly(5, seed);
		start_churn(seed, 3000, FALSE);
		join_churn();
		nt_pool_fail_randomly(0, 0);
		CHECK(rig_statistics().lost_events > 0);
		rig_stop();
	}
}

static void waits_where_tcpip_is_not_ready(void)
{
	rig_start_engine();
	engine_fail_injection_handles(1);
	rig_load();
	rig_stop();
}

static ULONG exits_seen(BOOLEAN has_integrity, BOOLEAN is_pico)
{
	struct engine_flow_options options = rig_flow(100);
	ULONG exited;

	nt_image_has_integrity = has_integrity;
	rig_start();
	rig_process(100);
	if (is_pico)
		nt_process_is_pico(100);
	engine_stream(engine_flow_open(&options), FWPS_STREAM_FLAG_SEND, 1);
	nt_process_exit(100);
	exited = rig_count(NETFLOW_IOCTL_QUERY_EXITED);
	rig_stop();
	return exited;
}

/* Windows 10 1607 does not have the newer routine, and refuses it to an image whose signature is not to be checked. */
static void sees_processes_of_all_subsystems(void)
{
	CHECK_EQUAL(1, exits_seen(TRUE, TRUE));
	CHECK_EQUAL(1, exits_seen(FALSE, FALSE));
	CHECK_EQUAL(0, exits_seen(FALSE, TRUE));
	nt_build = NT_WINDOWS_10_1607;
	CHECK_EQUAL(1, exits_seen(TRUE, FALSE));
}

static void is_not_for_older_versions(void)
{
	nt_build = NT_WINDOWS_8_1;
	rig_start_engine();
	CHECK_EQUAL(STATUS_NOT_SUPPORTED, rig_try_to_load());
	rig_stop_engine();
}

static const struct test tests[] = {
	{"flows, processes and rules come and go on five threads, and nothing is left", survives_everything_at_once},
	{"the driver unloads while four threads use flows", unloads_under_load},
	{"the driver unloads with ten thousand flows open", unloads_with_ten_thousand_flows},
	{"flows and processes end in any order", closes_in_any_order},
	{"a start without memory fails and leaves nothing, wherever it is lacking",
	 starts_or_fails_whole_without_memory},
	{"a driver that finds no memory says what it lost and goes on", works_on_with_little_memory},
	{"a network stack that is not ready yet is asked again", waits_where_tcpip_is_not_ready},
	{"processes of other subsystems are seen to exit, where Windows tells", sees_processes_of_all_subsystems},
	{"a Windows before 10 is refused, for which there is another build", is_not_for_older_versions},
};

TEST_MAIN(tests)
