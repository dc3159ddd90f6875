/* SPDX-License-Identifier: MIT */
/*
 * Packets that a driver puts back: by a thread of the engine's, never inside of the driver's call; and sockets that wait
 * with their closing for that.
 */
#include "internal.h"

struct injection_handle {
	ULONG magic;
	ADDRESS_FAMILY family;
	volatile LONG pending;
	BOOLEAN is_closing;
};

struct injection {
	LIST_ENTRY entry;
	struct injection_handle *handle;
	struct sim_packet *packet;
	FWPS_INJECT_COMPLETE0 complete;
	void *context;
	UINT64 endpoint;
};

#define HANDLE_MAGIC 0x494e4a48u

static LIST_ENTRY queue;
static KEVENT wake;
static PVOID thread;
static volatile LONG is_stopping, fail_handles;

static void run_one(struct injection *injection)
{
	struct sim_packet *packet = injection->packet;

	packet->injected_by = injection->handle;
	if (!packet->is_inbound && (packet->flow->is_closed || injection->endpoint != packet->flow->endpoint))
		InterlockedIncrement(&engine.lost_packets);
	else if (packet->is_inbound)
		sim_continue_inbound(packet);
	else
		sim_continue_outbound(packet);
	injection->complete(injection->context, &packet->list, TRUE);
	InterlockedDecrement(&injection->handle->pending);
	engine_free(injection);
}

static struct injection *take(void)
{
	KLOCK_QUEUE_HANDLE handle;
	struct injection *injection = NULL;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	if (!IsListEmpty(&queue))
		injection = CONTAINING_RECORD(RemoveHeadList(&queue), struct injection, entry);
	KeReleaseInStackQueuedSpinLock(&handle);
	return injection;
}

static VOID NTAPI run(PVOID context)
{
	UNREFERENCED_PARAMETER(context);
	while (!read_once(&is_stopping)) {
		struct injection *injection = take();

		if (injection)
			run_one(injection);
		else
			KeWaitForSingleObject(&wake, Executive, KernelMode, FALSE, NULL);
	}
	PsTerminateSystemThread(STATUS_SUCCESS);
}

void sim_injection_start(void)
{
	OBJECT_ATTRIBUTES attributes;
	HANDLE handle;

	InitializeListHead(&queue);
	KeInitializeEvent(&wake, SynchronizationEvent, FALSE);
	is_stopping = 0;
	InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
	ENGINE_ASSERT(NT_SUCCESS(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, &attributes, NULL, NULL, run, NULL)),
		      "no thread for the engine");
	ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, NULL, KernelMode, &thread, NULL);
	ZwClose(handle);
}

void sim_injection_stop(void)
{
	ENGINE_ASSERT(IsListEmpty(&queue), "packets are still being injected");
	write_once(&is_stopping, 1);
	KeSetEvent(&wake, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(thread);
}

void engine_fail_injection_handles(ULONG count)
{
	InterlockedExchange(&fail_handles, (LONG)count);
}

NTSTATUS NTAPI FwpsInjectionHandleCreate0(ADDRESS_FAMILY family, UINT32 flags, HANDLE *handle)
{
	struct injection_handle *made;

	ENGINE_ASSERT(flags == FWPS_INJECTION_TYPE_TRANSPORT, "an injection of another kind");
	if (fail_handles > 0) {
		InterlockedDecrement(&fail_handles);
		return STATUS_FWP_TCPIP_NOT_READY;
	}
	made = engine_allocate(sizeof(*made));
	made->magic = HANDLE_MAGIC;
	made->family = family;
	*handle = made;
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI FwpsInjectionHandleDestroy0(HANDLE handle)
{
	struct injection_handle *destroyed = handle;
	LARGE_INTEGER interval = {.QuadPart = -10000};

	ENGINE_ASSERT(destroyed->magic == HANDLE_MAGIC, "an injection handle that is none");
	destroyed->is_closing = TRUE;
	while (InterlockedOr(&destroyed->pending, 0)) /* not merely read: what came before is over as well */
		KeDelayExecutionThread(KernelMode, FALSE, &interval);
	destroyed->magic = 0;
	engine_free(destroyed);
	return STATUS_SUCCESS;
}

static NTSTATUS inject(HANDLE handle, ADDRESS_FAMILY family, NET_BUFFER_LIST *packets, UINT64 endpoint,
		       FWPS_INJECT_COMPLETE0 complete, HANDLE context)
{
	struct injection_handle *through = handle;
	struct injection *injection = engine_allocate(sizeof(*injection));
	KLOCK_QUEUE_HANDLE lock_handle;

	ENGINE_ASSERT(through->magic == HANDLE_MAGIC && through->family == family && complete,
		      "an injection through another handle than its family's");
	if (through->is_closing) {
		engine_free(injection);
		return STATUS_FWP_INJECT_HANDLE_CLOSING;
	}
	*injection = (struct injection){.handle = through,
					.packet = sim_packet_of(packets),
					.complete = complete,
					.context = context,
					.endpoint = endpoint};
	ENGINE_ASSERT(injection->packet->parent != NULL, "what is injected is no clone");
	InterlockedIncrement(&through->pending);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	InsertTailList(&queue, &injection->entry);
	KeReleaseInStackQueuedSpinLock(&lock_handle);
	KeSetEvent(&wake, IO_NO_INCREMENT, FALSE);
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI FwpsInjectTransportSendAsync1(HANDLE handle, HANDLE context, UINT64 endpoint, UINT32 flags,
					     FWPS_TRANSPORT_SEND_PARAMS1 *parameters, ADDRESS_FAMILY family,
					     COMPARTMENT_ID compartment, NET_BUFFER_LIST *packets,
					     FWPS_INJECT_COMPLETE0 complete, HANDLE complete_context)
{
	struct sim_packet *packet = sim_packet_of(packets);

	ENGINE_ASSERT(!context && !flags && compartment == 1, "an injection that the simulation does not know");
	ENGINE_ASSERT(!packet->is_inbound && packet->buffer[0].DataOffset == packet->ip_header_bytes,
		      "a packet to be sent does not begin with its transport header");
	ENGINE_ASSERT(!memcmp(parameters->remoteAddress, packet->flow->options.remote_address,
			      packet->flow->options.is_ipv6 ? 16 : 4),
		      "a packet is sent to another address");
	return inject(handle, family, packets, endpoint, complete, complete_context);
}

NTSTATUS NTAPI FwpsInjectTransportReceiveAsync0(HANDLE handle, HANDLE context, PVOID reserved, UINT32 flags,
						ADDRESS_FAMILY family, COMPARTMENT_ID compartment,
						IF_INDEX interface_index, IF_INDEX sub_interface_index,
						NET_BUFFER_LIST *packets, FWPS_INJECT_COMPLETE0 complete,
						HANDLE complete_context)
{
	struct sim_packet *packet = sim_packet_of(packets);

	ENGINE_ASSERT(!context && !reserved && !flags && compartment == 1 && interface_index == 3 &&
			      sub_interface_index == 0,
		      "an injection on another interface");
	ENGINE_ASSERT(packet->is_inbound && packet->buffer[0].DataOffset == 0,
		      "a received packet does not begin with its IP header");
	NdisAdvanceNetBufferDataStart(&packet->buffer[0], packet->header_bytes, FALSE, NULL);
	return inject(handle, family, packets, 0, complete, complete_context);
}

FWPS_PACKET_INJECTION_STATE NTAPI FwpsQueryPacketInjectionState0(HANDLE handle, const NET_BUFFER_LIST *packets,
								 HANDLE *context)
{
	struct sim_packet *packet = sim_packet_of(packets);

	UNREFERENCED_PARAMETER(context);
	if (!packet->injected_by)
		return FWPS_PACKET_NOT_INJECTED;
	return packet->injected_by == handle ? FWPS_PACKET_INJECTED_BY_SELF : FWPS_PACKET_INJECTED_BY_OTHER;
}

NTSTATUS NTAPI FwpsGetPacketListSecurityInformation0(NET_BUFFER_LIST *packets, UINT32 query,
						     FWPS_PACKET_LIST_INFORMATION0 *information)
{
	sim_packet_of(packets);
	UNREFERENCED_PARAMETER(query);
	RtlZeroMemory(information, sizeof(information->ipsecInformation));
	return STATUS_SUCCESS;
}

/* ---- sockets that close ---- */

struct closing {
	ULONG magic;
	struct sim_flow *flow;
	LONG references; /* the classification's and the driver's */
	BOOLEAN is_pended;
};

#define CLOSING_MAGIC 0x434c4f53u

static void release_closing(struct closing *closing)
{
	if (InterlockedDecrement(&closing->references) == 0) {
		sim_flow_release(closing->flow);
		engine_free(closing);
	}
}

BOOLEAN engine_endpoint_close(UINT64 id)
{
	struct sim_flow *flow = sim_flow_find(id);
	UINT16 layer;
	struct sim_values values;
	struct closing *closing;
	BOOLEAN is_pended;

	if (!flow)
		return TRUE;
	closing = engine_allocate(sizeof(*closing));
	*closing = (struct closing){CLOSING_MAGIC, flow, 1, FALSE};
	layer = flow->options.is_ipv6 ? FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V6 : FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4;
	sim_ale_values(&values, flow, layer, 0);
	sim_classify(&(struct sim_indication){.layer = layer,
					      .flow = flow,
					      .values = &values.values,
					      .metadata = &values.metadata,
					      .classify_context = closing});
	is_pended = closing->is_pended;
	if (!is_pended)
		engine_flow_close(id);
	release_closing(closing);
	return !is_pended;
}

NTSTATUS NTAPI FwpsAcquireClassifyHandle0(void *classify_context, UINT32 flags, UINT64 *handle)
{
	struct closing *closing = classify_context;

	ENGINE_ASSERT(closing && closing->magic == CLOSING_MAGIC && !flags, "a classification that can't be held");
	InterlockedIncrement(&closing->references);
	*handle = (UINT64)(ULONG_PTR)closing;
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI FwpsPendClassify0(UINT64 handle, UINT64 filter_id, UINT32 flags, FWPS_CLASSIFY_OUT0 *out)
{
	struct closing *closing = (struct closing *)(ULONG_PTR)handle;

	ENGINE_ASSERT(closing->magic == CLOSING_MAGIC && filter_id && !flags, "a classification that can't be pended");
	closing->is_pended = TRUE;
	out->actionType = FWP_ACTION_BLOCK;
	out->rights &= ~FWPS_RIGHT_ACTION_WRITE;
	out->flags |= FWPS_CLASSIFY_OUT_FLAG_ABSORB;
	return STATUS_SUCCESS;
}

void NTAPI FwpsCompleteClassify0(UINT64 handle, UINT32 flags, FWPS_CLASSIFY_OUT0 *out)
{
	struct closing *closing = (struct closing *)(ULONG_PTR)handle;

	UNREFERENCED_PARAMETER(out);
	ENGINE_ASSERT(closing->magic == CLOSING_MAGIC && closing->is_pended && !flags,
		      "a classification is completed that is not pended");
	engine_flow_close(closing->flow->id);
}

void NTAPI FwpsReleaseClassifyHandle0(UINT64 handle)
{
	release_closing((struct closing *)(ULONG_PTR)handle);
}
