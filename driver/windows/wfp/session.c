/* SPDX-License-Identifier: MIT */
#include "session.h"
#include "callouts.h"
#include "closure.h"
#include "contexts.h"
#include "filters.h"

#define AUTHENTICATION_WINNT 10 /* RPC_C_AUTHN_WINNT */
#define LONGEST_WAIT (5 * TICKS_PER_SECOND)

static struct worker worker;
static HANDLE subscription;
static volatile LONG service_runs, service_stops, is_stopping;

static HANDLE session; /* NULL: none. The thread's alone, as is what follows */
static LONG stops;     /* of the service, when the session was opened */
static BOOLEAN holds;  /* its filters that hold are there */
static BOOLEAN has_failed;

/* Turns that somebody waits for, by their numbers. */
static volatile LONG asked, answered;
static volatile LONG answer; /* NTSTATUS */
static KEVENT has_answered;

/* ---- the thread ---- */

static void close(void)
{
	if (session)
		FwpmEngineClose0(session); /* a dynamic session's objects go with it */
	session = NULL;
	holds = FALSE;
}

static NTSTATUS open(void)
{
	static wchar_t name[] = L"NetFlow";
	FWPM_SESSION0 options = {.displayData = {.name = name}, .flags = FWPM_SESSION_FLAG_DYNAMIC};
	NTSTATUS status;

	stops = read_once(&service_stops);
	status = FwpmEngineOpen0(NULL, AUTHENTICATION_WINNT, NULL, &options, &session);
	if (!NT_SUCCESS(status)) {
		session = NULL;
		return status;
	}
	status = filters_add_counting(session);
	if (!NT_SUCCESS(status))
		close();
	return status;
}

static NTSTATUS begin_to_hold(void)
{
	NTSTATUS status;

	if (!read_once(&wfp.is_limiting)) {
		status = callouts_register(TRUE);
		if (!NT_SUCCESS(status))
			return status;
		write_once(&wfp.is_limiting, TRUE);
		contexts_limit(NULL);
	}
	status = filters_add_limiting(session);
	holds = NT_SUCCESS(status);
	return status;
}

void session_unregister_limiting(void)
{
	if (!read_once(&wfp.is_limiting))
		return;
	write_once(&wfp.is_limiting, FALSE);
	callouts_unregister(TRUE);
}

static NTSTATUS end_holding(void)
{
	NTSTATUS status = holds ? filters_remove_limiting(session) : STATUS_SUCCESS;

	if (!NT_SUCCESS(status))
		return status;
	holds = FALSE;
	session_unregister_limiting();
	return STATUS_SUCCESS;
}

static BOOLEAN is_unused(void)
{
	return !limits_any(&wfp.netflow.limits) && shaper_held(&wfp.netflow.shaper) == 0 && !closures_any();
}

static NTSTATUS do_what_is_wanted(void)
{
	NTSTATUS status = STATUS_SUCCESS;

	if (!read_once(&service_runs) || read_once(&service_stops) != stops || read_once(&is_stopping))
		close();
	if (!session && read_once(&service_runs) && !read_once(&is_stopping))
		status = open();
	if (!NT_SUCCESS(status) || read_once(&is_stopping))
		return status;
	if (is_unused())
		return end_holding();
	return session && !holds && limits_any(&wfp.netflow.limits) ? begin_to_hold() : STATUS_SUCCESS;
}

static BOOLEAN turn(ULONG64 *ticks)
{
	LONG number = read_once(&asked);
	NTSTATUS status = do_what_is_wanted();

	if (!NT_SUCCESS(status)) {
		if (!has_failed)
			InterlockedIncrement64(&wfp.netflow.lost_events);
		*ticks = TICKS_PER_SECOND;
	}
	has_failed = !NT_SUCCESS(status);
	write_once(&answer, status);
	write_once(&answered, number);
	KeSetEvent(&has_answered, IO_NO_INCREMENT, FALSE);
	return TRUE;
}

/* ---- everybody else ---- */

/* One waits at a time: at the start, and then with the lock that guards changes of rules. */
static NTSTATUS ask(LARGE_INTEGER *timeout)
{
	LONG number = InterlockedIncrement(&asked);

	worker_wake(&worker);
	while (read_once(&answered) < number) {
		if (KeWaitForSingleObject(&has_answered, Executive, KernelMode, FALSE, timeout) == STATUS_TIMEOUT)
			return STATUS_IO_TIMEOUT;
	}
	return read_once(&answer);
}

/* PASSIVE_LEVEL; the service comes and goes on its own. */
static void NTAPI service_changed(void *context, FWPM_SERVICE_STATE state)
{
	UNREFERENCED_PARAMETER(context);
	if (state != FWPM_SERVICE_RUNNING)
		InterlockedIncrement(&service_stops); /* it may run again before the thread has seen it */
	write_once(&service_runs, state == FWPM_SERVICE_RUNNING);
	worker_wake(&worker);
}

/* What the engine itself says of a filter stays as it is, unless it is only that others are at work. */
static BOOLEAN is_final(NTSTATUS status)
{
	return !NT_SUCCESS(status) && status != STATUS_FWP_TIMEOUT && status != STATUS_FWP_SESSION_ABORTED &&
	       ((ULONG)status & 0xffff0000) == 0xc0220000;
}

static void initialize(void)
{
	KeInitializeEvent(&has_answered, SynchronizationEvent, FALSE);
	service_runs = service_stops = is_stopping = asked = answered = stops = 0;
	session = NULL;
	holds = has_failed = FALSE;
}

NTSTATUS session_start(void)
{
	NTSTATUS status;

	initialize();
	status = worker_start(&worker, turn);
	if (!NT_SUCCESS(status))
		return status;
	status = FwpmBfeStateSubscribeChanges0(wfp.device, service_changed, NULL, &subscription);
	if (!NT_SUCCESS(status))
		goto stop_worker;
	if (FwpmBfeStateGet0() == FWPM_SERVICE_RUNNING)
		write_once(&service_runs, TRUE);
	status = ask(NULL);
	if (!is_final(status))
		return STATUS_SUCCESS;
	FwpmBfeStateUnsubscribeChanges0(subscription);
stop_worker:
	write_once(&is_stopping, TRUE);
	worker_stop(&worker);
	return status;
}

void session_stop(void)
{
	FwpmBfeStateUnsubscribeChanges0(subscription);
	write_once(&is_stopping, TRUE);
	worker_stop(&worker);
}

NTSTATUS session_limits_changed(struct netflow *netflow, struct process_node *process)
{
	LARGE_INTEGER timeout = {.QuadPart = -LONGEST_WAIT};
	NTSTATUS status = ask(&timeout);

	UNREFERENCED_PARAMETER(netflow);
	contexts_limit(process);
	worker_wake(&wfp.worker); /* what waits may go on sooner now */
	return NT_SUCCESS(status) ? STATUS_SUCCESS : STATUS_IO_TIMEOUT;
}

void session_drop_unused(void)
{
	if (read_once(&wfp.is_limiting) && is_unused())
		worker_wake(&worker);
}
