/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Which rule is in force for a process: one for this very image before one for its path.
 *
 * core writes the rules, then raises `version` in `rule_state`, then reads the iterator `reapply_rules`, which looks
 * again at every process. A process that opens its slot meanwhile sees either the new rules or, at the end, the new
 * version.
 */
#ifndef NETFLOW_LINUX_RULES_H
#define NETFLOW_LINUX_RULES_H

#include "maps.h"

#define DEFAULT_NAMESPACES 16384

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NETFLOW_MAX_RULES);
	__type(key, char[NETFLOW_PATH_BYTES]); /* padded with zeros */
	__type(value, struct netflow_kernel_rule);
} path_rules SEC(".maps");

/*
 * The same rules by the files that the paths lead to: a file with several names, or mounted elsewhere too, is one
 * executable. If it is deleted, another file may get its number; the agent sees that within seconds, and has the rules
 * applied again.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NETFLOW_MAX_RULES);
	__type(key, struct netflow_file);
	__type(value, struct netflow_kernel_rule);
} file_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NETFLOW_MAX_RULES);
	__type(key, struct netflow_identity);
	__type(value, struct netflow_kernel_rule);
} process_rules SEC(".maps");

/*
 * The classes of a path rule by its number, for sockets whose process has exited and whose own classes are not known.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NETFLOW_MAX_RULES);
	__type(key, __u32);
	__type(value, struct netflow_classes);
} rule_classes SEC(".maps");

/*
 * The connections of all processes of a shared rule: for uploads at twice the rule's number, for downloads one further.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NETFLOW_MAX_RULES *DIRECTIONS);
	__type(key, __u32);
	__type(value, struct connection_counts);
} rule_connections SEC(".maps");

/*
 * The classes that each process of a rule has for itself where the rule's limit is not shared. Until the agent has made
 * them, packets wait in the rule's classes.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NETFLOW_DEFAULT_PROCESSES);
	__type(key, struct netflow_identity);
	__type(value, struct netflow_classes);
} own_classes SEC(".maps");

/* Network namespaces that sockets were made in, by cookie. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, DEFAULT_NAMESPACES);
	__type(key, __u64);
	__type(value, __u32);
} namespaces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct netflow_rule_state);
} rule_state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct netflow_agent_news);
} agent_news SEC(".maps");

static __always_inline struct netflow_rule_state *all_rules(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&rule_state, &zero);
}

static __always_inline struct netflow_agent_news *news(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&agent_news, &zero);
}

/* Null where there are no rules. */
static __always_inline struct netflow_rule_state *rules_in_force(void)
{
	struct netflow_rule_state *state = all_rules();

	return state && *(volatile __u32 *)&state->rules ? state : 0;
}

static __always_inline __u32 rules_version(void)
{
	struct netflow_rule_state *state = all_rules();

	return state ? *(volatile __u32 *)&state->version : 0;
}

static __always_inline void call_agent(void)
{
	struct netflow_agent_news *all = news();

	if (all)
		__sync_fetch_and_add(&all->work, 1);
}

/* Notes that a process has found no slot, so that no rule can apply to it, whether or not there is one. */
static __always_inline void note_unplaced(void)
{
	struct netflow_agent_news *all = rules_in_force() ? news() : 0;

	if (all)
		__sync_fetch_and_add(&all->unplaced, 1);
}

/* Notes that a socket may have come under a limit, so that what was known of sockets before is void. */
static __always_inline void begin_epoch(void)
{
	struct netflow_agent_news *all = news();

	if (all)
		__sync_fetch_and_add(&all->limit_epoch, 1);
}

/* The current epoch. In the first one, 0, nothing is limited. */
static __always_inline __u32 limit_epoch(void)
{
	struct netflow_agent_news *all = news();

	return all ? *(volatile __u32 *)&all->limit_epoch : 0;
}

/* Whether the agent has seen that no process is under a rule, and none can have come since. */
static __always_inline int is_quiet(__u32 epoch)
{
	struct netflow_rule_state *state = all_rules();

	return state && *(volatile __u32 *)&state->quiet == epoch;
}

static __always_inline void follow(struct process *process, const struct netflow_kernel_rule *rule,
				   const struct netflow_classes *own)
{
	for (int direction = 0; direction < DIRECTIONS; direction++) {
		process->limit[direction] = rule ? rule->limit[direction] : NETFLOW_UNLIMITED;
		process->class[direction] = own    ? own->class_id[direction]
					    : rule ? rule->classes.class_id[direction]
						   : 0;
	}
	process->rule = rule ? rule->number : 0;
	process->shared_rule = rule && rule->flags & NETFLOW_RULE_SHARED ? rule->number : 0;
	if (rule)
		begin_epoch();
}

/* The rule for the path that the process was started by, or else for another path of the same file. */
static __always_inline struct netflow_kernel_rule *rule_of_executable(struct process *process)
{
	struct netflow_file file = process->file;
	struct netflow_kernel_rule *rule = 0;

	if (process->path_bytes && !(process->flags & NETFLOW_PROCESS_PATH_CUT))
		rule = bpf_map_lookup_elem(&path_rules, process->path);
	if (!rule && file.inode)
		rule = bpf_map_lookup_elem(&file_rules, &file);
	return rule;
}

/* Puts the rule in force that is there for this process now. */
static __noinline int choose_rule(struct process *process)
{
	if (!process)
		return 0;
	struct netflow_rule_state *state = rules_in_force();

	if (!state) {
		follow(process, 0, 0);
		return 0;
	}
	struct netflow_identity identity = process->identity;
	struct netflow_kernel_rule *rule = bpf_map_lookup_elem(&process_rules, &identity);

	struct netflow_classes *own = 0;

	if (!rule) {
		rule = rule_of_executable(process);
		if (rule && !(rule->flags & NETFLOW_RULE_SHARED))
			own = bpf_map_lookup_elem(&own_classes, &identity);
	}
	follow(process, rule, own);
	if (rule && !own)
		call_agent(); /* which makes its classes, or at least fits its windows from now on */
	return 0;
}

/* An exec keeps the rule of this very process. Both images have it for a moment, so that no reader finds none. */
static __always_inline void move_rule(const struct netflow_identity *before, const struct netflow_identity *image)
{
	struct netflow_kernel_rule *rule = rules_in_force() ? bpf_map_lookup_elem(&process_rules, before) : 0;

	if (rule)
		bpf_map_update_elem(&process_rules, image, rule, BPF_ANY);
}

/* An image has ended, and so the rule and the classes that it alone has. */
static __always_inline void forget_rules(const struct netflow_identity *identity)
{
	struct netflow_rule_state *state = rules_in_force();

	if (!state)
		return;
	int had_rule = bpf_map_delete_elem(&process_rules, identity) == 0;
	int had_classes = bpf_map_delete_elem(&own_classes, identity) == 0;

	if (had_rule || had_classes)
		call_agent();
}

#endif
