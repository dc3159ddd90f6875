/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Datagrams that come from another machine and wait for a download limit. Nothing stops
 * their sender, so what comes too fast has to be dropped, and it is dropped as soon as a
 * moment of the limit is waiting: whatever else the process receives waits behind it.
 */
#ifndef NETFLOW_LINUX_WAITING_H
#define NETFLOW_LINUX_WAITING_H

#include "limited.h"
#include "packet.h"

#define MAX_CLASSES 65536

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
	__uint(max_entries, MAX_CLASSES);
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

static __always_inline __u32 payload_of(struct __sk_buff *skb, const struct packet *packet)
{
	return skb->len - link_header(skb) - packet->header_bytes;
}

/* Whether a datagram still finds room; if so it is counted until leave() is told of it. */
static __always_inline int enter(struct place place, __u32 bytes)
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

static __always_inline void leave(__u32 class, __u32 bytes)
{
	struct waiting *waiting = bpf_map_lookup_elem(&waiting_datagrams, &class);

	if (!waiting)
		return;
	waiting->moved = bpf_ktime_get_ns();
	__sync_fetch_and_sub(&waiting->bytes, bytes);
}

/*
 * A socket that takes datagrams for any address seems to be meant by those as well that
 * this machine only forwards: the route tells.
 */
static __always_inline int is_forwarded(struct __sk_buff *skb, const struct packet *packet)
{
	struct bpf_fib_lookup route = {.ifindex = skb->ingress_ifindex, .l4_protocol = packet->protocol};

	if (packet->is_ipv6) {
		route.family = AF_INET6;
		__builtin_memcpy(route.ipv6_src, packet->tuple.ipv6.saddr, sizeof(route.ipv6_src));
		__builtin_memcpy(route.ipv6_dst, packet->tuple.ipv6.daddr, sizeof(route.ipv6_dst));
	} else {
		route.family = AF_INET;
		route.ipv4_src = packet->tuple.ipv4.saddr;
		route.ipv4_dst = packet->tuple.ipv4.daddr;
	}
	long answer = bpf_fib_lookup(skb, &route, sizeof(route), 0);

	return answer == BPF_FIB_LKUP_RET_SUCCESS || answer == BPF_FIB_LKUP_RET_NO_NEIGH;
}

#endif
