/* SPDX-License-Identifier: MIT */
/*
 * The NT kernel as far as the drivers use it, for a program in user mode on any machine: names, types and meanings are
 * Windows'. What Driver Verifier checks on Windows is checked here always: the IRQL of each call, locks, pool tags. A
 * mistake ends the program with a sentence.
 *
 * Compiled with -DNETFLOW_SIMULATED -fshort-wchar -pthread. What tests need beyond this is in nt_test.h.
 */
#ifndef NETFLOW_SIMULATOR_NT_NT_H
#define NETFLOW_SIMULATOR_NT_NT_H

#include "ntstatus.h"
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ---- types ---- */

typedef int32_t LONG;
typedef uint32_t ULONG, UINT32, ACCESS_MASK;
typedef int64_t LONG64, LONGLONG;
typedef uint64_t ULONG64, UINT64, ULONGLONG;
typedef uint16_t USHORT, UINT16;
typedef uint8_t UCHAR, UINT8, BOOLEAN, KIRQL;
typedef char CCHAR;
typedef wchar_t WCHAR;
typedef void VOID, *PVOID, *HANDLE, *PSID;
typedef size_t SIZE_T;
typedef uintptr_t ULONG_PTR;
typedef ULONG DEVICE_TYPE;

#define NTAPI
#define TRUE 1
#define FALSE 0
#define UNREFERENCED_PARAMETER(name) ((void)(name))
#define CONTAINING_RECORD(address, type, member) ((type *)((char *)(address)-offsetof(type, member)))
#define FIELD_OFFSET(type, member) ((LONG)offsetof(type, member))
#define C_ASSERT(condition) _Static_assert(condition, #condition)

typedef union {
	LONGLONG QuadPart;
} LARGE_INTEGER;

typedef struct {
	uint32_t Data1;
	uint16_t Data2, Data3;
	uint8_t Data4[8];
} GUID;

typedef struct {
	USHORT Length, MaximumLength; /* bytes */
	WCHAR *Buffer;
} UNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;
#define RTL_CONSTANT_STRING(text)                                                                                      \
	{                                                                                                              \
		sizeof(text) - sizeof(WCHAR), sizeof(text), (WCHAR *)(text)                                            \
	}

/* ---- memory ---- */

typedef enum {
	NonPagedPool = 0,
	NonPagedPoolNx = 512,
} POOL_TYPE;

PVOID ExAllocatePoolWithTag(POOL_TYPE type, SIZE_T bytes, ULONG tag);
VOID ExFreePoolWithTag(PVOID memory, ULONG tag);

#define RtlZeroMemory(to, bytes) memset(to, 0, bytes)
/* memcpy() may not be given NULL even for no bytes; Windows' may. */
static inline void RtlCopyMemory(void *to, const void *from, SIZE_T bytes)
{
	if (bytes)
		memcpy(to, from, bytes);
}

/* ---- lists ---- */

typedef struct LIST_ENTRY {
	struct LIST_ENTRY *Flink, *Blink;
} LIST_ENTRY;

static inline void InitializeListHead(LIST_ENTRY *head)
{
	head->Flink = head->Blink = head;
}

static inline BOOLEAN IsListEmpty(const LIST_ENTRY *head)
{
	return head->Flink == head;
}

static inline void InsertTailList(LIST_ENTRY *head, LIST_ENTRY *entry)
{
	entry->Flink = head;
	entry->Blink = head->Blink;
	head->Blink->Flink = entry;
	head->Blink = entry;
}

static inline BOOLEAN RemoveEntryList(LIST_ENTRY *entry)
{
	entry->Blink->Flink = entry->Flink;
	entry->Flink->Blink = entry->Blink;
	return entry->Flink == entry->Blink;
}

static inline LIST_ENTRY *RemoveHeadList(LIST_ENTRY *head)
{
	LIST_ENTRY *entry = head->Flink;

	RemoveEntryList(entry);
	return entry;
}

/* ---- interlocked operations: full barriers ---- */

#define InterlockedIncrement(address) __atomic_add_fetch(address, 1, __ATOMIC_SEQ_CST)
#define InterlockedDecrement(address) __atomic_sub_fetch(address, 1, __ATOMIC_SEQ_CST)
#define InterlockedIncrement64(address) __atomic_add_fetch(address, 1, __ATOMIC_SEQ_CST)
#define InterlockedExchangeAdd64(address, value) __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST)
#define InterlockedExchange(address, value) __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST)
#define InterlockedExchange64(address, value) __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST)
#define InterlockedOr(address, bits) __atomic_fetch_or(address, bits, __ATOMIC_SEQ_CST)

static inline LONG64 InterlockedCompareExchange64(volatile LONG64 *address, LONG64 value, LONG64 comparand)
{
	__atomic_compare_exchange_n(address, &comparand, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return comparand;
}

/* ---- IRQL and spin locks ---- */

#define PASSIVE_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2

KIRQL KeGetCurrentIrql(void);

/* A mutex, so that sanitizers understand it. */
typedef struct {
	pthread_mutex_t mutex;
	const void *owner;
} KSPIN_LOCK;

typedef struct {
	KSPIN_LOCK *lock;
	KIRQL irql;
} KLOCK_QUEUE_HANDLE;

VOID KeInitializeSpinLock(KSPIN_LOCK *lock);
VOID KeAcquireInStackQueuedSpinLock(KSPIN_LOCK *lock, KLOCK_QUEUE_HANDLE *handle);
VOID KeReleaseInStackQueuedSpinLock(KLOCK_QUEUE_HANDLE *handle);

/* ---- waiting ---- */

typedef enum { NotificationEvent, SynchronizationEvent } EVENT_TYPE;
typedef enum { Executive } KWAIT_REASON;
typedef enum { KernelMode } KPROCESSOR_MODE;

/* What every object that can be waited for begins with. */
typedef struct {
	int kind;
	LONG signaled;
} DISPATCHER_OBJECT;
typedef DISPATCHER_OBJECT KEVENT;

typedef struct {
	LONG count; /* 1: nobody has it; below 0: so many wait */
	const void *owner;
	KEVENT event;
} FAST_MUTEX;

#define IO_NO_INCREMENT 0
VOID KeInitializeEvent(KEVENT *event, EVENT_TYPE type, BOOLEAN state);
LONG KeSetEvent(KEVENT *event, LONG increment, BOOLEAN wait);
VOID KeClearEvent(KEVENT *event);
VOID KeEnterCriticalRegion(VOID);
VOID KeLeaveCriticalRegion(VOID);
VOID ExInitializeFastMutex(FAST_MUTEX *mutex);
VOID ExAcquireFastMutexUnsafe(FAST_MUTEX *mutex);
VOID ExReleaseFastMutexUnsafe(FAST_MUTEX *mutex);
NTSTATUS KeWaitForSingleObject(PVOID object, KWAIT_REASON reason, KPROCESSOR_MODE mode, BOOLEAN alertable,
			       LARGE_INTEGER *timeout);
NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE mode, BOOLEAN alertable, LARGE_INTEGER *interval);

ULONGLONG KeQueryInterruptTime(void);
VOID KeQuerySystemTime(LARGE_INTEGER *time);

/* ---- objects and threads ---- */

#define OBJ_CASE_INSENSITIVE 0x40
#define OBJ_KERNEL_HANDLE 0x200
typedef struct {
	UNICODE_STRING *ObjectName;
	ULONG Attributes;
} OBJECT_ATTRIBUTES;
#define InitializeObjectAttributes(attributes, name, flags, root, security)                                            \
	((attributes)->ObjectName = (name), (attributes)->Attributes = (flags), (void)(root), (void)(security))

typedef struct {
	HANDLE UniqueProcess, UniqueThread;
} CLIENT_ID;

#define THREAD_ALL_ACCESS 0x1fffff
typedef VOID (*PKSTART_ROUTINE)(PVOID context);
NTSTATUS PsCreateSystemThread(HANDLE *handle, ULONG access, OBJECT_ATTRIBUTES *attributes, HANDLE process,
			      CLIENT_ID *client, PKSTART_ROUTINE start, PVOID context);
NTSTATUS PsTerminateSystemThread(NTSTATUS status);
NTSTATUS ObReferenceObjectByHandle(HANDLE handle, ACCESS_MASK access, PVOID type, KPROCESSOR_MODE mode, PVOID *object,
				   PVOID information);
VOID ObDereferenceObject(PVOID object);
NTSTATUS ZwClose(HANDLE handle);

/* ---- strings and versions ---- */

WCHAR RtlUpcaseUnicodeChar(WCHAR character);

typedef struct {
	ULONG dwOSVersionInfoSize, dwMajorVersion, dwMinorVersion, dwBuildNumber;
} RTL_OSVERSIONINFOW;
NTSTATUS RtlGetVersion(RTL_OSVERSIONINFOW *version);

/* ---- devices ---- */

#define FILE_DEVICE_NETWORK 0x12
#define FILE_DEVICE_SECURE_OPEN 0x100
#define FILE_ALL_ACCESS 0x1f01ff
#define WRITE_DAC 0x40000
#define IRP_MJ_CREATE 0x00
#define IRP_MJ_CLOSE 0x02
#define IRP_MJ_DEVICE_CONTROL 0x0e
#define IRP_MJ_MAXIMUM_FUNCTION 0x1b

typedef struct DRIVER_OBJECT DRIVER_OBJECT;
typedef struct DEVICE_OBJECT DEVICE_OBJECT;

typedef struct {
	struct {
		struct {
			ULONG OutputBufferLength, InputBufferLength, IoControlCode;
		} DeviceIoControl;
	} Parameters;
} IO_STACK_LOCATION;

typedef struct {
	struct {
		NTSTATUS Status;
		ULONG_PTR Information;
	} IoStatus;
	struct {
		PVOID SystemBuffer;
	} AssociatedIrp;
	IO_STACK_LOCATION location;
	LONG completed;
} IRP;

typedef NTSTATUS (*PDRIVER_DISPATCH)(DEVICE_OBJECT *device, IRP *irp);

struct DRIVER_OBJECT {
	PDRIVER_DISPATCH MajorFunction[IRP_MJ_MAXIMUM_FUNCTION + 1];
	VOID (*DriverUnload)(DRIVER_OBJECT *driver);
};

struct DEVICE_OBJECT {
	DRIVER_OBJECT *DriverObject;
	PVOID DeviceExtension;
};

NTSTATUS IoCreateDevice(DRIVER_OBJECT *driver, ULONG extension_bytes, UNICODE_STRING *name, DEVICE_TYPE type,
			ULONG characteristics, BOOLEAN exclusive, DEVICE_OBJECT **device);
VOID IoDeleteDevice(DEVICE_OBJECT *device);
NTSTATUS IoCreateSymbolicLink(UNICODE_STRING *link, UNICODE_STRING *target);
NTSTATUS IoDeleteSymbolicLink(UNICODE_STRING *link);
VOID IoCompleteRequest(IRP *irp, CCHAR boost);
static inline IO_STACK_LOCATION *IoGetCurrentIrpStackLocation(IRP *irp)
{
	return &irp->location;
}

/* ---- security ---- */

typedef struct {
	UCHAR revision, reserved;
	USHORT bytes, count, reserved2;
} ACL;
typedef struct {
	UCHAR Revision, Sbz1;
	USHORT Control;
	PSID Owner, Group;
	ACL *Sacl, *Dacl;
} SECURITY_DESCRIPTOR;
typedef PVOID PSECURITY_DESCRIPTOR;
#define ACL_REVISION 2
#define SECURITY_DESCRIPTOR_REVISION 1
#define SE_DACL_PROTECTED 0x1000
#define SE_DACL_PRESENT 0x0004
#define DACL_SECURITY_INFORMATION 4

NTSTATUS RtlCreateAcl(ACL *acl, ULONG bytes, ULONG revision);
NTSTATUS RtlAddAccessAllowedAce(ACL *acl, ULONG revision, ACCESS_MASK access, PSID sid);
NTSTATUS RtlCreateSecurityDescriptor(SECURITY_DESCRIPTOR *descriptor, ULONG revision);
NTSTATUS RtlSetDaclSecurityDescriptor(SECURITY_DESCRIPTOR *descriptor, BOOLEAN present, ACL *acl, BOOLEAN defaulted);
ULONG RtlLengthSid(PSID sid);
NTSTATUS ObOpenObjectByPointer(PVOID object, ULONG attributes, PVOID access_state, ACCESS_MASK access, PVOID type,
			       KPROCESSOR_MODE mode, HANDLE *handle);
NTSTATUS ZwSetSecurityObject(HANDLE handle, ULONG information, SECURITY_DESCRIPTOR *descriptor);

/* ---- processes ---- */

typedef VOID (*PCREATE_PROCESS_NOTIFY_ROUTINE)(HANDLE parent, HANDLE process, BOOLEAN created);
NTSTATUS PsSetCreateProcessNotifyRoutine(PCREATE_PROCESS_NOTIFY_ROUTINE routine, BOOLEAN remove);
PVOID MmGetSystemRoutineAddress(UNICODE_STRING *name);

typedef enum { ProcessBasicInformation = 0, ProcessTimes = 4, ProcessImageFileName = 27 } PROCESSINFOCLASS;
typedef enum { TokenUser = 1 } TOKEN_INFORMATION_CLASS;
typedef struct {
	LARGE_INTEGER CreateTime, ExitTime, KernelTime, UserTime;
} KERNEL_USER_TIMES;
typedef struct {
	ULONG_PTR ExitStatus, PebBaseAddress, AffinityMask, BasePriority, UniqueProcessId, InheritedFromUniqueProcessId;
} PROCESS_BASIC_INFORMATION;
typedef struct {
	struct {
		PSID Sid;
		ULONG Attributes;
	} User;
} TOKEN_USER;

NTSTATUS ZwOpenProcess(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes, CLIENT_ID *client);
NTSTATUS ZwQueryInformationProcess(HANDLE process, PROCESSINFOCLASS what, PVOID buffer, ULONG bytes, ULONG *needed);
NTSTATUS ZwOpenProcessTokenEx(HANDLE process, ACCESS_MASK access, ULONG attributes, HANDLE *token);
NTSTATUS ZwQueryInformationToken(HANDLE token, TOKEN_INFORMATION_CLASS what, PVOID buffer, ULONG bytes, ULONG *needed);

/* ---- registry ---- */

typedef enum { KeyValuePartialInformation = 2 } KEY_VALUE_INFORMATION_CLASS;
typedef struct {
	ULONG TitleIndex, Type, DataLength;
	UCHAR Data[1];
} KEY_VALUE_PARTIAL_INFORMATION;
#define REG_SZ 1
#define REG_BINARY 3
#define REG_OPTION_NON_VOLATILE 0
#define KEY_READ 0x20019
#define KEY_WRITE 0x20006

NTSTATUS ZwCreateKey(HANDLE *key, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes, ULONG index, UNICODE_STRING *class,
		     ULONG options, ULONG *disposition);
NTSTATUS ZwOpenKey(HANDLE *key, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes);
NTSTATUS ZwQueryValueKey(HANDLE key, UNICODE_STRING *name, KEY_VALUE_INFORMATION_CLASS what, PVOID buffer, ULONG bytes,
			 ULONG *needed);
NTSTATUS ZwSetValueKey(HANDLE key, UNICODE_STRING *name, ULONG index, ULONG type, PVOID data, ULONG bytes);

/* ---- power ---- */

typedef struct CALLBACK_OBJECT *PCALLBACK_OBJECT;
typedef VOID (*PCALLBACK_FUNCTION)(PVOID context, PVOID first, PVOID second);
NTSTATUS ExCreateCallback(PCALLBACK_OBJECT *callback, OBJECT_ATTRIBUTES *attributes, BOOLEAN create, BOOLEAN many);
PVOID ExRegisterCallback(PCALLBACK_OBJECT callback, PCALLBACK_FUNCTION function, PVOID context);
VOID ExUnregisterCallback(PVOID registration);

/* ---- memory of packets ---- */

typedef struct MDL {
	struct MDL *Next;
	PVOID MappedSystemVa;
	PVOID StartVa;
	ULONG ByteCount;
} MDL, *PMDL;
MDL *IoAllocateMdl(PVOID memory, ULONG bytes, BOOLEAN secondary, BOOLEAN charge_quota, IRP *irp);
VOID MmBuildMdlForNonPagedPool(MDL *mdl); /* before it, the MDL names no memory */
VOID IoFreeMdl(MDL *mdl);

#endif
