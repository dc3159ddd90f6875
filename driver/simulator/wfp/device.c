/* SPDX-License-Identifier: MIT */
/*
 * The simulated engine as a driver of Windows, which Wine loads as fwpkclnt.sys: \\.\NetFlowEngine, and in Wine's place
 * the notification of processes, which Wine never gives.
 */
#include "engine_ioctl.h"
#include "internal.h"

static UNICODE_STRING device_name = RTL_CONSTANT_STRING(L"\\Device\\NetFlowEngine");
static UNICODE_STRING link_name = RTL_CONSTANT_STRING(L"\\DosDevices\\NetFlowEngine");
static DEVICE_OBJECT *device;
static PCREATE_PROCESS_NOTIFY_ROUTINE notify;

/* Exported under the name of the routine of the kernel whose place it takes. */
NTSTATUS NTAPI simulated_notification(PCREATE_PROCESS_NOTIFY_ROUTINE routine, BOOLEAN remove)
{
	if (remove ? notify != routine : notify != NULL)
		return STATUS_INVALID_PARAMETER;
	notify = remove ? NULL : routine;
	return STATUS_SUCCESS;
}

/* PCREATE_PROCESS_NOTIFY_ROUTINE_EX, whose last parameter is NULL where a process exits. */
static VOID(NTAPI *notify_subsystems)(PVOID process, HANDLE process_id, PVOID created);

static NTSTATUS NTAPI simulated_subsystems(int type, PVOID routine, BOOLEAN remove)
{
	UNREFERENCED_PARAMETER(type);
	notify_subsystems = remove ? NULL : routine;
	return STATUS_SUCCESS;
}

/* In place of MmGetSystemRoutineAddress, which a driver here asks for one routine only. */
PVOID NTAPI simulated_routine(UNICODE_STRING *name)
{
	UNREFERENCED_PARAMETER(name);
	return (PVOID)(ULONG_PTR)simulated_subsystems;
}

static void process_ended(HANDLE process_id)
{
	if (notify)
		notify(NULL, process_id, FALSE);
	if (notify_subsystems)
		notify_subsystems(NULL, process_id, NULL);
}

static UINT64 open_flow(const struct engine_step *step)
{
	struct engine_flow_options options = {
		.transport = step->transport,
		.is_ipv6 = step->is_ipv6,
		.is_inbound = step->is_inbound,
		.process_id = step->process_id,
		.path = step->path[0] ? (const WCHAR *)step->path : NULL,
		.local_port = step->local_port,
		.remote_port = step->remote_port,
	};

	RtlCopyMemory(options.local_address, step->local_address, sizeof(options.local_address));
	RtlCopyMemory(options.remote_address, step->remote_address, sizeof(options.remote_address));
	return engine_flow_open(&options);
}

static UINT64 send_segments(const struct engine_step *step)
{
	UINT64 passed = 0;

	for (ULONG index = 0; index < step->count; index++)
		passed += engine_segment(step->flow, step->is_inbound, index, step->bytes, (UINT8)step->flags) != 0;
	return passed;
}

static void stream(const struct engine_step *step)
{
	for (ULONG index = 0; index < step->count; index++)
		engine_stream(step->flow, step->flags, step->bytes);
}

/* Does a step that changes something. FALSE: it is another one. */
static BOOLEAN act(const struct engine_step *step, struct engine_result *result)
{
	switch (step->operation) {
	case ENGINE_FLOW_OPEN:
		result->value[0] = open_flow(step);
		return TRUE;
	case ENGINE_FLOW_CLOSE:
		engine_flow_close(step->flow);
		return TRUE;
	case ENGINE_STREAM:
		stream(step);
		return TRUE;
	case ENGINE_DATAGRAMS:
		engine_datagrams(step->flow, step->is_inbound, step->bytes, step->count);
		return TRUE;
	case ENGINE_SEGMENT:
		result->value[0] = send_segments(step);
		return TRUE;
	case ENGINE_DELAY:
		engine_delay_transactions(step->count * 10000ull);
		return TRUE;
	case ENGINE_PROCESS_ENDED:
		process_ended((HANDLE)(ULONG_PTR)step->process_id);
		return TRUE;
	}
	return FALSE;
}

static struct engine_result two(UINT64 first, UINT64 second)
{
	return (struct engine_result){{first, second}};
}

/* Does a step that only reads. FALSE: it is another one. */
static BOOLEAN look(const struct engine_step *step, struct engine_result *result)
{
	struct engine_deliveries deliveries;
	struct engine_totals totals;

	switch (step->operation) {
	case ENGINE_TOTALS:
		totals = engine_totals(step->process_id);
		*result = two(totals.upload, totals.download);
		return TRUE;
	case ENGINE_STATE:
		*result = two((UINT64)engine_contexts(), (UINT64)engine_pending_packets());
		return TRUE;
	case ENGINE_DELIVERIES:
		deliveries = engine_deliveries(step->flow, step->is_inbound);
		*result = two(deliveries.packets, deliveries.bytes);
		return TRUE;
	case ENGINE_PACKETS:
		*result = two((UINT64)engine_lost_packets(), (UINT64)engine_dropped_packets());
		return TRUE;
	case ENGINE_FILTERS:
		result->value[0] = engine_filters((UINT16)step->flags);
		return TRUE;
	}
	return FALSE;
}

/* FALSE: the real engine would never do this. */
static BOOLEAN is_sound(const struct engine_step *step)
{
	if (step->operation == ENGINE_DATAGRAMS && (!step->count || step->count > ENGINE_MOST_DATAGRAMS))
		return FALSE;
	if (step->operation == ENGINE_FLOW_OPEN && step->transport != 6 && step->transport != 17)
		return FALSE;
	return step->is_ipv6 <= 1 && step->is_inbound <= 1;
}

/* The buffer has the step, and then its result. */
static NTSTATUS run_step(void *buffer)
{
	struct engine_step *step = buffer;
	struct engine_result result = {{0, 0}};

	step->path[ENGINE_PATH_CHARACTERS - 1] = 0;
	if (!is_sound(step) || (!act(step, &result) && !look(step, &result)))
		return STATUS_INVALID_PARAMETER;
	*(struct engine_result *)buffer = result;
	return STATUS_SUCCESS;
}

static NTSTATUS complete(IRP *irp, NTSTATUS status, ULONG_PTR information)
{
	irp->IoStatus.Status = status;
	irp->IoStatus.Information = information;
	IoCompleteRequest(irp, IO_NO_INCREMENT);
	return status;
}

static NTSTATUS NTAPI dispatch_open(DEVICE_OBJECT *opened, IRP *irp)
{
	UNREFERENCED_PARAMETER(opened);
	return complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI dispatch_control(DEVICE_OBJECT *opened, IRP *irp)
{
	IO_STACK_LOCATION *location = IoGetCurrentIrpStackLocation(irp);
	NTSTATUS status;

	UNREFERENCED_PARAMETER(opened);
	if (location->Parameters.DeviceIoControl.IoControlCode != ENGINE_IOCTL_STEP)
		return complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
	if (location->Parameters.DeviceIoControl.InputBufferLength != sizeof(struct engine_step) ||
	    location->Parameters.DeviceIoControl.OutputBufferLength != sizeof(struct engine_result))
		return complete(irp, STATUS_INVALID_BUFFER_SIZE, 0);
	status = run_step(irp->AssociatedIrp.SystemBuffer);
	return complete(irp, status, NT_SUCCESS(status) ? sizeof(struct engine_result) : 0);
}

static VOID NTAPI unload(DRIVER_OBJECT *driver)
{
	UNREFERENCED_PARAMETER(driver);
	engine_stop();
	IoDeleteSymbolicLink(&link_name);
	IoDeleteDevice(device);
}

/* A library to other drivers, and a driver of its own. */
NTSTATUS NTAPI DllInitialize(UNICODE_STRING *registry_path)
{
	UNREFERENCED_PARAMETER(registry_path);
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI DllUnload(void)
{
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *registry_path)
{
	NTSTATUS status = IoCreateDevice(driver, 0, &device_name, FILE_DEVICE_NETWORK, 0, FALSE, &device);

	UNREFERENCED_PARAMETER(registry_path);
	if (!NT_SUCCESS(status))
		return status;
	status = IoCreateSymbolicLink(&link_name, &device_name);
	if (!NT_SUCCESS(status)) {
		IoDeleteDevice(device);
		return status;
	}
	driver->MajorFunction[IRP_MJ_CREATE] = dispatch_open;
	driver->MajorFunction[IRP_MJ_CLOSE] = dispatch_open;
	driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = dispatch_control;
	driver->DriverUnload = unload;
	engine_start(1);
	engine_set_service(FWPM_SERVICE_RUNNING);
	return STATUS_SUCCESS;
}
