/* SPDX-License-Identifier: MIT */
/*
 * The driver's objects in the base filtering engine: they go with the session that has added them. Each change is a
 * transaction, whole or not at all, for which the engine may take many seconds. All: IRQL == PASSIVE_LEVEL.
 */
#ifndef NETFLOW_WFP_FILTERS_H
#define NETFLOW_WFP_FILTERS_H

#include "wfp.h"

/* The first thing of a session: whom the filters belong to, their callouts, and the filters that count. */
NTSTATUS filters_add_counting(HANDLE session);

/* Those that hold. */
NTSTATUS filters_add_limiting(HANDLE session);
NTSTATUS filters_remove_limiting(HANDLE session);

#endif
