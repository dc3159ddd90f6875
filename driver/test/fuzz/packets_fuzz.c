/* SPDX-License-Identifier: MIT */
/*
 * What the driver reads of a packet that a limit may hold: its length, and whether it ends its connection. The engine
 * says how long its headers are; its bytes lie in any number of pieces, and there may be fewer than a header has.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../simulator/wfp/internal.h"
#include "../../windows/wfp/packet.h"
#include "rig.h"

#define MOST_PIECES 8
#define MOST_PIECE 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t left;
};

static ULONG next(struct input *input, ULONG most)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->data++ % (most + 1);
}

static void free_chain(MDL *mdl)
{
	while (mdl) {
		MDL *after = mdl->Next;

		free(mdl->MappedSystemVa);
		free(mdl);
		mdl = after;
	}
}

/* Each piece is memory of its own, so that the sanitizer sees a byte too far. Returns how many bytes there are. */
static ULONG make_chain(struct input *input, MDL **first)
{
	ULONG total = 0;

	for (ULONG pieces = 1 + next(input, MOST_PIECES - 1); pieces; pieces--) {
		MDL *mdl = calloc(1, sizeof(*mdl));

		mdl->ByteCount = 1 + next(input, MOST_PIECE - 1);
		mdl->MappedSystemVa = malloc(mdl->ByteCount);
		for (ULONG index = 0; index < mdl->ByteCount; index++)
			((UCHAR *)mdl->MappedSystemVa)[index] = (UCHAR)next(input, 255);
		total += mdl->ByteCount;
		*first = mdl;
		first = &mdl->Next;
	}
	return total;
}

/* The headers of a received packet lie before its data; those of one that is sent are its first bytes, or should be. */
static ULONG place_data(struct input *input, NET_BUFFER *buffer, const FWPS_INCOMING_METADATA_VALUES0 *metadata,
			int direction, ULONG total)
{
	ULONG headers = direction == NETFLOW_DOWNLOAD ? metadata->ipHeaderSize + metadata->transportHeaderSize : 0;

	if (headers > total)
		return FALSE;
	sim_buffer_set_offset(buffer, headers);
	buffer->DataLength = next(input, total - headers < 255 ? total - headers : 255);
	return TRUE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct flow flow = {.endpoints = {.transport = next(&input, 1) ? NETFLOW_TCP : NETFLOW_UDP}};
	int direction = next(&input, 1) ? NETFLOW_UPLOAD : NETFLOW_DOWNLOAD;
	FWPS_INCOMING_METADATA_VALUES0 metadata = {.ipHeaderSize = next(&input, 60),
						   .transportHeaderSize = next(&input, 60)};
	NET_BUFFER buffer = {0};
	NET_BUFFER_LIST list = {.FirstNetBuffer = &buffer};
	struct indication indication = {NULL, &metadata, &list, &flow, direction};
	ULONG total = make_chain(&input, &buffer.MdlChain);

	if (place_data(&input, &buffer, &metadata, direction, total)) {
		NET_BUFFER before = buffer;

		CHECK(packet_payload(&indication) <= buffer.DataLength);
		packet_ends_connection(&indication);
		CHECK(memcmp(&before, &buffer, sizeof(buffer)) == 0);
	}
	free_chain(buffer.MdlChain);
	return 0;
}
