/* SPDX-License-Identifier: MIT */
/* Packets, as ndis/nbl.h has them: lists of buffers, each a chain of MDLs. Our own declarations: fwp.h */
#ifndef NETFLOW_WFP_FWP_PACKETS_H
#define NETFLOW_WFP_FWP_PACKETS_H

#include "fwp_types.h"

typedef struct _NET_BUFFER {
	struct _NET_BUFFER *Next;
	MDL *CurrentMdl;
	ULONG CurrentMdlOffset;
	union {
		SIZE_T stDataLength;
		ULONG DataLength;
	};
	MDL *MdlChain;
	ULONG DataOffset;
	/* More follows that is NDIS's own. */
} NET_BUFFER;

typedef struct _NET_BUFFER_LIST {
	struct _NET_BUFFER_LIST *Next;
	NET_BUFFER *FirstNetBuffer;
	PVOID Context;
	struct _NET_BUFFER_LIST *ParentNetBufferList;
	PVOID NdisPoolHandle;
	PVOID Padding; /* what follows is aligned to two pointers */
	PVOID NdisReserved[2];
	PVOID ProtocolReserved[4];
	PVOID MiniportReserved[2];
	PVOID Scratch;
	PVOID SourceHandle;
	ULONG NblFlags;
	LONG ChildRefCount; /* clones that are not freed; it is not completed before */
	ULONG Flags;
	LONG Status; /* what became of it: when it was injected, and is completed */
	PVOID NetBufferListInfo[1];
	/* More follows. */
} NET_BUFFER_LIST;

#define TcpIpChecksumNetBufferListInfo 0 /* what the network adapter says of a packet's checksums */
#define NET_BUFFER_LIST_INFO(list, id) ((list)->NetBufferListInfo[id])

#define NET_BUFFER_LIST_FIRST_NB(list) ((list)->FirstNetBuffer)
#define NET_BUFFER_LIST_NEXT_NBL(list) ((list)->Next)
#define NET_BUFFER_LIST_STATUS(list) ((list)->Status)
#define NET_BUFFER_NEXT_NB(buffer) ((buffer)->Next)
#define NET_BUFFER_DATA_LENGTH(buffer) ((buffer)->DataLength)

typedef PVOID NDIS_HANDLE;

typedef struct NDIS_OBJECT_HEADER {
	UINT8 Type, Revision;
	UINT16 Size;
} NDIS_OBJECT_HEADER;

#define NDIS_OBJECT_TYPE_DEFAULT 0x80
#define NDIS_PROTOCOL_ID_DEFAULT 0

typedef struct NET_BUFFER_LIST_POOL_PARAMETERS {
	NDIS_OBJECT_HEADER Header;
	UINT8 ProtocolId;
	BOOLEAN fAllocateNetBuffer;
	UINT16 ContextSize;
	ULONG PoolTag;
	ULONG DataSize;
} NET_BUFFER_LIST_POOL_PARAMETERS;

#define NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1 1
#define NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1 sizeof(NET_BUFFER_LIST_POOL_PARAMETERS)
typedef ULONG NET_IFINDEX;
typedef ULONG IF_INDEX;
typedef int COMPARTMENT_ID; /* an enumeration in Microsoft's headers */
typedef UINT16 ADDRESS_FAMILY;

/* ws2def.h: a socket's ancillary data; only passed on. */
typedef struct _WSACMSGHDR WSACMSGHDR;

/* Level and zone of an IPv6 scope, in 32 bits. */
typedef struct {
	ULONG Value;
} SCOPE_ID;

#ifndef NDIS_EXPORT
#define NDIS_EXPORT
#endif

NDIS_EXPORT NTSTATUS NTAPI NdisRetreatNetBufferDataStart(NET_BUFFER *buffer, ULONG bytes, ULONG backfill,
							 PVOID allocate_mdl);
NDIS_EXPORT VOID NTAPI NdisAdvanceNetBufferDataStart(NET_BUFFER *buffer, ULONG bytes, BOOLEAN free_mdl, PVOID routine);
NDIS_EXPORT NDIS_HANDLE NTAPI NdisAllocateNetBufferListPool(NDIS_HANDLE owner,
							    const NET_BUFFER_LIST_POOL_PARAMETERS *parameters);
NDIS_EXPORT VOID NTAPI NdisFreeNetBufferListPool(NDIS_HANDLE pool);
NDIS_EXPORT PVOID NTAPI NdisGetDataBuffer(NET_BUFFER *buffer, ULONG bytes, PVOID storage, ULONG alignment,
					  ULONG offset);

#endif
