/* SPDX-License-Identifier: MIT */
#include "internal.h"

#ifdef NETFLOW_SIMULATED
#include "nt_test.h"
#endif

struct sim_engine engine;

void engine_fail(const char *sentence)
{
#ifdef NETFLOW_SIMULATED
	nt_fail("the WFP engine: %s", sentence);
#else
	DbgPrint("the WFP engine: %s\n", sentence);
	KeBugCheckEx(0xe2, 0, 0, 0, 0); /* MANUALLY_INITIATED_CRASH */
#endif
}

void *engine_allocate(SIZE_T bytes)
{
	void *memory = ExAllocatePoolWithTag(NonPagedPool, bytes, TAG_ENGINE);

	if (!memory) {
		engine_fail("no memory for the engine");
		return NULL;
	}
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

/* ---- calls into a driver ---- */

#ifdef NETFLOW_SIMULATED

static _Thread_local int classifying_tcp; /* depth */

KIRQL sim_enter_driver(void)
{
	KIRQL before = KeGetCurrentIrql();

	if (before < DISPATCH_LEVEL && engine_random(2))
		nt_raise_irql(DISPATCH_LEVEL);
	return before;
}

void sim_leave_driver(KIRQL before)
{
	ENGINE_ASSERT(KeGetCurrentIrql() >= before, "a driver returns at a lower IRQL than it was called at");
	nt_lower_irql(before);
}

/* The IRQL that the driver is called at is added to the one to come back to, so that one that keeps a lock is seen. */
KIRQL sim_enter_classify(const struct sim_flow *flow)
{
	KIRQL before = sim_enter_driver();

	classifying_tcp += flow->options.transport == 6 || classifying_tcp;
	return (KIRQL)(before | KeGetCurrentIrql() << 4);
}

void sim_leave_classify(KIRQL before)
{
	ENGINE_ASSERT(KeGetCurrentIrql() == before >> 4, "a callout returns at another IRQL than it was called at");
	if (classifying_tcp)
		classifying_tcp--;
	sim_leave_driver(before & 0xf);
}

BOOLEAN sim_is_classifying_tcp(void)
{
	return classifying_tcp != 0;
}

#else

KIRQL sim_enter_driver(void)
{
	return 0;
}

void sim_leave_driver(KIRQL before)
{
	UNREFERENCED_PARAMETER(before);
}

KIRQL sim_enter_classify(const struct sim_flow *flow)
{
	UNREFERENCED_PARAMETER(flow);
	return 0;
}

void sim_leave_classify(KIRQL before)
{
	UNREFERENCED_PARAMETER(before);
}

BOOLEAN sim_is_classifying_tcp(void)
{
	return FALSE;
}

#endif

/* ---- what tests call ---- */

void engine_start(ULONG seed)
{
	RtlZeroMemory(&engine, sizeof(engine));
	KeInitializeSpinLock(&engine.lock);
	for (int bucket = 0; bucket < FLOW_BUCKETS; bucket++)
		InitializeListHead(&engine.flows[bucket]);
	engine.random = (LONG)(seed * 2654435761u | 1);
	sim_objects_start();
	sim_filters_start();
	sim_sessions_start();
	sim_totals_start();
	sim_injection_start();
	engine_fail_pends(0);
}

void engine_stop(void)
{
	sim_injection_stop();
	sim_sessions_stop();
	for (int index = 0; index < MOST_CALLOUTS; index++)
		ENGINE_ASSERT(!engine.callout[index].id, "a callout is still registered");
	ENGINE_ASSERT(engine.contexts == 0, "contexts of flows are left");
	ENGINE_ASSERT(engine.pending_packets == 0, "packets are left");
	ENGINE_ASSERT(engine.closings == 0, "a classification was held and not released");
	sim_flows_close_all();
}

void engine_set_service(FWPM_SERVICE_STATE state)
{
	sim_sessions_set_service(state);
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

LONG engine_dropped_packets(void)
{
	return read_once(&engine.dropped_packets);
}

UINT64 engine_classify_calls(void)
{
	return (UINT64)InterlockedExchangeAdd64(&engine.calls, 0);
}

LONG engine_contexts(void)
{
	return read_once(&engine.contexts);
}

void engine_deny_rights(ULONG one_in)
{
	write_once(&engine.deny_rights, (LONG)one_in);
}

void engine_tunnel(BOOLEAN is_tunnel)
{
	write_once(&engine.is_tunnel, is_tunnel);
}
