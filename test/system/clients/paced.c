// SPDX-License-Identifier: MIT
/*
 * Sends datagrams of many sizes to itself and notes when each was sent. It takes
 * half of each, so that the two directions differ.
 */
#define _GNU_SOURCE
#include "command.h"
#include "endpoint.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define EVENTS 4096
#define TICK_NANOSECONDS 10000000

static struct {
	long long microseconds;
	long up;
	long down;
} events[EVENTS];

static unsigned event_count;
static unsigned reported;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t thread;
static volatile int running;
static int bursty;
static int sender;
static int receiver;

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

/* 100 to 16482 bytes, an even number of them, the same row in every run. */
static size_t next_size(void)
{
	static unsigned state = 12345;

	state = state * 1103515245u + 12345u;
	return 100 + (state >> 16 & 0x3ffe);
}

static void move(void)
{
	static char buffer[32768];
	size_t size = next_size();

	pthread_mutex_lock(&lock);
	events[event_count].up = must("send", send(sender, buffer, size, 0));
	events[event_count].down = must("recv", recv(receiver, buffer, size / 2, 0));
	events[event_count].microseconds = now();
	counts_sent(events[event_count].up);
	counts_received(events[event_count].down);
	event_count = (event_count + 1) % EVENTS;
	pthread_mutex_unlock(&lock);
}

/* A burst lasts a quarter of a second and begins every 2.3 seconds, so that it meets every part of a second. */
static int is_due(void)
{
	return !bursty || now() % 2300000 < 250000;
}

static void *run(void *argument)
{
	const struct timespec tick = {.tv_nsec = TICK_NANOSECONDS};

	(void)argument;
	while (running) {
		if (is_due())
			move();
		nanosleep(&tick, NULL);
	}
	return NULL;
}

/* start steady|bursty */
static void command_start(char **arguments)
{
	struct endpoint endpoint = endpoint_parse("127.0.0.1", "0");
	char port[16];

	bursty = !strcmp(arguments[0], "bursty");
	receiver = endpoint_socket(&endpoint, "udp");
	snprintf(port, sizeof(port), "%d", endpoint_bind(receiver, &endpoint));
	sender = endpoint_connect("udp", "127.0.0.1", port);
	running = 1;
	must("pthread_create", -pthread_create(&thread, NULL, run, NULL));
}

static void command_stop(char **arguments)
{
	(void)arguments;
	running = 0;
	pthread_join(thread, NULL);
}

/* `events`: [microseconds of CLOCK_MONOTONIC, bytes up, bytes down] for each since the last answer. */
static void command_log(char **arguments)
{
	const char *separator = "";

	(void)arguments;
	pthread_mutex_lock(&lock);
	printf("\"events\":[");
	for (; reported != event_count; reported = (reported + 1) % EVENTS) {
		printf("%s[%lld,%ld,%ld]", separator, events[reported].microseconds, events[reported].up,
		       events[reported].down);
		separator = ",";
	}
	printf("],");
	pthread_mutex_unlock(&lock);
}

static const struct command commands[] = {
	{"start", command_start},
	{"stop", command_stop},
	{"log", command_log},
	{NULL, NULL},
};

int main(void)
{
	command_loop(commands);
	return 0;
}
