/* SPDX-License-Identifier: MIT */
/*
 * Holds packets back so that a limit is kept.
 *
 * A limiter is a token bucket for each direction, used by the flows of one process or, for
 * a shared rule, of many. A packet that finds a token and nobody waiting passes. Others
 * wait in their flow's queue, first in, first out; the flows of a bucket take turns. A
 * worker takes out what is due. A packet never overtakes an earlier one of its flow: as
 * long as one waits, or is on its way back into the stack, those after it wait as well.
 *
 * What waits for one bucket is bounded, and so is what waits for all of them; what finds no room is dropped, as a
 * router would, and the peer or the stack sends it again.
 *
 * One lock guards all of it. Only packets of limited processes come here.
 */
#ifndef NETFLOW_COMMON_SHAPER_H
#define NETFLOW_COMMON_SHAPER_H

#include "bucket.h"

struct limiter;

struct gate {
	struct bucket bucket;
	LIST_ENTRY entry;   /* in shaper.busy while any queue waits */
	LIST_ENTRY waiting; /* struct queue, the next one first */
	ULONG queues;       /* how many */
	ULONG64 held_bytes;
	struct limiter *limiter;
};

struct limiter {
	volatile LONG references;
	struct gate gate[NETFLOW_DIRECTIONS];
};

/* Of one flow and direction; part of the flow. */
struct queue {
	LIST_ENTRY packets; /* struct held */
	LIST_ENTRY entry;   /* in gate->waiting */
	ULONG64 held_bytes;
	struct gate *gate; /* the one it waits for; NULL: it does not wait */
	LONG returning;    /* packets taken out that are not back in the stack yet */
};

/* A packet that waits; first member of the driver's own record of it. */
struct held {
	LIST_ENTRY entry;
	struct queue *queue;
	ULONG bytes; /* of payload */
};

struct shaper {
	KSPIN_LOCK lock;
	LIST_ENTRY busy; /* struct gate */
	ULONG held;      /* packets that wait or are returning */
	ULONG waiting;   /* those that wait */
	ULONG64 waiting_bytes;
	BOOLEAN open; /* lets everything pass: the machine goes to sleep, or the driver */
	volatile LONG64 dropped;
};

enum verdict {
	VERDICT_PASS,
	VERDICT_HOLD,
	VERDICT_DROP,
};

/* Makes the record of a packet that has to wait. NULL: no memory. Called with the shaper's lock held. */
typedef struct held *capture_routine(void *context);

struct arrival {
	struct limiter **limiter; /* of its process; what it points to is guarded by the shaper's lock */
	struct queue *queue;
	int direction;
	ULONG bytes; /* of payload; 0: costs nothing, but keeps its place in the order */
	capture_routine *capture;
	void *context;
};

void shaper_initialize(struct shaper *shaper);
void queue_initialize(struct queue *queue);

/* NULL: no memory. The caller holds the one reference. */
struct limiter *limiter_create(void);
void limiter_reference(struct limiter *limiter);
void limiter_release(struct limiter *limiter);

/* All of these: IRQL <= DISPATCH_LEVEL. */

/* `rates` of NETFLOW_UNLIMITED let pass what waits. The caller wakes the worker. */
void limiter_set(struct shaper *shaper, struct limiter *limiter, const ULONG64 rates[NETFLOW_DIRECTIONS], ULONG64 now);

/*
 * Puts `limiter`, of which it takes over one reference, in the place of `*place`. What waits there goes on as it would:
 * one that nobody else uses is set to NETFLOW_UNLIMITED before. A place is filled once and never emptied, so that no
 * packet passes those that are still on their way.
 */
void limiter_replace(struct shaper *shaper, struct limiter **place, struct limiter *limiter);

/* On VERDICT_HOLD the packet has been captured and waits. */
enum verdict shaper_admit(struct shaper *shaper, const struct arrival *arrival, ULONG64 now);

#define SHAPER_NOTHING_WAITS (~0ull)

/*
 * Moves what may pass now to `due`, at most `most` packets. Returns the ticks until there
 * is more; 0: at once; SHAPER_NOTHING_WAITS.
 */
ULONG64 shaper_take(struct shaper *shaper, ULONG64 now, ULONG most, LIST_ENTRY *due);

/* The packet that was taken is back in the stack, or gone; its record is the caller's. */
void shaper_returned(struct shaper *shaper, struct queue *queue);

/* From now on (or, FALSE, no longer) everything is due at once. The caller wakes the worker. */
void shaper_open(struct shaper *shaper, BOOLEAN open);

/* Packets that wait or are returning. */
ULONG shaper_held(struct shaper *shaper);

/* TRUE: none of this queue's. */
BOOLEAN shaper_is_idle(struct shaper *shaper, const struct queue *queue);

#endif
