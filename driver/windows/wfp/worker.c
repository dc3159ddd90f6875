/* SPDX-License-Identifier: MIT */
#include "worker.h"
#include "closure.h"
#include "filters.h"
#include "packet.h"

#define BATCH 256

static KEVENT wake;
static PVOID thread;
static volatile LONG is_stopping;

void worker_wake(void)
{
	KeSetEvent(&wake, IO_NO_INCREMENT, FALSE);
}

void worker_suspend(BOOLEAN suspend)
{
	shaper_open(&wfp.netflow.shaper, suspend);
	worker_wake();
}

/* Returns the ticks until the next packet is due. */
static ULONG64 return_due_packets(void)
{
	LIST_ENTRY due;
	ULONG64 wait;

	InitializeListHead(&due);
	wait = shaper_take(&wfp.netflow.shaper, KeQueryInterruptTime(), BATCH, &due);
	while (!IsListEmpty(&due))
		packet_return(CONTAINING_RECORD(RemoveHeadList(&due), struct held, entry));
	return wait;
}

static void wait_for_work(ULONG64 ticks)
{
	LARGE_INTEGER timeout = {.QuadPart = -(LONG64)ticks};

	KeWaitForSingleObject(&wake, Executive, KernelMode, FALSE, ticks == SHAPER_NOTHING_WAITS ? NULL : &timeout);
}

/* What is held is let go when the driver stops, since the shaper is open then. */
static BOOLEAN is_done(BOOLEAN closures_are_done)
{
	return read_once(&is_stopping) && closures_are_done && shaper_held(&wfp.netflow.shaper) == 0;
}

static VOID NTAPI run(PVOID context)
{
	UNREFERENCED_PARAMETER(context);
	for (;;) {
		ULONG64 wait = return_due_packets();
		BOOLEAN closures_are_done = closures_complete();

		netflow_describe_processes(&wfp.netflow);
		filters_drop_unused();
		if (is_done(closures_are_done))
			break;
		if (wait)
			wait_for_work(wait);
	}
	PsTerminateSystemThread(STATUS_SUCCESS);
}

NTSTATUS worker_start(void)
{
	OBJECT_ATTRIBUTES attributes;
	HANDLE handle;
	NTSTATUS status;

	is_stopping = FALSE;
	KeInitializeEvent(&wake, SynchronizationEvent, FALSE);
	InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
	status = PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, &attributes, NULL, NULL, run, NULL);
	if (!NT_SUCCESS(status))
		return status;
	status = ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, NULL, KernelMode, &thread, NULL);
	ZwClose(handle);
	return status;
}

void worker_stop(void)
{
	write_once(&is_stopping, TRUE);
	worker_suspend(TRUE);
	KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(thread);
}
