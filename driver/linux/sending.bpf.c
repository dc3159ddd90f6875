// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The beginning of a call that sends over TCP: whoever made or accepted the socket, the limit of the process that calls
 * holds from its first byte. Both are called with the socket locked, before bytes are copied into it. The loader takes
 * the one that the kernel has (core/driver/linux/sending.ts), and it is attached while there are rules.
 */
#include "socket.h"

static __always_inline int begin_sending(struct sock *sk)
{
	struct socket_record *record = make_record(sk);

	if (record)
		name_sender(record);
	return 0;
}

SEC("?tp_btf/tcp_sendmsg_locked")
int BPF_PROG(netflow_sending, struct sock *sk)
{
	return begin_sending(sk);
}

/* For kernels without that tracepoint, where a program may be attached to a function. */
SEC("?fentry/tcp_sendmsg_locked")
int BPF_PROG(netflow_sending_function, struct sock *sk)
{
	return begin_sending(sk);
}
