/* SPDX-License-Identifier: MIT */
/* The simulated base filtering engine: sessions, transactions, and what a filter must be. */
#include "../../simulator/wfp/status.h"
#include "tiny_driver.h"

/* ---- sessions and transactions ---- */

static void ends_sessions_with_the_service(void)
{
	FWPM_SESSION0 options = {.flags = FWPM_SESSION_FLAG_DYNAMIC};
	HANDLE session;

	tiny_start(0);
	CHECK_EQUAL(1, engine_filters(FWPS_LAYER_STREAM_V4));
	engine_set_service(FWPM_SERVICE_STOPPED);
	CHECK_EQUAL(0, engine_filters(FWPS_LAYER_STREAM_V4));
	CHECK(!NT_SUCCESS(FwpmEngineOpen0(NULL, 10, NULL, &options, &session)));
	engine_set_service(FWPM_SERVICE_RUNNING);
	CHECK_EQUAL(STATUS_FWP_SESSION_ABORTED, tiny_add_owner());
	CHECK_EQUAL(STATUS_FWP_SESSION_ABORTED, FwpmTransactionBegin0(tiny.session, 0));
	CHECK_EQUAL(STATUS_FWP_SESSION_ABORTED, FwpmFilterDeleteById0(tiny.session, tiny.filter[TINY_STREAM]));
	tiny_stop();
}

static void changes_with_the_transaction(void)
{
	FWPM_FILTER0 filter = tiny_filter(TINY_STREAM);
	HANDLE first;
	UINT64 id;

	tiny_start(0);
	CHECK_EQUAL(STATUS_FWP_NO_TXN_IN_PROGRESS, FwpmTransactionCommit0(tiny.session));
	CHECK_EQUAL(STATUS_SUCCESS, FwpmTransactionBegin0(tiny.session, 0));
	CHECK_EQUAL(STATUS_FWP_TXN_IN_PROGRESS, FwpmTransactionBegin0(tiny.session, 0));
	CHECK_EQUAL(STATUS_SUCCESS, FwpmFilterAdd0(tiny.session, &filter, NULL, &id));
	CHECK_EQUAL(STATUS_SUCCESS, FwpmFilterDeleteById0(tiny.session, tiny.filter[TINY_OUT]));
	CHECK_EQUAL(1, engine_filters(FWPS_LAYER_STREAM_V4));
	CHECK_EQUAL(1, engine_filters(FWPS_LAYER_OUTBOUND_TRANSPORT_V4));
	first = tiny.session;
	tiny_open_session();
	CHECK_EQUAL(STATUS_FWP_TIMEOUT, FwpmTransactionBegin0(tiny.session, 0));
	CHECK_EQUAL(STATUS_SUCCESS, FwpmTransactionAbort0(first));
	CHECK_EQUAL(STATUS_FWP_WRONG_SESSION, FwpmFilterDeleteById0(tiny.session, tiny.filter[TINY_OUT]));
	FwpmEngineClose0(tiny.session);
	tiny.session = first;
	CHECK_EQUAL(1, engine_filters(FWPS_LAYER_STREAM_V4));
	CHECK_EQUAL(STATUS_SUCCESS, FwpmTransactionBegin0(tiny.session, 0));
	CHECK_EQUAL(STATUS_SUCCESS, FwpmFilterAdd0(tiny.session, &filter, NULL, &id));
	CHECK_EQUAL(STATUS_SUCCESS, FwpmFilterDeleteById0(tiny.session, tiny.filter[TINY_OUT]));
	CHECK_EQUAL(STATUS_SUCCESS, FwpmTransactionCommit0(tiny.session));
	CHECK_EQUAL(2, engine_filters(FWPS_LAYER_STREAM_V4));
	CHECK_EQUAL(0, engine_filters(FWPS_LAYER_OUTBOUND_TRANSPORT_V4));
	CHECK_EQUAL(STATUS_FWP_FILTER_NOT_FOUND, FwpmFilterDeleteById0(tiny.session, tiny.filter[TINY_OUT]));
	tiny_stop();
}

static void forgets_what_was_not_committed(void)
{
	tiny_start_platform();
	tiny_open_session();
	CHECK_EQUAL(STATUS_SUCCESS, FwpmTransactionBegin0(tiny.session, 0));
	CHECK_EQUAL(STATUS_SUCCESS, tiny_add_owner());
	CHECK_EQUAL(STATUS_FWP_ALREADY_EXISTS, tiny_add_owner());
	CHECK_EQUAL(STATUS_SUCCESS, FwpmTransactionAbort0(tiny.session));
	CHECK_EQUAL(STATUS_SUCCESS, tiny_add_owner());
	tiny_stop();
}

static void tells_callouts_of_filters(void)
{
	FWPM_FILTER0 filter = tiny_filter(TINY_STREAM);

	tiny_start(0);
	CHECK_EQUAL(TINY_LAYERS, tiny.added);
	CHECK_EQUAL(STATUS_SUCCESS, FwpmFilterDeleteById0(tiny.session, tiny.filter[TINY_STREAM]));
	CHECK_EQUAL(1, tiny.removed);
	tiny.notified = STATUS_UNSUCCESSFUL;
	CHECK_EQUAL(STATUS_FWP_CALLOUT_NOTIFICATION_FAILED, FwpmFilterAdd0(tiny.session, &filter, NULL, NULL));
	CHECK_EQUAL(STATUS_SUCCESS, FwpmTransactionBegin0(tiny.session, 0));
	CHECK_EQUAL(STATUS_SUCCESS, FwpmFilterAdd0(tiny.session, &filter, NULL, NULL));
	CHECK_EQUAL(STATUS_FWP_CALLOUT_NOTIFICATION_FAILED, FwpmTransactionCommit0(tiny.session));
	CHECK_EQUAL(STATUS_FWP_NO_TXN_IN_PROGRESS, FwpmTransactionAbort0(tiny.session));
	CHECK_EQUAL(0, engine_filters(FWPS_LAYER_STREAM_V4));
	FwpmEngineClose0(tiny.session);
	tiny.session = NULL;
	CHECK_EQUAL(TINY_LAYERS, tiny.removed);
	tiny_stop();
}

/* ---- filters ---- */

static const GUID nothing = {9, 9, 9, {9}};
static const GUID direction = {0x8784c146, 0xca97, 0x44d6, {0x9f, 0xd1, 0x19, 0xfb, 0x18, 0x40, 0xcb, 0xf7}};
static FWPM_FILTER_CONDITION0 condition;

static void no_name(FWPM_FILTER0 *filter)
{
	filter->displayData.name = NULL;
}

static void no_provider(FWPM_FILTER0 *filter)
{
	filter->providerKey = (GUID *)&nothing;
}

static void no_sublayer(FWPM_FILTER0 *filter)
{
	filter->subLayerKey = nothing;
}

static void no_layer(FWPM_FILTER0 *filter)
{
	filter->layerKey = nothing;
}

static void no_callout(FWPM_FILTER0 *filter)
{
	filter->action.calloutKey = nothing;
}

static void other_layers_callout(FWPM_FILTER0 *filter)
{
	filter->action.calloutKey = tiny_callout(TINY_OUT);
}

static void no_action(FWPM_FILTER0 *filter)
{
	filter->action.type = 7;
}

static void persistent(FWPM_FILTER0 *filter)
{
	filter->flags = 1;
}

static void permits_without_need(FWPM_FILTER0 *filter)
{
	filter->flags = FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED;
}

static void empty_array(FWPM_FILTER0 *filter)
{
	filter->filterCondition = &condition;
}

static void heavy(FWPM_FILTER0 *filter)
{
	filter->weight = (FWP_VALUE0){.type = FWP_UINT8, .uint8 = 16};
}

static void taken_key(FWPM_FILTER0 *filter)
{
	filter->filterKey = tiny_provider;
	CHECK_EQUAL(STATUS_SUCCESS, FwpmFilterAdd0(tiny.session, filter, NULL, NULL));
}

static void with_condition(FWPM_FILTER0 *filter, const GUID *key, FWP_MATCH_TYPE match, FWP_DATA_TYPE type)
{
	condition = (FWPM_FILTER_CONDITION0){*key, match, {.type = type}};
	filter->filterCondition = &condition;
	filter->numFilterConditions = 1;
}

static void unknown_field(FWPM_FILTER0 *filter)
{
	with_condition(filter, &nothing, FWP_MATCH_EQUAL, FWP_UINT32);
}

static void field_of_other_layers(FWPM_FILTER0 *filter)
{
	with_condition(filter, &FWPM_CONDITION_IP_PROTOCOL, FWP_MATCH_EQUAL, FWP_UINT8);
}

static void value_of_other_type(FWPM_FILTER0 *filter)
{
	with_condition(filter, &FWPM_CONDITION_FLAGS, FWP_MATCH_EQUAL, FWP_UINT8);
}

static void match_of_other_type(FWPM_FILTER0 *filter)
{
	with_condition(filter, &direction, FWP_MATCH_FLAGS_ALL_SET, FWP_UINT32);
}

static void refuses_filters(void)
{
	static const struct {
		void (*spoil)(FWPM_FILTER0 *filter);
		NTSTATUS status;
	} cases[] = {
		{no_name, STATUS_FWP_NULL_DISPLAY_NAME},
		{no_provider, STATUS_FWP_PROVIDER_NOT_FOUND},
		{no_sublayer, STATUS_FWP_SUBLAYER_NOT_FOUND},
		{no_layer, STATUS_FWP_LAYER_NOT_FOUND},
		{no_callout, STATUS_FWP_CALLOUT_NOT_FOUND},
		{other_layers_callout, STATUS_FWP_INCOMPATIBLE_LAYER},
		{no_action, STATUS_FWP_INVALID_ACTION_TYPE},
		{persistent, STATUS_FWP_INVALID_FLAGS},
		{permits_without_need, STATUS_FWP_INVALID_FLAGS},
		{empty_array, STATUS_FWP_ZERO_LENGTH_ARRAY},
		{heavy, STATUS_FWP_INVALID_WEIGHT},
		{taken_key, STATUS_FWP_ALREADY_EXISTS},
		{unknown_field, STATUS_FWP_CONDITION_NOT_FOUND},
		{field_of_other_layers, STATUS_FWP_CONDITION_NOT_FOUND},
		{value_of_other_type, STATUS_FWP_TYPE_MISMATCH},
		{match_of_other_type, STATUS_FWP_MATCH_TYPE_MISMATCH},
	};

	for (ULONG index = 0; index < COUNT(cases); index++) {
		FWPM_FILTER0 filter = tiny_filter(TINY_STREAM);
		UINT64 id;

		tiny_start(0);
		cases[index].spoil(&filter);
		CHECK_EQUAL(cases[index].status, FwpmFilterAdd0(tiny.session, &filter, NULL, &id));
		tiny_stop();
	}
}

/* Calls of DATAGRAM_DATA for one datagram in each direction, with one condition. */
static LONG datagrams_with(const GUID *field, FWP_DATA_TYPE type, UINT32 value)
{
	struct engine_flow_options options = tiny_flow(17);
	FWPM_FILTER0 filter = tiny_filter(TINY_DATAGRAM);
	LONG calls;
	UINT64 flow;

	tiny_start(0);
	FwpmFilterDeleteById0(tiny.session, tiny.filter[TINY_DATAGRAM]);
	with_condition(&filter, field, FWP_MATCH_EQUAL, type);
	condition.conditionValue.uint32 = value;
	CHECK_EQUAL(STATUS_SUCCESS, FwpmFilterAdd0(tiny.session, &filter, NULL, NULL));
	flow = engine_flow_open(&options);
	engine_datagrams(flow, TRUE, 10, 2);
	engine_datagrams(flow, FALSE, 10, 2);
	calls = tiny.calls[TINY_DATAGRAM];
	tiny_stop();
	return calls;
}

static void goes_by_conditions(void)
{
	CHECK_EQUAL(3, datagrams_with(&FWPM_CONDITION_IP_PROTOCOL, FWP_UINT8, 17)); /* what is sent is one list */
	CHECK_EQUAL(0, datagrams_with(&FWPM_CONDITION_IP_PROTOCOL, FWP_UINT8, 6));
	CHECK_EQUAL(2, datagrams_with(&direction, FWP_UINT32, FWP_DIRECTION_INBOUND));
	CHECK_EQUAL(1, datagrams_with(&direction, FWP_UINT32, FWP_DIRECTION_OUTBOUND));
	CHECK_EQUAL(0, datagrams_with(&FWPM_CONDITION_FLAGS, FWP_UINT32, 4));
}

static const struct test tests[] = {
	{"sessions and their objects end with the service", ends_sessions_with_the_service},
	{"filters come and go with the end of the transaction", changes_with_the_transaction},
	{"an aborted transaction leaves nothing", forgets_what_was_not_committed},
	{"a callout is told of its filters, and can refuse them", tells_callouts_of_filters},
	{"a filter that is not right is refused with its own code", refuses_filters},
	{"a filter applies where its condition does", goes_by_conditions},
};

TEST_MAIN(tests)
