/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Datagrams that come from another machine and wait for a download limit. Nothing stops
 * their sender, so what comes too fast has to be dropped, and it is dropped as soon as a
 * moment of the limit is waiting: whatever else the process receives waits behind it.
 */
#ifndef NETFLOW_LINUX_WAITING_H
#define NETFLOW_LINUX_WAITING_H

#include "packet.h"
#include "place.h"

/* Microseconds of the limit, but at least so many bytes. */
#define DATAGRAM_QUEUE_TIME 100000
#define LEAST_DATAGRAM_QUEUE 16384

/* Bytes per second; faster ones are never waited for. */
#define UNPACED_RATE (1ull << 40)

/* ns. When none has left for so long, those that are said to wait went with their queue. */
#define FORGET_AFTER 30000000000ull

struct waiting {
	__s64 bytes; /* payload */
	__u64 moved; /* ns, CLOCK_MONOTONIC: when the first came or one left */
};

/* By class. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NETFLOW_MAX_CLASSES);
	__type(key, __u32);
	__type(value, struct waiting);
} waiting_datagrams SEC(".maps");

static __always_inline struct waiting *waiting_in(__u32 class)
{
	struct waiting *waiting = bpf_map_lookup_elem(&waiting_datagrams, &class);

	if (waiting)
		return waiting;
	struct waiting none = {};

	bpf_map_update_elem(&waiting_datagrams, &class, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&waiting_datagrams, &class);
}

/* Whether a datagram still finds room; if so it is counted until end_waiting() is told of it. */
static __always_inline int begin_waiting(struct place place, __u32 bytes)
{
	struct waiting *waiting = waiting_in(place.class);
	__u64 now = bpf_ktime_get_ns();

	if (!waiting || place.rate >= UNPACED_RATE)
		return 1;
	__s64 room = place.rate * DATAGRAM_QUEUE_TIME / 1000000;

	if (waiting->bytes <= 0 || now - waiting->moved > FORGET_AFTER) {
		waiting->bytes = 0;
		waiting->moved = now;
	}
	if (room < LEAST_DATAGRAM_QUEUE)
		room = LEAST_DATAGRAM_QUEUE;
	if (waiting->bytes + bytes > room)
		return 0;
	__sync_fetch_and_add(&waiting->bytes, bytes);
	return 1;
}

static __always_inline void end_waiting(__u32 class, __u32 bytes)
{
	struct waiting *waiting = bpf_map_lookup_elem(&waiting_datagrams, &class);

	if (!waiting)
		return;
	waiting->moved = bpf_ktime_get_ns();
	__sync_fetch_and_sub(&waiting->bytes, bytes);
}

#endif
