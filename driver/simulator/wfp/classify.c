/* SPDX-License-Identifier: MIT */
/* One layer's filters, and what the callouts behind them say. */
#include "internal.h"

#define MOST_FILTERS 8
#define UNDECIDED 0x5a5a5a5au /* no action there is */

/* A callout to call: found with the lock held, called without it. */
struct call {
	FWPS_CALLOUT_CLASSIFY_FN2 routine;
	struct sim_callout *callout;
	struct sim_context *context;
	FWPS_FILTER2 filter;
};

/* A callout that is not registered blocks unless its filter says otherwise. */
static enum sim_verdict without_callout(const struct sim_filter *filter)
{
	if (filter->action == FWP_ACTION_CALLOUT_INSPECTION ||
	    filter->flags & FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED)
		return SIM_PASS;
	return SIM_BLOCKED;
}

/* The lock is held. FALSE: nothing to call. */
static BOOLEAN prepare_locked(struct call *call, const struct sim_filter *filter,
			      const struct sim_indication *indication, enum sim_verdict *verdict)
{
	call->callout = sim_callout_find_key(&filter->callout_key);
	if (!call->callout) {
		*verdict = without_callout(filter);
		return FALSE;
	}
	call->context = sim_context_find(indication->flow, indication->layer, call->callout->id);
	if (call->context && call->context->is_leaving)
		call->context = NULL;
	if (call->callout->callout.flags & FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW && !call->context)
		return FALSE;
	if (call->context)
		call->context->active++;
	call->callout->active++;
	call->routine = call->callout->callout.classifyFn;
	call->filter = sim_filter_as_seen(filter);
	return TRUE;
}

static BOOLEAN prepare(struct call *call, const struct sim_filter *filter, const struct sim_indication *indication,
		       enum sim_verdict *verdict)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN is_called;

	RtlZeroMemory(call, sizeof(*call));
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	is_called = prepare_locked(call, filter, indication, verdict);
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

/* ---- what the callout may say ---- */

static void check_inspection(const FWPS_CLASSIFY_OUT0 *out)
{
	ENGINE_ASSERT(out->actionType == UNDECIDED || out->actionType == FWP_ACTION_CONTINUE,
		      "a callout that inspects has decided");
	ENGINE_ASSERT(!(out->flags & FWPS_CLASSIFY_OUT_FLAG_ABSORB), "a callout that inspects has absorbed");
}

static void check_decision(const FWPS_CLASSIFY_OUT0 *out, FWP_ACTION_TYPE filter_action, UINT16 layer)
{
	BOOLEAN is_established =
		layer == FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4 || layer == FWPS_LAYER_ALE_FLOW_ESTABLISHED_V6;

	ENGINE_ASSERT(out->actionType == FWP_ACTION_BLOCK || out->actionType == FWP_ACTION_PERMIT ||
			      out->actionType == FWP_ACTION_CONTINUE,
		      "a callout has decided nothing");
	ENGINE_ASSERT(filter_action != FWP_ACTION_CALLOUT_TERMINATING || out->actionType != FWP_ACTION_CONTINUE,
		      "a callout that terminates has not decided");
	ENGINE_ASSERT(!is_established || out->actionType == FWP_ACTION_CONTINUE,
		      "a callout has decided where a flow is established already");
	ENGINE_ASSERT(!(out->flags & FWPS_CLASSIFY_OUT_FLAG_ABSORB) || out->actionType == FWP_ACTION_BLOCK,
		      "a callout absorbs what it does not block");
}

static enum sim_verdict verdict_of(const FWPS_CLASSIFY_OUT0 *out)
{
	if (out->actionType != FWP_ACTION_BLOCK)
		return SIM_PASS;
	return out->flags & FWPS_CLASSIFY_OUT_FLAG_ABSORB ? SIM_ABSORBED : SIM_BLOCKED;
}

/* Another callout may have permitted for good; it can be vetoed then, but not taken away. */
static BOOLEAN is_denied(FWP_ACTION_TYPE action)
{
	LONG one_in = read_once(&engine.deny_rights);

	return one_in && action != FWP_ACTION_CALLOUT_INSPECTION && engine_random((ULONG)one_in) == 0;
}

/*
 * win32, FWP, Filter Arbitration: every sublayer is evaluated, even when a higher one has decided to block. With the
 * right to write, a lower one could permit again.
 */
static BOOLEAN is_blocked_first(const struct sim_indication *indication)
{
	LONG one_in = read_once(&engine.block_first);

	return one_in && indication->data && !sim_is_stream_layer(indication->layer) &&
	       engine_random((ULONG)one_in) == 0;
}

static void check_blocked(const FWPS_CLASSIFY_OUT0 *out)
{
	ENGINE_ASSERT(out->actionType != FWP_ACTION_PERMIT && !(out->flags & FWPS_CLASSIFY_OUT_FLAG_ABSORB),
		      "a callout takes what another has blocked");
}

static void check_veto(const FWPS_CLASSIFY_OUT0 *out)
{
	ENGINE_ASSERT(out->actionType == FWP_ACTION_PERMIT ||
			      (out->actionType == FWP_ACTION_BLOCK && !(out->flags & FWPS_CLASSIFY_OUT_FLAG_ABSORB)),
		      "a callout decides that has no right to");
}

static FWPS_CLASSIFY_OUT0 decision_so_far(BOOLEAN is_blocked, BOOLEAN is_denied)
{
	if (is_denied)
		return (FWPS_CLASSIFY_OUT0){.actionType = FWP_ACTION_PERMIT};
	if (is_blocked)
		return (FWPS_CLASSIFY_OUT0){.actionType = FWP_ACTION_BLOCK,
					    .rights = engine_random(2) ? FWPS_RIGHT_ACTION_WRITE : 0};
	return (FWPS_CLASSIFY_OUT0){.actionType = UNDECIDED, .rights = FWPS_RIGHT_ACTION_WRITE};
}

static enum sim_verdict call_one(const struct call *call, const struct sim_indication *indication, BOOLEAN is_blocked)
{
	FWP_ACTION_TYPE action = call->filter.action.type;
	UINT64 value = call->context ? call->context->value : 0;
	BOOLEAN denied = !is_blocked && is_denied(action);
	FWPS_CLASSIFY_OUT0 out = decision_so_far(is_blocked, denied);
	KIRQL irql;

	if (indication->filter_id)
		*indication->filter_id = call->filter.filterId;
	irql = sim_enter_classify(indication->flow);
	call->routine(indication->values, indication->metadata, indication->data, indication->classify_context,
		      &call->filter, value, &out);
	sim_leave_classify(irql);
	if (is_blocked) {
		check_blocked(&out);
		return SIM_BLOCKED;
	}
	if (action == FWP_ACTION_CALLOUT_INSPECTION) {
		check_inspection(&out);
		return SIM_PASS;
	}
	if (denied)
		check_veto(&out);
	else
		check_decision(&out, action, indication->layer);
	return verdict_of(&out);
}

/* ---- the layer ---- */

/*
 * ddi, fwpsk, FWPS_CALLOUT2: without FWP_CALLOUT_FLAG_ALLOW_OFFLOAD, "offloading of network data processing is disabled
 * for all traffic that is processed by any filters that specify the callout". Before Windows 10 that takes in the data
 * of TCP.
 */
BOOLEAN sim_is_offloaded(UINT16 layer)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN is_allowed = read_once(&engine.offload) != 0;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	for (int index = 0; index < MOST_CALLOUTS && is_allowed; index++) {
		const struct sim_callout *callout = &engine.callout[index];

		is_allowed = !callout->is_registered || sim_callout_layer(&callout->key) != layer ||
			     callout->callout.flags & FWP_CALLOUT_FLAG_ALLOW_OFFLOAD;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return is_allowed;
}

static ULONG filters_for(const struct sim_indication *indication, struct sim_filter *filters)
{
	struct sim_facts facts = {
		.flags = indication->condition_flags | sim_flags(indication->flow),
		.direction = indication->direction,
		.protocol = indication->flow->options.transport,
	};
	KLOCK_QUEUE_HANDLE handle;
	ULONG count;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	count = sim_filters_for(indication->layer, &facts, filters, MOST_FILTERS);
	KeReleaseInStackQueuedSpinLock(&handle);
	return count;
}

/* Filters are called in the order in which they were added; on Windows, by weight. One that blocks is the last. */
enum sim_verdict sim_classify(struct sim_indication *indication)
{
	struct sim_filter filters[MOST_FILTERS];
	enum sim_verdict verdict = SIM_PASS;
	ULONG count = filters_for(indication, filters);
	BOOLEAN is_blocked = is_blocked_first(indication);

	for (ULONG index = 0; index < count && verdict == SIM_PASS; index++) {
		struct call call;

		if (filters[index].action == FWP_ACTION_BLOCK)
			return SIM_BLOCKED;
		if (filters[index].action == FWP_ACTION_PERMIT ||
		    !prepare(&call, &filters[index], indication, &verdict))
			continue;
		verdict = call_one(&call, indication, is_blocked);
		finish(&call, indication->flow);
	}
	return is_blocked ? SIM_BLOCKED : verdict;
}
