/* SPDX-License-Identifier: MIT */
/* Whatever a program sends to the device, it gets a status, and the driver lives on. */
#include <pthread.h>
#include <stdlib.h>

#include "rig.h"

static const ULONG queries[] = {
	NETFLOW_IOCTL_HANDSHAKE,    NETFLOW_IOCTL_QUERY_CONNECTIONS, NETFLOW_IOCTL_QUERY_PROCESSES,
	NETFLOW_IOCTL_QUERY_EXITED, NETFLOW_IOCTL_QUERY_RULES,       NETFLOW_IOCTL_QUERY_STATISTICS,
};
static const ULONG changes[] = {NETFLOW_IOCTL_SET_RULE, NETFLOW_IOCTL_REMOVE_RULE, NETFLOW_IOCTL_REPLACE_RULES};

static UINT64 populate(void)
{
	struct engine_flow_options options = rig_flow(100);
	UINT64 flow = 0;

	rig_process(100);
	rig_process(104);
	for (int index = 0; index < 5; index++)
		flow = engine_flow_open(&options);
	options = rig_flow(104);
	engine_stream(engine_flow_open(&options), FWPS_STREAM_FLAG_SEND, 9);
	nt_process_exit(104);
	rig_rule(NETFLOW_IOCTL_SET_RULE, 0, rig_path(100), 5000, 0, 0);
	rig_rule(NETFLOW_IOCTL_SET_RULE, 100, NULL, 5000, 0, 0);
	return flow;
}

static NTSTATUS ask(ULONG code, const void *input, ULONG input_bytes, ULONG output_bytes)
{
	ULONG_PTR written;
	UCHAR *output = malloc(output_bytes + 1);
	NTSTATUS status =
		nt_control(NT_READ_ACCESS | NT_WRITE_ACCESS, code, input, input_bytes, output, output_bytes, &written);

	CHECK(written <= output_bytes);
	CHECK(NT_SUCCESS(status) || status == STATUS_BUFFER_OVERFLOW || written == 0);
	free(output);
	return status;
}

/* Whole records only, as many as fit. */
static void answers_at_every_length(void)
{
	rig_start();
	populate();
	for (ULONG query = 0; query < COUNT(queries); query++) {
		ULONG_PTR full;
		ULONG first;
		UCHAR *reply = rig_query(queries[query], &full);

		CHECK(full > 0);
		first = ((struct netflow_header *)reply)->size;
		free(reply);
		for (ULONG room = 0; room <= 2 * full; room++) {
			NTSTATUS status = ask(queries[query], NULL, 0, room);

			CHECK_EQUAL(room >= full    ? STATUS_SUCCESS
				    : room >= first ? STATUS_BUFFER_OVERFLOW
						    : STATUS_BUFFER_TOO_SMALL,
				    status);
		}
		CHECK_EQUAL(STATUS_INVALID_BUFFER_SIZE, ask(queries[query], "x", 1, 4096));
	}
	rig_stop();
}

static struct netflow_rule good_rule(ULONG process)
{
	struct netflow_rule rule = {
		.header = {NETFLOW_MAGIC, NETFLOW_PROTOCOL_VERSION, NETFLOW_RECORD_RULE, sizeof(rule), 0},
		.identity = {process, 0, (uint64_t)rig_start_time(process)},
		.upload_limit = 5000,
		.target = NETFLOW_TARGET_PROCESS,
	};

	return rule;
}

/* The record's other fields, its length, and streams of records are common_rule_test's. */
static void refuses_processes_that_are_not(void)
{
	static const struct {
		const char *what;
		struct netflow_identity identity;
		NTSTATUS status;
	} cases[] = {
		{"the kernel", {4, 0, 0}, STATUS_INVALID_PARAMETER},
		{"nobody", {0, 0, 0}, STATUS_INVALID_PARAMETER},
		{"a process that is not", {4444, 0, 0}, STATUS_NOT_FOUND},
		{"one of before", {100, 0, 1}, STATUS_NOT_FOUND},
	};

	rig_start();
	populate();
	for (ULONG index = 0; index < COUNT(cases); index++) {
		struct netflow_rule rule = good_rule(100);
		NTSTATUS status;

		rule.identity = cases[index].identity;
		status = ask(NETFLOW_IOCTL_SET_RULE, &rule, sizeof(rule), 0);
		if (status != cases[index].status)
			test_fail(__FILE__, __LINE__, "%s: 0x%x", cases[index].what, (unsigned)status);
	}
	CHECK_EQUAL(STATUS_NOT_FOUND, rig_rule(NETFLOW_IOCTL_REMOVE_RULE, 0, rig_path(999), 0, 0, 0));
	CHECK_EQUAL(5000, rig_living(100).upload_limit);
	rig_stop();
	nt_registry_set(0, NULL, 0);
}

static void needs_the_right_access(void)
{
	ULONG_PTR written;

	rig_start();
	for (ULONG index = 0; index < COUNT(changes); index++)
		CHECK_EQUAL(STATUS_ACCESS_DENIED,
			    nt_control(NT_READ_ACCESS, changes[index], NULL, 0, NULL, 0, &written));
	for (ULONG index = 0; index < COUNT(queries); index++)
		CHECK_EQUAL(STATUS_ACCESS_DENIED,
			    nt_control(NT_WRITE_ACCESS, queries[index], NULL, 0, NULL, 0, &written));
	CHECK_EQUAL(STATUS_INVALID_DEVICE_REQUEST, ask(NETFLOW_IOCTL(0x900u, 0), NULL, 0, 64));
	CHECK_EQUAL(STATUS_INVALID_DEVICE_REQUEST, ask(0, NULL, 0, 0));
	rig_stop();
}

/* D:P(A;;FA;;;SY)(A;;FA;;;BA) */
static void is_for_administrators_alone(void)
{
	static const UCHAR system[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};
	static const UCHAR administrators[] = {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0};
	UCHAR sid[68];
	ULONG bytes;
	USHORT control;

	rig_start();
	CHECK_EQUAL(2, nt_device_aces());
	CHECK_EQUAL(FILE_ALL_ACCESS, nt_device_ace(0, sid, &bytes, &control));
	CHECK_EQUAL(sizeof(system), bytes);
	CHECK(!memcmp(sid, system, bytes));
	CHECK_EQUAL(FILE_ALL_ACCESS, nt_device_ace(1, sid, &bytes, &control));
	CHECK_EQUAL(sizeof(administrators), bytes);
	CHECK(!memcmp(sid, administrators, bytes));
	CHECK_EQUAL(SE_DACL_PROTECTED | SE_DACL_PRESENT, control);
	rig_stop();
}

#if defined(__has_feature) && __has_feature(thread_sanitizer)
#define FUZZ_ROUNDS 25000
#else
#define FUZZ_ROUNDS 250000
#endif

/* Good requests with a few bytes changed, and a length. */
static void *fuzz(void *argument)
{
	ULONG state = (ULONG)(ULONG_PTR)argument;
	union {
		struct netflow_rule rule;
		UCHAR bytes[256];
	} request;

	for (ULONG round = 0; round < FUZZ_ROUNDS; round++) {
		ULONG code = NETFLOW_IOCTL_HANDSHAKE, length, changes_made;

		state = state * 1664525u + 1013904223u;
		code += (state >> 20) % 10 << 2 | (state >> 24 & 1 ? 3u << 14 : 0);
		memset(&request, 0, sizeof(request));
		request.rule = good_rule(100);
		request.rule.target = 1 + (state >> 8 & 1);
		request.rule.path_bytes = request.rule.target == NETFLOW_TARGET_PATH ? 16 : 0;
		request.rule.header.size += request.rule.path_bytes;
		memcpy(&request.rule + 1, L"\\Device\\x", 16);
		length = request.rule.header.size;
		changes_made = state >> 16 & 3;
		while (changes_made--) {
			state = state * 1664525u + 1013904223u;
			request.bytes[(state >> 8) % length] = (UCHAR)(state >> 24);
		}
		if ((state >> 12 & 3) == 0)
			length = (state >> 16) % sizeof(request);
		if ((code >> 2 & 0xf) < 6)
			ask(code, &request, state >> 28 ? 0 : length, (state >> 8) % 1024);
		else
			ask(code, &request, length, state >> 28 ? 0 : 8);
	}
	return NULL;
}

static void survives_a_million_of_anything(void)
{
	pthread_t threads[4];

	rig_start();
	populate();
	for (ULONG_PTR index = 0; index < 4; index++)
		pthread_create(&threads[index], NULL, fuzz, (void *)(index + test_seed()));
	for (int index = 0; index < 4; index++)
		pthread_join(threads[index], NULL);
	CHECK_EQUAL(9, rig_exited(104).upload_bytes);
	CHECK_EQUAL(5 + 1, rig_count(NETFLOW_IOCTL_QUERY_CONNECTIONS));
	rig_stop();
	nt_registry_set(0, NULL, 0);
}

static const struct test tests[] = {
	{"a query is answered at every length of its buffer", answers_at_every_length},
	{"a rule for the kernel, or for a process that is not there, is refused", refuses_processes_that_are_not},
	{"a handle needs the request's access", needs_the_right_access},
	{"the device is for SYSTEM and administrators alone", is_for_administrators_alone},
	{"a million requests of any kind on four threads leave the driver alive", survives_a_million_of_anything},
};

TEST_MAIN(tests)
