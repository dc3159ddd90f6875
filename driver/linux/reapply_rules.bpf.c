// SPDX-License-Identifier: MIT OR GPL-2.0
/* The iterator that has every process follow the rules as they are now. */
#include "iterator.h"

static long choose_rule_of_slot(__u32 index, struct group_walk *walk)
{
	struct process *process = process_at(walk->first + index);

	if (!process)
		return 0;
	__u64 generation = process->generation;

	if (!(generation & 1))
		return 0;
	choose_rule(process);
	if (*(volatile __u64 *)&process->generation != generation)
		choose_rule(process); /* that was the rule of its former owner */
	return 0;
}

/* Gives no records: reading it applies the rules as they are now to every process. */
SEC("iter/bpf_map_elem")
int reapply_rules(struct bpf_iter__bpf_map_elem *context)
{
	const __u32 *group = context->key;

	if (!group)
		return 0;
	struct group_walk walk = {.first = *group * NETFLOW_SLOTS_PER_GROUP};

	bpf_loop(used_slots(walk.first), choose_rule_of_slot, &walk, 0);
	return 0;
}
