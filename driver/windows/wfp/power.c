/* SPDX-License-Identifier: MIT */
#include "power.h"
#include "wfp.h"

#define SYSTEM_STATE_LOCK 3 /* PO_CB_SYSTEM_STATE_LOCK */

static UNICODE_STRING callback_name = RTL_CONSTANT_STRING(L"\\Callback\\PowerState");
static PVOID registration;

/* The second argument is 0 when the machine is about to leave its working state, 1 when it is back in it. */
static VOID NTAPI power_changed(PVOID context, PVOID what, PVOID is_working)
{
	UNREFERENCED_PARAMETER(context);
	if ((ULONG_PTR)what != SYSTEM_STATE_LOCK)
		return;
	shaper_open(&wfp.netflow.shaper, !is_working);
	worker_wake(&wfp.worker);
}

void power_start(void)
{
	OBJECT_ATTRIBUTES attributes;
	PCALLBACK_OBJECT callback = NULL;

	registration = NULL;
	InitializeObjectAttributes(&attributes, &callback_name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	/* Wine says that it has succeeded, and gives nothing. */
	if (!NT_SUCCESS(ExCreateCallback(&callback, &attributes, FALSE, TRUE)) || !callback)
		return;
	registration = ExRegisterCallback(callback, power_changed, NULL);
	ObDereferenceObject(callback);
}

void power_stop(void)
{
	if (registration)
		ExUnregisterCallback(registration);
}
