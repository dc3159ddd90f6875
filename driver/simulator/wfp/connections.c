/* SPDX-License-Identifier: MIT */
/* Connections: a flow is authorized and established, authorized again when filters have changed, and closed. */
#include "internal.h"

static BOOLEAN authorize(struct sim_flow *flow, UINT32 flags)
{
	UINT16 v4 = flow->options.is_inbound ? FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4 : FWPS_LAYER_ALE_AUTH_CONNECT_V4;
	UINT16 layer = sim_layer_for(flow, v4);
	struct sim_values values;

	sim_ale_values(&values, flow, layer, flags);
	return sim_classify(&(struct sim_indication){.layer = layer,
						     .flow = flow,
						     .values = &values.values,
						     .metadata = &values.metadata,
						     .condition_flags = flags}) == SIM_PASS;
}

BOOLEAN sim_flow_reauthorize(struct sim_flow *flow)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN must;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	must = flow->must_reauthorize;
	flow->must_reauthorize = FALSE;
	KeReleaseInStackQueuedSpinLock(&handle);
	return !must || authorize(flow, FWP_CONDITION_FLAG_IS_REAUTHORIZE);
}

static void establish(struct sim_flow *flow)
{
	UINT16 layer = sim_layer_for(flow, FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4);
	struct sim_values values;

	sim_ale_values(&values, flow, layer, 0);
	sim_classify(&(struct sim_indication){
		.layer = layer,
		.flow = flow,
		.values = &values.values,
		.metadata = &values.metadata,
		.direction = flow->options.is_inbound ? FWP_DIRECTION_INBOUND : FWP_DIRECTION_OUTBOUND,
	});
}

UINT64 engine_flow_open(const struct engine_flow_options *options)
{
	struct sim_flow *flow = sim_flow_make(options);
	UINT64 id = flow->id;

	if (!options->is_old) {
		if (authorize(flow, 0)) {
			establish(flow);
		} else {
			engine_flow_close(id);
			id = 0;
		}
	}
	sim_flow_release(flow);
	return id;
}

void engine_flow_close(UINT64 id)
{
	struct sim_flow *flow = sim_flow_find(id);
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN was_open;

	if (!flow)
		return;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	was_open = !flow->is_closed;
	write_once(&flow->is_closed, TRUE);
	if (was_open)
		RemoveEntryList(&flow->entry);
	KeReleaseInStackQueuedSpinLock(&handle);
	if (was_open) {
		sim_contexts_delete(flow);
		sim_flow_release(flow);
	}
	sim_flow_release(flow);
}

void sim_flows_close_all(void)
{
	for (int bucket = 0; bucket < FLOW_BUCKETS; bucket++) {
		while (!IsListEmpty(&engine.flows[bucket]))
			engine_flow_close(CONTAINING_RECORD(engine.flows[bucket].Flink, struct sim_flow, entry)->id);
	}
}
