/* SPDX-License-Identifier: MIT */
/*
 * Packets of limited processes: pass, wait, or find no room.
 */
#include "classify.h"
#include "packet.h"

/*
 * A raw socket's own header can't be handed on, nor a packet whose endpoint nobody names. One that is received has its
 * headers in its first buffer, and is taken for that buffer alone.
 */
static BOOLEAN can_be_put_back(const struct indication *indication)
{
	const FWPS_INCOMING_METADATA_VALUES0 *metadata = indication->metadata;

	if (indication->direction == NETFLOW_UPLOAD)
		return has_metadata(metadata, FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE) &&
		       has_metadata(metadata, FWPS_METADATA_FIELD_TRANSPORT_HEADER_SIZE) &&
		       !has_metadata(metadata, FWPS_METADATA_FIELD_TRANSPORT_HEADER_INCLUDE_HEADER);
	return has_metadata(metadata, FWPS_METADATA_FIELD_IP_HEADER_SIZE) &&
	       has_metadata(metadata, FWPS_METADATA_FIELD_TRANSPORT_HEADER_SIZE) &&
	       !NET_BUFFER_NEXT_NB(NET_BUFFER_LIST_FIRST_NB(indication->packets));
}

/*
 * Not authorized yet, or still inside of an IPsec tunnel: it comes here once more, and must not be taken away before.
 * Received under IPsec's protection: its IP header still names that, so that the stack would not have it back.
 */
static BOOLEAN must_pass(const struct indication *indication)
{
	FWPS_PACKET_LIST_INFORMATION0 information = {0};
	FWPS_PACKET_LIST_INBOUND_IPSEC_INFORMATION0 *inbound = &information.ipsecInformation.inbound;

	if (has_metadata(indication->metadata, FWPS_METADATA_FIELD_ALE_CLASSIFY_REQUIRED) ||
	    !can_be_put_back(indication))
		return TRUE;
	if (indication->direction == NETFLOW_UPLOAD ||
	    !NT_SUCCESS(FwpsGetPacketListSecurityInformation0(indication->packets,
							      FWPS_PACKET_LIST_INFORMATION_QUERY_IPSEC |
								      FWPS_PACKET_LIST_INFORMATION_QUERY_INBOUND,
							      &information)))
		return FALSE;
	return inbound->isSecure || (inbound->isTunnelMode && !inbound->isDeTunneled);
}

static enum verdict admit(const struct indication *indication)
{
	struct arrival arrival = {
		.limiter = &indication->flow->process->limiter,
		.queue = &indication->flow->queue[indication->direction],
		.direction = indication->direction,
		.bytes = packet_payload(indication),
		.capture = packet_capture,
		.context = (void *)indication,
	};

	/*
	 * What has no payload and ends nothing is an acknowledgement: to hold it would slow down the other direction.
	 */
	if (arrival.bytes == 0 && !packet_ends_connection(indication))
		return VERDICT_PASS;
	return shaper_admit(&wfp.netflow.shaper, &arrival, KeQueryInterruptTime());
}

static void hold(const struct indication *indication, FWPS_CLASSIFY_OUT0 *out)
{
	enum verdict verdict;

	if (!(out->rights & FWPS_RIGHT_ACTION_WRITE) || out->actionType == FWP_ACTION_BLOCK)
		return;
	out->actionType = FWP_ACTION_CONTINUE;
	if (!indication->packets || !indication->flow || packet_was_returned(indication->flow, indication->packets) ||
	    must_pass(indication))
		return;
	verdict = admit(indication);
	if (verdict == VERDICT_PASS)
		return;
	/* Absorbed: the stack takes it for sent, or for never come. What is dropped for good is sent again by TCP. */
	out->actionType = FWP_ACTION_BLOCK;
	out->flags |= FWPS_CLASSIFY_OUT_FLAG_ABSORB;
	out->rights &= ~FWPS_RIGHT_ACTION_WRITE;
	if (verdict == VERDICT_HOLD)
		worker_wake(&wfp.worker);
}

CLASSIFY(classify_outbound)
{
	struct indication indication = {values, metadata, data, (struct flow *)(ULONG_PTR)flow_context, NETFLOW_UPLOAD};

	UNREFERENCED_PARAMETER(classify_context);
	UNREFERENCED_PARAMETER(filter);
	hold(&indication, out);
}

CLASSIFY(classify_inbound)
{
	struct indication indication = {values, metadata, data, (struct flow *)(ULONG_PTR)flow_context,
					NETFLOW_DOWNLOAD};

	UNREFERENCED_PARAMETER(classify_context);
	UNREFERENCED_PARAMETER(filter);
	hold(&indication, out);
}
