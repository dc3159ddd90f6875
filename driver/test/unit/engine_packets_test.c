/* SPDX-License-Identifier: MIT */
/* The simulated engine's packets: what a driver can do with them, and what it must not. */
#include "tiny_driver.h"

static NET_BUFFER_LIST *held;
static struct sent {
	UINT64 endpoint;
	ULONG scope, control_bytes;
	UCHAR control[64];
} sent;
static volatile LONG completed, failed;
static volatile LONG own;

static BOOLEAN is_own(const struct tiny_call *call)
{
	if (FwpsQueryPacketInjectionState0(tiny.injection, call->data, NULL) == FWPS_PACKET_NOT_INJECTED)
		return FALSE;
	InterlockedIncrement(&own);
	return TRUE;
}

static void clone(const struct tiny_call *call)
{
	CHECK_EQUAL(STATUS_SUCCESS, FwpsAllocateCloneNetBufferList0(call->data, NULL, NULL, 0, &held));
	CHECK_EQUAL(1, ((NET_BUFFER_LIST *)call->data)->ChildRefCount);
}

static void hold_outbound(const struct tiny_call *call)
{
	if (is_own(call))
		return;
	clone(call);
	sent.endpoint = call->metadata->transportEndpointHandle;
	sent.scope = call->metadata->remoteScopeId.Value;
	sent.control_bytes = 0;
	if (call->metadata->currentMetadataValues & FWPS_METADATA_FIELD_TRANSPORT_CONTROL_DATA) {
		sent.control_bytes = call->metadata->controlDataLength;
		RtlCopyMemory(sent.control, call->metadata->controlData, sent.control_bytes);
	}
	tiny_absorb(call);
}

static ULONG headers_of(const struct tiny_call *call)
{
	return call->metadata->ipHeaderSize + call->metadata->transportHeaderSize;
}

static void hold_inbound(const struct tiny_call *call)
{
	NET_BUFFER_LIST *list = call->data;

	if (is_own(call))
		return;
	NdisRetreatNetBufferDataStart(list->FirstNetBuffer, headers_of(call), 0, NULL);
	clone(call);
	NdisAdvanceNetBufferDataStart(list->FirstNetBuffer, headers_of(call), FALSE, NULL);
	tiny_absorb(call);
}

static void NTAPI complete(void *context, NET_BUFFER_LIST *list, BOOLEAN dispatch_level)
{
	(void)context;
	CHECK_EQUAL(dispatch_level ? DISPATCH_LEVEL : PASSIVE_LEVEL, KeGetCurrentIrql());
	if (!NT_SUCCESS(list->Status))
		InterlockedIncrement(&failed);
	FwpsFreeCloneNetBufferList0(list, 0);
	InterlockedIncrement(&completed);
}

static NTSTATUS send_held(void)
{
	UCHAR address[] = {198, 51, 100, 7};
	FWPS_TRANSPORT_SEND_PARAMS1 parameters = {
		.remoteAddress = address,
		.remoteScopeId = {sent.scope},
		.controlData = (WSACMSGHDR *)sent.control,
		.controlDataLength = sent.control_bytes,
	};

	return FwpsInjectTransportSendAsync1(tiny.injection, NULL, sent.endpoint, 0, &parameters, 2, 1, held, complete,
					     NULL);
}

static NTSTATUS receive_held(void)
{
	return FwpsInjectTransportReceiveAsync0(tiny.injection, NULL, NULL, 0, 2, 1, 3, 0, held, complete, NULL);
}

static void wait_for(const volatile LONG *value, LONG wanted)
{
	while (read_once(value) != wanted)
		;
}

static UINT64 start(UINT8 transport)
{
	struct engine_flow_options options = tiny_flow(transport);

	tiny_start(0);
	tiny.act[TINY_OUT] = hold_outbound;
	tiny.act[TINY_IN] = hold_inbound;
	completed = failed = own = 0;
	return engine_flow_open(&options);
}

/* ---- what works ---- */

static void holds_and_sends(void)
{
	for (int round = 0; round < 20; round++) { /* some with ancillary data, some not */
		UINT64 flow = start(17);

		engine_datagrams(flow, FALSE, 100, 3);
		CHECK_EQUAL(2, engine_pending_packets()); /* the clone, and the original that waits for it */
		CHECK_EQUAL(0, engine_deliveries(flow, FALSE).packets);
		CHECK_EQUAL(STATUS_SUCCESS, send_held());
		wait_for(&completed, 1);
		CHECK_EQUAL(1, read_once(&own));
		CHECK_EQUAL(0, engine_pending_packets());
		CHECK_EQUAL(3, engine_deliveries(flow, FALSE).packets);
		CHECK_EQUAL(300, engine_deliveries(flow, FALSE).bytes);
		CHECK_EQUAL(300, engine_totals(100).upload);
		tiny_stop();
	}
}

static void holds_and_receives(void)
{
	UINT64 flow = start(6);

	CHECK(engine_segment(flow, TRUE, 5, 1000, 0x18));
	CHECK_EQUAL(0, engine_totals(100).download);
	CHECK_EQUAL(STATUS_SUCCESS, receive_held());
	wait_for(&completed, 1);
	CHECK_EQUAL(1, read_once(&own));
	CHECK_EQUAL(1000, engine_totals(100).download);
	CHECK_EQUAL(1, tiny.calls[TINY_STREAM]);
	CHECK_EQUAL(1000, engine_deliveries(flow, TRUE).bytes);
	CHECK_EQUAL(0, engine_dropped_packets());
	tiny_stop();
}

static void fails_without_an_endpoint(void)
{
	UINT64 flow = start(6);

	engine_segment(flow, FALSE, 5, 1000, 0x18);
	engine_flow_close(flow);
	CHECK_EQUAL(STATUS_SUCCESS, send_held());
	wait_for(&completed, 1);
	CHECK_EQUAL(1, read_once(&failed));
	CHECK_EQUAL(1, engine_lost_packets());
	CHECK_EQUAL(1, engine_dropped_packets());
	tiny_stop();
}

static void waits_for_injections(void)
{
	UINT64 flow = start(6);

	for (int round = 0; round < 100; round++) {
		engine_segment(flow, FALSE, 1, 10, 0x10);
		CHECK_EQUAL(STATUS_SUCCESS, send_held());
	}
	FwpsInjectionHandleDestroy0(tiny.injection);
	CHECK_EQUAL(100, read_once(&completed));
	CHECK_EQUAL(100, engine_deliveries(flow, FALSE).packets);
	CHECK_EQUAL(0, engine_deliveries(flow, FALSE).overtaken);
	tiny.injection = NULL;
	tiny_stop();
}

static void is_not_ready_for_a_while(void)
{
	HANDLE handle;

	tiny_start_platform();
	engine_fail_injection_handles(2);
	for (int round = 0; round < 2; round++)
		CHECK_EQUAL(STATUS_FWP_TCPIP_NOT_READY, FwpsInjectionHandleCreate0(2, 2, &handle));
	CHECK_EQUAL(STATUS_SUCCESS, FwpsInjectionHandleCreate0(2, 2, &handle));
	FwpsInjectionHandleDestroy0(handle);
	tiny_stop();
}

static SIZE_T seen_bytes;

/* Walks all of it, from where it is said to begin. */
static void walk(const struct tiny_call *call)
{
	const FWPS_STREAM_DATA0 *stream = ((FWPS_STREAM_CALLOUT_IO_PACKET0 *)call->data)->streamData;
	const NET_BUFFER_LIST *list = stream->dataOffset.netBufferList;
	const MDL *mdl = stream->dataOffset.mdl;
	SIZE_T there = mdl->ByteCount - stream->dataOffset.mdlOffset;

	CHECK(list == stream->netBufferListChain);
	for (mdl = mdl->Next; mdl; mdl = mdl->Next)
		there += mdl->ByteCount;
	for (list = list->Next; list; list = list->Next)
		there += list->FirstNetBuffer->DataLength;
	CHECK(there >= stream->dataLength);
	seen_bytes += stream->dataLength;
}

static void shows_streams_whole(void)
{
	UINT64 flow = start(6);

	tiny.act[TINY_STREAM] = walk;
	for (ULONG bytes = 1; bytes <= 2000; bytes++)
		engine_stream(flow, FWPS_STREAM_FLAG_RECEIVE, bytes);
	CHECK_EQUAL(2000 * 2001 / 2, seen_bytes);
	tiny_stop();
}

static LONG stream_calls_before_segment;

static void note_stream_calls(const struct tiny_call *call)
{
	(void)call;
	stream_calls_before_segment = tiny.calls[TINY_STREAM];
}

static void goes_the_whole_way(void)
{
	UINT64 flow = start(6);

	tiny.act[TINY_OUT] = note_stream_calls;
	tiny.act[TINY_IN] = NULL;
	engine_transfer(flow, FALSE, 10000, 1460);
	CHECK_EQUAL(1, stream_calls_before_segment);
	CHECK_EQUAL(7, tiny.calls[TINY_OUT]);
	CHECK_EQUAL(10000, engine_deliveries(flow, FALSE).bytes);
	engine_transfer(flow, TRUE, 10000, 1460);
	CHECK_EQUAL(1 + 7, tiny.calls[TINY_STREAM]);
	CHECK_EQUAL(10000, engine_deliveries(flow, TRUE).bytes);
	CHECK_EQUAL(10000, engine_totals(100).upload);
	CHECK_EQUAL(10000, engine_totals(100).download);
	tiny_stop();
}

/* ---- sockets that close ---- */

static UINT64 classify_handle;
static FWPS_CLASSIFY_OUT0 decision;

static void pend(const struct tiny_call *call)
{
	CHECK_EQUAL(STATUS_SUCCESS, FwpsAcquireClassifyHandle0(call->classify_context, 0, &classify_handle));
	CHECK_EQUAL(STATUS_SUCCESS, FwpsPendClassify0(classify_handle, call->filter->filterId, 0, call->out));
	decision = *call->out;
	decision.actionType = FWP_ACTION_PERMIT;
	decision.flags = 0;
}

static void waits_with_closing(void)
{
	UINT64 flow = start(17);

	tiny.act[TINY_CLOSURE] = pend;
	CHECK(!engine_endpoint_close(flow));
	engine_datagrams(flow, FALSE, 100, 1);
	CHECK_EQUAL(STATUS_SUCCESS, send_held());
	wait_for(&completed, 1);
	CHECK_EQUAL(0, engine_lost_packets());
	FwpsCompleteClassify0(classify_handle, 0, &decision);
	FwpsReleaseClassifyHandle0(classify_handle);
	CHECK_EQUAL(0, engine_deliveries(flow, FALSE).packets); /* it is no more */
	tiny_stop();
}

static const struct test tests[] = {
	{"datagrams that are held and sent arrive once and whole", holds_and_sends},
	{"a segment that is held and received arrives once and passes STREAM then", holds_and_receives},
	{"an injection whose endpoint is gone says so when it completes", fails_without_an_endpoint},
	{"destroying an injection handle waits for what was injected", waits_for_injections},
	{"TCP/IP is not ready as often as a test says", is_not_ready_for_a_while},
	{"a stream's data are where they are said to begin, and all there", shows_streams_whole},
	{"what is sent passes STREAM before TRANSPORT, what is received after it", goes_the_whole_way},
	{"a socket waits with closing while it is pended", waits_with_closing},
};

TEST_MAIN(tests)
