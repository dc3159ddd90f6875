/* SPDX-License-Identifier: MIT */
#include "shaper.h"

/*
 * What may wait for one bucket: a fifth of a second, so that others of its process wait no longer than that; at low
 * rates 64 KB. TCP sends up to 64 KB as one packet, which the network adapter divides: at least four of these, since a
 * window is lost with each that is dropped. But nothing waits for longer than five seconds.
 */
#define QUEUES_PER_SECOND 5
#define LEAST_QUEUE_BYTES 65536ull
#define LEAST_QUEUE_PACKETS 4
#define LONGEST_QUEUE_SECONDS 5
#define MOST_QUEUE_BYTES (4ull << 20)

/* All buckets together: what waits is in the kernel's memory. */
#define MOST_WAITING_BYTES (64ull << 20)
#define MOST_WAITING_PACKETS 65536

void shaper_initialize(struct shaper *shaper)
{
	RtlZeroMemory(shaper, sizeof(*shaper));
	KeInitializeSpinLock(&shaper->lock);
	InitializeListHead(&shaper->busy);
}

void queue_initialize(struct queue *queue)
{
	RtlZeroMemory(queue, sizeof(*queue));
	InitializeListHead(&queue->packets);
}

struct limiter *limiter_create(void)
{
	struct limiter *limiter = allocate(sizeof(*limiter), TAG_RULE);

	if (!limiter)
		return NULL;
	limiter->references = 1;
	for (int direction = 0; direction < NETFLOW_DIRECTIONS; direction++) {
		InitializeListHead(&limiter->gate[direction].waiting);
		limiter->gate[direction].limiter = limiter;
	}
	return limiter;
}

void limiter_reference(struct limiter *limiter)
{
	InterlockedIncrement(&limiter->references);
}

void limiter_release(struct limiter *limiter)
{
	if (InterlockedDecrement(&limiter->references) == 0)
		ExFreePoolWithTag(limiter, TAG_RULE);
}

void limiter_set(struct shaper *shaper, struct limiter *limiter, const ULONG64 rates[NETFLOW_DIRECTIONS], ULONG64 now)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&shaper->lock, &handle);
	for (int direction = 0; direction < NETFLOW_DIRECTIONS; direction++)
		bucket_set_rate(&limiter->gate[direction].bucket, rates[direction], now);
	KeReleaseInStackQueuedSpinLock(&handle);
}

void limiter_replace(struct shaper *shaper, struct limiter **place, struct limiter *limiter)
{
	KLOCK_QUEUE_HANDLE handle;
	struct limiter *before;

	KeAcquireInStackQueuedSpinLock(&shaper->lock, &handle);
	before = *place;
	*place = limiter;
	KeReleaseInStackQueuedSpinLock(&handle);
	if (before)
		limiter_release(before);
}

/* The gate keeps its limiter as long as somebody waits. */
static void wait_at(struct shaper *shaper, struct gate *gate, struct queue *queue)
{
	if (IsListEmpty(&gate->waiting)) {
		InsertTailList(&shaper->busy, &gate->entry);
		limiter_reference(gate->limiter);
	}
	InsertTailList(&gate->waiting, &queue->entry);
	gate->queues++;
	queue->gate = gate;
}

static void leave_gate(struct gate *gate, struct queue *queue)
{
	RemoveEntryList(&queue->entry);
	gate->queues--;
	queue->gate = NULL;
	if (IsListEmpty(&gate->waiting)) {
		RemoveEntryList(&gate->entry);
		limiter_release(gate->limiter);
	}
}

static ULONG64 larger(ULONG64 one, ULONG64 other)
{
	return one > other ? one : other;
}

static ULONG64 smaller(ULONG64 one, ULONG64 other)
{
	return one < other ? one : other;
}

static ULONG64 room_for(const struct gate *gate, ULONG bytes)
{
	ULONG64 rate = gate->bucket.rate;
	ULONG64 room =
		larger(rate / QUEUES_PER_SECOND, larger(LEAST_QUEUE_BYTES, (ULONG64)bytes * LEAST_QUEUE_PACKETS));

	if (rate == NETFLOW_UNLIMITED)
		return MOST_QUEUE_BYTES;
	return smaller(smaller(room, rate * LONGEST_QUEUE_SECONDS), MOST_QUEUE_BYTES);
}

/*
 * A flow that has less than its share of the room is let in where others have filled it: a packet that is sent again
 * would be dropped again. So is the only packet of a flow, as nothing but a timeout would tell its sender.
 */
static BOOLEAN has_room(const struct shaper *shaper, const struct gate *gate, const struct arrival *arrival)
{
	const struct queue *queue = arrival->queue;
	ULONG bytes = arrival->bytes;
	ULONG64 room = room_for(gate, bytes);

	if (shaper->waiting == MOST_WAITING_PACKETS || shaper->waiting_bytes + bytes > MOST_WAITING_BYTES)
		return FALSE;
	if (bytes == 0 || gate->held_bytes + bytes <= room)
		return TRUE;
	return (IsListEmpty(&queue->packets) || queue->held_bytes + bytes <= room / gate->queues) &&
	       gate->held_bytes + bytes <= MOST_QUEUE_BYTES;
}

static enum verdict hold(struct shaper *shaper, struct gate *gate, const struct arrival *arrival)
{
	struct held *held = has_room(shaper, gate, arrival) ? arrival->capture(arrival->context) : NULL;

	if (!held) {
		InterlockedIncrement64(&shaper->dropped);
		return VERDICT_DROP;
	}
	held->queue = arrival->queue;
	held->bytes = arrival->bytes;
	InsertTailList(&arrival->queue->packets, &held->entry);
	gate->held_bytes += held->bytes;
	arrival->queue->held_bytes += held->bytes;
	shaper->waiting_bytes += held->bytes;
	shaper->waiting++;
	shaper->held++;
	if (!arrival->queue->gate)
		wait_at(shaper, gate, arrival->queue);
	return VERDICT_HOLD;
}

static enum verdict admit(struct shaper *shaper, const struct arrival *arrival, ULONG64 now)
{
	struct queue *queue = arrival->queue;
	struct limiter *limiter = *arrival->limiter;
	struct gate *gate = queue->gate ? queue->gate : limiter ? &limiter->gate[arrival->direction] : NULL;

	if (!gate || (shaper->open && !queue->gate))
		return VERDICT_PASS;
	if (queue->gate || queue->returning)
		return hold(shaper, gate, arrival);
	if (arrival->bytes == 0)
		return VERDICT_PASS;
	if (gate->bucket.rate != NETFLOW_UNLIMITED)
		bucket_fill(&gate->bucket, now);
	if (!IsListEmpty(&gate->waiting) || !bucket_may_pass(&gate->bucket))
		return hold(shaper, gate, arrival);
	bucket_charge(&gate->bucket, arrival->bytes);
	return VERDICT_PASS;
}

enum verdict shaper_admit(struct shaper *shaper, const struct arrival *arrival, ULONG64 now)
{
	KLOCK_QUEUE_HANDLE handle;
	enum verdict verdict;

	KeAcquireInStackQueuedSpinLock(&shaper->lock, &handle);
	verdict = admit(shaper, arrival, now);
	KeReleaseInStackQueuedSpinLock(&handle);
	return verdict;
}

/* Takes one packet of the queue whose turn it is; the queue goes to the end of the line. */
static void take_one(struct shaper *shaper, struct gate *gate, LIST_ENTRY *due)
{
	struct queue *queue = CONTAINING_RECORD(gate->waiting.Flink, struct queue, entry);
	struct held *held = CONTAINING_RECORD(RemoveHeadList(&queue->packets), struct held, entry);

	bucket_charge(&gate->bucket, held->bytes);
	gate->held_bytes -= held->bytes;
	queue->held_bytes -= held->bytes;
	shaper->waiting_bytes -= held->bytes;
	shaper->waiting--;
	queue->returning++;
	InsertTailList(due, &held->entry);
	if (IsListEmpty(&queue->packets)) {
		leave_gate(gate, queue);
	} else {
		RemoveEntryList(&queue->entry);
		InsertTailList(&gate->waiting, &queue->entry);
	}
}

/* Takes what may pass of one gate; returns the ticks until there is more. */
static ULONG64 take_due(struct shaper *shaper, struct gate *gate, ULONG64 now, ULONG *most, LIST_ENTRY *due)
{
	struct limiter *limiter = gate->limiter;
	ULONG64 wait = SHAPER_NOTHING_WAITS;

	limiter_reference(limiter); /* leave_gate() gives up the gate's own */
	if (gate->bucket.rate != NETFLOW_UNLIMITED)
		bucket_fill(&gate->bucket, now);
	while (!IsListEmpty(&gate->waiting) && *most && (shaper->open || bucket_may_pass(&gate->bucket))) {
		take_one(shaper, gate, due);
		--*most;
	}
	if (!IsListEmpty(&gate->waiting))
		wait = shaper->open ? 0 : bucket_wait(&gate->bucket);
	limiter_release(limiter);
	return wait;
}

ULONG64 shaper_take(struct shaper *shaper, ULONG64 now, ULONG most, LIST_ENTRY *due)
{
	KLOCK_QUEUE_HANDLE handle;
	ULONG64 soonest = SHAPER_NOTHING_WAITS;
	LIST_ENTRY *entry, *next;

	KeAcquireInStackQueuedSpinLock(&shaper->lock, &handle);
	for (entry = shaper->busy.Flink; entry != &shaper->busy; entry = next) {
		ULONG64 wait;

		next = entry->Flink;
		wait = take_due(shaper, CONTAINING_RECORD(entry, struct gate, entry), now, &most, due);
		if (wait < soonest)
			soonest = wait;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return soonest;
}

void shaper_returned(struct shaper *shaper, struct queue *queue)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&shaper->lock, &handle);
	queue->returning--;
	shaper->held--;
	KeReleaseInStackQueuedSpinLock(&handle);
}

void shaper_open(struct shaper *shaper, BOOLEAN open)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&shaper->lock, &handle);
	shaper->open = open;
	KeReleaseInStackQueuedSpinLock(&handle);
}

ULONG shaper_held(struct shaper *shaper)
{
	KLOCK_QUEUE_HANDLE handle;
	ULONG held;

	KeAcquireInStackQueuedSpinLock(&shaper->lock, &handle);
	held = shaper->held;
	KeReleaseInStackQueuedSpinLock(&handle);
	return held;
}

BOOLEAN shaper_is_idle(struct shaper *shaper, const struct queue *queue)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN idle;

	KeAcquireInStackQueuedSpinLock(&shaper->lock, &handle);
	idle = !queue->gate && !queue->returning;
	KeReleaseInStackQueuedSpinLock(&handle);
	return idle;
}
