/* SPDX-License-Identifier: MIT */
/*
 * The smallest driver that has callouts everywhere, for tests of the simulated engine itself: what each callout
 * does is up to a test.
 */
#ifndef NETFLOW_TEST_UNIT_TINY_DRIVER_H
#define NETFLOW_TEST_UNIT_TINY_DRIVER_H

#include "../../simulator/wfp/engine.h"
#include "nt_test.h"
#include "test.h"

enum tiny_layer {
	TINY_ESTABLISHED,
	TINY_CONNECT,
	TINY_STREAM,
	TINY_DATAGRAM,
	TINY_IN,
	TINY_OUT,
	TINY_CLOSURE,
	TINY_LAYERS
};

struct tiny_call {
	enum tiny_layer layer;
	const FWPS_INCOMING_VALUES0 *values;
	const FWPS_INCOMING_METADATA_VALUES0 *metadata;
	void *data;
	void *classify_context;
	const FWPS_FILTER1 *filter;
	UINT64 flow_context;
	FWPS_CLASSIFY_OUT0 *out;
};
typedef void tiny_routine(const struct tiny_call *call);

struct tiny {
	tiny_routine *act[TINY_LAYERS]; /* NULL: passes */
	volatile LONG calls[TINY_LAYERS];
	volatile LONG deleted; /* contexts that were given back */
	volatile LONG added, removed;
	NTSTATUS notified; /* what it answers when a filter is added */
	UINT32 id[TINY_LAYERS];
	UINT64 filter[TINY_LAYERS];
	HANDLE session, injection;
};
extern struct tiny tiny;

extern const GUID tiny_provider, tiny_sublayer;
extern const UINT16 tiny_layer_id[TINY_LAYERS];
extern const GUID *const tiny_layer_key[TINY_LAYERS];
GUID tiny_callout(enum tiny_layer layer);

/* The engine, with its service running. */
void tiny_start_platform(void);
/* The engine and the driver: callouts with CONDITIONAL_ON_FLOW where `conditional` has its bit, a filter for each. */
void tiny_start(ULONG conditional);
void tiny_stop(void);
/* Parts of that. */
NTSTATUS tiny_register(enum tiny_layer layer, UINT32 flags, BOOLEAN keeps_contexts);
void tiny_open_session(void);
NTSTATUS tiny_add_owner(void);
NTSTATUS tiny_add_callout(enum tiny_layer layer);
FWPM_FILTER0 tiny_filter(enum tiny_layer layer);
FWP_ACTION_TYPE tiny_action(enum tiny_layer layer);

/* A flow of process 100 over TCP (6) or UDP (17), IPv4, connected. */
struct engine_flow_options tiny_flow(UINT8 transport);
/* Starts all of it, with one callout that acts, and opens such a flow. */
UINT64 tiny_start_flow(UINT8 transport, enum tiny_layer layer, tiny_routine *act);

/* What a callout may do: takes the packet away from the stack. */
void tiny_absorb(const struct tiny_call *call);

/* What must end a process with a sentence; several that may be said are divided by '|'. */
struct tiny_mistake {
	void (*make)(void);
	const char *sentence;
};
void tiny_check_mistakes(const struct tiny_mistake *mistakes, size_t count);

#endif
