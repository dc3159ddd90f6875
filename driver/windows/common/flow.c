/* SPDX-License-Identifier: MIT */
#include "flow.h"

void flows_initialize(struct flows *flows)
{
	RtlZeroMemory(flows, sizeof(*flows));
	for (int index = 0; index < FLOW_SHARDS; index++) {
		KeInitializeSpinLock(&flows->shard[index].lock);
		InitializeListHead(&flows->shard[index].flows);
	}
	flows->live = 1;
	KeInitializeEvent(&flows->none, NotificationEvent, FALSE);
}

static void forget_live(struct flows *flows)
{
	if (InterlockedDecrement(&flows->live) == 0)
		KeSetEvent(&flows->none, IO_NO_INCREMENT, FALSE);
}

void flows_wait(struct flows *flows)
{
	forget_live(flows);
	KeWaitForSingleObject(&flows->none, Executive, KernelMode, FALSE, NULL);
}

static struct flow_shard *shard_of(struct flows *flows, ULONG64 id)
{
	return &flows->shard[(id ^ id >> 8 ^ id >> 16) % FLOW_SHARDS];
}

static void insert(struct flow *flow)
{
	struct flow_shard *shard = shard_of(flow->table, flow->id);
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&shard->lock, &handle);
	InsertTailList(&shard->flows, &flow->entry);
	KeReleaseInStackQueuedSpinLock(&handle);
	process_add_meter(flow->process, &flow->transferred);
}

struct flow *flow_begin(struct flows *flows, size_t bytes, ULONG64 id, struct process_node *process,
			const struct flow_endpoints *endpoints)
{
	struct flow *flow = allocate(bytes, TAG_FLOW);

	if (!flow) {
		process_release(process);
		return NULL;
	}
	InterlockedIncrement(&flows->live);
	flow->table = flows;
	flow->id = id;
	flow->process = process;
	flow->endpoints = *endpoints;
	flow->references = 2;
	speed_meter_initialize(&flow->transferred.meter, current_second());
	for (int direction = 0; direction < NETFLOW_DIRECTIONS; direction++)
		queue_initialize(&flow->queue[direction]);
	insert(flow);
	return flow;
}

void flow_end(struct flow *flow)
{
	struct flow_shard *shard = shard_of(flow->table, flow->id);
	KLOCK_QUEUE_HANDLE handle;

	if (InterlockedExchange(&flow->ended, TRUE))
		return;
	KeAcquireInStackQueuedSpinLock(&shard->lock, &handle);
	RemoveEntryList(&flow->entry);
	KeReleaseInStackQueuedSpinLock(&handle);
	process_remove_meter(flow->process, &flow->transferred);
	flow_release(flow);
}

void flow_reference(struct flow *flow)
{
	InterlockedIncrement(&flow->references);
}

void flow_release(struct flow *flow)
{
	struct flows *table = flow->table;

	if (InterlockedDecrement(&flow->references) != 0)
		return;
	process_release(flow->process);
	ExFreePoolWithTag(flow, TAG_FLOW);
	forget_live(table);
}

static BOOLEAN visit_shard(struct flow_shard *shard, flow_visitor *visit, void *context)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN go_on = TRUE;

	KeAcquireInStackQueuedSpinLock(&shard->lock, &handle);
	for (LIST_ENTRY *entry = shard->flows.Flink; entry != &shard->flows && go_on; entry = entry->Flink)
		go_on = visit(CONTAINING_RECORD(entry, struct flow, entry), context);
	KeReleaseInStackQueuedSpinLock(&handle);
	return go_on;
}

void flows_visit(struct flows *flows, flow_visitor *visit, void *context)
{
	for (int index = 0; index < FLOW_SHARDS; index++) {
		if (!visit_shard(&flows->shard[index], visit, context))
			return;
	}
}

ULONG flows_collect(struct flow_shard *shard, flow_visitor *is_wanted, void *context, struct flow **batch, ULONG room)
{
	KLOCK_QUEUE_HANDLE handle;
	ULONG count = 0;

	KeAcquireInStackQueuedSpinLock(&shard->lock, &handle);
	for (LIST_ENTRY *entry = shard->flows.Flink; entry != &shard->flows && count < room; entry = entry->Flink) {
		struct flow *flow = CONTAINING_RECORD(entry, struct flow, entry);

		if (!is_wanted(flow, context))
			continue;
		flow_reference(flow);
		batch[count++] = flow;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return count;
}
