/* SPDX-License-Identifier: MIT */
/* Packets that a driver puts back: by a thread of the engine's, never inside of the driver's call. */
#include "internal.h"

#define HANDLE_MAGIC 0x494e4a48u
#define FAMILY_IPV4 2 /* AF_INET and AF_INET6, as Windows numbers them */
#define FAMILY_IPV6 23

struct injection_handle {
	ULONG magic;
	ADDRESS_FAMILY family;
	LONG pending; /* the lock is held for these two */
	BOOLEAN is_closing;
	KEVENT idle;
};

struct injection {
	LIST_ENTRY entry;
	struct injection_handle *handle;
	struct sim_packet *packet;
	FWPS_INJECT_COMPLETE0 complete;
	void *context;
	UINT64 endpoint;
	BOOLEAN is_back; /* in the stack; it may still be read there */
};

static LIST_ENTRY queue, unread;
static KEVENT wake;
static PVOID thread;
static volatile LONG is_stopping, fail_handles, fail_injections, nobody_reads;

/* ---- the engine's thread ---- */

static BOOLEAN is_gone(const struct injection *injection)
{
	const struct sim_packet *packet = injection->packet;

	return read_once(&packet->flow->is_closed) ||
	       (!packet->is_inbound && injection->endpoint != packet->flow->endpoint);
}

/*
 * Windows-driver-samples, network/trans/WFPSampler/sys, ClassifyFunctions_FastPacketInjectionCallouts.cpp: "certain
 * scenarios will definitely fail injection, such as injection to loopback, or IPsec encrypted packets". For the latter,
 * windows-driver-docs, network, developing-ipsec-compatible-callout-drivers, 5: the IP header has to be built anew.
 */
static BOOLEAN is_refused(const struct sim_packet *packet)
{
	return packet->is_inbound && (packet->flow->options.is_loopback || packet->flow->options.is_secured);
}

/* One of another virtual machine has no checksum of TCP or UDP, and only this says that none is needed. */
static BOOLEAN is_damaged(const struct sim_packet *packet)
{
	return packet->is_inbound &&
	       (!sim_has_right_checksum(packet) || (packet->checksums && !packet->list.NetBufferListInfo[0]));
}

static void put_back(struct injection *injection)
{
	struct sim_packet *packet = injection->packet;

	if (is_gone(injection) || is_refused(packet) || is_damaged(packet)) {
		packet->list.Status = STATUS_NOT_FOUND; /* Windows has one of several codes */
		InterlockedIncrement(&engine.lost_packets);
	} else if (packet->is_inbound) {
		NdisAdvanceNetBufferDataStart(&packet->buffer[0], packet->header_bytes, FALSE, NULL);
		sim_continue_inbound(packet);
	} else {
		sim_continue_outbound(packet, TRUE);
	}
}

static void done(struct injection_handle *handle)
{
	KLOCK_QUEUE_HANDLE lock_handle;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	if (--handle->pending == 0 && handle->is_closing)
		KeSetEvent(&handle->idle, IO_NO_INCREMENT, FALSE);
	KeReleaseInStackQueuedSpinLock(&lock_handle);
}

/* What TCP has received may stay where it is until the program reads it, and is completed only then. */
static BOOLEAN must_be_read(struct injection *injection)
{
	const struct sim_packet *packet = injection->packet;
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN must;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	must = nobody_reads && packet->is_inbound && packet->flow->options.transport == 6 &&
	       NT_SUCCESS(packet->list.Status);
	if (must)
		InsertTailList(&unread, &injection->entry);
	KeReleaseInStackQueuedSpinLock(&handle);
	return must;
}

void engine_hold_reading(BOOLEAN is_held)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	nobody_reads = is_held;
	while (!is_held && !IsListEmpty(&unread))
		InsertTailList(&queue, RemoveHeadList(&unread));
	KeReleaseInStackQueuedSpinLock(&handle);
	KeSetEvent(&wake, IO_NO_INCREMENT, FALSE);
}

static void run_one(struct injection *injection)
{
	struct injection_handle *handle = injection->handle;
	KIRQL irql;

	if (!injection->is_back) {
		put_back(injection);
		injection->is_back = TRUE;
		if (must_be_read(injection))
			return;
	}
	irql = sim_enter_driver();
	injection->complete(injection->context, &injection->packet->list, KeGetCurrentIrql() == DISPATCH_LEVEL);
	sim_leave_driver(irql);
	engine_free(injection);
	done(handle);
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
	NTSTATUS status;

	InitializeListHead(&queue);
	InitializeListHead(&unread);
	KeInitializeEvent(&wake, SynchronizationEvent, FALSE);
	is_stopping = fail_handles = fail_injections = nobody_reads = 0;
	InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
	status = PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, &attributes, NULL, NULL, run, NULL);
	ENGINE_ASSERT(NT_SUCCESS(status), "no thread for the engine");
	ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS, NULL, KernelMode, &thread, NULL);
	ZwClose(handle);
}

void sim_injection_stop(void)
{
	write_once(&is_stopping, 1);
	KeSetEvent(&wake, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(thread);
	ENGINE_ASSERT(IsListEmpty(&queue), "packets are still being injected");
}

void engine_fail_injection_handles(ULONG count)
{
	InterlockedExchange(&fail_handles, (LONG)count);
}

void engine_fail_injections(ULONG count)
{
	InterlockedExchange(&fail_injections, (LONG)count);
}

/* ---- handles ---- */

static struct injection_handle *handle_of(HANDLE handle)
{
	struct injection_handle *found = handle;

	ENGINE_ASSERT(found && found->magic == HANDLE_MAGIC, "an injection handle that is none");
	return found;
}

NTSTATUS NTAPI FwpsInjectionHandleCreate0(ADDRESS_FAMILY family, UINT32 flags, HANDLE *handle)
{
	struct injection_handle *made;

	ENGINE_IRQL(PASSIVE_LEVEL);
	ENGINE_ASSERT(flags == FWPS_INJECTION_TYPE_TRANSPORT, "an injection of another kind");
	ENGINE_ASSERT(family == FAMILY_IPV4 || family == FAMILY_IPV6, "an injection of another family");
	if (sim_must_fail(&fail_handles))
		return STATUS_FWP_TCPIP_NOT_READY;
	made = engine_allocate(sizeof(*made));
	made->magic = HANDLE_MAGIC;
	made->family = family;
	KeInitializeEvent(&made->idle, NotificationEvent, FALSE);
	*handle = made;
	return STATUS_SUCCESS;
}

/* Waits for what was injected through it. */
NTSTATUS NTAPI FwpsInjectionHandleDestroy0(HANDLE handle)
{
	struct injection_handle *destroyed = handle_of(handle);
	KLOCK_QUEUE_HANDLE lock_handle;
	BOOLEAN must_wait;

	ENGINE_IRQL(PASSIVE_LEVEL);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	destroyed->is_closing = TRUE;
	must_wait = destroyed->pending != 0;
	KeReleaseInStackQueuedSpinLock(&lock_handle);
	if (must_wait)
		KeWaitForSingleObject(&destroyed->idle, Executive, KernelMode, FALSE, NULL);
	/* The thread that has set the event may still hold the lock. */
	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	destroyed->magic = 0;
	KeReleaseInStackQueuedSpinLock(&lock_handle);
	engine_free(destroyed);
	return STATUS_SUCCESS;
}

/* ---- injection ---- */

static void check(const struct injection *injection, ADDRESS_FAMILY family)
{
	const struct sim_packet *packet = injection->packet;

	ENGINE_ASSERT(injection->complete != NULL, "an injection that nobody is told the end of");
	ENGINE_ASSERT(injection->handle->family == family && (family == FAMILY_IPV6) == packet->flow->options.is_ipv6,
		      "an injection through another handle than its family's");
	ENGINE_ASSERT(packet->parent || packet->is_copy, "what is injected is no clone, nor a copy");
	ENGINE_ASSERT(!packet->injected_by, "a packet is injected twice");
	ENGINE_ASSERT(!sim_is_classifying_tcp(), "a packet is injected while TCP holds its locks");
}

/* After an error `complete` is not called, and the clone is still the driver's. */
static NTSTATUS enqueue(struct injection *injection)
{
	struct injection_handle *through = injection->handle;
	KLOCK_QUEUE_HANDLE handle;
	NTSTATUS status = STATUS_SUCCESS;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	if (through->is_closing) {
		status = STATUS_FWP_INJECT_HANDLE_CLOSING;
	} else {
		through->pending++;
		InsertTailList(&queue, &injection->entry);
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	KeSetEvent(&wake, IO_NO_INCREMENT, FALSE);
	return status;
}

static NTSTATUS inject(const struct injection *wanted, ADDRESS_FAMILY family, HANDLE context)
{
	struct injection *injection;
	NTSTATUS status;

	check(wanted, family);
	if (sim_must_fail(&fail_injections))
		return STATUS_INSUFFICIENT_RESOURCES;
	injection = engine_allocate(sizeof(*injection));
	*injection = *wanted;
	injection->packet->injected_by = injection->handle;
	injection->packet->injection_context = context;
	status = enqueue(injection);
	if (!NT_SUCCESS(status)) {
		wanted->packet->injected_by = NULL;
		engine_free(injection);
	}
	return status;
}

/* The driver must pass on what it was given when it took the packet away. */
static void check_parameters(const struct sim_packet *packet, const FWPS_TRANSPORT_SEND_PARAMS1 *parameters)
{
	const struct sim_flow *flow = packet->flow;
	const UCHAR *control = (const UCHAR *)parameters->controlData;

	ENGINE_ASSERT(!memcmp(parameters->remoteAddress, flow->options.remote_address, flow->options.is_ipv6 ? 16 : 4),
		      "a packet is sent to another address");
	ENGINE_ASSERT(parameters->remoteScopeId.Value == sim_scope(flow), "a packet is sent to another zone");
	ENGINE_ASSERT(!parameters->headerIncludeHeader && !parameters->headerIncludeHeaderLength,
		      "a header for what is not a raw socket's");
	ENGINE_ASSERT(parameters->controlDataLength == packet->control_bytes, "a packet has lost its ancillary data");
	for (ULONG index = 0; index < packet->control_bytes; index++)
		ENGINE_ASSERT(control[index] == sim_control_byte(packet, index),
			      "a packet is sent with other ancillary data");
}

NTSTATUS NTAPI FwpsInjectTransportSendAsync1(HANDLE handle, HANDLE context, UINT64 endpoint, UINT32 flags,
					     FWPS_TRANSPORT_SEND_PARAMS1 *parameters, ADDRESS_FAMILY family,
					     COMPARTMENT_ID compartment, NET_BUFFER_LIST *packets,
					     FWPS_INJECT_COMPLETE0 complete, HANDLE complete_context)
{
	struct sim_packet *packet = sim_packet_of(packets);

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(!flags && compartment == COMPARTMENT, "an injection into another compartment");
	ENGINE_ASSERT(!packet->is_inbound, "a received packet is sent");
	for (ULONG index = 0; index < packet->count; index++)
		ENGINE_ASSERT(packet->buffer[index].DataOffset == packet->ip_header_bytes,
			      "a packet to be sent does not begin with its transport header");
	check_parameters(packet, parameters);
	return inject(&(struct injection){.handle = handle_of(handle),
					  .packet = packet,
					  .complete = complete,
					  .context = complete_context,
					  .endpoint = endpoint},
		      family, context);
}

NTSTATUS NTAPI FwpsInjectTransportReceiveAsync0(HANDLE handle, HANDLE context, PVOID reserved, UINT32 flags,
						ADDRESS_FAMILY family, COMPARTMENT_ID compartment,
						IF_INDEX interface_index, IF_INDEX sub_interface_index,
						NET_BUFFER_LIST *packets, FWPS_INJECT_COMPLETE0 complete,
						HANDLE complete_context)
{
	struct sim_packet *packet = sim_packet_of(packets);

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(!reserved && !flags && compartment == COMPARTMENT, "an injection into another compartment");
	ENGINE_ASSERT(interface_index == INTERFACE_INDEX && sub_interface_index == SUB_INTERFACE_INDEX,
		      "an injection on another interface");
	ENGINE_ASSERT(packet->is_inbound && packet->buffer[0].DataOffset == 0,
		      "a received packet does not begin with its IP header");
	sim_copy_identify(packet);
	return inject(&(struct injection){.handle = handle_of(handle),
					  .packet = packet,
					  .complete = complete,
					  .context = complete_context},
		      family, context);
}

/* ---- what a callout can ask about a packet ---- */

FWPS_PACKET_INJECTION_STATE NTAPI FwpsQueryPacketInjectionState0(HANDLE handle, const NET_BUFFER_LIST *packets,
								 HANDLE *context)
{
	struct sim_packet *packet = sim_packet_of(packets);

	ENGINE_IRQL(DISPATCH_LEVEL);
	handle_of(handle);
	if (!packet->injected_by)
		return FWPS_PACKET_NOT_INJECTED;
	if (packet->injected_by != handle)
		return FWPS_PACKET_INJECTED_BY_OTHER;
	if (context)
		*context = packet->injection_context;
	/* ddi, fwpsk, FWPS_PACKET_INJECTION_STATE: the second, where another driver has put it back since. */
	return engine_random(4) ? FWPS_PACKET_INJECTED_BY_SELF : FWPS_PACKET_PREVIOUSLY_INJECTED_BY_SELF;
}

NTSTATUS NTAPI FwpsGetPacketListSecurityInformation0(NET_BUFFER_LIST *packets, UINT32 query,
						     FWPS_PACKET_LIST_INFORMATION0 *information)
{
	struct sim_packet *packet = sim_packet_of(packets);

	ENGINE_IRQL(DISPATCH_LEVEL);
	ENGINE_ASSERT(query & FWPS_PACKET_LIST_INFORMATION_QUERY_IPSEC, "a question that the simulation does not know");
	RtlZeroMemory(information, sizeof(information->ipsecInformation));
	information->ipsecInformation.inbound.isSecure = packet->flow->options.is_secured;
	information->ipsecInformation.inbound.isTransportMode = packet->flow->options.is_secured;
	information->ipsecInformation.inbound.isTunnelMode = read_once(&engine.is_tunnel) != 0;
	information->ipsecInformation.inbound.isDeTunneled = !packet->is_tunneled;
	return STATUS_SUCCESS;
}
