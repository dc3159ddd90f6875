/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Everything the driver keeps, and for how long.
 *
 * A process image with sockets or traffic has a slot in `processes` for as long as it lives; `slots` finds it by
 * identity. Each socket's storage names its owner's slot, so that counting needs no search. Images that have exited go
 * to `exited`, which forgets the oldest. A slot's meter is never reset, and a new owner only notes where it began, so
 * that the sum over all slots is every byte ever counted.
 */
#ifndef NETFLOW_LINUX_MAPS_H
#define NETFLOW_LINUX_MAPS_H

#include "kernel.h"
#include "meter.h"

/* The loader may set other sizes before it loads the object. */
#define DEFAULT_BORROWED 16384
#define DEFAULT_MEASUREMENTS 1024

/* Room behind a path while it is put together: a name has at most 255 bytes. */
#define PATH_SLACK 256

/* The open connections under one limit in one direction, counted anew in each round; see connection_counts.h. */
struct connection_counts {
	__u32 round;
	__u32 all, counted_all;
	__u32 busy, counted_busy; /* those that use a good part of the limit */
};

struct process {
	__u64 reserved; /* an array's values begin 8 bytes before a cache line, so the meter fills one */
	struct meter meter;
	__u64 generation;        /* odd while the slot has an owner; another one for each */
	__u64 life;              /* of the process, over its execs; another one for each, 0 once it has exited */
	__u32 class[DIRECTIONS]; /* HTB class that its packets wait in; 0: not limited */
	__u64 limit[DIRECTIONS]; /* bytes per second; NETFLOW_UNLIMITED: none */
	struct netflow_identity identity; /* process_id is 0 where the slot is free */
	__u64 base[DIRECTIONS];           /* the meter's totals when this image took the slot */
	__u64 exit_time;
	__u64 walk_dentry; /* where the path walk is; kept here, since in registers */
	__u64 walk_mount;  /* the verifier would follow every value they could have */
	__u32 walk_offset;
	__u32 parent_id;
	__u32 user_id;
	__u32 measurement;
	struct connection_counts connections[DIRECTIONS]; /* its own, where it is limited */
	__u16 is_borrower;                                /* uses sockets that belong to others */
	__u16 is_described;                               /* has its element of `descriptions` */
	__u32 rule;                                       /* number of the rule in force; 0: none */
	__u32 shared_rule;                                /* the same where the rule's limit is shared, else 0 */
	__u16 flags;                                      /* enum netflow_process_flag */
	__u16 path_bytes;
	struct netflow_file file; /* the executable, whatever its path is */
	char name[NETFLOW_NAME_BYTES];
	char path[NETFLOW_PATH_BYTES + PATH_SLACK];
	__u64 seal; /* seal_of() the rest; differs while the slot is being copied */
} __attribute__((aligned(64)));

/* The process that used a socket last, whose limit the socket is under. */
struct user {
	__u64 life; /* the slot's at that time; when the slot has a different one, the process has exited */
	__u32 slot;
	__u32 rule; /* the rule in force; it outlives the process for what that left in the socket's buffer */
};

/* The fields that an event needs come first, in one cache line; the owner's identity is for readers and first uses. */
struct socket_record {
	__u32 owner_id;   /* process id of the owner; 0 where nobody has used the socket. Written last */
	__u32 slot;       /* the owner's */
	__u64 generation; /* of that slot: while it is the same, the owner lives and has not exec'ed */
	__u32 first;      /* TCP: the sequence number of the connection's first byte; another one after a reconnect */
	__u32 copied;     /* TCP: the sequence number up to which received bytes have been counted */
	__u8 copied_known;
	__u8 is_borrowed; /* other processes use it too: see the map `borrowed` */
	__u8 is_walked;   /* fit_windows has come by */
	__u8 window_shift;
	__u32 window; /* bytes that it may offer to receive; 0: as many as it likes */
	struct meter meter;
	__u32 sender_id;   /* process id of its user for uploads; 0 until that calls */
	__u32 clear_epoch; /* the limit_epoch in which no limit was found for a TCP socket */
	struct netflow_identity owner;
	__u64 claimed;
	__u32 sender_window; /* segments that it may have under way; 0: as many as it likes */
	struct user users[DIRECTIONS];
	__u16 own_segment; /* what a listener's TCP_MAXSEG was before its limit shortened it */
	__u8 is_shortened;
	__u8 busy;               /* bits by direction: whether it was busy when fit_windows last came by */
	__u64 looked;            /* ns, CLOCK_MONOTONIC: when that was; 0: never */
	__u64 moved[DIRECTIONS]; /* bytes at that time */
	__u64 listener;          /* cookie of the listener that accepted it, or its own where it listens; 0: none */
	__u32 pacing;            /* the SO_MAX_PACING_RATE that it was given; 0: none */
	__u32 by_sequence;       /* bytes that netflow_tcp has counted since the last call, in a sockmap */
	__u32 upload_class; /* where its uploads have waited; bytes that its process leaves to be sent wait there too */
	__u32 free_epoch;   /* the limit_epoch in which a datagram socket had no limit; one it sends to may have */
	__u32 looks_other;  /* a packet of its own has had another protocol, or other ports at both ends */
};

/* A socket, and a process that uses it without being its owner. */
struct borrowed_key {
	__u64 cookie;
	struct netflow_identity identity;
};

struct borrowed_socket {
	struct meter meter; /* first: a pointer that may be null can't be moved to a later field */
	__u64 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NETFLOW_DEFAULT_PROCESSES);
	__type(key, __u32);
	__type(value, struct process);
} processes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NETFLOW_DEFAULT_PROCESSES);
	__type(key, struct netflow_identity);
	__type(value, __u32);
} slots SEC(".maps");

/* Of images with a slot, and of those in `exited`. Memory is taken for those that there are. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, NETFLOW_DEFAULT_PROCESSES + NETFLOW_EXITED_PROCESSES);
	__type(key, struct netflow_identity);
	__type(value, struct netflow_description);
} descriptions SEC(".maps");

/* Slots that were used and are free again. Never-used ones come from next_slot. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, NETFLOW_DEFAULT_PROCESSES);
	__type(value, __u32);
} free_slots SEC(".maps");

/* A connection that a listener accepts starts with the listener's record: with its users, who have counted nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct socket_record);
} sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, DEFAULT_BORROWED);
	__type(key, struct borrowed_key);
	__type(value, struct borrowed_socket);
} borrowed SEC(".maps");

/* A ring: an image that exits replaces the oldest. `exited_processes` says where the next one goes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NETFLOW_EXITED_PROCESSES);
	__type(key, __u32);
	__type(value, struct process);
} exited SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct netflow_settings);
} settings SEC(".maps");

/* Which measurement a task was started in. Threads have it as well, since any of them may exec. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} measured SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DEFAULT_MEASUREMENTS);
	__type(key, __u32);
	__type(value, struct netflow_measurement);
} measurements SEC(".maps");

/* Processes that measure: process id to the measurement that their children belong to. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, DEFAULT_MEASUREMENTS);
	__type(key, __u32);
	__type(value, __u32);
} measuring SEC(".maps");

__u32 next_slot = 0;
__u32 used_slots = 0;
__u64 lost_events = 0;
__u64 exited_processes = 0;
__u64 dropped_packets = 0; /* before they came to a queue, which counts its own */
struct meter unattributed = {};

#endif
