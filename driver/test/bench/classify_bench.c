/* SPDX-License-Identifier: MIT */
/*
 * What counting costs: nanoseconds of one call of the STREAM callout, on this machine, with few and many flows, by one
 * thread and by two. Beside it stands what the machine takes for no more than an interlocked addition to the flow,
 * which nothing that counts can do without: with more flows than a cache holds it is a wait for memory. What the
 * callout adds to that must not grow. node scripts/driver-tests.mjs --bench runs it, without sanitizers.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../windows/wfp/classify.h"
#include "rig.h"

#define MOST_FLOWS 100000
#define PROCESSES 1000
#define CALLS 20000000u
#define ROUNDS 5
#define STRIDE 7919u /* a prime: neighbours in memory are not called one after the other */

struct share {
	pthread_t thread;
	struct flow **flows;
	unsigned count;
};

static struct flow *flows[MOST_FLOWS];
static unsigned flow_count;

static BOOLEAN collect(struct flow *flow, void *context)
{
	(void)context;
	flows[flow_count++] = flow;
	return TRUE;
}

typedef void *worker(void *);

static unsigned next_index(unsigned index, unsigned count)
{
	index += STRIDE;
	return index < count ? index : index % count;
}

static void *call(void *context)
{
	const struct share *share = context;
	FWPS_STREAM_DATA0 stream = {.flags = FWPS_STREAM_FLAG_SEND, .dataLength = 1460};
	FWPS_STREAM_CALLOUT_IO_PACKET0 packet = {.streamData = &stream};
	FWPS_CLASSIFY_OUT0 out = {0};
	unsigned index = 0;

	for (unsigned count = 0; count < CALLS; count++) {
		index = next_index(index, share->count);
		classify_stream(NULL, NULL, &packet, NULL, NULL, (UINT64)(ULONG_PTR)share->flows[index], &out);
	}
	return NULL;
}

static void *add_only(void *context)
{
	const struct share *share = context;
	unsigned index = 0;

	for (unsigned count = 0; count < CALLS; count++) {
		index = next_index(index, share->count);
		InterlockedExchangeAdd64(&share->flows[index]->transferred.meter.bytes[NETFLOW_UPLOAD], 1460);
	}
	return NULL;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The best of several rounds: what disturbs one only makes it slower. */
static double measure(worker *work, unsigned threads, unsigned count, unsigned apart)
{
	struct share share[2];
	double best = 1e9;

	for (unsigned round = 0; round < ROUNDS; round++) {
		double started = seconds();

		for (unsigned index = 0; index < threads; index++) {
			share[index].flows = flows + index * apart;
			share[index].count = count;
			pthread_create(&share[index].thread, NULL, work, &share[index]);
		}
		for (unsigned index = 0; index < threads; index++)
			pthread_join(share[index].thread, NULL);
		if (seconds() - started < best)
			best = seconds() - started;
	}
	return best * 1e9 / CALLS;
}

static void row(const char *what, unsigned threads, unsigned count, unsigned apart)
{
	double callout = measure(call, threads, count, apart), addition = measure(add_only, threads, count, apart);

	printf("%-36s %10.1f %10.1f %10.1f\n", what, callout, addition, callout - addition);
}

int main(void)
{
	rig_start();
	/* On Windows the time is a word in memory; the simulated kernel's would take longer than all the rest. */
	nt_clock_simulate(KeQueryInterruptTime());
	for (ULONG index = 0; index < MOST_FLOWS; index++) {
		ULONG process = 100 + index % PROCESSES * 4;
		struct engine_flow_options options = rig_flow(process);

		if (index < PROCESSES)
			rig_process(process);
		engine_flow_open(&options);
	}
	flows_visit(&wfp.netflow.flows, collect, NULL);
	printf("%-36s %10s %10s %10s\n", "ns a call", "STREAM", "addition", "the rest");
	row("1 flow", 1, 1, 0);
	row("1,000 flows", 1, 1000, 0);
	row("100,000 flows", 1, MOST_FLOWS, 0);
	row("two threads, 1 flow each", 2, 1, MOST_FLOWS / 2);
	row("two threads, 50,000 flows each", 2, MOST_FLOWS / 2, MOST_FLOWS / 2);
	row("two threads, the same flow", 2, 1, 0);
	return 0;
}
