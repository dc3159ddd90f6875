/* SPDX-License-Identifier: MIT */
/* What the driver counts, against what the simulated engine has shown it. */
#include <pthread.h>
#include <stdlib.h>

#include "rig.h"

/* On each of four threads. Under the thread sanitizer every one takes ten times as long. */
#if defined(__has_feature) && __has_feature(thread_sanitizer)
#define MANY 25000
#else
#define MANY 250000
#endif

struct burst {
	UINT64 flow;
	ULONG segments, bytes;
};

static void *stream_burst(void *argument)
{
	const struct burst *burst = argument;

	for (ULONG segment = 0; segment < burst->segments; segment++)
		engine_stream(burst->flow, segment % 3 ? FWPS_STREAM_FLAG_SEND : FWPS_STREAM_FLAG_RECEIVE,
			      burst->bytes + segment % 7);
	return NULL;
}

static void run_bursts(const struct burst *bursts, int count)
{
	pthread_t threads[8];

	for (int index = 0; index < count; index++)
		pthread_create(&threads[index], NULL, stream_burst, (void *)&bursts[index]);
	for (int index = 0; index < count; index++)
		pthread_join(threads[index], NULL);
}

static void counts_four_threads(ULONG segments, BOOLEAN same_flow)
{
	struct burst bursts[4];
	struct engine_flow_options options = rig_flow(100);

	rig_start();
	rig_process(100);
	for (int index = 0; index < 4; index++)
		bursts[index] =
			(struct burst){same_flow && index ? bursts[0].flow : engine_flow_open(&options), segments, 3};
	run_bursts(bursts, 4);
	rig_check_totals(100);
	CHECK(engine_totals(100).upload + engine_totals(100).download >= 4ull * segments * 3);
	rig_stop();
}

static void counts_a_million_segments(void)
{
	counts_four_threads(MANY, FALSE);
}

static void counts_a_million_segments_of_one_flow(void)
{
	counts_four_threads(MANY, TRUE);
}

static void goes_by_the_direction_of_the_data(void)
{
	static const struct {
		UINT32 flags;
		BOOLEAN is_upload;
	} cases[] = {
		{FWPS_STREAM_FLAG_SEND, TRUE},
		{FWPS_STREAM_FLAG_SEND | FWPS_STREAM_FLAG_SEND_EXPEDITED, TRUE},
		{FWPS_STREAM_FLAG_SEND_EXPEDITED, TRUE},
		{FWPS_STREAM_FLAG_SEND | FWPS_STREAM_FLAG_SEND_DISCONNECT, TRUE},
		{FWPS_STREAM_FLAG_RECEIVE, FALSE},
		{FWPS_STREAM_FLAG_RECEIVE | FWPS_STREAM_FLAG_RECEIVE_EXPEDITED, FALSE},
		{FWPS_STREAM_FLAG_RECEIVE_EXPEDITED, FALSE},
		{FWPS_STREAM_FLAG_RECEIVE | FWPS_STREAM_FLAG_RECEIVE_DISCONNECT, FALSE},
	};
	struct netflow_process before = {0};

	rig_start();
	rig_process(100);
	for (int inbound = 0; inbound < 2; inbound++) {
		struct engine_flow_options options = rig_flow(100);
		UINT64 flow;

		options.is_inbound = (BOOLEAN)inbound;
		flow = engine_flow_open(&options);
		for (ULONG index = 0; index < COUNT(cases); index++) {
			struct netflow_process after;

			engine_stream(flow, cases[index].flags, 1000 + index);
			after = rig_living(100);
			CHECK_EQUAL(cases[index].is_upload ? 1000 + index : 0,
				    after.upload_bytes - before.upload_bytes);
			CHECK_EQUAL(cases[index].is_upload ? 0 : 1000 + index,
				    after.download_bytes - before.download_bytes);
			before = after;
		}
		engine_stream(flow, FWPS_STREAM_FLAG_SEND_DISCONNECT, 0);
		engine_stream(flow, FWPS_STREAM_FLAG_RECEIVE_ABORT, 0);
	}
	rig_check_totals(100);
	rig_stop();
}

static void takes_headers_off_datagrams(void)
{
	rig_start();
	rig_process(100);
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct engine_flow_options options = rig_flow(100);
		UINT64 flow;

		options.transport = 17;
		options.is_ipv6 = (BOOLEAN)ipv6;
		flow = engine_flow_open(&options);
		engine_datagrams(flow, FALSE, 100, 1);
		engine_datagrams(flow, FALSE, 1400, 5);
		engine_datagrams(flow, FALSE, 0, 3);
		engine_datagrams(flow, TRUE, 77, 1);
		engine_datagrams(flow, TRUE, 0, 1);
	}
	CHECK_EQUAL(2 * (100 + 7000), rig_living(100).upload_bytes);
	CHECK_EQUAL(2 * 77, rig_living(100).download_bytes);
	rig_check_totals(100);
	rig_stop();
}

static struct netflow_connection only_connection(void)
{
	struct netflow_connection record;

	rig_read_only(NETFLOW_IOCTL_QUERY_CONNECTIONS, &record, sizeof(record));
	return record;
}

static void tells_connections(void)
{
	struct engine_flow_options options = rig_flow(100);
	struct netflow_connection record;
	UINT64 flow;

	rig_start();
	rig_process(100);
	options.is_ipv6 = TRUE;
	options.local_address[15] = 7;
	options.remote_port = 8443;
	flow = engine_flow_open(&options);
	engine_stream(flow, FWPS_STREAM_FLAG_SEND, 10);
	record = only_connection();
	CHECK_EQUAL(NETFLOW_RECORD_CONNECTION, record.header.type);
	CHECK_EQUAL(NETFLOW_IPV6, record.family);
	CHECK_EQUAL(NETFLOW_TCP, record.transport);
	CHECK_EQUAL(NETFLOW_STATE_ESTABLISHED, record.state);
	CHECK(!memcmp(record.local_address, options.local_address, 16));
	CHECK(!memcmp(record.remote_address, options.remote_address, 16));
	CHECK_EQUAL(8443, record.remote_port);
	CHECK_EQUAL(options.local_port, record.local_port);
	CHECK_EQUAL(10, record.upload_bytes);
	CHECK_EQUAL(0, record.download_bytes);
	CHECK_EQUAL(flow, record.connection_id);
	CHECK_EQUAL(rig_start_time(100), record.identity.start_time);
	engine_flow_close(flow);
	CHECK_EQUAL(0, rig_count(NETFLOW_IOCTL_QUERY_CONNECTIONS));
	CHECK_EQUAL(10, rig_living(100).upload_bytes);
	rig_stop();
}

static void knows_processes_that_are_older(void)
{
	rig_start_engine();
	engine_set_service(FWPM_SERVICE_RUNNING);
	rig_process(100);
	struct engine_flow_options options = rig_flow(100);
	options.is_old = TRUE;
	UINT64 old = engine_flow_open(&options);
	engine_stream(old, FWPS_STREAM_FLAG_SEND, 5000);
	UINT64 before = engine_totals(100).upload;

	rig_load();
	for (int index = 0; index < 10; index++)
		engine_stream(old, FWPS_STREAM_FLAG_SEND, 100);
	/* The first of them has come before it was said whose it is. */
	CHECK_EQUAL(engine_totals(100).upload - before - 100, rig_living(100).upload_bytes);
	CHECK_EQUAL(900, rig_living(100).upload_bytes);
	rig_stop();
}

static void gives_a_reused_id_nothing(void)
{
	struct engine_flow_options options = rig_flow(100);
	UINT64 flow;

	rig_start();
	rig_process(100);
	flow = engine_flow_open(&options);
	engine_stream(flow, FWPS_STREAM_FLAG_SEND, 1234);
	nt_process_exit(100);
	engine_stream(flow, FWPS_STREAM_FLAG_SEND, 6); /* TCP sends what is left after the end of its process */
	nt_process_start(100, 4, 134116128000000000 + 99, rig_path(101), NULL);
	flow = engine_flow_open(&options);
	engine_stream(flow, FWPS_STREAM_FLAG_RECEIVE, 1);
	CHECK_EQUAL(0, rig_living(100).upload_bytes);
	CHECK_EQUAL(1, rig_living(100).download_bytes);
	CHECK_EQUAL(1240, rig_exited(100).upload_bytes);
	CHECK(rig_exited(100).identity.start_time != rig_living(100).identity.start_time);
	CHECK(rig_exited(100).exit_time != 0);
	CHECK_EQUAL(1241, rig_statistics().upload_bytes + rig_statistics().download_bytes);
	rig_stop();
}

static void describes_a_process(void)
{
	struct engine_flow_options options = rig_flow(100);
	struct netflow_process said;

	rig_start();
	rig_process(100);
	engine_flow_open(&options);
	said = rig_living(100);
	CHECK_EQUAL(rig_start_time(100), said.identity.start_time);
	CHECK_EQUAL(4, said.parent_id);
	CHECK_EQUAL(12, said.sid_bytes);
	CHECK_EQUAL(NETFLOW_PROCESS_PATH_UTF16, said.flags);
	CHECK_EQUAL(sizeof(L"\\Device\\HarddiskVolume1\\Programs\\p100.exe") - sizeof(WCHAR), said.path_bytes);
	CHECK_EQUAL(sizeof(said) + ((said.path_bytes + 12u + 7) & ~7u), said.header.size);
	rig_stop();
}

static void says_what_is_nobodys(void)
{
	struct engine_flow_options options = rig_flow(0);
	UINT64 flow;

	rig_start();
	options.path = NULL;
	flow = engine_flow_open(&options);
	engine_stream(flow, FWPS_STREAM_FLAG_SEND, 55);
	CHECK_EQUAL(55, rig_statistics().unattributed_bytes);
	CHECK_EQUAL(55, rig_statistics().upload_bytes);
	CHECK_EQUAL(0, rig_count(NETFLOW_IOCTL_QUERY_PROCESSES));
	CHECK_EQUAL(0, rig_count(NETFLOW_IOCTL_QUERY_CONNECTIONS));
	rig_stop();
}

static void waits_for_the_filtering_engine(void)
{
	struct engine_flow_options options = rig_flow(100);
	UINT64 flow;

	nt_clock_simulate(100000 * 10000000ull);
	rig_start_engine();
	rig_load();
	rig_process(100);
	options.is_old = TRUE;
	flow = engine_flow_open(&options);
	for (int round = 0; round < 3; round++) {
		UINT64 before;

		engine_stream(flow, FWPS_STREAM_FLAG_SEND, 1);
		engine_set_service(FWPM_SERVICE_RUNNING);
		nt_clock_settle();
		CHECK_EQUAL(1, engine_filters(FWPS_LAYER_STREAM_V4));
		engine_stream(flow, FWPS_STREAM_FLAG_SEND, 2);
		before = rig_living(100).upload_bytes;
		engine_set_service(FWPM_SERVICE_STOPPED);
		nt_clock_settle();
		CHECK_EQUAL(0, engine_filters(FWPS_LAYER_STREAM_V4));
		engine_stream(flow, FWPS_STREAM_FLAG_SEND, 4);
		CHECK_EQUAL(before, rig_living(100).upload_bytes);
	}
	CHECK_EQUAL(4, rig_living(100).upload_bytes); /* without the first send */
	rig_stop();
}

static void tells_the_speed_of_the_last_second(void)
{
	struct engine_flow_options options = rig_flow(100);
	UINT64 flow, other;

	nt_clock_simulate(100000 * 10000000ull);
	rig_start();
	rig_process(100);
	flow = engine_flow_open(&options);
	other = engine_flow_open(&options);
	engine_stream(flow, FWPS_STREAM_FLAG_SEND, 300);
	engine_stream(other, FWPS_STREAM_FLAG_SEND, 30);
	nt_clock_advance(10000000);
	CHECK_EQUAL(330, rig_living(100).upload_speed);
	engine_flow_close(other); /* its last second stays its process's */
	CHECK_EQUAL(330, rig_living(100).upload_speed);
	CHECK_EQUAL(330, rig_statistics().upload_speed);
	CHECK_EQUAL(300, only_connection().upload_speed);
	CHECK_EQUAL(0, only_connection().download_speed);
	nt_clock_real();
	rig_stop();
}

/* The adapter puts them together and takes them apart: each list has one buffer then. */
static void counts_what_the_adapter_coalesces(void)
{
	struct engine_flow_options options = rig_flow(100);
	UINT64 flow;

	nt_build = NT_WINDOWS_11_24H2;
	rig_start();
	rig_process(100);
	engine_coalesce(TRUE);
	options.transport = 17;
	flow = engine_flow_open(&options);
	for (ULONG count = 1; count <= 40; count += 13) {
		engine_datagrams(flow, TRUE, 1400, count);
		engine_datagrams(flow, FALSE, 1400, count);
	}
	CHECK_EQUAL(4, engine_deliveries(flow, TRUE).packets);
	CHECK_EQUAL(4, engine_deliveries(flow, FALSE).packets);
	rig_check_totals(100);
	CHECK_EQUAL((1 + 14 + 27 + 40) * 1400, rig_living(100).download_bytes);
	flow = engine_flow_open(&(struct engine_flow_options){.transport = 6, .process_id = 100});
	engine_transfer(flow, TRUE, 1000000, 65495); /* receive segment coalescing */
	engine_transfer(flow, FALSE, 1000000, 64240);
	rig_check_totals(100);
	rig_stop();
}

static const struct test tests[] = {
	{"a million segments on four threads and flows are counted to the byte", counts_a_million_segments},
	{"a million segments on four threads and one flow are counted to the byte",
	 counts_a_million_segments_of_one_flow},
	{"the data's flags tell the direction, not the connection's", goes_by_the_direction_of_the_data},
	{"datagrams are counted without their headers, several in one list as well", takes_headers_off_datagrams},
	{"connections have their addresses, ports and bytes", tells_connections},
	{"connections that are older than the driver are counted from their second send on",
	 knows_processes_that_are_older},
	{"a process id that is used again inherits nothing", gives_a_reused_id_nothing},
	{"a process has its path, user, parent and start time", describes_a_process},
	{"bytes whose process WFP does not say are reported as nobody's", says_what_is_nobodys},
	{"counting begins and ends with the filtering engine's service", waits_for_the_filtering_engine},
	{"what the network adapter has put together or will take apart is counted whole",
	 counts_what_the_adapter_coalesces},
	{"speed is the bytes of the last whole second", tells_the_speed_of_the_last_second},
};

TEST_MAIN(tests)
