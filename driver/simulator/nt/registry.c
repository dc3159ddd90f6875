/* SPDX-License-Identifier: MIT */
/* The registry, as far as one value of one key goes. It outlives the driver. */
#include <stdlib.h>

#include "nt_test.h"

static UCHAR *value;
static ULONG value_type, value_bytes;
static BOOLEAN has_key, has_value, is_full;
static int key_handle;

void nt_registry_set(ULONG type, const void *data, ULONG bytes)
{
	free(value);
	value = NULL;
	has_key = has_value = data != NULL;
	if (!data)
		return;
	value = malloc(bytes + 1);
	RtlCopyMemory(value, data, bytes);
	value_bytes = bytes;
	value_type = type;
}

void nt_registry_fail(BOOLEAN fail)
{
	is_full = fail;
}

NTSTATUS ZwCreateKey(HANDLE *key, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes, ULONG index, UNICODE_STRING *class,
		     ULONG options, ULONG *disposition)
{
	(void)access, (void)attributes, (void)index, (void)class, (void)options, (void)disposition;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	has_key = TRUE;
	*key = &key_handle;
	return STATUS_SUCCESS;
}

NTSTATUS ZwOpenKey(HANDLE *key, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes)
{
	(void)access, (void)attributes;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	*key = &key_handle;
	return has_key ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

NTSTATUS ZwQueryValueKey(HANDLE key, UNICODE_STRING *name, KEY_VALUE_INFORMATION_CLASS what, PVOID buffer, ULONG bytes,
			 ULONG *needed)
{
	KEY_VALUE_PARTIAL_INFORMATION *information = buffer;

	(void)key, (void)name, (void)what;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if (!has_value)
		return STATUS_OBJECT_NAME_NOT_FOUND;
	*needed = (ULONG)offsetof(KEY_VALUE_PARTIAL_INFORMATION, Data) + value_bytes;
	if (bytes < *needed)
		return bytes < offsetof(KEY_VALUE_PARTIAL_INFORMATION, Data) ? STATUS_BUFFER_TOO_SMALL
									     : STATUS_BUFFER_OVERFLOW;
	information->TitleIndex = 0;
	information->Type = value_type;
	information->DataLength = value_bytes;
	RtlCopyMemory(information->Data, value, value_bytes);
	return STATUS_SUCCESS;
}

NTSTATUS ZwSetValueKey(HANDLE key, UNICODE_STRING *name, ULONG index, ULONG type, PVOID data, ULONG bytes)
{
	(void)key, (void)name, (void)index;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if (is_full)
		return STATUS_DISK_FULL;
	nt_registry_set(type, data ? data : "", bytes);
	return STATUS_SUCCESS;
}
