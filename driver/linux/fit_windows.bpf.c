// SPDX-License-Identifier: MIT OR GPL-2.0
/* The iterator that fits how much open connections may have under way to the limits as they are now. */
#include "pace.h"

/* True for half-closed connections as well. */
static __always_inline int may_move_bytes(__u8 state)
{
	return state == BPF_TCP_ESTABLISHED || state == BPF_TCP_FIN_WAIT1 || state == BPF_TCP_FIN_WAIT2 ||
	       state == BPF_TCP_CLOSE_WAIT;
}

static __always_inline void fit_listener(struct tcp_sock *tcp, struct socket_record *record)
{
	int segment = fit_segment(record, tcp);

	if (segment >= 0)
		bpf_setsockopt(tcp, SOL_TCP, TCP_MAXSEG, &segment, sizeof(segment));
}

/* The record of a listener of the kernel's own, below one of MPTCP's that is older than the rules; null for others. */
static __always_inline struct socket_record *record_below(struct tcp_sock *tcp)
{
	__u64 address = (__u64)tcp;
	struct listener_above *above = bpf_map_lookup_elem(&listeners_above, &address);
	struct socket_record *record = above ? bpf_sk_storage_get(&sockets, tcp, 0, BPF_SK_STORAGE_GET_F_CREATE) : 0;

	if (record)
		lend_users(record, above->listener, above->users);
	return record;
}

/* Finds whether a connection has been busy since the last time, and counts it, in both directions. */
static __always_inline void look_at(const struct tcp_sock *tcp, struct socket_record *record)
{
	__u64 moved[DIRECTIONS] = {[UPLOAD] = tcp->bytes_acked, [DOWNLOAD] = tcp->bytes_received};
	__u64 now = bpf_ktime_get_ns();
	__u64 microseconds = (now - record->looked) / 1000;
	int is_long = microseconds >= SHORTEST_LOOK;

	for (int direction = 0; direction < DIRECTIONS; direction++) {
		struct process *user = limited_user(record, direction);
		__u64 bytes = moved[direction] - record->moved[direction];
		int busy = !record->looked || record->busy & (1 << direction);

		if (!user)
			continue;
		if (record->looked && is_long)
			busy = is_busy(user, direction, bytes, microseconds);
		record->busy = busy ? record->busy | 1 << direction : record->busy & ~(1 << direction);
		count_connection(user, direction, busy);
	}
	if (!is_long)
		return;
	record->looked = now;
	record->moved[UPLOAD] = moved[UPLOAD];
	record->moved[DOWNLOAD] = moved[DOWNLOAD];
}

static __always_inline void fit_connection(struct tcp_sock *tcp, struct socket_record *record)
{
	look_at(tcp, record);
	fit_receiver(record, tcp);
	int window = fit_sender(record, tcp);
	int pacing = fit_pacing(record, tcp);

	if (window)
		bpf_setsockopt(tcp, SOL_TCP, TCP_BPF_SNDCWND_CLAMP, &window, sizeof(window));
	if (pacing)
		bpf_setsockopt(tcp, SOL_SOCKET, SO_MAX_PACING_RATE, &pacing, sizeof(pacing));
}

/* MPTCP's connections have their record above, where this program can't look: they may be limited. */
static __always_inline int may_be_limited(const struct tcp_sock *tcp, struct socket_record *record)
{
	if (!record)
		return bpf_core_field_exists(tcp->is_mptcp) && tcp->is_mptcp;
	return place_of(record, UPLOAD).class || place_of(record, DOWNLOAD).class;
}

/*
 * Whether an exited process had a limit for bytes that may still be sent: they are in the socket's buffer, or another
 * process has the socket open.
 */
static __always_inline int is_left(const struct tcp_sock *tcp, const struct socket_record *record)
{
	if (!record->users[UPLOAD].rule || living_user(record, UPLOAD))
		return 0;
	return tcp->write_seq != tcp->snd_una || ((const struct sock *)tcp)->sk_socket;
}

/*
 * Reading it fits the windows of all open connections, and of listeners, to the limits as they are now. It writes a
 * struct netflow_limited_connection for each connection that may be limited.
 */
SEC("iter/tcp")
int fit_windows(struct bpf_iter__tcp *context)
{
	struct sock_common *common = context->sk_common;
	struct tcp_sock *tcp = common ? bpf_skc_to_tcp_sock(common) : 0;
	struct socket_record *record = tcp ? find_record(tcp) : 0;
	struct netflow_limited_connection limited = {};

	if (tcp && !record && common->skc_state == BPF_TCP_LISTEN)
		record = record_below(tcp);
	if (record) {
		record->is_walked = 1;
		if (is_left(tcp, record)) {
			limited.left_class = left_class(record, UPLOAD);
			limited.left_rule = record->users[UPLOAD].rule;
		}
	}
	if (tcp && may_be_limited(tcp, record))
		bpf_seq_write(context->meta->seq, &limited, sizeof(limited));
	if (!record)
		return 0;
	if (common->skc_state == BPF_TCP_LISTEN)
		fit_listener(tcp, record);
	else if (may_move_bytes(common->skc_state))
		fit_connection(tcp, record);
	return 0;
}
