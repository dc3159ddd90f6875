/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The NetFlow protocol: what a driver tells, and what it can be told.
 *
 * This is the only definition of the records, readable from user mode, from the
 * Windows kernel and from BPF. core/driver/protocol.generated.ts is made from it
 * (scripts/generate-protocol.mjs). What only Linux's programs and core share is in
 * linux/layout.h.
 *
 * A reply is a stream of records, each of which starts with struct
 * netflow_header and is `size` bytes long, a multiple of 8. A reader checks
 * magic, version and size of each record, and skips a type it does not know.
 *
 *   query        Linux (read a file in NETFLOW_PIN_DIRECTORY)   Windows (IOCTL)
 *   connections  connections                                   QUERY_CONNECTIONS
 *   processes    processes                                     QUERY_PROCESSES
 *   exited       exited, with descriptions                     QUERY_EXITED
 *   rules        (maps, see linux/layout.h)                     QUERY_RULES
 *   statistics   statistics                                    QUERY_STATISTICS
 *   tasks        tasks                                         (a system call tells)
 *
 * Read connections before processes before exited: a process that ends in
 * between is then seen in both of the last two, and the later reading is final.
 *
 * Windows: METHOD_BUFFERED; the output buffer takes whole records only; a buffer
 * that is too small gets STATUS_BUFFER_OVERFLOW and the records that fit. A query
 * has no input. Requests that change something need write access and have no output:
 *
 *   SET_RULE       one struct netflow_rule, which takes the place of the one that has
 *                  the same target (a path rule of a policy and a local one are two)
 *   REMOVE_RULE    one struct netflow_rule; its limits say nothing
 *   REPLACE_RULES  any number of struct netflow_rule, each with its path: every path
 *                  rule there shall be, all or nothing
 *
 *   STATUS_INVALID_DEVICE_REQUEST  no such request
 *   STATUS_INVALID_BUFFER_SIZE     an input of another length than the request has
 *   STATUS_BUFFER_TOO_SMALL        no room for a single record
 *   STATUS_REVISION_MISMATCH       another magic or version
 *   STATUS_INVALID_PARAMETER       a field out of its range
 *   STATUS_NOT_FOUND               no such process, no such rule
 *   STATUS_INSUFFICIENT_RESOURCES  no memory, or more rules than there is room for
 *   STATUS_IO_TIMEOUT              the rule is set; it is in force when the filtering engine answers
 *
 * Path rules are saved, and in force again when the driver is loaded. Paths are those of
 * the kernel (\Device\HarddiskVolume1\...), in UTF-16; upper and lower case are one.
 *
 * All integers are little-endian, as on every machine a driver here is built for.
 * Bytes are payload bytes: what a process handed to or took from a socket. Speeds
 * are bytes in the last whole second that has ended. Limits are bytes per second,
 * NETFLOW_UNLIMITED where there is none.
 */
#ifndef NETFLOW_PROTOCOL_H
#define NETFLOW_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#define NETFLOW_MAGIC 0x574c464eu /* "NFLW" */
#define NETFLOW_PROTOCOL_VERSION 1

#define NETFLOW_PIN_DIRECTORY "/sys/fs/bpf/netflow"
#define NETFLOW_DEVICE_NAME L"\\Device\\NetFlow"

/* The longest path a record carries; a longer one is cut at its front and flagged. */
#define NETFLOW_PATH_BYTES 512
#define NETFLOW_NAME_BYTES 16
#define NETFLOW_ADDRESS_BYTES 16

/* What is kept of a command line, and of the name of a service. */
#define NETFLOW_COMMAND_BYTES 256
#define NETFLOW_SERVICE_BYTES 128

/* Limits, in bytes per second. */
#define NETFLOW_UNLIMITED 0
#define NETFLOW_LEAST_LIMIT 1024
#define NETFLOW_GREATEST_LIMIT 1000000000000ull

/* Windows: of path rules. Linux: of all, and number 0 is none. */
#define NETFLOW_MAX_RULES 16384

enum netflow_record_type {
	NETFLOW_RECORD_PROCESS = 1,
	NETFLOW_RECORD_CONNECTION = 2,
	NETFLOW_RECORD_RULE = 3,
	NETFLOW_RECORD_STATISTICS = 4,
	NETFLOW_RECORD_MEASUREMENT = 5,
	NETFLOW_RECORD_TASK = 6,
	NETFLOW_RECORD_HANDSHAKE = 7,
	NETFLOW_RECORD_DESCRIPTION = 8,
};

/* struct netflow_handshake, driver. */
enum netflow_driver_kind {
	NETFLOW_DRIVER_WFP = 1,
	NETFLOW_DRIVER_TDI = 2,
};

/* struct netflow_process, flags. */
enum netflow_process_flag {
	NETFLOW_PROCESS_EXITED = 1 << 0,
	NETFLOW_PROCESS_DELETED = 1 << 1,     /* the executable has no name left on disk */
	NETFLOW_PROCESS_PATH_CUT = 1 << 2,    /* the path's front is missing */
	NETFLOW_PROCESS_PATH_UTF16 = 1 << 3,  /* Windows; otherwise bytes as the file system has them */
	NETFLOW_PROCESS_KERNEL = 1 << 4,      /* a kernel thread: no executable */
	NETFLOW_PROCESS_PATH_MEMORY = 1 << 5, /* memfd: an executable that never had a name */
};

enum netflow_family {
	NETFLOW_IPV4 = 4, /* address in the first four bytes, network order */
	NETFLOW_IPV6 = 6,
};

enum netflow_transport {
	NETFLOW_ICMP = 1, /* ICMPv6 as well */
	NETFLOW_TCP = 6,  /* MPTCP as well */
	NETFLOW_UDP = 17,
	NETFLOW_SCTP = 132,
	NETFLOW_PACKET = 254, /* frames that are sent as the program has made them: without addresses */
	NETFLOW_RAW = 255,    /* any other protocol over IP, by a raw socket */
};

/* RFC 9293; the numbers are those of Linux. */
enum netflow_connection_state {
	NETFLOW_STATE_NONE = 0, /* neither TCP nor SCTP */
	NETFLOW_STATE_ESTABLISHED = 1,
	NETFLOW_STATE_SYN_SENT = 2,
	NETFLOW_STATE_SYN_RECEIVED = 3,
	NETFLOW_STATE_FIN_WAIT_1 = 4,
	NETFLOW_STATE_FIN_WAIT_2 = 5,
	NETFLOW_STATE_TIME_WAIT = 6,
	NETFLOW_STATE_CLOSED = 7,
	NETFLOW_STATE_CLOSE_WAIT = 8,
	NETFLOW_STATE_LAST_ACK = 9,
	NETFLOW_STATE_LISTEN = 10,
	NETFLOW_STATE_CLOSING = 11,
};

enum netflow_rule_target {
	NETFLOW_TARGET_PROCESS = 1,
	NETFLOW_TARGET_PATH = 2,
};

enum netflow_rule_flag {
	NETFLOW_RULE_SHARED = 1 << 0, /* one limit for all matching processes together */
	NETFLOW_RULE_POLICY = 1 << 1, /* set by a policy; beats a local rule */
};

struct netflow_header {
	uint32_t magic;
	uint16_t version;
	uint16_t type; /* enum netflow_record_type */
	uint32_t size; /* of the whole record, this header included */
	uint32_t reserved;
};

/*
 * One program image. start_time counts nanoseconds on the driver's clock (Linux:
 * since boot, sleep included; Windows: since 1970); image counts the execs in the
 * life of a process. The three together are never used twice.
 */
struct netflow_identity {
	uint32_t process_id;
	uint32_t image;
	uint64_t start_time;
};

/* The path follows, path_bytes long, then on Windows the user's SID, sid_bytes long. */
struct netflow_process {
	struct netflow_header header;
	struct netflow_identity identity;
	uint64_t exit_time; /* on the clock of start_time; 0 while it lives */
	uint64_t upload_bytes;
	uint64_t download_bytes;
	uint64_t upload_speed;
	uint64_t download_speed;
	uint64_t upload_limit;
	uint64_t download_limit;
	uint32_t parent_id;
	uint32_t user_id; /* Linux: uid outside of any user namespace */
	uint32_t measurement;
	uint16_t flags; /* enum netflow_process_flag */
	uint16_t reserved;
	uint16_t path_bytes;
	uint16_t sid_bytes;
	uint32_t rule;                 /* number of the rule in force for it, 0: none */
	char name[NETFLOW_NAME_BYTES]; /* the kernel's short name, NUL-terminated */
};

/* One socket as one process uses it; a socket that several use has one for each. */
struct netflow_connection {
	struct netflow_header header;
	struct netflow_identity identity;
	uint64_t connection_id; /* Linux: socket cookie; Windows: flow id. Not used twice */
	uint64_t upload_bytes;
	uint64_t download_bytes;
	uint64_t upload_speed;
	uint64_t download_speed;
	uint8_t local_address[NETFLOW_ADDRESS_BYTES];
	uint8_t remote_address[NETFLOW_ADDRESS_BYTES];
	uint16_t local_port; /* host order; 0: not bound */
	uint16_t remote_port;
	uint8_t family;    /* enum netflow_family */
	uint8_t transport; /* enum netflow_transport */
	uint8_t state;     /* enum netflow_connection_state */
	uint8_t reserved;
};

/* The path follows, path_bytes long. A process rule has none. */
struct netflow_rule {
	struct netflow_header header;
	struct netflow_identity identity;
	uint64_t rule_id;
	uint64_t upload_limit;
	uint64_t download_limit;
	uint32_t processes; /* how many it matches now; ignored in a request */
	uint8_t target;     /* enum netflow_rule_target */
	uint8_t flags;      /* enum netflow_rule_flag */
	uint16_t path_bytes;
};

struct netflow_statistics {
	struct netflow_header header;
	uint64_t time;         /* on the clock of start_time */
	uint64_t started;      /* when the driver started, on the same clock */
	uint64_t epoch;        /* ns from 1970 to the zero of that clock, as known when the driver started */
	uint64_t upload_bytes; /* of every process since then, ended ones included */
	uint64_t download_bytes;
	uint64_t upload_speed;
	uint64_t download_speed;
	uint64_t unattributed_bytes; /* counted, but no room to say whose */
	uint64_t lost_events;        /* times something could not be recorded as it should */
	uint64_t exited_processes;   /* processes with traffic that have ended */
	uint64_t dropped_packets;    /* no room to wait for their limit; Linux: without those that a queue dropped */
	uint32_t processes;          /* in the table now */
	uint32_t process_capacity;
};

/* What a process tree transferred, since the measurement was opened. */
struct netflow_measurement {
	struct netflow_header header;
	uint64_t upload_bytes; /* of the images that have ended */
	uint64_t download_bytes;
	uint64_t processes; /* started in the tree, living or not */
	uint64_t ended;     /* images that were added to the sums; a reader retries when it changes */
	struct netflow_identity owner;
	uint32_t parent; /* the measurement that this one runs inside of, or 0 */
	uint32_t reserved;
};

/* A process that lives, with or without sockets. */
struct netflow_task {
	struct netflow_header header;
	struct netflow_identity identity;
};

/*
 * What the system says of a process while it lives, and the driver afterwards, behind the struct netflow_process. The
 * command line is its words, a NUL behind each. Linux: as it was when the process first sent or received, or was first
 * seen with a socket.
 */
struct netflow_description {
	struct netflow_header header;
	struct netflow_identity identity;
	uint32_t command_bytes; /* of the whole command line, which may be more than there is room for */
	uint32_t reserved;
	char command[NETFLOW_COMMAND_BYTES];
	char service[NETFLOW_SERVICE_BYTES]; /* Linux: the systemd unit. NUL-terminated, empty where there is none */
};

/* Windows: which driver answers, and its version as text, NUL-terminated. */
struct netflow_handshake {
	struct netflow_header header;
	uint32_t driver; /* enum netflow_driver_kind */
	uint32_t reserved;
	char driver_version[NETFLOW_NAME_BYTES];
};

#define NETFLOW_UPLOAD 0
#define NETFLOW_DOWNLOAD 1
#define NETFLOW_DIRECTIONS 2

#define NETFLOW_ASSERT(name, condition) typedef char netflow_assert_##name[(condition) ? 1 : -1]
NETFLOW_ASSERT(header, sizeof(struct netflow_header) == 16);
NETFLOW_ASSERT(identity, sizeof(struct netflow_identity) == 16);
NETFLOW_ASSERT(process, sizeof(struct netflow_process) == 128);
NETFLOW_ASSERT(connection, sizeof(struct netflow_connection) == 112);
NETFLOW_ASSERT(rule, sizeof(struct netflow_rule) == 64);
NETFLOW_ASSERT(statistics, sizeof(struct netflow_statistics) == 112);
NETFLOW_ASSERT(measurement, sizeof(struct netflow_measurement) == 72);
NETFLOW_ASSERT(task, sizeof(struct netflow_task) == 32);
NETFLOW_ASSERT(description, sizeof(struct netflow_description) == 424);
NETFLOW_ASSERT(handshake, sizeof(struct netflow_handshake) == 40);

/* The Windows drivers' requests, as CTL_CODE(FILE_DEVICE_NETWORK, ...) makes them. */
#define NETFLOW_IOCTL(function, access) ((0x12u << 16) | ((access) << 14) | ((function) << 2))
#define NETFLOW_READ_ACCESS 1u
#define NETFLOW_WRITE_ACCESS 2u
#define NETFLOW_IOCTL_HANDSHAKE NETFLOW_IOCTL(0x800u, NETFLOW_READ_ACCESS)
#define NETFLOW_IOCTL_QUERY_CONNECTIONS NETFLOW_IOCTL(0x801u, NETFLOW_READ_ACCESS)
#define NETFLOW_IOCTL_QUERY_PROCESSES NETFLOW_IOCTL(0x802u, NETFLOW_READ_ACCESS)
#define NETFLOW_IOCTL_QUERY_EXITED NETFLOW_IOCTL(0x803u, NETFLOW_READ_ACCESS)
#define NETFLOW_IOCTL_QUERY_RULES NETFLOW_IOCTL(0x804u, NETFLOW_READ_ACCESS)
#define NETFLOW_IOCTL_QUERY_STATISTICS NETFLOW_IOCTL(0x805u, NETFLOW_READ_ACCESS)
#define NETFLOW_IOCTL_SET_RULE NETFLOW_IOCTL(0x806u, NETFLOW_WRITE_ACCESS)
#define NETFLOW_IOCTL_REMOVE_RULE NETFLOW_IOCTL(0x807u, NETFLOW_WRITE_ACCESS)
#define NETFLOW_IOCTL_REPLACE_RULES NETFLOW_IOCTL(0x808u, NETFLOW_WRITE_ACCESS)

#endif
