/* SPDX-License-Identifier: MIT */
/*
 * Starts the driver's parts in order, and ends them in reverse.
 */
#include "../common/netflow_rules.h"
#include "../common/process_events.h"
#include "callouts.h"
#include "closure.h"
#include "contexts.h"
#include "copy.h"
#include "duties.h"
#include "power.h"
#include "session.h"

struct wfp wfp;

/* Early in the start of the machine TCP/IP is not there yet. */
static NTSTATUS create_handle(ADDRESS_FAMILY family, HANDLE *handle)
{
	LARGE_INTEGER interval = {.QuadPart = -TICKS_PER_SECOND / 10};
	NTSTATUS status = STATUS_FWP_TCPIP_NOT_READY;

	for (int attempt = 0; attempt < 100 && status == STATUS_FWP_TCPIP_NOT_READY; attempt++) {
		if (attempt)
			KeDelayExecutionThread(KernelMode, FALSE, &interval);
		status = FwpsInjectionHandleCreate0(family, FWPS_INJECTION_TYPE_TRANSPORT, handle);
	}
	return status;
}

static NTSTATUS create_injection(void)
{
	NTSTATUS status = create_handle(ADDRESS_FAMILY_IPV4, &wfp.injection[0]);

	if (!NT_SUCCESS(status))
		return status;
	status = create_handle(ADDRESS_FAMILY_IPV6, &wfp.injection[1]);
	if (!NT_SUCCESS(status))
		goto destroy_first;
	if (copies_start())
		return status;
	status = STATUS_INSUFFICIENT_RESOURCES;
	FwpsInjectionHandleDestroy0(wfp.injection[1]);
destroy_first:
	FwpsInjectionHandleDestroy0(wfp.injection[0]);
	return status;
}

/* Each waits for what was injected through it. */
static void destroy_injection(void)
{
	FwpsInjectionHandleDestroy0(wfp.injection[1]);
	FwpsInjectionHandleDestroy0(wfp.injection[0]);
	copies_stop();
}

/* What waits goes on its way; nothing new comes; then every flow is given back. */
static void stop_filtering(void)
{
	shaper_open(&wfp.netflow.shaper, TRUE);
	session_stop();
	worker_stop(&wfp.worker);
	session_unregister_limiting();
	write_once(&wfp.is_leaving, TRUE);
	callouts_unregister(FALSE);
	flows_wait(&wfp.netflow.flows);
}

static VOID NTAPI unload(DRIVER_OBJECT *driver)
{
	UNREFERENCED_PARAMETER(driver);
	power_stop();
	process_events_stop();
	stop_filtering();
	destroy_injection();
	device_delete(wfp.device);
	netflow_destroy(&wfp.netflow);
}

/* Before the device exists, since WFP requires it with each callout. */
static NTSTATUS start_filtering(void)
{
	NTSTATUS status;

	contexts_initialize();
	wfp.netflow.path_found = contexts_limit;
	closures_initialize();
	status = callouts_register(FALSE);
	if (!NT_SUCCESS(status))
		return status;
	status = worker_start(&wfp.worker, duties_perform);
	if (!NT_SUCCESS(status))
		goto unregister_callouts;
	status = session_start();
	if (NT_SUCCESS(status))
		return status;
	worker_stop(&wfp.worker);
unregister_callouts:
	callouts_unregister(FALSE);
	return status;
}

NTSTATUS NTAPI DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *registry_path)
{
	NTSTATUS status;

	RtlZeroMemory(&wfp, sizeof(wfp));
	status = netflow_initialize(&wfp.netflow, NETFLOW_DRIVER_WFP, registry_path);
	if (!NT_SUCCESS(status))
		return status;
	netflow_load_rules(&wfp.netflow);
	status = device_create(driver, &wfp.netflow, &wfp.device);
	if (!NT_SUCCESS(status))
		goto destroy_netflow;
	status = create_injection();
	if (!NT_SUCCESS(status))
		goto delete_device;
	status = start_filtering();
	if (!NT_SUCCESS(status))
		goto destroy_injection;
	status = process_events_start(&wfp.netflow);
	if (!NT_SUCCESS(status))
		goto stop_filtering;
	power_start();
	wfp.netflow.limits_changed = session_limits_changed;
	driver->DriverUnload = unload;
	return STATUS_SUCCESS;

stop_filtering:
	stop_filtering();
destroy_injection:
	destroy_injection();
delete_device:
	device_delete(wfp.device);
destroy_netflow:
	netflow_destroy(&wfp.netflow);
	return status;
}
