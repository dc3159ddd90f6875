/* SPDX-License-Identifier: MIT */
/* What every part of the engine uses: its state, its memory, and calls into a driver. */
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

BOOLEAN sim_must_fail(volatile LONG *count)
{
	return read_once(count) > 0 && InterlockedDecrement(count) >= 0;
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
