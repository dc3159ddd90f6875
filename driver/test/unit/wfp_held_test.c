/* SPDX-License-Identifier: MIT */
/* What becomes of single packets of a limited process: which wait, in what order they go on, and when. */
#include <pthread.h>
#include <unistd.h>

#include "limits_rig.h"

/* A flow of a process with limits, which is stopped by limits_stop(). */
static UINT64 limited_flow(UINT8 transport, ULONG64 upload, ULONG64 download)
{
	UINT64 flow;

	limits_start();
	flow = limits_flow(transport);
	limits_set(100, upload, download);
	return flow;
}

static void segments(UINT64 flow, BOOLEAN is_inbound, ULONG first, ULONG count)
{
	for (ULONG index = first; index < first + count; index++)
		engine_segment(flow, is_inbound, index, 1000, 0x10);
}

static void check_arrived_in_order(int count)
{
	CHECK_EQUAL(count, limits_arrivals.count);
	for (int index = 0; index < count; index++)
		CHECK_EQUAL((ULONG)index, limits_arrivals.sequence[index]);
}

static void lets_acknowledgements_pass(void)
{
	UINT64 flow = limited_flow(6, 10000, 10000);

	segments(flow, FALSE, 0, 10);
	nt_clock_settle();
	CHECK(limits_arrivals.count < 5);
	limits_arrivals.count = 0;
	engine_segment(flow, FALSE, 77, 0, 0x10);
	CHECK_EQUAL(1, limits_arrivals.count);
	CHECK_EQUAL(77, limits_arrivals.sequence[0]);
	nt_clock_advance(10 * SECOND);
	limits_stop();
}

static void keeps_the_end_in_its_place(UINT8 flags, BOOLEAN is_inbound)
{
	UINT64 flow = limited_flow(6, 10000, 10000);

	segments(flow, is_inbound, 0, 10);
	engine_segment(flow, is_inbound, 10, 0, flags);
	nt_clock_advance(10 * SECOND);
	check_arrived_in_order(11);
	CHECK_EQUAL(flags, limits_arrivals.flags[10]);
	limits_stop();
}

static void keeps_fin_and_rst_in_order(void)
{
	for (int inbound = 0; inbound < 2; inbound++) {
		keeps_the_end_in_its_place(0x11, (BOOLEAN)inbound);
		keeps_the_end_in_its_place(0x14, (BOOLEAN)inbound);
	}
}

static void counts_what_it_drops(void)
{
	segments(limited_flow(6, 20000, 0), FALSE, 0, 200);
	nt_clock_advance(30 * SECOND);
	CHECK_EQUAL(0, engine_pending_packets());
	CHECK(rig_statistics().dropped_packets > 0);
	CHECK_EQUAL(200, rig_statistics().dropped_packets + (ULONG64)limits_arrivals.count);
	limits_stop();
}

static void drains_when_it_is_removed(void)
{
	segments(limited_flow(6, 10000, 0), FALSE, 0, 20);
	CHECK_EQUAL(1, engine_filters(FWPS_LAYER_OUTBOUND_TRANSPORT_V4));
	limits_set(100, 0, 0);
	nt_clock_settle();
	check_arrived_in_order(20);
	nt_clock_settle();
	CHECK_EQUAL(0, engine_filters(FWPS_LAYER_OUTBOUND_TRANSPORT_V4));
	limits_stop();
}

static void drains_when_the_machine_sleeps(void)
{
	UINT64 flow = limited_flow(6, 10000, 0);

	segments(flow, FALSE, 0, 20);
	nt_power(FALSE);
	nt_clock_settle();
	CHECK_EQUAL(20, limits_arrivals.count);
	engine_segment(flow, FALSE, 20, 1000, 0x10);
	CHECK_EQUAL(21, limits_arrivals.count);
	nt_power(TRUE);
	segments(flow, FALSE, 21, 19);
	nt_clock_settle();
	CHECK(limits_arrivals.count < 25);
	limits_stop();
}

static void drains_when_the_driver_stops(void)
{
	segments(limited_flow(6, 10000, 0), FALSE, 0, 20);
	rig_unload();
	CHECK_EQUAL(20, limits_arrivals.count);
	rig_stop_engine();
}

static void counts_held_datagrams_once(void)
{
	UINT64 flow = limited_flow(17, 20000, 20000);

	for (int index = 0; index < 20; index++) {
		engine_datagrams(flow, FALSE, 500, 2);
		engine_datagrams(flow, TRUE, 600, 1);
	}
	nt_clock_advance(10 * SECOND);
	CHECK_EQUAL(60, limits_arrivals.count);
	CHECK_EQUAL(20 * 2 * 500, rig_living(100).upload_bytes);
	CHECK_EQUAL(20 * 600, rig_living(100).download_bytes);
	rig_check_totals(100);
	limits_stop();
}

/* The adapter's buffers are everybody's. */
static void keeps_no_buffer_of_the_adapter(void)
{
	UINT64 limited = limited_flow(6, 0, 10000000);
	struct engine_flow_options options = rig_flow(104);
	UINT64 other = engine_flow_open(&options);

	engine_on_arrival(NULL, NULL);
	for (ULONG index = 0; index < 1000; index++) {
		engine_segment(limited, TRUE, index, 1460, 0x10);
		engine_segment(other, TRUE, index, 1460, 0x10);
	}
	CHECK_EQUAL(0, engine_receive_buffers());
	CHECK_EQUAL(0, engine_missed_packets());
	CHECK_EQUAL(1000, engine_deliveries(other, TRUE).packets);
	nt_clock_advance(SECOND);
	CHECK_EQUAL(1000, engine_deliveries(limited, TRUE).packets);
	limits_stop();
}

static void receives_whatever_the_checksums(void)
{
	UINT64 flow = limited_flow(17, 0, 100000);

	for (int index = 0; index < 100; index++)
		engine_datagrams(flow, TRUE, 500, 1);
	nt_clock_advance(SECOND);
	CHECK_EQUAL(100, limits_arrivals.count);
	CHECK_EQUAL(0, engine_lost_packets());
	limits_stop();
}

/* What is put back may stay in the stack as long as it is not read. */
static void goes_on_unread(void)
{
	UINT64 flow = limited_flow(6, 0, 10000);

	engine_hold_reading(TRUE);
	segments(flow, TRUE, 0, 20);
	nt_clock_advance(5 * SECOND);
	segments(flow, TRUE, 20, 10);
	nt_clock_advance(5 * SECOND);
	check_arrived_in_order(30);
	limits_set(100, 0, 0);
	segments(flow, TRUE, 30, 10);
	nt_clock_settle();
	check_arrived_in_order(40);
	engine_hold_reading(FALSE);
	nt_clock_advance(SECOND);
	CHECK_EQUAL(0, engine_filters(FWPS_LAYER_INBOUND_TRANSPORT_V4));
	limits_stop();
}

static void *unload(void *unused)
{
	rig_unload();
	return unused;
}

/* Windows waits for what it was given; nothing passes the driver meanwhile. */
static void stops_when_it_is_read(void)
{
	UINT64 flow = limited_flow(6, 0, 10000);
	pthread_t thread;

	engine_hold_reading(TRUE);
	segments(flow, TRUE, 0, 20);
	nt_clock_real();
	pthread_create(&thread, NULL, unload, NULL);
	while (engine_filters(FWPS_LAYER_INBOUND_TRANSPORT_V4) || engine_filters(FWPS_LAYER_STREAM_V4))
		usleep(1000);
	limits_arrivals.count = 0;
	segments(flow, TRUE, 20, 10);
	CHECK_EQUAL(10, limits_arrivals.count);
	engine_hold_reading(FALSE);
	pthread_join(thread, NULL);
	rig_stop_engine();
}

static void sends_before_a_socket_closes(void)
{
	UINT64 flow = limited_flow(17, 10000, 0);

	for (int index = 0; index < 20; index++)
		engine_datagrams(flow, FALSE, 1000, 1);
	CHECK(!engine_endpoint_close(flow)); /* it waits */
	CHECK(limits_arrivals.count < 20);
	CHECK_EQUAL(1, rig_count(NETFLOW_IOCTL_QUERY_CONNECTIONS));
	nt_clock_advance(5 * SECOND);
	CHECK_EQUAL(20, limits_arrivals.count);
	CHECK_EQUAL(0, engine_lost_packets());
	CHECK_EQUAL(0, rig_count(NETFLOW_IOCTL_QUERY_CONNECTIONS));
	flow = limits_flow(17);
	CHECK(engine_endpoint_close(flow)); /* nothing waits: at once */
	limits_stop();
}

static void gives_up_what_the_stack_refuses(void)
{
	segments(limited_flow(6, 10000, 0), FALSE, 0, 10);
	engine_fail_injections(3);
	nt_clock_advance(10 * SECOND);
	CHECK_EQUAL(0, engine_pending_packets());
	CHECK_EQUAL(3, rig_statistics().dropped_packets);
	CHECK_EQUAL(7, limits_arrivals.count);
	limits_stop();
}

static void loses_datagrams_of_a_socket_that_cannot_wait(void)
{
	UINT64 flow = limited_flow(17, 10000, 0);

	for (int index = 0; index < 20; index++)
		engine_datagrams(flow, FALSE, 1000, 1);
	engine_fail_pends(1);
	CHECK(engine_endpoint_close(flow));
	nt_clock_advance(5 * SECOND);
	CHECK(engine_lost_packets() > 0);
	CHECK_EQUAL(engine_lost_packets(), rig_statistics().dropped_packets);
	limits_stop();
}

static const struct test tests[] = {
	{"acknowledgements do not wait", lets_acknowledgements_pass},
	{"FIN and RST do not overtake data", keeps_fin_and_rst_in_order},
	{"a packet arrives or is counted as dropped", counts_what_it_drops},
	{"what waits goes on its way when the limit is removed, and so do the filters", drains_when_it_is_removed},
	{"what waits goes on its way before the machine sleeps", drains_when_the_machine_sleeps},
	{"what waits goes on its way when the driver stops", drains_when_the_driver_stops},
	{"datagrams that were held are counted once", counts_held_datagrams_once},
	{"what is received and waits keeps no buffer of the network adapter", keeps_no_buffer_of_the_adapter},
	{"what was put together of fragments, or has no checksum yet, arrives", receives_whatever_the_checksums},
	{"what is received goes on though nobody reads it", goes_on_unread},
	{"a driver that waits until what it put back is read leaves all other traffic alone", stops_when_it_is_read},
	{"a UDP socket closes when its datagrams are sent", sends_before_a_socket_closes},
	{"a packet that the stack doesn't take back is counted as dropped", gives_up_what_the_stack_refuses},
	{"datagrams of a UDP socket that can't wait are counted as dropped",
	 loses_datagrams_of_a_socket_that_cannot_wait},
};

TEST_MAIN(tests)
