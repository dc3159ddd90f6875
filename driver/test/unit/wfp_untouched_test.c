/* SPDX-License-Identifier: MIT */
/* Traffic of a limited process that can't be put back into the stack: it is counted, and never taken away. */
#include "limits_rig.h"

static UINT64 open_flow(UINT8 transport, BOOLEAN is_ipv6, BOOLEAN is_loopback, BOOLEAN is_secured)
{
	struct engine_flow_options options = rig_flow(100);

	options.transport = transport;
	options.is_ipv6 = is_ipv6;
	options.is_loopback = is_loopback;
	options.is_secured = is_secured;
	return engine_flow_open(&options);
}

/* All at once, as there is no limit for it, and nothing lost. */
static void passes_untouched(UINT64 flow, BOOLEAN is_inbound)
{
	for (int index = 0; index < 10; index++)
		engine_transfer(flow, is_inbound, 1000, 500);
	CHECK_EQUAL(20, engine_deliveries(flow, is_inbound).packets);
	nt_clock_advance(20 * SECOND);
	CHECK_EQUAL(0, engine_lost_packets());
	rig_check_totals(100);
}

static void passes_loopback(void)
{
	for (int is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
		UINT64 flow;

		limits_start();
		limits_set(100, 2000, 2000);
		flow = open_flow(6, (BOOLEAN)is_ipv6, TRUE, FALSE);
		passes_untouched(flow, TRUE);
		passes_untouched(flow, FALSE);
		limits_stop();
	}
}

static void passes_secured_downloads(void)
{
	limits_start();
	limits_set(100, 2000, 2000);
	passes_untouched(open_flow(6, FALSE, FALSE, TRUE), TRUE);
	limits_stop();
}

/* Not all at once: under its limit. */
static void is_limited(UINT64 flow, BOOLEAN is_inbound)
{
	engine_transfer(flow, is_inbound, 10000, 1000);
	CHECK(engine_deliveries(flow, is_inbound).packets < 5);
	nt_clock_advance(20 * SECOND);
	CHECK_EQUAL(10, engine_deliveries(flow, is_inbound).packets);
}

static void holds_secured_uploads(void)
{
	limits_start();
	limits_set(100, 2000, 2000);
	is_limited(open_flow(6, FALSE, FALSE, TRUE), FALSE);
	limits_stop();
}

/* The engine fails where a packet is taken out of its tunnel. */
static void holds_what_has_left_its_tunnel(void)
{
	limits_start();
	limits_set(100, 2000, 2000);
	engine_tunnel(TRUE);
	is_limited(open_flow(6, FALSE, FALSE, FALSE), TRUE);
	limits_stop();
}

static void passes_raw_sockets(void)
{
	struct engine_flow_options options = rig_flow(100);
	UINT64 flow;

	limits_start();
	limits_set(100, 2000, 0);
	options.transport = 17;
	options.is_raw = TRUE;
	flow = engine_flow_open(&options);
	for (int index = 0; index < 10; index++)
		engine_datagrams(flow, FALSE, 1000, 1);
	CHECK_EQUAL(10, engine_deliveries(flow, FALSE).packets);
	rig_check_totals(100);
	limits_stop();
}

/* Only what passed is counted, which is what the engine itself has had pass. */
static void leaves_what_is_decided_alone(void (*decide)(ULONG one_in), ULONG64 most)
{
	UINT64 flow;

	limits_start();
	limits_set(100, 20000, 20000);
	flow = open_flow(17, FALSE, FALSE, FALSE);
	decide(3);
	for (int index = 0; index < 60; index++)
		engine_datagrams(flow, (BOOLEAN)(index % 2), 500, 1);
	decide(0);
	nt_clock_advance(20 * SECOND);
	CHECK(engine_totals(100).upload <= most);
	rig_check_totals(100);
	limits_stop();
}

static void leaves_decisions_alone(void)
{
	leaves_what_is_decided_alone(engine_block_first, 29 * 500);
	leaves_what_is_decided_alone(engine_deny_rights, 30 * 500);
}

static const struct test tests[] = {
	{"what stays within the machine is counted and not limited", passes_loopback},
	{"what IPsec has protected is counted and not limited when it is received", passes_secured_downloads},
	{"what IPsec will protect is limited when it is sent", holds_secured_uploads},
	{"what IPsec has in a tunnel is limited once it is out of that", holds_what_has_left_its_tunnel},
	{"what a raw socket sends with its own header is counted and not limited", passes_raw_sockets},
	{"what another filter has blocked or permitted for good is not held", leaves_decisions_alone},
};

TEST_MAIN(tests)
