/* SPDX-License-Identifier: MIT */
/* Fast mutexes, made as Windows makes them: of a count, and an event for those that wait. */
#include "nt_test.h"

static _Thread_local LONG critical_regions;

VOID KeEnterCriticalRegion(VOID)
{
	nt_assert_irql(APC_LEVEL, __func__);
	critical_regions++;
}

VOID KeLeaveCriticalRegion(VOID)
{
	if (critical_regions-- == 0)
		nt_fail("a critical region is left by a thread that is in none");
}

static void assert_no_apcs(const char *function)
{
	nt_assert_irql(APC_LEVEL, function);
	if (critical_regions == 0 && KeGetCurrentIrql() < APC_LEVEL)
		nt_fail("%s was called where the thread could be suspended", function);
}

static BOOLEAN is_owner(FAST_MUTEX *mutex)
{
	return __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED) == nt_this_thread();
}

VOID ExInitializeFastMutex(FAST_MUTEX *mutex)
{
	mutex->count = 1;
	mutex->owner = NULL;
	KeInitializeEvent(&mutex->event, SynchronizationEvent, FALSE);
}

VOID ExAcquireFastMutexUnsafe(FAST_MUTEX *mutex)
{
	assert_no_apcs(__func__);
	if (is_owner(mutex))
		nt_fail("a fast mutex is acquired by the thread that holds it");
	if (InterlockedDecrement(&mutex->count) < 0)
		KeWaitForSingleObject(&mutex->event, Executive, KernelMode, FALSE, NULL);
	__atomic_store_n(&mutex->owner, nt_this_thread(), __ATOMIC_RELAXED);
}

VOID ExReleaseFastMutexUnsafe(FAST_MUTEX *mutex)
{
	assert_no_apcs(__func__);
	if (!is_owner(mutex))
		nt_fail("a fast mutex is released by a thread that does not hold it");
	__atomic_store_n(&mutex->owner, NULL, __ATOMIC_RELAXED);
	if (InterlockedIncrement(&mutex->count) <= 0)
		KeSetEvent(&mutex->event, IO_NO_INCREMENT, FALSE);
}
