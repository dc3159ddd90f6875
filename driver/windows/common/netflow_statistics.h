/* SPDX-License-Identifier: MIT */
/*
 * The sums of everything that the driver knows.
 */
#ifndef NETFLOW_COMMON_NETFLOW_STATISTICS_H
#define NETFLOW_COMMON_NETFLOW_STATISTICS_H

#include "netflow.h"

/* IRQL == PASSIVE_LEVEL. Fills in a record without a header. */
void netflow_statistics(struct netflow *netflow, struct netflow_statistics *statistics);

#endif
