/* SPDX-License-Identifier: MIT */
#include "callouts.h"
#include "classify.h"
#include "contexts.h"
#include "layers.h"

static const FWPS_CALLOUT_CLASSIFY_FN1 classify[LAYERS] = {
	[LAYER_ESTABLISHED_V4] = classify_established, [LAYER_ESTABLISHED_V6] = classify_established,
	[LAYER_CONNECT_V4] = classify_reauthorized,    [LAYER_CONNECT_V6] = classify_reauthorized,
	[LAYER_ACCEPT_V4] = classify_reauthorized,     [LAYER_ACCEPT_V6] = classify_reauthorized,
	[LAYER_STREAM_V4] = classify_stream,           [LAYER_STREAM_V6] = classify_stream,
	[LAYER_DATAGRAM_V4] = classify_datagram,       [LAYER_DATAGRAM_V6] = classify_datagram,
	[LAYER_INBOUND_V4] = classify_inbound,         [LAYER_INBOUND_V6] = classify_inbound,
	[LAYER_OUTBOUND_V4] = classify_outbound,       [LAYER_OUTBOUND_V6] = classify_outbound,
	[LAYER_CLOSURE_V4] = classify_closure,         [LAYER_CLOSURE_V6] = classify_closure,
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
		.classifyFn = classify[index],
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

NTSTATUS callouts_register(void)
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

void callouts_unregister(void)
{
	unregister_first(LAYERS);
}
