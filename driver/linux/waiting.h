/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Packets that wait for a download limit and whose sender no full queue stops: those from another machine, and
 * datagrams of a local socket that has more than one peer, such as a resolver's. Those that come too fast are dropped.
 * Datagrams may wait for a moment of the limit only, since whatever else the process receives waits behind them. TCP's
 * senders stop by themselves, except for hostile ones, which must not fill this machine's memory.
 */
#ifndef NETFLOW_LINUX_WAITING_H
#define NETFLOW_LINUX_WAITING_H

#include "packet.h"
#include "place.h"

/* How much may wait: microseconds of the limit, within these bounds in bytes. */
#define DATAGRAM_QUEUE_TIME 100000
#define LEAST_DATAGRAM_QUEUE 16384
#define STREAM_QUEUE_TIME 250000
#define LEAST_STREAM_QUEUE (16 << 20)
#define MOST_STREAM_QUEUE (64 << 20)

/* Bytes per second. A limit this high holds nothing back. */
#define UNPACED_RATE (1ull << 40)

/* ns. Packets that should have left so long ago have gone with their queue. */
#define FORGET_AFTER 30000000000ull

enum waiting_kind {
	WAITING_DATAGRAMS,
	WAITING_STREAMS,
	WAITING_KINDS,
};

struct waiting {
	__s64 bytes[WAITING_KINDS]; /* payload */
	__u64 due;                  /* ns, CLOCK_MONOTONIC: when the limit lets the last of it go */
};

/* By class. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NETFLOW_MAX_CLASSES);
	__type(key, __u32);
	__type(value, struct waiting);
} waiting_payload SEC(".maps");

static __always_inline enum waiting_kind kind_of(const struct parsed_packet *packet)
{
	return packet->protocol == IPPROTO_TCP ? WAITING_STREAMS : WAITING_DATAGRAMS;
}

static __always_inline struct waiting *waiting_in(__u32 class)
{
	struct waiting *waiting = bpf_map_lookup_elem(&waiting_payload, &class);

	if (waiting)
		return waiting;
	struct waiting none = {};

	bpf_map_update_elem(&waiting_payload, &class, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&waiting_payload, &class);
}

static __always_inline __s64 room_for(enum waiting_kind kind, __u64 rate)
{
	if (kind == WAITING_DATAGRAMS) {
		__u64 room = rate * DATAGRAM_QUEUE_TIME / 1000000;

		return room < LEAST_DATAGRAM_QUEUE ? LEAST_DATAGRAM_QUEUE : room;
	}
	__u64 room = LEAST_STREAM_QUEUE + rate * STREAM_QUEUE_TIME / 1000000;

	return room > MOST_STREAM_QUEUE ? MOST_STREAM_QUEUE : room;
}

/* Whether a packet still finds room; if so it is counted until end_waiting() is called for it. */
static __always_inline int begin_waiting(struct place place, enum waiting_kind kind, __u32 bytes)
{
	struct waiting *waiting = waiting_in(place.class);
	__u64 now = bpf_ktime_get_ns();

	if (!waiting || place.rate >= UNPACED_RATE || !place.rate)
		return 1;
	if (waiting->due + FORGET_AFTER < now) {
		waiting->bytes[WAITING_DATAGRAMS] = 0;
		waiting->bytes[WAITING_STREAMS] = 0;
	}
	if (waiting->bytes[kind] < 0)
		waiting->bytes[kind] = 0;
	if (waiting->due < now)
		waiting->due = now;
	if (waiting->bytes[kind] + bytes > room_for(kind, place.rate))
		return 0;
	__sync_fetch_and_add(&waiting->bytes[kind], bytes);
	__sync_fetch_and_add(&waiting->due, bytes * 1000000000ull / place.rate);
	return 1;
}

static __always_inline void end_waiting(__u32 class, enum waiting_kind kind, __u32 bytes)
{
	struct waiting *waiting = bpf_map_lookup_elem(&waiting_payload, &class);

	if (waiting)
		__sync_fetch_and_sub(&waiting->bytes[kind], bytes);
}

#endif
