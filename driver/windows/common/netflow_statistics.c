/* SPDX-License-Identifier: MIT */
#include "netflow_statistics.h"

void netflow_statistics(struct netflow *netflow, struct netflow_statistics *statistics)
{
	LONG second = current_second();
	struct traffic nobody = {0};
	struct traffic sum = {0};
	LARGE_INTEGER now;

	RtlZeroMemory(statistics, sizeof(*statistics));
	processes_sum(&netflow->processes, second, &sum, statistics);
	process_traffic(netflow->unattributed, second, &nobody);
	KeQuerySystemTime(&now);
	statistics->time = nanoseconds_since_1970(now.QuadPart);
	statistics->started = netflow->started;
	statistics->upload_bytes = (uint64_t)(sum.bytes[NETFLOW_UPLOAD] + nobody.bytes[NETFLOW_UPLOAD]);
	statistics->download_bytes = (uint64_t)(sum.bytes[NETFLOW_DOWNLOAD] + nobody.bytes[NETFLOW_DOWNLOAD]);
	statistics->upload_speed = (uint64_t)(sum.speed[NETFLOW_UPLOAD] + nobody.speed[NETFLOW_UPLOAD]);
	statistics->download_speed = (uint64_t)(sum.speed[NETFLOW_DOWNLOAD] + nobody.speed[NETFLOW_DOWNLOAD]);
	statistics->unattributed_bytes = (uint64_t)(nobody.bytes[NETFLOW_UPLOAD] + nobody.bytes[NETFLOW_DOWNLOAD]);
	statistics->lost_events = (uint64_t)InterlockedExchangeAdd64(&netflow->lost_events, 0);
	statistics->dropped_packets = (uint64_t)InterlockedExchangeAdd64(&netflow->shaper.dropped, 0);
}
