/* SPDX-License-Identifier: MIT */
#include "closure.h"
#include "classify.h"

struct closure {
	LIST_ENTRY entry;
	UINT64 endpoint;
	UINT64 handle;
	FWPS_CLASSIFY_OUT0 out;
};

static KSPIN_LOCK lock;
static LIST_ENTRY closures;
static volatile LONG count; /* those that are pended, in the list or not */

void closures_initialize(void)
{
	KeInitializeSpinLock(&lock);
	InitializeListHead(&closures);
	count = 0;
}

BOOLEAN closures_any(void)
{
	return read_once(&count) != 0;
}

struct search {
	UINT64 endpoint;
	BOOLEAN found;
};

static BOOLEAN stop_at_waiting(struct flow *flow, void *context)
{
	struct search *search = context;

	search->found = flow->endpoints.transport == NETFLOW_UDP &&
			(UINT64)InterlockedCompareExchange64(&wfp_flow_of(flow)->endpoint, 0, 0) == search->endpoint &&
			!shaper_is_idle(&wfp.netflow.shaper, &flow->queue[NETFLOW_UPLOAD]);
	return !search->found;
}

static BOOLEAN has_waiting(UINT64 endpoint)
{
	struct search search = {.endpoint = endpoint};

	if (shaper_held(&wfp.netflow.shaper) == 0) /* as ever when a socket closes: there may be many flows to ask */
		return FALSE;
	flows_visit(&wfp.netflow.flows, stop_at_waiting, &search);
	return search.found;
}

static void add(struct closure *closure)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&lock, &handle);
	InsertTailList(&closures, &closure->entry);
	KeReleaseInStackQueuedSpinLock(&handle);
}

/* Without memory, or where WFP does not want to wait, the datagrams are lost with their socket. */
static void wait_with(void *classify_context, const wfp_filter *filter, UINT64 endpoint, FWPS_CLASSIFY_OUT0 *out)
{
	struct closure *closure = allocate(sizeof(*closure), TAG_PACKET);

	if (!closure)
		return;
	InterlockedIncrement(&count);
	closure->endpoint = endpoint;
	if (!NT_SUCCESS(FwpsAcquireClassifyHandle0(classify_context, 0, &closure->handle)))
		goto free_closure;
	if (!NT_SUCCESS(FwpsPendClassify0(closure->handle, filter->filterId, 0, out)))
		goto release_handle;
	closure->out = *out;
	add(closure);
	return;

release_handle:
	FwpsReleaseClassifyHandle0(closure->handle);
free_closure:
	ExFreePoolWithTag(closure, TAG_PACKET);
	InterlockedDecrement(&count);
}

CLASSIFY(classify_closure)
{
	UNREFERENCED_PARAMETER(values);
	UNREFERENCED_PARAMETER(data);
	UNREFERENCED_PARAMETER(flow_context);
	if (!(out->rights & FWPS_RIGHT_ACTION_WRITE))
		return;
	out->actionType = FWP_ACTION_CONTINUE;
	if (classify_context && has_metadata(metadata, FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE) &&
	    has_waiting(metadata->transportEndpointHandle))
		wait_with((void *)classify_context, filter, metadata->transportEndpointHandle, out);
}

static void finish(struct closure *closure)
{
	closure->out.actionType = FWP_ACTION_PERMIT; /* a final decision: there is nothing to go on with */
	closure->out.flags &= ~FWPS_CLASSIFY_OUT_FLAG_ABSORB;
	FwpsCompleteClassify0(closure->handle, 0, &closure->out);
	FwpsReleaseClassifyHandle0(closure->handle);
	ExFreePoolWithTag(closure, TAG_PACKET);
	InterlockedDecrement(&count);
}

static struct closure *take_first(LIST_ENTRY *list)
{
	KLOCK_QUEUE_HANDLE handle;
	struct closure *closure = NULL;

	KeAcquireInStackQueuedSpinLock(&lock, &handle);
	if (!IsListEmpty(list))
		closure = CONTAINING_RECORD(RemoveHeadList(list), struct closure, entry);
	KeReleaseInStackQueuedSpinLock(&handle);
	return closure;
}

/* Only the worker comes here, so that those it has looked at can be put aside meanwhile. */
BOOLEAN closures_complete(void)
{
	LIST_ENTRY waiting;
	struct closure *closure;
	BOOLEAN all = TRUE;

	InitializeListHead(&waiting);
	while ((closure = take_first(&closures)) != NULL) {
		if (has_waiting(closure->endpoint))
			InsertTailList(&waiting, &closure->entry);
		else
			finish(closure);
	}
	while (!IsListEmpty(&waiting)) {
		add(CONTAINING_RECORD(RemoveHeadList(&waiting), struct closure, entry));
		all = FALSE;
	}
	return all;
}
