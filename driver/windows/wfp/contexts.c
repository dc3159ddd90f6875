/* SPDX-License-Identifier: MIT */
#include "contexts.h"
#include "layers.h"

#define BATCH 32

static enum layer inbound_layer(const struct flow *flow)
{
	return is_ipv6(flow) ? LAYER_INBOUND_V6 : LAYER_INBOUND_V4;
}

static enum layer outbound_layer(const struct flow *flow)
{
	return is_ipv6(flow) ? LAYER_OUTBOUND_V6 : LAYER_OUTBOUND_V4;
}

enum layer context_counting_layer(const struct flow *flow)
{
	if (flow->endpoints.transport == NETFLOW_TCP)
		return is_ipv6(flow) ? LAYER_STREAM_V6 : LAYER_STREAM_V4;
	return is_ipv6(flow) ? LAYER_DATAGRAM_V6 : LAYER_DATAGRAM_V4;
}

static void remove(struct flow *flow, enum layer layer)
{
	/*
	 * PENDING: a classify runs, context_deleted() comes after it. Others: it is gone, never was, or is asked for
	 * again.
	 */
	FwpsFlowRemoveContext0(flow->id, layers[layer].id, wfp.callout_id[layer]);
}

static BOOLEAN may_join(enum layer layer)
{
	return !read_once(&wfp.is_leaving) && (!layers[layer].limits || read_once(&wfp.is_limiting));
}

BOOLEAN context_join(struct flow *flow, enum layer layer)
{
	flow_reference(flow);
	/* A success code says that there is one already. */
	if (FwpsFlowAssociateContext0(flow->id, layers[layer].id, wfp.callout_id[layer], (UINT64)(ULONG_PTR)flow) !=
	    STATUS_SUCCESS) {
		flow_release(flow);
		return FALSE;
	}
	if (!may_join(layer)) /* contexts_recall() may have passed by this flow */
		remove(flow, layer);
	return TRUE;
}

/* Where it has joined before, nothing changes. */
static void join_transport(struct flow *flow)
{
	context_join(flow, inbound_layer(flow));
	context_join(flow, outbound_layer(flow));
}

void context_limit(struct flow *flow)
{
	if (may_join(inbound_layer(flow)))
		join_transport(flow);
}

/* ---- all flows ---- */

static FAST_MUTEX passing; /* one pass at a time */
static LONG pass;

void contexts_initialize(void)
{
	ExInitializeFastMutex(&passing);
	pass = 0;
}

/* TRUE once for each flow in a pass. */
static BOOLEAN is_new(struct flow *flow)
{
	struct wfp_flow *wfp_flow = wfp_flow_of(flow);
	BOOLEAN is_new = wfp_flow->pass != pass;

	wfp_flow->pass = pass;
	return is_new;
}

static void for_each_flow(flow_visitor *is_wanted, void *context, void (*act)(struct flow *flow))
{
	struct flow *batch[BATCH];
	ULONG count;

	mutex_acquire(&passing);
	pass++;
	for (int shard = 0; shard < FLOW_SHARDS; shard++) {
		while ((count = flows_collect(&wfp.netflow.flows.shard[shard], is_wanted, context, batch, BATCH)) !=
		       0) {
			for (ULONG index = 0; index < count; index++) {
				act(batch[index]);
				flow_release(batch[index]);
			}
		}
	}
	mutex_release(&passing);
}

static BOOLEAN becomes_limited(struct flow *flow, void *process)
{
	return is_new(flow) && (!process || flow->process == process) &&
	       limits_has_rule(&wfp.netflow.limits, flow->process);
}

void contexts_limit(struct process_node *process)
{
	if (read_once(&wfp.is_limiting))
		for_each_flow(becomes_limited, process, join_transport);
}

static BOOLEAN is_any(struct flow *flow, void *context)
{
	UNREFERENCED_PARAMETER(context);
	return is_new(flow);
}

static void leave_transport(struct flow *flow)
{
	remove(flow, inbound_layer(flow));
	remove(flow, outbound_layer(flow));
}

/* With it the flow leaves the table, so that it comes last. */
static void leave_counting(struct flow *flow)
{
	remove(flow, context_counting_layer(flow));
}

void contexts_recall(BOOLEAN limiting)
{
	for_each_flow(is_any, NULL, limiting ? leave_transport : leave_counting);
}

void NTAPI context_deleted(UINT16 layer_id, UINT32 callout_id, UINT64 flow_context)
{
	struct flow *flow = (struct flow *)(ULONG_PTR)flow_context;

	UNREFERENCED_PARAMETER(callout_id);
	if (layer_id == layers[context_counting_layer(flow)].id)
		flow_end(flow);
	flow_release(flow);
}
