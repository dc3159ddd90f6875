/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Where the packets of a socket wait, and how fast they go on. */
#ifndef NETFLOW_LINUX_PLACE_H
#define NETFLOW_LINUX_PLACE_H

#include "socket.h"

/* Bytes per second; from here on a packet of 64 KB is short enough to wait for. */
#define SPLIT_BELOW (4 << 20)

static __always_inline int is_below(__u64 limit, __u64 rate)
{
	return limit != NETFLOW_UNLIMITED && limit < rate;
}

/* Where a packet has to wait. */
struct place {
	__u32 class;      /* 0: nowhere */
	__u32 is_unknown; /* whoever the next packet is for may have a place */
	__u64 rate;       /* bytes per second */
};

/*
 * The class for bytes that an exited process has left: while its path has a limit, the class that it had. The agent
 * keeps that one for as long as it sees such a connection; fit_windows doesn't come by all of them, as by MPTCP's.
 */
static __always_inline __u32 left_class(const struct socket_record *record, enum direction direction)
{
	__u32 number = record->users[direction].rule;
	struct netflow_classes *classes = number ? bpf_map_lookup_elem(&rule_classes, &number) : 0;
	__u32 class = classes ? classes->class_id[direction] : 0;

	return class && direction == UPLOAD && record->is_walked && record->upload_class ? record->upload_class : class;
}

/* The place for packets of this direction of a socket. */
static __always_inline struct place place_of(struct socket_record *record, enum direction direction)
{
	struct user *user = &record->users[direction];
	struct process *process = living_user(record, direction);

	if (!process)
		return (struct place){.class = left_class(record, direction), .rate = NETFLOW_UNLIMITED};
	__u32 class = process->class[direction];

	if (process->rule != user->rule)
		user->rule = process->rule;
	if (direction == UPLOAD && class != record->upload_class)
		record->upload_class = class;
	return (struct place){.class = class, .rate = process->limit[direction]};
}

/* Sockets that limits are for; other sockets' bytes are only counted. */
static __always_inline int is_tcp_or_udp(const struct bpf_sock *sk)
{
	__u32 protocol = sk->protocol;

	return (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE) &&
	       sk->type != SOCK_RAW;
}

/* The record of the socket above one of MPTCP's, which are the kernel's own: the process has that. Null for others. */
static __always_inline struct socket_record *record_above(struct bpf_sock *sk)
{
	struct mptcp_sock *above = bpf_core_type_exists(struct mptcp_sock) ? bpf_skc_to_mptcp_sock(sk) : 0;

	return above ? find_record(above) : 0;
}

/* A packet's record. An MPTCP connection sends through sockets of the kernel's own, below the one of the process. */
static __always_inline struct socket_record *record_of_packet(struct bpf_sock *sk)
{
	if (!is_tcp_or_udp(sk))
		return 0;
	struct socket_record *record = find_record(sk);

	if (record || sk->protocol != IPPROTO_TCP)
		return record;
	return record_above(sk);
}

#endif
