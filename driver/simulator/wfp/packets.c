/* SPDX-License-Identifier: MIT */
/*
 * NET_BUFFER_LISTs: each buffer a chain of MDLs, its headers in the first, its payload in one to three more. The data
 * of a buffer that is sent begins with its transport header, of one that is received with its payload.
 */
#include "internal.h"

#define MOST_PARTS 3
#define MOST_CONTROL 24
#define CHECKSUMS_ARE_RIGHT ((PVOID)0x38) /* TcpChecksumSucceeded, and those of UDP and IP */

static MDL *make_mdl(ULONG bytes)
{
	MDL *mdl = engine_allocate(sizeof(*mdl) + bytes);

#ifdef NETFLOW_SIMULATED
	mdl->MappedSystemVa = mdl + 1;
#else
	mdl->StartVa = mdl + 1;
#endif
	mdl->ByteCount = bytes;
	return mdl;
}

/* ---- content ---- */

static UCHAR pattern(const struct sim_packet *packet, ULONG sequence, ULONG index)
{
	return (UCHAR)(packet->flow->id * 31 + sequence * 7 + packet->is_inbound + index);
}

static void fill_payload(const struct sim_packet *packet, MDL *mdl, ULONG sequence, ULONG first)
{
	UCHAR *bytes = sim_mdl_bytes(mdl);

	for (ULONG index = 0; index < mdl->ByteCount; index++)
		bytes[index] = pattern(packet, sequence, first + index);
}

static void put16(UCHAR *at, ULONG value)
{
	at[0] = (UCHAR)(value >> 8);
	at[1] = (UCHAR)value;
}

static void put32(UCHAR *at, ULONG value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* What was put together of fragments may have the checksum of the first one. */
static void fill_ip(const struct sim_packet *packet, UCHAR *ip, ULONG bytes, ULONG sequence)
{
	const struct engine_flow_options *options = &packet->flow->options;
	const UINT8 *from = packet->is_inbound ? options->remote_address : options->local_address;
	const UINT8 *to = packet->is_inbound ? options->local_address : options->remote_address;

	if (options->is_ipv6) {
		put32(ip, 0x60000000 | (sequence & 0xfffff));
		put16(ip + 4, bytes - 40);
		ip[6] = options->transport;
		ip[7] = 64;
		RtlCopyMemory(ip + 8, from, 16);
		RtlCopyMemory(ip + 24, to, 16);
		return;
	}
	ip[0] = 0x45;
	put16(ip + 2, bytes);
	put16(ip + 4, sequence);
	ip[8] = 64;
	ip[9] = options->transport;
	RtlCopyMemory(ip + 12, from, 4);
	RtlCopyMemory(ip + 16, to, 4);
	sim_set_checksum(ip, !packet->is_inbound || options->transport == 6 || engine_random(4));
}

static void fill_transport(const struct sim_packet *packet, UCHAR *transport, ULONG bytes, ULONG sequence, UINT8 flags)
{
	const struct engine_flow_options *options = &packet->flow->options;

	put16(transport, packet->is_inbound ? options->remote_port : options->local_port);
	put16(transport + 2, packet->is_inbound ? options->local_port : options->remote_port);
	if (options->transport != 6) {
		put16(transport + 4, bytes);
		return;
	}
	put32(transport + 4, sequence);
	transport[12] = 5 << 4;
	transport[13] = flags;
	put16(transport + 14, 0xffff);
}

static void fill(struct sim_packet *packet, NET_BUFFER *buffer, ULONG bytes, ULONG sequence, UINT8 flags)
{
	ULONG ip = packet->ip_header_bytes;
	MDL *mdl = make_mdl(packet->header_bytes);
	UCHAR *headers = sim_mdl_bytes(mdl);
	ULONG rest = bytes;

	buffer->MdlChain = mdl;
	fill_ip(packet, headers, packet->header_bytes + bytes, sequence);
	fill_transport(packet, headers + ip, packet->header_bytes - ip + bytes, sequence, flags);
	for (int part = 1; rest; part++) {
		ULONG size = part == MOST_PARTS ? rest : 1 + engine_random(rest);

		mdl->Next = make_mdl(size);
		mdl = mdl->Next;
		fill_payload(packet, mdl, sequence, bytes - rest);
		rest -= size;
	}
	buffer->DataLength = bytes + (packet->is_inbound ? 0 : packet->header_bytes - ip);
	sim_buffer_set_offset(buffer, packet->is_inbound ? packet->header_bytes : ip);
}

/* ---- life ---- */

struct sim_packet *sim_packet_make(struct sim_flow *flow, BOOLEAN is_inbound, ULONG count)
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
	InterlockedIncrement(&engine.pending_packets);
	return packet;
}

struct sim_packet *sim_packet_create(struct sim_flow *flow, BOOLEAN is_inbound, ULONG bytes, ULONG count,
				     ULONG sequence, UINT8 flags)
{
	struct sim_packet *packet = sim_packet_make(flow, is_inbound, count);

	packet->note = engine_allocate(count * sizeof(*packet->note));
	if (!is_inbound && flow->options.transport == 17 && engine_random(4) == 0)
		packet->control_bytes = 1 + engine_random(MOST_CONTROL);
	if (is_inbound && engine_random(2))
		packet->list.NetBufferListInfo[TcpIpChecksumNetBufferListInfo] = CHECKSUMS_ARE_RIGHT;
	for (ULONG index = 0; index < count; index++) {
		packet->note[index] = (struct sim_note){
			.sequence = sequence + index,
			.payload = bytes,
			.flags = flags,
			.place = InterlockedExchangeAdd64(&flow->way[is_inbound].made, 1) + 1,
		};
		fill(packet, &packet->buffer[index], bytes, sequence + index, flags);
	}
	return packet;
}

struct sim_packet *sim_packet_of(const NET_BUFFER_LIST *list)
{
	struct sim_packet *packet = (struct sim_packet *)list;

	ENGINE_ASSERT(list && packet->magic == PACKET_MAGIC, "a packet that is freed, or none");
	return packet;
}

static void free_chain(MDL *chain)
{
	MDL *next;

	for (MDL *mdl = chain; mdl; mdl = next) {
		next = mdl->Next;
		engine_free(mdl);
	}
}

static void free_content(struct sim_packet *packet)
{
	for (ULONG index = 0; index < packet->count && !packet->is_copy; index++) {
		if (!packet->is_stream && !packet->note[index].arrivals)
			InterlockedIncrement(&engine.dropped_packets);
		free_chain(packet->buffer[index].MdlChain);
	}
	if (packet->has_buffer)
		InterlockedDecrement(&engine.receive_buffers);
	engine_free(packet->note);
}

/* A clone shares its parent's memory, so that the parent waits for it. */
void sim_packet_release(struct sim_packet *packet)
{
	struct sim_packet *parent = packet->parent;

	if (InterlockedDecrement(&packet->references) != 0)
		return;
	if (!parent)
		free_content(packet);
	if (packet->flow)
		sim_flow_release(packet->flow);
	packet->magic = 0;
	engine_free(packet);
	InterlockedDecrement(&engine.pending_packets);
	if (!parent)
		return;
	InterlockedDecrement(&parent->list.ChildRefCount);
	sim_packet_release(parent);
}

ULONG sim_packet_payload(const struct sim_packet *packet)
{
	ULONG bytes = 0;

	for (ULONG index = 0; index < packet->count; index++)
		bytes += packet->note[index].payload;
	return bytes;
}

/* ---- arrival ---- */

/* Read as the stack would: from where the buffer's data begin, through its MDLs. */
static void check_payload(const struct sim_packet *packet, ULONG index)
{
	const NET_BUFFER *buffer = &packet->buffer[index];
	const struct sim_note *note = &packet->note[index];
	ULONG header = packet->is_inbound ? 0 : packet->header_bytes - packet->ip_header_bytes;
	UCHAR piece[256];

	ENGINE_ASSERT(buffer->DataLength == header + note->payload, "a packet arrives longer or shorter than it was");
	for (ULONG at = 0; at < note->payload; at += sizeof(piece)) {
		ULONG bytes = note->payload - at < sizeof(piece) ? note->payload - at : sizeof(piece);

		sim_buffer_copy(buffer, header + at, piece, bytes);
		for (ULONG byte = 0; byte < bytes; byte++)
			ENGINE_ASSERT(piece[byte] == pattern(packet, note->sequence, at + byte),
				      "a packet arrives with other content");
	}
}

static void count_delivery(struct sim_flow *flow, BOOLEAN is_inbound, const struct sim_note *note)
{
	struct sim_way *way = &flow->way[is_inbound];
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	way->deliveries.packets++;
	way->deliveries.bytes += note->payload;
	if (note->payload && note->place < way->last)
		way->deliveries.overtaken++;
	else if (note->payload)
		way->last = note->place;
	KeReleaseInStackQueuedSpinLock(&handle);
}

static void arrived(struct sim_packet *packet, ULONG index)
{
	struct sim_note *note = &packet->note[index];
	struct engine_arrival arrival = {
		.flow = packet->flow->id,
		.is_inbound = packet->is_inbound,
		.sequence = note->sequence,
		.bytes = note->payload,
		.flags = note->flags,
	};

	ENGINE_ASSERT(InterlockedIncrement(&note->arrivals) == 1, "a packet arrives twice: passed and injected, or so");
	if (packet->is_copy)
		InterlockedDecrement(&engine.dropped_packets); /* its original was */
	check_payload(packet, index);
	count_delivery(packet->flow, packet->is_inbound, note);
	if (engine.arrival)
		engine.arrival(&arrival, engine.arrival_context);
}

void sim_packet_arrived(struct sim_packet *packet)
{
	for (ULONG index = 0; index < packet->count; index++)
		arrived(packet, index);
}
