/* SPDX-License-Identifier: MIT */
#include "worker.h"

void worker_wake(struct worker *worker)
{
	KeSetEvent(&worker->wake, IO_NO_INCREMENT, FALSE);
}

static void wait_for_work(struct worker *worker, ULONG64 ticks)
{
	LARGE_INTEGER timeout = {.QuadPart = -(LONG64)ticks};

	KeWaitForSingleObject(&worker->wake, Executive, KernelMode, FALSE, ticks == WORKER_SLEEPS ? NULL : &timeout);
}

static VOID NTAPI run(PVOID context)
{
	struct worker *worker = context;

	for (;;) {
		BOOLEAN is_last = read_once(&worker->is_stopping) != 0; /* before the turn, which must find nothing */
		ULONG64 ticks = WORKER_SLEEPS;

		if (worker->turn(&ticks) && is_last)
			break;
		if (ticks)
			wait_for_work(worker, ticks);
	}
	PsTerminateSystemThread(STATUS_SUCCESS);
}

NTSTATUS worker_start(struct worker *worker, worker_routine *turn)
{
	OBJECT_ATTRIBUTES attributes;
	HANDLE handle;
	NTSTATUS status;

	worker->turn = turn;
	worker->is_stopping = FALSE;
	KeInitializeEvent(&worker->wake, SynchronizationEvent, FALSE);
	InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
	status = PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, &attributes, NULL, NULL, run, worker);
	if (!NT_SUCCESS(status))
		return status;
	status = ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, NULL, KernelMode, &worker->thread, NULL);
	ZwClose(handle);
	return status;
}

void worker_stop(struct worker *worker)
{
	write_once(&worker->is_stopping, TRUE);
	worker_wake(worker);
	KeWaitForSingleObject(worker->thread, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(worker->thread);
}
