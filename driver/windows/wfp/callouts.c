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

/*
 * Receive segment coalescing came with Windows 8, and with it the flag that leaves it on. Who holds packets has them
 * come one by one. What the adapter may do by itself does not change what is counted; but before Windows 10 it might
 * have the whole connection.
 */
static UINT32 flags_of(const struct layer_info *layer)
{
	UINT32 flags = layer->callout_flags;

	if (!layer->limits && pool_type != NonPagedPool)
		flags |= FWP_CALLOUT_FLAG_ALLOW_RSC;
	if (!layer->limits && layer->keeps_contexts && is_windows_10)
		flags |= FWP_CALLOUT_FLAG_ALLOW_OFFLOAD;
	return flags;
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

/* Only an id that is gone may leave this driver's code. Until then a context of it may be left, or a call. */
static void unregister_one(const struct layer_info *layer, UINT32 id)
{
	for (;;) {
		NTSTATUS status = FwpsCalloutUnregisterById0(id);

		if (NT_SUCCESS(status) || status == STATUS_FWP_CALLOUT_NOT_FOUND)
			return;
		if (layer->keeps_contexts)
			contexts_recall(layer->limits);
		wait_ten_milliseconds();
	}
}

static void unregister_first(int count, BOOLEAN limiting)
{
	for (int index = count - 1; index >= 0; index--) {
		if (layers[index].limits == limiting)
			unregister_one(&layers[index], wfp.callout_id[index]);
	}
}

NTSTATUS callouts_register(BOOLEAN limiting)
{
	for (int index = 0; index < LAYERS; index++) {
		NTSTATUS status = layers[index].limits == limiting ? register_one(index) : STATUS_SUCCESS;

		if (!NT_SUCCESS(status)) {
			unregister_first(index, limiting);
			return status;
		}
	}
	return STATUS_SUCCESS;
}

void callouts_unregister(BOOLEAN limiting)
{
	contexts_recall(limiting);
	unregister_first(LAYERS, limiting);
}
