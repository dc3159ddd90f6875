/* SPDX-License-Identifier: MIT */
#include "netflow.h"

static NTSTATUS initialize_members(struct netflow *netflow, PCUNICODE_STRING registry_path)
{
	NTSTATUS status = kernel_path_prepare();

	if (!NT_SUCCESS(status))
		return status;
	status = saved_rules_initialize(&netflow->saved_rules, registry_path);
	if (!NT_SUCCESS(status))
		goto forget_path;
	status = limits_initialize(&netflow->limits, &netflow->shaper, &netflow->lost_events);
	if (!NT_SUCCESS(status))
		goto destroy_saved_rules;
	netflow->unattributed = process_create_nobody();
	if (netflow->unattributed)
		return STATUS_SUCCESS;
	status = STATUS_INSUFFICIENT_RESOURCES;
	limits_destroy(&netflow->limits);
destroy_saved_rules:
	saved_rules_destroy(&netflow->saved_rules);
forget_path:
	kernel_path_forget();
	return status;
}

NTSTATUS netflow_initialize(struct netflow *netflow, enum netflow_driver_kind driver, PCUNICODE_STRING registry_path)
{
	LARGE_INTEGER now;
	NTSTATUS status = kernel_api_prepare();

	RtlZeroMemory(netflow, sizeof(*netflow));
	if (!NT_SUCCESS(status))
		return status;
	KeQuerySystemTime(&now);
	netflow->started = nanoseconds_since_1970(now.QuadPart);
	netflow->driver = driver;
	processes_initialize(&netflow->processes);
	flows_initialize(&netflow->flows);
	shaper_initialize(&netflow->shaper);
	ExInitializeFastMutex(&netflow->change);
	return initialize_members(netflow, registry_path);
}

void netflow_destroy(struct netflow *netflow)
{
	processes_destroy(&netflow->processes);
	process_release(netflow->unattributed);
	limits_destroy(&netflow->limits);
	saved_rules_destroy(&netflow->saved_rules);
	kernel_path_forget();
}
