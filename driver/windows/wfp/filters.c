/* SPDX-License-Identifier: MIT */
#include "filters.h"
#include "layers.h"

static const GUID provider_key = {0x6e657466, 0x6c6f, 0x4777, {0x9c, 0x1d, 0x2e, 0x5b, 0x40, 0x7a, 0x81, 0xf0}};
static const GUID sublayer_key = {0x6e657466, 0x6c6f, 0x4777, {0x9c, 0x1d, 0x2e, 0x5b, 0x40, 0x7a, 0x81, 0xf1}};
static wchar_t name[] = L"NetFlow";
static wchar_t description[] = L"Counts what each process sends and receives, and holds it to a limit";

static UINT64 filter_id[LAYERS]; /* of those that are there */

static NTSTATUS add_owner(HANDLE session)
{
	FWPM_PROVIDER0 provider = {.providerKey = provider_key, .displayData = {name, description}};
	FWPM_SUBLAYER0 sublayer = {
		.subLayerKey = sublayer_key,
		.displayData = {name, description},
		.providerKey = (GUID *)&provider_key,
		.weight = 0, /* below FWPM_SUBLAYER_UNIVERSAL, so that IPsec comes first */
	};
	NTSTATUS status = FwpmProviderAdd0(session, &provider, NULL);

	return NT_SUCCESS(status) ? FwpmSubLayerAdd0(session, &sublayer, NULL) : status;
}

static NTSTATUS add_callout(HANDLE session, const struct layer_info *layer)
{
	FWPM_CALLOUT0 callout = {
		.calloutKey = layer->callout_key,
		.displayData = {name, description},
		.providerKey = (GUID *)&provider_key,
		.applicableLayer = *layer->key,
	};

	return FwpmCalloutAdd0(session, &callout, NULL, NULL);
}

/* Without its callout, a filter that inspects is ignored, and others block unless they say this. */
static UINT32 flags_for(FWP_ACTION_TYPE action)
{
	return action == FWP_ACTION_CALLOUT_INSPECTION ? 0 : FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED;
}

static NTSTATUS add_filter(HANDLE session, enum layer index)
{
	const struct layer_info *layer = &layers[index];
	FWPM_FILTER_CONDITION0 condition = {
		.matchType = layer->match,
		.conditionValue = {.type = layer->type},
	};
	FWPM_FILTER0 filter = {
		.displayData = {name, description},
		.flags = flags_for(layer->action),
		.providerKey = (GUID *)&provider_key,
		.layerKey = *layer->key,
		.subLayerKey = sublayer_key,
		.weight = {.type = FWP_EMPTY},
		.numFilterConditions = layer->condition ? 1 : 0,
		.filterCondition = layer->condition ? &condition : NULL,
		.action = {.type = layer->action, .calloutKey = layer->callout_key},
	};

	if (layer->condition)
		condition.fieldKey = *layer->condition;
	if (layer->type == FWP_UINT8)
		condition.conditionValue.uint8 = (UINT8)layer->value;
	else
		condition.conditionValue.uint32 = layer->value;
	return FwpmFilterAdd0(session, &filter, NULL, &filter_id[index]);
}

static NTSTATUS add_filters(HANDLE session, BOOLEAN limiting)
{
	NTSTATUS status = STATUS_SUCCESS;

	for (int index = 0; index < LAYERS && NT_SUCCESS(status); index++) {
		if (layers[index].limits == limiting)
			status = add_filter(session, index);
	}
	return status;
}

static NTSTATUS add_counting(HANDLE session)
{
	NTSTATUS status = add_owner(session);

	for (int index = 0; index < LAYERS && NT_SUCCESS(status); index++)
		status = add_callout(session, &layers[index]);
	return NT_SUCCESS(status) ? add_filters(session, FALSE) : status;
}

static NTSTATUS add_limiting(HANDLE session)
{
	return add_filters(session, TRUE);
}

static NTSTATUS remove_limiting(HANDLE session)
{
	NTSTATUS status = STATUS_SUCCESS;

	for (int index = 0; index < LAYERS && NT_SUCCESS(status); index++) {
		if (layers[index].limits)
			status = FwpmFilterDeleteById0(session, filter_id[index]);
	}
	return status;
}

/* One that is left open would keep everybody else from changing anything. */
static NTSTATUS in_transaction(HANDLE session, NTSTATUS (*change)(HANDLE session))
{
	NTSTATUS status = FwpmTransactionBegin0(session, 0);

	if (!NT_SUCCESS(status))
		return status;
	status = change(session);
	if (NT_SUCCESS(status))
		status = FwpmTransactionCommit0(session);
	if (!NT_SUCCESS(status))
		FwpmTransactionAbort0(session);
	return status;
}

NTSTATUS filters_add_counting(HANDLE session)
{
	return in_transaction(session, add_counting);
}

NTSTATUS filters_add_limiting(HANDLE session)
{
	return in_transaction(session, add_limiting);
}

NTSTATUS filters_remove_limiting(HANDLE session)
{
	return in_transaction(session, remove_limiting);
}
