/* SPDX-License-Identifier: MIT */
/* Sockets that close, and callouts that delay it. */
#include "internal.h"

#define CLOSING_MAGIC 0x434c4f53u

struct closing {
	ULONG magic;
	struct sim_flow *flow;
	volatile LONG references; /* the classification's, the driver's, and that it is pended */
	volatile UINT64 filter_id;
	volatile LONG is_pended, is_completed;
};

static volatile LONG fail_pends;

void engine_fail_pends(ULONG count)
{
	InterlockedExchange(&fail_pends, (LONG)count);
}

static void release(struct closing *closing)
{
	if (InterlockedDecrement(&closing->references) != 0)
		return;
	ENGINE_ASSERT(!closing->is_pended || closing->is_completed, "a pended classification is never completed");
	sim_flow_release(closing->flow);
	closing->magic = 0;
	engine_free(closing);
	InterlockedDecrement(&engine.closings);
}

static struct closing *closing_of(UINT64 handle)
{
	struct closing *closing = (struct closing *)(ULONG_PTR)handle;

	ENGINE_ASSERT(closing && closing->magic == CLOSING_MAGIC, "a classification that is released, or none");
	return closing;
}

static void classify(struct closing *closing)
{
	UINT16 layer = sim_layer_for(closing->flow, FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4);
	struct sim_values values;

	sim_ale_values(&values, closing->flow, layer, 0);
	sim_classify(&(struct sim_indication){
		.layer = layer,
		.flow = closing->flow,
		.values = &values.values,
		.metadata = &values.metadata,
		.classify_context = closing,
		.filter_id = &closing->filter_id,
	});
}

BOOLEAN engine_endpoint_close(UINT64 id)
{
	struct sim_flow *flow = sim_flow_find(id);
	struct closing *closing;
	BOOLEAN is_pended;

	if (!flow)
		return TRUE;
	closing = engine_allocate(sizeof(*closing));
	*closing = (struct closing){.magic = CLOSING_MAGIC, .flow = flow, .references = 1};
	InterlockedIncrement(&engine.closings);
	classify(closing);
	is_pended = read_once(&closing->is_pended) != 0;
	closing->filter_id = 0;
	if (!is_pended)
		engine_flow_close(id);
	release(closing);
	return !is_pended;
}

NTSTATUS NTAPI FwpsAcquireClassifyHandle0(void *classify_context, UINT32 flags, UINT64 *handle)
{
	struct closing *closing = closing_of((UINT64)(ULONG_PTR)classify_context);

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(!flags && closing->filter_id, "a classification is held when it is over, or with flags");
	InterlockedIncrement(&closing->references);
	*handle = (UINT64)(ULONG_PTR)closing;
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI FwpsPendClassify0(UINT64 handle, UINT64 filter_id, UINT32 flags, FWPS_CLASSIFY_OUT0 *out)
{
	struct closing *closing = closing_of(handle);

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(!flags && out && filter_id && filter_id == closing->filter_id,
		      "a classification is pended for another filter, or when it is over");
	ENGINE_ASSERT(out->rights & FWPS_RIGHT_ACTION_WRITE, "a classification is pended without the right to decide");
	if (sim_must_fail(&fail_pends))
		return STATUS_FWP_CANNOT_PEND;
	ENGINE_ASSERT(InterlockedExchange(&closing->is_pended, 1) == 0, "a classification is pended twice");
	InterlockedIncrement(&closing->references);
	out->actionType = FWP_ACTION_BLOCK;
	out->rights &= ~FWPS_RIGHT_ACTION_WRITE;
	out->flags |= FWPS_CLASSIFY_OUT_FLAG_ABSORB;
	return STATUS_SUCCESS;
}

void NTAPI FwpsCompleteClassify0(UINT64 handle, UINT32 flags, FWPS_CLASSIFY_OUT0 *out)
{
	struct closing *closing = closing_of(handle);

	ENGINE_IRQL(DISPATCH_LEVEL);
	/* ddi, fwpsk, FwpsCompleteClassify0: "the classification is taken as the callout driver's final decision". */
	ENGINE_ASSERT(!flags && out &&
			      (out->actionType == FWP_ACTION_PERMIT ||
			       (out->actionType == FWP_ACTION_BLOCK && !(out->flags & FWPS_CLASSIFY_OUT_FLAG_ABSORB))),
		      "a classification is completed without a decision");
	ENGINE_ASSERT(out->actionType == FWP_ACTION_BLOCK || !(out->flags & FWPS_CLASSIFY_OUT_FLAG_ABSORB),
		      "a callout absorbs what it does not block");
	ENGINE_ASSERT(read_once(&closing->is_pended), "a classification is completed that is not pended");
	ENGINE_ASSERT(InterlockedExchange(&closing->is_completed, 1) == 0, "a classification is completed twice");
	engine_flow_close(closing->flow->id);
	release(closing);
}

void NTAPI FwpsReleaseClassifyHandle0(UINT64 handle)
{
	ENGINE_IRQL(DISPATCH_LEVEL);
	release(closing_of(handle));
}
