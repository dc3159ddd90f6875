/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The record of a socket. The kernel keeps it with the socket, in the room that options of the socket have as well
 * (net.core.optmem_max): a process can fill that, and whoever administers a network namespace can take it away. Then
 * the record is a spare one, found by the socket's address until the socket is closed.
 */
#ifndef NETFLOW_LINUX_RECORD_H
#define NETFLOW_LINUX_RECORD_H

#include "maps.h"

#define SPARE_RECORDS 16384

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SPARE_RECORDS);
	__type(key, __u64);
	__type(value, struct socket_record);
} spare_records SEC(".maps");

/* Whether there has been any, so that nobody looks for one on a machine where there has not. */
__u32 has_spares = 0;

const struct socket_record no_record = {};

/* Null where the socket has none. */
static __always_inline struct socket_record *find_record(void *sk)
{
	struct socket_record *record = bpf_sk_storage_get(&sockets, sk, 0, 0);
	__u64 address = (__u64)sk;

	if (record || !*(volatile __u32 *)&has_spares)
		return record;
	return bpf_map_lookup_elem(&spare_records, &address);
}

/* Makes a spare one for a socket that the kernel has refused a record; null where there are too many. */
static __always_inline struct socket_record *make_spare_record(void *sk)
{
	__u64 address = (__u64)sk;

	has_spares = 1;
	bpf_map_update_elem(&spare_records, &address, &no_record, BPF_NOEXIST);
	return bpf_map_lookup_elem(&spare_records, &address);
}

/* The socket is being closed. */
static __always_inline void forget_spare_record(void *sk)
{
	__u64 address = (__u64)sk;

	if (*(volatile __u32 *)&has_spares)
		bpf_map_delete_elem(&spare_records, &address);
}

#endif
