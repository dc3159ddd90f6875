/* SPDX-License-Identifier: MIT */
/*
 * The driver for Windows 7 and later: callouts of the Windows Filtering Platform.
 *
 * The way of a byte: ALE_FLOW_ESTABLISHED (establish.c) makes a flow that knows its process
 * and hands it to the layer that will see its data; STREAM or DATAGRAM_DATA (count.c) gets it
 * back with each indication and counts. A flow of a limited process is handed to the
 * TRANSPORT layers as well (hold.c), whose filters are there only while there are limits.
 */
#ifndef NETFLOW_WFP_WFP_H
#define NETFLOW_WFP_WFP_H

#include "../common/device.h"
#include "../common/worker.h"
#include "fwp.h"

/* In the order of the table in layers.c. */
enum layer {
	LAYER_ESTABLISHED_V4,
	LAYER_ESTABLISHED_V6,
	LAYER_CONNECT_V4,
	LAYER_CONNECT_V6,
	LAYER_ACCEPT_V4,
	LAYER_ACCEPT_V6,
	LAYER_STREAM_V4,
	LAYER_STREAM_V6,
	LAYER_DATAGRAM_V4,
	LAYER_DATAGRAM_V6,
	LAYER_INBOUND_V4,
	LAYER_INBOUND_V6,
	LAYER_OUTBOUND_V4,
	LAYER_OUTBOUND_V6,
	LAYER_CLOSURE_V4,
	LAYER_CLOSURE_V6,
	LAYERS,
};

/* A flow, and what WFP alone has to know of it. */
struct wfp_flow {
	struct flow flow;         /* first */
	LONG pass;                /* the last one that came by it; guarded by its shard's lock */
	volatile LONG64 endpoint; /* by which WFP knows the socket; 0: not known */
};

#define ADDRESS_FAMILY_IPV4 2 /* AF_INET, as Windows numbers it */
#define ADDRESS_FAMILY_IPV6 23

struct wfp {
	struct netflow netflow;
	struct worker worker;
	DEVICE_OBJECT *device;
	UINT32 callout_id[LAYERS];
	HANDLE injection[2];       /* IPv4, IPv6 */
	volatile LONG is_limiting; /* the callouts that hold are registered: flows are handed to them */
	volatile LONG is_leaving;  /* no flow is handed to a layer any more */
};

/* There is only one: WFP passes no context of ours to its routines. */
extern struct wfp wfp;

static inline struct wfp_flow *wfp_flow_of(struct flow *flow)
{
	return CONTAINING_RECORD(flow, struct wfp_flow, flow);
}

static inline int is_ipv6(const struct flow *flow)
{
	return flow->endpoints.family == NETFLOW_IPV6;
}

#endif
