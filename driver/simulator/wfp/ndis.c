/* SPDX-License-Identifier: MIT */
/* NDIS's calls for NET_BUFFERs and their lists, and WFP's for clones. */
#include "internal.h"

NTSTATUS NTAPI NdisRetreatNetBufferDataStart(NET_BUFFER *buffer, ULONG bytes, ULONG backfill, PVOID allocate_mdl)
{
	UNREFERENCED_PARAMETER(backfill);
	UNREFERENCED_PARAMETER(allocate_mdl);
	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(bytes <= buffer->DataOffset, "a retreat to before the packet's memory");
	buffer->DataLength += bytes;
	sim_buffer_set_offset(buffer, buffer->DataOffset - bytes);
	return STATUS_SUCCESS;
}

VOID NTAPI NdisAdvanceNetBufferDataStart(NET_BUFFER *buffer, ULONG bytes, BOOLEAN free_mdl, PVOID routine)
{
	UNREFERENCED_PARAMETER(routine);
	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(!free_mdl && bytes <= buffer->DataLength, "an advance beyond the packet's end");
	buffer->DataLength -= bytes;
	sim_buffer_set_offset(buffer, buffer->DataOffset + bytes);
}

PVOID NTAPI NdisGetDataBuffer(NET_BUFFER *buffer, ULONG bytes, PVOID storage, ULONG alignment, ULONG offset)
{
	MDL *mdl = buffer->CurrentMdl;

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(alignment == 1 && offset == 0, "an alignment that the simulation does not know");
	if (bytes > buffer->DataLength)
		return NULL;
	/* Data in one piece are given in place, but now and then copied as if they were not. */
	if (mdl->ByteCount - buffer->CurrentMdlOffset >= bytes && (!storage || engine_random(4)))
		return sim_mdl_bytes(mdl) + buffer->CurrentMdlOffset;
	if (storage)
		sim_buffer_copy(buffer, 0, storage, bytes);
	return storage;
}

/* ---- clones ---- */

static void share_content(struct sim_packet *clone, struct sim_packet *parent)
{
	clone->note = parent->note;
	clone->control_bytes = parent->control_bytes;
	clone->list.NetBufferListInfo[0] = parent->list.NetBufferListInfo[0];
	for (ULONG index = 0; index < parent->count; index++) {
		NET_BUFFER *next = clone->buffer[index].Next;

		clone->buffer[index] = parent->buffer[index];
		clone->buffer[index].Next = next;
	}
}

NTSTATUS NTAPI FwpsAllocateCloneNetBufferList0(NET_BUFFER_LIST *original, NDIS_HANDLE list_pool,
					       NDIS_HANDLE buffer_pool, ULONG flags, NET_BUFFER_LIST **clone)
{
	struct sim_packet *parent = sim_packet_of(original);
	struct sim_packet *made;

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(!list_pool && !buffer_pool && flags == 0, "a clone with flags, or from a pool");
	ENGINE_ASSERT(!parent->injected_by, "a packet that was injected is taken away once more");
	sim_flow_reference(parent->flow);
	made = sim_packet_make(parent->flow, parent->is_inbound, parent->count);
	InterlockedIncrement(&parent->references);
	InterlockedIncrement(&original->ChildRefCount);
	made->parent = parent;
	made->list.ParentNetBufferList = original;
	share_content(made, parent);
	*clone = &made->list;
	return STATUS_SUCCESS;
}

void NTAPI FwpsFreeCloneNetBufferList0(NET_BUFFER_LIST *clone, ULONG flags)
{
	struct sim_packet *packet = sim_packet_of(clone);

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(flags == 0, "a clone is freed with flags");
	ENGINE_ASSERT(packet->parent && read_once(&packet->references) == 1,
		      "what is freed is no clone, or still under way");
	sim_packet_release(packet);
}
