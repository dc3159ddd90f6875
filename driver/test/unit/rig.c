/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>

NTSTATUS DriverEntry(DRIVER_OBJECT *driver, UNICODE_STRING *registry_path);

static DRIVER_OBJECT driver;

#define FIRST_TIME 134116128000000000 /* 2026-01-01 */
#define EPOCH_1970 116444736000000000

void rig_start_engine(void)
{
	engine_start(test_seed());
}

NTSTATUS rig_try_to_load(void)
{
	return nt_load(DriverEntry, &driver);
}

void rig_load(void)
{
	CHECK_EQUAL(STATUS_SUCCESS, rig_try_to_load());
}

void rig_start(void)
{
	rig_start_engine();
	engine_set_service(FWPM_SERVICE_RUNNING);
	rig_load();
}

void rig_unload(void)
{
	nt_unload(&driver);
	nt_process_assert_unnotified();
}

void rig_stop_engine(void)
{
	engine_stop();
	nt_process_forget_all();
	nt_pool_assert_empty();
}

void rig_stop(void)
{
	rig_unload();
	rig_stop_engine();
}

#define PATHS 65536
static WCHAR *paths[PATHS];

const WCHAR *rig_path(ULONG process_id)
{
	WCHAR **path = &paths[process_id % PATHS];
	char text[64];

	if (*path)
		return *path;
	snprintf(text, sizeof(text), "\\Device\\HarddiskVolume1\\Programs\\p%u.exe", process_id);
	*path = calloc(sizeof(text), sizeof(WCHAR));
	for (int index = 0; text[index]; index++)
		(*path)[index] = (WCHAR)text[index];
	return *path;
}

static LONGLONG create_time(ULONG id)
{
	return FIRST_TIME + (LONGLONG)id * 10000000;
}

LONGLONG rig_start_time(ULONG id)
{
	return (create_time(id) - EPOCH_1970) * 100;
}

void rig_process(ULONG id)
{
	static const UCHAR user[] = {1, 1, 0, 0, 0, 0, 0, 5, 19, 0, 0, 0}; /* S-1-5-19 */

	nt_process_start(id, 4, create_time(id), rig_path(id), user);
}

struct engine_flow_options rig_flow(ULONG process_id)
{
	static volatile LONG port;
	LONG number = InterlockedIncrement(&port);

	return (struct engine_flow_options){
		.transport = 6,
		.process_id = process_id,
		.path = rig_path(process_id),
		.local_address = {192, 0, 2, 1},
		.remote_address = {198, 51, 100, (UINT8)number},
		.local_port = (USHORT)(1024 + number % 60000),
		.remote_port = 443,
	};
}

UCHAR *rig_query(ULONG code, ULONG_PTR *bytes)
{
	ULONG room = 1 << 16;

	for (;;) {
		UCHAR *reply = malloc(room);
		NTSTATUS status = nt_control(NT_READ_ACCESS, code, NULL, 0, reply, room, bytes);

		if (status == STATUS_SUCCESS)
			return reply;
		CHECK_EQUAL(STATUS_BUFFER_OVERFLOW, status);
		free(reply);
		room *= 2;
	}
}

ULONG rig_count(ULONG code)
{
	ULONG_PTR bytes;
	UCHAR *reply = rig_query(code, &bytes);
	ULONG count = 0;

	for (ULONG_PTR at = 0; at < bytes; at += ((struct netflow_header *)(reply + at))->size)
		count++;
	free(reply);
	return count;
}

struct netflow_process rig_read_process(ULONG code, ULONG process_id)
{
	ULONG_PTR bytes;
	UCHAR *reply = rig_query(code, &bytes);
	struct netflow_process found = {0};
	int count = 0;

	for (ULONG_PTR at = 0; at < bytes; at += ((struct netflow_header *)(reply + at))->size) {
		struct netflow_process *record = (struct netflow_process *)(reply + at);

		CHECK_EQUAL(NETFLOW_RECORD_PROCESS, record->header.type);
		if (record->identity.process_id != process_id)
			continue;
		found = *record;
		count++;
	}
	free(reply);
	if (count != 1)
		test_fail(__FILE__, __LINE__, "process %u is there %d times", process_id, count);
	return found;
}

struct netflow_process rig_living(ULONG process_id)
{
	return rig_read_process(NETFLOW_IOCTL_QUERY_PROCESSES, process_id);
}

struct netflow_process rig_exited(ULONG process_id)
{
	return rig_read_process(NETFLOW_IOCTL_QUERY_EXITED, process_id);
}

void rig_read_only(ULONG code, void *record, ULONG_PTR size)
{
	ULONG_PTR bytes;
	UCHAR *reply = rig_query(code, &bytes);

	CHECK_EQUAL(size, bytes);
	RtlCopyMemory(record, reply, size);
	free(reply);
}

struct netflow_statistics rig_statistics(void)
{
	struct netflow_statistics statistics;

	rig_read_only(NETFLOW_IOCTL_QUERY_STATISTICS, &statistics, sizeof(statistics));
	return statistics;
}

static USHORT bytes_of(const WCHAR *path)
{
	USHORT length = 0;

	while (path && path[length])
		length++;
	return (USHORT)(length * sizeof(WCHAR));
}

NTSTATUS rig_rule(ULONG code, ULONG process_id, const WCHAR *path, ULONG64 upload, ULONG64 download, UINT8 flags)
{
	union {
		struct netflow_rule rule;
		UCHAR bytes[sizeof(struct netflow_rule) + 1024];
	} request = {.rule = {.header = {NETFLOW_MAGIC, NETFLOW_PROTOCOL_VERSION, NETFLOW_RECORD_RULE, 0, 0}}};
	ULONG_PTR written;

	request.rule.upload_limit = upload;
	request.rule.download_limit = download;
	request.rule.flags = flags;
	request.rule.path_bytes = bytes_of(path);
	request.rule.target = path ? NETFLOW_TARGET_PATH : NETFLOW_TARGET_PROCESS;
	request.rule.header.size = (uint32_t)((sizeof(struct netflow_rule) + request.rule.path_bytes + 7) & ~7u);
	if (path)
		RtlCopyMemory(&request.rule + 1, path, request.rule.path_bytes);
	else
		request.rule.identity = (struct netflow_identity){process_id, 0, (uint64_t)rig_start_time(process_id)};
	return nt_control(NT_WRITE_ACCESS, code, &request, request.rule.header.size, NULL, 0, &written);
}

void rig_check_totals(ULONG process_id)
{
	struct engine_totals truth = engine_totals(process_id);
	struct netflow_process said = rig_living(process_id);

	CHECK_EQUAL(truth.upload, said.upload_bytes);
	CHECK_EQUAL(truth.download, said.download_bytes);
}
