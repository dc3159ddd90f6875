/* SPDX-License-Identifier: MIT */
/*
 * Lets a test do with the simulated kernel what a driver can't.
 */
#ifndef NETFLOW_SIMULATOR_NT_NT_TEST_H
#define NETFLOW_SIMULATOR_NT_NT_TEST_H

#include "nt.h"

/* Ends the program with a sentence. */
_Noreturn void nt_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the program where the IRQL is above `most`; every function here begins with it. */
void nt_assert_irql(KIRQL most, const char *function);
KIRQL nt_raise_irql(KIRQL irql); /* returns the one before */
void nt_lower_irql(KIRQL irql);

/* Ends the program where a block of the pool has not been freed. */
void nt_pool_assert_empty(void);
/* The `count`th allocation from now on fails, once; 0: none does. */
void nt_pool_fail_after(ULONG count);
/* Every allocation fails with a chance of 1 in `one_in`; 0: none does. */
void nt_pool_fail_randomly(ULONG one_in, ULONG seed);

/* What a handle's memory begins with, by which ZwClose() knows what it is. A thread's is its DISPATCHER_OBJECT.kind. */
#define NT_KIND_THREAD 0x04
#define NT_KIND_PROCESS 0x50
#define NT_KIND_TOKEN 0x54

/* An address of this thread's alone. */
const void *nt_this_thread(void);

/*
 * A clock that stands still until a test moves it. Moving it wakes the threads that wait for a time, in order, and
 * returns when every system thread waits again. Times are in units of 100 ns.
 */
void nt_clock_simulate(ULONGLONG now);
void nt_clock_real(void);
void nt_clock_advance(ULONGLONG ticks);
void nt_clock_settle(void); /* the same without moving it */

/* Ends the program where a driver has not taken its routine back. */
void nt_process_assert_unnotified(void);

/* A driver that is loaded. */
NTSTATUS nt_load(NTSTATUS (*entry)(DRIVER_OBJECT *, UNICODE_STRING *), DRIVER_OBJECT *driver);
void nt_unload(DRIVER_OBJECT *driver);

/* Sends one request to the device as \\.\NetFlow's METHOD_BUFFERED does it; `access` is how the handle was opened. */
#define NT_READ_ACCESS 1
#define NT_WRITE_ACCESS 2
NTSTATUS nt_control(ULONG access, ULONG code, const void *input, ULONG input_bytes, void *output, ULONG output_bytes,
		    ULONG_PTR *information);

/* The DACL that the device has: how many entries, and each one's access and SID. */
ULONG nt_device_aces(void);
ACCESS_MASK nt_device_ace(ULONG index, UCHAR sid[68], ULONG *sid_bytes, USHORT *control);

/* Processes that the system knows. nt_process_add() notifies nobody. */
void nt_process_add(ULONG id, ULONG parent, LONGLONG create_time, const WCHAR *path, const UCHAR *sid);
void nt_process_start(ULONG id, ULONG parent, LONGLONG create_time, const WCHAR *path, const UCHAR *sid);
void nt_process_exit(ULONG id);
/* One of another subsystem, as that of Linux; only those who ask for these are notified. */
void nt_process_is_pico(ULONG id);
void nt_process_forget_all(void);

/* The one value of the one key that drivers here use; NULL: not there. */
void nt_registry_set(ULONG type, const void *data, ULONG bytes);
void nt_registry_fail(BOOLEAN fail);

/* Notifies the driver that the machine leaves its working state, or is back in it. */
void nt_power(BOOLEAN working);

/* Which Windows it is, by the number of its build: Windows 10 22H2 until a test sets another one. */
extern ULONG nt_build;
#define NT_WINDOWS_7 7601
#define NT_WINDOWS_8 9200
#define NT_WINDOWS_8_1 9600
#define NT_WINDOWS_10_1607 14393
#define NT_WINDOWS_10_1703 15063
#define NT_WINDOWS_11_24H2 26100

/* Whether the driver's image has IMAGE_DLLCHARACTERISTICS_FORCE_INTEGRITY, as it is linked; TRUE at first. */
extern BOOLEAN nt_image_has_integrity;

#endif
