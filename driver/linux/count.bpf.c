// SPDX-License-Identifier: MIT OR GPL-2.0
/* Counts the bytes that processes hand to and take from their sockets. Which hook sees which call was measured. */
#include "socket.h"
#include "tcp.h"

SEC("tp_btf/sock_send_length")
int BPF_PROG(netflow_send, struct sock *sk, int bytes)
{
	if (bytes <= 0 || !is_counted(sk, UPLOAD))
		return 0;
	struct socket_record *record = make_record(sk);

	if (record)
		count_bytes(sk, record, bytes, UPLOAD);
	else
		count_unattributed(bytes, UPLOAD);
	return 0;
}

/* How many of the bytes that a call has received were counted by netflow_tcp meanwhile. */
static __always_inline __u32 take_by_sequence(struct socket_record *record, __u32 bytes)
{
	__u32 counted = record->by_sequence;

	record->by_sequence = 0;
	return counted < bytes ? counted : bytes;
}

/* Whether BPF may hand bytes of other sockets to this one, past TCP (sockmap). */
static __always_inline int is_in_sockmap(struct sock *sk)
{
	return ((unsigned long)sk->sk_user_data & SK_USER_DATA_PSOCK) != 0;
}

/* TCP is left to netflow_tcp, which sees splice as well, except for bytes that came past TCP. */
SEC("tp_btf/sock_recv_length")
int BPF_PROG(netflow_receive, struct sock *sk, int bytes, int flags)
{
	int is_of_tcp = is_tcp(sk);

	if (is_of_tcp && !is_in_sockmap(sk))
		return 0;
	if (bytes <= 0 || flags & (MSG_PEEK | MSG_ERRQUEUE) || !is_counted(sk, DOWNLOAD))
		return 0;
	struct socket_record *record = make_record(sk);

	if (record && is_of_tcp)
		bytes -= take_by_sequence(record, bytes);
	if (record)
		count_bytes(sk, record, bytes, DOWNLOAD);
	else
		count_unattributed(bytes, DOWNLOAD);
	return 0;
}

/*
 * Where nobody has locked the socket, the kernel itself reads, in the context of any process: the bytes are counted for
 * the next reader.
 */
SEC("tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(netflow_tcp, struct sock *sk)
{
	if (!sk->sk_lock.owned)
		return 0;
	struct socket_record *record = make_record(sk);

	if (!record) {
		count_lost();
		return 0;
	}
	__u32 bytes = advance(sk, record);

	if (bytes && is_in_sockmap(sk))
		record->by_sequence += bytes;
	if (bytes)
		count_bytes(sk, record, bytes, DOWNLOAD);
	return 0;
}

/* The record goes with the socket; what is kept beside that must be removed. */
SEC("cgroup/sock_release")
int netflow_release(struct bpf_sock *sk)
{
	struct socket_record *record = find_record(sk);

	if (record && record->is_borrowed) {
		__u64 cookie = bpf_get_socket_cookie(sk);

		bpf_for_each_map_elem(&borrowed, forget_borrowers, &cookie, 0);
	}
	forget_spare_record(sk);
	return 1;
}
