/* SPDX-License-Identifier: MIT */
/* The processes that the system knows, and the driver's routine that is notified of them. */
#include <stdlib.h>

#include "nt_test.h"

struct entry {
	struct entry *next;
	ULONG id, parent;
	LONGLONG create_time;
	const WCHAR *path;
	const UCHAR *sid;
	BOOLEAN is_pico;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *processes;
static PCREATE_PROCESS_NOTIFY_ROUTINE notify;

/* PCREATE_PROCESS_NOTIFY_ROUTINE_EX; `created` is NULL where a process exits. */
typedef VOID subsystems_routine(PVOID process, HANDLE id, PVOID created);
static subsystems_routine *notify_subsystems;

BOOLEAN nt_image_has_integrity = TRUE;

void nt_process_add(ULONG id, ULONG parent, LONGLONG create_time, const WCHAR *path, const UCHAR *sid)
{
	struct entry *entry = malloc(sizeof(*entry));

	pthread_mutex_lock(&lock);
	*entry = (struct entry){processes, id, parent, create_time, path, sid, FALSE};
	processes = entry;
	pthread_mutex_unlock(&lock);
}

static struct entry **find(ULONG id)
{
	struct entry **place = &processes;

	while (*place && (*place)->id != id)
		place = &(*place)->next;
	return place;
}

static void tell(ULONG parent, ULONG id, BOOLEAN created)
{
	PCREATE_PROCESS_NOTIFY_ROUTINE routine;
	subsystems_routine *of_subsystems;
	struct entry *entry;

	pthread_mutex_lock(&lock);
	entry = *find(id);
	routine = entry && entry->is_pico ? NULL : notify;
	of_subsystems = notify_subsystems;
	pthread_mutex_unlock(&lock);
	if (routine)
		routine((HANDLE)(ULONG_PTR)parent, (HANDLE)(ULONG_PTR)id, created);
	if (of_subsystems)
		of_subsystems(NULL, (HANDLE)(ULONG_PTR)id, created ? &parent : NULL);
}

void nt_process_is_pico(ULONG id)
{
	pthread_mutex_lock(&lock);
	(*find(id))->is_pico = TRUE;
	pthread_mutex_unlock(&lock);
}

void nt_process_start(ULONG id, ULONG parent, LONGLONG create_time, const WCHAR *path, const UCHAR *sid)
{
	nt_process_add(id, parent, create_time, path, sid);
	tell(parent, id, TRUE);
}

/* As on Windows, the driver is notified while the process can still be opened. */
void nt_process_exit(ULONG id)
{
	struct entry **place, *entry;

	tell(0, id, FALSE);
	pthread_mutex_lock(&lock);
	place = find(id);
	entry = *place;
	if (entry) {
		*place = entry->next;
		free(entry);
	}
	pthread_mutex_unlock(&lock);
}

void nt_process_forget_all(void)
{
	pthread_mutex_lock(&lock);
	while (processes) {
		struct entry *next = processes->next;

		free(processes);
		processes = next;
	}
	pthread_mutex_unlock(&lock);
}

NTSTATUS PsSetCreateProcessNotifyRoutine(PCREATE_PROCESS_NOTIFY_ROUTINE routine, BOOLEAN remove)
{
	NTSTATUS status = STATUS_SUCCESS;

	nt_assert_irql(PASSIVE_LEVEL, __func__);
	pthread_mutex_lock(&lock);
	if (remove ? notify != routine : notify != NULL)
		status = STATUS_INVALID_PARAMETER;
	else
		notify = remove ? NULL : routine;
	pthread_mutex_unlock(&lock);
	return status;
}

static NTSTATUS set_for_subsystems(int type, PVOID routine, BOOLEAN remove)
{
	NTSTATUS status = STATUS_SUCCESS;

	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if (!nt_image_has_integrity)
		return STATUS_ACCESS_DENIED;
	pthread_mutex_lock(&lock);
	if (type != 0 || (remove ? (PVOID)notify_subsystems != routine : notify_subsystems != NULL))
		status = STATUS_INVALID_PARAMETER;
	else
		notify_subsystems = remove ? NULL : (subsystems_routine *)routine;
	pthread_mutex_unlock(&lock);
	return status;
}

/* Of all that it could be asked for, the one name that a driver here does. */
PVOID MmGetSystemRoutineAddress(UNICODE_STRING *name)
{
	static const WCHAR known[] = L"PsSetCreateProcessNotifyRoutineEx2";

	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if (nt_build < NT_WINDOWS_10_1703 || name->Length != sizeof(known) - sizeof(WCHAR) ||
	    memcmp(name->Buffer, known, name->Length) != 0)
		return NULL;
	return (PVOID)set_for_subsystems;
}

void nt_process_assert_unnotified(void)
{
	if (notify || notify_subsystems)
		nt_fail("a driver that is gone would still be notified of processes");
}

/* A handle is a copy of the process's entry. */
struct handle {
	int kind;
	struct entry entry;
};

NTSTATUS ZwOpenProcess(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes, CLIENT_ID *client)
{
	struct handle *opened = calloc(1, sizeof(*opened));
	struct entry *entry;

	(void)access;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if (!(attributes->Attributes & OBJ_KERNEL_HANDLE))
		nt_fail("a process is opened with a handle that user mode could use");
	pthread_mutex_lock(&lock);
	entry = *find((ULONG)(ULONG_PTR)client->UniqueProcess);
	if (entry)
		*opened = (struct handle){NT_KIND_PROCESS, *entry};
	pthread_mutex_unlock(&lock);
	if (!entry) {
		free(opened);
		return STATUS_INVALID_CID;
	}
	*handle = opened;
	return STATUS_SUCCESS;
}

static NTSTATUS image_name(const struct entry *entry, PVOID buffer, ULONG bytes)
{
	UNICODE_STRING *name = buffer;
	USHORT length = 0;

	while (entry->path && entry->path[length])
		length++;
	if (bytes < sizeof(*name) + length * sizeof(WCHAR))
		return STATUS_BUFFER_TOO_SMALL;
	name->Length = name->MaximumLength = (USHORT)(length * sizeof(WCHAR));
	name->Buffer = (WCHAR *)(name + 1);
	RtlCopyMemory(name->Buffer, entry->path, name->Length);
	return STATUS_SUCCESS;
}

NTSTATUS ZwQueryInformationProcess(HANDLE process, PROCESSINFOCLASS what, PVOID buffer, ULONG bytes, ULONG *needed)
{
	const struct entry *entry = &((struct handle *)process)->entry;

	(void)needed;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	switch (what) {
	case ProcessTimes:
		*(KERNEL_USER_TIMES *)buffer = (KERNEL_USER_TIMES){.CreateTime.QuadPart = entry->create_time};
		return STATUS_SUCCESS;
	case ProcessBasicInformation:
		*(PROCESS_BASIC_INFORMATION *)buffer = (PROCESS_BASIC_INFORMATION){
			.UniqueProcessId = entry->id,
			.InheritedFromUniqueProcessId = entry->parent,
		};
		return STATUS_SUCCESS;
	case ProcessImageFileName:
		return image_name(entry, buffer, bytes);
	}
	return STATUS_INVALID_PARAMETER;
}

NTSTATUS ZwOpenProcessTokenEx(HANDLE process, ACCESS_MASK access, ULONG attributes, HANDLE *token)
{
	struct handle *opened = malloc(sizeof(*opened));

	(void)access;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if (!(attributes & OBJ_KERNEL_HANDLE))
		nt_fail("a token is opened with a handle that user mode could use");
	*opened = *(struct handle *)process;
	opened->kind = NT_KIND_TOKEN;
	*token = opened;
	return STATUS_SUCCESS;
}

NTSTATUS ZwQueryInformationToken(HANDLE token, TOKEN_INFORMATION_CLASS what, PVOID buffer, ULONG bytes, ULONG *needed)
{
	const struct entry *entry = &((struct handle *)token)->entry;
	TOKEN_USER *user = buffer;

	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if (what != TokenUser || !entry->sid)
		return STATUS_UNSUCCESSFUL;
	*needed = sizeof(*user) + RtlLengthSid((PSID)entry->sid);
	if (bytes < *needed)
		return STATUS_BUFFER_TOO_SMALL;
	user->User.Sid = user + 1;
	RtlCopyMemory(user + 1, entry->sid, RtlLengthSid((PSID)entry->sid));
	return STATUS_SUCCESS;
}
