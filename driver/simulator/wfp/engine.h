/* SPDX-License-Identifier: MIT */
/*
 * A simulation of the Windows Filtering Platform, for there is no Windows here: it exports what fwpkclnt.sys and
 * ndis.sys do (wfp/fwp.h), and refuses what they refuse. It runs under Wine as a driver (device.c) and in a test
 * program on any machine. This is what tests drive it with; the truth of what was sent and received is what they asked
 * it to send.
 *
 * Its order of layers: data that is sent passes STREAM or DATAGRAM_DATA before OUTBOUND_TRANSPORT, data that is
 * received INBOUND_TRANSPORT before them, as Microsoft's documentation of the layers has it.
 *
 * Where Windows may do one thing or the other, the simulation does either, by its seed: it calls a driver at
 * PASSIVE_LEVEL or at DISPATCH_LEVEL, deletes contexts in any order, has a packet that was put back pass DATAGRAM_DATA
 * once more or not, gives as many fields as one version of Windows or another. A field that it doesn't give is garbage.
 *
 * A driver that breaks a rule ends the program with a sentence, where Windows would only corrupt something.
 */
#ifndef NETFLOW_SIMULATOR_WFP_ENGINE_H
#define NETFLOW_SIMULATOR_WFP_ENGINE_H

#include "../../windows/wfp/fwp.h"

struct engine_flow_options {
	UINT8 transport; /* 6 or 17 */
	BOOLEAN is_ipv6;
	BOOLEAN is_inbound; /* accepted, not connected */
	ULONG process_id;   /* 0: the engine does not say */
	const WCHAR *path;  /* NULL: the engine does not say */
	UINT8 local_address[16], remote_address[16];
	USHORT local_port, remote_port;
	BOOLEAN is_loopback; /* within this machine */
	BOOLEAN is_secured;  /* by IPsec, in transport mode: what is received still has that in its IP header */
	BOOLEAN is_raw;      /* a socket that makes its own headers: what is sent names no endpoint */
	BOOLEAN is_old;      /* there before any filter: nothing is authorized or established now */
};

/* A packet that has come to its end: on the wire, or in its socket. */
struct engine_arrival {
	UINT64 flow;
	BOOLEAN is_inbound;
	ULONG sequence; /* of TCP, or the number of the datagram */
	ULONG bytes;    /* of payload */
	UINT8 flags;    /* of TCP */
};
typedef void engine_arrival_routine(const struct engine_arrival *arrival, void *context);

/* IRQL == PASSIVE_LEVEL. */
void engine_start(ULONG seed);

/* Ends what runs; fails the test where anything of a driver is left. */
void engine_stop(void);

/* Starts or stops the base filtering engine's service, and notifies subscribers. At first it does not run. */
void engine_set_service(FWPM_SERVICE_STATE state);

/* Where packets go, instead of nowhere. */
void engine_on_arrival(engine_arrival_routine *routine, void *context);

/* The rest may be called from any thread. */

/* Returns its id; 0: a callout or filter has blocked it. */
UINT64 engine_flow_open(const struct engine_flow_options *options);

/* The engine forgets it, whoever is in the middle of using it. */
void engine_flow_close(UINT64 flow);

/*
 * The socket is closed: ENDPOINT_CLOSURE first, which a callout may delay. FALSE: it does; the flow closes by itself
 * later.
 */
BOOLEAN engine_endpoint_close(UINT64 flow);

/* One indication at the STREAM layer; `flags` are FWPS_STREAM_FLAG_*. */
void engine_stream(UINT64 flow, UINT32 flags, ULONG bytes);

/*
 * `count` datagrams (64 at most, sent) of `bytes`, all the way; numbered from the flow's last one on. What is sent is
 * one NET_BUFFER_LIST with a NET_BUFFER for each; what is received is a list for each.
 */
void engine_datagrams(UINT64 flow, BOOLEAN is_inbound, ULONG bytes, ULONG count);

/*
 * One TCP segment at the TRANSPORT layer (and, received and passed, at STREAM). FALSE: refused, and the sender is told.
 */
BOOLEAN engine_segment(UINT64 flow, BOOLEAN is_inbound, ULONG sequence, ULONG bytes, UINT8 tcp_flags);

/*
 * A socket's data, all the way: one send at STREAM and then its segments; or segments, each passing STREAM by itself.
 */
void engine_transfer(UINT64 flow, BOOLEAN is_inbound, ULONG bytes, ULONG segment_bytes);

struct engine_totals {
	UINT64 upload, download; /* what the engine has had a driver see of payload */
};
struct engine_totals engine_totals(ULONG process_id);

/* What has come to its end of a flow that is open, in one direction. */
struct engine_deliveries {
	UINT64 packets, bytes;
	UINT64 overtaken; /* those with payload that came after one which was sent later */
};
struct engine_deliveries engine_deliveries(UINT64 flow, BOOLEAN is_inbound);

/* Packets that nobody has finished with: a sender still waits for them. */
LONG engine_pending_packets(void);
/* Those whose endpoint was gone when they were injected. */
LONG engine_lost_packets(void);
/* Those that came to no end: a callout has dropped them, or their endpoint was gone. */
LONG engine_dropped_packets(void);
/* Received packets that found no buffer of the network adapter free, and were never seen. */
LONG engine_missed_packets(void);
/*
 * Its buffers that are not back. It can pause, and the machine sleep, only without any: ddi, ndis, MINIPORT_PAUSE,
 * "must wait for NDIS to return those NET_BUFFER_LIST structures".
 */
LONG engine_receive_buffers(void);
/* Contexts that flows have. */
LONG engine_contexts(void);
/* Whether the network adapter may still do by itself what a flag names: FWP_CALLOUT_FLAG_ALLOW_RSC, _USO or _URO. */
BOOLEAN engine_allows(UINT32 flag);
/* Filters that a layer has (FWPS_LAYER_*). */
ULONG engine_filters(UINT16 layer);

/* The adapter puts datagrams together that it receives, and takes those apart that are sent, where it is allowed to. */
void engine_coalesce(BOOLEAN is_offered);
/* The next `count` calls of FwpsInjectionHandleCreate0 find TCP/IP not ready. */
void engine_fail_injection_handles(ULONG count);
/* The next `count` packets are not taken for injection. */
void engine_fail_injections(ULONG count);
/* Programs read nothing of what is put back (or, FALSE, all of it), so that its injection does not complete. */
void engine_hold_reading(BOOLEAN is_held);
/* TCP may be offloaded to the network adapter, where nobody sees its data, if every callout there allows it. */
void engine_offload(BOOLEAN is_offered);
/* The next `count` transactions don't begin: another session writes for too long. */
void engine_fail_transactions(ULONG count);
/* The next `count` commits fail, and leave their transactions open. */
void engine_fail_commits(ULONG count);
/* A transaction begins only after so many units of 100 ns. */
void engine_delay_transactions(ULONGLONG ticks);
/* One in `one_in` removals of a context fails though there is one; 0: none. */
void engine_fail_removals(ULONG one_in);
/* The next `count` classifications can't be pended. */
void engine_fail_pends(ULONG count);
/* One in `one_in` callouts that could decide may not, as another has before; 0: none. */
void engine_deny_rights(ULONG one_in);
/* One in `one_in` packets has been blocked already when it comes to a callout; 0: none. */
void engine_block_first(ULONG one_in);
/* What is received has come through an IPsec tunnel: each packet once as it came, then again without the tunnel. */
void engine_tunnel(BOOLEAN is_tunnel);

#endif
