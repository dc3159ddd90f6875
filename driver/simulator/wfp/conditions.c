/* SPDX-License-Identifier: MIT */
/* Conditions of filters, as far as the simulation knows fields: protocol, flags, direction. */
#include "internal.h"

static const GUID condition_direction = {0x8784c146, 0xca97, 0x44d6, {0x9f, 0xd1, 0x19, 0xfb, 0x18, 0x40, 0xcb, 0xf7}};

enum field { FIELD_NONE, FIELD_PROTOCOL, FIELD_FLAGS, FIELD_DIRECTION };

static enum field field_of(const GUID *key)
{
	if (sim_same_key(key, &FWPM_CONDITION_IP_PROTOCOL))
		return FIELD_PROTOCOL;
	if (sim_same_key(key, &FWPM_CONDITION_FLAGS))
		return FIELD_FLAGS;
	return sim_same_key(key, &condition_direction) ? FIELD_DIRECTION : FIELD_NONE;
}

/* A stream is TCP's alone, and a layer of one direction has no field for it. */
static BOOLEAN has_field(UINT16 layer, enum field field)
{
	switch (field) {
	case FIELD_PROTOCOL:
		return !sim_is_stream_layer(layer);
	case FIELD_FLAGS:
		return TRUE;
	case FIELD_DIRECTION:
		return sim_is_stream_layer(layer) || layer == FWPS_LAYER_DATAGRAM_DATA_V4 ||
		       layer == FWPS_LAYER_DATAGRAM_DATA_V6 || layer == FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4 ||
		       layer == FWPS_LAYER_ALE_FLOW_ESTABLISHED_V6;
	default:
		return FALSE;
	}
}

static BOOLEAN is_of_flags(FWP_MATCH_TYPE match)
{
	return match == FWP_MATCH_FLAGS_ALL_SET || match == FWP_MATCH_FLAGS_ANY_SET ||
	       match == FWP_MATCH_FLAGS_NONE_SET;
}

static NTSTATUS check_one(const FWPM_FILTER_CONDITION0 *condition, UINT16 layer)
{
	enum field field = field_of(&condition->fieldKey);

	if (!has_field(layer, field))
		return STATUS_FWP_CONDITION_NOT_FOUND;
	if (condition->conditionValue.type != (field == FIELD_PROTOCOL ? FWP_UINT8 : FWP_UINT32))
		return STATUS_FWP_TYPE_MISMATCH;
	if (condition->matchType != FWP_MATCH_EQUAL && !is_of_flags(condition->matchType))
		return STATUS_FWP_MATCH_TYPE_MISMATCH; /* Windows has more; the simulation does not */
	if (is_of_flags(condition->matchType) && field != FIELD_FLAGS)
		return STATUS_FWP_MATCH_TYPE_MISMATCH;
	return STATUS_SUCCESS;
}

NTSTATUS sim_conditions_check(const FWPM_FILTER0 *filter, UINT16 layer)
{
	NTSTATUS status = STATUS_SUCCESS;

	if (filter->numFilterConditions && !filter->filterCondition)
		return STATUS_FWP_NULL_POINTER;
	if (!filter->numFilterConditions && filter->filterCondition)
		return STATUS_FWP_ZERO_LENGTH_ARRAY; /* win32, FWP, WFP Error Codes; Windows may not mind */
	ENGINE_ASSERT(filter->numFilterConditions <= MOST_CONDITIONS, "more conditions than the simulation knows");
	for (ULONG index = 0; index < filter->numFilterConditions && NT_SUCCESS(status); index++)
		status = check_one(&filter->filterCondition[index], layer);
	return status;
}

static BOOLEAN matches(FWP_MATCH_TYPE match, UINT32 value, UINT32 wanted)
{
	switch (match) {
	case FWP_MATCH_FLAGS_ALL_SET:
		return (value & wanted) == wanted;
	case FWP_MATCH_FLAGS_ANY_SET:
		return (value & wanted) != 0;
	case FWP_MATCH_FLAGS_NONE_SET:
		return (value & wanted) == 0;
	default:
		return value == wanted;
	}
}

static BOOLEAN applies(const FWPM_FILTER_CONDITION0 *condition, const struct sim_facts *facts)
{
	switch (field_of(&condition->fieldKey)) {
	case FIELD_PROTOCOL:
		return facts->protocol == condition->conditionValue.uint8;
	case FIELD_FLAGS:
		return matches(condition->matchType, facts->flags, condition->conditionValue.uint32);
	default:
		return facts->direction == condition->conditionValue.uint32;
	}
}

/* Of the conditions on one field any must apply, and so for every field. */
BOOLEAN sim_conditions_apply(const struct sim_filter *filter, const struct sim_facts *facts)
{
	for (ULONG index = 0; index < filter->conditions; index++) {
		BOOLEAN any = FALSE;

		for (ULONG other = 0; other < filter->conditions && !any; other++) {
			any = sim_same_key(&filter->condition[index].fieldKey, &filter->condition[other].fieldKey) &&
			      applies(&filter->condition[other], facts);
		}
		if (!any)
			return FALSE;
	}
	return TRUE;
}
