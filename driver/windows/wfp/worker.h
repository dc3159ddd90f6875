/* SPDX-License-Identifier: MIT */
/*
 * One thread at PASSIVE_LEVEL, for what a classify function may not do: put packets back into the stack when they are
 * due, ask the system about new processes, take away the filters of limits that are no more.
 */
#ifndef NETFLOW_WFP_WORKER_H
#define NETFLOW_WFP_WORKER_H

#include "wfp.h"

/* IRQL == PASSIVE_LEVEL. */
NTSTATUS worker_start(void);

/* IRQL == PASSIVE_LEVEL. Returns when nothing is held and nobody waits any more, and the thread has ended. */
void worker_stop(void);

/* IRQL <= DISPATCH_LEVEL. There may be something to do. */
void worker_wake(void);

/* IRQL <= DISPATCH_LEVEL. TRUE: holds nothing from now on, as the machine goes to sleep. */
void worker_suspend(BOOLEAN suspend);

#endif
