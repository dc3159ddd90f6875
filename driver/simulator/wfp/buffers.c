/* SPDX-License-Identifier: MIT */
/* Where the data of a NET_BUFFER are. */
#include "internal.h"

void sim_buffer_set_offset(NET_BUFFER *buffer, ULONG offset)
{
	MDL *mdl = buffer->MdlChain;
	ULONG rest = offset;

	while (mdl->Next && rest >= mdl->ByteCount) {
		rest -= mdl->ByteCount;
		mdl = mdl->Next;
	}
	buffer->DataOffset = offset;
	buffer->CurrentMdl = mdl;
	buffer->CurrentMdlOffset = rest;
}

/* Copies from `skip` bytes into the data, which has enough bytes after that. */
void sim_buffer_copy(const NET_BUFFER *buffer, ULONG skip, UCHAR *to, ULONG bytes)
{
	const MDL *mdl = buffer->CurrentMdl;
	ULONG at = buffer->CurrentMdlOffset + skip;

	for (ULONG done = 0; done < bytes;) {
		ULONG part;

		while (at >= mdl->ByteCount) {
			at -= mdl->ByteCount;
			mdl = mdl->Next;
		}
		part = mdl->ByteCount - at < bytes - done ? mdl->ByteCount - at : bytes - done;
		RtlCopyMemory(to + done, sim_mdl_bytes(mdl) + at, part);
		done += part;
		at += part;
	}
}
