/* SPDX-License-Identifier: MIT */
/*
 * The functions that WFP calls: each IRQL <= DISPATCH_LEVEL, from any thread, of any number at a time.
 */
#ifndef NETFLOW_WFP_CLASSIFY_H
#define NETFLOW_WFP_CLASSIFY_H

#include "wfp.h"

#define CLASSIFY(name)                                                                                                 \
	void NTAPI name(const FWPS_INCOMING_VALUES0 *values, const FWPS_INCOMING_METADATA_VALUES0 *metadata,           \
			void *data, const void *classify_context, const wfp_filter *filter, UINT64 flow_context,       \
			FWPS_CLASSIFY_OUT0 *out)

CLASSIFY(classify_established);  /* establish.c */
CLASSIFY(classify_reauthorized); /* establish.c */
CLASSIFY(classify_stream);       /* count.c */
CLASSIFY(classify_datagram);     /* count.c */
CLASSIFY(classify_inbound);      /* hold.c */
CLASSIFY(classify_outbound);     /* hold.c */
CLASSIFY(classify_closure);      /* closure.c */

/* A field that this version of Windows has and that is not empty, or NULL. */
static inline const FWP_VALUE0 *field(const FWPS_INCOMING_VALUES0 *values, UINT32 index, FWP_DATA_TYPE type)
{
	const FWP_VALUE0 *value = index < values->valueCount ? &values->incomingValue[index].value : NULL;

	return value && value->type == type ? value : NULL;
}

static inline BOOLEAN has_metadata(const FWPS_INCOMING_METADATA_VALUES0 *metadata, UINT32 fields)
{
	return (metadata->currentMetadataValues & fields) == fields;
}

#endif
