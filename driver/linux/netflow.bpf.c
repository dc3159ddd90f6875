// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * NetFlow's driver for Linux: counts what each process hands to and takes from its
 * TCP and UDP sockets. Which hook sees which call was measured; docs/architecture.md
 * has the table.
 */
#include "limit.h"
#include "measure.h"
#include "pace.h"
#include "readers.h"
#include "socket.h"
#include "tcp.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

SEC("tp_btf/sock_send_length")
int BPF_PROG(netflow_send, struct sock *sk, int bytes)
{
	if (bytes <= 0 || !is_counted(sk))
		return 0;
	struct socket_record *record = make_record(sk);

	if (record)
		count(sk, record, bytes, UPLOAD);
	else
		count_unattributed(bytes, UPLOAD);
	return 0;
}

/* TCP is left to netflow_tcp, which sees splice as well. */
SEC("tp_btf/sock_recv_length")
int BPF_PROG(netflow_receive, struct sock *sk, int bytes, int flags)
{
	if (sk->sk_protocol == IPPROTO_TCP || bytes <= 0 || flags & (MSG_PEEK | MSG_ERRQUEUE) || !is_counted(sk))
		return 0;
	struct socket_record *record = make_record(sk);

	if (record)
		count(sk, record, bytes, DOWNLOAD);
	else
		count_unattributed(bytes, DOWNLOAD);
	return 0;
}

/* Where nobody has locked the socket, the kernel reads for itself, in the middle of any process: the next reader gets it. */
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

	if (bytes)
		count(sk, record, bytes, DOWNLOAD);
	return 0;
}

/* The image that ran until now is the one before: the kernel has counted the exec already. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(netflow_exec, struct task_struct *task)
{
	struct netflow_identity identity = identity_of(task);

	identity.image--;
	close_process(&identity, SAME_USER); /* an exec may have changed the user already */
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(netflow_exit, struct task_struct *task)
{
	if (!is_ending(task))
		return 0;
	struct netflow_identity identity = identity_of(task);

	/* An exec that failed half-way has counted up, and ends the process without a word. */
	identity.image--;
	close_process(&identity, SAME_USER);
	identity.image++;
	close_process(&identity, BPF_CORE_READ(task, cred, euid.val));
	return 0;
}

/* The storage goes with the socket; only what other processes counted on it must be removed. */
SEC("cgroup/sock_release")
int netflow_release(struct bpf_sock *sk)
{
	struct socket_record *record = bpf_sk_storage_get(&sockets, sk, 0, 0);

	if (!record || !record->shared)
		return 1;
	__u64 cookie = bpf_get_socket_cookie(sk);

	bpf_for_each_map_elem(&shares, forget_socket, &cookie, 0);
	return 1;
}
