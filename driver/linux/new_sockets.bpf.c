// SPDX-License-Identifier: MIT OR GPL-2.0
/* Sockets and connections as they begin, so that they are under their process's limit from the first byte on. */
#include "pace.h"

/* A process makes a socket. */
SEC("cgroup/sock_create")
int netflow_socket(struct bpf_sock *sk)
{
	struct netflow_rule_state *state = rules_in_force();

	if (!state)
		return 1;
	__u64 cookie = bpf_get_netns_cookie(sk);
	__u32 known = 1;

	if (bpf_map_update_elem(&namespaces, &cookie, &known, BPF_NOEXIST) == 0)
		call_agent();
	long slot = slot_of_caller(bpf_get_current_task_btf());
	struct process *process = slot < 0 ? 0 : process_at(slot);
	struct socket_record *record = process ? bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE) : 0;

	if (process && !record)
		record = make_spare_record(sk);
	if (!record)
		return 1;
	for (int direction = 0; direction < DIRECTIONS; direction++)
		set_user(record, direction, slot);
	return 1;
}

static __always_inline void begin_connection(struct bpf_sock_ops *event, struct socket_record *record)
{
	struct tcp_sock *tcp = event->sk ? bpf_skc_to_tcp_sock(event->sk) : 0;
	int segment = tcp ? fit_segment(record, tcp) : -1;

	if (segment >= 0)
		bpf_setsockopt(event, SOL_TCP, TCP_MAXSEG, &segment, sizeof(segment));
}

static __always_inline void open_connection(struct bpf_sock_ops *event, struct socket_record *record)
{
	struct process *sender = limited_user(record, UPLOAD);
	struct tcp_sock *tcp = event->sk ? bpf_skc_to_tcp_sock(event->sk) : 0;
	int window = LEAST_WINDOW;

	if (!tcp || !sender)
		return;
	if (is_below(sender->limit[UPLOAD], SPLIT_BELOW))
		bpf_setsockopt(event, SOL_TCP, TCP_BPF_IW, &window, sizeof(window));
	for (int direction = 0; direction < DIRECTIONS; direction++)
		count_connection(sender, direction, 1);
	fit_receiver(record, tcp);
	window = fit_sender(record, tcp);
	if (window)
		bpf_setsockopt(event, SOL_TCP, TCP_BPF_SNDCWND_CLAMP, &window, sizeof(window));
}

/* Accepted connections begin with the listener's record, which must keep nothing of a connection that it was before. */
static __always_inline void begin_listening(struct bpf_sock_ops *event, struct socket_record *record)
{
	__u64 cookie = bpf_get_socket_cookie(event);

	if (record->is_borrowed)
		bpf_for_each_map_elem(&borrowed, forget_borrowers, &cookie, 0);
	record->is_borrowed = 0;
	record->owner_id = 0;
	record->claimed = 0;
	record->meter = (struct meter){};
	record->listener = cookie;
}

/*
 * A listener of MPTCP's accepts plain TCP as well, by a socket of the kernel's own below it: what that accepts begins
 * with the users of the one above.
 */
static __always_inline void share_listener(struct bpf_sock_ops *event, struct bpf_sock *sk, struct socket_record *above)
{
	struct socket_record *below = bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	begin_listening(event, above);
	if (below)
		lend_users(below, above->listener, above->users);
}

/* A connection of MPTCP's has its users above alone, and later paths of it change nothing. */
static __always_inline int begin_below(struct bpf_sock_ops *event, struct bpf_sock *sk, struct socket_record *above)
{
	if (event->op == BPF_SOCK_OPS_TCP_LISTEN_CB)
		share_listener(event, sk, above);
	if (event->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		return 1;
	bpf_sk_storage_delete(&sockets, sk);
	if (!above->claimed)
		inherit(above);
	return 1;
}

SEC("sockops")
int netflow_connection(struct bpf_sock_ops *event)
{
	int is_accepting = event->op == BPF_SOCK_OPS_TCP_LISTEN_CB || event->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB;
	struct bpf_sock *sk = is_accepting || rules_in_force() ? event->sk : 0;
	struct socket_record *above = sk ? record_above(sk) : 0;

	if (above)
		return begin_below(event, sk, above);
	struct socket_record *record = sk ? find_record(sk) : 0;

	if (!record)
		return 1;
	switch (event->op) {
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		begin_listening(event, record);
		begin_connection(event, record);
		break;
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		begin_connection(event, record);
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		inherit(record);
		open_connection(event, record);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		open_connection(event, record);
		break;
	}
	return 1;
}
