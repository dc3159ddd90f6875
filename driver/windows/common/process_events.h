/* SPDX-License-Identifier: MIT */
/*
 * Windows notifies the driver of processes that begin and exit. Both: IRQL == PASSIVE_LEVEL.
 */
#ifndef NETFLOW_COMMON_PROCESS_EVENTS_H
#define NETFLOW_COMMON_PROCESS_EVENTS_H

#include "netflow.h"

NTSTATUS process_events_start(struct netflow *netflow);

/* Returns when no notification is under way any more. */
void process_events_stop(void);

#endif
