/* SPDX-License-Identifier: MIT */
#include "kernel_api.h"

/* The kernel's headers lack both names. */
#define QUERY_INFORMATION 0x0400         /* PROCESS_QUERY_INFORMATION */
#define QUERY_LIMITED_INFORMATION 0x1000 /* PROCESS_QUERY_LIMITED_INFORMATION */

POOL_TYPE pool_type = NonPagedPool;
BOOLEAN is_windows_10;
ACCESS_MASK process_query_access = QUERY_INFORMATION;

static BOOLEAN is_at_least(const RTL_OSVERSIONINFOW *version, ULONG major, ULONG minor)
{
	return version->dwMajorVersion > major ||
	       (version->dwMajorVersion == major && version->dwMinorVersion >= minor);
}

void kernel_api_prepare(void)
{
	RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};

	if (!NT_SUCCESS(RtlGetVersion(&version)))
		return;
	if (is_at_least(&version, 6, 0))
		process_query_access = QUERY_LIMITED_INFORMATION;
	if (is_at_least(&version, 6, 2))
		pool_type = NonPagedPoolNx;
	is_windows_10 = is_at_least(&version, 10, 0);
}
