/* SPDX-License-Identifier: MIT */
/* The way of data through the layers. */
#include "internal.h"

#define SEND_FLAGS (FWPS_STREAM_FLAG_SEND | FWPS_STREAM_FLAG_SEND_EXPEDITED)
#define TCP_ACK 0x10
#define MOST_BUFFERS 64

/* ---- packets ---- */

struct shape {
	ULONG offset, length, sum;
};

static ULONG sum_of_headers(const NET_BUFFER *buffer)
{
	const UCHAR *bytes = sim_mdl_bytes(buffer->MdlChain);
	ULONG sum = 0;

	for (ULONG index = 0; index < buffer->MdlChain->ByteCount && index < 60; index++)
		sum = sum * 31 + bytes[index];
	return sum;
}

static void note_shapes(const struct sim_packet *packet, struct shape *shapes)
{
	ENGINE_ASSERT(packet->count <= MOST_BUFFERS, "more datagrams in one list than the simulation knows");
	for (ULONG index = 0; index < packet->count; index++)
		shapes[index] = (struct shape){packet->buffer[index].DataOffset, packet->buffer[index].DataLength,
					       sum_of_headers(&packet->buffer[index])};
}

static void check_shapes(const struct sim_packet *packet, const struct shape *shapes)
{
	for (ULONG index = 0; index < packet->count; index++) {
		ENGINE_ASSERT(packet->buffer[index].DataOffset == shapes[index].offset &&
				      packet->buffer[index].DataLength == shapes[index].length,
			      "a callout leaves a packet with other bounds than it was given");
		ENGINE_ASSERT(sum_of_headers(&packet->buffer[index]) == shapes[index].sum,
			      "a callout writes into a packet that is not its own");
	}
}

static enum sim_verdict classify_packet(struct sim_packet *packet, UINT16 v4, UINT32 metadata)
{
	UINT16 layer = sim_layer_for(packet->flow, v4);
	struct shape shapes[MOST_BUFFERS];
	struct sim_values values;
	enum sim_verdict verdict;

	note_shapes(packet, shapes);
	sim_packet_values(&values, packet->flow, layer, packet);
	values.metadata.currentMetadataValues |= metadata;
	verdict = sim_classify(&(struct sim_indication){
		.layer = layer,
		.flow = packet->flow,
		.values = &values.values,
		.metadata = &values.metadata,
		.data = &packet->list,
		.direction = packet->is_inbound ? FWP_DIRECTION_INBOUND : FWP_DIRECTION_OUTBOUND,
	});
	sim_values_done(&values);
	check_shapes(packet, shapes);
	return verdict;
}

/* ---- streams ---- */

static void indicate_stream(struct sim_flow *flow, FWPS_STREAM_DATA0 *data)
{
	UINT16 layer = sim_layer_for(flow, FWPS_LAYER_STREAM_V4);
	FWPS_STREAM_CALLOUT_IO_PACKET0 io = {.streamData = data};
	struct sim_values values;

	if (read_once(&engine.offload) && sim_is_offloaded(layer))
		return;
	sim_packet_values(&values, flow, layer, NULL);
	sim_classify(&(struct sim_indication){
		.layer = layer,
		.flow = flow,
		.values = &values.values,
		.metadata = &values.metadata,
		.data = &io,
		.direction = flow->options.is_inbound ? FWP_DIRECTION_INBOUND : FWP_DIRECTION_OUTBOUND,
	});
	ENGINE_ASSERT(io.streamAction == 0, "a callout that inspects has acted on a stream");
}

/* Has the stream's data begin `skip` bytes into the buffer, in whichever of its MDLs that is. */
static void point_at(FWPS_STREAM_DATA0 *data, struct sim_packet *packet, ULONG skip)
{
	NET_BUFFER *buffer = packet->list.FirstNetBuffer;
	MDL *mdl = buffer->CurrentMdl;
	ULONG at = buffer->CurrentMdlOffset + skip;

	while (at >= mdl->ByteCount && mdl->Next) {
		at -= mdl->ByteCount;
		mdl = mdl->Next;
	}
	data->netBufferListChain = &packet->list;
	data->dataOffset = (FWPS_STREAM_DATA_OFFSET0){&packet->list, buffer, mdl, at, skip, skip};
}

static struct sim_packet *make_list(struct sim_flow *flow, ULONG bytes)
{
	struct sim_packet *packet;

	sim_flow_reference(flow);
	packet = sim_packet_create(flow, TRUE, bytes, 1, 0, 0);
	packet->is_stream = TRUE;
	return packet;
}

/* Now and then the list has more bytes, before these and after them, or is the first of a chain. */
static void indicate_bytes(struct sim_flow *flow, UINT32 flags, ULONG bytes)
{
	FWPS_STREAM_DATA0 data = {.flags = flags, .dataLength = bytes};
	ULONG before = engine_random(3) * 5, first = bytes - (engine_random(2) ? bytes / 2 : 0);
	struct sim_packet *packet = make_list(flow, before + first + (first == bytes ? engine_random(3) * 7 : 0));
	struct sim_packet *second = first < bytes ? make_list(flow, bytes - first) : NULL;

	if (second)
		packet->list.Next = &second->list;
	point_at(&data, packet, before);
	indicate_stream(flow, &data);
	if (second)
		sim_packet_release(second);
	sim_packet_release(packet);
}

void engine_stream(UINT64 id, UINT32 flags, ULONG bytes)
{
	struct sim_flow *flow = sim_flow_find(id);
	FWPS_STREAM_DATA0 nothing = {.flags = flags};

	if (!flow)
		return;
	/* windows-driver-docs, network, tcp-packet-flows: what is sent is authorized again below STREAM. */
	if (!(flags & SEND_FLAGS))
		sim_flow_reauthorize(flow);
	if (bytes)
		indicate_bytes(flow, flags, bytes);
	else
		indicate_stream(flow, &nothing);
	if (flags & SEND_FLAGS)
		sim_flow_reauthorize(flow);
	sim_total_add(flow, !(flags & SEND_FLAGS), bytes);
	sim_flow_release(flow);
}

static void indicate_received(struct sim_packet *packet)
{
	FWPS_STREAM_DATA0 data = {.flags = FWPS_STREAM_FLAG_RECEIVE, .dataLength = sim_packet_payload(packet)};

	if (!data.dataLength)
		return;
	point_at(&data, packet, 0);
	indicate_stream(packet->flow, &data);
}

/* ---- outbound ---- */

/* Windows may or may not show a datagram that was put back to DATAGRAM_DATA again. */
BOOLEAN sim_continue_outbound(struct sim_packet *packet, BOOLEAN is_reinjected)
{
	enum sim_verdict verdict;

	if (is_reinjected && packet->flow->options.transport == 17 && engine_random(2))
		classify_packet(packet, FWPS_LAYER_DATAGRAM_DATA_V4, 0);
	verdict = classify_packet(packet, FWPS_LAYER_OUTBOUND_TRANSPORT_V4, 0);
	if (verdict == SIM_PASS)
		sim_packet_arrived(packet);
	return verdict != SIM_BLOCKED;
}

static void send_datagrams(struct sim_packet *packet)
{
	enum sim_verdict verdict = classify_packet(packet, FWPS_LAYER_DATAGRAM_DATA_V4, 0);

	if (verdict != SIM_PASS)
		return;
	sim_total_add(packet->flow, FALSE, sim_packet_payload(packet));
	sim_continue_outbound(packet, FALSE);
}

/* ---- inbound ---- */

static BOOLEAN deliver(struct sim_packet *packet)
{
	if (packet->flow->options.transport == 6)
		indicate_received(packet);
	else if (classify_packet(packet, FWPS_LAYER_DATAGRAM_DATA_V4, 0) != SIM_PASS)
		return FALSE;
	sim_total_add(packet->flow, TRUE, sim_packet_payload(packet));
	sim_packet_arrived(packet);
	return TRUE;
}

/* A driver may put it back before it has returned. */
BOOLEAN sim_continue_inbound(struct sim_packet *packet)
{
	struct sim_offer *offer = sim_offer(packet, sim_layer_for(packet->flow, FWPS_LAYER_INBOUND_TRANSPORT_V4));
	enum sim_verdict verdict = classify_packet(packet, FWPS_LAYER_INBOUND_TRANSPORT_V4, 0);

	ENGINE_ASSERT(verdict != SIM_ABSORBED || !packet->injected_by,
		      "a packet that was injected is taken away once more");
	sim_offer_done(offer, verdict);
	return verdict == SIM_PASS ? deliver(packet) : verdict == SIM_ABSORBED;
}

/* This very packet has its connection authorized again, between the transport layer and those above. */
static BOOLEAN receive_to_authorize(struct sim_packet *packet)
{
	enum sim_verdict verdict =
		classify_packet(packet, FWPS_LAYER_INBOUND_TRANSPORT_V4, FWPS_METADATA_FIELD_ALE_CLASSIFY_REQUIRED);

	ENGINE_ASSERT(verdict != SIM_ABSORBED, "a packet is taken away before it is authorized");
	return verdict == SIM_PASS && sim_flow_reauthorize(packet->flow) && deliver(packet);
}

/* Shows the packet as it is in its IPsec tunnel; it comes once more without the tunnel. */
static BOOLEAN pass_tunneled(struct sim_packet *packet)
{
	enum sim_verdict verdict;

	packet->is_tunneled = TRUE;
	verdict = classify_packet(packet, FWPS_LAYER_INBOUND_TRANSPORT_V4, 0);
	packet->is_tunneled = FALSE;
	ENGINE_ASSERT(verdict != SIM_ABSORBED, "a packet is taken away out of its tunnel");
	return verdict == SIM_PASS;
}

static BOOLEAN receive(struct sim_packet *packet)
{
	if (read_once(&engine.is_tunnel) && !pass_tunneled(packet))
		return FALSE;
	return sim_flow_must_reauthorize(packet->flow) ? receive_to_authorize(packet) : sim_continue_inbound(packet);
}

/* ---- what tests call ---- */

/*
 * A network adapter has so many buffers for what it receives, and none of them is free as long as a driver keeps a
 * clone of its packet: ddi, fwpsk, FwpsAllocateCloneNetBufferList0, "must not hold cloned packets indefinitely".
 */
#define RECEIVE_BUFFERS 512

static BOOLEAN take_buffer(const struct sim_flow *flow)
{
	if (flow->options.is_loopback || InterlockedIncrement(&engine.receive_buffers) <= RECEIVE_BUFFERS)
		return TRUE;
	InterlockedDecrement(&engine.receive_buffers);
	InterlockedIncrement(&engine.missed_packets);
	return FALSE;
}

/* Takes over a reference to the flow. NULL: it is lost before anybody sees it. */
static struct sim_packet *come_in(struct sim_flow *flow, ULONG bytes, ULONG sequence, UINT8 tcp_flags)
{
	struct sim_packet *packet = NULL;

	if (take_buffer(flow)) {
		packet = sim_packet_create(flow, TRUE, bytes, 1, sequence, tcp_flags);
		packet->has_buffer = !flow->options.is_loopback;
	} else {
		sim_flow_release(flow);
	}
	return packet;
}

/* Takes over a reference to the flow. */
static BOOLEAN pass_segment(struct sim_flow *flow, BOOLEAN is_inbound, ULONG sequence, ULONG bytes, UINT8 tcp_flags)
{
	struct sim_packet *packet = is_inbound ? come_in(flow, bytes, sequence, tcp_flags)
					       : sim_packet_create(flow, FALSE, bytes, 1, sequence, tcp_flags);
	BOOLEAN passed = TRUE;

	if (!packet)
		return TRUE; /* its sender does not know */
	if (is_inbound)
		passed = receive(packet);
	else
		passed = sim_flow_reauthorize(flow) && sim_continue_outbound(packet, FALSE);
	sim_packet_release(packet);
	return passed;
}

BOOLEAN engine_segment(UINT64 id, BOOLEAN is_inbound, ULONG sequence, ULONG bytes, UINT8 tcp_flags)
{
	struct sim_flow *flow = sim_flow_find(id);

	return flow && pass_segment(flow, is_inbound, sequence, bytes, tcp_flags);
}

void engine_transfer(UINT64 id, BOOLEAN is_inbound, ULONG bytes, ULONG segment_bytes)
{
	struct sim_flow *flow;

	if (!is_inbound)
		engine_stream(id, FWPS_STREAM_FLAG_SEND, bytes);
	for (ULONG sent = 0; sent < bytes && (flow = sim_flow_find(id)) != NULL; sent += segment_bytes) {
		ULONG part = bytes - sent < segment_bytes ? bytes - sent : segment_bytes;
		ULONG number = (ULONG)InterlockedExchangeAdd64(&flow->way[is_inbound].numbered, 1);

		pass_segment(flow, is_inbound, number, part, TCP_ACK);
	}
}

static void pass_datagrams(struct sim_flow *flow, BOOLEAN is_inbound, ULONG bytes, ULONG count)
{
	ULONG first = (ULONG)InterlockedExchangeAdd64(&flow->way[is_inbound].numbered, count);
	struct sim_packet *packet;

	sim_flow_reference(flow);
	packet = is_inbound ? come_in(flow, bytes, first, 0) : sim_packet_create(flow, FALSE, bytes, count, first, 0);
	if (!packet)
		return;
	if (is_inbound)
		receive(packet);
	else if (sim_flow_reauthorize(flow))
		send_datagrams(packet);
	sim_packet_release(packet);
}

/* windows-driver-docs, network, udp-rsc-offload and udp-segmentation-offload-uso-: a list with a single buffer. */
static BOOLEAN is_coalesced(BOOLEAN is_inbound)
{
	return read_once(&engine.coalesces) &&
	       engine_allows(is_inbound ? FWP_CALLOUT_FLAG_ALLOW_URO : FWP_CALLOUT_FLAG_ALLOW_USO);
}

/* Received datagrams come one by one, or as a single one. */
void engine_datagrams(UINT64 id, BOOLEAN is_inbound, ULONG bytes, ULONG count)
{
	struct sim_flow *flow = sim_flow_find(id);

	if (!flow)
		return;
	if (is_coalesced(is_inbound)) {
		bytes *= count;
		count = 1;
	}
	if (!is_inbound)
		pass_datagrams(flow, FALSE, bytes, count);
	for (ULONG index = 0; is_inbound && index < count; index++)
		pass_datagrams(flow, TRUE, bytes, 1);
	sim_flow_release(flow);
}
