/* SPDX-License-Identifier: MIT */
/*
 * Where the driver looks: every layer with its callout and its filter.
 */
#ifndef NETFLOW_WFP_LAYERS_H
#define NETFLOW_WFP_LAYERS_H

#include "wfp.h"

struct layer_info {
	UINT16 id; /* FWPS_LAYER_* */
	const GUID *key;
	GUID callout_key;
	FWPS_CALLOUT_CLASSIFY_FN1 classify;
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

/* IRQL == PASSIVE_LEVEL. All callouts or none. */
NTSTATUS layers_register(void);

/* IRQL == PASSIVE_LEVEL. Waits for what still runs in them. No flow may be a context any more. */
void layers_unregister(void);

#endif
