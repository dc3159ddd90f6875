/* SPDX-License-Identifier: MIT */
/* The simulated engine refuses what the real one refuses: callouts, contexts, authorization. */
#include "../../simulator/wfp/status.h"
#include "tiny_driver.h"

/* ---- callouts ---- */

static void registers_a_key_once(void)
{
	UINT32 first;

	tiny_start_platform();
	CHECK_EQUAL(STATUS_FWP_CALLOUT_NOT_FOUND, FwpsCalloutUnregisterById0(1));
	CHECK_EQUAL(STATUS_SUCCESS, tiny_register(TINY_STREAM, 0, TRUE));
	first = tiny.id[TINY_STREAM];
	CHECK_EQUAL(STATUS_FWP_ALREADY_EXISTS, tiny_register(TINY_STREAM, 0, TRUE));
	CHECK_EQUAL(STATUS_SUCCESS, FwpsCalloutUnregisterById0(first));
	CHECK_EQUAL(STATUS_FWP_CALLOUT_NOT_FOUND, FwpsCalloutUnregisterById0(first));
	tiny.id[TINY_STREAM] = 0;
	tiny_stop();
}

static volatile LONG is_inside, may_leave;

static void stay(const struct tiny_call *call)
{
	(void)call;
	write_once(&is_inside, 1);
	while (!read_once(&may_leave))
		;
}

static void *send_one(void *flow)
{
	engine_stream(*(UINT64 *)flow, FWPS_STREAM_FLAG_SEND, 10);
	return NULL;
}

static void join_stream(const struct tiny_call *call)
{
	CHECK_EQUAL(STATUS_SUCCESS, FwpsFlowAssociateContext0(call->metadata->flowHandle, FWPS_LAYER_STREAM_V4,
							      tiny.id[TINY_STREAM], call->metadata->flowHandle));
}

static NTSTATUS remove_stream(UINT64 flow)
{
	return FwpsFlowRemoveContext0(flow, FWPS_LAYER_STREAM_V4, tiny.id[TINY_STREAM]);
}

static void stays_while_it_is_used(void)
{
	struct engine_flow_options options = tiny_flow(6);
	pthread_t thread;
	UINT64 flow;

	tiny_start(1u << TINY_STREAM);
	tiny.act[TINY_ESTABLISHED] = join_stream;
	tiny.act[TINY_STREAM] = stay;
	flow = engine_flow_open(&options);
	CHECK_EQUAL(STATUS_DEVICE_BUSY, FwpsCalloutUnregisterById0(tiny.id[TINY_STREAM]));
	pthread_create(&thread, NULL, send_one, &flow);
	while (!read_once(&is_inside))
		;
	CHECK_EQUAL(STATUS_PENDING, remove_stream(flow));
	CHECK_EQUAL(0, tiny.deleted);
	CHECK_EQUAL(STATUS_DEVICE_BUSY, FwpsCalloutUnregisterById0(tiny.id[TINY_STREAM]));
	write_once(&may_leave, 1);
	pthread_join(thread, NULL);
	CHECK_EQUAL(1, tiny.deleted);
	CHECK_EQUAL(STATUS_UNSUCCESSFUL, remove_stream(flow));
	tiny_stop();
}

/* What becomes of data whose callout is not registered. */
static ULONG received_without_callout(FWP_ACTION_TYPE action, UINT32 flags)
{
	struct engine_flow_options options = tiny_flow(17);
	FWPM_FILTER0 filter = tiny_filter(TINY_DATAGRAM);
	UINT64 flow, bytes;

	tiny_start_platform();
	tiny_open_session();
	CHECK_EQUAL(STATUS_SUCCESS, tiny_add_owner());
	CHECK_EQUAL(STATUS_SUCCESS, tiny_add_callout(TINY_DATAGRAM));
	filter.action.type = action;
	filter.flags = flags;
	CHECK_EQUAL(STATUS_SUCCESS, FwpmFilterAdd0(tiny.session, &filter, NULL, NULL));
	flow = engine_flow_open(&options);
	engine_datagrams(flow, TRUE, 100, 1);
	bytes = engine_deliveries(flow, TRUE).bytes;
	CHECK_EQUAL(bytes ? 0 : 1, engine_dropped_packets());
	tiny_stop();
	return (ULONG)bytes;
}

static void blocks_without_callout(void)
{
	CHECK_EQUAL(0, received_without_callout(FWP_ACTION_CALLOUT_UNKNOWN, 0));
	CHECK_EQUAL(0, received_without_callout(FWP_ACTION_CALLOUT_TERMINATING, 0));
	CHECK_EQUAL(100, received_without_callout(FWP_ACTION_CALLOUT_INSPECTION, 0));
	CHECK_EQUAL(100, received_without_callout(FWP_ACTION_CALLOUT_UNKNOWN,
						  FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED));
	CHECK_EQUAL(0, received_without_callout(FWP_ACTION_BLOCK, 0));
	CHECK_EQUAL(100, received_without_callout(FWP_ACTION_PERMIT, 0));
}

/* ---- contexts ---- */

static void gives_contexts_back_once(void)
{
	struct engine_flow_options options = tiny_flow(6);
	UINT64 flow;

	tiny_start(1u << TINY_STREAM);
	engine_flow_close(engine_flow_open(&options));
	tiny.act[TINY_ESTABLISHED] = join_stream;
	flow = engine_flow_open(&options);
	CHECK_EQUAL(STATUS_OBJECT_NAME_EXISTS,
		    FwpsFlowAssociateContext0(flow, FWPS_LAYER_STREAM_V4, tiny.id[TINY_STREAM], 5));
	CHECK_EQUAL(STATUS_INVALID_PARAMETER,
		    FwpsFlowAssociateContext0(flow, FWPS_LAYER_STREAM_V4, tiny.id[TINY_OUT], 5));
	CHECK_EQUAL(STATUS_FWP_CALLOUT_NOT_FOUND, FwpsFlowAssociateContext0(flow, FWPS_LAYER_STREAM_V4, 999, 5));
	CHECK_EQUAL(STATUS_SUCCESS, remove_stream(flow));
	CHECK_EQUAL(1, tiny.deleted);
	CHECK_EQUAL(STATUS_UNSUCCESSFUL, remove_stream(flow));
	CHECK_EQUAL(STATUS_SUCCESS, FwpsFlowAssociateContext0(flow, FWPS_LAYER_STREAM_V4, tiny.id[TINY_STREAM], 5));
	CHECK_EQUAL(STATUS_SUCCESS,
		    FwpsFlowAssociateContext0(flow, FWPS_LAYER_OUTBOUND_TRANSPORT_V4, tiny.id[TINY_OUT], 6));
	CHECK_EQUAL(2, engine_contexts());
	engine_flow_close(flow);
	CHECK_EQUAL(3, tiny.deleted);
	CHECK_EQUAL(STATUS_INVALID_PARAMETER,
		    FwpsFlowAssociateContext0(flow, FWPS_LAYER_STREAM_V4, tiny.id[TINY_STREAM], 5));
	CHECK_EQUAL(STATUS_UNSUCCESSFUL, remove_stream(flow));
	tiny_stop();
}

static void calls_only_with_a_context(void)
{
	struct engine_flow_options options = tiny_flow(6);
	UINT64 flow;

	tiny_start(1u << TINY_STREAM);
	flow = engine_flow_open(&options);
	engine_stream(flow, FWPS_STREAM_FLAG_SEND, 10);
	CHECK_EQUAL(0, tiny.calls[TINY_STREAM]);
	tiny.act[TINY_ESTABLISHED] = join_stream;
	flow = engine_flow_open(&options);
	engine_stream(flow, FWPS_STREAM_FLAG_SEND, 10);
	CHECK_EQUAL(1, tiny.calls[TINY_STREAM]);
	engine_flow_close(flow);
	tiny_stop();
}

#define CHURNS 20000
static volatile LONG joined;

static void *churn(void *argument)
{
	UINT64 flow = *(UINT64 *)argument;

	for (int round = 0; round < CHURNS; round++) {
		switch (round % 3) {
		case 0:
			if (FwpsFlowAssociateContext0(flow, FWPS_LAYER_STREAM_V4, tiny.id[TINY_STREAM], 1) ==
			    STATUS_SUCCESS)
				InterlockedIncrement(&joined);
			break;
		case 1:
			engine_stream(flow, FWPS_STREAM_FLAG_RECEIVE, 1);
			break;
		default:
			remove_stream(flow);
		}
	}
	return NULL;
}

static void gives_contexts_back_once_on_many_threads(void)
{
	struct engine_flow_options options = tiny_flow(6);
	pthread_t threads[4];
	UINT64 flow;

	tiny_start(1u << TINY_STREAM);
	flow = engine_flow_open(&options);
	for (int index = 0; index < 4; index++)
		pthread_create(&threads[index], NULL, churn, &flow);
	for (int index = 0; index < 4; index++)
		pthread_join(threads[index], NULL);
	engine_flow_close(flow);
	CHECK(joined > 0);
	CHECK_EQUAL(joined, tiny.deleted);
	tiny_stop();
}

/* ---- authorization ---- */

static ULONG64 reauthorized_flow;
static LONG reauthorized;

static void note_reauthorized(const struct tiny_call *call)
{
	if (!(call->values->incomingValue[12].value.uint32 & FWP_CONDITION_FLAG_IS_REAUTHORIZE)) {
		CHECK(!(call->metadata->currentMetadataValues & FWPS_METADATA_FIELD_FLOW_HANDLE));
		return;
	}
	CHECK_EQUAL(100, call->metadata->processId);
	reauthorized_flow = call->metadata->flowHandle;
	reauthorized++;
}

static void authorizes_older_flows_again(void)
{
	struct engine_flow_options options = tiny_flow(6);
	FWPM_FILTER0 filter = tiny_filter(TINY_CONNECT);
	UINT64 flow;

	tiny_start(0);
	tiny.act[TINY_CONNECT] = note_reauthorized;
	flow = engine_flow_open(&options);
	CHECK_EQUAL(1, tiny.calls[TINY_CONNECT]);
	engine_stream(flow, FWPS_STREAM_FLAG_SEND, 10);
	CHECK_EQUAL(0, reauthorized);
	CHECK_EQUAL(STATUS_SUCCESS, FwpmFilterAdd0(tiny.session, &filter, NULL, NULL));
	for (int round = 0; round < 3; round++)
		engine_segment(flow, TRUE, 1, 10, 0x10);
	CHECK_EQUAL(2, reauthorized); /* once by each filter */
	CHECK_EQUAL(flow, reauthorized_flow);
	tiny_stop();
}

static const struct test tests[] = {
	{"a callout is registered once, and unregistered once", registers_a_key_once},
	{"a callout that is used or has contexts stays registered", stays_while_it_is_used},
	{"without its callout a filter blocks, unless it says otherwise", blocks_without_callout},
	{"a context is given back exactly once", gives_contexts_back_once},
	{"a conditional callout is called for flows of which it has a context", calls_only_with_a_context},
	{"contexts that four threads add and remove are each given back once",
	 gives_contexts_back_once_on_many_threads},
	{"a new filter has older connections authorized once more, with their flow and process",
	 authorizes_older_flows_again},
};

TEST_MAIN(tests)
