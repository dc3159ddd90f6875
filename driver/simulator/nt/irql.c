/* SPDX-License-Identifier: MIT */
/* IRQL, and the spin locks that raise it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "nt_test.h"

static _Thread_local KIRQL irql;

_Noreturn void nt_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("kernel: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	abort();
}

KIRQL KeGetCurrentIrql(void)
{
	return irql;
}

void nt_assert_irql(KIRQL most, const char *function)
{
	if (irql > most)
		nt_fail("%s was called at IRQL %d, and %d is the most", function, irql, most);
}

KIRQL nt_raise_irql(KIRQL raised)
{
	KIRQL before = irql;

	if (raised < irql)
		nt_fail("the IRQL is raised from %d to %d", irql, raised);
	irql = raised;
	return before;
}

void nt_lower_irql(KIRQL lowered)
{
	if (lowered > irql)
		nt_fail("the IRQL is lowered from %d to %d", irql, lowered);
	irql = lowered;
}

const void *nt_this_thread(void)
{
	return &irql;
}

VOID KeInitializeSpinLock(KSPIN_LOCK *lock)
{
	pthread_mutex_init(&lock->mutex, NULL);
	lock->owner = NULL;
}

VOID KeAcquireInStackQueuedSpinLock(KSPIN_LOCK *lock, KLOCK_QUEUE_HANDLE *handle)
{
	nt_assert_irql(DISPATCH_LEVEL, __func__);
	if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == nt_this_thread())
		nt_fail("a spin lock is acquired by the thread that holds it");
	handle->irql = nt_raise_irql(DISPATCH_LEVEL);
	handle->lock = lock;
	pthread_mutex_lock(&lock->mutex);
	__atomic_store_n(&lock->owner, nt_this_thread(), __ATOMIC_RELAXED);
}

VOID KeReleaseInStackQueuedSpinLock(KLOCK_QUEUE_HANDLE *handle)
{
	KSPIN_LOCK *lock = handle->lock;

	if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != nt_this_thread())
		nt_fail("a spin lock is released by a thread that does not hold it");
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&lock->mutex);
	nt_lower_irql(handle->irql);
}
