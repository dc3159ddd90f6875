/* SPDX-License-Identifier: MIT */
/*
 * A packet that is held: a clone, which keeps its original from being completed (so that a sender waits, as it
 * would for a slow link), and what is needed to put it back where it was.
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

/* Bytes of payload; outbound ones begin with their transport header. */
ULONG packet_payload(const struct indication *indication);

/* TRUE: it ends the connection (FIN or RST), so that it must not pass what was sent before. */
BOOLEAN packet_ends_connection(const struct indication *indication);

/* `capture_routine` of the shaper: `context` is a struct indication. */
struct held *packet_capture(void *context);

/* Back into the stack. Whatever comes of it, the packet is gone, and the shaper knows. */
void packet_return(struct held *held);

#endif
