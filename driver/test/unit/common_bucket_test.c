/* SPDX-License-Identifier: MIT */
#include "../../windows/common/bucket.h"
#include "test.h"

#define MEGABYTE 1000000ull

static struct bucket limited_to(ULONG64 rate)
{
	struct bucket bucket = {0};

	bucket_set_rate(&bucket, rate, 0);
	return bucket;
}

static void fills(void)
{
	static const struct {
		ULONG64 rate, ticks;
		LONG64 tokens;
	} cases[] = {
		{MEGABYTE, 0, 0},
		{MEGABYTE, 9, 0},
		{MEGABYTE, 10, 1},
		{MEGABYTE, 10000, 1000},
		{MEGABYTE, 500000, 50000},
		{MEGABYTE, 600000, 50000}, /* no more than a twentieth of a second */
		{NETFLOW_LEAST_LIMIT, 9765, 0},
		{NETFLOW_LEAST_LIMIT, 9766, 1},
		{NETFLOW_GREATEST_LIMIT, 1, NETFLOW_GREATEST_LIMIT / TICKS_PER_SECOND},
		{NETFLOW_GREATEST_LIMIT, ~0ull >> 1, NETFLOW_GREATEST_LIMIT / BUCKET_DEPTH_PER_SECOND},
	};

	for (size_t index = 0; index < COUNT(cases); index++) {
		struct bucket bucket = limited_to(cases[index].rate);

		bucket_fill(&bucket, cases[index].ticks);
		CHECK_EQUAL(cases[index].tokens, bucket.tokens);
	}
}

static void loses_no_fraction(void)
{
	struct bucket bucket = limited_to(MEGABYTE + 3);

	for (ULONG64 now = 7; now <= 7000; now += 7)
		bucket_fill(&bucket, now);
	CHECK_EQUAL(700, bucket.tokens);
	bucket_fill(&bucket, 6000); /* another processor's older clock */
	CHECK_EQUAL(700, bucket.tokens);
	CHECK_EQUAL(7000, bucket.time);
}

static void tells_when_a_debt_is_paid(void)
{
	static const ULONG64 rates[] = {NETFLOW_LEAST_LIMIT, 1027, 99999, MEGABYTE, 999999937, NETFLOW_GREATEST_LIMIT};

	for (size_t index = 0; index < COUNT(rates); index++) {
		struct bucket bucket = limited_to(rates[index]);
		ULONG64 wait;

		bucket_fill(&bucket, 12345);
		bucket_charge(&bucket, 64240);
		bucket_charge(&bucket, (ULONG)bucket_depth(&bucket));
		wait = bucket_wait(&bucket);
		bucket_fill(&bucket, 12345 + wait - 1);
		CHECK(!bucket_may_pass(&bucket));
		CHECK_EQUAL(1, bucket_wait(&bucket));
		bucket_fill(&bucket, 12345 + wait);
		CHECK(bucket_may_pass(&bucket));
		CHECK_EQUAL(0, bucket_wait(&bucket));
	}
}

static void has_paid_after_a_long_time(void)
{
	struct bucket bucket = limited_to(NETFLOW_LEAST_LIMIT);

	bucket.tokens = -(1ll << 29);
	bucket_fill(&bucket, LONGEST_IDLE * 4 * TICKS_PER_SECOND);
	CHECK_EQUAL(bucket_depth(&bucket), bucket.tokens);
}

static void changes_its_rate(void)
{
	static const struct {
		ULONG64 before, after;
		LONG64 tokens; /* a second after `before`, when `after` is set */
	} cases[] = {
		{NETFLOW_UNLIMITED, MEGABYTE, 0},
		{MEGABYTE, 10 * MEGABYTE, 50000},
		{MEGABYTE, MEGABYTE, 50000},
		{MEGABYTE, 100000, 5000},
	};

	for (size_t index = 0; index < COUNT(cases); index++) {
		struct bucket bucket = limited_to(cases[index].before);

		bucket_set_rate(&bucket, cases[index].after, TICKS_PER_SECOND);
		CHECK_EQUAL(cases[index].tokens, bucket.tokens);
		CHECK_EQUAL(TICKS_PER_SECOND, bucket.time);
	}
}

static void lets_all_pass_without_a_rate(void)
{
	struct bucket bucket = limited_to(MEGABYTE);

	bucket_charge(&bucket, 100);
	CHECK(!bucket_may_pass(&bucket));
	bucket_set_rate(&bucket, NETFLOW_UNLIMITED, 1);
	bucket_charge(&bucket, 1 << 30);
	CHECK(bucket_may_pass(&bucket));
	CHECK_EQUAL(0, bucket_wait(&bucket));
}

static const struct test tests[] = {
	{"a bucket fills at its rate, to what it gets in 50 ms", fills},
	{"fractions of a token are kept", loses_no_fraction},
	{"a debt is paid at the tick that was named, and not before", tells_when_a_debt_is_paid},
	{"any debt is paid after a long time", has_paid_after_a_long_time},
	{"a new rate keeps no more than its own depth", changes_its_rate},
	{"without a rate everything passes", lets_all_pass_without_a_rate},
};

TEST_MAIN(tests)
