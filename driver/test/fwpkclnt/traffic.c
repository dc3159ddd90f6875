/* SPDX-License-Identifier: MIT */
/* The way of data through the layers. */
#include "internal.h"

#define MOST_TOTALS 65536

static struct total {
	ULONG process_id;
	BOOLEAN is_used;
	volatile LONG64 bytes[2];
} totals[MOST_TOTALS];

static struct total *total_of(ULONG process_id)
{
	for (ULONG step = 0; step < MOST_TOTALS; step++) {
		struct total *total = &totals[(process_id / 4 + step) % MOST_TOTALS];

		if (!total->is_used) {
			total->process_id = process_id;
			total->is_used = TRUE;
		}
		if (total->process_id == process_id)
			return total;
	}
	engine_fail("more processes than the simulation counts");
	return NULL;
}

static void add_total(const struct sim_flow *flow, BOOLEAN is_download, LONG64 bytes)
{
	KLOCK_QUEUE_HANDLE handle;
	struct total *total;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	total = total_of(flow->options.process_id);
	KeReleaseInStackQueuedSpinLock(&handle);
	InterlockedExchangeAdd64(&total->bytes[is_download], bytes);
}

struct engine_totals engine_totals(ULONG process_id)
{
	KLOCK_QUEUE_HANDLE handle;
	struct total *total;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	total = total_of(process_id);
	KeReleaseInStackQueuedSpinLock(&handle);
	return (struct engine_totals){(UINT64)InterlockedExchangeAdd64(&total->bytes[0], 0),
				      (UINT64)InterlockedExchangeAdd64(&total->bytes[1], 0)};
}

void sim_traffic_start(void)
{
	RtlZeroMemory(totals, sizeof(totals));
}

static UINT16 layer_for(const struct sim_flow *flow, UINT16 v4)
{
	return (UINT16)(flow->options.is_ipv6 ? v4 + 2 : v4);
}

/* A connection that was there when a filter was added is authorized once more with its next data. */
static void reauthorize(struct sim_flow *flow)
{
	UINT16 v4 = flow->options.is_inbound ? FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4 : FWPS_LAYER_ALE_AUTH_CONNECT_V4;
	UINT16 layer = layer_for(flow, v4);
	KLOCK_QUEUE_HANDLE handle;
	struct sim_values values;
	BOOLEAN must;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	must = flow->must_reauthorize;
	flow->must_reauthorize = FALSE;
	KeReleaseInStackQueuedSpinLock(&handle);
	if (!must)
		return;
	sim_ale_values(&values, flow, layer, FWP_CONDITION_FLAG_IS_REAUTHORIZE);
	sim_classify(&(struct sim_indication){.layer = layer,
					      .flow = flow,
					      .values = &values.values,
					      .metadata = &values.metadata,
					      .condition_flags = FWP_CONDITION_FLAG_IS_REAUTHORIZE});
}

static enum sim_verdict classify_packet(struct sim_packet *packet, UINT16 v4)
{
	UINT16 layer = layer_for(packet->flow, v4);
	struct sim_values values;

	sim_packet_values(&values, packet->flow, layer, packet);
	return sim_classify(&(struct sim_indication){.layer = layer,
						     .flow = packet->flow,
						     .values = &values.values,
						     .metadata = &values.metadata,
						     .data = &packet->list});
}

/* ---- streams ---- */

static void indicate_stream(struct sim_flow *flow, UINT32 flags, struct sim_packet *packet, ULONG bytes)
{
	UINT16 layer = layer_for(flow, FWPS_LAYER_STREAM_V4);
	FWPS_STREAM_DATA0 data = {.flags = flags, .dataLength = bytes};
	FWPS_STREAM_CALLOUT_IO_PACKET0 io = {.streamData = &data};
	struct sim_values values;

	if (packet) {
		data.netBufferListChain = &packet->list;
		data.dataOffset.netBufferList = &packet->list;
		data.dataOffset.netBuffer = packet->list.FirstNetBuffer;
		data.dataOffset.mdl = packet->list.FirstNetBuffer->CurrentMdl;
		data.dataOffset.mdlOffset = packet->list.FirstNetBuffer->CurrentMdlOffset;
	}
	sim_packet_values(&values, flow, layer, NULL);
	sim_classify(&(struct sim_indication){
		.layer = layer, .flow = flow, .values = &values.values, .metadata = &values.metadata, .data = &io});
	ENGINE_ASSERT(io.streamAction == 0, "a callout that inspects has acted on a stream");
}

#define SEND_FLAGS (FWPS_STREAM_FLAG_SEND | FWPS_STREAM_FLAG_SEND_EXPEDITED)

void engine_stream(UINT64 id, UINT32 flags, ULONG bytes)
{
	struct sim_flow *flow = sim_flow_find(id);
	BOOLEAN is_download = !(flags & SEND_FLAGS);
	struct sim_packet *packet = NULL;

	if (!flow)
		return;
	reauthorize(flow);
	if (bytes) { /* in a list that has more than these bytes, now and then */
		sim_flow_reference(flow);
		packet = sim_packet_create(flow, TRUE, bytes + engine_random(3) * 7, 1, 0, 0);
	}
	indicate_stream(flow, flags, packet, bytes);
	add_total(flow, is_download, bytes);
	if (packet)
		sim_packet_release(packet);
	sim_flow_release(flow);
}

/* ---- packets, from the TRANSPORT layer on ---- */

BOOLEAN sim_continue_outbound(struct sim_packet *packet)
{
	enum sim_verdict verdict = classify_packet(packet, FWPS_LAYER_OUTBOUND_TRANSPORT_V4);

	if (verdict == SIM_PASS) {
		for (ULONG index = 0; index < packet->count; index++)
			sim_packet_arrived(packet, index);
	}
	return verdict != SIM_BLOCKED;
}

BOOLEAN sim_continue_inbound(struct sim_packet *packet)
{
	struct sim_flow *flow = packet->flow;
	ULONG bytes = sim_packet_payload(packet);

	if (classify_packet(packet, FWPS_LAYER_INBOUND_TRANSPORT_V4) != SIM_PASS)
		return FALSE;
	if (flow->options.transport == 6) {
		if (bytes)
			indicate_stream(flow, FWPS_STREAM_FLAG_RECEIVE, packet, bytes);
	} else {
		classify_packet(packet, FWPS_LAYER_DATAGRAM_DATA_V4);
	}
	add_total(flow, TRUE, bytes);
	for (ULONG index = 0; index < packet->count; index++)
		sim_packet_arrived(packet, index);
	return TRUE;
}

BOOLEAN engine_segment(UINT64 id, BOOLEAN is_inbound, ULONG sequence, ULONG bytes, UINT8 tcp_flags)
{
	struct sim_flow *flow = sim_flow_find(id);
	struct sim_packet *packet;
	BOOLEAN passed;

	if (!flow)
		return FALSE;
	reauthorize(flow);
	packet = sim_packet_create(flow, is_inbound, bytes, 1, sequence, tcp_flags);
	passed = is_inbound ? sim_continue_inbound(packet) : sim_continue_outbound(packet);
	sim_packet_release(packet);
	return passed;
}

static void send_datagrams(struct sim_packet *packet)
{
	classify_packet(packet, FWPS_LAYER_DATAGRAM_DATA_V4);
	add_total(packet->flow, FALSE, sim_packet_payload(packet));
	sim_continue_outbound(packet);
}

void engine_datagrams(UINT64 id, BOOLEAN is_inbound, ULONG bytes, ULONG count)
{
	struct sim_flow *flow = sim_flow_find(id);
	struct sim_packet *packet;
	ULONG first;

	if (!flow)
		return;
	reauthorize(flow);
	first = (ULONG)InterlockedExchangeAdd64(is_inbound ? &flow->received_datagrams : &flow->sent_datagrams, count);
	packet = sim_packet_create(flow, is_inbound, bytes, count, first, 0);
	if (is_inbound)
		sim_continue_inbound(packet);
	else
		send_datagrams(packet);
	sim_packet_release(packet);
}
