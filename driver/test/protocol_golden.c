/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Golden bytes of the protocol, both ways: `write` puts one record of each type, with
 * a value of its own in every field, on standard output, and `numbers` prints those of
 * the process; `read` takes records that another language wrote from standard input and
 * prints every field, or says what is wrong with them. test/core/driver/golden.test.ts
 * runs it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../protocol.h"

#define PATH "/usr/bin/na\xc3\xafve"
#define PADDED(length) (((length) + 7) & ~(size_t)7)

union record {
	struct netflow_header header;
	struct netflow_process process;
	struct netflow_connection connection;
	struct netflow_rule rule;
	struct netflow_statistics statistics;
	struct netflow_measurement measurement;
	char bytes[sizeof(struct netflow_process) + NETFLOW_PATH_BYTES];
};

static struct netflow_header header(enum netflow_record_type type, size_t size)
{
	return (struct netflow_header){NETFLOW_MAGIC, NETFLOW_PROTOCOL_VERSION, type, (uint32_t)size, 0};
}

static void put(const void *record, size_t size, const char *path)
{
	char padding[8] = "";

	fwrite(record, 1, size, stdout);
	fwrite(path, 1, strlen(path), stdout);
	fwrite(padding, 1, PADDED(strlen(path)) - strlen(path), stdout);
}

static struct netflow_process golden_process(void)
{
	return (struct netflow_process){
		.header = header(NETFLOW_RECORD_PROCESS, sizeof(struct netflow_process) + PADDED(strlen(PATH))),
		.identity = {.process_id = 0x01020304, .image = 5, .start_time = 0x0010000000000001},
		.exit_time = 6,
		.upload_bytes = 0x0000001122334455,
		.download_bytes = 0x0000006677889900,
		.upload_speed = 7,
		.download_speed = 8,
		.upload_limit = 9,
		.download_limit = NETFLOW_UNLIMITED,
		.parent_id = 10,
		.user_id = 11,
		.measurement = 12,
		.rule = 13,
		.flags = NETFLOW_PROCESS_EXITED,
		.path_bytes = strlen(PATH),
		.name = "short",
	};
}

static void write_process(void)
{
	struct netflow_process process = golden_process();
	struct netflow_description description = {
		.header = header(NETFLOW_RECORD_DESCRIPTION, sizeof(description)),
		.identity = process.identity,
		.command_bytes = sizeof("sh\0-c"),
		.command = "sh\0-c",
		.service = "a.service",
	};

	put(&process, sizeof(process), PATH);
	put(&description, sizeof(description), "");
}

/* Those numbers of the process that other languages read as they are. */
static int print_numbers(void)
{
	struct netflow_process process = golden_process();

#define PRINT(field) printf(#field "=%" PRIu64 "\n", (uint64_t)process.field)
	PRINT(upload_bytes);
	PRINT(download_bytes);
	PRINT(upload_speed);
	PRINT(download_speed);
	PRINT(upload_limit);
	PRINT(parent_id);
	PRINT(measurement);
	PRINT(rule);
	return 0;
}

static void write_connection(void)
{
	struct netflow_connection connection = {
		.header = header(NETFLOW_RECORD_CONNECTION, sizeof(connection)),
		.identity = {.process_id = 1, .image = 2, .start_time = 3},
		.connection_id = 4,
		.upload_bytes = 5,
		.download_bytes = 6,
		.upload_speed = 7,
		.download_speed = 8,
		.local_address = {0x20, 0x01, 0x0d, 0xb8, [15] = 1},
		.remote_address = {[15] = 2},
		.local_port = 0xfffe,
		.remote_port = 443,
		.family = NETFLOW_IPV6,
		.transport = NETFLOW_TCP,
		.state = NETFLOW_STATE_CLOSE_WAIT,
	};

	put(&connection, sizeof(connection), "");
}

static void write_sums(void)
{
	struct netflow_statistics statistics = {
		.header = header(NETFLOW_RECORD_STATISTICS, sizeof(statistics)),
		.time = 1000000,
		.started = 2000000,
		.epoch = 3000000,
		.upload_bytes = 4,
		.download_bytes = 5,
		.upload_speed = 6,
		.download_speed = 7,
		.unattributed_bytes = 8,
		.lost_events = 9,
		.exited_processes = 10,
		.dropped_packets = 13,
		.processes = 11,
		.process_capacity = 12,
	};
	struct netflow_measurement measurement = {
		.header = header(NETFLOW_RECORD_MEASUREMENT, sizeof(measurement)),
		.upload_bytes = 1,
		.download_bytes = 2,
		.processes = 3,
		.ended = 4,
		.owner = {.process_id = 5, .image = 6, .start_time = 7},
		.parent = 8,
	};

	put(&statistics, sizeof(statistics), "");
	put(&measurement, sizeof(measurement), "");
}

/* A path of Windows, in UTF-16: \x */
static void write_windows(void)
{
	struct netflow_handshake handshake = {
		.header = header(NETFLOW_RECORD_HANDSHAKE, sizeof(handshake)),
		.driver = NETFLOW_DRIVER_TDI,
		.driver_version = "1.2.3-beta",
	};
	struct netflow_rule rule = {
		.header = header(NETFLOW_RECORD_RULE, sizeof(rule) + 8),
		.identity = {.process_id = 1, .image = 2, .start_time = 3},
		.rule_id = 4,
		.upload_limit = 5,
		.download_limit = NETFLOW_UNLIMITED,
		.processes = 6,
		.target = NETFLOW_TARGET_PATH,
		.flags = NETFLOW_RULE_SHARED,
		.path_bytes = 4,
	};
	const char path[8] = {'\\', 0, 'x', 0};

	put(&handshake, sizeof(handshake), "");
	put(&rule, sizeof(rule), "");
	fwrite(path, 1, sizeof(path), stdout);
}

/* In UTF-8, or in UTF-16 where every character has less than eight bits. */
static void print_path(const char *path, size_t bytes)
{
	for (size_t index = 0; index < bytes; index++) {
		if (path[index])
			putchar(path[index]);
	}
	putchar('\n');
}

static void print_rule(const struct netflow_rule *rule, const char *path)
{
	printf("rule process_id=%" PRIu32 " image=%" PRIu32 " start_time=%" PRIu64 " rule_id=%" PRIu64
	       " upload_limit=%" PRIu64 " download_limit=%" PRIu64 " processes=%" PRIu32 " target=%u flags=%u path=",
	       rule->identity.process_id, rule->identity.image, rule->identity.start_time, rule->rule_id,
	       rule->upload_limit, rule->download_limit, rule->processes, rule->target, rule->flags);
	print_path(path, rule->path_bytes);
}

static const char *fault_of(const union record *record, size_t length)
{
	if (length < sizeof(record->header))
		return "no room for a header";
	if (record->header.magic != NETFLOW_MAGIC)
		return "wrong magic";
	if (record->header.version != NETFLOW_PROTOCOL_VERSION)
		return "wrong version";
	if (record->header.size % 8 || record->header.size != length)
		return "wrong size";
	if (record->header.type != NETFLOW_RECORD_RULE)
		return "not a request";
	if (length < sizeof(record->rule))
		return "no room for a rule";
	if (record->rule.path_bytes > length - sizeof(record->rule))
		return "no room for its path";
	return NULL;
}

static int read_rule(void)
{
	union record record;
	size_t length = fread(&record, 1, sizeof(record), stdin);
	const char *fault = fault_of(&record, length);

	if (fault) {
		fprintf(stderr, "%s\n", fault);
		return 1;
	}
	print_rule(&record.rule, record.bytes + sizeof(record.rule));
	return 0;
}

int main(int count, char **arguments)
{
	if (count == 2 && !strcmp(arguments[1], "read"))
		return read_rule();
	if (count == 2 && !strcmp(arguments[1], "numbers"))
		return print_numbers();
	if (count != 2 || strcmp(arguments[1], "write")) {
		fprintf(stderr, "usage: %s read|numbers|write\n", arguments[0]);
		return 2;
	}
	write_process();
	write_connection();
	write_windows();
	write_sums();
	return 0;
}
