/* SPDX-License-Identifier: MIT */
/*
 * The driver's callouts, one for each layer. Both: IRQL == PASSIVE_LEVEL.
 */
#ifndef NETFLOW_WFP_CALLOUTS_H
#define NETFLOW_WFP_CALLOUTS_H

#include "wfp.h"

/* All callouts that hold, or all others; or none of these. */
NTSTATUS callouts_register(BOOLEAN limiting);

/* Gets every flow back from them, and waits for what still runs in them. No flow is handed to them any more. */
void callouts_unregister(BOOLEAN limiting);

#endif
