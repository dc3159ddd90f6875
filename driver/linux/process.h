/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Process images: their identity, their slot, their end. */
#ifndef NETFLOW_LINUX_PROCESS_H
#define NETFLOW_LINUX_PROCESS_H

#include "describe.h"
#include "path.h"
#include "rules.h"

#define MAX_NESTED_MEASUREMENTS 8

static __always_inline void count_lost(void)
{
	__sync_fetch_and_add(&lost_events, 1);
}

/* `a` may change meanwhile. */
static __always_inline int is_same(const volatile struct netflow_identity *a, const struct netflow_identity *b)
{
	return a->process_id == b->process_id && a->image == b->image && a->start_time == b->start_time;
}

/* True once the last thread has begun to exit. */
static __always_inline int is_ending(struct task_struct *task)
{
	return BPF_CORE_READ(task, signal, live.counter) == 0;
}

/* The last field of a slot that is whole, and this owner's. */
static __always_inline __u64 seal_of(const struct process *process, __u64 generation)
{
	return generation << 32 ^ process->identity.start_time ^ process->identity.process_id ^
	       (__u64)process->identity.image << 48;
}

static __always_inline struct process *process_at(__u32 slot)
{
	return bpf_map_lookup_elem(&processes, &slot);
}

static __always_inline __u32 all_slots(void)
{
	return parameters.process_capacity + parameters.reserved_slots;
}

/* Whether only reserved slots are left. */
static __always_inline int is_full(void)
{
	return *(volatile __u32 *)&used_slots > parameters.process_capacity;
}

/* A free slot, which may be a reserved one, or -1. */
static __always_inline long take_slot(void)
{
	__u32 slot;

	if (*(volatile __u32 *)&used_slots >= parameters.process_capacity && !rules_in_force())
		return -1;
	int is_taken = bpf_map_pop_elem(&free_slots, &slot) == 0;

	if (!is_taken && *(volatile __u32 *)&next_slot < all_slots()) {
		slot = __sync_fetch_and_add(&next_slot, 1);
		is_taken = slot < all_slots();
	}
	if (!is_taken)
		return -1;
	__sync_fetch_and_add(&used_slots, 1);
	return slot;
}

/* Before Linux 6.16 only tracing programs may call this. */
static __always_inline __u32 measurement_of(struct task_struct *task)
{
	__u32 *measurement = bpf_task_storage_get(&measured, task, 0, 0);

	return measurement ? *measurement : 0;
}

/* Fills a slot that nobody else knows of yet. */
static __always_inline void describe_image(struct process *process, struct task_struct *task,
					   const struct netflow_identity *identity, int is_tracing)
{
	process->identity = *identity;
	process->flags = 0;
	process->is_borrower = 0;
	process->is_described = 0;
	for (int direction = 0; direction < DIRECTIONS; direction++)
		process->connections[direction] = (struct connection_counts){};
	process->exit_time = 0;
	process->measurement = is_tracing ? measurement_of(task) : 0;
	process->user_id = BPF_CORE_READ(task, cred, euid.val);
	process->parent_id = BPF_CORE_READ(task, real_parent, tgid);
	bpf_probe_read_kernel_str(process->name, sizeof(process->name), task->group_leader->comm);
	for (int direction = 0; direction < DIRECTIONS; direction++)
		process->base[direction] = process->meter.total[direction];
	read_executable(task, process);
	process->seal = seal_of(process, process->generation + 1);
}

static __always_inline void give_back(struct process *process, __u32 slot)
{
	*(volatile __u32 *)&process->identity.process_id = 0;
	process->life = 0;
	__sync_fetch_and_add(&used_slots, -1);
	if (bpf_map_push_elem(&free_slots, &slot, 0))
		count_lost();
}

/*
 * Fills a free slot, then gives it to an image; 0 where the image has one already, or has no rule and only reserved
 * slots are left. The slot is complete before `slots` names it, because another thread may count on it at once; while
 * an iterator opens it, the process may even exit.
 */
static __always_inline int occupy(struct process *process, __u32 slot, struct task_struct *task,
				  const struct netflow_identity *identity, int is_tracing)
{
	__u64 generation = process->generation;
	__u32 version = rules_version();

	describe_image(process, task, identity, is_tracing);
	choose_rule(process);
	if ((is_full() && !process->rule) || bpf_map_update_elem(&slots, identity, &slot, BPF_NOEXIST)) {
		give_back(process, slot);
		return 0;
	}
	/* Fails where the process has exited already and closed the slot: there is nothing to show then. */
	__sync_val_compare_and_swap(&process->generation, generation, generation + 1);
	if (rules_version() != version)
		choose_rule(process); /* reapply_rules may not have seen this process */
	describe_caller(process, task, identity);
	return 1;
}

/* The slot of an image that has none yet, or -1 when the table is full. */
static __always_inline long open_slot(struct task_struct *task, const struct netflow_identity *identity, int is_tracing)
{
	long taken = take_slot();

	if (taken < 0) {
		note_unplaced();
		return -1;
	}
	__u32 slot = taken;
	struct process *process = process_at(slot);

	if (!process)
		return -1;
	process->life = process->generation + 1;
	if (occupy(process, slot, task, identity, is_tracing))
		return slot;
	__u32 *other = bpf_map_lookup_elem(&slots, identity); /* another thread was first */

	return other ? (long)*other : -1; /* without the cast -1 would become a large unsigned number */
}

/*
 * The slot of a task's image, opened where it has none; -1 when the table is full, and after the task's end: a file
 * system may still send while its files are closed.
 */
static __always_inline long find_slot(struct task_struct *task, int is_tracing)
{
	if (!task)
		return -1;
	struct netflow_identity identity = identity_of(task);
	__u32 *slot = bpf_map_lookup_elem(&slots, &identity);

	if (slot) {
		describe_caller(process_at(*slot), task, &identity); /* an iterator may have opened it */
		return *slot;
	}
	return is_ending(task) ? -1 : open_slot(task, &identity, is_tracing);
}

static __noinline long slot_of_task(struct task_struct *task)
{
	return find_slot(task, 1);
}

/* The same for programs that don't trace; the measurement is noted at the first byte. */
static __noinline long slot_of_caller(struct task_struct *task)
{
	return find_slot(task, 0);
}

/* Adds an image that exits to the measurement it ran in, and to those around that. */
static __always_inline void add_to_measurements(const struct process *process)
{
	__u32 id = process->measurement;

	for (int depth = 0; depth < MAX_NESTED_MEASUREMENTS && id; depth++) {
		struct netflow_measurement *measurement = bpf_map_lookup_elem(&measurements, &id);

		if (!measurement)
			return;
		__sync_fetch_and_add(&measurement->upload_bytes, process->meter.total[UPLOAD] - process->base[UPLOAD]);
		__sync_fetch_and_add(&measurement->download_bytes,
				     process->meter.total[DOWNLOAD] - process->base[DOWNLOAD]);
		__sync_fetch_and_add(&measurement->ended, 1);
		id = measurement->parent;
	}
}

static long forget_borrowed(struct bpf_map *map, const struct borrowed_key *key, struct borrowed_socket *socket,
			    void *context)
{
	const struct netflow_identity *identity = context;
	struct borrowed_key copy = *key;

	if (is_same(&copy.identity, identity))
		bpf_map_delete_elem(map, &copy);
	return 0;
}

static __always_inline int has_traffic(const struct process *process)
{
	return process->meter.total[UPLOAD] != process->base[UPLOAD] ||
	       process->meter.total[DOWNLOAD] != process->base[DOWNLOAD];
}

/* Puts an image that exits in the place of the oldest. */
static __always_inline void keep_exited(const struct process *process)
{
	__u32 next = __sync_fetch_and_add(&exited_processes, 1) % NETFLOW_EXITED_PROCESSES;
	const struct process *oldest = bpf_map_lookup_elem(&exited, &next);

	if (oldest && oldest->identity.process_id)
		forget_description(&oldest->identity);
	bpf_map_update_elem(&exited, &next, process, BPF_ANY);
}

#define SAME_USER 0xffffffffu

/* Moves the figures of an image that ends to `exited`. Returns the slot that it had until now; -1 where it has none. */
static __always_inline long leave_slot(struct netflow_identity *image, __u32 user_id)
{
	__u32 *found = bpf_map_lookup_elem(&slots, image);

	if (!found)
		return -1;
	__u32 slot = *found;
	struct process *process = process_at(slot);

	if (!process || bpf_map_delete_elem(&slots, image))
		return -1; /* another thread was first */
	if (user_id != SAME_USER)
		process->user_id = user_id;
	/* From here on readers wait, as the image's figures are about to move. */
	__sync_lock_test_and_set(&process->exit_time, bpf_ktime_get_boot_ns());
	if (has_traffic(process))
		keep_exited(process);
	else
		forget_description(image);
	if (process->measurement)
		add_to_measurements(process);
	if (process->is_borrower)
		bpf_for_each_map_elem(&borrowed, forget_borrowed, image, 0);
	/* The next even number, whether or not whoever opened the slot has made it odd yet. */
	__sync_lock_test_and_set(&process->generation, (process->generation | 1) + 1);
	return slot;
}

/* Ends an image and its process, and frees the slot. `user_id` is the user at the end, or SAME_USER. */
static __noinline int close_slot(struct netflow_identity *identity, __u32 user_id)
{
	if (!identity)
		return 0;
	struct netflow_identity key = *identity;
	long slot = leave_slot(&key, user_id);
	struct process *process = slot < 0 ? 0 : process_at(slot);

	forget_rules(&key);
	if (process)
		give_back(process, slot);
	return 0;
}

/*
 * An exec: the next image takes over the slot, so that the process stays the user of its sockets, and the rule of this
 * process alone. Without rules the next image gets its slot when it first sends or receives.
 */
static __noinline int replace_image(struct task_struct *task)
{
	if (!task)
		return 0;
	struct netflow_identity image = identity_of(task);
	struct netflow_identity before = image;

	before.image--; /* the kernel has counted the exec already */
	move_rule(&before, &image);
	if (!rules_in_force())
		return close_slot(&before, SAME_USER);
	long slot = leave_slot(&before, SAME_USER); /* an exec may have changed the user already */
	struct process *process = slot < 0 ? 0 : process_at(slot);

	forget_rules(&before);
	if (process)
		occupy(process, slot, task, &image, 1);
	return 0;
}

#endif
