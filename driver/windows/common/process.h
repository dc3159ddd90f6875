/* SPDX-License-Identifier: MIT */
/*
 * The processes that have, or had, flows, and what each of them transferred.
 *
 * A process is known from its first flow on, by its id. Windows reports when it exits; the id
 * may then be another's, while the record stays: among the exited ones if it has transferred
 * anything, until there are too many of those. Flows keep their process as long as they live.
 */
#ifndef NETFLOW_COMMON_PROCESS_H
#define NETFLOW_COMMON_PROCESS_H

#include "kernel_path.h"
#include "rule.h"
#include "speed_meter.h"

#define MOST_SID_BYTES 68 /* SECURITY_MAX_SID_SIZE */
#define SYSTEM_PROCESS_ID 4

/* The bytes that one flow adds to its process; part of the flow. */
struct process_meter {
	LIST_ENTRY entry; /* in process->meters */
	struct speed_meter meter;
};

struct process_node {
	LIST_ENTRY entry; /* in processes.living or processes.exited; guarded by processes.lock, as is what follows */
	struct netflow_identity identity;
	ULONG64 exit_time;
	ULONG parent_id;
	LONG described; /* identity, parent and user are what the system says; read without the lock */
	BOOLEAN exited;
	USHORT sid_bytes;
	UCHAR sid[MOST_SID_BYTES];

	volatile LONG references;

	struct rule *own;        /* its own rule, guarded by limits.lock, as is what follows */
	struct rule *rule;       /* the one in force */
	LONG rules_version;      /* of limits.version, when `rule` was looked up; read without the lock */
	BOOLEAN shares_limiter;  /* `limiter` is that of a shared rule */
	struct limiter *limiter; /* guarded by the shaper's lock; NULL: was never limited */

	KSPIN_LOCK lock;   /* of what follows */
	LIST_ENTRY meters; /* struct process_meter, of flows that have not ended */
	ULONG meter_count;
	struct speed_meter closed; /* the bytes of flows that have ended */

	struct kernel_path path; /* set once, as is what the system was asked for; does not change then */
	void *path_memory;       /* of one that the system was asked for */
	WCHAR first_path[];      /* the one that it was made with */
};

/* What the system says about a process. */
struct process_facts {
	ULONG64 start_time; /* ns since 1970; 0: can't be told */
	BOOLEAN has_exited; /* while somebody has a handle, Windows still knows it */
	ULONG parent_id;
	USHORT sid_bytes;
	UCHAR sid[MOST_SID_BYTES];
};

#define PROCESS_BUCKETS 1024
#define MOST_PROCESSES 65536
#define MOST_EXITED_PROCESSES 16384

struct processes {
	KSPIN_LOCK lock;
	LIST_ENTRY living[PROCESS_BUCKETS];
	LIST_ENTRY exited; /* the oldest first */
	ULONG living_count;
	volatile LONG undescribed; /* of the living ones; read without the lock */
	ULONG exited_count;
	LONG64 exited_ever;                   /* with traffic */
	LONG64 forgotten[NETFLOW_DIRECTIONS]; /* bytes of exited ones that are no longer in the list */
};

void processes_initialize(struct processes *processes);

/* When nobody else uses it any more; no flow may be left. */
void processes_destroy(struct processes *processes);

/* Without text where it is not known. It stays where it is as long as the process does. */
struct kernel_path process_path(struct process_node *process);

/* All of the following: IRQL <= DISPATCH_LEVEL, and processes.lock not held. */

/* One whose path is not known gets it, and `memory`, in which it is, with it. FALSE: it has one. */
BOOLEAN process_set_path(struct process_node *process, struct kernel_path path, void *memory);

/* The living process with this id, made if it is not known yet. NULL: no memory, or MOST_PROCESSES. Referenced. */
struct process_node *process_acquire(struct processes *processes, ULONG process_id, struct kernel_path path);

/* NULL: not known. Referenced. */
struct process_node *process_find(struct processes *processes, ULONG process_id);

/* The one that flows have whose process can't be told, in no table. NULL: no memory. */
struct process_node *process_create_nobody(void);

BOOLEAN process_has_exited(struct processes *processes, const struct process_node *process);

void process_reference(struct process_node *process);
void process_release(struct process_node *process);

/* Does nothing where it is described already. */
void process_describe(struct processes *processes, struct process_node *process, const struct process_facts *facts);

struct netflow_identity process_identity(struct processes *processes, const struct process_node *process);

/* A living one that is not described yet, or NULL. Referenced. */
struct process_node *process_undescribed(struct processes *processes);

/* The id is free from now on. */
void process_exit(struct processes *processes, ULONG process_id, ULONG64 time);

/* A flow begins to count, and ends. What it counted stays its process's. */
void process_add_meter(struct process_node *process, struct process_meter *added);
void process_remove_meter(struct process_node *process, struct process_meter *removed);

/* Adds what its flows transferred, those that have ended included. Returns how many have not. */
ULONG process_traffic(struct process_node *process, LONG second, struct traffic *sum);

/* Adds up all processes there are and were, and fills in how many. */
void processes_sum(struct processes *processes, LONG second, struct traffic *sum, struct netflow_statistics *counts);

/* Calls `visit` with the lock held, until it returns FALSE. */
typedef BOOLEAN process_visitor(struct process_node *process, void *context);
void processes_visit(struct processes *processes, BOOLEAN exited, process_visitor *visit, void *context);

#endif
