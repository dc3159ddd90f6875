/* SPDX-License-Identifier: MIT */
/*
 * The layers at which the driver looks, and for each the keys, the flags and the condition of its callout and its
 * filter.
 */
#ifndef NETFLOW_WFP_LAYERS_H
#define NETFLOW_WFP_LAYERS_H

#include "wfp.h"

struct layer_info {
	UINT16 id; /* FWPS_LAYER_* */
	const GUID *key;
	GUID callout_key;
	UINT32 callout_flags;
	BOOLEAN keeps_contexts;
	BOOLEAN limits; /* its filter is there only while there are limits */
	FWP_ACTION_TYPE action;
	const GUID *condition; /* one, or NULL */
	FWP_MATCH_TYPE match;
	FWP_DATA_TYPE type;
	UINT32 value;
};

extern const struct layer_info layers[LAYERS];

#endif
