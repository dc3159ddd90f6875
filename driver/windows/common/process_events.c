/* SPDX-License-Identifier: MIT */
#include "process_events.h"
#include "netflow_processes.h"

static struct netflow *notified; /* Windows passes no context of ours */

static void changed(HANDLE process_id, BOOLEAN began)
{
	ULONG id = (ULONG)(ULONG_PTR)process_id;

	if (began)
		netflow_process_began(notified, id);
	else
		netflow_process_exited(notified, id);
}

static VOID NTAPI process_changed(HANDLE parent_id, HANDLE process_id, BOOLEAN began)
{
	UNREFERENCED_PARAMETER(parent_id);
	changed(process_id, began);
}

#ifdef NETFLOW_BEFORE_WINDOWS_10

NTSTATUS process_events_start(struct netflow *netflow)
{
	notified = netflow;
	return PsSetCreateProcessNotifyRoutine(process_changed, FALSE);
}

void process_events_stop(void)
{
	PsSetCreateProcessNotifyRoutine(process_changed, TRUE);
}

#else

/* Windows 10 1703 has it; a header may be older, and Windows as well. */
typedef NTSTATUS(NTAPI *set_subsystems_routine)(int type, PVOID routine, BOOLEAN remove);

#define ALL_SUBSYSTEMS 0 /* PsCreateProcessNotifySubsystems: those of Linux under Windows (WSL 1), too */

static set_subsystems_routine set_routine; /* NULL: the older one is in use */

static VOID NTAPI subsystem_process_changed(PVOID process, HANDLE process_id, PVOID information)
{
	UNREFERENCED_PARAMETER(process);
	changed(process_id, information != NULL);
}

static set_subsystems_routine find_routine(void)
{
	UNICODE_STRING name = RTL_CONSTANT_STRING(L"PsSetCreateProcessNotifyRoutineEx2");

	return (set_subsystems_routine)(ULONG_PTR)MmGetSystemRoutineAddress(&name);
}

/* Refused where the image does not say that its signature is to be checked (/INTEGRITYCHECK). */
NTSTATUS process_events_start(struct netflow *netflow)
{
	notified = netflow;
	set_routine = find_routine();
	if (set_routine && NT_SUCCESS(set_routine(ALL_SUBSYSTEMS, (PVOID)(ULONG_PTR)subsystem_process_changed, FALSE)))
		return STATUS_SUCCESS;
	set_routine = NULL;
	return PsSetCreateProcessNotifyRoutine(process_changed, FALSE);
}

void process_events_stop(void)
{
	if (set_routine)
		set_routine(ALL_SUBSYSTEMS, (PVOID)(ULONG_PTR)subsystem_process_changed, TRUE);
	else
		PsSetCreateProcessNotifyRoutine(process_changed, TRUE);
}

#endif
