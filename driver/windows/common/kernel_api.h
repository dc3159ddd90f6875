/* SPDX-License-Identifier: MIT */
/*
 * The kernel that the Windows drivers are written for: Windows' own, or, for tests on
 * any machine, driver/simulator/nt, which offers the same few functions to a program in
 * user mode and checks what only Driver Verifier would check on Windows (IRQL, locks,
 * pool tags). What is not declared there is not used by a driver.
 */
#ifndef NETFLOW_COMMON_KERNEL_API_H
#define NETFLOW_COMMON_KERNEL_API_H

#ifdef NETFLOW_SIMULATED
#include "nt.h"
#else
#include <ntifs.h>
#endif

#include "../../protocol.h"

/* What an allocation is for, as PoolMon and Driver Verifier show it. */
#define TAG_FLOW 'lFFN'
#define TAG_PROCESS 'rPFN'
#define TAG_RULE 'uRFN'
#define TAG_PACKET 'aPFN'
#define TAG_TABLE 'aTFN'
#define TAG_BUFFER 'uBFN'

/* Windows counts time in units of 100 ns. */
#define TICKS_PER_SECOND 10000000

/* A 32-bit kernel has only the exchange. */
#if defined(__i386__) && !defined(NETFLOW_SIMULATED)
#define InterlockedIncrement64(address) __sync_add_and_fetch(address, 1)
#define InterlockedExchangeAdd64(address, value) __sync_fetch_and_add(address, value)
#define InterlockedExchange64(address, value) __sync_lock_test_and_set(address, value)
#define InterlockedCompareExchange64(address, value, comparand) __sync_val_compare_and_swap(address, comparand, value)
#endif

/* A relaxed read of what another processor may be writing. 32 bits: whole on every machine. */
#ifdef _MSC_VER
#define read_once(address) (*(const volatile LONG *)(address))
#define write_once(address, value) (*(volatile LONG *)(address) = (value))
#else
#define read_once(address) __atomic_load_n(address, __ATOMIC_RELAXED)
#define write_once(address, value) __atomic_store_n(address, value, __ATOMIC_RELAXED)
#endif

/*
 * There are two builds of each source: with NETFLOW_BEFORE_WINDOWS_10 the one for the Windows before that, and without
 * it the one for Windows 10 and later. Versions are told apart by the number of their build.
 */
#define WINDOWS_VISTA 6000u
#define WINDOWS_8 9200u
#define WINDOWS_10 10240u
#define WINDOWS_10_1903 18362u
#define WINDOWS_10_2004 19041u

/* Set by the following. */
extern ULONG windows_build;

/* IRQL == PASSIVE_LEVEL, before all else. STATUS_NOT_SUPPORTED: the other build of the driver is for this Windows. */
NTSTATUS kernel_api_prepare(void);

/* From Windows 8 on, memory for data may not be executed. */
static inline POOL_TYPE pool_type(void)
{
#ifdef NETFLOW_BEFORE_WINDOWS_10
	if (windows_build < WINDOWS_8)
		return NonPagedPool;
#endif
	return NonPagedPoolNx;
}

/* The driver's memory is never paged out, since traffic may be seen at DISPATCH_LEVEL. Zeroed; NULL: none left. */
static inline void *allocate(size_t bytes, ULONG tag)
{
	void *memory = ExAllocatePoolWithTag(pool_type(), bytes, tag);

	if (memory)
		RtlZeroMemory(memory, bytes);
	return memory;
}

/*
 * A lock that may be held while something waits, and that nobody takes twice. IRQL == PASSIVE_LEVEL, and stays so; what
 * could suspend its holder is kept away. Not a KMUTEX, which Wine 8 never gives to anybody who has had to wait for it.
 */
static inline void mutex_acquire(FAST_MUTEX *mutex)
{
	KeEnterCriticalRegion();
	ExAcquireFastMutexUnsafe(mutex);
}

static inline void mutex_release(FAST_MUTEX *mutex)
{
	ExReleaseFastMutexUnsafe(mutex);
	KeLeaveCriticalRegion();
}

/* Of Windows' time, which counts ticks since 1601. */
static inline ULONG64 nanoseconds_since_1970(LONG64 ticks)
{
	return (ULONG64)(ticks - 116444736000000000) * 100;
}

/* Seconds since the machine started; what meters count in. */
static inline LONG current_second(void)
{
	return (LONG)(KeQueryInterruptTime() / TICKS_PER_SECOND);
}

#endif
