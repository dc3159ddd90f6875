/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The command line and the systemd unit of a process, noted while it lives: both are gone before it is seen to end.
 *
 * Its own calls find its arguments in the memory that is mapped at that moment. Where an iterator gave it its slot,
 * read_processes, which may sleep, looks into the memory of the other process.
 */
#ifndef NETFLOW_LINUX_DESCRIBE_H
#define NETFLOW_LINUX_DESCRIBE_H

#include "maps.h"

#define MAX_CGROUP_DEPTH 32

/* The last eight characters of a name, and six, as numbers. */
#define DOT_SERVICE 0x656369767265732eull /* ".service" */
#define DOT_SCOPE 0x65706f63732eull       /* ".scope" */

const struct netflow_description undescribed = {};

static __always_inline struct netflow_identity identity_of(struct task_struct *task)
{
	return (struct netflow_identity){
		.process_id = task->tgid,
		.image = task->self_exec_id,
		.start_time = task->group_leader->start_boottime,
	};
}

static __always_inline void forget_description(const struct netflow_identity *identity)
{
	struct netflow_identity key = *identity;

	bpf_map_delete_elem(&descriptions, &key);
}

/* An empty one for an image that has none; null where it has one, or there is no more room. */
static __always_inline struct netflow_description *begin_description(const struct netflow_identity *identity)
{
	struct netflow_identity key = *identity;

	if (bpf_map_lookup_elem(&descriptions, &key) ||
	    bpf_map_update_elem(&descriptions, &key, &undescribed, BPF_NOEXIST))
		return 0;
	return bpf_map_lookup_elem(&descriptions, &key);
}

/* Whether a name of so many bytes is that of a unit which has processes. */
static __always_inline int names_unit(const char *name, __u32 length)
{
	__u64 end = 0;
	__u32 bytes = length < sizeof(end) ? length : sizeof(end);

	if (bytes == 0 || bpf_probe_read_kernel(&end, bytes, name + length - bytes))
		return 0;
	end <<= (sizeof(end) - bytes) * 8;
	return end == DOT_SERVICE || end >> 16 == DOT_SCOPE;
}

static __always_inline struct kernfs_node *parent_of(struct kernfs_node *node)
{
	struct kernfs_node___renamed *renamed = (void *)node;

	if (bpf_core_field_exists(renamed->__parent))
		return (void *)BPF_CORE_READ(renamed, __parent);
	return BPF_CORE_READ(node, parent);
}

/* Notes the outermost unit on the way to the process's cgroup: below it the unit does as it likes. */
static __always_inline void read_service(struct task_struct *task, struct netflow_description *description)
{
	struct kernfs_node *node = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);
	const char *unit = 0;
	char first = 0;

	for (int depth = 0; node && depth < MAX_CGROUP_DEPTH; depth++) {
		const char *name = BPF_CORE_READ(node, name);
		long bytes = bpf_probe_read_kernel_str(description->service, sizeof(description->service), name);

		if (bytes > 1 && names_unit(name, bytes - 1))
			unit = name;
		node = parent_of(node);
	}
	bpf_probe_read_kernel(&first, sizeof(first), unit);
	if (first == '_') /* in front of what would be taken for a file of the cgroup's */
		unit++;
	if (bpf_probe_read_kernel_str(description->service, sizeof(description->service), unit) < 0)
		description->service[0] = 0;
}

/* Where the arguments are, and how many bytes of them there is room for; 0 for none. */
static __always_inline __u64 find_command(struct task_struct *task, struct netflow_description *description,
					  const void **start)
{
	unsigned long begin = BPF_CORE_READ(task, mm, arg_start);
	__u64 bytes = BPF_CORE_READ(task, mm, arg_end) - begin;

	*start = (const void *)begin;
	description->command_bytes = bytes;
	asm volatile("" : "+r"(bytes)); /* or else the compiler compares a copy, and the verifier learns nothing */
	return bytes < sizeof(description->command) ? bytes : sizeof(description->command);
}

static __always_inline void finish_description(struct netflow_description *description,
					       const struct netflow_identity *identity)
{
	description->identity = *identity;
	description->header = (struct netflow_header){
		.magic = NETFLOW_MAGIC,
		.version = NETFLOW_PROTOCOL_VERSION,
		.type = NETFLOW_RECORD_DESCRIPTION,
		.size = sizeof(*description),
	};
}

/* Describes the process that calls; another one is left to its next call, or to read_processes. */
static __noinline int describe_caller(struct process *process, struct task_struct *task,
				      const struct netflow_identity *identity)
{
	if (!process || process->is_described || task->tgid != bpf_get_current_task_btf()->tgid)
		return 0;
	struct netflow_description *description = begin_description(identity);
	const void *start;

	process->is_described = 1;
	if (!description)
		return 0;
	__u64 bytes = find_command(task, description, &start);

	if (bpf_probe_read_user(description->command, bytes, start))
		description->command_bytes = 0;
	read_service(task, description);
	finish_description(description, identity);
	return 0;
}

/* For programs that may sleep. Where the process has ended meanwhile, nobody else forgets its description. */
static __always_inline void describe_other(struct process *process, struct task_struct *task)
{
	struct netflow_identity key = identity_of(task);
	struct netflow_description *description = process->is_described ? 0 : begin_description(&key);
	const void *start;

	if (!description)
		return;
	__u64 bytes = find_command(task, description, &start);

	if (bpf_copy_from_user_task(description->command, bytes, start, task, 0))
		description->command_bytes = 0;
	read_service(task, description);
	finish_description(description, &key);
	if (bpf_map_lookup_elem(&slots, &key))
		process->is_described = 1;
	else
		forget_description(&key);
}

#endif
