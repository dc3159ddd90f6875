/* SPDX-License-Identifier: MIT */
#include "packet.h"
#include "classify.h"

#define TCP_FLAGS_OFFSET 13
#define TCP_FIN 0x01
#define TCP_RST 0x04

struct packet {
	struct held held;
	struct flow *flow;
	NET_BUFFER_LIST *clone;
	int direction;
	COMPARTMENT_ID compartment;
	UINT64 endpoint;                               /* outbound */
	SCOPE_ID scope;                                /* outbound */
	IF_INDEX interface_index, sub_interface_index; /* inbound */
	ULONG control_bytes;
	UCHAR control[]; /* outbound: the ancillary data of the send */
};

SIZE_T packets_payload(const NET_BUFFER_LIST *packets, ULONG header)
{
	SIZE_T bytes = 0;

	for (NET_BUFFER *buffer = NET_BUFFER_LIST_FIRST_NB(packets); buffer; buffer = NET_BUFFER_NEXT_NB(buffer)) {
		if (NET_BUFFER_DATA_LENGTH(buffer) > header)
			bytes += NET_BUFFER_DATA_LENGTH(buffer) - header;
	}
	return bytes;
}

ULONG packet_payload(const struct indication *indication)
{
	BOOLEAN has_header = indication->direction == NETFLOW_UPLOAD;

	return (ULONG)packets_payload(indication->packets, has_header ? indication->metadata->transportHeaderSize : 0);
}

/* An inbound buffer begins behind its headers, where they still are. FALSE: no memory to reach them. */
static BOOLEAN reach_headers(const struct indication *indication, ULONG bytes)
{
	NET_BUFFER *buffer = NET_BUFFER_LIST_FIRST_NB(indication->packets);

	return indication->direction == NETFLOW_UPLOAD ||
	       NT_SUCCESS(NdisRetreatNetBufferDataStart(buffer, bytes, 0, NULL));
}

static void leave_headers(const struct indication *indication, ULONG bytes)
{
	if (indication->direction == NETFLOW_DOWNLOAD)
		NdisAdvanceNetBufferDataStart(NET_BUFFER_LIST_FIRST_NB(indication->packets), bytes, FALSE, NULL);
}

BOOLEAN packet_was_returned(const struct flow *flow, const NET_BUFFER_LIST *packets)
{
	FWPS_PACKET_INJECTION_STATE state = FwpsQueryPacketInjectionState0(wfp.injection[is_ipv6(flow)], packets, NULL);

	return state == FWPS_PACKET_INJECTED_BY_SELF || state == FWPS_PACKET_PREVIOUSLY_INJECTED_BY_SELF;
}

BOOLEAN packet_ends_connection(const struct indication *indication)
{
	ULONG header = indication->metadata->transportHeaderSize;
	UCHAR copy[TCP_FLAGS_OFFSET + 1];
	const UCHAR *bytes;
	BOOLEAN ends;

	if (indication->flow->endpoints.transport != NETFLOW_TCP || header <= TCP_FLAGS_OFFSET ||
	    !reach_headers(indication, header))
		return FALSE;
	bytes = NdisGetDataBuffer(NET_BUFFER_LIST_FIRST_NB(indication->packets), sizeof(copy), copy, 1, 0);
	ends = bytes && bytes[TCP_FLAGS_OFFSET] & (TCP_FIN | TCP_RST);
	leave_headers(indication, header);
	return ends;
}

/* One that goes back up needs its IP header. */
static NET_BUFFER_LIST *clone(const struct indication *indication)
{
	ULONG headers = indication->metadata->ipHeaderSize + indication->metadata->transportHeaderSize;
	NET_BUFFER_LIST *clone = NULL;

	if (!reach_headers(indication, headers))
		return NULL;
	if (!NT_SUCCESS(FwpsAllocateCloneNetBufferList0(indication->packets, NULL, NULL, 0, &clone)))
		clone = NULL;
	leave_headers(indication, headers);
	return clone;
}

static UINT32 uint32_field(const FWPS_INCOMING_VALUES0 *values, UINT32 index)
{
	const FWP_VALUE0 *value = field(values, index, FWP_UINT32);

	return value ? value->uint32 : 0;
}

static void remember_outbound(struct packet *packet, const struct indication *indication)
{
	const FWPS_INCOMING_METADATA_VALUES0 *metadata = indication->metadata;

	packet->endpoint = metadata->transportEndpointHandle;
	if (has_metadata(metadata, FWPS_METADATA_FIELD_REMOTE_SCOPE_ID))
		packet->scope = metadata->remoteScopeId;
	RtlCopyMemory(packet->control, metadata->controlData, packet->control_bytes);
	InterlockedExchange64(&wfp_flow_of(packet->flow)->endpoint, (LONG64)packet->endpoint);
}

static void remember_inbound(struct packet *packet, const struct indication *indication)
{
	packet->interface_index = uint32_field(indication->values, FWPS_FIELD_INBOUND_TRANSPORT_V4_INTERFACE_INDEX);
	packet->sub_interface_index =
		uint32_field(indication->values, FWPS_FIELD_INBOUND_TRANSPORT_V4_SUB_INTERFACE_INDEX);
}

static ULONG control_bytes(const struct indication *indication)
{
	const FWPS_INCOMING_METADATA_VALUES0 *metadata = indication->metadata;

	return indication->direction == NETFLOW_UPLOAD &&
			       has_metadata(metadata, FWPS_METADATA_FIELD_TRANSPORT_CONTROL_DATA) &&
			       metadata->controlData
		       ? metadata->controlDataLength
		       : 0;
}

struct held *packet_capture(void *context)
{
	const struct indication *indication = context;
	ULONG control = control_bytes(indication);
	struct packet *packet = allocate(sizeof(*packet) + control, TAG_PACKET);

	if (!packet)
		return NULL;
	packet->clone = clone(indication);
	if (!packet->clone) {
		ExFreePoolWithTag(packet, TAG_PACKET);
		return NULL;
	}
	packet->flow = indication->flow;
	flow_reference(packet->flow);
	packet->direction = indication->direction;
	if (has_metadata(indication->metadata, FWPS_METADATA_FIELD_COMPARTMENT_ID)) /* or it stays unspecified, 0 */
		packet->compartment = (COMPARTMENT_ID)indication->metadata->compartmentId;
	packet->control_bytes = control;
	if (packet->direction == NETFLOW_UPLOAD)
		remember_outbound(packet, indication);
	else
		remember_inbound(packet, indication);
	return &packet->held;
}

static void NTAPI complete(void *context, NET_BUFFER_LIST *clone, BOOLEAN dispatch_level)
{
	struct packet *packet = context;

	UNREFERENCED_PARAMETER(dispatch_level);
	if (!NT_SUCCESS(clone->Status)) /* its socket is gone */
		InterlockedIncrement64(&wfp.netflow.shaper.dropped);
	FwpsFreeCloneNetBufferList0(clone, 0);
	shaper_returned(&wfp.netflow.shaper, packet->held.queue);
	worker_wake(&wfp.worker); /* others of its flow, or somebody who closes the socket, may wait for it */
	flow_release(packet->flow);
	ExFreePoolWithTag(packet, TAG_PACKET);
}

static NTSTATUS send(struct packet *packet)
{
	struct flow *flow = packet->flow;
	FWPS_TRANSPORT_SEND_PARAMS1 parameters = {
		.remoteAddress = flow->endpoints.remote_address,
		.remoteScopeId = packet->scope,
		.controlData = packet->control_bytes ? (WSACMSGHDR *)packet->control : NULL,
		.controlDataLength = packet->control_bytes,
	};

	return FwpsInjectTransportSendAsync1(wfp.injection[is_ipv6(flow)], NULL, packet->endpoint, 0, &parameters,
					     is_ipv6(flow) ? ADDRESS_FAMILY_IPV6 : ADDRESS_FAMILY_IPV4,
					     packet->compartment, packet->clone, complete, packet);
}

static NTSTATUS receive(struct packet *packet)
{
	struct flow *flow = packet->flow;

	return FwpsInjectTransportReceiveAsync0(wfp.injection[is_ipv6(flow)], NULL, NULL, 0,
						is_ipv6(flow) ? ADDRESS_FAMILY_IPV6 : ADDRESS_FAMILY_IPV4,
						packet->compartment, packet->interface_index,
						packet->sub_interface_index, packet->clone, complete, packet);
}

void packet_return(struct held *held)
{
	struct packet *packet = CONTAINING_RECORD(held, struct packet, held);
	NTSTATUS status = packet->direction == NETFLOW_UPLOAD ? send(packet) : receive(packet);

	if (NT_SUCCESS(status))
		return;
	InterlockedIncrement64(&wfp.netflow.shaper.dropped);
	complete(packet, packet->clone, FALSE);
}
