/* SPDX-License-Identifier: MIT */
/*
 * What each layer says about a flow: only the fields that it has, and the metadata that are documented for it. What is
 * not said is garbage, so that a driver that does not ask whether it is there is seen.
 */
#include "internal.h"

#define GARBAGE 0xa5

/* The numbers of the address fields, ports and so on of the layers that see packets. */
struct packet_fields {
	UINT16 layer; /* V4; V6 is two further */
	UINT8 local, remote, local_port, remote_port, flags, count;
};

static const struct packet_fields packet_fields[] = {
	{FWPS_LAYER_STREAM_V4, 0, 2, 3, 4, 6, 7},
	{FWPS_LAYER_DATAGRAM_DATA_V4, 1, 2, 4, 5, 10, 13},
	{FWPS_LAYER_INBOUND_TRANSPORT_V4, 1, 2, 4, 5, 9, 13},
	{FWPS_LAYER_OUTBOUND_TRANSPORT_V4, 1, 3, 4, 5, 10, 14},
};

/*
 * ALE_ENDPOINT_CLOSURE has its number for V6 right behind the one for V4; the others have one of discarded packets
 * between.
 */
UINT16 sim_layer_for(const struct sim_flow *flow, UINT16 v4)
{
	if (!flow->options.is_ipv6)
		return v4;
	return (UINT16)(v4 + (v4 == FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4 ? 1 : 2));
}

UINT32 sim_flags(const struct sim_flow *flow)
{
	return (flow->options.is_loopback ? FWP_CONDITION_FLAG_IS_LOOPBACK : 0) |
	       (flow->options.is_secured ? FWP_CONDITION_FLAG_IS_IPSEC_SECURED : 0);
}

static void set_uint8(struct sim_values *values, ULONG index, UINT8 value)
{
	values->value[index].value = (FWP_VALUE0){.type = FWP_UINT8, .uint8 = value};
}

static void set_uint16(struct sim_values *values, ULONG index, UINT16 value)
{
	values->value[index].value = (FWP_VALUE0){.type = FWP_UINT16, .uint16 = value};
}

static void set_uint32(struct sim_values *values, ULONG index, UINT32 value)
{
	values->value[index].value = (FWP_VALUE0){.type = FWP_UINT32, .uint32 = value};
}

/* IPv4 in host order. */
static void set_address(struct sim_values *values, ULONG index, const UINT8 *address, BOOLEAN is_ipv6,
			FWP_BYTE_ARRAY16 *copy)
{
	if (!is_ipv6) {
		set_uint32(values, index,
			   (UINT32)address[0] << 24 | (UINT32)address[1] << 16 | (UINT32)address[2] << 8 | address[3]);
		return;
	}
	RtlCopyMemory(copy->byteArray16, address, 16);
	values->value[index].value = (FWP_VALUE0){.type = FWP_BYTE_ARRAY16_TYPE, .byteArray16 = copy};
}

static void begin(struct sim_values *values, UINT16 layer, UINT32 count)
{
	RtlZeroMemory(values, sizeof(*values));
	memset(&values->metadata, GARBAGE, sizeof(values->metadata));
	values->metadata.currentMetadataValues = 0;
	values->metadata.flags = 0;
	values->metadata.reserved = 0;
	values->values = (FWPS_INCOMING_VALUES0){layer, count, values->value};
}

static void set_metadata(struct sim_values *values, UINT32 field)
{
	values->metadata.currentMetadataValues |= field;
}

static void set_flow(struct sim_values *values, const struct sim_flow *flow)
{
	values->metadata.flowHandle = flow->id;
	set_metadata(values, FWPS_METADATA_FIELD_FLOW_HANDLE);
}

static void set_endpoint(struct sim_values *values, const struct sim_flow *flow)
{
	values->metadata.transportEndpointHandle = flow->endpoint;
	set_metadata(values, FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE);
}

/* ---- ALE ---- */

/* The number of fields is that of Windows 7, 8 or 10. */
static UINT32 ale_count(void)
{
	static const UINT32 counts[] = {16, 18, 20};

	return counts[engine_random(3)];
}

static void set_ale_flags(struct sim_values *values, struct sim_flow *flow, UINT16 layer, UINT32 flags)
{
	if (layer == FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4 || layer == FWPS_LAYER_ALE_FLOW_ESTABLISHED_V6) {
		set_uint32(values, 12, flow->options.is_inbound ? FWP_DIRECTION_INBOUND : FWP_DIRECTION_OUTBOUND);
		set_uint32(values, 15, flags);
	} else if (layer == FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4 || layer == FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V6) {
		set_uint32(values, 11, flags);
	} else {
		set_uint32(values, 12, flags);
	}
}

static void set_process(struct sim_values *values, struct sim_flow *flow)
{
	if (flow->options.process_id) {
		values->metadata.processId = flow->options.process_id;
		set_metadata(values, FWPS_METADATA_FIELD_PROCESS_ID);
	}
	if (flow->path.data) {
		values->value[0].value = (FWP_VALUE0){.type = FWP_BYTE_BLOB_TYPE, .byteBlob = &flow->path};
		values->metadata.processPath = &flow->path;
		set_metadata(values, FWPS_METADATA_FIELD_PROCESS_PATH);
	}
}

void sim_ale_values(struct sim_values *values, struct sim_flow *flow, UINT16 layer, UINT32 flags)
{
	const struct engine_flow_options *options = &flow->options;

	begin(values, layer, ale_count());
	set_address(values, 2, options->local_address, options->is_ipv6, &values->local);
	set_uint16(values, 4, options->local_port);
	set_uint8(values, 5, options->transport);
	set_address(values, 6, options->remote_address, options->is_ipv6, &values->remote);
	set_uint16(values, 7, options->remote_port);
	set_ale_flags(values, flow, layer, flags | sim_flags(flow));
	/* Before a flow is established, only one that is authorized again has a handle. */
	if (flags & FWP_CONDITION_FLAG_IS_REAUTHORIZE || layer == FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4 ||
	    layer == FWPS_LAYER_ALE_FLOW_ESTABLISHED_V6)
		set_flow(values, flow);
	set_endpoint(values, flow);
	/* windows-driver-docs, network, metadata-fields-at-each-filtering-layer. */
	if (layer != FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4 && layer != FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V6)
		set_process(values, flow);
}

/* ---- packets ---- */

static const struct packet_fields *fields_of(UINT16 layer)
{
	for (ULONG index = 0; index < sizeof(packet_fields) / sizeof(packet_fields[0]); index++) {
		if (packet_fields[index].layer == layer || packet_fields[index].layer + 2 == layer)
			return &packet_fields[index];
	}
	engine_fail("a layer that sees no packets");
	return NULL;
}

/* The zone of a link-local address. */
ULONG sim_scope(const struct sim_flow *flow)
{
	const UINT8 *remote = flow->options.remote_address;

	return flow->options.is_ipv6 && remote[0] == 0xfe && (remote[1] & 0xc0) == 0x80 ? INTERFACE_INDEX : 0;
}

UCHAR sim_control_byte(const struct sim_packet *packet, ULONG index)
{
	return (UCHAR)(packet->flow->id * 13 + index * 5 + 1);
}

/* Ancillary data are there while a callout is called, and no longer. */
static void set_control(struct sim_values *values, const struct sim_packet *packet)
{
	if (!packet->control_bytes)
		return;
	values->control = engine_allocate(packet->control_bytes);
	for (ULONG index = 0; index < packet->control_bytes; index++)
		values->control[index] = sim_control_byte(packet, index);
	values->metadata.controlData = (WSACMSGHDR *)values->control;
	values->metadata.controlDataLength = packet->control_bytes;
	set_metadata(values, FWPS_METADATA_FIELD_TRANSPORT_CONTROL_DATA);
}

void sim_values_done(struct sim_values *values)
{
	if (values->control)
		engine_free(values->control);
}

static void set_packet_metadata(struct sim_values *values, struct sim_flow *flow, const struct sim_packet *packet)
{
	values->metadata.transportHeaderSize = TRANSPORT_HEADER_BYTES(flow);
	values->metadata.compartmentId = COMPARTMENT;
	set_metadata(values, FWPS_METADATA_FIELD_TRANSPORT_HEADER_SIZE | FWPS_METADATA_FIELD_COMPARTMENT_ID);
	if (flow->options.is_raw && !packet->is_inbound)
		set_metadata(values, FWPS_METADATA_FIELD_TRANSPORT_HEADER_INCLUDE_HEADER);
	else
		set_endpoint(values, flow);
	if (packet->is_inbound) {
		values->metadata.ipHeaderSize = IP_HEADER_BYTES(flow);
		set_metadata(values, FWPS_METADATA_FIELD_IP_HEADER_SIZE);
	} else {
		values->metadata.remoteScopeId.Value = sim_scope(flow);
		set_metadata(values, FWPS_METADATA_FIELD_REMOTE_SCOPE_ID);
		set_control(values, packet);
	}
}

/* STREAM's is the direction of the connection, not of the data. */
static void set_direction(struct sim_values *values, const struct packet_fields *fields, const struct sim_flow *flow,
			  const struct sim_packet *packet)
{
	if (fields->layer == FWPS_LAYER_STREAM_V4)
		set_uint32(values, 5, flow->options.is_inbound ? FWP_DIRECTION_INBOUND : FWP_DIRECTION_OUTBOUND);
	if (fields->layer == FWPS_LAYER_DATAGRAM_DATA_V4)
		set_uint32(values, 9, packet->is_inbound ? FWP_DIRECTION_INBOUND : FWP_DIRECTION_OUTBOUND);
}

static void set_interface(struct sim_values *values)
{
	set_uint32(values, 7, INTERFACE_INDEX);
	set_uint32(values, 8, SUB_INTERFACE_INDEX);
}

void sim_packet_values(struct sim_values *values, struct sim_flow *flow, UINT16 layer, struct sim_packet *packet)
{
	const struct engine_flow_options *options = &flow->options;
	const struct packet_fields *fields = fields_of(layer);

	begin(values, layer, fields->count);
	set_address(values, fields->local, options->local_address, options->is_ipv6, &values->local);
	set_address(values, fields->remote, options->remote_address, options->is_ipv6, &values->remote);
	set_uint16(values, fields->local_port, options->local_port);
	set_uint16(values, fields->remote_port, options->remote_port);
	set_uint32(values, fields->flags, sim_flags(flow));
	set_direction(values, fields, flow, packet);
	set_flow(values, flow);
	if (fields->layer == FWPS_LAYER_STREAM_V4)
		return;
	set_uint8(values, 0, options->transport);
	set_interface(values);
	set_packet_metadata(values, flow, packet);
}
