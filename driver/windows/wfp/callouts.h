/* SPDX-License-Identifier: MIT */
/*
 * The driver's callouts, one for each layer. Both: IRQL == PASSIVE_LEVEL.
 */
#ifndef NETFLOW_WFP_CALLOUTS_H
#define NETFLOW_WFP_CALLOUTS_H

#include "wfp.h"

/* All callouts or none. */
NTSTATUS callouts_register(void);

/* Waits for what still runs in them. No flow may be a context any more. */
void callouts_unregister(void);

#endif
