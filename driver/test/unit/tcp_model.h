/* SPDX-License-Identifier: MIT */
/*
 * Bulk transfers over TCP between this machine, whose packets pass through the driver, and another one 10 ms away: slow
 * start, congestion avoidance, loss found by the order of what arrives, timeouts as Windows has them (from 300 ms on,
 * each twice the one before, after the sixth the connection is given up; one that was none is found out, RFC 5682).
 * Large packets stand for many segments, as TCP hands them to a network adapter that divides them. Runs on the
 * simulated clock.
 */
#ifndef NETFLOW_TEST_UNIT_TCP_MODEL_H
#define NETFLOW_TEST_UNIT_TCP_MODEL_H

#include "rig.h"

#define MOST_MODEL_FLOWS 8

struct tcp_model;

struct tcp_model_segment {
	ULONGLONG sent_at; /* last */
	ULONG order;       /* of that among everything that was sent */
	USHORT sends;
	BOOLEAN is_received;
};

struct tcp_model_flow {
	struct tcp_model *model;
	UINT64 id;
	struct tcp_model_segment *segment;
	/* The sender. Sequences count segments. */
	ULONG next, unacknowledged;
	ULONG recover; /* until so many are acknowledged, the window does not shrink again */
	ULONG order, arrived;
	double window, threshold; /* segments */
	ULONGLONG timeout;
	ULONG retries;       /* of one timeout after another */
	ULONG backoff;       /* the power of two of its timeout, until a round trip is measured */
	ULONG doubt, resent; /* 1 after a timeout, 2 after an acknowledgement; what was sent again, by its order */
	double round_trip, deviation; /* as measured, in ticks */
	/* The receiver. */
	ULONG expected;
	ULONG latest; /* of those sent once, by its order */
	ULONG newest; /* what was sent before it is lost, or here */
	ULONG64 delivered;
};

struct event {
	ULONGLONG time;
	struct tcp_model_flow *flow;
	BOOLEAN is_acknowledgement;
	ULONG sequence, count; /* of segments */
};

struct tcp_model {
	BOOLEAN is_download, is_finishing;
	ULONG large; /* most segments of a packet */
	int count;
	struct tcp_model_flow flow[MOST_MODEL_FLOWS];
	struct event *events; /* in order of time, as every way takes as long; a ring */
	ULONG first_event, last_event;
	ULONG64 delivered; /* payload that has come, each byte once */
	ULONG64 sent;
	ULONG timeouts;
	ULONG overtaken; /* segments that came later than one that was sent after them */
};

void tcp_model_start(struct tcp_model *model, ULONG process_id, int flows, BOOLEAN is_download);
void tcp_model_start_as(struct tcp_model *model, ULONG process_id, const WCHAR *path, int flows, BOOLEAN is_download);

/* Moves the clock, millisecond by millisecond; with 0 does what is due now. */
void tcp_model_run(struct tcp_model *model, ULONGLONG ticks);

/* Sends nothing new, waits until all has come, and closes. */
void tcp_model_finish(struct tcp_model *model);

#endif
