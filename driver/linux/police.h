/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Limits on packets that can't wait: those that come faster are dropped. A packet costs its class the time that its
 * bytes take at the limit, and none passes while time is owed.
 */
#ifndef NETFLOW_LINUX_POLICE_H
#define NETFLOW_LINUX_POLICE_H

#include "place.h"

/* ns of its limit that a class may burst after an idle period, as much as its queue lets it. */
#define POLICE_BURST 150000000ull

/* By class: ns, CLOCK_MONOTONIC, when all that has passed is paid for. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NETFLOW_MAX_CLASSES);
	__type(key, __u32);
	__type(value, __u64);
} paid SEC(".maps");

/* Whether so many bytes may pass now; if so they are charged. */
static __always_inline int pay(struct place place, __u32 bytes)
{
	__u64 now = bpf_ktime_get_ns();
	__u64 *until = bpf_map_lookup_elem(&paid, &place.class);

	if (!until) {
		bpf_map_update_elem(&paid, &place.class, &now, BPF_NOEXIST);
		until = bpf_map_lookup_elem(&paid, &place.class);
		if (!until)
			return 0; /* no memory: nothing passes without being charged */
	}
	__u64 before = *(volatile __u64 *)until;

	if (before > now || !place.rate)
		return 0;
	if (now - before > POLICE_BURST)
		__sync_val_compare_and_swap(until, before, now - POLICE_BURST);
	__sync_fetch_and_add(until, bytes * 1000000000ull / place.rate);
	return 1;
}

#endif
