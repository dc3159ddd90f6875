/* SPDX-License-Identifier: MIT */
#include "process.h"

void processes_initialize(struct processes *processes)
{
	RtlZeroMemory(processes, sizeof(*processes));
	KeInitializeSpinLock(&processes->lock);
	for (int bucket = 0; bucket < PROCESS_BUCKETS; bucket++)
		InitializeListHead(&processes->living[bucket]);
	InitializeListHead(&processes->exited);
}

static void release_all(LIST_ENTRY *list)
{
	while (!IsListEmpty(list))
		process_release(CONTAINING_RECORD(RemoveHeadList(list), struct process_node, entry));
}

void processes_destroy(struct processes *processes)
{
	for (int bucket = 0; bucket < PROCESS_BUCKETS; bucket++)
		release_all(&processes->living[bucket]);
	release_all(&processes->exited);
}

void process_reference(struct process_node *process)
{
	InterlockedIncrement(&process->references);
}

void process_release(struct process_node *process)
{
	if (InterlockedDecrement(&process->references) != 0)
		return;
	if (process->own)
		rule_release(process->own);
	if (process->rule)
		rule_release(process->rule);
	if (process->limiter)
		limiter_release(process->limiter);
	if (process->path_memory)
		ExFreePoolWithTag(process->path_memory, TAG_BUFFER);
	ExFreePoolWithTag(process, TAG_PROCESS);
}

/* Until the system has been asked, it counts as started now. */
static struct process_node *create(ULONG process_id, struct kernel_path path)
{
	struct process_node *process = allocate(sizeof(*process) + path.bytes, TAG_PROCESS);
	LARGE_INTEGER now;

	if (!process)
		return NULL;
	RtlCopyMemory(process->first_path, path.text, path.bytes);
	process->path = (struct kernel_path){process->first_path, path.bytes};
	process->references = 1;
	process->identity.process_id = process_id;
	KeQuerySystemTime(&now);
	process->identity.start_time = nanoseconds_since_1970(now.QuadPart);
	process->described = process_id == SYSTEM_PROCESS_ID;
	KeInitializeSpinLock(&process->lock);
	InitializeListHead(&process->meters);
	speed_meter_initialize(&process->closed, current_second());
	return process;
}

struct kernel_path process_path(struct process_node *process)
{
	KLOCK_QUEUE_HANDLE handle;
	struct kernel_path path;

	KeAcquireInStackQueuedSpinLock(&process->lock, &handle);
	path = process->path;
	KeReleaseInStackQueuedSpinLock(&handle);
	return path;
}

BOOLEAN process_set_path(struct process_node *process, struct kernel_path path, void *memory)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN is_set;

	KeAcquireInStackQueuedSpinLock(&process->lock, &handle);
	is_set = process->path.bytes == 0;
	if (is_set) {
		process->path = path;
		process->path_memory = memory;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return is_set;
}

static LIST_ENTRY *bucket_of(struct processes *processes, ULONG process_id)
{
	return &processes->living[process_id / 4 % PROCESS_BUCKETS]; /* Windows' ids are multiples of 4 */
}

static struct process_node *find_locked(struct processes *processes, ULONG process_id)
{
	LIST_ENTRY *bucket = bucket_of(processes, process_id);

	for (LIST_ENTRY *entry = bucket->Flink; entry != bucket; entry = entry->Flink) {
		struct process_node *process = CONTAINING_RECORD(entry, struct process_node, entry);

		if (process->identity.process_id == process_id) {
			process_reference(process);
			return process;
		}
	}
	return NULL;
}

/* The table's own reference is the one that it was created with. */
static struct process_node *insert_locked(struct processes *processes, ULONG process_id, struct kernel_path path)
{
	struct process_node *process = processes->living_count < MOST_PROCESSES ? create(process_id, path) : NULL;

	if (!process)
		return NULL;
	InsertTailList(bucket_of(processes, process_id), &process->entry);
	processes->living_count++;
	write_once(&processes->undescribed, processes->undescribed + !process->described);
	process_reference(process);
	return process;
}

struct process_node *process_create_nobody(void)
{
	return create(0, (struct kernel_path){0});
}

BOOLEAN process_has_exited(struct processes *processes, const struct process_node *process)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN exited;

	KeAcquireInStackQueuedSpinLock(&processes->lock, &handle);
	exited = process->exited;
	KeReleaseInStackQueuedSpinLock(&handle);
	return exited;
}

struct process_node *process_acquire(struct processes *processes, ULONG process_id, struct kernel_path path)
{
	KLOCK_QUEUE_HANDLE handle;
	struct process_node *process;

	KeAcquireInStackQueuedSpinLock(&processes->lock, &handle);
	process = find_locked(processes, process_id);
	if (!process)
		process = insert_locked(processes, process_id, path);
	KeReleaseInStackQueuedSpinLock(&handle);
	return process;
}

struct process_node *process_find(struct processes *processes, ULONG process_id)
{
	KLOCK_QUEUE_HANDLE handle;
	struct process_node *process;

	KeAcquireInStackQueuedSpinLock(&processes->lock, &handle);
	process = find_locked(processes, process_id);
	KeReleaseInStackQueuedSpinLock(&handle);
	return process;
}

void process_describe(struct processes *processes, struct process_node *process, const struct process_facts *facts)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&processes->lock, &handle);
	if (!process->described) {
		write_once(&processes->undescribed, processes->undescribed - !process->exited);
		if (facts->start_time)
			process->identity.start_time = facts->start_time;
		process->parent_id = facts->parent_id;
		process->sid_bytes = facts->sid_bytes;
		RtlCopyMemory(process->sid, facts->sid, facts->sid_bytes);
		write_once(&process->described, TRUE);
	}
	KeReleaseInStackQueuedSpinLock(&handle);
}

struct netflow_identity process_identity(struct processes *processes, const struct process_node *process)
{
	KLOCK_QUEUE_HANDLE handle;
	struct netflow_identity identity;

	KeAcquireInStackQueuedSpinLock(&processes->lock, &handle);
	identity = process->identity;
	KeReleaseInStackQueuedSpinLock(&handle);
	return identity;
}

static BOOLEAN stop_at_undescribed(struct process_node *process, void *context)
{
	struct process_node **found = context;

	if (process->described)
		return TRUE;
	process_reference(process);
	*found = process;
	return FALSE;
}

struct process_node *process_undescribed(struct processes *processes)
{
	struct process_node *found = NULL;

	if (read_once(&processes->undescribed)) /* rarely: the worker asks whenever a packet has gone its way */
		processes_visit(processes, FALSE, stop_at_undescribed, &found);
	return found;
}

void process_add_meter(struct process_node *process, struct process_meter *added)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&process->lock, &handle);
	InsertTailList(&process->meters, &added->entry);
	process->meter_count++;
	KeReleaseInStackQueuedSpinLock(&handle);
}

/* In one step for a reader of the traffic: it finds the bytes here or there. */
void process_remove_meter(struct process_node *process, struct process_meter *removed)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&process->lock, &handle);
	RemoveEntryList(&removed->entry);
	process->meter_count--;
	speed_meter_merge(&process->closed, &removed->meter, current_second());
	KeReleaseInStackQueuedSpinLock(&handle);
}

ULONG process_traffic(struct process_node *process, LONG second, struct traffic *sum)
{
	KLOCK_QUEUE_HANDLE handle;
	ULONG meters;

	KeAcquireInStackQueuedSpinLock(&process->lock, &handle);
	speed_meter_read(&process->closed, second, sum);
	for (LIST_ENTRY *entry = process->meters.Flink; entry != &process->meters; entry = entry->Flink)
		speed_meter_read(&CONTAINING_RECORD(entry, struct process_meter, entry)->meter, second, sum);
	meters = process->meter_count;
	KeReleaseInStackQueuedSpinLock(&handle);
	return meters;
}

static BOOLEAN has_traffic(struct process_node *process)
{
	struct traffic traffic = {0};

	return process_traffic(process, current_second(), &traffic) || traffic.bytes[NETFLOW_UPLOAD] ||
	       traffic.bytes[NETFLOW_DOWNLOAD];
}

/* The oldest that has no flow any more; it goes on in the sums. NULL: all of them have. */
static struct process_node *forget_one_locked(struct processes *processes)
{
	for (LIST_ENTRY *entry = processes->exited.Flink; entry != &processes->exited; entry = entry->Flink) {
		struct process_node *process = CONTAINING_RECORD(entry, struct process_node, entry);
		struct traffic traffic = {0};

		if (process_traffic(process, current_second(), &traffic))
			continue;
		for (int direction = 0; direction < NETFLOW_DIRECTIONS; direction++)
			processes->forgotten[direction] += traffic.bytes[direction];
		RemoveEntryList(&process->entry);
		processes->exited_count--;
		return process;
	}
	return NULL;
}

/* Returns what the table no longer refers to. */
static struct process_node *end_locked(struct processes *processes, struct process_node *process, ULONG64 time)
{
	RemoveEntryList(&process->entry);
	processes->living_count--;
	write_once(&processes->undescribed, processes->undescribed - !process->described);
	process->exited = TRUE;
	process->exit_time = time;
	if (!has_traffic(process))
		return process;
	InsertTailList(&processes->exited, &process->entry);
	processes->exited_count++;
	processes->exited_ever++;
	return processes->exited_count > MOST_EXITED_PROCESSES ? forget_one_locked(processes) : NULL;
}

void process_exit(struct processes *processes, ULONG process_id, ULONG64 time)
{
	KLOCK_QUEUE_HANDLE handle;
	struct process_node *process, *forgotten = NULL;

	KeAcquireInStackQueuedSpinLock(&processes->lock, &handle);
	process = find_locked(processes, process_id);
	if (process)
		forgotten = end_locked(processes, process, time);
	KeReleaseInStackQueuedSpinLock(&handle);
	if (forgotten)
		process_release(forgotten);
	if (process)
		process_release(process);
}

static BOOLEAN visit_list(LIST_ENTRY *list, process_visitor *visit, void *context)
{
	for (LIST_ENTRY *entry = list->Flink; entry != list; entry = entry->Flink) {
		if (!visit(CONTAINING_RECORD(entry, struct process_node, entry), context))
			return FALSE;
	}
	return TRUE;
}

void processes_visit(struct processes *processes, BOOLEAN exited, process_visitor *visit, void *context)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&processes->lock, &handle);
	if (exited) {
		visit_list(&processes->exited, visit, context);
	} else {
		for (int bucket = 0; bucket < PROCESS_BUCKETS; bucket++) {
			if (!visit_list(&processes->living[bucket], visit, context))
				break;
		}
	}
	KeReleaseInStackQueuedSpinLock(&handle);
}

static void add_list(LIST_ENTRY *list, LONG second, struct traffic *sum)
{
	for (LIST_ENTRY *entry = list->Flink; entry != list; entry = entry->Flink)
		process_traffic(CONTAINING_RECORD(entry, struct process_node, entry), second, sum);
}

void processes_sum(struct processes *processes, LONG second, struct traffic *sum, struct netflow_statistics *counts)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&processes->lock, &handle);
	for (int direction = 0; direction < NETFLOW_DIRECTIONS; direction++)
		sum->bytes[direction] += processes->forgotten[direction];
	add_list(&processes->exited, second, sum);
	for (int bucket = 0; bucket < PROCESS_BUCKETS; bucket++)
		add_list(&processes->living[bucket], second, sum);
	counts->exited_processes = (uint64_t)processes->exited_ever;
	counts->processes = processes->living_count + processes->exited_count;
	counts->process_capacity = MOST_PROCESSES;
	KeReleaseInStackQueuedSpinLock(&handle);
}
