/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Iterators: each is pinned as a file, and who reads the file gets the records of
 * protocol.h. They run preemptibly, so they keep nothing per CPU.
 */
#ifndef NETFLOW_LINUX_READERS_H
#define NETFLOW_LINUX_READERS_H

#include "socket.h"
#include "tcp.h"

static __always_inline struct netflow_header header_of(enum netflow_record_type type, __u32 size)
{
	return (struct netflow_header){
		.magic = NETFLOW_MAGIC,
		.version = NETFLOW_PROTOCOL_VERSION,
		.type = type,
		.size = size,
	};
}

/* Whether what was read between two calls is one record, of one owner, and not a piece of another. */
static __always_inline int is_whole(const struct process *process, const struct netflow_process *record,
				    __u64 generation)
{
	return *(const volatile __u64 *)&process->generation == generation &&
	       is_same(&process->identity, &record->identity) &&
	       *(const volatile __u64 *)&process->seal == seal_of(process, generation);
}

/* Returns 1 where the record is changing hands: the kernel then shows it to the iterator again. */
static __always_inline int emit_process(struct seq_file *seq, const struct process *process, __u16 flags)
{
	__u64 second = last_second();
	__u64 generation = *(const volatile __u64 *)&process->generation;
	__u32 path_bytes = process->path_bytes;
	__u32 padded = (path_bytes + 7) & ~7u;

	if (!(generation & 1))
		return 0;
	int is_closing = process->exit_time && !(flags & NETFLOW_PROCESS_EXITED);

	if (is_closing || padded > NETFLOW_PATH_BYTES)
		return 1;
	struct netflow_process record = {
		.header = header_of(NETFLOW_RECORD_PROCESS, sizeof(record) + padded),
		.identity = process->identity,
		.exit_time = process->exit_time,
		.upload_bytes = process->meter.total[UPLOAD] - process->base[UPLOAD],
		.download_bytes = process->meter.total[DOWNLOAD] - process->base[DOWNLOAD],
		.upload_limit = process->limit[UPLOAD],
		.download_limit = process->limit[DOWNLOAD],
		.rule = process->rule,
		.upload_speed = meter_speed(&process->meter, UPLOAD, process->base[UPLOAD], second),
		.download_speed = meter_speed(&process->meter, DOWNLOAD, process->base[DOWNLOAD], second),
		.parent_id = process->parent_id,
		.user_id = process->user_id,
		.measurement = process->measurement,
		.flags = process->flags | flags,
		.path_bytes = path_bytes,
	};

	__builtin_memcpy(record.name, process->name, sizeof(record.name));
	bpf_seq_write(seq, &record, sizeof(record));
	if (padded)
		bpf_seq_write(seq, process->path, padded);
	return !is_whole(process, &record, generation);
}

struct group_walk {
	struct seq_file *seq;
	__u32 first; /* slot */
	__u32 again; /* what the iterator is to return */
};

static long emit_slot(__u32 index, struct group_walk *walk)
{
	const struct process *process = process_at(walk->first + index);

	walk->again = process && emit_process(walk->seq, process, 0);
	return walk->again;
}

/* How many slots of a group were ever used. */
static __always_inline __u32 used_slots(__u32 first)
{
	__u32 used = *(volatile __u32 *)&next_slot;

	return used <= first ? 0 : used - first < SLOTS_PER_GROUP ? used - first : SLOTS_PER_GROUP;
}

SEC("iter/bpf_map_elem")
int read_processes(struct bpf_iter__bpf_map_elem *context)
{
	const __u32 *group = context->key;

	if (!group)
		return 0;
	struct group_walk walk = {.seq = context->meta->seq, .first = *group * SLOTS_PER_GROUP};

	bpf_loop(used_slots(walk.first), emit_slot, &walk, 0);
	return walk.again & 1; /* or the verifier does not see that it is nothing else */
}

SEC("iter/task")
int read_tasks(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;

	if (!task || task != task->group_leader)
		return 0;
	struct netflow_task record = {
		.header = header_of(NETFLOW_RECORD_TASK, sizeof(record)),
		.identity = identity_of(task),
	};

	bpf_seq_write(context->meta->seq, &record, sizeof(record));
	return 0;
}

static long apply_rules_to_slot(__u32 index, struct group_walk *walk)
{
	struct process *process = process_at(walk->first + index);

	if (!process)
		return 0;
	__u64 generation = process->generation;

	if (!(generation & 1))
		return 0;
	apply_rules(process);
	if (*(volatile __u64 *)&process->generation != generation)
		apply_rules(process); /* that was the rule of its former owner */
	return 0;
}

/* Gives no records: reading it applies the rules as they are now to every process. */
SEC("iter/bpf_map_elem")
int read_rules(struct bpf_iter__bpf_map_elem *context)
{
	const __u32 *group = context->key;

	if (!group)
		return 0;
	struct group_walk walk = {.first = *group * SLOTS_PER_GROUP};

	bpf_loop(used_slots(walk.first), apply_rules_to_slot, &walk, 0);
	return 0;
}

SEC("iter/bpf_map_elem")
int read_exited(struct bpf_iter__bpf_map_elem *context)
{
	const struct process *process = context->value;

	return process ? emit_process(context->meta->seq, process, NETFLOW_PROCESS_EXITED) : 0;
}

static __always_inline void read_addresses(struct sock *sk, struct netflow_connection *record)
{
	record->local_port = sk->__sk_common.skc_num;
	record->remote_port = __builtin_bswap16(sk->__sk_common.skc_dport);
	if (sk->__sk_common.skc_family == AF_INET) {
		record->family = NETFLOW_IPV4;
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
 * What this process moved through the socket; two threads that were first at once
 * have counted in both places. True where it is the owner, and so has a slot.
 */
static __always_inline int read_meters(struct sock *sk, struct netflow_connection *record)
{
	struct socket_record *storage = record_of(sk);
	__u64 second = last_second();

	if (!storage)
		return 0;
	int owner = is_owner(storage, &record->identity);

	if (owner)
		add_meter(record, &storage->meter, second);
	if (!storage->shared)
		return owner;
	struct share_key key = {.cookie = record->connection_id, .identity = record->identity};
	struct share *share = bpf_map_lookup_elem(&shares, &key);

	if (share)
		add_meter(record, &share->meter, second);
	return owner;
}

/*
 * Gives a process that holds a socket its slot. It may end or exec on another CPU
 * meanwhile, after its hook has looked for the slot in vain: then end it here.
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
	if (slot_of(task) < 0)
		count_lost();
	if (is_ending(task) || task->self_exec_id != identity->image)
		close_process(identity, SAME_USER);
}

/* A socket that is open already when rules come is its holder's, until another process uses it. */
static __always_inline void note_holder(struct sock *sk, const struct netflow_identity *identity)
{
	__u32 *slot = rules_in_force() ? bpf_map_lookup_elem(&slots, identity) : 0;
	struct process *process = slot ? process_at(*slot) : 0;
	struct socket_record *record = process ? make_record(sk) : 0;

	if (!record)
		return;
	for (int direction = 0; direction < DIRECTIONS; direction++) {
		if (!record->users[direction].generation)
			set_user(record, direction, *slot, process->generation | 1);
	}
}

/* Before counting starts: notes how far a socket has been read, so that nothing from before is credited. */
static __always_inline void note_position(struct sock *sk)
{
	__u32 zero = 0;
	struct settings *now = bpf_map_lookup_elem(&settings, &zero);

	if (!now || now->counting || sk->sk_protocol != IPPROTO_TCP)
		return;
	struct socket_record first = {
		.first = first_sequence(tcp_of(sk)),
		.copied = read_position(sk, tcp_of(sk)),
		.copied_known = 1,
	};

	bpf_sk_storage_get(&sockets, sk, &first, BPF_SK_STORAGE_GET_F_CREATE);
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

	if (!sk || !is_counted(sk))
		return 0;
	note_position(sk);
	struct netflow_connection record = {
		.header = header_of(NETFLOW_RECORD_CONNECTION, sizeof(record)),
		.identity = identity_of(task),
		.connection_id = bpf_get_socket_cookie(sk),
		.transport = NETFLOW_TCP,
		.state = sk->__sk_common.skc_state,
	};

	if (sk->sk_protocol == IPPROTO_UDP || sk->sk_protocol == IPPROTO_UDPLITE) {
		record.transport = NETFLOW_UDP;
		record.state = NETFLOW_STATE_NONE;
	}
	if (record.state > NETFLOW_STATE_CLOSING)
		record.state = NETFLOW_STATE_CLOSED; /* the kernel's own in-between states */
	read_addresses(sk, &record);
	int has_slot = read_meters(sk, &record);

	int is_used = record.local_port || record.upload_bytes || record.download_bytes;

	/* One that was only created is nothing to show, but may connect at any time. */
	if (!has_slot && (is_used || rules_in_force()))
		open_holder(task, &record.identity);
	note_holder(sk, &record.identity);
	if (!is_used)
		return 0;
	bpf_seq_write(context->meta->seq, &record, sizeof(record));
	return 0;
}

static __always_inline void add_to_totals(struct netflow_statistics *record, const struct meter *meter, __u64 second)
{
	record->upload_bytes += meter->total[UPLOAD];
	record->download_bytes += meter->total[DOWNLOAD];
	record->upload_speed += meter_speed(meter, UPLOAD, 0, second);
	record->download_speed += meter_speed(meter, DOWNLOAD, 0, second);
}

static long add_slot(__u32 slot, struct netflow_statistics *record)
{
	struct process *process = process_at(slot);

	if (!process)
		return 1;
	if (process->generation & 1)
		record->processes++;
	add_to_totals(record, &process->meter, last_second());
	return 0;
}

/* Over the one element of `settings`: slots keep their totals when they change hands, so their sum is complete. */
SEC("iter/bpf_map_elem")
int read_statistics(struct bpf_iter__bpf_map_elem *context)
{
	const struct settings *started = context->value;

	if (!started)
		return 0;
	struct netflow_statistics record = {
		.header = header_of(NETFLOW_RECORD_STATISTICS, sizeof(record)),
		.time = bpf_ktime_get_boot_ns(),
		.started = started->started_boot,
		.epoch = started->epoch,
		.unattributed_bytes = unattributed.total[UPLOAD] + unattributed.total[DOWNLOAD],
		.lost_events = lost_events,
		.exited_processes = exited_processes,
		.dropped_packets = dropped_packets,
		.process_capacity = parameters.process_capacity,
	};

	add_to_totals(&record, &unattributed, last_second());
	bpf_loop(next_slot < parameters.process_capacity ? next_slot : parameters.process_capacity, add_slot, &record,
		 0);
	bpf_seq_write(context->meta->seq, &record, sizeof(record));
	return 0;
}
#endif
