/* SPDX-License-Identifier: MIT */
#include "saved_rules.h"

static UNICODE_STRING value_name = RTL_CONSTANT_STRING(L"Rules");
static const WCHAR parameters[] = L"\\Parameters";

NTSTATUS saved_rules_initialize(struct saved_rules *saved, PCUNICODE_STRING registry_path)
{
	size_t bytes = registry_path->Length + sizeof(parameters) - sizeof(WCHAR);

	if (bytes > 0xfffe)
		return STATUS_INVALID_PARAMETER;
	saved->key.Buffer = allocate(bytes, TAG_BUFFER);
	if (!saved->key.Buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlCopyMemory(saved->key.Buffer, registry_path->Buffer, registry_path->Length);
	RtlCopyMemory((UCHAR *)saved->key.Buffer + registry_path->Length, parameters,
		      sizeof(parameters) - sizeof(WCHAR));
	saved->key.Length = saved->key.MaximumLength = (USHORT)bytes;
	return STATUS_SUCCESS;
}

void saved_rules_destroy(struct saved_rules *saved)
{
	ExFreePoolWithTag(saved->key.Buffer, TAG_BUFFER);
}

static OBJECT_ATTRIBUTES attributes_of(const struct saved_rules *saved)
{
	OBJECT_ATTRIBUTES attributes;

	InitializeObjectAttributes(&attributes, (UNICODE_STRING *)&saved->key, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE,
				   NULL, NULL);
	return attributes;
}

/* Whole, with the header that the registry puts before it. */
static NTSTATUS read_value(HANDLE key, KEY_VALUE_PARTIAL_INFORMATION **value)
{
	ULONG bytes = 0;
	NTSTATUS status = ZwQueryValueKey(key, &value_name, KeyValuePartialInformation, NULL, 0, &bytes);

	if (status != STATUS_BUFFER_TOO_SMALL && status != STATUS_BUFFER_OVERFLOW)
		return NT_SUCCESS(status) ? STATUS_UNSUCCESSFUL : status;
	*value = allocate(bytes, TAG_BUFFER);
	if (!*value)
		return STATUS_INSUFFICIENT_RESOURCES;
	status = ZwQueryValueKey(key, &value_name, KeyValuePartialInformation, *value, bytes, &bytes);
	if (!NT_SUCCESS(status))
		ExFreePoolWithTag(*value, TAG_BUFFER);
	return status;
}

static NTSTATUS copy_binary(const KEY_VALUE_PARTIAL_INFORMATION *value, void **stream, ULONG *bytes)
{
	if (value->Type != REG_BINARY)
		return STATUS_INVALID_PARAMETER;
	if (value->DataLength == 0)
		return STATUS_SUCCESS;
	*stream = allocate(value->DataLength, TAG_BUFFER); /* aligned, as the value's data need not be */
	if (!*stream)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlCopyMemory(*stream, value->Data, value->DataLength);
	*bytes = value->DataLength;
	return STATUS_SUCCESS;
}

NTSTATUS saved_rules_read(const struct saved_rules *saved, void **stream, ULONG *bytes)
{
	OBJECT_ATTRIBUTES attributes = attributes_of(saved);
	KEY_VALUE_PARTIAL_INFORMATION *value;
	HANDLE key;
	NTSTATUS status;

	*stream = NULL;
	*bytes = 0;
	status = ZwOpenKey(&key, KEY_READ, &attributes);
	if (NT_SUCCESS(status)) {
		status = read_value(key, &value);
		ZwClose(key);
	}
	if (status == STATUS_OBJECT_NAME_NOT_FOUND)
		return STATUS_SUCCESS;
	if (!NT_SUCCESS(status))
		return status;
	status = copy_binary(value, stream, bytes);
	ExFreePoolWithTag(value, TAG_BUFFER);
	return status;
}

NTSTATUS saved_rules_write(const struct saved_rules *saved, const void *stream, ULONG bytes)
{
	OBJECT_ATTRIBUTES attributes = attributes_of(saved);
	HANDLE key;
	NTSTATUS status = ZwCreateKey(&key, KEY_WRITE, &attributes, 0, NULL, REG_OPTION_NON_VOLATILE, NULL);

	if (!NT_SUCCESS(status))
		return status;
	status = ZwSetValueKey(key, &value_name, 0, REG_BINARY, (void *)stream, bytes);
	ZwClose(key);
	return status;
}
