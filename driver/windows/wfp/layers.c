/* SPDX-License-Identifier: MIT */
#include "layers.h"

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
	.action = FWP_ACTION_CALLOUT_INSPECTION, .condition = &FWPM_CONDITION_FLAGS, .match = FWP_MATCH_FLAGS_ALL_SET, \
	.type = FWP_UINT32, .value = FWP_CONDITION_FLAG_IS_REAUTHORIZE

#define COUNTED                                                                                                        \
	.keeps_contexts = TRUE, .action = FWP_ACTION_CALLOUT_INSPECTION,                                               \
	.callout_flags = FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW

#define STREAM                                                                                                         \
	.keeps_contexts = TRUE, .action = FWP_ACTION_CALLOUT_INSPECTION,                                               \
	.callout_flags = FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW | FWP_CALLOUT_FLAG_ALLOW_MID_STREAM_INSPECTION

/* Not what stays within this machine: such a packet can't be put back into the receive path. */
#define HELD                                                                                                           \
	.keeps_contexts = TRUE, .limits = TRUE, .action = FWP_ACTION_CALLOUT_UNKNOWN,                                  \
	.callout_flags = FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW, .condition = &FWPM_CONDITION_FLAGS,                     \
	.match = FWP_MATCH_FLAGS_NONE_SET, .type = FWP_UINT32, .value = FWP_CONDITION_FLAG_IS_LOOPBACK

#define CLOSURE                                                                                                        \
	.limits = TRUE, .action = FWP_ACTION_CALLOUT_UNKNOWN, .condition = &FWPM_CONDITION_IP_PROTOCOL,                \
	.match = FWP_MATCH_EQUAL, .type = FWP_UINT8, .value = NETFLOW_UDP

#define LAYER(name, layer) .id = FWPS_LAYER_##layer, .key = &FWPM_LAYER_##layer, .callout_key = CALLOUT_KEY(name)

const struct layer_info layers[LAYERS] = {
	[LAYER_ESTABLISHED_V4] = {LAYER(0, ALE_FLOW_ESTABLISHED_V4), .action = FWP_ACTION_CALLOUT_INSPECTION},
	[LAYER_ESTABLISHED_V6] = {LAYER(1, ALE_FLOW_ESTABLISHED_V6), .action = FWP_ACTION_CALLOUT_INSPECTION},
	[LAYER_CONNECT_V4] = {LAYER(2, ALE_AUTH_CONNECT_V4), REAUTHORIZED},
	[LAYER_CONNECT_V6] = {LAYER(3, ALE_AUTH_CONNECT_V6), REAUTHORIZED},
	[LAYER_ACCEPT_V4] = {LAYER(4, ALE_AUTH_RECV_ACCEPT_V4), REAUTHORIZED},
	[LAYER_ACCEPT_V6] = {LAYER(5, ALE_AUTH_RECV_ACCEPT_V6), REAUTHORIZED},
	[LAYER_STREAM_V4] = {LAYER(6, STREAM_V4), STREAM},
	[LAYER_STREAM_V6] = {LAYER(7, STREAM_V6), STREAM},
	[LAYER_DATAGRAM_V4] = {LAYER(8, DATAGRAM_DATA_V4), COUNTED},
	[LAYER_DATAGRAM_V6] = {LAYER(9, DATAGRAM_DATA_V6), COUNTED},
	[LAYER_INBOUND_V4] = {LAYER(10, INBOUND_TRANSPORT_V4), HELD},
	[LAYER_INBOUND_V6] = {LAYER(11, INBOUND_TRANSPORT_V6), HELD},
	[LAYER_OUTBOUND_V4] = {LAYER(12, OUTBOUND_TRANSPORT_V4), HELD},
	[LAYER_OUTBOUND_V6] = {LAYER(13, OUTBOUND_TRANSPORT_V6), HELD},
	[LAYER_CLOSURE_V4] = {LAYER(14, ALE_ENDPOINT_CLOSURE_V4), CLOSURE},
	[LAYER_CLOSURE_V6] = {LAYER(15, ALE_ENDPOINT_CLOSURE_V6), CLOSURE},
};
