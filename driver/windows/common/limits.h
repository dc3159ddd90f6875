/* SPDX-License-Identifier: MIT */
/*
 * Decides which rule is in force for a process: its own before a policy's for its path before a local one.
 *
 * A process is given its limiter when it is first seen and whenever rules change. Locks are taken in this order:
 * processes.lock, limits.lock, shaper.lock.
 */
#ifndef NETFLOW_COMMON_LIMITS_H
#define NETFLOW_COMMON_LIMITS_H

#include "process.h"

struct limits {
	KSPIN_LOCK lock;
	struct rules *rules; /* every path rule */
	ULONG own_rules;     /* processes that have a rule of their own */
	volatile LONG version;
	struct shaper *shaper;
	volatile LONG64 *lost_events;
};

/* IRQL == PASSIVE_LEVEL. */
NTSTATUS limits_initialize(struct limits *limits, struct shaper *shaper, volatile LONG64 *lost_events);
void limits_destroy(struct limits *limits);

/* The rest: IRQL <= DISPATCH_LEVEL. */

/* Puts the rule in force that is there for this process now; cheap where it is already. */
void limits_apply(struct limits *limits, struct process_node *process);

/* The same where its path has become known. */
void limits_apply_path(struct limits *limits, struct process_node *process);

/* TRUE: a rule is in force for it. */
BOOLEAN limits_has_rule(struct limits *limits, struct process_node *process);

/* Fills in the limits and the number of its rule. */
void limits_describe(struct limits *limits, const struct process_node *process, struct netflow_process *record);

/* Counts it for the rule that is in force for it. */
void limits_count(struct limits *limits, const struct process_node *process);

/* Its own rule, or NULL. Referenced. */
struct rule *limits_own(struct limits *limits, const struct process_node *process);

/* TRUE: there is a rule, whether or not any process is there for it. */
BOOLEAN limits_any(struct limits *limits);

/* Takes over `rules`; the caller destroys what is returned, then has limits_apply() called for every process. */
struct rules *limits_replace_rules(struct limits *limits, struct rules *rules);

/* Takes over the reference to `rule`; NULL: none any more. FALSE: there was none. In force at once. */
BOOLEAN limits_set_own(struct limits *limits, struct process_node *process, struct rule *rule);

#endif
