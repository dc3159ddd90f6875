/* SPDX-License-Identifier: MIT */
/*
 * Limits, on a clock and a network that are simulated: senders of TCP that know congestion and loss, a shaper between
 * them and the wire, and a second host that acknowledges.
 */
#include <stdio.h>
#include <stdlib.h>

#include "rig.h"
#include "tcp_model.h"

#define SECOND 10000000ull
#define START (1000 * SECOND)

static void start(void)
{
	nt_clock_simulate(START);
	rig_start();
	rig_process(100);
	rig_process(104);
}

static void stop(void)
{
	rig_stop();
	nt_registry_set(0, NULL, 0);
}

static void limit(ULONG process, ULONG64 upload, ULONG64 download)
{
	CHECK_EQUAL(STATUS_SUCCESS, rig_rule(upload || download ? NETFLOW_IOCTL_SET_RULE : NETFLOW_IOCTL_REMOVE_RULE,
					     process, NULL, upload, download, 0));
}

/* Within `permille` of the limit over ten seconds, after two; in order, and whole. */
static void holds(BOOLEAN is_download, ULONG64 rate, int flows, int permille)
{
	struct tcp_model model;
	ULONG64 before, reached;

	start();
	limit(100, is_download ? 0 : rate, is_download ? rate : 0);
	tcp_model_start(&model, 100, flows, is_download);
	tcp_model_run(&model, 2 * SECOND);
	before = model.delivered;
	tcp_model_run(&model, 10 * SECOND);
	reached = model.delivered - before;
	if (reached * 1000 > rate * 10 * (ULONG64)(1000 + permille) ||
	    reached * 1000 < rate * 10 * (ULONG64)(1000 - permille))
		test_fail(__FILE__, __LINE__, "%d flows reached %.4f of %llu", flows,
			  (double)reached / 10 / (double)rate, (unsigned long long)rate);
	CHECK_EQUAL(0, model.overtaken);
	tcp_model_finish(&model);
	CHECK_EQUAL(model.sent, model.delivered);
	stop();
}

static void holds_uploads(void)
{
	holds(FALSE, 100000, 8, 10);
	holds(FALSE, 1000000, 1, 10);
	holds(FALSE, 1000000, 8, 10);
}

static void holds_downloads(void)
{
	holds(TRUE, 100000, 8, 10);
	holds(TRUE, 1000000, 1, 10);
	holds(TRUE, 1000000, 8, 10);
}

static void is_fair(void)
{
	struct tcp_model model;
	double sum = 0, squares = 0;

	start();
	limit(100, 1000000, 0);
	tcp_model_start(&model, 100, 8, FALSE);
	tcp_model_run(&model, 20 * SECOND);
	for (int index = 0; index < 8; index++) {
		sum += (double)model.flow[index].delivered;
		squares += (double)model.flow[index].delivered * (double)model.flow[index].delivered;
	}
	if (sum * sum / 8 / squares < 0.95)
		test_fail(__FILE__, __LINE__, "Jain's index is %.3f", sum * sum / 8 / squares);
	tcp_model_finish(&model);
	stop();
}

static void changes_at_once(void)
{
	static const ULONG64 rates[] = {1000000, 200000, 5000000, 0, 1000000};
	struct tcp_model model;

	start();
	tcp_model_start(&model, 100, 4, FALSE);
	tcp_model_run(&model, SECOND);
	for (ULONG index = 0; index < sizeof(rates) / sizeof(rates[0]); index++) {
		ULONG64 before, reached;

		limit(100, rates[index], 0);
		tcp_model_run(&model, SECOND / 2);
		before = model.delivered;
		tcp_model_run(&model, 2 * SECOND);
		reached = (model.delivered - before) / 2; /* less than the limit where many are lost and sent again */
		if (rates[index] ? reached > rates[index] * 103 / 100 || reached < rates[index] * 80 / 100
				 : reached < 6000000) /* its window has yet to grow */
			test_fail(__FILE__, __LINE__, "%llu after %llu was set", (unsigned long long)reached,
				  (unsigned long long)rates[index]);
	}
	tcp_model_finish(&model);
	stop();
}

static void keeps_others_free(void)
{
	struct tcp_model limited, other;

	start();
	limit(100, 100000, 100000);
	tcp_model_start(&limited, 100, 1, FALSE);
	tcp_model_start(&other, 104, 1, FALSE);
	for (int step = 0; step < 2000; step++) {
		tcp_model_run(&other, SECOND / 1000);
		tcp_model_run(&limited, 0);
	}
	CHECK(other.delivered > 20000000);
	tcp_model_finish(&other);
	tcp_model_finish(&limited);
	stop();
}

/* ---- single packets ---- */

static ULONG arrivals[256];
static ULONG arrival_flags[256];
static int arrival_count;

static void note_arrival(const struct engine_arrival *arrival, void *context)
{
	UNREFERENCED_PARAMETER(context);
	arrival_flags[arrival_count] = arrival->flags;
	arrivals[arrival_count++] = arrival->sequence;
}

static UINT64 limited_flow(UINT8 transport)
{
	struct engine_flow_options options = rig_flow(100);

	options.transport = transport;
	engine_on_arrival(note_arrival, NULL);
	arrival_count = 0;
	return engine_flow_open(&options);
}

static void lets_acknowledgements_pass(void)
{
	UINT64 flow;

	start();
	flow = limited_flow(6);
	limit(100, 10000, 10000);
	for (ULONG index = 0; index < 10; index++)
		engine_segment(flow, FALSE, index, 1000, 0x10);
	nt_clock_settle();
	CHECK(arrival_count < 5);
	arrival_count = 0;
	engine_segment(flow, FALSE, 77, 0, 0x10);
	CHECK_EQUAL(1, arrival_count);
	CHECK_EQUAL(77, arrivals[0]);
	nt_clock_advance(10 * SECOND);
	stop();
}

static void keeps_the_end_in_its_place(UINT8 flags, BOOLEAN is_inbound)
{
	UINT64 flow;

	start();
	flow = limited_flow(6);
	limit(100, 10000, 10000);
	for (ULONG index = 0; index < 10; index++)
		engine_segment(flow, is_inbound, index, 1000, 0x10);
	engine_segment(flow, is_inbound, 10, 0, flags);
	nt_clock_advance(10 * SECOND);
	CHECK_EQUAL(11, arrival_count);
	for (ULONG index = 0; index < 11; index++)
		CHECK_EQUAL(index, arrivals[index]);
	CHECK_EQUAL(flags, arrival_flags[10]);
	stop();
}

static void keeps_fin_and_rst_in_order(void)
{
	for (int inbound = 0; inbound < 2; inbound++) {
		keeps_the_end_in_its_place(0x11, (BOOLEAN)inbound);
		keeps_the_end_in_its_place(0x14, (BOOLEAN)inbound);
	}
}

static void bounds_its_queue(void)
{
	UINT64 flow;

	start();
	flow = limited_flow(6);
	limit(100, 20000, 0);
	for (ULONG index = 0; index < 200; index++)
		engine_segment(flow, FALSE, index, 1000, 0x10);
	CHECK(engine_pending_packets() > 100);
	CHECK(engine_pending_packets() <= 2 * 66);
	CHECK_EQUAL(200 - 66, rig_statistics().dropped_packets + (ULONG64)arrival_count - 1);
	nt_clock_advance(30 * SECOND);
	CHECK_EQUAL(0, engine_pending_packets());
	stop();
}

static void drains_when_it_is_removed(void)
{
	UINT64 flow;

	start();
	flow = limited_flow(6);
	limit(100, 2000, 0);
	for (ULONG index = 0; index < 20; index++)
		engine_segment(flow, FALSE, index, 1000, 0x10);
	CHECK_EQUAL(1, engine_filters(FWPS_LAYER_OUTBOUND_TRANSPORT_V4));
	limit(100, 0, 0);
	nt_clock_settle();
	CHECK_EQUAL(20, arrival_count);
	for (ULONG index = 0; index < 20; index++)
		CHECK_EQUAL(index, arrivals[index]);
	nt_clock_settle();
	CHECK_EQUAL(0, engine_filters(FWPS_LAYER_OUTBOUND_TRANSPORT_V4));
	stop();
}

static void drains_when_the_machine_sleeps(void)
{
	UINT64 flow;

	start();
	flow = limited_flow(6);
	limit(100, 2000, 0);
	for (ULONG index = 0; index < 20; index++)
		engine_segment(flow, FALSE, index, 1000, 0x10);
	nt_power(FALSE);
	nt_clock_settle();
	CHECK_EQUAL(20, arrival_count);
	engine_segment(flow, FALSE, 20, 1000, 0x10);
	CHECK_EQUAL(21, arrival_count);
	nt_power(TRUE);
	for (ULONG index = 21; index < 40; index++)
		engine_segment(flow, FALSE, index, 1000, 0x10);
	nt_clock_settle();
	CHECK(arrival_count < 25);
	stop();
}

static void drains_when_the_driver_stops(void)
{
	UINT64 flow;

	start();
	flow = limited_flow(6);
	limit(100, 2000, 0);
	for (ULONG index = 0; index < 20; index++)
		engine_segment(flow, FALSE, index, 1000, 0x10);
	rig_unload();
	CHECK_EQUAL(20, arrival_count);
	rig_stop_platform();
}

static void counts_held_datagrams_once(void)
{
	UINT64 flow;

	start();
	flow = limited_flow(17);
	limit(100, 20000, 20000);
	for (int index = 0; index < 20; index++) {
		engine_datagrams(flow, FALSE, 500, 2);
		engine_datagrams(flow, TRUE, 600, 1);
	}
	nt_clock_advance(10 * SECOND);
	CHECK_EQUAL(60, arrival_count);
	CHECK_EQUAL(20 * 2 * 500, rig_living(100).upload_bytes);
	CHECK_EQUAL(20 * 600, rig_living(100).download_bytes);
	rig_check_totals(100);
	stop();
}

static void sends_before_a_socket_closes(void)
{
	UINT64 flow;

	start();
	flow = limited_flow(17);
	limit(100, 10000, 0);
	for (int index = 0; index < 20; index++)
		engine_datagrams(flow, FALSE, 1000, 1);
	CHECK(!engine_endpoint_close(flow)); /* it waits */
	CHECK(arrival_count < 20);
	CHECK_EQUAL(1, rig_count(NETFLOW_IOCTL_QUERY_CONNECTIONS));
	nt_clock_advance(5 * SECOND);
	CHECK_EQUAL(20, arrival_count);
	CHECK_EQUAL(0, engine_lost_packets());
	CHECK_EQUAL(0, rig_count(NETFLOW_IOCTL_QUERY_CONNECTIONS));
	flow = limited_flow(17);
	CHECK(engine_endpoint_close(flow)); /* nothing waits: at once */
	stop();
}

/* ---- which rule ---- */

static ULONG64 upload_limit(ULONG process)
{
	return rig_living(process).upload_limit;
}

static void path_rule(ULONG code, ULONG process, ULONG64 upload, UINT8 flags)
{
	CHECK_EQUAL(STATUS_SUCCESS, rig_rule(code, 0, rig_path(process), upload, 0, flags));
}

static void goes_by_precedence(void)
{
	start();
	limited_flow(6);
	path_rule(NETFLOW_IOCTL_SET_RULE, 100, 3000, 0);
	CHECK_EQUAL(3000, upload_limit(100));
	path_rule(NETFLOW_IOCTL_SET_RULE, 100, 4000, NETFLOW_RULE_POLICY);
	CHECK_EQUAL(4000, upload_limit(100));
	limit(100, 5000, 0);
	CHECK_EQUAL(5000, upload_limit(100));
	limit(100, 0, 0);
	CHECK_EQUAL(4000, upload_limit(100));
	path_rule(NETFLOW_IOCTL_REMOVE_RULE, 100, 0, NETFLOW_RULE_POLICY);
	CHECK_EQUAL(3000, upload_limit(100));
	path_rule(NETFLOW_IOCTL_REMOVE_RULE, 100, 0, 0);
	CHECK_EQUAL(0, upload_limit(100));
	stop();
}

static void remembers_rules_of_paths(void)
{
	start();
	path_rule(NETFLOW_IOCTL_SET_RULE, 100, 3000, 0);
	path_rule(NETFLOW_IOCTL_SET_RULE, 104, 4000, NETFLOW_RULE_SHARED);
	limit(100, 9000, 0);
	rig_unload();
	rig_load();
	limited_flow(6);
	CHECK_EQUAL(3000, upload_limit(100));
	CHECK_EQUAL(2, rig_count(NETFLOW_IOCTL_QUERY_RULES));
	CHECK_EQUAL(1, engine_filters(FWPS_LAYER_OUTBOUND_TRANSPORT_V4));
	stop();
}

static void shares_one_limit(void)
{
	struct tcp_model models[2];
	ULONG64 before;
	ULONG64 reached;

	start();
	nt_process_exit(104);
	nt_process_start(104, 4, 134116128000000000 + 104 * 10000000ll, rig_path(100), NULL);
	path_rule(NETFLOW_IOCTL_SET_RULE, 100, 1000000, NETFLOW_RULE_SHARED);
	tcp_model_start(&models[0], 100, 2, FALSE);
	tcp_model_start_as(&models[1], 104, rig_path(100), 2, FALSE);
	for (int step = 0; step < 2000; step++) {
		tcp_model_run(&models[0], SECOND / 1000);
		tcp_model_run(&models[1], 0);
	}
	before = models[0].delivered + models[1].delivered;
	for (int step = 0; step < 5000; step++) {
		tcp_model_run(&models[0], SECOND / 1000);
		tcp_model_run(&models[1], 0);
	}
	reached = (models[0].delivered + models[1].delivered - before) / 5;
	CHECK(reached > 980000 && reached < 1010000);
	tcp_model_finish(&models[0]);
	tcp_model_finish(&models[1]);
	stop();
}

static void changes_nothing_that_is_not_saved(void)
{
	start();
	limited_flow(6);
	path_rule(NETFLOW_IOCTL_SET_RULE, 100, 3000, 0);
	nt_registry_fail(TRUE);
	CHECK_EQUAL(STATUS_DISK_FULL, rig_rule(NETFLOW_IOCTL_SET_RULE, 0, rig_path(100), 5000, 0, 0));
	CHECK_EQUAL(3000, upload_limit(100));
	nt_registry_fail(FALSE);
	stop();
}

static void ignores_rules_that_are_damaged(void)
{
	static const UCHAR nonsense[100] = {1, 2, 3};

	nt_registry_set(REG_BINARY, nonsense, sizeof(nonsense));
	start();
	CHECK_EQUAL(0, rig_count(NETFLOW_IOCTL_QUERY_RULES));
	CHECK_EQUAL(1, rig_statistics().lost_events);
	stop();
}

static const struct test tests[] = {
	{"uploads of eight flows are within one per cent of the limit over ten seconds", holds_uploads},
	{"downloads are as well", holds_downloads},
	{"eight flows have fair shares", is_fair},
	{"a limit that is set, lowered, raised, removed and set again holds within half a second", changes_at_once},
	{"other processes are not limited", keeps_others_free},
	{"acknowledgements do not wait", lets_acknowledgements_pass},
	{"FIN and RST do not overtake data", keeps_fin_and_rst_in_order},
	{"what waits is bounded", bounds_its_queue},
	{"what waits goes on its way when the limit is removed, and so do the filters", drains_when_it_is_removed},
	{"what waits goes on its way before the machine sleeps", drains_when_the_machine_sleeps},
	{"what waits goes on its way when the driver stops", drains_when_the_driver_stops},
	{"datagrams that were held are counted once", counts_held_datagrams_once},
	{"a UDP socket closes when its datagrams are sent", sends_before_a_socket_closes},
	{"a process's own rule beats a policy's, which beats a local one", goes_by_precedence},
	{"rules of paths are there again when the driver is", remembers_rules_of_paths},
	{"processes of a shared rule have one limit together", shares_one_limit},
	{"a rule that can't be saved is not applied", changes_nothing_that_is_not_saved},
	{"saved rules that are damaged keep the driver from nothing", ignores_rules_that_are_damaged},
};

TEST_MAIN(tests)
