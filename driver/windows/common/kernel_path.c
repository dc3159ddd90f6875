/* SPDX-License-Identifier: MIT */
#include "kernel_path.h"

#define CHARACTERS 0x10000
#define LONGEST_PATH 0xfffe

static WCHAR *upper_case;

NTSTATUS kernel_path_prepare(void)
{
	upper_case = allocate(CHARACTERS * sizeof(WCHAR), TAG_TABLE);
	if (!upper_case)
		return STATUS_INSUFFICIENT_RESOURCES;
	for (ULONG character = 0; character < CHARACTERS; character++)
		upper_case[character] = RtlUpcaseUnicodeChar((WCHAR)character);
	return STATUS_SUCCESS;
}

void kernel_path_forget(void)
{
	ExFreePoolWithTag(upper_case, TAG_TABLE);
	upper_case = NULL;
}

struct kernel_path kernel_path_trim(const void *text, ULONG bytes)
{
	const WCHAR *characters = text;

	if (!text || bytes % sizeof(WCHAR) || bytes > LONGEST_PATH)
		bytes = 0;
	while (bytes && characters[bytes / sizeof(WCHAR) - 1] == 0)
		bytes -= sizeof(WCHAR);
	return (struct kernel_path){characters, (USHORT)bytes};
}

/* FNV-1a. */
ULONG kernel_path_hash(struct kernel_path path)
{
	ULONG hash = 2166136261u;

	for (ULONG index = 0; index < path.bytes / sizeof(WCHAR); index++)
		hash = (hash ^ upper_case[path.text[index]]) * 16777619u;
	return hash;
}

BOOLEAN kernel_path_equal(struct kernel_path one, struct kernel_path other)
{
	if (one.bytes != other.bytes)
		return FALSE;
	for (ULONG index = 0; index < one.bytes / sizeof(WCHAR); index++) {
		if (upper_case[one.text[index]] != upper_case[other.text[index]])
			return FALSE;
	}
	return TRUE;
}
