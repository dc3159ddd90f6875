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
	/* PENDING: a classify runs, context_deleted() comes after it. Others: it is gone, or never was. */
	FwpsFlowRemoveContext0(flow->id, layers[layer].id, wfp.callout_id[layer]);
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
	if (read_once(&wfp.is_leaving)) /* contexts_leave() may have passed by this flow */
		remove(flow, layer);
	return TRUE;
}

static void join_transport(struct flow *flow)
{
	context_join(flow, inbound_layer(flow));
	context_join(flow, outbound_layer(flow));
}

/* FALSE: it had the mark before. */
static BOOLEAN set_mark(struct flow *flow, LONG mark)
{
	return !(InterlockedOr(&wfp_flow_of(flow)->marks, mark) & mark);
}

void context_limit(struct flow *flow)
{
	if (set_mark(flow, MARK_LIMITED))
		join_transport(flow);
}

static void for_each_flow(flow_visitor *is_wanted, void *context, void (*act)(struct flow *flow))
{
	struct flow *batch[BATCH];
	ULONG count;

	for (int shard = 0; shard < FLOW_SHARDS; shard++) {
		while ((count = flows_collect(&wfp.netflow.flows.shard[shard], is_wanted, context, batch, BATCH)) !=
		       0) {
			for (ULONG index = 0; index < count; index++) {
				act(batch[index]);
				flow_release(batch[index]);
			}
		}
	}
}

static BOOLEAN becomes_limited(struct flow *flow, void *process)
{
	return (!process || flow->process == process) && limits_has_rule(&wfp.netflow.limits, flow->process) &&
	       set_mark(flow, MARK_LIMITED);
}

void contexts_limit(struct netflow *netflow, struct process_node *process)
{
	UNREFERENCED_PARAMETER(netflow);
	for_each_flow(becomes_limited, process, join_transport);
}

static BOOLEAN begins_to_leave(struct flow *flow, void *context)
{
	UNREFERENCED_PARAMETER(context);
	return set_mark(flow, MARK_LEAVING);
}

/* The counting layer last: with it the flow leaves the table. */
static void remove_contexts(struct flow *flow)
{
	remove(flow, inbound_layer(flow));
	remove(flow, outbound_layer(flow));
	remove(flow, context_counting_layer(flow));
}

void contexts_leave(void)
{
	for_each_flow(begins_to_leave, NULL, remove_contexts);
}

void NTAPI context_deleted(UINT16 layer_id, UINT32 callout_id, UINT64 flow_context)
{
	struct flow *flow = (struct flow *)(ULONG_PTR)flow_context;

	UNREFERENCED_PARAMETER(callout_id);
	if (layer_id == layers[context_counting_layer(flow)].id)
		flow_end(flow);
	flow_release(flow);
}
