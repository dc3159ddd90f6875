/* SPDX-License-Identifier: MIT */
#include "../../windows/common/process.h"
#include "nt_test.h"
#include "test.h"

static struct processes processes;
static const struct kernel_path path = {L"\\p.exe", 12};

static void stop(void)
{
	processes_destroy(&processes);
	nt_pool_assert_empty();
}

/* As a flow does that has ended. */
static void transfer(struct process_node *process, LONG64 bytes)
{
	struct process_meter meter;

	speed_meter_initialize(&meter.meter, current_second());
	process_add_meter(process, &meter);
	speed_meter_add(&meter.meter, NETFLOW_UPLOAD, bytes, current_second());
	process_remove_meter(process, &meter);
}

static struct netflow_statistics counts(LONG64 *bytes)
{
	struct netflow_statistics statistics = {0};
	struct traffic traffic = {0};

	processes_sum(&processes, current_second(), &traffic, &statistics);
	*bytes = traffic.bytes[NETFLOW_UPLOAD];
	return statistics;
}

static void knows_a_process_by_its_id(void)
{
	const ULONG same_bucket = 100 + 4 * PROCESS_BUCKETS;
	struct process_node *process, *again, *found, *other;

	processes_initialize(&processes);
	CHECK(!process_find(&processes, 100));
	process = process_acquire(&processes, 100, path);
	again = process_acquire(&processes, 100, (struct kernel_path){L"\\other", 12});
	found = process_find(&processes, 100);
	other = process_acquire(&processes, same_bucket, path);
	CHECK(again == process);
	CHECK(found == process);
	CHECK(other != process);
	CHECK_EQUAL(same_bucket, other->identity.process_id);
	CHECK_EQUAL(path.bytes, process_path(process).bytes);
	CHECK(!memcmp(process_path(process).text, path.text, path.bytes));
	process_release(process);
	process_release(again);
	process_release(found);
	process_release(other);
	stop();
}

static void remembers_those_with_traffic(void)
{
	static const struct {
		LONG64 bytes;
		BOOLEAN is_open; /* it has a flow that has not ended */
		ULONG remembered;
	} cases[] = {
		{0, FALSE, 0},
		{1, FALSE, 1},
		{0, TRUE, 1},
		{1, TRUE, 1},
	};

	for (size_t index = 0; index < COUNT(cases); index++) {
		struct process_node *process;
		struct process_meter open;
		LONG64 sum;

		processes_initialize(&processes);
		process = process_acquire(&processes, 100, path);
		speed_meter_initialize(&open.meter, current_second());
		if (cases[index].bytes)
			transfer(process, cases[index].bytes);
		if (cases[index].is_open)
			process_add_meter(process, &open);
		process_exit(&processes, 100, 777);
		CHECK(process_has_exited(&processes, process));
		CHECK_EQUAL(777, process->exit_time);
		CHECK(!process_find(&processes, 100));
		CHECK_EQUAL(cases[index].remembered, counts(&sum).exited_processes);
		CHECK_EQUAL(cases[index].remembered, counts(&sum).processes);
		CHECK_EQUAL(cases[index].bytes, sum);
		if (cases[index].is_open)
			process_remove_meter(process, &open);
		process_release(process);
		stop();
	}
}

static void describes_a_process_once(void)
{
	static const struct process_facts first = {.start_time = 5, .parent_id = 8, .sid_bytes = 2, .sid = {1, 2}};
	static const struct process_facts second = {.start_time = 6, .parent_id = 9};
	struct process_node *process, *undescribed;

	processes_initialize(&processes);
	process = process_acquire(&processes, 100, path);
	undescribed = process_undescribed(&processes);
	CHECK(undescribed == process);
	process_describe(&processes, process, &first);
	process_describe(&processes, process, &second);
	CHECK(!process_undescribed(&processes));
	CHECK_EQUAL(5, process_identity(&processes, process).start_time);
	CHECK_EQUAL(8, process->parent_id);
	CHECK_EQUAL(2, process->sid_bytes);
	process_release(undescribed);
	process_release(process);
	process = process_acquire(&processes, SYSTEM_PROCESS_ID, path);
	CHECK(!process_undescribed(&processes)); /* nobody has to be asked */
	process_release(process);
	stop();
}

struct list {
	ULONG count, id[2];
};

static BOOLEAN note(struct process_node *process, void *context)
{
	struct list *list = context;

	if (list->count < COUNT(list->id))
		list->id[list->count] = process->identity.process_id;
	list->count++;
	return TRUE;
}

/* The first one has a flow that has not ended, and is kept for that. */
static void forgets_the_oldest(void)
{
	ULONG forgotten = 1000, many = MOST_EXITED_PROCESSES + forgotten;
	struct process_node *first;
	struct process_meter open;
	struct list list = {0};
	LONG64 sum;

	processes_initialize(&processes);
	first = process_acquire(&processes, 4, path);
	speed_meter_initialize(&open.meter, current_second());
	process_add_meter(first, &open);
	for (ULONG index = 1; index <= many; index++) {
		struct process_node *process = process_acquire(&processes, 4 * index, path);

		transfer(process, 10);
		process_exit(&processes, 4 * index, index);
		process_release(process);
	}
	processes_visit(&processes, TRUE, note, &list);
	CHECK_EQUAL(MOST_EXITED_PROCESSES, list.count);
	CHECK_EQUAL(4, list.id[0]);
	CHECK_EQUAL(4 * (1 + forgotten + 1), list.id[1]);
	CHECK_EQUAL(many, counts(&sum).exited_processes);
	CHECK_EQUAL(10 * many, sum);
	process_remove_meter(first, &open);
	process_release(first);
	stop();
}

static void bounds_the_living(void)
{
	struct process_node *last = NULL;

	processes_initialize(&processes);
	for (ULONG index = 0; index < MOST_PROCESSES; index++) {
		last = process_acquire(&processes, 4 * index, path);
		CHECK(last != NULL);
		process_release(last);
	}
	CHECK(!process_acquire(&processes, 4 * MOST_PROCESSES, path));
	process_exit(&processes, 0, 1);
	last = process_acquire(&processes, 4 * MOST_PROCESSES, path);
	CHECK(last != NULL);
	process_release(last);
	stop();
}

static void needs_memory(void)
{
	processes_initialize(&processes);
	nt_pool_fail_after(1);
	CHECK(!process_acquire(&processes, 100, path));
	CHECK(!process_find(&processes, 100));
	stop();
}

static const struct test tests[] = {
	{"a process is known by its id, with the path it was seen with first", knows_a_process_by_its_id},
	{"an exited process is remembered where it has traffic, or may still have", remembers_those_with_traffic},
	{"a process is described once", describes_a_process_once},
	{"of many exited processes the oldest without a flow are forgotten, and no byte is lost", forgets_the_oldest},
	{"there are 65,536 living processes at most", bounds_the_living},
	{"without memory there is no process", needs_memory},
};

TEST_MAIN(tests)
