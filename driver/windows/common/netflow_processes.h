/* SPDX-License-Identifier: MIT */
/*
 * Processes begin, exit and are described: what Windows reports of them, applied to the table.
 * All: IRQL == PASSIVE_LEVEL.
 */
#ifndef NETFLOW_COMMON_NETFLOW_PROCESSES_H
#define NETFLOW_COMMON_NETFLOW_PROCESSES_H

#include "netflow.h"

/* A process of this id is new: whoever had it before has exited, though nobody said so. */
void netflow_process_began(struct netflow *netflow, ULONG process_id);

/* A process of this id has exited; called while the system still knows it. */
void netflow_process_exited(struct netflow *netflow, ULONG process_id);

/* Asks the system about every process that is known by its flows only. */
void netflow_describe_processes(struct netflow *netflow);

#endif
