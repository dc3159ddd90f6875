/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Common to the iterators: each is pinned as a file, and runs when that is read. They run preemptibly, so they keep
 * nothing per CPU.
 */
#ifndef NETFLOW_LINUX_ITERATOR_H
#define NETFLOW_LINUX_ITERATOR_H

#include "process.h"

static __always_inline struct netflow_header header_of(enum netflow_record_type type, __u32 size)
{
	return (struct netflow_header){
		.magic = NETFLOW_MAGIC,
		.version = NETFLOW_PROTOCOL_VERSION,
		.type = type,
		.size = size,
	};
}

/*
 * The process of a task that leads its threads; null where it has no slot. An exec counts the image up before the slot
 * changes hands.
 */
static __always_inline struct process *process_of_task(struct task_struct *task)
{
	if (!task || task != task->group_leader)
		return 0;
	struct netflow_identity identity = identity_of(task);
	__u32 *slot = bpf_map_lookup_elem(&slots, &identity);

	if (!slot) {
		identity.image--;
		slot = bpf_map_lookup_elem(&slots, &identity);
	}
	return slot ? process_at(*slot) : 0;
}

#endif
