/* SPDX-License-Identifier: MIT */
#include "device.h"

static UNICODE_STRING device_name = RTL_CONSTANT_STRING(NETFLOW_DEVICE_NAME);
static UNICODE_STRING link_name = RTL_CONSTANT_STRING(L"\\DosDevices\\NetFlow");

struct extension {
	struct netflow *netflow;
};

/* The two SIDs of the DACL, S-1-5-18 and S-1-5-32-544, as they are in memory. */
struct well_known_sid {
	UCHAR revision;
	UCHAR count;
	UCHAR authority[6];
	ULONG part[2];
};

static struct well_known_sid local_system = {1, 1, {0, 0, 0, 0, 0, 5}, {18}};
static struct well_known_sid administrators = {1, 2, {0, 0, 0, 0, 0, 5}, {32, 544}};

/* D:P(A;;GA;;;SY)(A;;GA;;;BA), put together by hand: the routine that reads SDDL is in a library of the WDK's only. */
static NTSTATUS make_descriptor(SECURITY_DESCRIPTOR *descriptor, ACL *acl, ULONG acl_bytes)
{
	NTSTATUS status = RtlCreateAcl(acl, acl_bytes, ACL_REVISION);

	if (NT_SUCCESS(status))
		status = RtlAddAccessAllowedAce(acl, ACL_REVISION, FILE_ALL_ACCESS, &local_system);
	if (NT_SUCCESS(status))
		status = RtlAddAccessAllowedAce(acl, ACL_REVISION, FILE_ALL_ACCESS, &administrators);
	if (NT_SUCCESS(status))
		status = RtlCreateSecurityDescriptor(descriptor, SECURITY_DESCRIPTOR_REVISION);
	if (NT_SUCCESS(status))
		status = RtlSetDaclSecurityDescriptor(descriptor, TRUE, acl, FALSE);
	if (NT_SUCCESS(status))
		descriptor->Control |= SE_DACL_PROTECTED;
	return status;
}

/* Before the device can be opened: DO_DEVICE_INITIALIZING is still set. */
static NTSTATUS secure(DEVICE_OBJECT *device)
{
	SECURITY_DESCRIPTOR descriptor;
	UCHAR acl[128];
	HANDLE handle;
	NTSTATUS status = make_descriptor(&descriptor, (ACL *)acl, sizeof(acl));

	if (!NT_SUCCESS(status))
		return status;
	status = ObOpenObjectByPointer(device, OBJ_KERNEL_HANDLE, NULL, WRITE_DAC, NULL, KernelMode, &handle);
	if (!NT_SUCCESS(status))
		return status;
	status = ZwSetSecurityObject(handle, DACL_SECURITY_INFORMATION, &descriptor);
	ZwClose(handle);
	return status;
}

static NTSTATUS complete(IRP *irp, NTSTATUS status, ULONG_PTR information)
{
	irp->IoStatus.Status = status;
	irp->IoStatus.Information = information;
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	return status;
}

static NTSTATUS NTAPI dispatch_open(DEVICE_OBJECT *device, IRP *irp)
{
	UNREFERENCED_PARAMETER(device);
	return complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI dispatch_control(DEVICE_OBJECT *device, IRP *irp)
{
	struct extension *extension = device->DeviceExtension;
	IO_STACK_LOCATION *location = IoGetCurrentIrpStackLocation(irp);
	ULONG_PTR written;
	NTSTATUS status =
		request_handle(extension->netflow, location->Parameters.DeviceIoControl.IoControlCode,
			       irp->AssociatedIrp.SystemBuffer, location->Parameters.DeviceIoControl.InputBufferLength,
			       location->Parameters.DeviceIoControl.OutputBufferLength, &written);

	return complete(irp, status, written);
}

NTSTATUS device_create(DRIVER_OBJECT *driver, struct netflow *netflow, DEVICE_OBJECT **result)
{
	DEVICE_OBJECT *device;
	NTSTATUS status = IoCreateDevice(driver, sizeof(struct extension), &device_name, FILE_DEVICE_NETWORK,
					 FILE_DEVICE_SECURE_OPEN, FALSE, &device);

	if (!NT_SUCCESS(status))
		return status;
	((struct extension *)device->DeviceExtension)->netflow = netflow;
	status = secure(device);
	if (NT_SUCCESS(status))
		status = IoCreateSymbolicLink(&link_name, &device_name);
	if (!NT_SUCCESS(status)) {
		IoDeleteDevice(device);
		return status;
	}
	driver->MajorFunction[IRP_MJ_CREATE] = dispatch_open;
	driver->MajorFunction[IRP_MJ_CLOSE] = dispatch_open;
	driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = dispatch_control;
	*result = device;
	return STATUS_SUCCESS;
}

void device_delete(DEVICE_OBJECT *device)
{
	IoDeleteSymbolicLink(&link_name);
	IoDeleteDevice(device);
}
