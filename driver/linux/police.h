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

struct account {
	__u64 paid_at; /* ns, CLOCK_MONOTONIC: when all that has passed is paid for */
	__u64 rate;    /* bytes per second, at which it is being paid */
};

/* By class. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NETFLOW_MAX_CLASSES);
	__type(key, __u32);
	__type(value, struct account);
} accounts SEC(".maps");

static __always_inline struct account *account_of(struct place place, __u64 now)
{
	struct account *account = bpf_map_lookup_elem(&accounts, &place.class);

	if (account)
		return account;
	struct account first = {.paid_at = now, .rate = place.rate};

	bpf_map_update_elem(&accounts, &place.class, &first, BPF_NOEXIST);
	return bpf_map_lookup_elem(&accounts, &place.class);
}

/* The bytes that are owed take as long as they do at the limit as it is now. What has ended does not know its limit. */
static __always_inline void follow_rate(struct account *account, __u64 rate, __u64 now)
{
	__u64 before = *(volatile __u64 *)&account->rate;

	if (rate == before || rate == NETFLOW_UNLIMITED ||
	    __sync_val_compare_and_swap(&account->rate, before, rate) != before)
		return;
	__u64 paid_at = *(volatile __u64 *)&account->paid_at;

	if (paid_at > now && rate > before)
		__sync_val_compare_and_swap(&account->paid_at, paid_at, now + (paid_at - now) * before / rate);
}

/* Whether so many bytes may pass now; if so they are charged. */
static __always_inline int pay(struct place place, __u32 bytes)
{
	__u64 now = bpf_ktime_get_ns();
	struct account *account = account_of(place, now);

	if (!account || !place.rate)
		return 0; /* without memory for it nothing passes, since it would not be charged */
	follow_rate(account, place.rate, now);
	__u64 before = *(volatile __u64 *)&account->paid_at;

	if (before > now)
		return 0;
	if (now - before > POLICE_BURST)
		__sync_val_compare_and_swap(&account->paid_at, before, now - POLICE_BURST);
	__sync_fetch_and_add(&account->paid_at, bytes * 1000000000ull / place.rate);
	return 1;
}

#endif
