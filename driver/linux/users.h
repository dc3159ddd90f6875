/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Whose limit a socket is under, in each direction: that of the process that used it last, from when its call began.
 *
 * A process that sends is named before its bytes go; see sending.bpf.c. Nobody can know who will read what arrives. So
 * an accepted connection is taken to be for the listener's heir, the user of the one accepted before, until a process
 * uses it.
 */
#ifndef NETFLOW_LINUX_USERS_H
#define NETFLOW_LINUX_USERS_H

#include "process.h"

#define LISTENERS 4096

/* The users of the last connection that a listener has accepted, by the listener's cookie. */
struct heir {
	struct user users[DIRECTIONS];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, LISTENERS);
	__type(key, __u64);
	__type(value, struct heir);
} heirs SEC(".maps");

/*
 * A listener of MPTCP's that a limited process has open. It accepts plain TCP as well, by a socket of the kernel's own,
 * whose address is the key.
 */
struct listener_above {
	__u64 listener;
	struct user users[DIRECTIONS];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, LISTENERS);
	__type(key, __u64);
	__type(value, struct listener_above);
} listeners_above SEC(".maps");

/* What the socket below accepts begins with the users of the one above. */
static __always_inline void lend_users(struct socket_record *below, __u64 listener, const struct user *users)
{
	below->listener = listener;
	__builtin_memcpy(below->users, users, sizeof(below->users));
}

/* Null where the process has exited. An exec doesn't end it. */
static __always_inline struct process *living(const struct user *user)
{
	struct process *process = process_at(user->slot);

	return process && user->life && process->life == user->life ? process : 0;
}

/* The process that used a socket last; null where it has exited. */
static __always_inline struct process *living_user(const struct socket_record *record, enum direction direction)
{
	return living(&record->users[direction]);
}

/* The process whose limit a socket is under; null where it is under none. */
static __always_inline struct process *limited_user(const struct socket_record *record, enum direction direction)
{
	struct process *process = living_user(record, direction);

	return process && process->rule ? process : 0;
}

/* What was found of a socket's limits no longer holds. */
static __always_inline void forget_clear(struct socket_record *record)
{
	record->clear_epoch = 0;
	record->free_epoch = 0;
}

/* Has the socket be under this process's limit in this direction from now on. */
static __always_inline void set_user(struct socket_record *record, enum direction direction, __u32 slot)
{
	struct user *user = &record->users[direction];
	struct process *process = process_at(slot);

	if (!process || (user->slot == slot && user->life == process->life))
		return;
	user->slot = slot;
	user->life = process->life;
	user->rule = process->rule;
	forget_clear(record);
	if (direction == UPLOAD)
		record->sender_id = 0;
	if (process->rule)
		begin_epoch();
}

static __always_inline struct heir *heir_of(const struct socket_record *record)
{
	__u64 listener = record->listener;

	return listener ? bpf_map_lookup_elem(&heirs, &listener) : 0;
}

/* After the first use of an accepted connection: the listener's next one is most likely for the same process. */
static __always_inline void become_heir(const struct socket_record *record)
{
	__u64 listener = record->listener;
	struct heir heir;

	if (!listener || !rules_in_force())
		return;
	__builtin_memcpy(heir.users, record->users, sizeof(heir.users));
	bpf_map_update_elem(&heirs, &listener, &heir, BPF_ANY);
}

/*
 * A connection has been accepted, and nobody has used it yet. If its heir has exited, it is for the listener's user
 * where that has a limit, as with servers that start a process for each connection.
 */
static __always_inline void inherit(struct socket_record *record)
{
	struct heir *heir = heir_of(record);

	record->sender_id = 0;
	for (int direction = 0; heir && direction < DIRECTIONS; direction++) {
		struct user *user = &heir->users[direction];

		if (!living(user) && (!user->rule || limited_user(record, direction)))
			continue;
		record->users[direction] = *user;
		forget_clear(record);
		if (user->rule)
			begin_epoch();
	}
}

/*
 * The limited process that the listener's next connection would be for; null where there is none.
 */
static __always_inline struct process *limited_heir(const struct socket_record *listener)
{
	struct heir *heir = heir_of(listener);
	struct process *process = heir ? living(&heir->users[DOWNLOAD]) : 0;

	if (!process)
		return limited_user(listener, DOWNLOAD);
	return process->rule ? process : 0;
}

/*
 * Names the current process as the sender before its bytes have gone. A kernel thread is not named: it sends for
 * others.
 */
static __noinline int name_sender_slowly(struct socket_record *record, int is_certain)
{
	struct task_struct *task = bpf_get_current_task_btf();
	long slot = task->flags & PF_KTHREAD ? -1 : slot_of_caller(task);
	struct process *process = slot < 0 ? 0 : process_at(slot);

	if (!process || !record)
		return 0;
	if (is_certain || process->rule)
		set_user(record, UPLOAD, slot);
	record->sender_id = task->tgid;
	return 0;
}

/* Has the current process named as the sender before its bytes have gone. */
static __always_inline void name_sender(struct socket_record *record)
{
	if (record->sender_id != bpf_get_current_task_btf()->tgid)
		name_sender_slowly(record, 1);
}

/*
 * The same where a packet leaves in its sender's call. One that NFQUEUE has given back is in that of who looked at it.
 * So only a process with a limit is named; another one is at the end of its call, as always.
 */
static __always_inline void name_limited_sender(struct socket_record *record)
{
	if (record->sender_id != bpf_get_current_task_btf()->tgid)
		name_sender_slowly(record, 0);
}

#endif
