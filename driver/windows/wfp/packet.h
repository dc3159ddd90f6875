/* SPDX-License-Identifier: MIT */
/*
 * A packet that is held. One that is sent is a clone, which keeps its original from being completed, so that the sender
 * waits, as it would for a slow link; one that is received is a copy (copy.h). With it goes what is needed to put it
 * back where it was.
 */
#ifndef NETFLOW_WFP_PACKET_H
#define NETFLOW_WFP_PACKET_H

#include "wfp.h"

/* What a classify function of a transport layer is given. */
struct indication {
	const FWPS_INCOMING_VALUES0 *values;
	const FWPS_INCOMING_METADATA_VALUES0 *metadata;
	NET_BUFFER_LIST *packets;
	struct flow *flow;
	int direction;
};

/* All: IRQL <= DISPATCH_LEVEL. */

/* Bytes of payload in NET_BUFFERs that each begin with `header` bytes of header. */
SIZE_T packets_payload(const NET_BUFFER_LIST *packets, ULONG header);

/* The same of an indication: outbound buffers begin with their transport header, inbound ones with their payload. */
ULONG packet_payload(const struct indication *indication);

/* TRUE: it ends the connection (FIN or RST), so that it must not pass what was sent before. */
BOOLEAN packet_ends_connection(const struct indication *indication);

/* `capture_routine` of the shaper: `context` is a struct indication. */
struct held *packet_capture(void *context);

/*
 * TRUE: these are packets that packet_return() has put back into the stack. They were held when they came by here
 * first, and outbound datagrams were counted then.
 */
BOOLEAN packet_was_returned(const struct flow *flow, const NET_BUFFER_LIST *packets);

/* Puts a packet back into the stack. Whatever comes of it, the packet is gone, and the shaper knows. */
void packet_return(struct held *held);

#endif
