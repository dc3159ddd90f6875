/* SPDX-License-Identifier: MIT */
#include "../../windows/common/speed_meter.h"
#include "nt_test.h"
#include "test.h"

#include <pthread.h>

static struct traffic read_meter(struct speed_meter *meter, LONG second)
{
	struct traffic traffic = {0};

	speed_meter_read(meter, second, &traffic);
	return traffic;
}

/* Each step adds first and reads then, in the other direction three times as much. */
static void tells_the_last_whole_second(void)
{
	static const struct {
		LONG second;
		LONG64 added, speed, total;
	} steps[] = {
		{10, 300, 0, 300}, {11, 7, 300, 307}, {11, 3, 300, 310}, {12, 0, 10, 310}, {13, 0, 0, 310},
		{20, 5, 0, 315},   {21, 0, 5, 315},   {20, 1, 5, 316},   {22, 0, 1, 316},
	};
	struct speed_meter meter;

	speed_meter_initialize(&meter, 10);
	for (size_t index = 0; index < COUNT(steps); index++) {
		struct traffic traffic;

		speed_meter_add(&meter, NETFLOW_UPLOAD, steps[index].added, steps[index].second);
		speed_meter_add(&meter, NETFLOW_DOWNLOAD, 3 * steps[index].added, steps[index].second);
		traffic = read_meter(&meter, steps[index].second);
		CHECK_EQUAL(steps[index].speed, traffic.speed[NETFLOW_UPLOAD]);
		CHECK_EQUAL(steps[index].total, traffic.bytes[NETFLOW_UPLOAD]);
		CHECK_EQUAL(3 * steps[index].speed, traffic.speed[NETFLOW_DOWNLOAD]);
		CHECK_EQUAL(3 * steps[index].total, traffic.bytes[NETFLOW_DOWNLOAD]);
	}
}

static void merges(void)
{
	static const struct {
		LONG merged, read;
		LONG64 speed;
	} cases[] = {
		{10, 10, 0}, {10, 11, 330}, {10, 12, 0}, {11, 11, 330}, {11, 12, 0}, {13, 13, 0},
	};

	for (size_t index = 0; index < COUNT(cases); index++) {
		struct speed_meter into, from;
		struct traffic traffic;

		speed_meter_initialize(&into, 10);
		speed_meter_initialize(&from, 9);
		speed_meter_add(&into, NETFLOW_UPLOAD, 300, 10);
		speed_meter_add(&from, NETFLOW_UPLOAD, 1, 9);
		speed_meter_add(&from, NETFLOW_UPLOAD, 30, 10);
		speed_meter_merge(&into, &from, cases[index].merged);
		traffic = read_meter(&into, cases[index].read);
		CHECK_EQUAL(331, traffic.bytes[NETFLOW_UPLOAD]);
		CHECK_EQUAL(cases[index].read == 10 ? 1 : cases[index].speed, traffic.speed[NETFLOW_UPLOAD]);
	}
}

#define THREADS 4
#define ADDITIONS 20000

static struct speed_meter busy;
static LONG second = 1;
static volatile LONG running = THREADS;

static void *add(void *unused)
{
	for (int index = 0; index < ADDITIONS; index++)
		speed_meter_add(&busy, NETFLOW_UPLOAD, 3, read_once(&second));
	InterlockedDecrement(&running);
	return unused;
}

/* The speeds of all seconds are all bytes. */
static void counts_each_byte_in_one_second(void)
{
	pthread_t threads[THREADS];
	LONG64 speeds = 0;

	speed_meter_initialize(&busy, 1);
	for (int index = 0; index < THREADS; index++)
		pthread_create(&threads[index], NULL, add, NULL);
	while (read_once(&running)) {
		write_once(&second, second + 1);
		speeds += read_meter(&busy, second).speed[NETFLOW_UPLOAD];
	}
	for (int index = 0; index < THREADS; index++)
		pthread_join(threads[index], NULL);
	speeds += read_meter(&busy, second + 1).speed[NETFLOW_UPLOAD];
	CHECK_EQUAL(3 * THREADS * ADDITIONS, read_meter(&busy, second + 1).bytes[NETFLOW_UPLOAD]);
	CHECK_EQUAL(3 * THREADS * ADDITIONS, speeds);
}

static const struct test tests[] = {
	{"speed is the bytes of the last whole second", tells_the_last_whole_second},
	{"a meter that is merged adds its bytes and its last second", merges},
	{"with four threads each byte is counted once, in one second", counts_each_byte_in_one_second},
};

TEST_MAIN(tests)
