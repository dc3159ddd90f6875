/* SPDX-License-Identifier: MIT */
/*
 * A token bucket: bytes that may pass now, filled at `rate` bytes per second.
 *
 * A packet passes while there is any token left and may leave a debt, so that the rate is
 * exact whatever the packets' sizes are. Windows wakes a waiting thread up to 16 ms late;
 * the bucket has room for what fills it in 50 ms, so that no token is lost to that.
 */
#ifndef NETFLOW_COMMON_BUCKET_H
#define NETFLOW_COMMON_BUCKET_H

#include "kernel_api.h"

#define BUCKET_DEPTH_PER_SECOND 20 /* a twentieth of a second */
#define LONGEST_IDLE (1ull << 20)  /* seconds; keeps their tokens below 2^63, and pays any debt */

struct bucket {
	ULONG64 rate; /* NETFLOW_UNLIMITED, or NETFLOW_LEAST_LIMIT to NETFLOW_GREATEST_LIMIT */
	LONG64 tokens;
	ULONG64 time;      /* of the last filling, in ticks */
	ULONG64 remainder; /* of a token, in 1 / TICKS_PER_SECOND */
};

static inline LONG64 bucket_depth(const struct bucket *bucket)
{
	return (LONG64)(bucket->rate / BUCKET_DEPTH_PER_SECOND);
}

static inline void bucket_fill(struct bucket *bucket, ULONG64 now)
{
	ULONG64 elapsed = now > bucket->time ? now - bucket->time : 0;
	ULONG64 seconds = elapsed / TICKS_PER_SECOND;
	ULONG64 credit = elapsed % TICKS_PER_SECOND * bucket->rate + bucket->remainder; /* below 2^64 */

	if (seconds > LONGEST_IDLE)
		seconds = LONGEST_IDLE;
	bucket->tokens += (LONG64)(seconds * bucket->rate + credit / TICKS_PER_SECOND);
	bucket->remainder = credit % TICKS_PER_SECOND;
	bucket->time += elapsed;
	if (bucket->tokens > bucket_depth(bucket))
		bucket->tokens = bucket_depth(bucket);
}

/* A new rate is in force at once; what has been saved up at the old one is not more than the new one's depth. */
static inline void bucket_set_rate(struct bucket *bucket, ULONG64 rate, ULONG64 now)
{
	if (bucket->rate == NETFLOW_UNLIMITED) {
		bucket->time = now;
		bucket->tokens = 0;
		bucket->remainder = 0;
	} else {
		bucket_fill(bucket, now);
	}
	bucket->rate = rate;
	if (bucket->tokens > bucket_depth(bucket))
		bucket->tokens = bucket_depth(bucket);
}

static inline BOOLEAN bucket_may_pass(const struct bucket *bucket)
{
	return bucket->rate == NETFLOW_UNLIMITED || bucket->tokens > 0;
}

static inline void bucket_charge(struct bucket *bucket, ULONG bytes)
{
	if (bucket->rate != NETFLOW_UNLIMITED)
		bucket->tokens -= bytes;
}

/* Ticks until something may pass, as seen when it was filled last. */
static inline ULONG64 bucket_wait(const struct bucket *bucket)
{
	if (bucket_may_pass(bucket))
		return 0;
	return ((ULONG64)(1 - bucket->tokens) * TICKS_PER_SECOND - bucket->remainder + bucket->rate - 1) / bucket->rate;
}

#endif
