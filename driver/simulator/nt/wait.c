/* SPDX-License-Identifier: MIT */
/*
 * Events and threads, and the clock that waits end by: the machine's, or one that a test moves.
 *
 * One lock guards all of it. The thread that sets an object picks the waiters to wake, and counts them as running at
 * once, so that a test that moves the clock knows when all threads are at rest again. Each waiter sleeps on a condition
 * of its own: a simulated minute has hundreds of thousands of wake-ups, and each is for one thread.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <time.h>

#include "nt_test.h"

enum kind { KIND_NOTIFICATION = 1, KIND_SYNCHRONIZATION, KIND_THREAD = NT_KIND_THREAD };

struct thread {
	DISPATCHER_OBJECT object;
	pthread_t id;
	PKSTART_ROUTINE start;
	PVOID context;
	LONG references;
	jmp_buf *exit;
};

struct waiter {
	LIST_ENTRY entry;
	pthread_cond_t changed;
	DISPATCHER_OBJECT *object; /* NULL: only time */
	ULONGLONG deadline;        /* ~0: none */
	BOOLEAN is_system;
	BOOLEAN woken, timed_out;
};

#define NEVER (~0ull)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t rested = PTHREAD_COND_INITIALIZER; /* no system thread runs */
static pthread_condattr_t monotonic;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static LIST_ENTRY waiters = {&waiters, &waiters};
static LONG running;                 /* system threads that do not wait */
static volatile ULONGLONG simulated; /* 0: the real clock */
static _Thread_local struct thread *current;

static void initialize(void)
{
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
}

static void enter(void)
{
	pthread_once(&once, initialize);
	pthread_mutex_lock(&lock);
}

static void leave(void)
{
	pthread_mutex_unlock(&lock);
}

/* ---- time ---- */

ULONGLONG KeQueryInterruptTime(void)
{
	ULONGLONG now = __atomic_load_n(&simulated, __ATOMIC_RELAXED);
	struct timespec time;

	if (now)
		return now;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (ULONGLONG)time.tv_sec * 10000000 + (ULONGLONG)time.tv_nsec / 100;
}

/* 2026-01-01, and the clock from there. */
VOID KeQuerySystemTime(LARGE_INTEGER *time)
{
	time->QuadPart = 134116128000000000 + (LONGLONG)KeQueryInterruptTime();
}

/* ---- who is woken ---- */

static void wake(struct waiter *waiter)
{
	waiter->woken = TRUE;
	RemoveEntryList(&waiter->entry);
	if (waiter->is_system)
		running++;
	pthread_cond_signal(&waiter->changed);
}

/* The caller's own thread no longer runs. */
static void rest(void)
{
	if (--running == 0)
		pthread_cond_broadcast(&rested);
}

/* TRUE: the caller need not wait. */
static BOOLEAN take(DISPATCHER_OBJECT *object)
{
	if (!object->signaled)
		return FALSE;
	if (object->kind == KIND_SYNCHRONIZATION)
		object->signaled = FALSE;
	return TRUE;
}

static void wake_waiters(DISPATCHER_OBJECT *object)
{
	LIST_ENTRY *next;

	for (LIST_ENTRY *entry = waiters.Flink; entry != &waiters; entry = next) {
		struct waiter *waiter = CONTAINING_RECORD(entry, struct waiter, entry);

		next = entry->Flink;
		if (waiter->object == object && take(object))
			wake(waiter);
	}
}

/* ---- waiting ---- */

static void sleep_on(struct waiter *waiter)
{
	struct timespec time = {(time_t)(waiter->deadline / 10000000), (long)(waiter->deadline % 10000000 * 100)};

	if (waiter->deadline == NEVER || simulated)
		pthread_cond_wait(&waiter->changed, &lock);
	else
		pthread_cond_timedwait(&waiter->changed, &lock, &time);
}

static void expire(struct waiter *waiter)
{
	waiter->timed_out = TRUE;
	wake(waiter);
}

static NTSTATUS wait_locked(DISPATCHER_OBJECT *object, ULONGLONG deadline)
{
	struct waiter waiter = {.object = object, .deadline = deadline, .is_system = current != NULL};

	if (object && take(object))
		return STATUS_SUCCESS;
	if (deadline <= KeQueryInterruptTime())
		return STATUS_TIMEOUT;
	pthread_cond_init(&waiter.changed, &monotonic);
	InsertTailList(&waiters, &waiter.entry);
	if (waiter.is_system)
		rest();
	while (!waiter.woken) {
		sleep_on(&waiter);
		if (!waiter.woken && !simulated && KeQueryInterruptTime() >= deadline)
			expire(&waiter);
	}
	pthread_cond_destroy(&waiter.changed);
	return waiter.timed_out ? STATUS_TIMEOUT : STATUS_SUCCESS;
}

static ULONGLONG deadline_of(const LARGE_INTEGER *timeout)
{
	if (!timeout)
		return NEVER;
	if (timeout->QuadPart > 0)
		nt_fail("a wait until an absolute time, which nobody needs here");
	return KeQueryInterruptTime() + (ULONGLONG)-timeout->QuadPart;
}

NTSTATUS KeWaitForSingleObject(PVOID object, KWAIT_REASON reason, KPROCESSOR_MODE mode, BOOLEAN alertable,
			       LARGE_INTEGER *timeout)
{
	NTSTATUS status;

	(void)reason, (void)mode, (void)alertable;
	nt_assert_irql(timeout && timeout->QuadPart == 0 ? DISPATCH_LEVEL : APC_LEVEL, __func__);
	enter();
	status = wait_locked(object, deadline_of(timeout));
	leave();
	return status;
}

/* A test's own thread that waits for time moves the simulated clock itself. */
NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE mode, BOOLEAN alertable, LARGE_INTEGER *interval)
{
	(void)mode, (void)alertable;
	nt_assert_irql(APC_LEVEL, __func__);
	if (simulated && !current) {
		nt_clock_advance((ULONGLONG)-interval->QuadPart);
		return STATUS_SUCCESS;
	}
	enter();
	wait_locked(NULL, deadline_of(interval));
	leave();
	return STATUS_SUCCESS;
}

/* ---- events ---- */

VOID KeInitializeEvent(KEVENT *event, EVENT_TYPE type, BOOLEAN state)
{
	*event = (KEVENT){.kind = type == NotificationEvent ? KIND_NOTIFICATION : KIND_SYNCHRONIZATION,
			  .signaled = state};
}

LONG KeSetEvent(KEVENT *event, LONG increment, BOOLEAN wait)
{
	LONG before;

	(void)increment;
	nt_assert_irql(wait ? APC_LEVEL : DISPATCH_LEVEL, __func__);
	enter();
	before = event->signaled;
	event->signaled = TRUE;
	wake_waiters(event);
	leave();
	return before;
}

VOID KeClearEvent(KEVENT *event)
{
	nt_assert_irql(DISPATCH_LEVEL, __func__);
	enter();
	event->signaled = FALSE;
	leave();
}

/* ---- threads ---- */

/*
 * Drops the thread's own reference before it wakes anybody: whoever drops the last one then joins the thread, so that
 * none outlives a test.
 */
static void finish(struct thread *thread)
{
	BOOLEAN is_last;

	enter();
	rest();
	is_last = __atomic_sub_fetch(&thread->references, 1, __ATOMIC_SEQ_CST) == 0;
	if (!is_last)
		thread->object.signaled = TRUE;
	wake_waiters(&thread->object);
	leave();
	if (!is_last)
		return;
	pthread_detach(thread->id);
	free(thread);
}

static void *run(void *argument)
{
	struct thread *thread = argument;
	jmp_buf exit;

	current = thread;
	thread->exit = &exit;
	if (!setjmp(exit)) {
		thread->start(thread->context);
		nt_fail("a system thread returns and does not call PsTerminateSystemThread");
	}
	nt_assert_irql(PASSIVE_LEVEL, "PsTerminateSystemThread");
	finish(thread);
	return NULL;
}

NTSTATUS PsCreateSystemThread(HANDLE *handle, ULONG access, OBJECT_ATTRIBUTES *attributes, HANDLE process,
			      CLIENT_ID *client, PKSTART_ROUTINE start, PVOID context)
{
	struct thread *thread = calloc(1, sizeof(*thread));

	(void)access, (void)attributes, (void)process, (void)client;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	thread->object.kind = KIND_THREAD;
	thread->start = start;
	thread->context = context;
	thread->references = 2; /* the handle's and its own */
	enter();
	running++;
	leave();
	if (pthread_create(&thread->id, NULL, run, thread))
		nt_fail("no thread could be made");
	*handle = thread;
	return STATUS_SUCCESS;
}

NTSTATUS PsTerminateSystemThread(NTSTATUS status)
{
	(void)status;
	if (!current)
		nt_fail("PsTerminateSystemThread in a thread that is not the system's");
	longjmp(*current->exit, 1);
}

NTSTATUS ObReferenceObjectByHandle(HANDLE handle, ACCESS_MASK access, PVOID type, KPROCESSOR_MODE mode, PVOID *object,
				   PVOID information)
{
	struct thread *thread = handle;

	(void)access, (void)type, (void)mode, (void)information;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	__atomic_add_fetch(&thread->references, 1, __ATOMIC_SEQ_CST);
	*object = thread;
	return STATUS_SUCCESS;
}

/* Only threads count their references here. */
VOID ObDereferenceObject(PVOID object)
{
	struct thread *thread = object;

	nt_assert_irql(DISPATCH_LEVEL, __func__);
	if (!thread || thread->object.kind != KIND_THREAD)
		return;
	if (__atomic_sub_fetch(&thread->references, 1, __ATOMIC_SEQ_CST) != 0)
		return;
	pthread_join(thread->id, NULL);
	free(thread);
}

/* ---- the simulated clock ---- */

static void settle_locked(void)
{
	while (running > 0)
		pthread_cond_wait(&rested, &lock);
}

static struct waiter *first_due(ULONGLONG latest)
{
	struct waiter *first = NULL;

	for (LIST_ENTRY *entry = waiters.Flink; entry != &waiters; entry = entry->Flink) {
		struct waiter *waiter = CONTAINING_RECORD(entry, struct waiter, entry);

		if (waiter->deadline <= latest && (!first || waiter->deadline < first->deadline))
			first = waiter;
	}
	return first;
}

void nt_clock_simulate(ULONGLONG now)
{
	enter();
	__atomic_store_n(&simulated, now, __ATOMIC_RELAXED);
	for (LIST_ENTRY *entry = waiters.Flink; entry != &waiters; entry = entry->Flink)
		pthread_cond_signal(&CONTAINING_RECORD(entry, struct waiter, entry)->changed);
	leave();
}

void nt_clock_real(void)
{
	nt_clock_simulate(0);
}

void nt_clock_advance(ULONGLONG ticks)
{
	ULONGLONG target = simulated + ticks;
	struct waiter *due;

	enter();
	settle_locked();
	while ((due = first_due(target)) != NULL) {
		if (due->deadline > simulated)
			__atomic_store_n(&simulated, due->deadline, __ATOMIC_RELAXED);
		expire(due);
		settle_locked();
	}
	__atomic_store_n(&simulated, target, __ATOMIC_RELAXED);
	leave();
}

void nt_clock_settle(void)
{
	enter();
	settle_locked();
	leave();
}
