/* SPDX-License-Identifier: MIT */
/* What each layer says about a flow: only the fields that it has, and the metadata that are documented for it. */
#include "internal.h"

/* Of the address fields, local port and so on of the layers that see packets. */
struct packet_fields {
	UINT16 layer; /* V4; V6 is two further */
	UINT8 local, remote, local_port, remote_port, count;
};

static const struct packet_fields packet_fields[] = {
	{FWPS_LAYER_STREAM_V4, 0, 2, 3, 4, 7},
	{FWPS_LAYER_DATAGRAM_DATA_V4, 1, 2, 4, 5, 13},
	{FWPS_LAYER_INBOUND_TRANSPORT_V4, 1, 2, 4, 5, 13},
	{FWPS_LAYER_OUTBOUND_TRANSPORT_V4, 1, 3, 4, 5, 14},
};

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

void sim_ale_values(struct sim_values *values, struct sim_flow *flow, UINT16 layer, UINT32 flags)
{
	const struct engine_flow_options *options = &flow->options;

	begin(values, layer, 16);
	set_address(values, 2, options->local_address, options->is_ipv6, &values->local);
	set_uint16(values, 4, options->local_port);
	set_uint8(values, 5, options->transport);
	set_address(values, 6, options->remote_address, options->is_ipv6, &values->remote);
	set_uint16(values, 7, options->remote_port);
	if (layer == FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4 || layer == FWPS_LAYER_ALE_FLOW_ESTABLISHED_V6)
		set_uint32(values, 12, options->is_inbound ? FWP_DIRECTION_INBOUND : FWP_DIRECTION_OUTBOUND);
	else
		set_uint32(values, layer < FWPS_LAYER_ALE_AUTH_CONNECT_V4 ? 11 : 12, flags);
	set_flow(values, flow);
	set_endpoint(values, flow);
	values->metadata.processId = options->process_id;
	if (options->process_id)
		set_metadata(values, FWPS_METADATA_FIELD_PROCESS_ID);
	values->metadata.processPath = &flow->path;
	if (flow->path.data)
		set_metadata(values, FWPS_METADATA_FIELD_PROCESS_PATH);
}

static const struct packet_fields *fields_of(UINT16 layer)
{
	for (ULONG index = 0; index < sizeof(packet_fields) / sizeof(packet_fields[0]); index++) {
		if (packet_fields[index].layer == layer || packet_fields[index].layer + 2 == layer)
			return &packet_fields[index];
	}
	engine_fail("a layer that sees no packets");
	return NULL;
}

static void set_packet_metadata(struct sim_values *values, struct sim_flow *flow, UINT16 layer, BOOLEAN is_inbound)
{
	if (layer == FWPS_LAYER_STREAM_V4 || layer == FWPS_LAYER_STREAM_V6)
		return;
	values->metadata.transportHeaderSize = TRANSPORT_HEADER_BYTES(flow);
	set_metadata(values, FWPS_METADATA_FIELD_TRANSPORT_HEADER_SIZE | FWPS_METADATA_FIELD_COMPARTMENT_ID);
	values->metadata.compartmentId = 1;
	set_endpoint(values, flow);
	if (is_inbound) {
		values->metadata.ipHeaderSize = IP_HEADER_BYTES(flow);
		set_metadata(values, FWPS_METADATA_FIELD_IP_HEADER_SIZE);
	}
}

void sim_packet_values(struct sim_values *values, struct sim_flow *flow, UINT16 layer, struct sim_packet *packet)
{
	const struct engine_flow_options *options = &flow->options;
	const struct packet_fields *fields = fields_of(layer);
	BOOLEAN is_inbound = packet ? packet->is_inbound : options->is_inbound;

	begin(values, layer, fields->count);
	set_address(values, fields->local, options->local_address, options->is_ipv6, &values->local);
	set_address(values, fields->remote, options->remote_address, options->is_ipv6, &values->remote);
	set_uint16(values, fields->local_port, options->local_port);
	set_uint16(values, fields->remote_port, options->remote_port);
	if (fields->layer != FWPS_LAYER_STREAM_V4)
		set_uint8(values, 0, options->transport);
	else /* of the connection, not of the data */
		set_uint32(values, 5, options->is_inbound ? FWP_DIRECTION_INBOUND : FWP_DIRECTION_OUTBOUND);
	if (fields->layer == FWPS_LAYER_DATAGRAM_DATA_V4)
		set_uint32(values, 9, is_inbound ? FWP_DIRECTION_INBOUND : FWP_DIRECTION_OUTBOUND);
	if (fields->layer == FWPS_LAYER_INBOUND_TRANSPORT_V4) {
		set_uint32(values, 7, 3);
		set_uint32(values, 8, 0);
	}
	set_flow(values, flow);
	set_packet_metadata(values, flow, layer, is_inbound);
}
