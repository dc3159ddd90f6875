/* SPDX-License-Identifier: MIT */
#include "system.h"

#define TOKEN_QUERY_ACCESS 0x0008
#define MOST_PATH_BYTES (sizeof(UNICODE_STRING) + 0x10000)

/* Rights to ask about a process, which the kernel's headers lack; Windows Vista has one that allows no more. */
#define QUERY_INFORMATION 0x0400         /* PROCESS_QUERY_INFORMATION */
#define QUERY_LIMITED_INFORMATION 0x1000 /* PROCESS_QUERY_LIMITED_INFORMATION */

static ACCESS_MASK query_access(void)
{
	return windows_build < WINDOWS_VISTA ? QUERY_INFORMATION : QUERY_LIMITED_INFORMATION;
}

static NTSTATUS open_process(ULONG process_id, HANDLE *handle)
{
	CLIENT_ID client = {.UniqueProcess = (HANDLE)(ULONG_PTR)process_id};
	OBJECT_ATTRIBUTES attributes;

	InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
	return ZwOpenProcess(handle, query_access(), &attributes, &client);
}

static void copy_sid(struct process_facts *facts, PSID sid)
{
	ULONG bytes = RtlLengthSid(sid);

	if (bytes > MOST_SID_BYTES)
		return;
	RtlCopyMemory(facts->sid, sid, bytes);
	facts->sid_bytes = (USHORT)bytes;
}

static void describe_user(HANDLE process, struct process_facts *facts)
{
	struct {
		TOKEN_USER user;
		UCHAR sid[MOST_SID_BYTES];
	} token_user;
	ULONG bytes;
	HANDLE token;

	if (!NT_SUCCESS(ZwOpenProcessTokenEx(process, TOKEN_QUERY_ACCESS, OBJ_KERNEL_HANDLE, &token)))
		return;
	if (NT_SUCCESS(ZwQueryInformationToken(token, TokenUser, &token_user, sizeof(token_user), &bytes)))
		copy_sid(facts, token_user.user.User.Sid);
	ZwClose(token);
}

NTSTATUS system_describe(ULONG process_id, struct process_facts *facts)
{
	KERNEL_USER_TIMES times;
	PROCESS_BASIC_INFORMATION basic;
	HANDLE process;
	NTSTATUS status = open_process(process_id, &process);

	if (!NT_SUCCESS(status))
		return status;
	RtlZeroMemory(facts, sizeof(*facts));
	status = ZwQueryInformationProcess(process, ProcessTimes, &times, sizeof(times), NULL);
	if (NT_SUCCESS(status)) {
		facts->start_time = nanoseconds_since_1970(times.CreateTime.QuadPart);
		facts->has_exited = times.ExitTime.QuadPart != 0;
	}
	if (NT_SUCCESS(ZwQueryInformationProcess(process, ProcessBasicInformation, &basic, sizeof(basic), NULL)))
		facts->parent_id = (ULONG)(ULONG_PTR)basic.InheritedFromUniqueProcessId;
	describe_user(process, facts);
	ZwClose(process);
	return status;
}

void *system_path(ULONG process_id, struct kernel_path *path)
{
	UNICODE_STRING *name = NULL;
	HANDLE process;

	if (!NT_SUCCESS(open_process(process_id, &process)))
		return NULL;
	name = allocate(MOST_PATH_BYTES, TAG_BUFFER);
	if (name &&
	    !NT_SUCCESS(ZwQueryInformationProcess(process, ProcessImageFileName, name, MOST_PATH_BYTES, NULL))) {
		ExFreePoolWithTag(name, TAG_BUFFER);
		name = NULL;
	}
	ZwClose(process);
	if (name)
		*path = kernel_path_trim(name->Buffer, name->Length);
	return name;
}
