/* SPDX-License-Identifier: MIT */
/*
 * Payload passes: the only code that every byte of every process runs through.
 */
#include "classify.h"
#include "packet.h"

#define STREAM_SEND_FLAGS (FWPS_STREAM_FLAG_SEND | FWPS_STREAM_FLAG_SEND_EXPEDITED)
#define STREAM_RECEIVE_FLAGS (FWPS_STREAM_FLAG_RECEIVE | FWPS_STREAM_FLAG_RECEIVE_EXPEDITED)

static void count_payload(UINT64 flow_context, int direction, SIZE_T bytes)
{
	struct flow *flow = (struct flow *)(ULONG_PTR)flow_context;

	speed_meter_add(&flow->transferred.meter, direction, (LONG64)bytes, current_second());
}

CLASSIFY(classify_stream)
{
	const FWPS_STREAM_CALLOUT_IO_PACKET0 *packet = data;
	const FWPS_STREAM_DATA0 *stream = packet ? packet->streamData : NULL;

	UNREFERENCED_PARAMETER(values);
	UNREFERENCED_PARAMETER(metadata);
	UNREFERENCED_PARAMETER(classify_context);
	UNREFERENCED_PARAMETER(filter);
	UNREFERENCED_PARAMETER(out);
	if (!stream || !flow_context || !stream->dataLength)
		return;
	/* Not the layer's DIRECTION, which is that of the connection. */
	if (stream->flags & STREAM_SEND_FLAGS)
		count_payload(flow_context, NETFLOW_UPLOAD, stream->dataLength);
	else if (stream->flags & STREAM_RECEIVE_FLAGS)
		count_payload(flow_context, NETFLOW_DOWNLOAD, stream->dataLength);
}

CLASSIFY(classify_datagram)
{
	const FWP_VALUE0 *direction = field(values, FWPS_FIELD_DATAGRAM_DATA_V4_DIRECTION, FWP_UINT32);
	const NET_BUFFER_LIST *packets = data;

	UNREFERENCED_PARAMETER(classify_context);
	UNREFERENCED_PARAMETER(filter);
	if (!packets || !flow_context || !direction || out->actionType == FWP_ACTION_BLOCK) /* another has blocked it */
		return;
	/* Inbound datagrams are held before they come here, outbound ones after they have been counted here. */
	if (direction->uint32 == FWP_DIRECTION_INBOUND)
		count_payload(flow_context, NETFLOW_DOWNLOAD, packets_payload(packets, 0));
	else if (!packet_was_returned((const struct flow *)(ULONG_PTR)flow_context, packets))
		count_payload(flow_context, NETFLOW_UPLOAD, packets_payload(packets, metadata->transportHeaderSize));
}
