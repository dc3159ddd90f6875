/* SPDX-License-Identifier: MIT */
#include "netflow.h"
#include "system.h"
#include "writer.h"

static NTSTATUS adopt_rules(struct netflow *netflow, const void *stream, size_t bytes, BOOLEAN save);

static void load_saved_rules(struct netflow *netflow)
{
	void *stream;
	ULONG bytes;
	NTSTATUS status = saved_rules_read(&netflow->saved_rules, &stream, &bytes);

	if (NT_SUCCESS(status))
		status = adopt_rules(netflow, stream, bytes, FALSE);
	if (stream)
		ExFreePoolWithTag(stream, TAG_BUFFER);
	if (!NT_SUCCESS(status))
		InterlockedIncrement64(&netflow->lost_events);
}

static NTSTATUS initialize_members(struct netflow *netflow, PCUNICODE_STRING registry_path)
{
	NTSTATUS status = kernel_path_prepare();

	if (!NT_SUCCESS(status))
		return status;
	status = saved_rules_initialize(&netflow->saved_rules, registry_path);
	if (!NT_SUCCESS(status))
		goto forget_path;
	status = limits_initialize(&netflow->limits, &netflow->shaper, &netflow->lost_events);
	if (!NT_SUCCESS(status))
		goto destroy_saved_rules;
	netflow->unattributed = process_create_nobody();
	if (netflow->unattributed)
		return STATUS_SUCCESS;
	status = STATUS_INSUFFICIENT_RESOURCES;
	limits_destroy(&netflow->limits);
destroy_saved_rules:
	saved_rules_destroy(&netflow->saved_rules);
forget_path:
	kernel_path_forget();
	return status;
}

NTSTATUS netflow_initialize(struct netflow *netflow, enum netflow_driver_kind driver, PCUNICODE_STRING registry_path)
{
	LARGE_INTEGER now;
	NTSTATUS status;

	RtlZeroMemory(netflow, sizeof(*netflow));
	kernel_api_prepare();
	KeQuerySystemTime(&now);
	netflow->started = nanoseconds_since_1970(now.QuadPart);
	netflow->driver = driver;
	processes_initialize(&netflow->processes);
	flows_initialize(&netflow->flows);
	shaper_initialize(&netflow->shaper);
	ExInitializeFastMutex(&netflow->change);
	status = initialize_members(netflow, registry_path);
	if (NT_SUCCESS(status))
		load_saved_rules(netflow);
	return status;
}

void netflow_destroy(struct netflow *netflow)
{
	processes_destroy(&netflow->processes);
	process_release(netflow->unattributed);
	limits_destroy(&netflow->limits);
	saved_rules_destroy(&netflow->saved_rules);
	kernel_path_forget();
}

/*
 * One that can't be asked any more keeps the time at which it was seen first. So does one that was seen first after the
 * process had exited: the one before it has that process's time, and the two must not be taken for one.
 */
static void ask_system(struct netflow *netflow, struct process_node *process, BOOLEAN is_ending)
{
	struct process_facts facts = {0};

	system_describe(process->identity.process_id, &facts);
	if (facts.has_exited && !is_ending)
		facts.start_time = 0;
	process_describe(&netflow->processes, process, &facts);
}

void netflow_describe_processes(struct netflow *netflow)
{
	struct process_node *process;

	while ((process = process_undescribed(&netflow->processes)) != NULL) {
		ask_system(netflow, process, FALSE);
		process_release(process);
	}
}

static void end(struct netflow *netflow, struct process_node *process)
{
	LARGE_INTEGER now;

	KeQuerySystemTime(&now);
	process_exit(&netflow->processes, process->identity.process_id, nanoseconds_since_1970(now.QuadPart));
	limits_set_own(&netflow->limits, process, NULL);
}

void netflow_process_began(struct netflow *netflow, ULONG process_id)
{
	struct process_node *process = process_find(&netflow->processes, process_id);

	if (!process)
		return;
	end(netflow, process);
	process_release(process);
}

void netflow_process_exited(struct netflow *netflow, ULONG process_id)
{
	struct process_node *process = process_find(&netflow->processes, process_id);

	if (!process)
		return;
	ask_system(netflow, process, TRUE);
	end(netflow, process);
	process_release(process);
}

static BOOLEAN apply_to(struct process_node *process, void *limits)
{
	limits_apply(limits, process);
	return TRUE;
}

/* Saved only when they are known to be good, applied only when they are saved. */
static NTSTATUS adopt_rules(struct netflow *netflow, const void *stream, size_t bytes, BOOLEAN save)
{
	struct rules *rules;
	NTSTATUS status = rules_create(stream, bytes, netflow->limits.rules, &rules);

	if (!NT_SUCCESS(status))
		return status;
	if (save)
		status = saved_rules_write(&netflow->saved_rules, stream, (ULONG)bytes);
	if (!NT_SUCCESS(status)) {
		rules_destroy(rules);
		return status;
	}
	rules_destroy(limits_replace_rules(&netflow->limits, rules));
	processes_visit(&netflow->processes, FALSE, apply_to, &netflow->limits);
	processes_visit(&netflow->processes, TRUE, apply_to,
			&netflow->limits); /* their last flows may still be there */
	if (netflow->limits_changed)
		netflow->limits_changed(netflow, NULL);
	return STATUS_SUCCESS;
}

NTSTATUS netflow_replace_rules(struct netflow *netflow, const void *stream, size_t bytes)
{
	NTSTATUS status;

	mutex_acquire(&netflow->change);
	status = adopt_rules(netflow, stream, bytes, TRUE);
	mutex_release(&netflow->change);
	return status;
}

struct edit {
	struct writer writer;
	const struct rule *without;
};

static void copy_rule(struct rule *rule, void *context)
{
	struct edit *edit = context;

	if (rule != edit->without)
		write_rule(&edit->writer, rule, NULL);
}

/* Every path rule but that of the record's path, and, unless it is to be removed, the record. */
static NTSTATUS change_path_rule(struct netflow *netflow, const struct netflow_rule *record, BOOLEAN remove)
{
	struct rules *rules = netflow->limits.rules;
	struct kernel_path path = {(const WCHAR *)(record + 1), record->path_bytes};
	struct edit edit = {.without = rules_find_exact(rules, path, record->flags & NETFLOW_RULE_POLICY)};
	NTSTATUS status;

	if (remove && !edit.without)
		return STATUS_NOT_FOUND;
	edit.writer.room = rules->record_bytes + record->header.size;
	edit.writer.start = allocate(edit.writer.room, TAG_BUFFER);
	if (!edit.writer.start)
		return STATUS_INSUFFICIENT_RESOURCES;
	rules_visit(rules, copy_rule, &edit);
	if (!remove) {
		RtlCopyMemory(edit.writer.start + edit.writer.used, record, record->header.size);
		edit.writer.used += record->header.size;
	}
	status = adopt_rules(netflow, edit.writer.start, edit.writer.used, TRUE);
	ExFreePoolWithTag(edit.writer.start, TAG_BUFFER);
	return status;
}

/* The process of exactly this identity, made where no flow has made it known yet; NULL: there is none. Referenced. */
static struct process_node *living_process(struct netflow *netflow, const struct netflow_identity *identity)
{
	struct process_node *process;
	struct process_facts facts;
	struct kernel_path path = {0};
	void *memory;

	if (!NT_SUCCESS(system_describe(identity->process_id, &facts)) || facts.start_time != identity->start_time)
		return NULL;
	memory = system_path(identity->process_id, &path);
	process = process_acquire(&netflow->processes, identity->process_id, path);
	if (memory)
		ExFreePoolWithTag(memory, TAG_BUFFER);
	if (process)
		process_describe(&netflow->processes, process, &facts);
	return process;
}

static NTSTATUS set_process_rule(struct netflow *netflow, struct process_node *process,
				 const struct netflow_rule *record)
{
	struct rule *rule = rule_create(record);

	if (!rule)
		return STATUS_INSUFFICIENT_RESOURCES;
	limits_set_own(&netflow->limits, process, rule);
	if (!process_has_exited(&netflow->processes, process))
		return STATUS_SUCCESS;
	limits_set_own(&netflow->limits, process, NULL); /* netflow_process_exited() may have come before it was set */
	return STATUS_NOT_FOUND;
}

static NTSTATUS change_process_rule(struct netflow *netflow, const struct netflow_rule *record, BOOLEAN remove)
{
	NTSTATUS status = STATUS_NOT_FOUND;
	struct process_node *process;

	if (record->identity.process_id <= SYSTEM_PROCESS_ID)
		return STATUS_INVALID_PARAMETER;
	process = living_process(netflow, &record->identity);
	if (!process)
		return STATUS_NOT_FOUND;
	if (!remove)
		status = set_process_rule(netflow, process, record);
	else if (limits_set_own(&netflow->limits, process, NULL))
		status = STATUS_SUCCESS;
	if (NT_SUCCESS(status) && netflow->limits_changed)
		netflow->limits_changed(netflow, process);
	process_release(process);
	return status;
}

NTSTATUS netflow_change_rule(struct netflow *netflow, const struct netflow_rule *record, BOOLEAN remove)
{
	NTSTATUS status;

	mutex_acquire(&netflow->change);
	if (record->target == NETFLOW_TARGET_PATH)
		status = change_path_rule(netflow, record, remove);
	else
		status = change_process_rule(netflow, record, remove);
	mutex_release(&netflow->change);
	return status;
}
