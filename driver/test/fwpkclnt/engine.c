/* SPDX-License-Identifier: MIT */
#include "internal.h"

#ifdef NETFLOW_HOST
#include "nt_test.h"
#endif

struct sim_engine engine;

void engine_fail(const char *sentence)
{
#ifdef NETFLOW_HOST
	nt_fail("the filtering platform: %s", sentence);
#else
	DbgPrint("the filtering platform: %s\n", sentence);
	KeBugCheckEx(0xe2, 0, 0, 0, 0); /* MANUALLY_INITIATED_CRASH */
#endif
}

void *engine_allocate(SIZE_T bytes)
{
	void *memory = ExAllocatePoolWithTag(NonPagedPool, bytes, TAG_ENGINE);

	ENGINE_ASSERT(memory != NULL, "no memory for the engine");
	RtlZeroMemory(memory, bytes);
	return memory;
}

void engine_free(void *memory)
{
	ExFreePoolWithTag(memory, TAG_ENGINE);
}

/* xorshift; threads share it, and a value that two of them get does no harm. */
ULONG engine_random(ULONG below)
{
	ULONG state = (ULONG)read_once(&engine.random);

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	write_once(&engine.random, (LONG)state);
	return state % below;
}

void engine_start(ULONG seed)
{
	RtlZeroMemory(&engine, sizeof(engine));
	KeInitializeSpinLock(&engine.lock);
	for (int bucket = 0; bucket < FLOW_BUCKETS; bucket++)
		InitializeListHead(&engine.flows[bucket]);
	engine.random = (LONG)(seed | 1);
	sim_objects_start();
	sim_traffic_start();
	sim_injection_start();
}

void engine_stop(void)
{
	sim_injection_stop();
	sim_objects_stop();
	for (int index = 0; index < MOST_CALLOUTS; index++)
		ENGINE_ASSERT(!engine.callout[index].id, "a callout is still registered");
	ENGINE_ASSERT(engine.contexts == 0, "contexts of flows are left");
	ENGINE_ASSERT(engine.pending_packets == 0, "packets are left");
	sim_flows_close_all();
}

void engine_set_service(FWPM_SERVICE_STATE state)
{
	sim_objects_set_service(state);
}

void engine_on_arrival(engine_arrival_routine *routine, void *context)
{
	engine.arrival = routine;
	engine.arrival_context = context;
}

LONG engine_pending_packets(void)
{
	return read_once(&engine.pending_packets);
}

LONG engine_lost_packets(void)
{
	return read_once(&engine.lost_packets);
}

UINT64 engine_classify_calls(void)
{
	return (UINT64)InterlockedExchangeAdd64(&engine.calls, 0);
}

LONG engine_contexts(void)
{
	return read_once(&engine.contexts);
}
