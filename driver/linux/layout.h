/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What the eBPF programs and core agree on beyond the records of protocol.h: the maps' elements, sizes, and the numbers
 * of the devices that core makes. core/driver/linux/layout.generated.ts is made from it, and from the names of programs
 * and maps in the source (scripts/generate-protocol.mjs).
 */
#ifndef NETFLOW_LINUX_LAYOUT_H
#define NETFLOW_LINUX_LAYOUT_H

#include "../protocol.h"

/* Elements of `processes`, where the loader sets no other number. */
#define NETFLOW_DEFAULT_PROCESSES 16384

/* How many processes that have exited are kept. */
#define NETFLOW_EXITED_PROCESSES 4096

/* HTB's numbers of classes have 16 bits. */
#define NETFLOW_MAX_CLASSES 65536

/* Interfaces: the one where packets wait, its lower device, which hands them back, that one's peer, and a splitter. */
#define NETFLOW_LOOPBACK_DEVICE 1
#define NETFLOW_QUEUE_DEVICE 1313361921
#define NETFLOW_LOWER_DEVICE (NETFLOW_QUEUE_DEVICE + 1)
#define NETFLOW_PEER_DEVICE (NETFLOW_QUEUE_DEVICE + 2)
#define NETFLOW_SPLIT_DEVICE (NETFLOW_QUEUE_DEVICE + 3)

/* HTB's number on the queue's device, the upper half of its classes' numbers. */
#define NETFLOW_QUEUE_HANDLE 1

/*
 * HTB takes this off every packet's length, which leaves the payload: the header of TCP over IPv6 with time stamps. A
 * shorter header is padded while its packet waits. That of a packet which is still to be split can't be padded; what
 * HTB then charges too little is charged to the class later.
 */
#define NETFLOW_CHARGED_HEADER 86

/* Constants of the programs, which the loader sets. */
struct netflow_parameters {
	uint64_t ticks_per_second; /* CONFIG_HZ, found by the resolution of the coarse clock */
	uint32_t process_capacity; /* how many processes have a slot */
	uint32_t reserved_slots;   /* how many slots there are beyond that, for processes under a rule */
};

/* The one element of the map settings. */
struct netflow_settings {
	uint64_t started_boot;      /* ns, CLOCK_BOOTTIME */
	uint64_t epoch;             /* ns from 1970 to the zero of CLOCK_BOOTTIME */
	uint64_t started_monotonic; /* us, CLOCK_MONOTONIC: what tcp_sock counts in */
	uint32_t counting;          /* 0 while sockets from before the start are being noted */
	uint32_t reserved;
};

/* The request to the program `read_exited`, and its reply: one element of the map `exited`. */
struct netflow_exited_request {
	uint32_t index;
	uint32_t again; /* 1: the element was being written, so ask once more */
	/* A struct netflow_process with its path; all zero where the element is empty. */
	uint8_t record[sizeof(struct netflow_process) + NETFLOW_PATH_BYTES];
	/* A struct netflow_description; all zero where there is none. */
	uint8_t description[sizeof(struct netflow_description)];
};

/* The HTB classes that keep a limit, one for each direction; 0: none. */
struct netflow_classes {
	uint32_t class_id[NETFLOW_DIRECTIONS];
};

/* The record that the iterator `fit_windows` writes for each connection that may be limited. */
struct netflow_limited_connection {
	uint32_t left_class; /* where the bytes wait that an exited process left to be sent; 0: the process lives */
	uint32_t left_rule;  /* number of the path rule that these are under */
};

/* A file, by whichever name. */
struct netflow_file {
	uint64_t device; /* as the kernel numbers it: 20 bits of it are the minor number */
	uint64_t inode;
};

/*
 * A rule in the maps path_rules (by the path, padded with zeros), file_rules (by struct netflow_file: the rule of one
 * of its paths) and process_rules (by struct netflow_identity).
 */
struct netflow_kernel_rule {
	uint64_t limit[NETFLOW_DIRECTIONS];
	struct netflow_classes classes;
	uint32_t number; /* from 1; no other rule has it while this one is there */
	uint32_t flags;  /* enum netflow_rule_flag */
};

/* The one element of the map rule_state, which only core writes. */
struct netflow_rule_state {
	uint32_t version;   /* raised after each change, before the iterator `reapply_rules` is read */
	uint32_t rules;     /* how many there are; with none the driver doesn't look for one */
	uint32_t downloads; /* how many of them limit downloads */
	uint32_t round;     /* raised before the iterator `fit_windows` is read, one for each network namespace */
	uint64_t applied;   /* which saved rules the maps hold; 0 while they are being changed */
	uint32_t quiet;     /* a limit_epoch in which nothing was limited: packets just pass until the next one */
	uint32_t reserved;
};

/* The one element of the map agent_news, which only the driver writes. */
struct netflow_agent_news {
	uint64_t work;        /* raised when the agent has something to do */
	uint32_t limit_epoch; /* raised whenever a socket may have come under a limit */
	uint32_t unplaced;    /* how often a process that may be under a rule found no slot, not even a reserved one */
	uint32_t translates;  /* 1: the driver can ask for the addresses that NAT gives; set when rules are applied */
	uint32_t reserved;
};

NETFLOW_ASSERT(parameters, sizeof(struct netflow_parameters) == 16);
NETFLOW_ASSERT(settings, sizeof(struct netflow_settings) == 32);
NETFLOW_ASSERT(file, sizeof(struct netflow_file) == 16);
NETFLOW_ASSERT(kernel_rule, sizeof(struct netflow_kernel_rule) == 32);
NETFLOW_ASSERT(rule_state, sizeof(struct netflow_rule_state) == 32);
NETFLOW_ASSERT(agent_news, sizeof(struct netflow_agent_news) == 24);

#endif
