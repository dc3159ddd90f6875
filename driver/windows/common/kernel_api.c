/* SPDX-License-Identifier: MIT */
#include "kernel_api.h"

POOL_TYPE pool_type = NonPagedPool;

void kernel_api_prepare(void)
{
	RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};

	if (NT_SUCCESS(RtlGetVersion(&version)) &&
	    (version.dwMajorVersion > 6 || (version.dwMajorVersion == 6 && version.dwMinorVersion >= 2)))
		pool_type = NonPagedPoolNx;
}
