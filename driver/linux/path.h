/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The full path of a task's executable, put together from its directory entries.
 *
 * bpf_d_path() may not be called from the hooks that count, and reading /proc afterwards misses a process that lives
 * for milliseconds; the walk works at the first byte. It crosses mounts up to the root of the mount namespace, so that
 * paths in chroots, bind mounts and overlays are those outside of them.
 */
#ifndef NETFLOW_LINUX_PATH_H
#define NETFLOW_LINUX_PATH_H

#include "maps.h"

#define MAX_PATH_STEPS 64
#define NAME_MASK 0xff

/* Puts "/name" in front of what is there; false when there is no more room. */
static __always_inline int prepend_name(struct process *process, struct dentry *dentry)
{
	__u32 length = BPF_CORE_READ(dentry, d_name.len) & NAME_MASK;
	const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
	__u32 offset = *(volatile __u32 *)&process->walk_offset;

	if (offset < length + 1) {
		process->flags |= NETFLOW_PROCESS_PATH_CUT;
		return 0;
	}
	offset -= length;
	bpf_probe_read_kernel(&process->path[offset & (NETFLOW_PATH_BYTES - 1)], length, name);
	offset--;
	process->path[offset & (NETFLOW_PATH_BYTES - 1)] = '/';
	*(volatile __u32 *)&process->walk_offset = offset;
	return 1;
}

/* Takes one step towards the root; false at the end. */
static __always_inline int walk_up(struct process *process)
{
	struct dentry *dentry = (void *)*(volatile __u64 *)&process->walk_dentry;
	struct mount *mount = (void *)*(volatile __u64 *)&process->walk_mount;
	struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

	if (dentry == BPF_CORE_READ(mount, mnt.mnt_root) || dentry == parent) {
		struct mount *parent_mount = BPF_CORE_READ(mount, mnt_parent);

		if (parent_mount == mount)
			return 0;
		*(volatile __u64 *)&process->walk_dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
		*(volatile __u64 *)&process->walk_mount = (__u64)parent_mount;
		return 1;
	}
	*(volatile __u64 *)&process->walk_dentry = (__u64)parent;
	return prepend_name(process, dentry);
}

/* The rest of the buffer may hold an older, longer path. As a key it must be the same for the same path. */
static __always_inline void pad_with_zeros(struct process *process, __u32 length)
{
	__u64 *words = (__u64 *)process->path;

	for (__u32 word = 0; word < NETFLOW_PATH_BYTES / sizeof(*words); word++) {
		if (word == length / sizeof(*words))
			words[word] &= (1ull << length % sizeof(*words) * 8) - 1;
		else if (word > length / sizeof(*words))
			words[word] = 0;
	}
}

/*
 * Moves the path, which was written from the buffer's end, to the front. Source and target may overlap: the copy runs
 * upwards.
 */
static __always_inline void move_to_front(struct process *process)
{
	__u32 offset = *(volatile __u32 *)&process->walk_offset;
	__u32 length = NETFLOW_PATH_BYTES - offset;

	if (length > NETFLOW_PATH_BYTES)
		return;
	bpf_probe_read_kernel(process->path, length, (char *)process->path + (offset & (NETFLOW_PATH_BYTES - 1)));
	process->path_bytes = length;
	pad_with_zeros(process, length);
}

/* Fills path, path_bytes, file and the flags of the executable. */
static __noinline int read_executable(struct task_struct *task, struct process *process)
{
	if (!task || !process)
		return 0;
	process->path_bytes = 0;
	process->file = (struct netflow_file){};
	if (BPF_CORE_READ(task, flags) & PF_KTHREAD)
		process->flags |= NETFLOW_PROCESS_KERNEL;

	struct file *file = BPF_CORE_READ(task, mm, exe_file);

	if (!file)
		return 0;
	if (BPF_CORE_READ(file, f_inode, i_nlink) == 0)
		process->flags |= NETFLOW_PROCESS_DELETED;
	process->file.device = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
	process->file.inode = BPF_CORE_READ(file, f_inode, i_ino);
	*(volatile __u64 *)&process->walk_dentry = (__u64)BPF_CORE_READ(file, f_path.dentry);
	*(volatile __u64 *)&process->walk_mount =
		(__u64)BPF_CORE_READ(file, f_path.mnt) - bpf_core_field_offset(struct mount, mnt);
	*(volatile __u32 *)&process->walk_offset = NETFLOW_PATH_BYTES;
	int more = 1;

	for (int step = 0; more && step < MAX_PATH_STEPS; step++)
		more = walk_up(process);
	if (more)
		process->flags |= NETFLOW_PROCESS_PATH_CUT;
	move_to_front(process);
	if (process->path_bytes == 0)
		process->flags |= NETFLOW_PROCESS_PATH_MEMORY;
	return 0;
}

#endif
