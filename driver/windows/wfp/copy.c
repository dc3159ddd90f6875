/* SPDX-License-Identifier: MIT */
#include "copy.h"

static NDIS_HANDLE pool;

BOOLEAN copies_start(void)
{
	NET_BUFFER_LIST_POOL_PARAMETERS parameters = {
		.Header = {.Type = NDIS_OBJECT_TYPE_DEFAULT,
			   .Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
			   .Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1},
		.ProtocolId = NDIS_PROTOCOL_ID_DEFAULT,
		.fAllocateNetBuffer = TRUE,
		.PoolTag = TAG_PACKET,
	};

	pool = NdisAllocateNetBufferListPool(NULL, &parameters);
	return pool != NULL;
}

void copies_stop(void)
{
	NdisFreeNetBufferListPool(pool);
}

/* The sum of RFC 1071, in the order of the bytes. */
static UINT16 checksum(const UCHAR *header, ULONG bytes)
{
	ULONG sum = 0;

	for (ULONG index = 0; index + 1 < bytes; index += 2)
		sum += (ULONG)header[index] << 8 | header[index + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (UINT16)~sum;
}

static void put16(UCHAR *at, ULONG value)
{
	at[0] = (UCHAR)(value >> 8);
	at[1] = (UCHAR)value;
}

/*
 * The header of what was put together of fragments may still have the checksum of the first one, and nothing says which
 * packets these are.
 */
static void correct_ip_header(UCHAR *ip, ULONG bytes)
{
	ULONG header = (ip[0] & 0xfu) * 4;

	if (ip[0] >> 4 != 4 || header < 20 || header > bytes || bytes > 0xffff)
		return;
	put16(ip + 2, bytes);
	put16(ip + 10, 0);
	put16(ip + 10, checksum(ip, header));
}

static BOOLEAN copy_bytes(NET_BUFFER_LIST *packets, UCHAR *memory, ULONG bytes)
{
	const UCHAR *found = NdisGetDataBuffer(NET_BUFFER_LIST_FIRST_NB(packets), bytes, memory, 1, 0);

	if (!found || bytes < 20)
		return FALSE;
	if (found != memory)
		RtlCopyMemory(memory, found, bytes);
	correct_ip_header(memory, bytes);
	return TRUE;
}

NET_BUFFER_LIST *copy_create(NET_BUFFER_LIST *packets, UCHAR *memory, ULONG bytes)
{
	NET_BUFFER_LIST *copy = NULL;
	MDL *mdl;

	if (!copy_bytes(packets, memory, bytes))
		return NULL;
	mdl = IoAllocateMdl(memory, bytes, FALSE, FALSE, NULL);
	if (!mdl)
		return NULL;
	MmBuildMdlForNonPagedPool(mdl);
	if (!NT_SUCCESS(FwpsAllocateNetBufferAndNetBufferList0(pool, 0, 0, mdl, 0, bytes, &copy))) {
		IoFreeMdl(mdl);
		return NULL;
	}
	/*
	 * What comes from another virtual machine has no checksum of TCP or UDP, and only this says that it needs none.
	 */
	NET_BUFFER_LIST_INFO(copy, TcpIpChecksumNetBufferListInfo) =
		NET_BUFFER_LIST_INFO(packets, TcpIpChecksumNetBufferListInfo);
	return copy;
}

void copy_free(NET_BUFFER_LIST *copy)
{
	MDL *mdl = NET_BUFFER_LIST_FIRST_NB(copy)->MdlChain;

	FwpsFreeNetBufferList0(copy);
	IoFreeMdl(mdl);
}
