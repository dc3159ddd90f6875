/* SPDX-License-Identifier: MIT */
/*
 * What the engine refuses of a filter that a driver adds.
 */
#include "internal.h"

#define KNOWN_FLAGS 0x7fu
#define PERSISTENT_FLAGS 0x3u /* persistent, boot time: not in a dynamic session */

BOOLEAN sim_has_callout(FWP_ACTION_TYPE action)
{
	return action == FWP_ACTION_CALLOUT_TERMINATING || action == FWP_ACTION_CALLOUT_INSPECTION ||
	       action == FWP_ACTION_CALLOUT_UNKNOWN;
}

static NTSTATUS check_callout(const FWPM_FILTER0 *filter, UINT16 layer)
{
	if (filter->action.type == FWP_ACTION_BLOCK || filter->action.type == FWP_ACTION_PERMIT)
		return STATUS_SUCCESS;
	if (!sim_has_callout(filter->action.type))
		return STATUS_FWP_INVALID_ACTION_TYPE;
	if (!sim_object_exists(SIM_CALLOUT, &filter->action.calloutKey))
		return STATUS_FWP_CALLOUT_NOT_FOUND;
	if (sim_callout_layer(&filter->action.calloutKey) != layer)
		return STATUS_FWP_INCOMPATIBLE_LAYER;
	return STATUS_SUCCESS;
}

static NTSTATUS check_places(const FWPM_FILTER0 *filter, UINT16 layer, BOOLEAN is_taken)
{
	if (filter->providerKey && !sim_object_exists(SIM_PROVIDER, filter->providerKey))
		return STATUS_FWP_PROVIDER_NOT_FOUND;
	if (!layer)
		return STATUS_FWP_LAYER_NOT_FOUND;
	if (!sim_object_exists(SIM_SUBLAYER, &filter->subLayerKey))
		return STATUS_FWP_SUBLAYER_NOT_FOUND;
	return is_taken ? STATUS_FWP_ALREADY_EXISTS : check_callout(filter, layer);
}

/* "This flag can be set only if the action type is TERMINATING or UNKNOWN": sdk-api, fwpmtypes, FWPM_FILTER0. */
static BOOLEAN permits_without_need(const FWPM_FILTER0 *filter)
{
	return filter->flags & FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED &&
	       filter->action.type != FWP_ACTION_CALLOUT_TERMINATING &&
	       filter->action.type != FWP_ACTION_CALLOUT_UNKNOWN;
}

NTSTATUS sim_filter_check(const struct sim_session *session, const FWPM_FILTER0 *filter, BOOLEAN is_taken)
{
	UINT16 layer = sim_layer_id(&filter->layerKey);
	NTSTATUS status = sim_session_check(session);

	if (!NT_SUCCESS(status))
		return status;
	if (!filter->displayData.name)
		return STATUS_FWP_NULL_DISPLAY_NAME;
	if (filter->flags & (~KNOWN_FLAGS | PERSISTENT_FLAGS) || permits_without_need(filter))
		return STATUS_FWP_INVALID_FLAGS;
	if (filter->weight.type != FWP_EMPTY && filter->weight.type != FWP_UINT64 &&
	    (filter->weight.type != FWP_UINT8 || filter->weight.uint8 > 15))
		return STATUS_FWP_INVALID_WEIGHT;
	status = check_places(filter, layer, is_taken);
	return NT_SUCCESS(status) ? sim_conditions_check(filter, layer) : status;
}
