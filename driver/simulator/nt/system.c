/* SPDX-License-Identifier: MIT */
/* The rest of the system: its version, its letters, closing handles, and power. */
#include <stdlib.h>
#include <wctype.h>

#include "nt_test.h"

ULONG nt_build = 19045;

NTSTATUS RtlGetVersion(RTL_OSVERSIONINFOW *version)
{
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	version->dwBuildNumber = nt_build;
	return STATUS_SUCCESS;
}

/* Knows Latin, Greek and Cyrillic letters; Windows has a table of all. */
WCHAR RtlUpcaseUnicodeChar(WCHAR character)
{
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if ((character >= L'a' && character <= L'z') || (character >= 0xe0 && character <= 0xfe && character != 0xf7))
		return (WCHAR)(character - 0x20);
	if ((character >= 0x3b1 && character <= 0x3c9 && character != 0x3c2) ||
	    (character >= 0x430 && character <= 0x44f))
		return (WCHAR)(character - 0x20);
	return character;
}

/* Threads' handles are the threads, the device's the device; those of processes and tokens are memory of their own. */
NTSTATUS ZwClose(HANDLE handle)
{
	int kind = *(int *)handle;

	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if (kind == NT_KIND_PROCESS || kind == NT_KIND_TOKEN)
		free(handle);
	else if (kind == NT_KIND_THREAD)
		ObDereferenceObject(handle);
	return STATUS_SUCCESS;
}

struct CALLBACK_OBJECT {
	DISPATCHER_OBJECT object;
	PCALLBACK_FUNCTION function;
	PVOID context;
};

static struct CALLBACK_OBJECT power;

NTSTATUS ExCreateCallback(PCALLBACK_OBJECT *callback, OBJECT_ATTRIBUTES *attributes, BOOLEAN create, BOOLEAN many)
{
	(void)attributes, (void)create, (void)many;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	*callback = &power;
	return STATUS_SUCCESS;
}

PVOID ExRegisterCallback(PCALLBACK_OBJECT callback, PCALLBACK_FUNCTION function, PVOID context)
{
	nt_assert_irql(APC_LEVEL, __func__);
	callback->function = function;
	callback->context = context;
	return callback;
}

VOID ExUnregisterCallback(PVOID registration)
{
	nt_assert_irql(APC_LEVEL, __func__);
	((PCALLBACK_OBJECT)registration)->function = NULL;
}

void nt_power(BOOLEAN working)
{
	if (power.function)
		power.function(power.context, (PVOID)3, (PVOID)(ULONG_PTR)working);
}
