/* SPDX-License-Identifier: MIT */
/*
 * The duties of the worker's thread: it puts packets back into the stack when they are due, lets sockets close, asks
 * the system about new processes, and takes away the filters of limits that are no more.
 */
#ifndef NETFLOW_WFP_DUTIES_H
#define NETFLOW_WFP_DUTIES_H

#include "wfp.h"

/* IRQL == PASSIVE_LEVEL. The worker's routine. TRUE: nothing is held, and no socket waits to close. */
BOOLEAN duties_perform(ULONG64 *ticks);

#endif
