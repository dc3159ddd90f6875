/* SPDX-License-Identifier: MIT */
/*
 * Packets that a driver makes: the bytes of a received one that it has taken away, in memory of its own. The engine
 * knows them again by their headers alone.
 */
#include "internal.h"

#define POOL_MAGIC 0x504f4f4cu
#define BUCKETS 256
#define MOST_HEADERS 60

struct pool {
	ULONG magic;
	volatile LONG packets;
};

/* A received packet that a callout may take away, or has. */
struct sim_offer {
	LIST_ENTRY entry;
	LONG references; /* the classification's, and the table's; the lock is held for these */
	BOOLEAN is_injected;
	struct sim_flow *flow;
	struct sim_note note;
	PVOID checksums;
	ULONG bytes;
	UCHAR headers[MOST_HEADERS];
};

static LIST_ENTRY offers[BUCKETS];
static volatile LONG pools;

void sim_copies_start(void)
{
	for (int bucket = 0; bucket < BUCKETS; bucket++)
		InitializeListHead(&offers[bucket]);
	pools = 0;
}

static void free_offer(struct sim_offer *offer)
{
	if (offer->flow)
		sim_flow_release(offer->flow);
	engine_free(offer);
}

/* Those that were never put back. */
void sim_copies_stop(void)
{
	for (int bucket = 0; bucket < BUCKETS; bucket++) {
		while (!IsListEmpty(&offers[bucket]))
			free_offer(CONTAINING_RECORD(RemoveHeadList(&offers[bucket]), struct sim_offer, entry));
	}
	ENGINE_ASSERT(!read_once(&pools), "a pool of packets is left");
}

/* ---- headers ---- */

static LIST_ENTRY *bucket_of(const UCHAR *headers, ULONG bytes)
{
	ULONG hash = 0;

	for (ULONG index = 0; index < bytes; index++)
		hash = hash * 31 + headers[index];
	return &offers[hash % BUCKETS];
}

/* Without the checksum, which a driver has to correct. */
static void blank(UCHAR *headers)
{
	if (headers[0] >> 4 == 4)
		headers[10] = headers[11] = 0;
}

/* ---- what may be taken away ---- */

struct sim_offer *sim_offer(struct sim_packet *packet, UINT16 layer)
{
	struct sim_offer *offer;
	KLOCK_QUEUE_HANDLE handle;

	if (packet->injected_by || !engine_filters(layer))
		return NULL;
	offer = engine_allocate(sizeof(*offer));
	offer->references = 2;
	offer->flow = packet->flow;
	offer->note = packet->note[0];
	offer->checksums = packet->list.NetBufferListInfo[TcpIpChecksumNetBufferListInfo];
	offer->bytes = packet->header_bytes;
	RtlCopyMemory(offer->headers, sim_mdl_bytes(packet->buffer[0].MdlChain), offer->bytes);
	blank(offer->headers);
	sim_flow_reference(offer->flow);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	InsertTailList(bucket_of(offer->headers, offer->bytes), &offer->entry);
	KeReleaseInStackQueuedSpinLock(&handle);
	return offer;
}

void sim_offer_done(struct sim_offer *offer, enum sim_verdict verdict)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN is_injected, is_last;

	if (!offer)
		return;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	is_injected = offer->is_injected;
	if (verdict != SIM_ABSORBED && !is_injected) {
		RemoveEntryList(&offer->entry);
		offer->references--;
	}
	is_last = --offer->references == 0;
	KeReleaseInStackQueuedSpinLock(&handle);
	ENGINE_ASSERT(verdict == SIM_ABSORBED || !is_injected, "a packet arrives twice: passed and injected, or so");
	if (is_last)
		free_offer(offer);
}

/* The lock is held. The oldest with these headers; a packet that was sent twice has the same twice. */
static struct sim_offer *find_locked(const UCHAR *headers, ULONG room)
{
	ULONG bytes = (headers[0] >> 4 == 4 ? 20u : 40u) + (headers[headers[0] >> 4 == 4 ? 9 : 6] == 6 ? 20u : 8u);
	LIST_ENTRY *bucket = bucket_of(headers, bytes);

	for (LIST_ENTRY *entry = bucket->Flink; entry != bucket && bytes <= room; entry = entry->Flink) {
		struct sim_offer *offer = CONTAINING_RECORD(entry, struct sim_offer, entry);

		if (offer->bytes == bytes && !memcmp(offer->headers, headers, bytes))
			return offer;
	}
	return NULL;
}

static struct sim_offer *accept_locked(const UCHAR *headers, ULONG room, struct sim_packet *packet)
{
	struct sim_offer *offer = find_locked(headers, room);

	if (!offer)
		return NULL;
	RemoveEntryList(&offer->entry);
	offer->is_injected = TRUE;
	packet->flow = offer->flow; /* and its reference */
	offer->flow = NULL;
	packet->note[0] = offer->note;
	packet->checksums = offer->checksums;
	packet->header_bytes = offer->bytes;
	offer->references--;
	return offer;
}

void sim_copy_identify(struct sim_packet *packet)
{
	UCHAR headers[MOST_HEADERS];
	ULONG room = packet->buffer[0].DataLength < MOST_HEADERS ? packet->buffer[0].DataLength : MOST_HEADERS;
	KLOCK_QUEUE_HANDLE handle;
	struct sim_offer *offer;
	BOOLEAN is_last;

	if (!packet->is_copy || packet->flow)
		return;
	RtlZeroMemory(headers, sizeof(headers));
	sim_buffer_copy(&packet->buffer[0], 0, headers, room);
	blank(headers);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	offer = accept_locked(headers, room, packet);
	is_last = offer && offer->references == 0;
	KeReleaseInStackQueuedSpinLock(&handle);
	ENGINE_ASSERT(offer, "what is received does not begin with its IP header, or was never taken away");
	packet->ip_header_bytes = IP_HEADER_BYTES(packet->flow);
	if (is_last)
		free_offer(offer);
}

/* ---- what a driver calls ---- */

static struct pool *pool_of(NDIS_HANDLE handle)
{
	struct pool *pool = handle;

	ENGINE_ASSERT(pool && pool->magic == POOL_MAGIC, "a pool of packets that is none");
	return pool;
}

NDIS_HANDLE NTAPI NdisAllocateNetBufferListPool(NDIS_HANDLE owner, const NET_BUFFER_LIST_POOL_PARAMETERS *parameters)
{
	struct pool *pool = engine_allocate(sizeof(*pool));

	UNREFERENCED_PARAMETER(owner);
	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(parameters->Header.Type == NDIS_OBJECT_TYPE_DEFAULT && parameters->Header.Revision == 1 &&
			      parameters->Header.Size == sizeof(*parameters),
		      "parameters of a pool that NDIS does not know");
	/* ddi, nblapi, NdisAllocateNetBufferListPool: "only if fAllocateNetBuffer is TRUE and DataSize is zero". */
	ENGINE_ASSERT(parameters->fAllocateNetBuffer && !parameters->DataSize && !parameters->ContextSize,
		      "a pool whose packets have no buffer, or memory of their own");
	pool->magic = POOL_MAGIC;
	InterlockedIncrement(&pools);
	return pool;
}

VOID NTAPI NdisFreeNetBufferListPool(NDIS_HANDLE handle)
{
	struct pool *pool = pool_of(handle);

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(!read_once(&pool->packets), "a pool goes before its packets");
	pool->magic = 0;
	engine_free(pool);
	InterlockedDecrement(&pools);
}

NTSTATUS NTAPI FwpsAllocateNetBufferAndNetBufferList0(NDIS_HANDLE handle, UINT16 context_bytes, UINT16 context_room,
						      MDL *chain, ULONG offset, SIZE_T bytes, NET_BUFFER_LIST **list)
{
	struct pool *pool = pool_of(handle);
	struct sim_packet *packet = engine_allocate(sizeof(*packet) + sizeof(NET_BUFFER));

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(!context_bytes && !context_room && chain && sim_mdl_bytes(chain),
		      "a packet with a context, or without memory");
	packet->magic = PACKET_MAGIC;
	packet->references = 1;
	packet->is_copy = packet->is_inbound = TRUE;
	packet->count = 1;
	packet->note = engine_allocate(sizeof(*packet->note));
	packet->list.FirstNetBuffer = packet->buffer;
	packet->list.NdisPoolHandle = pool;
	packet->buffer[0].MdlChain = chain;
	packet->buffer[0].DataLength = (ULONG)bytes;
	sim_buffer_set_offset(&packet->buffer[0], offset);
	InterlockedIncrement(&pool->packets);
	InterlockedIncrement(&engine.pending_packets);
	*list = &packet->list;
	return STATUS_SUCCESS;
}

void NTAPI FwpsFreeNetBufferList0(NET_BUFFER_LIST *list)
{
	struct sim_packet *packet = sim_packet_of(list);

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(packet->is_copy && read_once(&packet->references) == 1,
		      "what is freed is a clone, or still under way");
	InterlockedDecrement(&pool_of(list->NdisPoolHandle)->packets);
	sim_packet_release(packet);
}
