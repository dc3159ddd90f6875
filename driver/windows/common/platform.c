/* SPDX-License-Identifier: MIT */
#include "platform.h"

POOL_TYPE pool_type = NonPagedPool;

void platform_prepare(void)
{
	RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};

	if (NT_SUCCESS(RtlGetVersion(&version)) &&
	    (version.dwMajorVersion > 6 || (version.dwMajorVersion == 6 && version.dwMinorVersion >= 2)))
		pool_type = NonPagedPoolNx;
}
