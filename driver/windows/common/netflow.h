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

	/*
	 * Tells the driver that `process`, or with NULL anyone, may have come under a limit, or out of all.
	 * PASSIVE_LEVEL, `change` held. STATUS_IO_TIMEOUT: it will be in force later.
	 */
	NTSTATUS (*limits_changed)(struct netflow *netflow, struct process_node *process);

	/* The same of one whose path has only become known now. NULL, or PASSIVE_LEVEL, without `change`. */
	void (*path_found)(struct process_node *process);
};

/* Both: IRQL == PASSIVE_LEVEL. */

/* `registry_path` is the service's key, below which rules are saved. */
NTSTATUS netflow_initialize(struct netflow *netflow, enum netflow_driver_kind driver, PCUNICODE_STRING registry_path);

/* When no flow is left, and nobody calls any more. */
void netflow_destroy(struct netflow *netflow);

#endif
