/* SPDX-License-Identifier: MIT */
/* What the parts of the engine know of one another. One lock guards the lists; callouts are called without it. */
#ifndef NETFLOW_TEST_FWPKCLNT_INTERNAL_H
#define NETFLOW_TEST_FWPKCLNT_INTERNAL_H

#include "engine.h"

#define TAG_ENGINE 'nEFN'
#define MOST_CALLOUTS 64
#define MOST_CONTEXTS 8
#define FLOW_BUCKETS 4096

struct sim_callout {
	UINT32 id; /* 0: free */
	FWPS_CALLOUT1 callout;
	LONG active; /* calls that have not returned */
	LONG contexts;
};

struct sim_context {
	UINT16 layer;
	UINT32 callout_id; /* 0: free */
	UINT64 value;
	LONG active;
	BOOLEAN is_leaving; /* deleted when the last call returns */
};

struct sim_flow {
	LIST_ENTRY entry;
	UINT64 id;
	LONG references;
	BOOLEAN is_closed;
	BOOLEAN must_reauthorize;
	struct engine_flow_options options;
	FWP_BYTE_BLOB path;
	UINT64 endpoint;
	volatile LONG64 sent_datagrams, received_datagrams;
	volatile LONG packets; /* that refer to it */
	struct sim_context context[MOST_CONTEXTS];
};

struct sim_packet {
	NET_BUFFER_LIST list; /* first: what a driver sees */
	ULONG magic;
	struct sim_packet *parent;
	LONG references; /* its own until it is finished, and one for each clone */
	struct sim_flow *flow;
	BOOLEAN is_inbound;
	HANDLE injected_by;
	ULONG header_bytes; /* IP and transport */
	ULONG ip_header_bytes;
	ULONG count;
	NET_BUFFER buffer[];
};

#define PACKET_MAGIC 0x504b4554u
#define IP_HEADER_BYTES(flow) ((flow)->options.is_ipv6 ? 40u : 20u)
#define TRANSPORT_HEADER_BYTES(flow) ((flow)->options.transport == 6 ? 20u : 8u)

struct sim_engine {
	KSPIN_LOCK lock;
	LIST_ENTRY flows[FLOW_BUCKETS];
	UINT64 next_flow;
	struct sim_callout callout[MOST_CALLOUTS];
	UINT32 next_callout;
	volatile LONG contexts;
	volatile LONG64 calls;
	volatile LONG pending_packets, lost_packets;
	volatile LONG random;
	engine_arrival_routine *arrival;
	void *arrival_context;
};

extern struct sim_engine engine;

/* Ends the test with a sentence: a driver has broken a rule of the platform. */
void engine_fail(const char *sentence);
#define ENGINE_ASSERT(condition, sentence) ((condition) ? (void)0 : engine_fail(sentence))

void *engine_allocate(SIZE_T bytes);
void engine_free(void *memory);
ULONG engine_random(ULONG below);

/* callouts.c */
void sim_context_done(struct sim_flow *flow, struct sim_context *context);
void sim_contexts_delete(struct sim_flow *flow);
struct sim_callout *sim_callout_find(UINT32 id);                                              /* the lock is held */
struct sim_callout *sim_callout_find_key(const GUID *key);                                    /* the lock is held */
struct sim_context *sim_context_find(struct sim_flow *flow, UINT16 layer, UINT32 callout_id); /* the lock is held */

/* flows.c. Referenced; NULL: gone. */
struct sim_flow *sim_flow_find(UINT64 id);
void sim_flow_reference(struct sim_flow *flow);
void sim_flow_release(struct sim_flow *flow);
void sim_flows_close_all(void);
void sim_flows_reauthorize(void);

/* objects.c: the filters of a layer. */
struct sim_filter {
	LIST_ENTRY entry;
	UINT64 id;
	UINT16 layer;
	UINT32 callout_id;
	FWP_ACTION_TYPE action;
	UINT32 flags;
	GUID condition;
	FWP_MATCH_TYPE match;
	FWP_VALUE0 value;
	BOOLEAN has_condition;
	BOOLEAN is_committed, is_deleted;
	HANDLE session;
};
void sim_objects_start(void);
void sim_objects_stop(void);
/* Copies the filters of a layer that apply to these values. The lock is held. */
ULONG sim_filters_for(UINT16 layer, UINT32 condition_flags, UINT8 protocol, struct sim_filter *filters, ULONG room);
void sim_objects_set_service(FWPM_SERVICE_STATE state);

/* classify.c: what a layer's callouts say. */
struct sim_indication {
	UINT16 layer;
	struct sim_flow *flow;
	FWPS_INCOMING_VALUES0 *values;
	FWPS_INCOMING_METADATA_VALUES0 *metadata;
	void *data;
	void *classify_context;
	UINT32 condition_flags;
};
enum sim_verdict { SIM_PASS, SIM_BLOCKED, SIM_ABSORBED };
enum sim_verdict sim_classify(struct sim_indication *indication);

/* values.c: what each layer says about a flow. */
#define MOST_VALUES 20
struct sim_values {
	FWPS_INCOMING_VALUES0 values;
	FWPS_INCOMING_METADATA_VALUES0 metadata;
	FWPS_INCOMING_VALUE0 value[MOST_VALUES];
	FWP_BYTE_ARRAY16 local, remote;
};
void sim_ale_values(struct sim_values *values, struct sim_flow *flow, UINT16 layer, UINT32 flags);
void sim_packet_values(struct sim_values *values, struct sim_flow *flow, UINT16 layer, struct sim_packet *packet);

/* packets.c. A packet takes over one reference to its flow. */
struct sim_packet *sim_packet_create(struct sim_flow *flow, BOOLEAN is_inbound, ULONG bytes, ULONG count,
				     ULONG sequence, UINT8 flags);
void sim_packet_release(struct sim_packet *packet);
struct sim_packet *sim_packet_of(const NET_BUFFER_LIST *list);
void sim_packet_arrived(struct sim_packet *packet, ULONG index);
ULONG sim_packet_payload(const struct sim_packet *packet);

/* traffic.c */
void sim_traffic_start(void);
/* The rest of a packet's way, from the TRANSPORT layer on. */
BOOLEAN sim_continue_outbound(struct sim_packet *packet);
BOOLEAN sim_continue_inbound(struct sim_packet *packet);

/* inject.c */
void sim_injection_start(void);
void sim_injection_stop(void);

#endif
