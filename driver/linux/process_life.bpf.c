// SPDX-License-Identifier: MIT OR GPL-2.0
/* The end of a program image: by an exec, or with its process. */
#include "process.h"

/* The image that ran until now is the one before: the kernel has counted the exec already. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(netflow_exec, struct task_struct *task)
{
	struct netflow_identity identity = identity_of(task);

	identity.image--;
	close_slot(&identity, SAME_USER); /* an exec may have changed the user already */
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(netflow_exit, struct task_struct *task)
{
	if (!is_ending(task))
		return 0;
	struct netflow_identity identity = identity_of(task);

	/* An exec that failed half-way has counted up, and ends the process without a word. */
	identity.image--;
	close_slot(&identity, SAME_USER);
	identity.image++;
	close_slot(&identity, BPF_CORE_READ(task, cred, euid.val));
	return 0;
}
