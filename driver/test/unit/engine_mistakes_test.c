/* SPDX-License-Identifier: MIT */
/* A driver that breaks a rule of the engine ends with the sentence of that rule, and of no other. */
#include "tiny_driver.h"

static void segment(tiny_routine *act)
{
	engine_segment(tiny_start_flow(6, TINY_OUT, act), FALSE, 1, 1000, 0x10);
}

/* ---- registration and contexts ---- */

static void forgets_callout(void)
{
	tiny_start_platform();
	tiny_register(TINY_STREAM, 0, TRUE);
	engine_stop();
}

static void conditional_without_deletion(void)
{
	tiny_start_platform();
	tiny_register(TINY_STREAM, FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW, FALSE);
}

static void registers_with_lock(void)
{
	tiny_start_platform();
	nt_raise_irql(DISPATCH_LEVEL);
	tiny_register(TINY_STREAM, 0, TRUE);
}

static void forgets_session(void)
{
	tiny_start_platform();
	tiny_open_session();
	engine_stop();
}

static void forgets_objects(void)
{
	tiny_start_platform();
	tiny_open_session();
	tiny_add_owner();
	engine_stop();
}

static void uses_closed_session(void)
{
	tiny_start_platform();
	tiny_open_session();
	FwpmEngineClose0(tiny.session);
	tiny_add_owner();
}

static void context_of_nothing(void)
{
	UINT64 flow = tiny_start_flow(6, TINY_STREAM, NULL);

	FwpsFlowAssociateContext0(flow, FWPS_LAYER_STREAM_V4, tiny.id[TINY_STREAM], 0);
}

static void context_without_deletion(void)
{
	struct engine_flow_options options = tiny_flow(6);

	tiny_start_platform();
	tiny_register(TINY_STREAM, 0, FALSE);
	FwpsFlowAssociateContext0(engine_flow_open(&options), FWPS_LAYER_STREAM_V4, tiny.id[TINY_STREAM], 1);
}

/* ---- decisions ---- */

static void decide(const struct tiny_call *call)
{
	call->out->actionType = FWP_ACTION_PERMIT;
}

static void inspection_decides(void)
{
	engine_stream(tiny_start_flow(6, TINY_STREAM, decide), FWPS_STREAM_FLAG_SEND, 10);
}

static void decide_nothing(const struct tiny_call *call)
{
	call->out->actionType = FWP_ACTION_CALLOUT_UNKNOWN;
}

static void decides_nothing(void)
{
	segment(decide_nothing);
}

static void only_absorb(const struct tiny_call *call)
{
	call->out->flags |= FWPS_CLASSIFY_OUT_FLAG_ABSORB;
}

static void absorbs_without_blocking(void)
{
	segment(only_absorb);
}

static void decides_without_right(void)
{
	UINT64 flow = tiny_start_flow(6, TINY_OUT, tiny_absorb);

	engine_deny_rights(1);
	engine_segment(flow, FALSE, 1, 1000, 0x10);
}

static void raise_irql(const struct tiny_call *call)
{
	(void)call;
	if (KeGetCurrentIrql() == PASSIVE_LEVEL)
		nt_raise_irql(DISPATCH_LEVEL);
}

static void keeps_a_lock(void)
{
	UINT64 flow = tiny_start_flow(6, TINY_OUT, raise_irql);

	for (int round = 0; round < 100; round++)
		engine_segment(flow, FALSE, 1, 1000, 0x10);
}

static void act_on_stream(const struct tiny_call *call)
{
	((FWPS_STREAM_CALLOUT_IO_PACKET0 *)call->data)->streamAction = 3;
}

static void acts_on_stream(void)
{
	engine_stream(tiny_start_flow(6, TINY_STREAM, act_on_stream), FWPS_STREAM_FLAG_SEND, 10);
}

/* ---- closing ---- */

static UINT64 classify_handle;

static void pend(const struct tiny_call *call)
{
	FwpsAcquireClassifyHandle0(call->classify_context, 0, &classify_handle);
	FwpsPendClassify0(classify_handle, call->filter->filterId, 0, call->out);
}

static void completes_twice(void)
{
	FWPS_CLASSIFY_OUT0 out = {.actionType = FWP_ACTION_PERMIT};

	engine_endpoint_close(tiny_start_flow(17, TINY_CLOSURE, pend));
	FwpsCompleteClassify0(classify_handle, 0, &out);
	FwpsCompleteClassify0(classify_handle, 0, &out);
}

static void completes_without_decision(void)
{
	FWPS_CLASSIFY_OUT0 out = {.actionType = FWP_ACTION_CONTINUE};

	engine_endpoint_close(tiny_start_flow(17, TINY_CLOSURE, pend));
	FwpsCompleteClassify0(classify_handle, 0, &out);
}

static void pend_for_another(const struct tiny_call *call)
{
	FwpsAcquireClassifyHandle0(call->classify_context, 0, &classify_handle);
	FwpsPendClassify0(classify_handle, call->filter->filterId + 1, 0, call->out);
}

static void pends_for_another_filter(void)
{
	engine_endpoint_close(tiny_start_flow(17, TINY_CLOSURE, pend_for_another));
}

static void forgets_closing(void)
{
	engine_endpoint_close(tiny_start_flow(17, TINY_CLOSURE, pend));
	FwpsReleaseClassifyHandle0(classify_handle);
	tiny_stop();
}

static const struct tiny_mistake mistakes[] = {
	{forgets_callout, "a callout is still registered"},
	{conditional_without_deletion, "conditional on a flow"},
	{registers_with_lock, "FwpsCalloutRegister1 was called at IRQL 2"},
	{forgets_session, "session with the filtering engine is still open"},
	{forgets_objects, "objects of a driver are left"},
	{uses_closed_session, "AddressSanitizer|session that is closed|ThreadSanitizer"},
	{context_of_nothing, "a context of 0"},
	{context_without_deletion, "a callout that can't be given it back"},
	{inspection_decides, "a callout that inspects has decided"},
	{decides_nothing, "a callout has decided nothing"},
	{absorbs_without_blocking, "absorbs what it does not block"},
	{decides_without_right, "a callout decides that has no right to"},
	{keeps_a_lock, "a callout returns at another IRQL"},
	{acts_on_stream, "has acted on a stream"},
	{completes_without_decision, "completed without a decision"},
	{completes_twice, "completed twice|AddressSanitizer|ThreadSanitizer"},
	{pends_for_another_filter, "pended for another filter"},
	{forgets_closing, "a classification was held and not released"},
};

static void names_each_mistake(void)
{
	tiny_check_mistakes(mistakes, COUNT(mistakes));
}

static const struct test tests[] = {
	{"each mistake with callouts, contexts, sessions and decisions ends a driver with the sentence of its rule",
	 names_each_mistake},
};

TEST_MAIN(tests)
