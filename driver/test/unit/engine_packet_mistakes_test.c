/* SPDX-License-Identifier: MIT */
/* A driver that breaks a rule about packets ends with the sentence of that rule, and of no other. */
#include <unistd.h>

#include "tiny_driver.h"

static NET_BUFFER_LIST *held;
static FWPS_TRANSPORT_SEND_PARAMS1 parameters;
static UCHAR address[] = {198, 51, 100, 7};
static UINT64 endpoint;
static LONG is_second;

static void NTAPI complete(void *context, NET_BUFFER_LIST *list, BOOLEAN dispatch_level)
{
	(void)context, (void)dispatch_level;
	FwpsFreeCloneNetBufferList0(list, 0);
}

static NTSTATUS send_held(void)
{
	parameters.remoteAddress = address;
	return FwpsInjectTransportSendAsync1(tiny.injection, NULL, endpoint, 0, &parameters, 2, 1, held, complete,
					     NULL);
}

static NTSTATUS receive_held(void)
{
	return FwpsInjectTransportReceiveAsync0(tiny.injection, NULL, NULL, 0, 2, 1, 3, 0, held, complete, NULL);
}

static void clone(const struct tiny_call *call)
{
	endpoint = call->metadata->transportEndpointHandle;
	FwpsAllocateCloneNetBufferList0(call->data, NULL, NULL, 0, &held);
}

static void take(const struct tiny_call *call)
{
	if (FwpsQueryPacketInjectionState0(tiny.injection, call->data, NULL) != FWPS_PACKET_NOT_INJECTED)
		return;
	clone(call);
	tiny_absorb(call);
}

static void segment(BOOLEAN is_inbound, tiny_routine *act)
{
	engine_segment(tiny_start_flow(6, is_inbound ? TINY_IN : TINY_OUT, act), is_inbound, 1, 1000, 0x10);
}

/* Long enough for the engine's thread. */
static void wait_long(void)
{
	usleep(200000);
}

/* ---- packets ---- */

static void retreat(const struct tiny_call *call)
{
	NdisRetreatNetBufferDataStart(((NET_BUFFER_LIST *)call->data)->FirstNetBuffer, 20, 0, NULL);
}

static void leaves_retreated(void)
{
	segment(TRUE, retreat);
}

static void retreat_too_far(const struct tiny_call *call)
{
	NdisRetreatNetBufferDataStart(((NET_BUFFER_LIST *)call->data)->FirstNetBuffer, 100, 0, NULL);
}

static void retreats_too_far(void)
{
	segment(TRUE, retreat_too_far);
}

static void scribble(const struct tiny_call *call)
{
	*(UCHAR *)((NET_BUFFER_LIST *)call->data)->FirstNetBuffer->MdlChain->MappedSystemVa ^= 1;
}

static void writes_into_a_packet(void)
{
	segment(TRUE, scribble);
}

static void forgets_clone(void)
{
	segment(FALSE, take);
	FwpmEngineClose0(tiny.session);
	for (int layer = 0; layer < TINY_LAYERS; layer++)
		FwpsCalloutUnregisterById0(tiny.id[layer]);
	engine_stop();
}

static void frees_clone_twice(void)
{
	segment(FALSE, take);
	FwpsFreeCloneNetBufferList0(held, 0);
	FwpsFreeCloneNetBufferList0(held, 0);
}

static void inject_inside(const struct tiny_call *call)
{
	clone(call);
	send_held();
}

static void injects_inside(void)
{
	segment(FALSE, inject_inside);
}

static void injects_without_ip_header(void)
{
	segment(TRUE, take);
	receive_held();
}

static void injects_with_another_offset(void)
{
	segment(FALSE, take);
	NdisRetreatNetBufferDataStart(held->FirstNetBuffer, 20, 0, NULL);
	send_held();
}

static void injects_twice(void)
{
	segment(FALSE, take);
	send_held();
	send_held();
}

static void injects_to_another(void)
{
	segment(FALSE, take);
	address[3]++;
	send_held();
}

static void loses_control_data(void)
{
	UINT64 flow = tiny_start_flow(17, TINY_OUT, take);

	for (int round = 0; round < 100; round++) {
		engine_datagrams(flow, FALSE, 10, 1);
		send_held();
	}
}

static void only_clone(const struct tiny_call *call)
{
	if (FwpsQueryPacketInjectionState0(tiny.injection, call->data, NULL) == FWPS_PACKET_NOT_INJECTED)
		clone(call);
}

static void passes_and_injects(void)
{
	segment(FALSE, only_clone);
	send_held();
	wait_long();
}

static void take_again(const struct tiny_call *call)
{
	NET_BUFFER_LIST *another;

	if (is_second++)
		FwpsAllocateCloneNetBufferList0(call->data, NULL, NULL, 0, &another);
	else
		take(call);
}

static void takes_injected_again(void)
{
	segment(FALSE, take_again);
	send_held();
	wait_long();
}

static void takes_out_of_tunnel(void)
{
	UINT64 flow = tiny_start_flow(6, TINY_IN, take);

	engine_tunnel(TRUE);
	engine_segment(flow, TRUE, 1, 1000, 0x10);
}

static void takes_before_authorization(void)
{
	UINT64 flow = tiny_start_flow(6, TINY_IN, take);
	FWPM_FILTER0 filter = tiny_filter(TINY_CONNECT);

	FwpmFilterAdd0(tiny.session, &filter, NULL, NULL);
	engine_segment(flow, TRUE, 1, 1000, 0x10);
}

static const struct tiny_mistake mistakes[] = {
	{leaves_retreated, "leaves a packet with other bounds"},
	{retreats_too_far, "a retreat to before the packet's memory"},
	{writes_into_a_packet, "writes into a packet that is not its own"},
	{forgets_clone, "packets are left"},
	{frees_clone_twice, "AddressSanitizer|a packet that is freed|ThreadSanitizer"},
	{injects_inside, "injected while TCP holds its locks"},
	{injects_without_ip_header, "does not begin with its IP header"},
	{injects_with_another_offset, "does not begin with its transport header"},
	{injects_twice, "a packet is injected twice|AddressSanitizer|freed|ThreadSanitizer"},
	{injects_to_another, "sent to another address"},
	{loses_control_data, "lost its ancillary data"},
	{passes_and_injects, "arrives twice"},
	{takes_injected_again, "injected is taken away once more"},
	{takes_out_of_tunnel, "taken away out of its tunnel"},
	{takes_before_authorization, "taken away before it is authorized"},
};

static void names_each_mistake(void)
{
	tiny_check_mistakes(mistakes, COUNT(mistakes));
}

static const struct test tests[] = {
	{"each mistake with packets ends a driver with the sentence of its rule", names_each_mistake},
};

TEST_MAIN(tests)
