/* SPDX-License-Identifier: MIT */
/*
 * A flow begins: the only moment at which WFP says which process it is.
 */
#include "classify.h"
#include "contexts.h"

/* The same numbers in every ALE layer of both families (FWPS_FIELD_ALE_FLOW_ESTABLISHED_V4_* and the like). */
enum ale_field {
	ALE_LOCAL_ADDRESS = 2,
	ALE_LOCAL_PORT = 4,
	ALE_PROTOCOL = 5,
	ALE_REMOTE_ADDRESS = 6,
	ALE_REMOTE_PORT = 7,
};

/* WFP has IPv4 addresses in host order, a record in network order. */
static UINT8 read_address(const FWPS_INCOMING_VALUES0 *values, UINT32 index, UINT8 address[NETFLOW_ADDRESS_BYTES])
{
	const FWP_VALUE0 *value = field(values, index, FWP_UINT32);

	if (value) {
		for (int byte = 0; byte < 4; byte++)
			address[byte] = (UINT8)(value->uint32 >> (24 - 8 * byte));
		return NETFLOW_IPV4;
	}
	value = field(values, index, FWP_BYTE_ARRAY16_TYPE);
	if (!value || !value->byteArray16)
		return 0;
	RtlCopyMemory(address, value->byteArray16->byteArray16, NETFLOW_ADDRESS_BYTES);
	return NETFLOW_IPV6;
}

static USHORT read_port(const FWPS_INCOMING_VALUES0 *values, UINT32 index)
{
	const FWP_VALUE0 *value = field(values, index, FWP_UINT16);

	return value ? value->uint16 : 0;
}

/* FALSE: neither TCP nor UDP, or not said. */
static BOOLEAN read_endpoints(const FWPS_INCOMING_VALUES0 *values, struct flow_endpoints *endpoints)
{
	const FWP_VALUE0 *protocol = field(values, ALE_PROTOCOL, FWP_UINT8);

	if (!protocol || (protocol->uint8 != NETFLOW_TCP && protocol->uint8 != NETFLOW_UDP))
		return FALSE;
	RtlZeroMemory(endpoints, sizeof(*endpoints));
	endpoints->transport = protocol->uint8;
	endpoints->state = endpoints->transport == NETFLOW_TCP ? NETFLOW_STATE_ESTABLISHED : NETFLOW_STATE_NONE;
	endpoints->family = read_address(values, ALE_LOCAL_ADDRESS, endpoints->local_address);
	endpoints->local_port = read_port(values, ALE_LOCAL_PORT);
	endpoints->remote_port = read_port(values, ALE_REMOTE_PORT);
	return endpoints->family &&
	       read_address(values, ALE_REMOTE_ADDRESS, endpoints->remote_address) == endpoints->family;
}

/* The process that the flow belongs to; nobody where WFP does not say, or there is no room. Referenced. */
static struct process_node *owner(const FWPS_INCOMING_METADATA_VALUES0 *metadata)
{
	struct netflow *netflow = &wfp.netflow;
	struct kernel_path path = {0};
	struct process_node *process = NULL;

	if (has_metadata(metadata, FWPS_METADATA_FIELD_PROCESS_PATH) && metadata->processPath)
		path = kernel_path_trim(metadata->processPath->data, metadata->processPath->size);
	if (has_metadata(metadata, FWPS_METADATA_FIELD_PROCESS_ID) && metadata->processId)
		process = process_acquire(&netflow->processes, (ULONG)metadata->processId, path);
	if (!process) {
		process = netflow->unattributed;
		process_reference(process);
	} else if (!read_once(&process->described)) {
		worker_wake(&wfp.worker);
	}
	return process;
}

static void begin(const struct flow_endpoints *endpoints, const FWPS_INCOMING_METADATA_VALUES0 *metadata)
{
	struct netflow *netflow = &wfp.netflow;
	struct process_node *process = owner(metadata);
	struct flow *flow;

	limits_apply(&netflow->limits, process);
	flow = flow_begin(&netflow->flows, sizeof(struct wfp_flow), metadata->flowHandle, process, endpoints);
	if (!flow) {
		InterlockedIncrement64(&netflow->lost_events);
		return;
	}
	if (!context_join(flow, context_counting_layer(flow)))
		flow_end(flow); /* known already, or gone */
	else if (limits_has_rule(&netflow->limits, process))
		context_limit(flow);
	flow_release(flow);
}

CLASSIFY(classify_established)
{
	struct flow_endpoints endpoints;

	UNREFERENCED_PARAMETER(data);
	UNREFERENCED_PARAMETER(classify_context);
	UNREFERENCED_PARAMETER(filter);
	UNREFERENCED_PARAMETER(flow_context);
	UNREFERENCED_PARAMETER(out);
	if (!read_once(&wfp.is_leaving) && has_metadata(metadata, FWPS_METADATA_FIELD_FLOW_HANDLE) &&
	    read_endpoints(values, &endpoints))
		begin(&endpoints, metadata);
}

/* Adding our filters has WFP authorize each connection that was there before once more. */
CLASSIFY(classify_reauthorized)
{
	classify_established(values, metadata, data, classify_context, filter, flow_context, out);
}
