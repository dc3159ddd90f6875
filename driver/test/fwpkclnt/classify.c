/* SPDX-License-Identifier: MIT */
/* One layer's filters, and what the callouts behind them say. */
#include "internal.h"

#define MOST_FILTERS 8

/* What is called, found with the lock held and called without it. */
struct call {
	FWPS_CALLOUT_CLASSIFY_FN1 routine;
	struct sim_callout *callout;
	struct sim_context *context;
	FWPS_FILTER1 filter;
};

/* A callout that is not registered blocks, if its filter does not say otherwise. */
static enum sim_verdict without_callout(const struct sim_filter *filter)
{
	if (filter->action == FWP_ACTION_CALLOUT_INSPECTION ||
	    filter->flags & FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED)
		return SIM_PASS;
	return SIM_BLOCKED;
}

/* FALSE: nothing to call. */
static BOOLEAN prepare(struct call *call, const struct sim_filter *filter, const struct sim_indication *indication,
		       enum sim_verdict *verdict)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN is_called = FALSE;

	RtlZeroMemory(call, sizeof(*call));
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	call->callout = sim_callout_find(filter->callout_id);
	if (!call->callout) {
		*verdict = without_callout(filter);
		goto release;
	}
	call->context = sim_context_find(indication->flow, indication->layer, filter->callout_id);
	if (call->context && call->context->is_leaving)
		call->context = NULL;
	if (call->callout->callout.flags & FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW && !call->context)
		goto release;
	if (call->context)
		call->context->active++;
	call->callout->active++;
	call->routine = call->callout->callout.classifyFn;
	call->filter = (FWPS_FILTER1){.filterId = filter->id,
				      .action = {.type = filter->action, .calloutId = filter->callout_id}};
	is_called = TRUE;
release:
	KeReleaseInStackQueuedSpinLock(&handle);
	return is_called;
}

static void finish(const struct call *call, struct sim_flow *flow)
{
	KLOCK_QUEUE_HANDLE handle;

	if (call->context)
		sim_context_done(flow, call->context);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	call->callout->active--;
	KeReleaseInStackQueuedSpinLock(&handle);
}

static enum sim_verdict verdict_of(const FWPS_CLASSIFY_OUT0 *out, FWP_ACTION_TYPE before, FWP_ACTION_TYPE filter_action)
{
	if (filter_action == FWP_ACTION_CALLOUT_INSPECTION) {
		ENGINE_ASSERT(out->actionType == before || out->actionType == FWP_ACTION_CONTINUE,
			      "a callout that inspects has decided");
		return SIM_PASS;
	}
	ENGINE_ASSERT(out->actionType == FWP_ACTION_BLOCK || out->actionType == FWP_ACTION_PERMIT ||
			      out->actionType == FWP_ACTION_CONTINUE,
		      "a callout has decided nothing");
	if (out->actionType != FWP_ACTION_BLOCK)
		return SIM_PASS;
	return out->flags & FWPS_CLASSIFY_OUT_FLAG_ABSORB ? SIM_ABSORBED : SIM_BLOCKED;
}

static enum sim_verdict call_one(const struct call *call, const struct sim_indication *indication)
{
	FWPS_CLASSIFY_OUT0 out = {.actionType = 0x5a5a5a5a, .rights = FWPS_RIGHT_ACTION_WRITE};
	UINT64 value = call->context ? call->context->value : 0;
	enum sim_verdict verdict;

	InterlockedIncrement64(&engine.calls);
	call->routine(indication->values, indication->metadata, indication->data, indication->classify_context,
		      &call->filter, value, &out);
	if (out.actionType == 0x5a5a5a5a && call->filter.action.type == FWP_ACTION_CALLOUT_INSPECTION)
		verdict = SIM_PASS;
	else
		verdict = verdict_of(&out, 0x5a5a5a5a, call->filter.action.type);
	return verdict;
}

enum sim_verdict sim_classify(struct sim_indication *indication)
{
	struct sim_filter filters[MOST_FILTERS];
	KLOCK_QUEUE_HANDLE handle;
	enum sim_verdict verdict = SIM_PASS;
	ULONG count;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	count = sim_filters_for(indication->layer, indication->condition_flags, indication->flow->options.transport,
				filters, MOST_FILTERS);
	KeReleaseInStackQueuedSpinLock(&handle);
	for (ULONG index = 0; index < count && verdict == SIM_PASS; index++) {
		struct call call;

		if (!prepare(&call, &filters[index], indication, &verdict))
			continue;
		verdict = call_one(&call, indication);
		finish(&call, indication->flow);
	}
	return verdict;
}
