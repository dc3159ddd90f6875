/* SPDX-License-Identifier: MIT */
#include "../../windows/common/shaper.h"
#include "nt_test.h"
#include "test.h"

#define MOST_PACKETS 1000
#define QUEUES 3

/* Everything that a test needs is in memory of its own process. */
static struct shaper shaper;
static struct limiter *limiter;
static struct queue queues[QUEUES], many[20];
static struct packet {
	struct held held;
	int number;
} packets[MOST_PACKETS + 1];
static int captured;
static BOOLEAN has_no_memory;
static ULONG64 now;

static struct held *capture(void *context)
{
	struct packet *packet = &packets[captured];

	if (has_no_memory)
		return NULL;
	captured++;
	packet->number = *(int *)context;
	return &packet->held;
}

static void set_limit(ULONG64 upload)
{
	const ULONG64 rates[NETFLOW_DIRECTIONS] = {upload, NETFLOW_UNLIMITED};

	limiter_set(&shaper, limiter, rates, now);
}

static void start(ULONG64 upload)
{
	shaper_initialize(&shaper);
	for (int index = 0; index < QUEUES; index++)
		queue_initialize(&queues[index]);
	limiter = limiter_create();
	set_limit(upload);
}

static enum verdict send_as(int number, struct queue *queue, int direction, ULONG bytes)
{
	struct arrival arrival = {&limiter, queue, direction, bytes, capture, &number};

	return shaper_admit(&shaper, &arrival, now);
}

static enum verdict send(int number, int queue, ULONG bytes)
{
	return send_as(number, &queues[queue], NETFLOW_UPLOAD, bytes);
}

/* One that leaves no token. */
static void exhaust(void)
{
	now += TICKS_PER_SECOND;
	CHECK_EQUAL(VERDICT_PASS, send(0, QUEUES - 1, 1 << 20));
}

/* Checks the numbers of the packets that are due, and lets them return. Returns the ticks until there is more. */
static ULONG64 take(int count, const int *numbers)
{
	LIST_ENTRY due;
	ULONG64 wait;

	InitializeListHead(&due);
	wait = shaper_take(&shaper, now, MOST_PACKETS, &due);
	for (int index = 0; index < count; index++) {
		struct packet *packet;

		CHECK(!IsListEmpty(&due));
		packet = CONTAINING_RECORD(RemoveHeadList(&due), struct packet, held.entry);
		CHECK_EQUAL(numbers[index], packet->number);
		shaper_returned(&shaper, packet->held.queue);
	}
	CHECK(IsListEmpty(&due));
	return wait;
}

static void drain(void)
{
	LIST_ENTRY due;

	shaper_open(&shaper, TRUE);
	InitializeListHead(&due);
	shaper_take(&shaper, now, MOST_PACKETS, &due);
	while (!IsListEmpty(&due))
		shaper_returned(&shaper, CONTAINING_RECORD(RemoveHeadList(&due), struct held, entry)->queue);
}

static void stop(void)
{
	CHECK_EQUAL(0, shaper_held(&shaper));
	limiter_release(limiter);
	nt_pool_assert_empty();
}

static void holds_what_finds_no_token(void)
{
	start(1000000);
	CHECK_EQUAL(VERDICT_HOLD, send(1, 0, 1500));
	CHECK_EQUAL(VERDICT_HOLD, send(2, 0, 1500));
	CHECK_EQUAL(VERDICT_PASS, send_as(3, &queues[1], NETFLOW_DOWNLOAD, 1500));
	CHECK_EQUAL(10, take(0, NULL));
	now += 9;
	CHECK_EQUAL(1, take(0, NULL));
	now += 1;
	CHECK_EQUAL(15000, take(1, (int[]){1})); /* 1,499 bytes of debt, and one to pass */
	now += 15000;
	CHECK_EQUAL(SHAPER_NOTHING_WAITS, take(1, (int[]){2}));
	now += 15000;
	CHECK_EQUAL(VERDICT_PASS, send(4, 0, 1500));
	CHECK(shaper_is_idle(&shaper, &queues[0]));
	stop();
}

static void takes_turns(void)
{
	start(1000000);
	for (int number = 0; number < 4; number++)
		for (int queue = 0; queue < QUEUES; queue++)
			CHECK_EQUAL(VERDICT_HOLD, send(10 * queue + number, queue, 100));
	now += TICKS_PER_SECOND;
	take(12, (int[]){0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 23});
	stop();
}

static void bounds_what_waits(void)
{
	static const struct {
		ULONG64 rate;
		ULONG bytes;
		int held; /* of those that three flows send in turn */
	} cases[] = {
		{20000, 1000, 65},       {1000000, 1000, 200}, /* 64 KB; a fifth of a second */
		{100000, 65536, 4},      {1000000, 65536, 4},  /* four large ones */
		{2000, 1000, 10},        {2000, 65536, 3},     /* five seconds; each flow has one */
		{1000000000, 65536, 64}, {20000, 1, MOST_PACKETS},
	};

	for (size_t index = 0; index < COUNT(cases); index++) {
		start(cases[index].rate);
		captured = 0;
		for (int number = 0; number < MOST_PACKETS; number++) {
			enum verdict expected = number < cases[index].held ? VERDICT_HOLD : VERDICT_DROP;

			CHECK_EQUAL(expected, send(number, number % QUEUES, cases[index].bytes));
		}
		CHECK_EQUAL(MOST_PACKETS - cases[index].held, shaper.dropped);
		CHECK_EQUAL(cases[index].held, shaper_held(&shaper));
		drain();
		shaper_open(&shaper, FALSE);
		CHECK_EQUAL(VERDICT_HOLD, send(0, 0, cases[index].bytes)); /* there is room again */
		drain();
		stop();
	}
}

static void leaves_room_for_others(void)
{
	start(1000000);
	while (send(0, 0, 1000) == VERDICT_HOLD)
		;
	for (int number = 0; number < 100; number++) /* half of 200 KB, as two are waiting */
		CHECK_EQUAL(VERDICT_HOLD, send(number, 1, 1000));
	CHECK_EQUAL(VERDICT_DROP, send(0, 1, 1000));
	drain();
	stop();
}

static void bounds_all(void)
{
	int held = 0;

	start(1000);
	for (int index = 0; index < 20; index++) {
		limiter_release(limiter);
		limiter = limiter_create();
		set_limit(NETFLOW_LEAST_LIMIT);
		queue_initialize(&many[index]);
		while (send_as(0, &many[index], NETFLOW_UPLOAD, 4 << 20) == VERDICT_HOLD)
			held++;
	}
	CHECK_EQUAL(16, held);
	drain();
	stop();
}

static void keeps_the_place_of_what_costs_nothing(void)
{
	start(1000000);
	CHECK_EQUAL(VERDICT_PASS, send(0, 0, 0));
	CHECK_EQUAL(VERDICT_HOLD, send(1, 0, 1500));
	CHECK_EQUAL(VERDICT_HOLD, send(2, 0, 0));
	CHECK_EQUAL(VERDICT_PASS, send(3, 1, 0)); /* of another flow */
	now += TICKS_PER_SECOND;
	take(2, (int[]){1, 2});
	stop();
}

static void waits_for_one_that_is_on_its_way(void)
{
	LIST_ENTRY due;

	start(1000000);
	CHECK_EQUAL(VERDICT_HOLD, send(1, 0, 1500));
	now += TICKS_PER_SECOND;
	InitializeListHead(&due);
	shaper_take(&shaper, now, 1, &due);
	CHECK(!shaper_is_idle(&shaper, &queues[0]));
	CHECK_EQUAL(VERDICT_HOLD, send(2, 0, 10)); /* there are tokens */
	CHECK_EQUAL(VERDICT_HOLD, send(3, 1, 10)); /* the gate has one waiting */
	shaper_returned(&shaper, &queues[0]);
	take(2, (int[]){2, 3});
	stop();
}

static void opens(void)
{
	start(NETFLOW_LEAST_LIMIT);
	exhaust();
	CHECK_EQUAL(VERDICT_HOLD, send(1, 0, 1500));
	CHECK_EQUAL(VERDICT_HOLD, send(2, 0, 1500));
	shaper_open(&shaper, TRUE);
	CHECK_EQUAL(VERDICT_HOLD, send(3, 0, 1500)); /* behind the others */
	CHECK_EQUAL(VERDICT_PASS, send(4, 1, 1500));
	CHECK_EQUAL(SHAPER_NOTHING_WAITS, take(3, (int[]){1, 2, 3}));
	shaper_open(&shaper, FALSE);
	CHECK_EQUAL(VERDICT_HOLD, send(5, 0, 1500));
	set_limit(NETFLOW_UNLIMITED);
	take(1, (int[]){5});
	stop();
}

static void drops_without_memory(void)
{
	start(1000000);
	has_no_memory = TRUE;
	CHECK_EQUAL(VERDICT_DROP, send(1, 0, 1500));
	CHECK_EQUAL(1, shaper.dropped);
	stop();
}

static void replaces_a_limiter(void)
{
	struct limiter *replaced;

	start(1000000);
	CHECK_EQUAL(VERDICT_HOLD, send(1, 0, 1500));
	replaced = limiter;
	limiter_replace(&shaper, &limiter,
			limiter_create()); /* the gate keeps the one before while it has one waiting */
	CHECK(limiter != replaced);
	CHECK_EQUAL(VERDICT_HOLD, send(2, 0, 1500)); /* its flow waits there */
	CHECK_EQUAL(VERDICT_PASS, send(3, 1, 1500)); /* the new one has no limit */
	now += TICKS_PER_SECOND;
	take(2, (int[]){1, 2});
	CHECK_EQUAL(VERDICT_PASS, send(4, 0, 1500));
	stop();
}

static void takes_no_more_than_asked_for(void)
{
	LIST_ENTRY due;

	start(1000000);
	for (int number = 0; number < 5; number++)
		send(number, 0, 10);
	now += TICKS_PER_SECOND;
	InitializeListHead(&due);
	CHECK_EQUAL(0, shaper_take(&shaper, now, 2, &due));
	CHECK_EQUAL(2, queues[0].returning);
	CHECK_EQUAL(5, shaper_held(&shaper));
	for (int taken = 0; taken < 2; taken++)
		shaper_returned(&shaper, &queues[0]);
	drain();
	stop();
}

static const struct test tests[] = {
	{"a packet that finds no token waits until the tick that was named", holds_what_finds_no_token},
	{"the flows of a gate take turns, each in order", takes_turns},
	{"what waits is bounded by time and bytes, with room for four large packets, and one of each flow",
	 bounds_what_waits},
	{"a flow has its share where others have filled the room", leaves_room_for_others},
	{"what waits for all limits together is bounded", bounds_all},
	{"what costs nothing stays behind its flow's data", keeps_the_place_of_what_costs_nothing},
	{"none passes an earlier one that is on its way back", waits_for_one_that_is_on_its_way},
	{"an open shaper lets all go, in order, and holds again when it is closed", opens},
	{"without memory a packet is dropped and counted", drops_without_memory},
	{"a flow that waits goes on at the limiter it had", replaces_a_limiter},
	{"no more packets are taken than were asked for", takes_no_more_than_asked_for},
};

TEST_MAIN(tests)
