/* SPDX-License-Identifier: MIT */
/* Contexts of flows: one for each flow, layer and callout, which its owner gets back exactly once. */
#include "internal.h"

struct sim_context *sim_context_find(struct sim_flow *flow, UINT16 layer, UINT32 callout_id)
{
	for (int index = 0; index < MOST_CONTEXTS; index++) {
		struct sim_context *context = &flow->context[index];

		if (context->callout_id && context->layer == layer && context->callout_id == callout_id)
			return context;
	}
	return NULL;
}

/* A context that is added while its flow goes would never be given back; Windows says that the flow is not there. */
static NTSTATUS associate_locked(struct sim_flow *flow, UINT16 layer, UINT32 callout_id, UINT64 value)
{
	struct sim_callout *callout = sim_callout_find(callout_id);
	UINT16 applicable = callout ? sim_callout_layer(&callout->key) : 0;

	if (!callout)
		return STATUS_FWP_CALLOUT_NOT_FOUND;
	ENGINE_ASSERT(callout->callout.flowDeleteFn, "a context for a callout that can't be given it back");
	if (read_once(&flow->is_closed) || (applicable && applicable != layer))
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

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(value, "a context of 0");
	if (!flow)
		return STATUS_INVALID_PARAMETER;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	status = associate_locked(flow, layer, callout_id, value);
	KeReleaseInStackQueuedSpinLock(&handle);
	sim_flow_release(flow);
	return status;
}

static struct sim_context take_off(struct sim_context *context, FWPS_CALLOUT_FLOW_DELETE_NOTIFY_FN0 *routine)
{
	KLOCK_QUEUE_HANDLE handle;
	struct sim_context deleted;
	struct sim_callout *callout;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	deleted = *context;
	callout = sim_callout_find(deleted.callout_id);
	ENGINE_ASSERT(callout && !deleted.active, "a context is deleted twice, or while it is used");
	context->callout_id = 0;
	*routine = callout->callout.flowDeleteFn;
	callout->active++;
	KeReleaseInStackQueuedSpinLock(&handle);
	return deleted;
}

/* Takes the context off its flow, then gives it back to its owner: the only place that does. */
static void delete_context(struct sim_context *context)
{
	FWPS_CALLOUT_FLOW_DELETE_NOTIFY_FN0 routine;
	struct sim_context deleted = take_off(context, &routine);
	KLOCK_QUEUE_HANDLE handle;
	struct sim_callout *callout;
	KIRQL irql = sim_enter_driver();

	routine(deleted.layer, deleted.callout_id, deleted.value);
	sim_leave_driver(irql);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	callout = sim_callout_find(deleted.callout_id);
	callout->contexts--;
	callout->active--;
	KeReleaseInStackQueuedSpinLock(&handle);
	InterlockedDecrement(&engine.contexts);
}

static BOOLEAN is_refused(void)
{
	LONG one_in = read_once(&engine.fail_removals);

	return one_in && engine_random((ULONG)one_in) == 0;
}

NTSTATUS NTAPI FwpsFlowRemoveContext0(UINT64 id, UINT16 layer, UINT32 callout_id)
{
	struct sim_flow *flow = sim_flow_find(id);
	KLOCK_QUEUE_HANDLE handle;
	struct sim_context *context;
	NTSTATUS status = STATUS_UNSUCCESSFUL;

	ENGINE_IRQL(DISPATCH_LEVEL);
	if (!flow)
		return STATUS_UNSUCCESSFUL;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	context = sim_context_find(flow, layer, callout_id);
	/* tnodir/fort, src/driver/fortstat.c, has seen it say so where there is a context. */
	if (context && is_refused()) {
		context = NULL;
	} else if (context && context->active) {
		context->is_leaving = TRUE;
		status = STATUS_PENDING;
	} else if (context && !context->is_leaving) {
		context->is_leaving = TRUE;
		status = STATUS_SUCCESS;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	if (status == STATUS_SUCCESS)
		delete_context(context);
	sim_flow_release(flow);
	return status;
}

/* A call that used the context has returned. */
void sim_context_done(struct sim_flow *flow, struct sim_context *context)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN was_last;

	UNREFERENCED_PARAMETER(flow); /* the caller's reference keeps it, and with it the context */
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	was_last = --context->active == 0 && context->is_leaving;
	KeReleaseInStackQueuedSpinLock(&handle);
	if (was_last)
		delete_context(context);
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

/* Deletes contexts in any order; those that are in use are deleted when their last call returns. */
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
			delete_context(context);
	} while (context);
}
