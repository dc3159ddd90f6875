/* SPDX-License-Identifier: MIT */
/* The one device of a driver under test, and requests to it as the I/O manager makes them. */
#include <stdlib.h>

#include "nt_test.h"

struct ace {
	ACCESS_MASK access;
	ULONG sid_bytes;
	UCHAR sid[68];
};

#define MOST_ACES 8

/* The entries of the list that is being made; the caller's buffer is only measured. */
static struct ace building[MOST_ACES];
static ULONG building_count;
static struct ace device_ace[MOST_ACES];
static ULONG device_ace_count;
static USHORT device_control_bits;
static DEVICE_OBJECT *device;
static int device_handle; /* what an open device is known by */
static BOOLEAN has_link;

NTSTATUS IoCreateDevice(DRIVER_OBJECT *driver, ULONG extension_bytes, UNICODE_STRING *name, DEVICE_TYPE type,
			ULONG characteristics, BOOLEAN exclusive, DEVICE_OBJECT **created)
{
	(void)name, (void)exclusive;
	nt_assert_irql(APC_LEVEL, __func__);
	if (type != FILE_DEVICE_NETWORK || !(characteristics & FILE_DEVICE_SECURE_OPEN))
		nt_fail("a device that is not FILE_DEVICE_SECURE_OPEN");
	if (device)
		return STATUS_OBJECT_NAME_COLLISION;
	device = calloc(1, sizeof(*device) + extension_bytes);
	device->DriverObject = driver;
	device->DeviceExtension = device + 1;
	device_ace_count = 0;
	*created = device;
	return STATUS_SUCCESS;
}

VOID IoDeleteDevice(DEVICE_OBJECT *deleted)
{
	nt_assert_irql(APC_LEVEL, __func__);
	if (deleted != device)
		nt_fail("a device is deleted that is not there");
	free(device);
	device = NULL;
}

NTSTATUS IoCreateSymbolicLink(UNICODE_STRING *link, UNICODE_STRING *target)
{
	(void)link, (void)target;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if (has_link)
		return STATUS_OBJECT_NAME_COLLISION;
	has_link = TRUE;
	return STATUS_SUCCESS;
}

NTSTATUS IoDeleteSymbolicLink(UNICODE_STRING *link)
{
	(void)link;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	has_link = FALSE;
	return STATUS_SUCCESS;
}

VOID IoCompleteRequest(IRP *irp, CCHAR boost)
{
	(void)boost;
	nt_assert_irql(DISPATCH_LEVEL, __func__);
	if (irp->completed++)
		nt_fail("a request is completed twice");
}

static ULONG larger(ULONG one, ULONG other)
{
	return one > other ? one : other;
}

/* The caller gets a reply with success and with warnings, but not with errors. */
static void copy_back(const IRP *irp, void *output, ULONG output_bytes)
{
	if (irp->IoStatus.Information > output_bytes)
		nt_fail("a reply of %zu bytes in a buffer of %u", (size_t)irp->IoStatus.Information, output_bytes);
	if (((ULONG)irp->IoStatus.Status >> 30) != 3)
		RtlCopyMemory(output, irp->AssociatedIrp.SystemBuffer, irp->IoStatus.Information);
}

NTSTATUS nt_control(ULONG access, ULONG code, const void *input, ULONG input_bytes, void *output, ULONG output_bytes,
		    ULONG_PTR *information)
{
	ULONG buffer_bytes = larger(input_bytes, output_bytes);
	IRP irp = {0};

	*information = 0;
	if (code & 3)
		nt_fail("a request that is not METHOD_BUFFERED");
	if ((code >> 14 & 3 & access) != (code >> 14 & 3))
		return STATUS_ACCESS_DENIED;
	irp.location.Parameters.DeviceIoControl.IoControlCode = code;
	irp.location.Parameters.DeviceIoControl.InputBufferLength = input_bytes;
	irp.location.Parameters.DeviceIoControl.OutputBufferLength = output_bytes;
	if (buffer_bytes) { /* exactly as long, so that one byte too far is seen */
		irp.AssociatedIrp.SystemBuffer = malloc(buffer_bytes);
		RtlCopyMemory(irp.AssociatedIrp.SystemBuffer, input, input_bytes);
	}
	device->DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL](device, &irp);
	if (irp.completed != 1)
		nt_fail("a request is not completed");
	copy_back(&irp, output, output_bytes);
	free(irp.AssociatedIrp.SystemBuffer);
	*information = irp.IoStatus.Information;
	return irp.IoStatus.Status;
}

NTSTATUS nt_load(NTSTATUS (*entry)(DRIVER_OBJECT *, UNICODE_STRING *), DRIVER_OBJECT *driver)
{
	UNICODE_STRING path = RTL_CONSTANT_STRING(L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\NetFlow");

	memset(driver, 0, sizeof(*driver));
	return entry(driver, &path);
}

void nt_unload(DRIVER_OBJECT *driver)
{
	driver->DriverUnload(driver);
	if (device || has_link)
		nt_fail("the driver has unloaded, and its device is still there");
}

/* ---- security ---- */

NTSTATUS RtlCreateAcl(ACL *acl, ULONG bytes, ULONG revision)
{
	*acl = (ACL){.revision = (UCHAR)revision, .bytes = (USHORT)bytes};
	building_count = 0;
	return STATUS_SUCCESS;
}

ULONG RtlLengthSid(PSID sid)
{
	return 8 + 4u * ((const UCHAR *)sid)[1];
}

NTSTATUS RtlAddAccessAllowedAce(ACL *acl, ULONG revision, ACCESS_MASK access, PSID sid)
{
	struct ace *ace = &building[building_count];
	ULONG used = sizeof(ACL);

	(void)revision;
	for (ULONG index = 0; index < building_count; index++)
		used += 8 + building[index].sid_bytes;
	if (used + 8 + RtlLengthSid(sid) > acl->bytes || building_count == MOST_ACES)
		return STATUS_INSUFFICIENT_RESOURCES;
	ace->access = access;
	ace->sid_bytes = RtlLengthSid(sid);
	RtlCopyMemory(ace->sid, sid, ace->sid_bytes);
	acl->count = (USHORT)++building_count;
	return STATUS_SUCCESS;
}

NTSTATUS RtlCreateSecurityDescriptor(SECURITY_DESCRIPTOR *descriptor, ULONG revision)
{
	*descriptor = (SECURITY_DESCRIPTOR){.Revision = (UCHAR)revision};
	return STATUS_SUCCESS;
}

NTSTATUS RtlSetDaclSecurityDescriptor(SECURITY_DESCRIPTOR *descriptor, BOOLEAN present, ACL *acl, BOOLEAN defaulted)
{
	(void)defaulted;
	descriptor->Dacl = acl;
	descriptor->Control |= present ? SE_DACL_PRESENT : 0;
	return STATUS_SUCCESS;
}

NTSTATUS ObOpenObjectByPointer(PVOID object, ULONG attributes, PVOID access_state, ACCESS_MASK access, PVOID type,
			       KPROCESSOR_MODE mode, HANDLE *handle)
{
	(void)access_state, (void)type, (void)mode;
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if (object != device || !(access & WRITE_DAC) || !(attributes & OBJ_KERNEL_HANDLE))
		return STATUS_ACCESS_DENIED;
	*handle = &device_handle;
	return STATUS_SUCCESS;
}

NTSTATUS ZwSetSecurityObject(HANDLE handle, ULONG information, SECURITY_DESCRIPTOR *descriptor)
{
	nt_assert_irql(PASSIVE_LEVEL, __func__);
	if (handle != &device_handle || information != DACL_SECURITY_INFORMATION || !descriptor->Dacl)
		return STATUS_INVALID_PARAMETER;
	memcpy(device_ace, building, sizeof(device_ace));
	device_ace_count = descriptor->Dacl->count;
	device_control_bits = descriptor->Control;
	return STATUS_SUCCESS;
}

ULONG nt_device_aces(void)
{
	return device_ace_count;
}

ACCESS_MASK nt_device_ace(ULONG index, UCHAR sid[68], ULONG *sid_bytes, USHORT *control)
{
	*sid_bytes = device_ace[index].sid_bytes;
	*control = device_control_bits;
	memcpy(sid, device_ace[index].sid, *sid_bytes);
	return device_ace[index].access;
}
