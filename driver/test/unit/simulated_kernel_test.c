/* SPDX-License-Identifier: MIT */
/* The kernel that the drivers are tested on must itself refuse what Windows would. */
#include "../../windows/common/kernel_api.h"
#include "nt_test.h"
#include "test.h"

static void release_a_lock_that_is_not_held(void)
{
	KSPIN_LOCK lock;
	KLOCK_QUEUE_HANDLE handle = {&lock, 0};

	KeInitializeSpinLock(&lock);
	KeReleaseInStackQueuedSpinLock(&handle);
}

static void acquire_a_lock_twice(void)
{
	KSPIN_LOCK lock;
	KLOCK_QUEUE_HANDLE handle;

	KeInitializeSpinLock(&lock);
	KeAcquireInStackQueuedSpinLock(&lock, &handle);
	KeAcquireInStackQueuedSpinLock(&lock, &handle);
}

static void wait_with_a_lock(void)
{
	KSPIN_LOCK lock;
	KLOCK_QUEUE_HANDLE handle;
	KEVENT event;

	KeInitializeSpinLock(&lock);
	KeInitializeEvent(&event, NotificationEvent, TRUE);
	KeAcquireInStackQueuedSpinLock(&lock, &handle);
	KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
}

static void acquire_a_mutex_where_it_can_be_suspended(void)
{
	FAST_MUTEX mutex;

	ExInitializeFastMutex(&mutex);
	ExAcquireFastMutexUnsafe(&mutex);
}

static void acquire_a_mutex_twice(void)
{
	FAST_MUTEX mutex;

	ExInitializeFastMutex(&mutex);
	mutex_acquire(&mutex);
	mutex_acquire(&mutex);
}

static void release_a_mutex_that_is_not_held(void)
{
	FAST_MUTEX mutex;

	ExInitializeFastMutex(&mutex);
	KeEnterCriticalRegion();
	mutex_release(&mutex);
}

static void free_with_another_tag(void)
{
	ExFreePoolWithTag(ExAllocatePoolWithTag(NonPagedPoolNx, 8, 'aaaa'), 'bbbb');
}

static void forget_to_free(void)
{
	ExAllocatePoolWithTag(NonPagedPoolNx, 8, 'aaaa');
	nt_pool_assert_empty();
}

static void refuses_mistakes(void)
{
	CHECK(test_aborts(release_a_lock_that_is_not_held));
	CHECK(test_aborts(acquire_a_lock_twice));
	CHECK(test_aborts(wait_with_a_lock));
	CHECK(test_aborts(acquire_a_mutex_where_it_can_be_suspended));
	CHECK(test_aborts(acquire_a_mutex_twice));
	CHECK(test_aborts(release_a_mutex_that_is_not_held));
	CHECK(test_aborts(free_with_another_tag));
	CHECK(test_aborts(forget_to_free));
}

static ULONGLONG woken_at[3];

static VOID sleeper(PVOID context)
{
	ULONG_PTR index = (ULONG_PTR)context;
	LARGE_INTEGER interval = {.QuadPart = -(LONGLONG)(3 - index) * 1000};

	KeDelayExecutionThread(KernelMode, FALSE, &interval);
	woken_at[index] = KeQueryInterruptTime();
	PsTerminateSystemThread(STATUS_SUCCESS);
}

static void moves_its_clock(void)
{
	HANDLE threads[3];

	nt_clock_simulate(1000000);
	for (ULONG_PTR index = 0; index < 3; index++)
		PsCreateSystemThread(&threads[index], 0, NULL, NULL, NULL, sleeper, (PVOID)index);
	nt_clock_advance(2500);
	CHECK_EQUAL(1002500, KeQueryInterruptTime());
	CHECK_EQUAL(0, woken_at[0]);
	CHECK_EQUAL(1002000, woken_at[1]);
	CHECK_EQUAL(1001000, woken_at[2]);
	nt_clock_advance(500);
	CHECK_EQUAL(1003000, woken_at[0]);
	for (int index = 0; index < 3; index++)
		ZwClose(threads[index]);
}

static KEVENT ping, pong;
static LONG rounds;

static VOID answer(PVOID context)
{
	(void)context;
	for (int round = 0; round < 1000; round++) {
		KeWaitForSingleObject(&ping, Executive, KernelMode, FALSE, NULL);
		InterlockedIncrement(&rounds);
		KeSetEvent(&pong, IO_NO_INCREMENT, FALSE);
	}
	PsTerminateSystemThread(STATUS_SUCCESS);
}

static void wakes_one_waiter_for_each_set(void)
{
	HANDLE thread;

	KeInitializeEvent(&ping, SynchronizationEvent, FALSE);
	KeInitializeEvent(&pong, SynchronizationEvent, FALSE);
	PsCreateSystemThread(&thread, 0, NULL, NULL, NULL, answer, NULL);
	for (int round = 0; round < 1000; round++) {
		KeSetEvent(&ping, IO_NO_INCREMENT, FALSE);
		KeWaitForSingleObject(&pong, Executive, KernelMode, FALSE, NULL);
	}
	KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
	ZwClose(thread);
	CHECK_EQUAL(1000, rounds);
}

static FAST_MUTEX counted;
static LONG counter;

static VOID count_under_mutex(PVOID context)
{
	(void)context;
	for (int round = 0; round < 1000; round++) {
		mutex_acquire(&counted);
		counter = counter + 1;
		mutex_release(&counted);
	}
	PsTerminateSystemThread(STATUS_SUCCESS);
}

static void lets_one_at_a_time_have_a_mutex(void)
{
	HANDLE threads[4];

	ExInitializeFastMutex(&counted);
	for (int index = 0; index < 4; index++)
		PsCreateSystemThread(&threads[index], 0, NULL, NULL, NULL, count_under_mutex, NULL);
	for (int index = 0; index < 4; index++) {
		KeWaitForSingleObject(threads[index], Executive, KernelMode, FALSE, NULL);
		ZwClose(threads[index]);
	}
	CHECK_EQUAL(4000, counter);
}

static const struct test tests[] = {
	{"the simulated kernel ends a program that breaks a rule", refuses_mistakes},
	{"a simulated clock wakes threads in order and only when it is moved", moves_its_clock},
	{"an event wakes one waiter each time it is set", wakes_one_waiter_for_each_set},
	{"a mutex is one thread's at a time", lets_one_at_a_time_have_a_mutex},
};

TEST_MAIN(tests)
