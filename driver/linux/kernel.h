/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The few kernel types the driver reads. libbpf moves each field to where the
 * running kernel has it (CO-RE), so only the names below matter, not the order.
 */
#ifndef NETFLOW_LINUX_KERNEL_H
#define NETFLOW_LINUX_KERNEL_H

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define AF_INET 2
#define AF_INET6 10
#define AF_PACKET 17
#define SOCK_RAW 3
#define SOCK_DONE 1 /* bit of skc_flags: the peer's FIN has been received */
#define MSG_PEEK 0x2
#define MSG_ERRQUEUE 0x2000
#define PF_KTHREAD 0x00200000
#define SK_USER_DATA_PSOCK 4

enum {
	IPPROTO_ICMP = 1,
	IPPROTO_TCP = 6,
	IPPROTO_UDP = 17,
	IPPROTO_ICMPV6 = 58,
	IPPROTO_SCTP = 132,
	IPPROTO_UDPLITE = 136,
	IPPROTO_MPTCP = 262,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct qstr {
	__u32 len;
	const unsigned char *name;
};

struct super_block {
	__u32 s_dev;
};

struct inode {
	__u32 i_nlink;
	unsigned long i_ino;
	struct super_block *i_sb;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
};

struct mm_struct {
	struct file *exe_file;
	unsigned long arg_start;
	unsigned long arg_end;
};

struct kernfs_node {
	struct kernfs_node *parent;
	const char *name;
};

/* From 6.15 on. */
struct kernfs_node___renamed {
	struct kernfs_node___renamed *__parent;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup *dfl_cgrp; /* of cgroup2 */
};

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live; /* threads that have not begun to exit */
};

typedef struct {
	__u32 val;
} kuid_t;

struct cred {
	kuid_t euid;
};

struct task_struct {
	__u32 tgid;
	unsigned int flags;
	__u32 self_exec_id;
	__u64 start_boottime;
	struct task_struct *group_leader;
	struct task_struct *real_parent;
	struct mm_struct *mm;
	struct signal_struct *signal;
	const struct cred *cred;
	struct css_set *cgroups;
	char comm[16];
};

struct in6_addr {
	__u8 bytes[16];
};

struct net {
	__u64 net_cookie;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__u16 skc_family;
	volatile unsigned char skc_state;
	__u16 skc_num;
	__u16 skc_dport;
	__u32 skc_daddr;
	__u32 skc_rcv_saddr;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	unsigned long skc_flags;
	possible_net_t skc_net;
};

typedef struct {
	int owned;
} socket_lock_t;

struct socket;

struct sock {
	struct sock_common __sk_common;
	socket_lock_t sk_lock;
	__u16 sk_type;
	__u16 sk_protocol;
	struct socket *sk_socket;         /* null where no file holds it any more */
	unsigned long sk_max_pacing_rate; /* bytes per second; all ones: none */
	void *sk_user_data;               /* its lowest bits say of what kind it is */
	struct sock_reuseport *sk_reuseport_cb;
};

struct socket {
	struct sock *sk;
};

struct minmax_sample {
	__u32 t;
	__u32 v;
};

struct minmax {
	struct minmax_sample s[3];
};

struct tcp_options_received {
	__u8 rcv_wscale : 4;
	__u16 user_mss; /* TCP_MAXSEG; 0: not set */
};

struct tcp_sock {
	struct tcp_options_received rx_opt;
	__u32 mss_cache;
	__u32 snd_cwnd;
	struct minmax rtt_min; /* microseconds */
	__u32 copied_seq;
	__u32 rcv_nxt;
	__u32 write_seq;
	__u32 snd_una;
	__u64 bytes_received;
	__u64 bytes_acked;
	_Bool is_mptcp;    /* not without CONFIG_MPTCP */
	void *md5sig_info; /* null where no segment is signed; not without CONFIG_TCP_MD5SIG */
	void *ao_info;     /* the same for TCP-AO, from 6.7 on */
	struct {
		__u32 seq;
		__u64 time;
	} rcvq_space;
};

struct mptcp_sock {
	struct sock *first; /* of the kernel's own: the first one below it */
};

struct bpf_prog_aux {
	char name[16];
};

struct bpf_prog {
	struct bpf_prog_aux *aux;
};

/* The sockets that share a port. */
struct sock_reuseport {
	struct bpf_prog *prog;
};

/* The programs at an interface's egress; null behind the last. */
struct bpf_mprog_fp {
	struct bpf_prog *prog;
};

struct bpf_mprog_entry {
	struct bpf_mprog_fp fp_items[64];
};

struct net_device {
	struct bpf_mprog_entry *tcx_egress;
};

struct bpf_map;

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	__u16 mac_header;
	__u16 network_header;
	__u8 active_extensions; /* not without CONFIG_SKB_EXTENSIONS */
	unsigned long _skb_refdst;
};

struct seq_file;

struct bpf_iter_meta {
	__u64 seq_num;
	struct seq_file *seq;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

#pragma clang attribute pop

/* Reads another type's fields through a pointer; resolved by the verifier, costs nothing when it runs (6.2). */
extern void *bpf_cast_to_kern_ctx(void *context) __ksym;
extern void *bpf_rdonly_cast(void *object, __u32 btf_id) __ksym;

#endif
