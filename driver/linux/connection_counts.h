/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* How many connections are under one limit, and how many of them use enough of it to be given a share. */
#ifndef NETFLOW_LINUX_CONNECTION_COUNTS_H
#define NETFLOW_LINUX_CONNECTION_COUNTS_H

#include "place.h"

/* A connection is busy from this part of its even share on. */
#define BUSY_PART 8
/* In microseconds. In less time a connection's bytes say little. */
#define SHORTEST_LOOK 100000

/* Where the connections under a process's limit are counted. */
static __always_inline struct connection_counts *counts_of(struct process *process, enum direction direction)
{
	__u32 number = process->shared_rule * DIRECTIONS + direction;

	return process->shared_rule ? bpf_map_lookup_elem(&rule_connections, &number)
				    : &process->connections[direction];
}

/* Counts a connection of a process: once in each round while it is open, and when it opens between two rounds. */
static __always_inline void count_connection(struct process *process, enum direction direction, int is_busy)
{
	struct netflow_rule_state *state = rules_in_force();
	struct connection_counts *counts = counts_of(process, direction);
	__u32 round = state ? state->round : 0;

	if (!counts)
		return;
	if (counts->round != round) {
		counts->all = counts->counted_all;
		counts->busy = counts->counted_busy;
		counts->counted_all = 0;
		counts->counted_busy = 0;
		counts->round = round;
	}
	counts->counted_all++;
	counts->counted_busy += is_busy;
	if (counts->counted_all > counts->all)
		counts->all = counts->counted_all;
	if (counts->counted_busy > counts->busy)
		counts->busy = counts->counted_busy;
}

/* Whether a connection uses enough of its limit to be given a share of what may be under way. */
static __always_inline int is_busy(struct process *process, enum direction direction, __u64 bytes, __u64 microseconds)
{
	struct connection_counts *counts = counts_of(process, direction);
	__u64 all = counts && counts->all ? counts->all : 1;

	return bytes * 1000000 / microseconds * BUSY_PART * all >= process->limit[direction];
}

#endif
