// SPDX-License-Identifier: MIT OR GPL-2.0
/* The end of a program image: by an exec, or with its process. */
#include "process.h"

SEC("tp_btf/sched_process_exec")
int BPF_PROG(netflow_exec, struct task_struct *task)
{
	return replace_image(task);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(netflow_exit, struct task_struct *task)
{
	if (!is_ending(task))
		return 0;
	struct netflow_identity identity = identity_of(task);

	/* An exec that failed half-way has counted the image up, and ends the process without an exec event. */
	identity.image--;
	close_slot(&identity, SAME_USER);
	identity.image++;
	close_slot(&identity, BPF_CORE_READ(task, cred, euid.val));
	return 0;
}
