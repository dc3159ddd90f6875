/* SPDX-License-Identifier: MIT */
#include "netflow_rules.h"
#include "system.h"
#include "writer.h"

static BOOLEAN apply_to(struct process_node *process, void *limits)
{
	limits_apply(limits, process);
	return TRUE;
}

/* The driver does not listen yet when it loads its rules. */
static NTSTATUS tell_driver(struct netflow *netflow, struct process_node *process)
{
	return netflow->limits_changed ? netflow->limits_changed(netflow, process) : STATUS_SUCCESS;
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
	return tell_driver(netflow, NULL);
}

void netflow_load_rules(struct netflow *netflow)
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
	if (NT_SUCCESS(status))
		status = tell_driver(netflow, process);
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
