/* SPDX-License-Identifier: MIT */
/*
 * All that a Windows driver knows, whichever way it sees the traffic.
 */
#ifndef NETFLOW_COMMON_NETFLOW_H
#define NETFLOW_COMMON_NETFLOW_H

#include "flow.h"
#include "limits.h"
#include "saved_rules.h"

struct netflow {
	enum netflow_driver_kind driver;
	struct processes processes;
	struct flows flows;
	struct shaper shaper;
	struct limits limits;
	struct process_node *unattributed; /* flows for whose process there was no room; in no list */
	volatile LONG64 lost_events;
	ULONG64 started; /* ns since 1970 */

	FAST_MUTEX change; /* one change of rules at a time; IRQL == PASSIVE_LEVEL */
	struct saved_rules saved_rules;

	/* Tells the driver that `process`, or with NULL anyone, may have come under a limit, or out of all. PASSIVE_LEVEL, `change` held. */
	void (*limits_changed)(struct netflow *netflow, struct process_node *process);
};

/* All: IRQL == PASSIVE_LEVEL. */

/* Loads the rules that are saved under the service's key; ones that can't be read are left alone, and counted as lost. */
NTSTATUS netflow_initialize(struct netflow *netflow, enum netflow_driver_kind driver, PCUNICODE_STRING registry_path);

/* When no flow is left, and nobody calls any more. */
void netflow_destroy(struct netflow *netflow);

/* A process of this id is new: whoever had it before has exited, though nobody said so. */
void netflow_process_began(struct netflow *netflow, ULONG process_id);

/* A process of this id has exited; called while the system still knows it. */
void netflow_process_exited(struct netflow *netflow, ULONG process_id);

/* Asks the system about every process that is known by its flows only. */
void netflow_describe_processes(struct netflow *netflow);

/* The sums of all, in a record without a header. */
void netflow_statistics(struct netflow *netflow, struct netflow_statistics *statistics);

/* Makes the path rules equal to the stream of records, all or nothing; saves them first. */
NTSTATUS netflow_replace_rules(struct netflow *netflow, const void *stream, size_t bytes);

/* Sets (or removes) the one rule of the record, which has been checked. */
NTSTATUS netflow_change_rule(struct netflow *netflow, const struct netflow_rule *record, BOOLEAN remove);

#endif
