/* SPDX-License-Identifier: MIT */
#include "limits.h"

static const ULONG64 unlimited[NETFLOW_DIRECTIONS] = {NETFLOW_UNLIMITED, NETFLOW_UNLIMITED};

NTSTATUS limits_initialize(struct limits *limits, struct shaper *shaper, volatile LONG64 *lost_events)
{
	RtlZeroMemory(limits, sizeof(*limits));
	KeInitializeSpinLock(&limits->lock);
	limits->shaper = shaper;
	limits->lost_events = lost_events;
	return rules_create(NULL, 0, NULL, &limits->rules);
}

void limits_destroy(struct limits *limits)
{
	rules_destroy(limits->rules);
}

/* A limiter that is the process's own; the one it had before is a shared rule's, or there is none. */
static BOOLEAN make_own_limiter(struct limits *limits, struct process_node *process)
{
	struct limiter *limiter = limiter_create();

	if (!limiter) {
		InterlockedIncrement64(limits->lost_events);
		return FALSE;
	}
	limiter_replace(limits->shaper, &process->limiter, limiter);
	process->shares_limiter = FALSE;
	return TRUE;
}

static void share_limiter(struct limits *limits, struct process_node *process, struct limiter *shared)
{
	if (process->shares_limiter && process->limiter == shared)
		return;
	if (process->limiter && !process->shares_limiter)
		limiter_set(limits->shaper, process->limiter, unlimited, KeQueryInterruptTime());
	limiter_reference(shared);
	limiter_replace(limits->shaper, &process->limiter, shared);
	process->shares_limiter = TRUE;
}

/* A process that was never limited needs no limiter for that. */
static void put_under(struct limits *limits, struct process_node *process, const struct rule *rule)
{
	const ULONG64 *rates = rule ? rule->limit : unlimited;

	if (rule && rule->shared)
		share_limiter(limits, process, rule->shared);
	else if (!process->limiter && !rule)
		return;
	else if ((!process->limiter || process->shares_limiter) && !make_own_limiter(limits, process))
		return;
	limiter_set(limits->shaper, process->limiter, rates, KeQueryInterruptTime());
}

static void apply_locked(struct limits *limits, struct process_node *process)
{
	struct rule *rule = process->own ? process->own : rules_find(limits->rules, process_path(process));
	struct rule *before = process->rule;

	put_under(limits, process, rule);
	if (rule)
		rule_reference(rule);
	process->rule = rule;
	if (before)
		rule_release(before);
	write_once(&process->rules_version, limits->version);
}

void limits_apply(struct limits *limits, struct process_node *process)
{
	if (read_once(&process->rules_version) != read_once(&limits->version))
		limits_apply_path(limits, process);
}

void limits_apply_path(struct limits *limits, struct process_node *process)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&limits->lock, &handle);
	apply_locked(limits, process);
	KeReleaseInStackQueuedSpinLock(&handle);
}

BOOLEAN limits_has_rule(struct limits *limits, struct process_node *process)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN has_rule;

	KeAcquireInStackQueuedSpinLock(&limits->lock, &handle);
	has_rule = process->rule != NULL;
	KeReleaseInStackQueuedSpinLock(&handle);
	return has_rule;
}

void limits_describe(struct limits *limits, const struct process_node *process, struct netflow_process *record)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&limits->lock, &handle);
	if (process->rule) {
		record->upload_limit = process->rule->limit[NETFLOW_UPLOAD];
		record->download_limit = process->rule->limit[NETFLOW_DOWNLOAD];
		record->rule = process->rule->number;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
}

void limits_count(struct limits *limits, const struct process_node *process)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&limits->lock, &handle);
	if (process->rule)
		process->rule->processes++;
	KeReleaseInStackQueuedSpinLock(&handle);
}

struct rule *limits_own(struct limits *limits, const struct process_node *process)
{
	KLOCK_QUEUE_HANDLE handle;
	struct rule *own;

	KeAcquireInStackQueuedSpinLock(&limits->lock, &handle);
	own = process->own;
	if (own)
		rule_reference(own);
	KeReleaseInStackQueuedSpinLock(&handle);
	return own;
}

BOOLEAN limits_any(struct limits *limits)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN any;

	KeAcquireInStackQueuedSpinLock(&limits->lock, &handle);
	any = limits->rules->count || limits->own_rules;
	KeReleaseInStackQueuedSpinLock(&handle);
	return any;
}

struct rules *limits_replace_rules(struct limits *limits, struct rules *rules)
{
	KLOCK_QUEUE_HANDLE handle;
	struct rules *before;

	KeAcquireInStackQueuedSpinLock(&limits->lock, &handle);
	before = limits->rules;
	limits->rules = rules;
	write_once(&limits->version, limits->version + 1);
	KeReleaseInStackQueuedSpinLock(&handle);
	return before;
}

BOOLEAN limits_set_own(struct limits *limits, struct process_node *process, struct rule *rule)
{
	KLOCK_QUEUE_HANDLE handle;
	struct rule *before;

	KeAcquireInStackQueuedSpinLock(&limits->lock, &handle);
	before = process->own;
	process->own = rule;
	limits->own_rules += (rule ? 1 : 0) - (before ? 1 : 0);
	if (rule || before)
		apply_locked(limits, process);
	KeReleaseInStackQueuedSpinLock(&handle);
	if (before)
		rule_release(before);
	return before != NULL;
}
