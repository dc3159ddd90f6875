/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Sockets: who owns them, and the counting of each event. */
#ifndef NETFLOW_LINUX_SOCKET_H
#define NETFLOW_LINUX_SOCKET_H

#include "record.h"
#include "users.h"

static __always_inline int is_internet(struct sock *sk)
{
	__u16 family = sk->__sk_common.skc_family;

	return family == AF_INET || family == AF_INET6;
}

/* False for a raw socket that receives packets of TCP. */
static __always_inline int is_tcp(struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP && sk->sk_type != SOCK_RAW && is_internet(sk);
}

static __always_inline int is_icmp(struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_ICMP || sk->sk_protocol == IPPROTO_ICMPV6;
}

static __always_inline int is_udp(struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_UDP || sk->sk_protocol == IPPROTO_UDPLITE;
}

/* Counts sockets for IP, and uploads of packet sockets: what these receive is others' traffic that they overhear. */
static __always_inline int is_counted(struct sock *sk, enum direction direction)
{
	if (sk->__sk_common.skc_family == AF_PACKET)
		return direction == UPLOAD;
	if (!is_internet(sk))
		return 0;
	return sk->sk_protocol == IPPROTO_TCP || is_udp(sk) || sk->sk_type == SOCK_RAW || is_icmp(sk) ||
	       sk->sk_protocol == IPPROTO_MPTCP || sk->sk_protocol == IPPROTO_SCTP;
}

static __always_inline int owns_socket(const struct socket_record *record, const struct netflow_identity *identity)
{
	return record->owner_id && is_same(&record->owner, identity);
}

/* Makes the current process the owner of a socket that nobody has used; false when somebody has. */
static __always_inline int claim(struct socket_record *record, const struct netflow_identity *identity, __u32 slot)
{
	struct process *process = process_at(slot);

	if (!process || __sync_val_compare_and_swap(&record->claimed, 0, 1) != 0)
		return 0;
	record->slot = slot;
	record->generation = process->generation | 1; /* whoever opened the slot may not have made it odd yet */
	record->owner = *identity;
	for (int direction = 0; direction < DIRECTIONS; direction++)
		set_user(record, direction, slot);
	become_heir(record);
	/* With a barrier: a process that finds its id here uses the slot. */
	__sync_lock_test_and_set(&record->owner_id, identity->process_id);
	return 1;
}

/*
 * Nobody says when a packet socket is closed, so what is kept for it beside its storage would stay. Who borrows one has
 * its bytes as a process, and not with the socket.
 */
static __always_inline int is_end_seen(struct sock *sk)
{
	return sk->__sk_common.skc_family != AF_PACKET;
}

/* The meter for a process that uses another's socket; null when the table is full. */
static __always_inline struct meter *borrowed_meter(struct sock *sk, struct socket_record *record,
						    const struct netflow_identity *identity, __u32 slot)
{
	struct borrowed_key key = {.cookie = bpf_get_socket_cookie(sk), .identity = *identity};
	struct borrowed_socket *socket = bpf_map_lookup_elem(&borrowed, &key);

	if (!socket) {
		struct borrowed_socket first = {};
		struct process *process = process_at(slot);

		record->is_borrowed = 1;
		if (process)
			process->is_borrower = 1;
		bpf_map_update_elem(&borrowed, &key, &first, BPF_NOEXIST);
		socket = bpf_map_lookup_elem(&borrowed, &key);
	}
	return (struct meter *)socket;
}

/* Counts bytes for the socket: in its own meter where the process is its owner, else in the one for this borrower. */
static __always_inline void count_on_socket(struct sock *sk, struct socket_record *record,
					    const struct netflow_identity *identity, __u32 slot,
					    enum direction direction, __u64 bytes)
{
	struct meter *meter = &record->meter;

	if (!claim(record, identity, slot) && !owns_socket(record, identity)) {
		if (!is_end_seen(sk))
			return;
		meter = borrowed_meter(sk, record, identity, slot);
	}
	if (meter)
		meter_add(meter, direction, bytes, bpf_jiffies64());
	else
		count_lost();
}

/* Bytes of no known process: the table is full, or the kernel had no memory. */
static __always_inline void count_unattributed(__u64 bytes, enum direction direction)
{
	meter_add(&unattributed, direction, bytes, bpf_jiffies64());
	count_lost();
}

/* A first use, or use of a socket that belongs to another process. */
static __noinline int count_slowly(struct sock *sk, struct socket_record *record, __u64 bytes, int direction)
{
	if (!sk || !record)
		return 0;
	direction &= 1;
	struct task_struct *task = bpf_get_current_task_btf();
	struct netflow_identity identity = identity_of(task);
	long slot = slot_of_task(task);

	if (slot < 0) {
		count_unattributed(bytes, direction);
		return 0;
	}
	count_on_socket(sk, record, &identity, slot, direction, bytes);
	struct process *process = process_at(slot);

	if (!process)
		return 0;
	process->user_id = BPF_CORE_READ(task, cred, euid.val);
	if (!process->measurement)
		process->measurement = measurement_of(task);
	set_user(record, direction, slot);
	meter_add(&process->meter, direction, bytes, bpf_jiffies64());
	return 0;
}

/*
 * Counts bytes that the current process moved through a socket. Nearly every event comes here, and on a busy machine
 * each cache line that it touches is a miss: so the owner is known by its process id, which nobody else can have while
 * the slot's generation is that of the claim.
 */
static __always_inline void count_bytes(struct sock *sk, struct socket_record *record, __u64 bytes,
					enum direction direction)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct process *process = record->owner_id == task->tgid ? process_at(record->slot) : 0;

	if (!process || process->generation != record->generation) {
		count_slowly(sk, record, bytes, direction);
		return;
	}
	__u64 now = bpf_jiffies64();

	if (now >= *(volatile __u64 *)&process->meter.second_end)
		process->user_id = BPF_CORE_READ(task, cred, euid.val); /* once a second is enough to see a setuid */
	if (record->is_borrowed)
		set_user(record, direction, record->slot);
	meter_add(&process->meter, direction, bytes, now);
	meter_add(&record->meter, direction, bytes, now);
}

/* The record of a socket, made where it has none; a socket without one has never been counted. */
static __always_inline struct socket_record *make_record(struct sock *sk)
{
	struct socket_record *record = find_record(sk);

	if (!record)
		record = bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	return record || !is_end_seen(sk) ? record : make_spare_record(sk);
}

static long forget_borrowers(struct bpf_map *map, const struct borrowed_key *key, struct borrowed_socket *socket,
			     void *context)
{
	struct borrowed_key copy = *key;

	if (copy.cookie == *(__u64 *)context)
		bpf_map_delete_elem(map, &copy);
	return 0;
}

#endif
