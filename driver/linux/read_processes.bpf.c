// SPDX-License-Identifier: MIT OR GPL-2.0
/* The iterators that give the processes: those with sockets or traffic, those that have exited, and every living one. */
#include "iterator.h"

/* Whether what was read between two calls is one record, of one owner, and not a piece of another. */
static __always_inline int is_whole(const struct process *process, const struct netflow_process *record,
				    __u64 generation)
{
	return *(const volatile __u64 *)&process->generation == generation &&
	       is_same(&process->identity, &record->identity) &&
	       *(const volatile __u64 *)&process->seal == seal_of(process, generation);
}

/* Returns 1 where the record is changing hands: the kernel then shows it to the iterator again. */
static __always_inline int emit_process(struct seq_file *seq, const struct process *process, __u16 flags)
{
	__u64 second = last_second();
	__u64 generation = *(const volatile __u64 *)&process->generation;
	__u32 path_bytes = process->path_bytes;
	__u32 padded = (path_bytes + 7) & ~7u;

	if (!(generation & 1))
		return 0;
	int is_closing = process->exit_time && !(flags & NETFLOW_PROCESS_EXITED);

	if (is_closing || padded > NETFLOW_PATH_BYTES)
		return 1;
	struct netflow_process record = {
		.header = header_of(NETFLOW_RECORD_PROCESS, sizeof(record) + padded),
		.identity = process->identity,
		.exit_time = process->exit_time,
		.upload_bytes = process->meter.total[UPLOAD] - process->base[UPLOAD],
		.download_bytes = process->meter.total[DOWNLOAD] - process->base[DOWNLOAD],
		.upload_limit = process->limit[UPLOAD],
		.download_limit = process->limit[DOWNLOAD],
		.rule = process->rule,
		.upload_speed = meter_speed(&process->meter, UPLOAD, process->base[UPLOAD], second),
		.download_speed = meter_speed(&process->meter, DOWNLOAD, process->base[DOWNLOAD], second),
		.parent_id = process->parent_id,
		.user_id = process->user_id,
		.measurement = process->measurement,
		.flags = process->flags | flags,
		.path_bytes = path_bytes,
	};

	__builtin_memcpy(record.name, process->name, sizeof(record.name));
	bpf_seq_write(seq, &record, sizeof(record));
	if (padded)
		bpf_seq_write(seq, process->path, padded);
	return !is_whole(process, &record, generation);
}

static long emit_slot(__u32 index, struct group_walk *walk)
{
	const struct process *process = process_at(walk->first + index);

	walk->again = process && emit_process(walk->seq, process, 0);
	return walk->again;
}

SEC("iter/bpf_map_elem")
int read_processes(struct bpf_iter__bpf_map_elem *context)
{
	const __u32 *group = context->key;

	if (!group)
		return 0;
	struct group_walk walk = {.seq = context->meta->seq, .first = *group * NETFLOW_SLOTS_PER_GROUP};

	bpf_loop(used_slots(walk.first), emit_slot, &walk, 0);
	return walk.again & 1; /* or the verifier does not see that it is nothing else */
}

SEC("iter/task")
int read_tasks(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;

	if (!task || task != task->group_leader)
		return 0;
	struct netflow_task record = {
		.header = header_of(NETFLOW_RECORD_TASK, sizeof(record)),
		.identity = identity_of(task),
	};

	bpf_seq_write(context->meta->seq, &record, sizeof(record));
	return 0;
}

SEC("iter/bpf_map_elem")
int read_exited(struct bpf_iter__bpf_map_elem *context)
{
	const struct process *process = context->value;

	return process ? emit_process(context->meta->seq, process, NETFLOW_PROCESS_EXITED) : 0;
}
