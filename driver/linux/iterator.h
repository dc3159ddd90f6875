/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What iterators share: each is pinned as a file, and runs when that is read. They run preemptibly, so they keep
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

struct group_walk {
	struct seq_file *seq;
	__u32 first; /* slot */
	__u32 again; /* what the iterator is to return */
};

/* How many slots of a group were ever used. */
static __always_inline __u32 used_slots(__u32 first)
{
	__u32 used = *(volatile __u32 *)&next_slot;

	return used <= first ? 0 : used - first < NETFLOW_SLOTS_PER_GROUP ? used - first : NETFLOW_SLOTS_PER_GROUP;
}

#endif
