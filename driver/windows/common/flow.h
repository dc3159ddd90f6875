/* SPDX-License-Identifier: MIT */
/*
 * A flow: a connection, or a socket that exchanges datagrams, as a driver sees it, and what it transferred.
 *
 * It begins when a driver learns which process it belongs to, and lives as long as anybody refers to it: the table, the
 * driver, each packet that waits. Counting takes no lock that other flows take.
 */
#ifndef NETFLOW_COMMON_FLOW_H
#define NETFLOW_COMMON_FLOW_H

#include "process.h"

struct flow_endpoints {
	UINT8 local_address[NETFLOW_ADDRESS_BYTES];  /* network order */
	UINT8 remote_address[NETFLOW_ADDRESS_BYTES]; /* zeros where it has no peer, or many */
	USHORT local_port;                           /* host order */
	USHORT remote_port;
	UINT8 family;    /* enum netflow_family */
	UINT8 transport; /* enum netflow_transport */
	UINT8 state;     /* enum netflow_state */
};

struct flows;

/* A driver may have a structure of its own begin with it. */
struct flow {
	struct process_meter transferred;
	struct process_node *process;
	ULONG64 id;
	volatile LONG references;
	struct queue queue[NETFLOW_DIRECTIONS];

	struct flows *table;
	LIST_ENTRY entry; /* in its shard */
	volatile LONG ended;
	struct flow_endpoints endpoints;
};

#define FLOW_SHARDS 256

struct flow_shard {
	KSPIN_LOCK lock;
	LIST_ENTRY flows;
};

struct flows {
	struct flow_shard shard[FLOW_SHARDS];
	volatile LONG live; /* allocated, from flow_begin() to the last flow_release(), and 1 for the table itself */
	KEVENT none;        /* set when `live` is 0 */
};

void flows_initialize(struct flows *flows);

/* IRQL == PASSIVE_LEVEL. No flow begins any more: waits until the last one is gone. */
void flows_wait(struct flows *flows);

/* The rest: IRQL <= DISPATCH_LEVEL, without locks. */

/*
 * `bytes` are those of the driver's structure, which begins with the flow. Takes over the reference to `process`. The
 * caller has one reference, the table another. NULL: no memory.
 */
struct flow *flow_begin(struct flows *flows, size_t bytes, ULONG64 id, struct process_node *process,
			const struct flow_endpoints *endpoints);

/* The connection is gone: what it transferred is its process's. Nobody counts on it any more. Works once. */
void flow_end(struct flow *flow);

void flow_reference(struct flow *flow);
void flow_release(struct flow *flow);

/* Calls `visit` with the shard's lock held, until it returns FALSE. */
typedef BOOLEAN flow_visitor(struct flow *flow, void *context);
void flows_visit(struct flows *flows, flow_visitor *visit, void *context);

/*
 * Up to `room` flows of one shard for which `is_wanted` returns TRUE, referenced. It is called again and again until
 * there are none, so that nobody works with a lock held: `is_wanted` wants each flow once only.
 */
ULONG flows_collect(struct flow_shard *shard, flow_visitor *is_wanted, void *context, struct flow **batch, ULONG room);

#endif
