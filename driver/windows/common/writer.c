/* SPDX-License-Identifier: MIT */
#include "writer.h"

#ifndef NETFLOW_VERSION
#error "the build says which version this is: -DNETFLOW_VERSION=\"1.2.3\""
#endif

NTSTATUS writer_status(const struct writer *writer)
{
	if (!writer->is_full)
		return STATUS_SUCCESS;
	return writer->used ? STATUS_BUFFER_OVERFLOW : STATUS_BUFFER_TOO_SMALL;
}

/* A zeroed record of this length, rounded up, with its header; NULL: no room. */
static void *place(struct writer *writer, enum netflow_record_type type, size_t bytes)
{
	size_t size = (bytes + 7) & ~(size_t)7;
	struct netflow_header *header;

	if (writer->is_full || size > writer->room - writer->used) {
		writer->is_full = TRUE;
		return NULL;
	}
	header = (struct netflow_header *)(writer->start + writer->used);
	RtlZeroMemory(header, size);
	header->magic = NETFLOW_MAGIC;
	header->version = NETFLOW_PROTOCOL_VERSION;
	header->type = (uint16_t)type;
	header->size = (uint32_t)size;
	writer->used += size;
	return header;
}

/* The end of a path that is too long for a record says more than its front. */
static struct kernel_path shortened(struct kernel_path path)
{
	USHORT cut = path.bytes > NETFLOW_PATH_BYTES ? path.bytes - NETFLOW_PATH_BYTES : 0;

	return (struct kernel_path){path.text + cut / sizeof(WCHAR), (USHORT)(path.bytes - cut)};
}

static uint16_t flags_of(const struct process_node *process, BOOLEAN is_cut)
{
	return (uint16_t)(NETFLOW_PROCESS_PATH_UTF16 | (process->exited ? NETFLOW_PROCESS_EXITED : 0) |
			  (is_cut ? NETFLOW_PROCESS_PATH_CUT : 0) |
			  (process->identity.process_id == SYSTEM_PROCESS_ID ? NETFLOW_PROCESS_KERNEL : 0));
}

BOOLEAN write_process(struct writer *writer, struct process_node *process, struct limits *limits, LONG second)
{
	struct kernel_path whole = process_path(process);
	struct kernel_path path = shortened(whole);
	struct netflow_process *record =
		place(writer, NETFLOW_RECORD_PROCESS, sizeof(*record) + path.bytes + process->sid_bytes);
	struct traffic traffic = {0};

	if (!record)
		return FALSE;
	process_traffic(process, second, &traffic);
	record->identity = process->identity;
	record->exit_time = process->exit_time;
	record->upload_bytes = (uint64_t)traffic.bytes[NETFLOW_UPLOAD];
	record->download_bytes = (uint64_t)traffic.bytes[NETFLOW_DOWNLOAD];
	record->upload_speed = (uint64_t)traffic.speed[NETFLOW_UPLOAD];
	record->download_speed = (uint64_t)traffic.speed[NETFLOW_DOWNLOAD];
	limits_describe(limits, process, record);
	record->parent_id = process->parent_id;
	record->flags = flags_of(process, path.bytes < whole.bytes);
	record->path_bytes = path.bytes;
	record->sid_bytes = process->sid_bytes;
	if (process->identity.process_id == SYSTEM_PROCESS_ID)
		RtlCopyMemory(record->name, "System", sizeof("System"));
	RtlCopyMemory(record + 1, path.text, path.bytes);
	RtlCopyMemory((UCHAR *)(record + 1) + path.bytes, process->sid, process->sid_bytes);
	return TRUE;
}

BOOLEAN write_connection(struct writer *writer, struct flow *flow, const struct netflow_identity *process, LONG second)
{
	struct netflow_connection *record = place(writer, NETFLOW_RECORD_CONNECTION, sizeof(*record));
	const struct flow_endpoints *endpoints = &flow->endpoints;
	struct traffic traffic = {0};

	if (!record)
		return FALSE;
	speed_meter_read(&flow->transferred.meter, second, &traffic);
	record->identity = *process;
	record->connection_id = flow->id;
	record->upload_bytes = (uint64_t)traffic.bytes[NETFLOW_UPLOAD];
	record->download_bytes = (uint64_t)traffic.bytes[NETFLOW_DOWNLOAD];
	record->upload_speed = (uint64_t)traffic.speed[NETFLOW_UPLOAD];
	record->download_speed = (uint64_t)traffic.speed[NETFLOW_DOWNLOAD];
	RtlCopyMemory(record->local_address, endpoints->local_address, NETFLOW_ADDRESS_BYTES);
	RtlCopyMemory(record->remote_address, endpoints->remote_address, NETFLOW_ADDRESS_BYTES);
	record->local_port = endpoints->local_port;
	record->remote_port = endpoints->remote_port;
	record->family = endpoints->family;
	record->transport = endpoints->transport;
	record->state = endpoints->state;
	return TRUE;
}

BOOLEAN write_rule(struct writer *writer, const struct rule *rule, const struct netflow_identity *process)
{
	struct netflow_rule *record = place(writer, NETFLOW_RECORD_RULE, sizeof(*record) + rule->path_bytes);

	if (!record)
		return FALSE;
	if (process)
		record->identity = *process;
	record->rule_id = rule->number;
	record->upload_limit = rule->limit[NETFLOW_UPLOAD];
	record->download_limit = rule->limit[NETFLOW_DOWNLOAD];
	record->processes = process ? 1 : rule->processes;
	record->target = process ? NETFLOW_TARGET_PROCESS : NETFLOW_TARGET_PATH;
	record->flags = rule->flags;
	record->path_bytes = rule->path_bytes;
	RtlCopyMemory(record + 1, rule->path, rule->path_bytes);
	return TRUE;
}

BOOLEAN write_statistics(struct writer *writer, const struct netflow_statistics *statistics)
{
	struct netflow_statistics *record = place(writer, NETFLOW_RECORD_STATISTICS, sizeof(*record));
	struct netflow_header header;

	if (!record)
		return FALSE;
	header = record->header;
	*record = *statistics;
	record->header = header;
	return TRUE;
}

NETFLOW_ASSERT(version, sizeof(NETFLOW_VERSION) <= NETFLOW_NAME_BYTES);

BOOLEAN write_handshake(struct writer *writer, enum netflow_driver_kind driver)
{
	struct netflow_handshake *record = place(writer, NETFLOW_RECORD_HANDSHAKE, sizeof(*record));

	if (!record)
		return FALSE;
	record->driver = driver;
	RtlCopyMemory(record->driver_version, NETFLOW_VERSION, sizeof(NETFLOW_VERSION));
	return TRUE;
}
