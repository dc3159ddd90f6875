/* SPDX-License-Identifier: MIT */
#include "kernel_api.h"

ULONG windows_build;

#ifdef NETFLOW_BEFORE_WINDOWS_10
#define IS_FOR(build) ((build) < WINDOWS_10)
#else
#define IS_FOR(build) ((build) >= WINDOWS_10)
#endif

NTSTATUS kernel_api_prepare(void)
{
	RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};
	NTSTATUS status = RtlGetVersion(&version);

	if (!NT_SUCCESS(status))
		return status;
	windows_build = version.dwBuildNumber;
	return IS_FOR(windows_build) ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
}
