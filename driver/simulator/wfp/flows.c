/* SPDX-License-Identifier: MIT */
/* Flows from their beginning to their end. */
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

/* ---- authorization ---- */

void sim_flows_reauthorize(void)
{
	for (int bucket = 0; bucket < FLOW_BUCKETS; bucket++) {
		LIST_ENTRY *head = &engine.flows[bucket];

		for (LIST_ENTRY *entry = head->Flink; entry != head; entry = entry->Flink)
			CONTAINING_RECORD(entry, struct sim_flow, entry)->must_reauthorize = TRUE;
	}
}

static BOOLEAN authorize(struct sim_flow *flow, UINT32 flags)
{
	UINT16 v4 = flow->options.is_inbound ? FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4 : FWPS_LAYER_ALE_AUTH_CONNECT_V4;
	UINT16 layer = sim_layer_for(flow, v4);
	struct sim_values values;

	sim_ale_values(&values, flow, layer, flags);
	return sim_classify(&(struct sim_indication){.layer = layer,
						     .flow = flow,
						     .values = &values.values,
						     .metadata = &values.metadata,
						     .condition_flags = flags}) == SIM_PASS;
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

BOOLEAN sim_flow_reauthorize(struct sim_flow *flow)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN must;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	must = flow->must_reauthorize;
	flow->must_reauthorize = FALSE;
	KeReleaseInStackQueuedSpinLock(&handle);
	return !must || authorize(flow, FWP_CONDITION_FLAG_IS_REAUTHORIZE);
}

/* ---- beginning ---- */

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

static void establish(struct sim_flow *flow)
{
	UINT16 layer = sim_layer_for(flow, FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4);
	struct sim_values values;

	sim_ale_values(&values, flow, layer, 0);
	sim_classify(&(struct sim_indication){
		.layer = layer,
		.flow = flow,
		.values = &values.values,
		.metadata = &values.metadata,
		.direction = flow->options.is_inbound ? FWP_DIRECTION_INBOUND : FWP_DIRECTION_OUTBOUND,
	});
}

/* Two references: its place in the table, and the caller's. */
static struct sim_flow *make_flow(const struct engine_flow_options *options)
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

UINT64 engine_flow_open(const struct engine_flow_options *options)
{
	struct sim_flow *flow = make_flow(options);
	UINT64 id = flow->id;

	if (!options->is_old) {
		if (authorize(flow, 0)) {
			establish(flow);
		} else {
			engine_flow_close(id);
			id = 0;
		}
	}
	sim_flow_release(flow);
	return id;
}

/* ---- end ---- */

void engine_flow_close(UINT64 id)
{
	struct sim_flow *flow = sim_flow_find(id);
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN was_open;

	if (!flow)
		return;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	was_open = !flow->is_closed;
	write_once(&flow->is_closed, TRUE);
	if (was_open)
		RemoveEntryList(&flow->entry);
	KeReleaseInStackQueuedSpinLock(&handle);
	if (was_open) {
		sim_contexts_delete(flow);
		sim_flow_release(flow);
	}
	sim_flow_release(flow);
}

void sim_flows_close_all(void)
{
	for (int bucket = 0; bucket < FLOW_BUCKETS; bucket++) {
		while (!IsListEmpty(&engine.flows[bucket]))
			engine_flow_close(CONTAINING_RECORD(engine.flows[bucket].Flink, struct sim_flow, entry)->id);
	}
}
