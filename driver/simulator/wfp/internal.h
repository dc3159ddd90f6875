/* SPDX-License-Identifier: MIT */
/* What the parts of the engine know of one another. One lock guards the lists; callouts are called without it. */
#ifndef NETFLOW_SIMULATOR_WFP_INTERNAL_H
#define NETFLOW_SIMULATOR_WFP_INTERNAL_H

#include "engine.h"
#include "status.h"

#define TAG_ENGINE 'nEFN'
#define MOST_CALLOUTS 64
#define MOST_CONTEXTS 8
#define MOST_CONDITIONS 4
#define FLOW_BUCKETS 4096

/* A callout has one id, whether a driver registers it first or the filtering engine hears of it first. */
struct sim_callout {
	UINT32 id; /* 0: free */
	GUID key;
	BOOLEAN is_registered;
	LONG objects; /* of the filtering engine */
	FWPS_CALLOUT2 callout;
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

/* Packets of a flow in one direction. */
struct sim_way {
	volatile LONG64 numbered; /* datagrams or segments */
	volatile LONG64 made;     /* packets, each with its place in their order */
	LONG64 last;              /* of those with payload that have come to their end */
	struct engine_deliveries deliveries;
};

struct sim_flow {
	LIST_ENTRY entry;
	UINT64 id;
	LONG references;
	LONG is_closed; /* written with engine.lock, read without it as well */
	BOOLEAN must_reauthorize;
	struct engine_flow_options options;
	FWP_BYTE_BLOB path;
	UINT64 endpoint;
	struct sim_way way[2]; /* by is_inbound */
	struct sim_context context[MOST_CONTEXTS];
};

/* What the engine knows of each NET_BUFFER, where no driver looks. */
struct sim_note {
	ULONG sequence;
	ULONG payload;
	LONG64 place;
	UINT8 flags; /* of TCP */
	volatile LONG arrivals;
};

struct sim_packet {
	NET_BUFFER_LIST list; /* first: what a driver sees */
	ULONG magic;
	struct sim_packet *parent;
	volatile LONG references; /* its own until it is finished, and one for each clone */
	struct sim_flow *flow;    /* of a copy: NULL until it is injected */
	BOOLEAN is_inbound;
	BOOLEAN is_copy;    /* a driver's own, with its memory */
	BOOLEAN has_buffer; /* of the network adapter */
	PVOID checksums;    /* of a copy: what the adapter has said of the original's */
	BOOLEAN is_stream;  /* comes to no end of its own */
	BOOLEAN is_tunneled;
	HANDLE injected_by, injection_context;
	ULONG header_bytes; /* IP and transport */
	ULONG ip_header_bytes;
	ULONG control_bytes; /* of ancillary data */
	ULONG count;
	struct sim_note *note; /* one for each buffer; of the parent where there is one */
	NET_BUFFER buffer[];
};

#define PACKET_MAGIC 0x504b4554u
#define COMPARTMENT 1
#define INTERFACE_INDEX 3
#define SUB_INTERFACE_INDEX 0
#define IP_HEADER_BYTES(flow) ((flow)->options.is_ipv6 ? 40u : 20u)
#define TRANSPORT_HEADER_BYTES(flow) ((flow)->options.transport == 6 ? 20u : 8u)

struct sim_engine {
	KSPIN_LOCK lock;
	LIST_ENTRY flows[FLOW_BUCKETS];
	UINT64 next_flow;
	struct sim_callout callout[MOST_CALLOUTS];
	UINT32 next_callout;
	volatile LONG contexts;
	volatile LONG pending_packets, lost_packets, dropped_packets, closings;
	volatile LONG receive_buffers, missed_packets, offload, coalesces;
	volatile LONG random;
	ULONG build;       /* of Windows */
	BOOLEAN is_strict; /* where Microsoft's pages differ, the one that allows less is right */
	volatile LONG deny_rights, block_first, is_tunnel;
	volatile LONG fail_transactions, fail_commits, fail_removals;
	volatile LONG64 transaction_delay;
	LIST_ENTRY sessions;
	FWPM_SERVICE_STATE service;
	struct sim_session *writer; /* whose transaction is under way */
	engine_arrival_routine *arrival;
	void *arrival_context;
};

extern struct sim_engine engine;

/* Ends the test with a sentence: a driver has broken a rule of the engine. */
void engine_fail(const char *sentence);
#define ENGINE_ASSERT(condition, sentence) ((condition) ? (void)0 : engine_fail(sentence))

/* Wine knows no IRQL. */
#ifdef NETFLOW_SIMULATED
void nt_assert_irql(KIRQL most, const char *function);
#define ENGINE_IRQL(most) nt_assert_irql(most, __func__)
#else
#define ENGINE_IRQL(most) ((void)0)
#endif

void *engine_allocate(SIZE_T bytes);
void engine_free(void *memory);
ULONG engine_random(ULONG below);

/* Around a call into a driver: at one IRQL or the other, and it must return at the same. */
KIRQL sim_enter_driver(void);
void sim_leave_driver(KIRQL before);
/* The same around its classify functions; inside of those for TCP nothing may be injected. */
KIRQL sim_enter_classify(const struct sim_flow *flow);
void sim_leave_classify(KIRQL before);
BOOLEAN sim_is_classifying_tcp(void);

static inline BOOLEAN sim_same_key(const GUID *one, const GUID *other)
{
	return !memcmp(one, other, sizeof(*one));
}

static inline BOOLEAN sim_is_stream_layer(UINT16 layer)
{
	return layer == FWPS_LAYER_STREAM_V4 || layer == FWPS_LAYER_STREAM_V6;
}

/* TRUE for as many calls as a test has set `count` to. */
BOOLEAN sim_must_fail(volatile LONG *count);

/* callouts.c. The lock is held; NULL: none is registered. */
struct sim_callout *sim_callout_find(UINT32 id);
struct sim_callout *sim_callout_find_key(const GUID *key);
/* The lock is held. Of the callout with this key, registered or not; NULL: too many. Given back by the second. */
struct sim_callout *sim_callout_reserve(const GUID *key);
void sim_callout_unreserve(const GUID *key);

/* contexts.c */
void sim_context_done(struct sim_flow *flow, struct sim_context *context);
void sim_contexts_delete(struct sim_flow *flow);
struct sim_context *sim_context_find(struct sim_flow *flow, UINT16 layer, UINT32 callout_id); /* the lock is held */

/* flows.c. Referenced; NULL: gone. */
struct sim_flow *sim_flow_find(UINT64 id);
/* Two references: its place in the table, and the caller's. */
struct sim_flow *sim_flow_make(const struct engine_flow_options *options);
void sim_flow_reference(struct sim_flow *flow);
void sim_flow_release(struct sim_flow *flow);
void sim_flows_reauthorize(void); /* the lock is held */
BOOLEAN sim_flow_must_reauthorize(struct sim_flow *flow);

/* connections.c */
void sim_flows_close_all(void);
/* As a connection that was there when a filter was added, and now has data. FALSE: blocked. */
BOOLEAN sim_flow_reauthorize(struct sim_flow *flow);

#define SESSION_MAGIC 0x53455353u
struct sim_session {
	LIST_ENTRY entry;
	ULONG magic;
	BOOLEAN is_dead; /* the service has stopped since */
	BOOLEAN in_transaction;
};

/* session.c */
struct sim_session *sim_session_of(HANDLE handle);
/* Whether the session may change something now. The lock is held. */
NTSTATUS sim_session_check(const struct sim_session *session);

/* sessions.c */
void sim_sessions_start(void);
void sim_sessions_stop(void);
void sim_sessions_set_service(FWPM_SERVICE_STATE state);

/* objects.c: providers, sublayers, callouts. The lock is held. */
enum sim_object_kind { SIM_PROVIDER, SIM_SUBLAYER, SIM_CALLOUT };
void sim_objects_start(void);
BOOLEAN sim_objects_any(void);
void sim_objects_remove(const struct sim_session *session, BOOLEAN only_uncommitted); /* NULL: every session's */
void sim_objects_commit(const struct sim_session *session);
BOOLEAN sim_object_exists(enum sim_object_kind kind, const GUID *key);
/* Of a callout that is there, 0: none; and of a key. */
UINT16 sim_callout_layer(const GUID *callout);
UINT16 sim_layer_id(const GUID *key);

/* filters.c */
struct sim_filter {
	LIST_ENTRY entry;
	GUID key;
	UINT64 id;
	UINT16 layer;
	UINT32 callout_id;
	GUID callout_key;
	FWP_ACTION_TYPE action;
	UINT32 flags;
	UINT64 context; /* the callout's own */
	ULONG conditions;
	FWPM_FILTER_CONDITION0 condition[MOST_CONDITIONS];
	BOOLEAN is_committed, is_deleted, is_noticed; /* its callout has been notified */
	const struct sim_session *session;
};
FWPS_FILTER2 sim_filter_as_seen(const struct sim_filter *filter); /* by its callout */
/* What a condition can look at. */
struct sim_facts {
	UINT32 flags;
	UINT32 direction;
	UINT8 protocol;
};
void sim_filters_start(void);
BOOLEAN sim_filters_any(void);
/* Copies the filters of a layer that apply. The lock is held. */
ULONG sim_filters_for(UINT16 layer, const struct sim_facts *facts, struct sim_filter *filters, ULONG room);
/* IRQL == PASSIVE_LEVEL, without the lock. NULL: every session's. */
void sim_filters_remove(const struct sim_session *session, BOOLEAN only_uncommitted);
NTSTATUS sim_filters_prepare(const struct sim_session *session); /* notifies callouts; an error: one refuses */
void sim_filters_commit(const struct sim_session *session);
/* An error: the layer doesn't have a condition's field, or the field has another type. */
/* filter_checks.c; the lock is held. `is_taken`: another filter has its key. */
NTSTATUS sim_filter_check(const struct sim_session *session, const FWPM_FILTER0 *filter, BOOLEAN is_taken);
BOOLEAN sim_has_callout(FWP_ACTION_TYPE action);

NTSTATUS sim_conditions_check(const FWPM_FILTER0 *filter, UINT16 layer); /* conditions.c */
BOOLEAN sim_conditions_apply(const struct sim_filter *filter, const struct sim_facts *facts);

/* classify.c: what a layer's callouts say. */
struct sim_indication {
	UINT16 layer;
	struct sim_flow *flow;
	FWPS_INCOMING_VALUES0 *values;
	FWPS_INCOMING_METADATA_VALUES0 *metadata;
	void *data;
	void *classify_context;
	UINT32 condition_flags;
	UINT32 direction;
	volatile UINT64 *filter_id; /* NULL, or set to the filter whose callout is being called */
};
enum sim_verdict { SIM_PASS, SIM_BLOCKED, SIM_ABSORBED };
enum sim_verdict sim_classify(struct sim_indication *indication);
BOOLEAN sim_is_offloaded(UINT16 layer); /* the adapter has its data to itself */

/* values.c: what each layer says about a flow. */
#define MOST_VALUES 20
struct sim_values {
	FWPS_INCOMING_VALUES0 values;
	FWPS_INCOMING_METADATA_VALUES0 metadata;
	FWPS_INCOMING_VALUE0 value[MOST_VALUES];
	FWP_BYTE_ARRAY16 local, remote;
	UCHAR *control; /* ancillary data that are there for one call */
};
void sim_ale_values(struct sim_values *values, struct sim_flow *flow, UINT16 layer, UINT32 flags);
void sim_packet_values(struct sim_values *values, struct sim_flow *flow, UINT16 layer, struct sim_packet *packet);
void sim_values_done(struct sim_values *values);
UCHAR sim_control_byte(const struct sim_packet *packet, ULONG index);
ULONG sim_scope(const struct sim_flow *flow);
UINT16 sim_layer_for(const struct sim_flow *flow, UINT16 v4);
UINT32 sim_flags(const struct sim_flow *flow); /* FWP_CONDITION_FLAG_*, said and looked at everywhere */

/* packets.c. A packet takes over one reference to its flow. */
struct sim_packet *sim_packet_make(struct sim_flow *flow, BOOLEAN is_inbound, ULONG count);
struct sim_packet *sim_packet_create(struct sim_flow *flow, BOOLEAN is_inbound, ULONG bytes, ULONG count,
				     ULONG sequence, UINT8 flags);
void sim_packet_release(struct sim_packet *packet);
struct sim_packet *sim_packet_of(const NET_BUFFER_LIST *list);
void sim_packet_arrived(struct sim_packet *packet);
ULONG sim_packet_payload(const struct sim_packet *packet);

/* buffers.c */
void sim_buffer_set_offset(NET_BUFFER *buffer, ULONG offset);
static inline UCHAR *sim_mdl_bytes(const MDL *mdl)
{
#ifdef NETFLOW_SIMULATED
	return mdl->MappedSystemVa;
#else
	return (UCHAR *)mdl->StartVa + mdl->ByteOffset; /* Wine maps nothing */
#endif
}
void sim_buffer_copy(const NET_BUFFER *buffer, ULONG skip, UCHAR *to, ULONG bytes);

/* checksums.c */
void sim_set_checksum(UCHAR *ip, BOOLEAN is_right);
BOOLEAN sim_has_right_checksum(const struct sim_packet *packet);

/* copies.c. What a callout may take away and put back as bytes of its own; NULL: nobody could. */
struct sim_offer *sim_offer(struct sim_packet *packet, UINT16 layer);
void sim_offer_done(struct sim_offer *offer, enum sim_verdict verdict);
void sim_copies_start(void);
void sim_copies_stop(void);
void sim_copy_identify(struct sim_packet *packet); /* what it is, where it is a copy */

/* traffic.c. The rest of a packet's way; `is_reinjected`: a driver has put it back. */
BOOLEAN sim_continue_outbound(struct sim_packet *packet, BOOLEAN is_reinjected);
BOOLEAN sim_continue_inbound(struct sim_packet *packet);

/* totals.c */
void sim_totals_start(void);
void sim_total_add(const struct sim_flow *flow, BOOLEAN is_download, LONG64 bytes);

/* inject.c */
void sim_injection_start(void);
void sim_injection_stop(void);

#endif
