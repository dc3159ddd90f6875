/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * How far a TCP socket has been read. copied_seq moves with every byte that leaves the receive queue, by whichever
 * call: recv, read, splice, io_uring, zero copy. The return values of recvmsg would miss splice.
 */
#ifndef NETFLOW_LINUX_TCP_H
#define NETFLOW_LINUX_TCP_H

#include "socket.h"

static __always_inline const struct tcp_sock *tcp_of(struct sock *sk)
{
	return bpf_rdonly_cast(sk, bpf_core_type_id_kernel(struct tcp_sock));
}

/* Where reading stands, without the sequence number that a FIN takes up. */
static __always_inline __u32 read_position(struct sock *sk, const struct tcp_sock *tcp)
{
	__u32 copied = tcp->copied_seq;

	if (sk->__sk_common.skc_flags & (1 << SOCK_DONE) && copied == tcp->rcv_nxt)
		copied--;
	return copied;
}

/* Both terms count a FIN where it has arrived, so that it cancels out. */
static __always_inline __u32 first_sequence(const struct tcp_sock *tcp)
{
	return tcp->rcv_nxt - (__u32)tcp->bytes_received;
}

/*
 * True for a socket that was read from before the driver started, but could not be noted then because no process had it
 * in its table of files (it was on its way through a UNIX socket, say). rcvq_space has when and where the kernel last
 * measured the reader's speed, which it does after this hook.
 */
static __always_inline int is_older_than_driver(const struct tcp_sock *tcp)
{
	__u32 zero = 0;
	struct netflow_settings *started = bpf_map_lookup_elem(&settings, &zero);

	return started && tcp->rcvq_space.time < started->started_monotonic &&
	       tcp->rcvq_space.seq != first_sequence(tcp);
}

/*
 * The bytes that were read since the last call, or since the connection's first byte where the socket has reconnected.
 */
static __always_inline __u32 advance(struct sock *sk, struct socket_record *record)
{
	const struct tcp_sock *tcp = tcp_of(sk);
	__u32 position = read_position(sk, tcp);
	__u32 first = first_sequence(tcp);
	__u32 bytes = position - record->copied;

	if (!record->copied_known || record->first != first) {
		bytes = position - first;
		if (!record->copied_known && is_older_than_driver(tcp)) {
			count_lost();
			bytes = 0;
		}
		record->copied_known = 1;
		record->first = first;
	}
	record->copied = position;
	return bytes;
}

#endif
