/* SPDX-License-Identifier: MIT */
/* Whatever stands in the registry, the driver loads, says what it makes of it, and unloads. */
#include <stdint.h>
#include <stdlib.h>

#include "rig.h"

#define REGISTRY_BINARY 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	nt_registry_set(data[0] % 2 ? REGISTRY_BINARY : data[0] % 12, data + 1, (ULONG)(size - 1));
	rig_start();
	rig_count(NETFLOW_IOCTL_QUERY_RULES);
	CHECK(rig_statistics().lost_events <= 1);
	rig_stop();
	return 0;
}
