/* SPDX-License-Identifier: MIT */
/*
 * NET_BUFFER_LISTs: each buffer a chain of MDLs, its headers in the first, its payload in one to three more. The data
 * of a buffer that is sent begins with its transport header, of one that is received with its payload.
 */
#include "internal.h"

#define MOST_PARTS 3

static MDL *make_mdl(ULONG bytes)
{
	MDL *mdl = engine_allocate(sizeof(*mdl) + bytes);

	mdl->MappedSystemVa = mdl + 1;
	mdl->ByteCount = bytes;
	return mdl;
}

static void set_offset(NET_BUFFER *buffer, ULONG offset)
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

/* What the engine must know of a packet stands in its IP header, where no driver looks. */
struct notes {
	ULONG sequence;
	ULONG payload;
};

static struct notes *notes_of(const NET_BUFFER *buffer)
{
	return buffer->MdlChain->MappedSystemVa;
}

static void fill(struct sim_packet *packet, NET_BUFFER *buffer, ULONG bytes, ULONG sequence, UINT8 flags)
{
	ULONG ip = packet->ip_header_bytes;
	MDL *mdl = make_mdl(packet->header_bytes);
	UCHAR *transport = (UCHAR *)mdl->MappedSystemVa + ip;
	ULONG rest = bytes;

	buffer->MdlChain = mdl;
	*notes_of(buffer) = (struct notes){sequence, bytes};
	if (packet->flow->options.transport == 6)
		transport[13] = flags;
	for (int part = 1; rest; part++) {
		ULONG size = part == MOST_PARTS ? rest : 1 + engine_random(rest);

		mdl->Next = make_mdl(size);
		mdl = mdl->Next;
		rest -= size;
	}
	buffer->DataLength = bytes + (packet->is_inbound ? 0 : packet->header_bytes - ip);
	set_offset(buffer, packet->is_inbound ? packet->header_bytes : ip);
}

static struct sim_packet *make_packet(struct sim_flow *flow, BOOLEAN is_inbound, ULONG count)
{
	struct sim_packet *packet = engine_allocate(sizeof(*packet) + count * sizeof(NET_BUFFER));

	packet->magic = PACKET_MAGIC;
	packet->references = 1;
	packet->flow = flow;
	packet->is_inbound = is_inbound;
	packet->count = count;
	packet->ip_header_bytes = IP_HEADER_BYTES(flow);
	packet->header_bytes = packet->ip_header_bytes + TRANSPORT_HEADER_BYTES(flow);
	for (ULONG index = 0; index + 1 < count; index++)
		packet->buffer[index].Next = &packet->buffer[index + 1];
	packet->list.FirstNetBuffer = packet->buffer;
	InterlockedIncrement(&flow->packets);
	InterlockedIncrement(&engine.pending_packets);
	return packet;
}

struct sim_packet *sim_packet_create(struct sim_flow *flow, BOOLEAN is_inbound, ULONG bytes, ULONG count,
				     ULONG sequence, UINT8 flags)
{
	struct sim_packet *packet = make_packet(flow, is_inbound, count);

	for (ULONG index = 0; index < count; index++)
		fill(packet, &packet->buffer[index], bytes, sequence + index, flags);
	return packet;
}

struct sim_packet *sim_packet_of(const NET_BUFFER_LIST *list)
{
	struct sim_packet *packet = (struct sim_packet *)list;

	ENGINE_ASSERT(list && packet->magic == PACKET_MAGIC, "a packet that is freed, or none");
	return packet;
}

static void free_buffers(struct sim_packet *packet)
{
	for (ULONG index = 0; index < packet->count; index++) {
		MDL *next;

		for (MDL *mdl = packet->buffer[index].MdlChain; mdl; mdl = next) {
			next = mdl->Next;
			engine_free(mdl);
		}
	}
}

/* A clone shares its parent's memory, so that the parent waits for it. */
void sim_packet_release(struct sim_packet *packet)
{
	struct sim_packet *parent = packet->parent;

	if (InterlockedDecrement(&packet->references) != 0)
		return;
	if (!parent)
		free_buffers(packet);
	InterlockedDecrement(&packet->flow->packets);
	sim_flow_release(packet->flow);
	packet->magic = 0;
	engine_free(packet);
	InterlockedDecrement(&engine.pending_packets);
	if (parent)
		sim_packet_release(parent);
}

void sim_packet_arrived(struct sim_packet *packet, ULONG index)
{
	const NET_BUFFER *buffer = &packet->buffer[index];
	const UCHAR *transport = (const UCHAR *)buffer->MdlChain->MappedSystemVa + packet->ip_header_bytes;
	struct engine_arrival arrival = {
		.flow = packet->flow->id,
		.is_inbound = packet->is_inbound,
		.sequence = notes_of(buffer)->sequence,
		.bytes = notes_of(buffer)->payload,
		.flags = packet->flow->options.transport == 6 ? transport[13] : 0,
	};

	if (engine.arrival)
		engine.arrival(&arrival, engine.arrival_context);
}

ULONG sim_packet_payload(const struct sim_packet *packet)
{
	ULONG bytes = 0;

	for (ULONG index = 0; index < packet->count; index++)
		bytes += notes_of(&packet->buffer[index])->payload;
	return bytes;
}

/* ---- what a driver does with packets ---- */

NTSTATUS NTAPI FwpsAllocateCloneNetBufferList0(NET_BUFFER_LIST *original, NDIS_HANDLE list_pool,
					       NDIS_HANDLE buffer_pool, ULONG flags, NET_BUFFER_LIST **clone)
{
	struct sim_packet *parent = sim_packet_of(original);
	struct sim_packet *made;

	UNREFERENCED_PARAMETER(list_pool);
	UNREFERENCED_PARAMETER(buffer_pool);
	ENGINE_ASSERT(flags == 0, "a clone with flags");
	sim_flow_reference(parent->flow);
	made = make_packet(parent->flow, parent->is_inbound, parent->count);
	InterlockedIncrement(&parent->references);
	made->parent = parent;
	made->list.ParentNetBufferList = original;
	for (ULONG index = 0; index < parent->count; index++) {
		NET_BUFFER *next = made->buffer[index].Next;

		made->buffer[index] = parent->buffer[index];
		made->buffer[index].Next = next;
	}
	*clone = &made->list;
	return STATUS_SUCCESS;
}

void NTAPI FwpsFreeCloneNetBufferList0(NET_BUFFER_LIST *clone, ULONG flags)
{
	struct sim_packet *packet = sim_packet_of(clone);

	UNREFERENCED_PARAMETER(flags);
	ENGINE_ASSERT(packet->parent && packet->references == 1, "what is freed is no clone, or still under way");
	sim_packet_release(packet);
}

NTSTATUS NTAPI NdisRetreatNetBufferDataStart(NET_BUFFER *buffer, ULONG bytes, ULONG backfill, PVOID allocate_mdl)
{
	UNREFERENCED_PARAMETER(backfill);
	UNREFERENCED_PARAMETER(allocate_mdl);
	ENGINE_ASSERT(bytes <= buffer->DataOffset, "a retreat to before the packet's memory");
	buffer->DataLength += bytes;
	set_offset(buffer, buffer->DataOffset - bytes);
	return STATUS_SUCCESS;
}

VOID NTAPI NdisAdvanceNetBufferDataStart(NET_BUFFER *buffer, ULONG bytes, BOOLEAN free_mdl, PVOID routine)
{
	UNREFERENCED_PARAMETER(routine);
	ENGINE_ASSERT(!free_mdl && bytes <= buffer->DataLength, "an advance beyond the packet's end");
	buffer->DataLength -= bytes;
	set_offset(buffer, buffer->DataOffset + bytes);
}

PVOID NTAPI NdisGetDataBuffer(NET_BUFFER *buffer, ULONG bytes, PVOID storage, ULONG alignment, ULONG offset)
{
	MDL *mdl = buffer->CurrentMdl;
	ULONG at = buffer->CurrentMdlOffset;

	ENGINE_ASSERT(alignment == 1 && offset == 0, "an alignment that the simulation does not know");
	if (bytes > buffer->DataLength)
		return NULL;
	if (mdl->ByteCount - at >= bytes)
		return (UCHAR *)mdl->MappedSystemVa + at;
	for (ULONG index = 0; index < bytes && storage; index++) {
		while (at == mdl->ByteCount) {
			mdl = mdl->Next;
			at = 0;
		}
		((UCHAR *)storage)[index] = ((UCHAR *)mdl->MappedSystemVa)[at++];
	}
	return storage;
}
