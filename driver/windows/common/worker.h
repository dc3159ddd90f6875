/* SPDX-License-Identifier: MIT */
/*
 * A thread at PASSIVE_LEVEL, for what the path of a packet may not do. It takes a turn whenever it is woken, or the
 * time has come that it asked for.
 */
#ifndef NETFLOW_COMMON_WORKER_H
#define NETFLOW_COMMON_WORKER_H

#include "kernel_api.h"

#define WORKER_SLEEPS (~0ull) /* until it is woken */

/* Sets `*ticks` to the time until the next turn. TRUE: nothing is under way, so that the thread may end. */
typedef BOOLEAN worker_routine(ULONG64 *ticks);

struct worker {
	worker_routine *turn;
	KEVENT wake;
	PVOID thread;
	volatile LONG is_stopping;
};

/* IRQL == PASSIVE_LEVEL. */
NTSTATUS worker_start(struct worker *worker, worker_routine *turn);

/* IRQL == PASSIVE_LEVEL. Returns when a turn has left nothing under way, and the thread has ended. */
void worker_stop(struct worker *worker);

/* IRQL <= DISPATCH_LEVEL. There may be something to do. */
void worker_wake(struct worker *worker);

#endif
