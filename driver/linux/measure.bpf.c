// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Measurements: every task that a measuring process starts, and every task that one of those starts, carries the
 * measurement's number.
 */
#include "process.h"

/* The measurement that a new child of this task belongs to, or 0. */
static __always_inline __u32 measurement_for_child(struct task_struct *parent)
{
	__u32 *own = bpf_task_storage_get(&measured, parent, 0, 0);
	__u32 process_id = parent->tgid;
	__u32 *opened = bpf_map_lookup_elem(&measuring, &process_id);

	if (!opened)
		return own ? *own : 0;
	__u32 id = *opened;
	struct netflow_measurement *measurement = bpf_map_lookup_elem(&measurements, &id);

	/* A measurement inside of another one adds to both. */
	if (measurement && own && *own != id)
		measurement->parent = *own;
	return id;
}

static __always_inline void count_measured(__u32 id)
{
	for (int depth = 0; depth < MAX_NESTED_MEASUREMENTS && id; depth++) {
		struct netflow_measurement *measurement = bpf_map_lookup_elem(&measurements, &id);

		if (!measurement)
			return;
		__sync_fetch_and_add(&measurement->processes, 1);
		id = measurement->parent;
	}
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(netflow_fork, struct task_struct *parent, struct task_struct *child)
{
	int is_thread = child->tgid == parent->tgid;
	__u32 *own = is_thread ? bpf_task_storage_get(&measured, parent, 0, 0) : 0;
	__u32 id = is_thread ? (own ? *own : 0) : measurement_for_child(parent);

	if (!id)
		return 0;
	__u32 *mark = bpf_task_storage_get(&measured, child, &id, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!mark)
		count_lost();
	if (!is_thread)
		count_measured(id);
	return 0;
}
