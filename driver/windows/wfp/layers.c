/* SPDX-License-Identifier: MIT */
#include "layers.h"
#include "classify.h"
#include "contexts.h"

/* Our own keys: one base, numbered by layer. */
#define CALLOUT_KEY(layer)                                                                                             \
	{                                                                                                              \
		0x6e657466, 0x6c6f, 0x4777,                                                                            \
		{                                                                                                      \
			0x9c, 0x1d, 0x2e, 0x5b, 0x40, 0x7a, 0x81, layer                                                \
		}                                                                                                      \
	}

/* Old connections are classified here again when a filter is added; new ones only pass by. */
#define REAUTHORIZED                                                                                                   \
	.classify = classify_reauthorized, .action = FWP_ACTION_CALLOUT_INSPECTION,                                    \
	.condition = &FWPM_CONDITION_FLAGS, .match = FWP_MATCH_FLAGS_ALL_SET, .type = FWP_UINT32,                      \
	.value = FWP_CONDITION_FLAG_IS_REAUTHORIZE

#define COUNTED                                                                                                        \
	.keeps_contexts = TRUE, .action = FWP_ACTION_CALLOUT_INSPECTION,                                               \
	.callout_flags = FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW | FWP_CALLOUT_FLAG_ALLOW_OFFLOAD

#define STREAM                                                                                                         \
	.classify = classify_stream, .keeps_contexts = TRUE, .action = FWP_ACTION_CALLOUT_INSPECTION,                  \
	.callout_flags = FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW | FWP_CALLOUT_FLAG_ALLOW_OFFLOAD |                       \
			 FWP_CALLOUT_FLAG_ALLOW_MID_STREAM_INSPECTION

/* No offload is allowed for what is held: a packet is then what goes over the wire. */
#define HELD                                                                                                           \
	.keeps_contexts = TRUE, .limits = TRUE, .action = FWP_ACTION_CALLOUT_UNKNOWN,                                  \
	.callout_flags = FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW

#define CLOSURE                                                                                                        \
	.classify = classify_closure, .limits = TRUE, .action = FWP_ACTION_CALLOUT_UNKNOWN,                            \
	.condition = &FWPM_CONDITION_IP_PROTOCOL, .match = FWP_MATCH_EQUAL, .type = FWP_UINT8, .value = NETFLOW_UDP

#define LAYER(name, layer) .id = FWPS_LAYER_##layer, .key = &FWPM_LAYER_##layer, .callout_key = CALLOUT_KEY(name)

const struct layer_info layers[LAYERS] = {
	[LAYER_ESTABLISHED_V4] = {LAYER(0, ALE_FLOW_ESTABLISHED_V4), .classify = classify_established,
				  .action = FWP_ACTION_CALLOUT_INSPECTION},
	[LAYER_ESTABLISHED_V6] = {LAYER(1, ALE_FLOW_ESTABLISHED_V6), .classify = classify_established,
				  .action = FWP_ACTION_CALLOUT_INSPECTION},
	[LAYER_CONNECT_V4] = {LAYER(2, ALE_AUTH_CONNECT_V4), REAUTHORIZED},
	[LAYER_CONNECT_V6] = {LAYER(3, ALE_AUTH_CONNECT_V6), REAUTHORIZED},
	[LAYER_ACCEPT_V4] = {LAYER(4, ALE_AUTH_RECV_ACCEPT_V4), REAUTHORIZED},
	[LAYER_ACCEPT_V6] = {LAYER(5, ALE_AUTH_RECV_ACCEPT_V6), REAUTHORIZED},
	[LAYER_STREAM_V4] = {LAYER(6, STREAM_V4), STREAM},
	[LAYER_STREAM_V6] = {LAYER(7, STREAM_V6), STREAM},
	[LAYER_DATAGRAM_V4] = {LAYER(8, DATAGRAM_DATA_V4), .classify = classify_datagram, COUNTED},
	[LAYER_DATAGRAM_V6] = {LAYER(9, DATAGRAM_DATA_V6), .classify = classify_datagram, COUNTED},
	[LAYER_INBOUND_V4] = {LAYER(10, INBOUND_TRANSPORT_V4), .classify = classify_inbound, HELD},
	[LAYER_INBOUND_V6] = {LAYER(11, INBOUND_TRANSPORT_V6), .classify = classify_inbound, HELD},
	[LAYER_OUTBOUND_V4] = {LAYER(12, OUTBOUND_TRANSPORT_V4), .classify = classify_outbound, HELD},
	[LAYER_OUTBOUND_V6] = {LAYER(13, OUTBOUND_TRANSPORT_V6), .classify = classify_outbound, HELD},
	[LAYER_CLOSURE_V4] = {LAYER(14, ALE_ENDPOINT_CLOSURE_V4), CLOSURE},
	[LAYER_CLOSURE_V6] = {LAYER(15, ALE_ENDPOINT_CLOSURE_V6), CLOSURE},
};

static NTSTATUS NTAPI ignore_notification(FWPS_CALLOUT_NOTIFY_TYPE type, const GUID *filter_key, FWPS_FILTER1 *filter)
{
	UNREFERENCED_PARAMETER(type);
	UNREFERENCED_PARAMETER(filter_key);
	UNREFERENCED_PARAMETER(filter);
	return STATUS_SUCCESS;
}

/* Receive segment coalescing came with Windows 8, and with it the flag that leaves it on. */
static UINT32 flags_of(const struct layer_info *layer)
{
	BOOLEAN counts = layer->keeps_contexts && !layer->limits;

	return layer->callout_flags | (counts && pool_type != NonPagedPool ? FWP_CALLOUT_FLAG_ALLOW_RSC : 0);
}

static NTSTATUS register_one(enum layer index)
{
	const struct layer_info *layer = &layers[index];
	FWPS_CALLOUT1 callout = {
		.calloutKey = layer->callout_key,
		.flags = flags_of(layer),
		.classifyFn = layer->classify,
		.notifyFn = ignore_notification,
		.flowDeleteFn = layer->keeps_contexts ? context_deleted : NULL,
	};

	return FwpsCalloutRegister1(wfp.device, &callout, &wfp.callout_id[index]);
}

static void wait_ten_milliseconds(void)
{
	LARGE_INTEGER interval = {.QuadPart = -TICKS_PER_SECOND / 100};

	KeDelayExecutionThread(KernelMode, FALSE, &interval);
}

/* Only an id that is gone may leave this driver's code; anything else is asked again. */
static void unregister_first(int count)
{
	for (int index = count - 1; index >= 0; index--) {
		while (!NT_SUCCESS(FwpsCalloutUnregisterById0(wfp.callout_id[index])))
			wait_ten_milliseconds();
	}
}

NTSTATUS layers_register(void)
{
	for (int index = 0; index < LAYERS; index++) {
		NTSTATUS status = register_one(index);

		if (!NT_SUCCESS(status)) {
			unregister_first(index);
			return status;
		}
	}
	return STATUS_SUCCESS;
}

void layers_unregister(void)
{
	unregister_first(LAYERS);
}
