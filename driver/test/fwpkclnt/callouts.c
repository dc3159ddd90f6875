/* SPDX-License-Identifier: MIT */
/* Callouts as a driver registers them, and contexts of flows. */
#include "internal.h"

struct sim_callout *sim_callout_find(UINT32 id)
{
	for (int index = 0; index < MOST_CALLOUTS; index++) {
		if (id && engine.callout[index].id == id)
			return &engine.callout[index];
	}
	return NULL;
}

struct sim_callout *sim_callout_find_key(const GUID *key)
{
	for (int index = 0; index < MOST_CALLOUTS; index++) {
		struct sim_callout *callout = &engine.callout[index];

		if (callout->id && !memcmp(&callout->callout.calloutKey, key, sizeof(*key)))
			return callout;
	}
	return NULL;
}

NTSTATUS NTAPI FwpsCalloutRegister1(void *device, const FWPS_CALLOUT1 *callout, UINT32 *id)
{
	KLOCK_QUEUE_HANDLE handle;
	NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;

	ENGINE_ASSERT(device && callout && callout->classifyFn && callout->notifyFn, "a callout without its routines");
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	for (int index = 0; index < MOST_CALLOUTS && !NT_SUCCESS(status); index++) {
		struct sim_callout *place = &engine.callout[index];

		if (place->id)
			continue;
		*place = (struct sim_callout){.id = ++engine.next_callout, .callout = *callout};
		*id = place->id;
		status = STATUS_SUCCESS;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return status;
}

NTSTATUS NTAPI FwpsCalloutUnregisterById0(const UINT32 id)
{
	KLOCK_QUEUE_HANDLE handle;
	struct sim_callout *callout;
	NTSTATUS status = STATUS_SUCCESS;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	callout = sim_callout_find(id);
	if (!callout)
		status = STATUS_FWP_CALLOUT_NOT_FOUND;
	else if (callout->contexts)
		status = STATUS_DEVICE_BUSY;
	else if (callout->active)
		status = STATUS_FWP_IN_USE;
	else
		callout->id = 0;
	KeReleaseInStackQueuedSpinLock(&handle);
	return status;
}

struct sim_context *sim_context_find(struct sim_flow *flow, UINT16 layer, UINT32 callout_id)
{
	for (int index = 0; index < MOST_CONTEXTS; index++) {
		struct sim_context *context = &flow->context[index];

		if (context->callout_id && context->layer == layer && context->callout_id == callout_id)
			return context;
	}
	return NULL;
}

static NTSTATUS associate_locked(struct sim_flow *flow, UINT16 layer, UINT32 callout_id, UINT64 value)
{
	struct sim_callout *callout = sim_callout_find(callout_id);

	if (!callout)
		return STATUS_FWP_CALLOUT_NOT_FOUND;
	if (!callout->callout.flowDeleteFn || !value || flow->is_closed)
		return STATUS_INVALID_PARAMETER;
	if (sim_context_find(flow, layer, callout_id))
		return STATUS_OBJECT_NAME_EXISTS;
	for (int index = 0; index < MOST_CONTEXTS; index++) {
		if (flow->context[index].callout_id)
			continue;
		flow->context[index] = (struct sim_context){layer, callout_id, value, 0, FALSE};
		callout->contexts++;
		InterlockedIncrement(&engine.contexts);
		return STATUS_SUCCESS;
	}
	return STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS NTAPI FwpsFlowAssociateContext0(UINT64 id, UINT16 layer, UINT32 callout_id, UINT64 value)
{
	struct sim_flow *flow = sim_flow_find(id);
	KLOCK_QUEUE_HANDLE handle;
	NTSTATUS status;

	if (!flow)
		return STATUS_INVALID_PARAMETER;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	status = associate_locked(flow, layer, callout_id, value);
	KeReleaseInStackQueuedSpinLock(&handle);
	sim_flow_release(flow);
	return status;
}

/* Takes the context off its flow, then tells its owner: the only place that does. */
static void delete_context(struct sim_flow *flow, struct sim_context *context)
{
	KLOCK_QUEUE_HANDLE handle;
	struct sim_context deleted;
	FWPS_CALLOUT_FLOW_DELETE_NOTIFY_FN0 routine;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	deleted = *context;
	ENGINE_ASSERT(deleted.callout_id && !deleted.active, "a context is deleted twice, or while it is used");
	context->callout_id = 0;
	routine = sim_callout_find(deleted.callout_id)->callout.flowDeleteFn;
	sim_callout_find(deleted.callout_id)->active++;
	KeReleaseInStackQueuedSpinLock(&handle);

	routine(deleted.layer, deleted.callout_id, deleted.value);

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	sim_callout_find(deleted.callout_id)->contexts--;
	sim_callout_find(deleted.callout_id)->active--;
	KeReleaseInStackQueuedSpinLock(&handle);
	InterlockedDecrement(&engine.contexts);
	UNREFERENCED_PARAMETER(flow);
}

NTSTATUS NTAPI FwpsFlowRemoveContext0(UINT64 id, UINT16 layer, UINT32 callout_id)
{
	struct sim_flow *flow = sim_flow_find(id);
	KLOCK_QUEUE_HANDLE handle;
	struct sim_context *context;
	NTSTATUS status = STATUS_UNSUCCESSFUL;

	if (!flow)
		return STATUS_UNSUCCESSFUL;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	context = sim_context_find(flow, layer, callout_id);
	if (context && context->active) {
		context->is_leaving = TRUE;
		status = STATUS_PENDING;
	} else if (context && !context->is_leaving) {
		context->is_leaving = TRUE;
		status = STATUS_SUCCESS;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	if (status == STATUS_SUCCESS)
		delete_context(flow, context);
	sim_flow_release(flow);
	return status;
}

/* A call that used the context has returned. */
void sim_context_done(struct sim_flow *flow, struct sim_context *context)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN was_last;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	was_last = --context->active == 0 && context->is_leaving;
	KeReleaseInStackQueuedSpinLock(&handle);
	if (was_last)
		delete_context(flow, context);
}

static struct sim_context *next_to_leave(struct sim_flow *flow, ULONG start)
{
	for (ULONG index = 0; index < MOST_CONTEXTS; index++) {
		struct sim_context *context = &flow->context[(start + index) % MOST_CONTEXTS];

		if (!context->callout_id || context->is_leaving)
			continue;
		context->is_leaving = TRUE;
		if (!context->active)
			return context;
	}
	return NULL;
}

/* In any order; those that are in use when their last call returns. */
void sim_contexts_delete(struct sim_flow *flow)
{
	KLOCK_QUEUE_HANDLE handle;
	struct sim_context *context;

	do {
		ULONG start = engine_random(MOST_CONTEXTS);

		KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
		context = next_to_leave(flow, start);
		KeReleaseInStackQueuedSpinLock(&handle);
		if (context)
			delete_context(flow, context);
	} while (context);
}
