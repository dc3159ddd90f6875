/* SPDX-License-Identifier: MIT */
/* The engine's start and end, and what a test may ask and set in between. */
#include "internal.h"

static ULONG build_of_windows(void)
{
	RTL_OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};

	return NT_SUCCESS(RtlGetVersion(&version)) ? version.dwBuildNumber : 0;
}

void engine_start(ULONG seed)
{
	RtlZeroMemory(&engine, sizeof(engine));
	engine.build = build_of_windows();
	engine.is_strict = seed & 1;
	KeInitializeSpinLock(&engine.lock);
	for (int bucket = 0; bucket < FLOW_BUCKETS; bucket++)
		InitializeListHead(&engine.flows[bucket]);
	engine.random = (LONG)(seed * 2654435761u | 1);
	sim_objects_start();
	sim_filters_start();
	sim_sessions_start();
	sim_totals_start();
	sim_injection_start();
	sim_copies_start();
	engine_fail_pends(0);
}

void engine_stop(void)
{
	sim_injection_stop();
	sim_copies_stop();
	sim_sessions_stop();
	for (int index = 0; index < MOST_CALLOUTS; index++)
		ENGINE_ASSERT(!engine.callout[index].id, "a callout is still registered");
	ENGINE_ASSERT(engine.contexts == 0, "contexts of flows are left");
	ENGINE_ASSERT(engine.pending_packets == 0, "packets are left");
	ENGINE_ASSERT(engine.closings == 0, "a classification was held and not released");
	sim_flows_close_all();
}

void engine_set_service(FWPM_SERVICE_STATE state)
{
	sim_sessions_set_service(state);
}

void engine_on_arrival(engine_arrival_routine *routine, void *context)
{
	engine.arrival = routine;
	engine.arrival_context = context;
}

LONG engine_pending_packets(void)
{
	return read_once(&engine.pending_packets);
}

LONG engine_lost_packets(void)
{
	return read_once(&engine.lost_packets);
}

LONG engine_dropped_packets(void)
{
	return read_once(&engine.dropped_packets);
}

LONG engine_missed_packets(void)
{
	return read_once(&engine.missed_packets);
}

LONG engine_receive_buffers(void)
{
	return read_once(&engine.receive_buffers);
}

LONG engine_contexts(void)
{
	return read_once(&engine.contexts);
}

void engine_fail_transactions(ULONG count)
{
	write_once(&engine.fail_transactions, (LONG)count);
}

void engine_fail_commits(ULONG count)
{
	write_once(&engine.fail_commits, (LONG)count);
}

void engine_delay_transactions(ULONGLONG ticks)
{
	InterlockedExchange64(&engine.transaction_delay, (LONG64)ticks);
}

void engine_fail_removals(ULONG one_in)
{
	write_once(&engine.fail_removals, (LONG)one_in);
}

void engine_deny_rights(ULONG one_in)
{
	write_once(&engine.deny_rights, (LONG)one_in);
}

void engine_block_first(ULONG one_in)
{
	write_once(&engine.block_first, (LONG)one_in);
}

void engine_offload(BOOLEAN is_offered)
{
	write_once(&engine.offload, is_offered);
}

void engine_coalesce(BOOLEAN is_offered)
{
	write_once(&engine.coalesces, is_offered);
}

void engine_tunnel(BOOLEAN is_tunnel)
{
	write_once(&engine.is_tunnel, is_tunnel);
}
