// SPDX-License-Identifier: MIT OR GPL-2.0
/* The iterator that applies the rules as they are now to every process. It writes no records. */
#include "iterator.h"
#include "translated.h"

static __always_inline void note_abilities(void)
{
	struct netflow_agent_news *all = news();

	if (all)
		all->translates = can_translate();
}

SEC("iter/task")
int reapply_rules(struct bpf_iter__task *context)
{
	struct process *process = process_of_task(context->task);

	if (!context->meta->seq_num)
		note_abilities();
	if (!process)
		return 0;
	__u64 generation = process->generation;

	if (!(generation & 1))
		return 0;
	choose_rule(process);
	if (*(volatile __u64 *)&process->generation != generation)
		choose_rule(process); /* that was the rule of the slot's former owner */
	return 0;
}
