/* SPDX-License-Identifier: MIT */
/*
 * A limit and what it is for: one process, whose record keeps it, or the path of an executable.
 */
#ifndef NETFLOW_COMMON_RULE_H
#define NETFLOW_COMMON_RULE_H

#include "kernel_path.h"
#include "shaper.h"

struct rule {
	LIST_ENTRY entry; /* in its bucket of struct rules */
	volatile LONG references;
	ULONG number; /* from 1; 0: the rule of one process */
	ULONG64 limit[NETFLOW_DIRECTIONS];
	struct limiter *shared; /* of a path's NETFLOW_RULE_SHARED rule: one for all of its processes */
	ULONG processes;        /* that it is in force for; counted when it is asked for */
	UINT8 flags;            /* enum netflow_rule_flag */
	USHORT path_bytes;
	WCHAR path[];
};

static inline struct kernel_path rule_path(const struct rule *rule)
{
	return (struct kernel_path){rule->path, rule->path_bytes};
}

/*
 * IRQL <= DISPATCH_LEVEL. Checks every field of the record that starts `bytes`, of which at most `room` are there.
 * STATUS_SUCCESS; STATUS_REVISION_MISMATCH; STATUS_INVALID_BUFFER_SIZE where the record does not fit, or
 * STATUS_INVALID_PARAMETER.
 */
NTSTATUS rule_check(const void *bytes, size_t room);

/* Of a record that has been checked. NULL: no memory. The caller holds the one reference. */
struct rule *rule_create(const struct netflow_rule *record);
void rule_reference(struct rule *rule);
void rule_release(struct rule *rule);

/* Every path rule. Does not change once it is made. */
struct rules {
	ULONG count;
	size_t record_bytes; /* what all of them take as records */
	LIST_ENTRY bucket[];
};

/*
 * IRQL == PASSIVE_LEVEL. Makes `*rules` of a stream of records. Takes the limiters of shared rules over from `before`
 * (which may be NULL), so that a limit goes on where it was. STATUS_INVALID_PARAMETER also where a path comes twice;
 * STATUS_INSUFFICIENT_RESOURCES for more than NETFLOW_MAX_RULES.
 */
NTSTATUS rules_create(const void *stream, size_t bytes, const struct rules *before, struct rules **rules);
void rules_destroy(struct rules *rules);

/* IRQL <= DISPATCH_LEVEL. A policy's rule before a local one; NULL: none. */
struct rule *rules_find(const struct rules *rules, struct kernel_path path);

void rules_visit(const struct rules *rules, void (*visit)(struct rule *rule, void *context), void *context);

/* The one with this path that is (or is not) a policy's. */
struct rule *rules_find_exact(const struct rules *rules, struct kernel_path path, UINT8 policy_flag);

#endif
