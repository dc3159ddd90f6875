/* SPDX-License-Identifier: MIT */
#include "netflow_processes.h"
#include "system.h"

/* Where WFP has not said it with the first flow; a rule may be for it. */
static void ask_for_path(struct netflow *netflow, struct process_node *process)
{
	struct kernel_path path = process_path(process);
	void *memory = path.bytes ? NULL : system_path(process->identity.process_id, &path);

	if (!memory)
		return;
	if (!process_set_path(process, path, memory)) {
		ExFreePoolWithTag(memory, TAG_BUFFER);
		return;
	}
	limits_apply_path(&netflow->limits, process);
	if (netflow->path_found)
		netflow->path_found(process);
}

/*
 * One that can't be asked any more keeps the time at which it was seen first. So does one that was seen first after the
 * process had exited: the one before it has that process's time, and the two must not be taken for one.
 */
static void ask_system(struct netflow *netflow, struct process_node *process, BOOLEAN is_ending)
{
	struct process_facts facts = {0};

	ask_for_path(netflow, process);
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
