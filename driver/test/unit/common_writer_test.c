/* SPDX-License-Identifier: MIT */
#include "../../windows/common/writer.h"
#include "nt_test.h"
#include "test.h"

#define ROOM 4096

static _Alignas(8) UCHAR buffer[ROOM];
static struct processes processes;
static struct shaper shaper;
static struct limits limits;
static volatile LONG64 lost_events;

static void start(void)
{
	kernel_path_prepare();
	processes_initialize(&processes);
	shaper_initialize(&shaper);
	limits_initialize(&limits, &shaper, &lost_events);
}

static void stop(void)
{
	processes_destroy(&processes);
	limits_destroy(&limits);
	kernel_path_forget();
	nt_pool_assert_empty();
}

/* A process with so many characters of path, each another one. */
static struct process_node *make_process(ULONG id, ULONG characters)
{
	static WCHAR text[1024];
	struct process_facts facts = {.start_time = 5, .parent_id = 8, .sid_bytes = 12, .sid = {1, 1}};
	struct process_node *process;

	for (ULONG index = 0; index < characters; index++)
		text[index] = (WCHAR)(L'\\' + index);
	process = process_acquire(&processes, id, (struct kernel_path){text, (USHORT)(characters * sizeof(WCHAR))});
	process_describe(&processes, process, &facts);
	return process;
}

static void writes_processes(void)
{
	static const struct {
		ULONG id, characters;
		BOOLEAN is_exited;
		UINT16 flags;
		USHORT path_bytes, sid_bytes;
	} cases[] = {
		{100, 0, FALSE, 0, 0, 12},
		{100, 7, FALSE, 0, 14, 12},
		{100, 256, FALSE, 0, 512, 12},
		{100, 300, FALSE, NETFLOW_PROCESS_PATH_CUT, 512, 12},
		{100, 7, TRUE, NETFLOW_PROCESS_EXITED, 14, 12},
		{SYSTEM_PROCESS_ID, 0, FALSE, NETFLOW_PROCESS_KERNEL, 0, 0},
	};

	for (size_t index = 0; index < COUNT(cases); index++) {
		struct writer writer = {.start = buffer, .room = ROOM};
		const struct netflow_process *record = (const struct netflow_process *)buffer;
		struct process_node *process;
		USHORT bytes = cases[index].path_bytes;
		size_t size = (sizeof(*record) + bytes + cases[index].sid_bytes + 7) & ~(size_t)7;

		start();
		process = make_process(cases[index].id, cases[index].characters);
		if (cases[index].is_exited)
			process_exit(&processes, cases[index].id, 9);
		CHECK(write_process(&writer, process, &limits, current_second()));
		CHECK_EQUAL(size, record->header.size);
		CHECK_EQUAL(size, writer.used);
		CHECK_EQUAL(cases[index].flags | NETFLOW_PROCESS_PATH_UTF16, record->flags);
		CHECK_EQUAL(bytes, record->path_bytes);
		CHECK(!memcmp(record + 1, (UCHAR *)process->path.text + process->path.bytes - bytes,
			      bytes)); /* its end */
		CHECK_EQUAL(cases[index].sid_bytes, record->sid_bytes);
		CHECK(!memcmp((UCHAR *)(record + 1) + bytes, process->sid, record->sid_bytes));
		CHECK_EQUAL(cases[index].is_exited ? 9 : 0, record->exit_time);
		process_release(process);
		stop();
	}
}

static void writes_what_a_process_has(void)
{
	struct writer writer = {.start = buffer, .room = ROOM};
	const struct netflow_process *record = (const struct netflow_process *)buffer;
	struct netflow_rule rule = {.upload_limit = 5000, .download_limit = 6000, .target = NETFLOW_TARGET_PROCESS};
	struct process_node *process;

	start();
	process = make_process(100, 3);
	speed_meter_initialize(&process->closed, 1);
	speed_meter_add(&process->closed, NETFLOW_UPLOAD, 10, 1);
	speed_meter_add(&process->closed, NETFLOW_DOWNLOAD, 20, 1);
	limits_set_own(&limits, process, rule_create(&rule));
	write_process(&writer, process, &limits, 2);
	CHECK_EQUAL(100, record->identity.process_id);
	CHECK_EQUAL(5, record->identity.start_time);
	CHECK_EQUAL(8, record->parent_id);
	CHECK_EQUAL(10, record->upload_bytes);
	CHECK_EQUAL(20, record->download_bytes);
	CHECK_EQUAL(10, record->upload_speed);
	CHECK_EQUAL(20, record->download_speed);
	CHECK_EQUAL(5000, record->upload_limit);
	CHECK_EQUAL(6000, record->download_limit);
	process_release(process);
	stop();
}

/* Two records, in every room there can be. */
static void writes_whole_records_only(void)
{
	const size_t size = sizeof(struct netflow_handshake);

	for (size_t room = 0; room <= 3 * size; room++) {
		struct writer writer = {.start = buffer, .room = room};
		size_t records = room / size < 2 ? room / size : 2;

		memset(buffer, 0x5a, sizeof(buffer));
		CHECK_EQUAL(records >= 1, write_handshake(&writer, NETFLOW_DRIVER_WFP));
		CHECK_EQUAL(records >= 2, write_handshake(&writer, NETFLOW_DRIVER_WFP));
		CHECK_EQUAL(records * size, writer.used);
		CHECK_EQUAL(0x5a, buffer[records * size]);
		CHECK_EQUAL(records == 2   ? STATUS_SUCCESS
			    : records == 1 ? STATUS_BUFFER_OVERFLOW
					   : STATUS_BUFFER_TOO_SMALL,
			    writer_status(&writer));
	}
}

static void writes_nothing_after_what_did_not_fit(void)
{
	struct writer writer = {.start = buffer, .room = sizeof(struct netflow_handshake)};
	struct netflow_statistics statistics = {0};

	CHECK(!write_statistics(&writer, &statistics));
	CHECK(!write_handshake(&writer, NETFLOW_DRIVER_WFP)); /* which would have fitted */
	CHECK_EQUAL(STATUS_BUFFER_TOO_SMALL, writer_status(&writer));
}

static void writes_rules(void)
{
	union {
		struct netflow_rule rule;
		UCHAR bytes[sizeof(struct netflow_rule) + 16];
	} request = {.rule = {.upload_limit = 5000, .target = NETFLOW_TARGET_PATH, .path_bytes = 6}};
	const struct netflow_rule *record = (const struct netflow_rule *)buffer;
	struct writer writer = {.start = buffer, .room = ROOM};
	const struct netflow_identity identity = {100, 0, 5};
	struct rule *rule;

	memcpy(&request.rule + 1, L"\\ab", 6);
	rule = rule_create(&request.rule);
	rule->number = 3;
	rule->processes = 2;
	CHECK(write_rule(&writer, rule, NULL));
	CHECK_EQUAL(STATUS_SUCCESS, rule_check(record, writer.used)); /* it can be sent back */
	CHECK_EQUAL(3, record->rule_id);
	CHECK_EQUAL(2, record->processes);
	CHECK_EQUAL(5000, record->upload_limit);
	writer.used = 0;
	rule->path_bytes = 0;
	CHECK(write_rule(&writer, rule, &identity));
	CHECK_EQUAL(STATUS_SUCCESS, rule_check(record, writer.used));
	CHECK_EQUAL(NETFLOW_TARGET_PROCESS, record->target);
	CHECK_EQUAL(100, record->identity.process_id);
	CHECK_EQUAL(1, record->processes);
	rule_release(rule);
	nt_pool_assert_empty();
}

static const struct test tests[] = {
	{"a process is written with the end of its path, and its user", writes_processes},
	{"a process is written with its bytes, speeds and limits", writes_what_a_process_has},
	{"a rule is written as it can be sent back", writes_rules},
	{"only whole records are written, whatever room there is", writes_whole_records_only},
	{"nothing is written after a record that did not fit", writes_nothing_after_what_did_not_fit},
};

TEST_MAIN(tests)
