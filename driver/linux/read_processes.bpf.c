// SPDX-License-Identifier: MIT OR GPL-2.0
/* The programs that give the processes: those with sockets or traffic, those that have exited, and every living one. */
#include "iterator.h"

/* Whether this is the whole record of one owner, and none of it is being written for another one. */
static __always_inline int is_whole(const struct process *process, __u64 generation)
{
	return *(const volatile __u64 *)&process->generation == generation &&
	       *(const volatile __u64 *)&process->seal == seal_of(process, generation);
}

/* Fills a record; returns 0 where the process is changing hands: then it has to be looked at again. */
static __always_inline int describe_process(const struct process *process, __u64 generation,
					    struct netflow_process *record, __u16 flags)
{
	__u64 second = last_second();
	__u32 path_bytes = process->path_bytes;
	__u32 padded = (path_bytes + 7) & ~7u;

	if (!is_whole(process, generation) || padded > NETFLOW_PATH_BYTES)
		return 0;
	*record = (struct netflow_process){
		.header = header_of(NETFLOW_RECORD_PROCESS, sizeof(*record) + padded),
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

	__builtin_memcpy(record->name, process->name, sizeof(record->name));
	return 1;
}

/* Returns 1 where the process is changing hands: the kernel then shows it to the iterator again. */
static __always_inline int emit_process(struct seq_file *seq, const struct process *process)
{
	__u64 generation = *(const volatile __u64 *)&process->generation;
	struct netflow_process record;

	if (!(generation & 1))
		return 0;
	if (process->exit_time || !describe_process(process, generation, &record, 0))
		return 1;
	__u32 padded = record.header.size - sizeof(record);

	bpf_seq_write(seq, &record, sizeof(record));
	if (padded && padded <= NETFLOW_PATH_BYTES)
		bpf_seq_write(seq, process->path, padded);
	return !is_whole(process, generation);
}

/* Sleepable: the first reading after an iterator gave a process its slot fetches its command line. */
SEC("iter.s/task")
int read_processes(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct process *process = process_of_task(task);

	if (!task || !process)
		return 0;
	describe_other(process, task);
	return emit_process(context->meta->seq, process);
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

/*
 * Called by core for each element of `exited`, since some kernels refuse iterators over maps.
 */
SEC("syscall")
int read_exited(struct netflow_exited_request *request)
{
	__u32 index = request->index;
	const struct process *process = bpf_map_lookup_elem(&exited, &index);

	if (!process)
		return 0;
	__u64 generation = *(const volatile __u64 *)&process->generation;
	struct netflow_process record;

	request->again = !describe_process(process, generation, &record, NETFLOW_PROCESS_EXITED);
	if (request->again)
		return 0;
	const struct netflow_description *description = bpf_map_lookup_elem(&descriptions, &record.identity);

	__builtin_memcpy(request->record, &record, sizeof(record));
	__builtin_memcpy(request->record + sizeof(record), process->path, NETFLOW_PATH_BYTES);
	if (description)
		__builtin_memcpy(request->description, description, sizeof(*description));
	request->again = !is_whole(process, generation);
	return 0;
}
