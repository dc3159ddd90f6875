// SPDX-License-Identifier: MIT OR GPL-2.0
/* The iterator that gives the driver's own figures. */
#include "iterator.h"

static __always_inline void add_to_totals(struct netflow_statistics *record, const struct meter *meter, __u64 second)
{
	record->upload_bytes += meter->total[UPLOAD];
	record->download_bytes += meter->total[DOWNLOAD];
	record->upload_speed += meter_speed(meter, UPLOAD, 0, second);
	record->download_speed += meter_speed(meter, DOWNLOAD, 0, second);
}

static long add_slot(__u32 slot, struct netflow_statistics *record)
{
	struct process *process = process_at(slot);

	if (!process)
		return 1;
	if (process->generation & 1)
		record->processes++;
	add_to_totals(record, &process->meter, last_second());
	return 0;
}

/* Writes its one record at the first task. Slots keep their totals when they change hands, so their sum is complete. */
SEC("iter/task")
int read_statistics(struct bpf_iter__task *context)
{
	__u32 zero = 0;
	const struct netflow_settings *started = bpf_map_lookup_elem(&settings, &zero);

	if (!started || context->meta->seq_num || !context->task)
		return 0;
	struct netflow_statistics record = {
		.header = header_of(NETFLOW_RECORD_STATISTICS, sizeof(record)),
		.time = bpf_ktime_get_boot_ns(),
		.started = started->started_boot,
		.epoch = started->epoch,
		.unattributed_bytes = unattributed.total[UPLOAD] + unattributed.total[DOWNLOAD],
		.lost_events = lost_events,
		.exited_processes = exited_processes,
		.dropped_packets = dropped_packets,
		.process_capacity = parameters.process_capacity,
	};

	add_to_totals(&record, &unattributed, last_second());
	bpf_loop(next_slot < all_slots() ? next_slot : all_slots(), add_slot, &record, 0);
	bpf_seq_write(context->meta->seq, &record, sizeof(record));
	return 0;
}
