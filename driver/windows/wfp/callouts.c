/* SPDX-License-Identifier: MIT */
#include "callouts.h"
#include "classify.h"
#include "contexts.h"
#include "layers.h"

static const wfp_classify classify[LAYERS] = {
	[LAYER_ESTABLISHED_V4] = classify_established, [LAYER_ESTABLISHED_V6] = classify_established,
	[LAYER_CONNECT_V4] = classify_reauthorized,    [LAYER_CONNECT_V6] = classify_reauthorized,
	[LAYER_ACCEPT_V4] = classify_reauthorized,     [LAYER_ACCEPT_V6] = classify_reauthorized,
	[LAYER_STREAM_V4] = classify_stream,           [LAYER_STREAM_V6] = classify_stream,
	[LAYER_DATAGRAM_V4] = classify_datagram,       [LAYER_DATAGRAM_V6] = classify_datagram,
	[LAYER_INBOUND_V4] = classify_inbound,         [LAYER_INBOUND_V6] = classify_inbound,
	[LAYER_OUTBOUND_V4] = classify_outbound,       [LAYER_OUTBOUND_V6] = classify_outbound,
	[LAYER_CLOSURE_V4] = classify_closure,         [LAYER_CLOSURE_V6] = classify_closure,
};

static NTSTATUS NTAPI ignore_notification(FWPS_CALLOUT_NOTIFY_TYPE type, const GUID *filter_key, wfp_filter *filter)
{
	UNREFERENCED_PARAMETER(type);
	UNREFERENCED_PARAMETER(filter_key);
	UNREFERENCED_PARAMETER(filter);
	return STATUS_SUCCESS;
}

/*
 * What the network adapter may go on doing by itself: put segments or datagrams together that it receives (RSC, URO),
 * and take apart what is sent (USO). It does not change what is counted; but who holds packets has them come one by
 * one. Before Windows 10 the adapter might have the whole connection, so that offloading is not allowed there.
 */
static UINT32 allowed_flags(const struct layer_info *layer)
{
	UINT32 flags = 0;

	if (layer->limits || windows_build < WINDOWS_8)
		return 0;
	flags |= FWP_CALLOUT_FLAG_ALLOW_RSC;
	if (layer->keeps_contexts && windows_build >= WINDOWS_10)
		flags |= FWP_CALLOUT_FLAG_ALLOW_OFFLOAD;
	if (windows_build >= WINDOWS_10_1903)
		flags |= FWP_CALLOUT_FLAG_ALLOW_USO;
	if (windows_build >= WINDOWS_10_2004)
		flags |= FWP_CALLOUT_FLAG_ALLOW_URO;
	return flags;
}

static NTSTATUS register_with(enum layer index, UINT32 allowed)
{
	const struct layer_info *layer = &layers[index];
	wfp_callout callout = {
		.calloutKey = layer->callout_key,
		.flags = layer->callout_flags | allowed,
		.classifyFn = classify[index],
		.notifyFn = ignore_notification,
		.flowDeleteFn = layer->keeps_contexts ? context_deleted : NULL,
	};

	return wfp_callout_register(wfp.device, &callout, &wfp.callout_id[index]);
}

/* Which version takes which flag is not the same on all of Microsoft's pages: what is refused is left out. */
static NTSTATUS register_one(enum layer index)
{
	UINT32 allowed = allowed_flags(&layers[index]);
	UINT32 older = allowed & (FWP_CALLOUT_FLAG_ALLOW_RSC | FWP_CALLOUT_FLAG_ALLOW_OFFLOAD);
	NTSTATUS status = register_with(index, allowed);

	if (!NT_SUCCESS(status) && older != allowed)
		status = register_with(index, older);
	if (!NT_SUCCESS(status) && older)
		status = register_with(index, 0);
	return status;
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
