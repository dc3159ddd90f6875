/* SPDX-License-Identifier: MIT */
/* The table of flows. */
#include "internal.h"

static LIST_ENTRY *bucket_of(UINT64 id)
{
	return &engine.flows[id % FLOW_BUCKETS];
}

struct sim_flow *sim_flow_find(UINT64 id)
{
	KLOCK_QUEUE_HANDLE handle;
	struct sim_flow *found = NULL;
	LIST_ENTRY *bucket = bucket_of(id);

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	for (LIST_ENTRY *entry = bucket->Flink; entry != bucket && !found; entry = entry->Flink) {
		struct sim_flow *flow = CONTAINING_RECORD(entry, struct sim_flow, entry);

		if (flow->id == id) {
			flow->references++;
			found = flow;
		}
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return found;
}

void sim_flow_reference(struct sim_flow *flow)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	flow->references++;
	KeReleaseInStackQueuedSpinLock(&handle);
}

void sim_flow_release(struct sim_flow *flow)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN was_last;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	was_last = --flow->references == 0;
	KeReleaseInStackQueuedSpinLock(&handle);
	if (!was_last)
		return;
	if (flow->path.data)
		engine_free(flow->path.data);
	engine_free(flow);
}

static void copy_path(struct sim_flow *flow, const WCHAR *path)
{
	ULONG characters = 0;

	while (path && path[characters])
		characters++;
	if (!path)
		return;
	flow->path.size = (characters + 1) * sizeof(WCHAR); /* with its NUL, as WFP has it */
	flow->path.data = engine_allocate(flow->path.size);
	RtlCopyMemory(flow->path.data, path, flow->path.size);
}

struct sim_flow *sim_flow_make(const struct engine_flow_options *options)
{
	struct sim_flow *flow = engine_allocate(sizeof(*flow));
	KLOCK_QUEUE_HANDLE handle;

	flow->options = *options;
	flow->options.path = NULL;
	flow->references = 2;
	copy_path(flow, options->path);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	flow->id = ++engine.next_flow;
	flow->endpoint = 0x1000 + flow->id;
	InsertTailList(bucket_of(flow->id), &flow->entry);
	KeReleaseInStackQueuedSpinLock(&handle);
	return flow;
}

void sim_flows_reauthorize(void)
{
	for (int bucket = 0; bucket < FLOW_BUCKETS; bucket++) {
		LIST_ENTRY *head = &engine.flows[bucket];

		for (LIST_ENTRY *entry = head->Flink; entry != head; entry = entry->Flink)
			CONTAINING_RECORD(entry, struct sim_flow, entry)->must_reauthorize = TRUE;
	}
}

BOOLEAN sim_flow_must_reauthorize(struct sim_flow *flow)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN must;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	must = flow->must_reauthorize;
	KeReleaseInStackQueuedSpinLock(&handle);
	return must;
}
