/* SPDX-License-Identifier: MIT */
/*
 * The driver's objects in the base filtering engine: there while it runs, gone with our session whatever happens.
 */
#ifndef NETFLOW_WFP_FILTERS_H
#define NETFLOW_WFP_FILTERS_H

#include "wfp.h"

/* All: IRQL == PASSIVE_LEVEL. */

/* Before anything else here, and before the duties. */
void filters_initialize(void);

/* Adds the filters that count now, or, where the service is not there yet, when it comes. */
NTSTATUS filters_start(void);

/* No callout is called for anything new from here on. */
void filters_stop(void);

/* There are limits: adds the filters that hold. `limits_changed` of struct netflow. */
void filters_limits_changed(struct netflow *netflow, struct process_node *process);

/* Takes those away when nothing is limited and nothing held any more. */
void filters_drop_unused(void);

#endif
