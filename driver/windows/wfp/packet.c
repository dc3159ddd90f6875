/* SPDX-License-Identifier: MIT */
#include "packet.h"
#include "classify.h"
#include "copy.h"

#define TCP_FLAGS_OFFSET 13
#define TCP_FIN 0x01
#define TCP_RST 0x04

struct packet {
	struct held held;
	struct flow *flow;
	NET_BUFFER_LIST *list; /* outbound: a clone, inbound: a copy */
	int direction;
	COMPARTMENT_ID compartment;
	UINT64 endpoint;                               /* outbound */
	SCOPE_ID scope;                                /* outbound */
	IF_INDEX interface_index, sub_interface_index; /* inbound */
	ULONG control_bytes;                           /* outbound */
	UCHAR bytes[]; /* outbound: the ancillary data of the send; inbound: the packet, from its IP header on */
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

static ULONG headers_of(const struct indication *indication)
{
	return indication->metadata->ipHeaderSize + indication->metadata->transportHeaderSize;
}

static NET_BUFFER_LIST *clone(const struct indication *indication)
{
	NET_BUFFER_LIST *clone = NULL;

	return NT_SUCCESS(FwpsAllocateCloneNetBufferList0(indication->packets, NULL, NULL, 0, &clone)) ? clone : NULL;
}

/* One that goes back up needs its IP header. */
static NET_BUFFER_LIST *copy(const struct indication *indication, UCHAR *memory, ULONG bytes)
{
	ULONG headers = headers_of(indication);
	NET_BUFFER_LIST *copy;

	if (!reach_headers(indication, headers))
		return NULL;
	copy = copy_create(indication->packets, memory, bytes);
	leave_headers(indication, headers);
	return copy;
}

static UINT32 uint32_field(const FWPS_INCOMING_VALUES0 *values, UINT32 index)
{
	const FWP_VALUE0 *value = field(values, index, FWP_UINT32);

	return value ? value->uint32 : 0;
}

static ULONG control_bytes(const struct indication *indication)
{
	const FWPS_INCOMING_METADATA_VALUES0 *metadata = indication->metadata;

	return has_metadata(metadata, FWPS_METADATA_FIELD_TRANSPORT_CONTROL_DATA) && metadata->controlData
		       ? metadata->controlDataLength
		       : 0;
}

static void remember_outbound(struct packet *packet, const struct indication *indication)
{
	const FWPS_INCOMING_METADATA_VALUES0 *metadata = indication->metadata;

	packet->endpoint = metadata->transportEndpointHandle;
	packet->control_bytes = control_bytes(indication);
	if (has_metadata(metadata, FWPS_METADATA_FIELD_REMOTE_SCOPE_ID))
		packet->scope = metadata->remoteScopeId;
	RtlCopyMemory(packet->bytes, metadata->controlData, packet->control_bytes);
	InterlockedExchange64(&wfp_flow_of(packet->flow)->endpoint, (LONG64)packet->endpoint);
}

static void remember_inbound(struct packet *packet, const struct indication *indication)
{
	packet->interface_index = uint32_field(indication->values, FWPS_FIELD_INBOUND_TRANSPORT_V4_INTERFACE_INDEX);
	packet->sub_interface_index =
		uint32_field(indication->values, FWPS_FIELD_INBOUND_TRANSPORT_V4_SUB_INTERFACE_INDEX);
}

/* What has to be remembered beside the packet itself, which a clone shares with its original. */
static ULONG bytes_to_keep(const struct indication *indication)
{
	if (indication->direction == NETFLOW_UPLOAD)
		return control_bytes(indication);
	return headers_of(indication) + NET_BUFFER_DATA_LENGTH(NET_BUFFER_LIST_FIRST_NB(indication->packets));
}

struct held *packet_capture(void *context)
{
	const struct indication *indication = context;
	ULONG bytes = bytes_to_keep(indication);
	struct packet *packet = allocate(sizeof(*packet) + bytes, TAG_PACKET);

	if (!packet)
		return NULL;
	packet->direction = indication->direction;
	packet->list = packet->direction == NETFLOW_UPLOAD ? clone(indication) : copy(indication, packet->bytes, bytes);
	if (!packet->list) {
		ExFreePoolWithTag(packet, TAG_PACKET);
		return NULL;
	}
	packet->flow = indication->flow;
	flow_reference(packet->flow);
	if (has_metadata(indication->metadata, FWPS_METADATA_FIELD_COMPARTMENT_ID)) /* or it stays unspecified, 0 */
		packet->compartment = (COMPARTMENT_ID)indication->metadata->compartmentId;
	if (packet->direction == NETFLOW_UPLOAD)
		remember_outbound(packet, indication);
	else
		remember_inbound(packet, indication);
	return &packet->held;
}

static void NTAPI complete(void *context, NET_BUFFER_LIST *list, BOOLEAN dispatch_level)
{
	struct packet *packet = context;

	UNREFERENCED_PARAMETER(dispatch_level);
	if (!NT_SUCCESS(list->Status)) /* its socket is gone */
		InterlockedIncrement64(&wfp.netflow.shaper.dropped);
	if (packet->direction == NETFLOW_UPLOAD)
		FwpsFreeCloneNetBufferList0(list, 0);
	else
		copy_free(list);
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
		.controlData = packet->control_bytes ? (WSACMSGHDR *)packet->bytes : NULL,
		.controlDataLength = packet->control_bytes,
	};

	return FwpsInjectTransportSendAsync1(wfp.injection[is_ipv6(flow)], NULL, packet->endpoint, 0, &parameters,
					     is_ipv6(flow) ? ADDRESS_FAMILY_IPV6 : ADDRESS_FAMILY_IPV4,
					     packet->compartment, packet->list, complete, packet);
}

static NTSTATUS receive(struct packet *packet)
{
	struct flow *flow = packet->flow;

	return FwpsInjectTransportReceiveAsync0(wfp.injection[is_ipv6(flow)], NULL, NULL, 0,
						is_ipv6(flow) ? ADDRESS_FAMILY_IPV6 : ADDRESS_FAMILY_IPV4,
						packet->compartment, packet->interface_index,
						packet->sub_interface_index, packet->list, complete, packet);
}

void packet_return(struct held *held)
{
	struct packet *packet = CONTAINING_RECORD(held, struct packet, held);
	NTSTATUS status = packet->direction == NETFLOW_UPLOAD ? send(packet) : receive(packet);

	if (NT_SUCCESS(status))
		return;
	InterlockedIncrement64(&wfp.netflow.shaper.dropped);
	complete(packet, packet->list, FALSE);
}
