/* SPDX-License-Identifier: MIT */
/*
 * Any request with any input, to a driver that has flows, processes and rules. Half of the inputs are given headers
 * that are right, so that what comes after them is looked at as well.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"

#define MOST_INPUT 4096
#define MOST_OUTPUT 8192
#define FUNCTIONS 10 /* one more than there are requests */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void populate(void)
{
	struct engine_flow_options options = rig_flow(100);

	rig_start();
	rig_process(100);
	rig_process(104);
	engine_stream(engine_flow_open(&options), FWPS_STREAM_FLAG_SEND, 9);
	options = rig_flow(104);
	engine_stream(engine_flow_open(&options), FWPS_STREAM_FLAG_RECEIVE, 9);
	nt_process_exit(104);
	rig_rule(NETFLOW_IOCTL_SET_RULE, 100, NULL, 5000, 0, 0);
}

/* The magic, version, type and length of each record, as far as its path says how long it is. */
static void make_headers_right(UCHAR *input, size_t size)
{
	size_t at = 0;

	while (size - at >= sizeof(struct netflow_rule)) {
		struct netflow_rule *rule = (struct netflow_rule *)(input + at);
		size_t bytes = (sizeof(*rule) + rule->path_bytes % 64 + 7) & ~(size_t)7;

		rule->path_bytes %= 64;
		rule->header = (struct netflow_header){NETFLOW_MAGIC, NETFLOW_PROTOCOL_VERSION, NETFLOW_RECORD_RULE,
						       (uint32_t)bytes, 0};
		at += bytes;
		if (at > size)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static BOOLEAN is_populated;
	ULONG_PTR written;
	UCHAR output[MOST_OUTPUT];
	_Alignas(8) UCHAR input[MOST_INPUT];
	ULONG function, room, access;

	if (!is_populated)
		populate();
	is_populated = TRUE;
	if (size < 4 || size - 4 > MOST_INPUT)
		return 0;
	function = 0x800 + data[0] % FUNCTIONS;
	access = data[1] & 3 ? data[1] & 3 : NT_READ_ACCESS | NT_WRITE_ACCESS;
	room = data[1] & 4 ? 0 : data[2] * 32;
	memcpy(input, data + 4, size - 4);
	if (data[3] & 1)
		make_headers_right(input, size - 4);
	nt_control(NT_READ_ACCESS | NT_WRITE_ACCESS, NETFLOW_IOCTL(function, access), input, (ULONG)(size - 4), output,
		   room, &written);
	CHECK(written <= room);
	CHECK(rig_count(NETFLOW_IOCTL_QUERY_STATISTICS) == 1);
	return 0;
}
