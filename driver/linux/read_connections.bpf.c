// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The iterator that gives the connections. It goes over every open file, and so also notes what an open socket is
 * before its first byte is counted: how far it has been read, and who holds it.
 */
#include "iterator.h"
#include "tcp.h"

static __always_inline enum netflow_transport transport_of(struct sock *sk)
{
	if (sk->__sk_common.skc_family == AF_PACKET)
		return NETFLOW_PACKET;
	if (is_icmp(sk))
		return NETFLOW_ICMP;
	if (sk->sk_type == SOCK_RAW)
		return NETFLOW_RAW;
	if (is_udp(sk))
		return NETFLOW_UDP;
	return sk->sk_protocol == IPPROTO_SCTP ? NETFLOW_SCTP : NETFLOW_TCP;
}

static __always_inline int has_states(const struct netflow_connection *record)
{
	return record->transport == NETFLOW_TCP || record->transport == NETFLOW_SCTP;
}

static __always_inline void read_addresses(struct sock *sk, struct netflow_connection *record)
{
	record->family = NETFLOW_IPV4;
	if (record->transport == NETFLOW_PACKET)
		return;
	if (has_states(record) || record->transport == NETFLOW_UDP) {
		record->local_port = sk->__sk_common.skc_num;
		record->remote_port = __builtin_bswap16(sk->__sk_common.skc_dport);
	}
	if (sk->__sk_common.skc_family == AF_INET) {
		*(__u32 *)record->local_address = sk->__sk_common.skc_rcv_saddr;
		*(__u32 *)record->remote_address = sk->__sk_common.skc_daddr;
		return;
	}
	record->family = NETFLOW_IPV6;
	BPF_CORE_READ_INTO(&record->local_address, sk, __sk_common.skc_v6_rcv_saddr);
	BPF_CORE_READ_INTO(&record->remote_address, sk, __sk_common.skc_v6_daddr);
}

static __always_inline void add_meter(struct netflow_connection *record, const struct meter *meter, __u64 second)
{
	record->upload_bytes += meter->total[UPLOAD];
	record->download_bytes += meter->total[DOWNLOAD];
	record->upload_speed += meter_speed(meter, UPLOAD, 0, second);
	record->download_speed += meter_speed(meter, DOWNLOAD, 0, second);
}

/*
 * Adds what this process moved through the socket; if two threads were first at once, they have counted in both places.
 * True where the process is the owner, and so has a slot.
 */
static __always_inline int read_meters(struct sock *sk, struct netflow_connection *record)
{
	struct socket_record *storage = find_record(sk);
	__u64 second = last_second();

	if (!storage)
		return 0;
	int owner = owns_socket(storage, &record->identity);

	if (owner)
		add_meter(record, &storage->meter, second);
	if (!storage->is_borrowed)
		return owner;
	struct borrowed_key key = {.cookie = record->connection_id, .identity = record->identity};
	struct borrowed_socket *socket = bpf_map_lookup_elem(&borrowed, &key);

	if (socket)
		add_meter(record, &socket->meter, second);
	return owner;
}

/*
 * Gives a process that has a socket open its slot. If it exits or execs on another CPU meanwhile, after its hook has
 * looked for the slot in vain, the slot is closed here.
 */
static __always_inline void open_holder(struct task_struct *task, struct netflow_identity *identity)
{
	__u32 *slot = bpf_map_lookup_elem(&slots, identity);

	if (slot) {
		struct process *process = process_at(*slot);

		if (process)
			process->user_id = BPF_CORE_READ(task, cred, euid.val);
		return;
	}
	if (is_ending(task))
		return;
	if (slot_of_task(task) < 0)
		count_lost();
	if (is_ending(task) || task->self_exec_id != identity->image)
		close_slot(identity, SAME_USER);
}

/* Whether a holder may be taken for the user: not where an exited process has left bytes that are under its rule. */
static __always_inline int is_free(const struct user *user, const struct process *holder)
{
	return !living(user) && (!user->rule || holder->rule);
}

static __always_inline void note_above(struct sock *sk, __u64 listener, struct user user)
{
	struct mptcp_sock *above = bpf_core_type_exists(struct mptcp_sock)
					   ? bpf_rdonly_cast(sk, bpf_core_type_id_kernel(struct mptcp_sock))
					   : 0;
	__u64 below = above ? (__u64)above->first : 0;
	struct listener_above known = {.listener = listener, .users = {user, user}};

	if (below)
		bpf_map_update_elem(&listeners_above, &below, &known, BPF_ANY);
}

/* A listener accepts connections for the limited process that has it open from now on, whoever made it. */
static __always_inline void note_listener(struct sock *sk, struct socket_record *record, __u32 slot,
					  const struct process *process)
{
	struct user user = {.life = process->life, .slot = slot, .rule = process->rule};
	struct heir heir = {.users = {user, user}};

	if (!record->listener)
		record->listener = bpf_get_socket_cookie(sk);
	if (process->rule)
		bpf_map_update_elem(&heirs, &record->listener, &heir, BPF_NOEXIST);
	if (process->rule && sk->sk_protocol == IPPROTO_MPTCP)
		note_above(sk, record->listener, user);
}

/* A socket that is open when rules come is its holder's, until another process uses it. */
static __always_inline void note_holder(struct sock *sk, const struct netflow_identity *identity)
{
	__u32 *slot = rules_in_force() ? bpf_map_lookup_elem(&slots, identity) : 0;
	struct process *process = slot ? process_at(*slot) : 0;
	struct socket_record *record = process ? make_record(sk) : 0;

	if (!record)
		return;
	if (sk->__sk_common.skc_state == BPF_TCP_LISTEN)
		note_listener(sk, record, *slot, process);
	for (int direction = 0; direction < DIRECTIONS; direction++) {
		if (is_free(&record->users[direction], process))
			set_user(record, direction, *slot);
	}
}

/* Notes how far a socket has been read before counting starts, so that earlier bytes are not counted. */
static __always_inline void note_position(struct sock *sk)
{
	__u32 zero = 0;
	struct netflow_settings *now = bpf_map_lookup_elem(&settings, &zero);

	if (!now || now->counting || !is_tcp(sk))
		return;
	struct socket_record first = {
		.first = first_sequence(tcp_of(sk)),
		.copied = read_position(sk, tcp_of(sk)),
		.copied_known = 1,
	};

	bpf_sk_storage_get(&sockets, sk, &first, BPF_SK_STORAGE_GET_F_CREATE);
}

static __always_inline struct netflow_connection describe_connection(struct task_struct *task, struct sock *sk)
{
	struct netflow_connection record = {
		.header = header_of(NETFLOW_RECORD_CONNECTION, sizeof(record)),
		.identity = identity_of(task),
		.connection_id = bpf_get_socket_cookie(sk),
		.transport = transport_of(sk),
	};

	record.state = has_states(&record) ? sk->__sk_common.skc_state : NETFLOW_STATE_NONE;
	if (record.state > NETFLOW_STATE_CLOSING)
		record.state = NETFLOW_STATE_CLOSED; /* the kernel's own in-between states */
	read_addresses(sk, &record);
	return record;
}

SEC("iter/task_file")
int read_connections(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;

	if (!task || !file)
		return 0;
	struct socket *socket = bpf_sock_from_file(file);

	if (!socket)
		return 0;
	struct sock *sk = socket->sk;

	if (!sk || !is_counted(sk, UPLOAD))
		return 0;
	note_position(sk);
	struct netflow_connection record = describe_connection(task, sk);
	int has_slot = read_meters(sk, &record);
	int is_used = record.local_port || record.upload_bytes || record.download_bytes;

	/* A socket that was only created is not shown, but may connect at any time. */
	if (!has_slot && (is_used || rules_in_force()))
		open_holder(task, &record.identity);
	note_holder(sk, &record.identity);
	if (is_used)
		bpf_seq_write(context->meta->seq, &record, sizeof(record));
	return 0;
}
