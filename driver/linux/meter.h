/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Counters that also know the bytes of the last whole second.
 *
 * Only the total is added to. The first event of a second notes, next to the second's number, what the total was before
 * it; a second's bytes are the difference between two such marks. So each byte costs one atomic addition and is in
 * exactly one second, and the seconds sum up to the total, however many CPUs count at once.
 *
 * Time is the kernel's tick count, which the JIT turns into a single load; the clocks that a tracing program may call
 * cost as much as all of the counting. Readers use it too, or a second could end for them while events of its last tick
 * are still to come.
 */
#ifndef NETFLOW_LINUX_METER_H
#define NETFLOW_LINUX_METER_H

#include "kernel.h"
#include "parameters.h"

/* A mark is [second : 24 | total : 40]. Seconds wrap after 194 days, bytes at 1 TiB in one second. */
#define MARK_TOTAL_BITS 40
#define MARK_TOTAL_MASK ((1ull << MARK_TOTAL_BITS) - 1)

enum direction { UPLOAD = NETFLOW_UPLOAD, DOWNLOAD = NETFLOW_DOWNLOAD, DIRECTIONS = NETFLOW_DIRECTIONS };

struct meter {
	__u64 total[DIRECTIONS];
	__u64 second_end;          /* in ticks: when the newest second that has marks ends */
	__u64 mark[DIRECTIONS][2]; /* by the second's lowest bit */
};

static __always_inline __u64 mark_of(__u64 second, __u64 total)
{
	return second << MARK_TOTAL_BITS | (total & MARK_TOTAL_MASK);
}

static __always_inline int is_of_second(__u64 mark, __u64 second)
{
	return mark >> MARK_TOTAL_BITS == (second << MARK_TOTAL_BITS) >> MARK_TOTAL_BITS;
}

/* Whoever comes first in a second wins the exchange; nobody adds before a mark is there. */
static __noinline int begin_second(struct meter *meter, __u64 now)
{
	if (!meter)
		return 0;
	__u64 second = now / parameters.ticks_per_second;

	for (int direction = 0; direction < DIRECTIONS; direction++) {
		__u64 *mark = &meter->mark[direction][second & 1];
		__u64 old = *(volatile __u64 *)mark;

		if (!is_of_second(old, second))
			__sync_val_compare_and_swap(mark, old, mark_of(second, meter->total[direction]));
	}
	*(volatile __u64 *)&meter->second_end = (second + 1) * parameters.ticks_per_second;
	return 0;
}

static __always_inline void meter_add(struct meter *meter, enum direction direction, __u64 bytes, __u64 now)
{
	if (now >= *(volatile __u64 *)&meter->second_end)
		begin_second(meter, now);
	__sync_fetch_and_add(&meter->total[direction], bytes);
}

/* A mark's full 64 bits: the newest value below `total` that ends in the bits it kept. */
static __always_inline __u64 total_at(__u64 mark, __u64 total)
{
	return total - ((total - mark) & MARK_TOTAL_MASK);
}

/* The last second that has ended. */
static __always_inline __u64 last_second(void)
{
	return bpf_jiffies64() / parameters.ticks_per_second - 1;
}

/*
 * Bytes in `second`, the last that has ended. `base` is the total when the present owner took the meter over: bytes
 * before that are not its own.
 */
static __always_inline __u64 meter_speed(const struct meter *meter, enum direction direction, __u64 base, __u64 second)
{
	/*
	 * The total last: it must not be older than a mark. Both marks by fixed offsets: iterators may use no others.
	 */
	__u64 even = *(const volatile __u64 *)&meter->mark[direction][0];
	__u64 odd = *(const volatile __u64 *)&meter->mark[direction][1];
	__u64 total = *(const volatile __u64 *)&meter->total[direction];
	__u64 mark = second & 1 ? odd : even;
	__u64 next = second & 1 ? even : odd;

	if (!is_of_second(mark, second))
		return 0;
	__u64 start = total_at(mark, total);
	__u64 end = is_of_second(next, second + 1) ? total_at(next, total) : total;

	if (start < base)
		start = base;
	return end > start ? end - start : 0;
}

#endif
