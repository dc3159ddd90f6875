/* SPDX-License-Identifier: MIT */
/*
 * Bulk transfers over TCP between this machine, whose packets pass through the driver, and another one 10 ms away: slow
 * start, congestion avoidance, selective acknowledgements, timeouts. Runs on the simulated clock.
 */
#ifndef NETFLOW_TEST_UNIT_TCP_MODEL_H
#define NETFLOW_TEST_UNIT_TCP_MODEL_H

#include "rig.h"

#define MOST_MODEL_FLOWS 8

struct tcp_model;

struct tcp_model_flow {
	struct tcp_model *model;
	UINT64 id;
	/* The sender. Sequences count segments. */
	ULONG next, unacknowledged, ever_sent, recover, resend;
	ULONG duplicates;
	double window, threshold; /* segments */
	BOOLEAN in_recovery;
	ULONGLONG timeout;
	/* The receiver. */
	UINT8 *received; /* for each segment */
	ULONG expected, highest;
	ULONG latest;       /* that has come, of those sent once */
	ULONG resent_below; /* those from here on were sent once */
	ULONG64 delivered;
};

struct event {
	ULONGLONG time;
	struct tcp_model_flow *flow;
	BOOLEAN is_acknowledgement;
	ULONG sequence;
};

struct tcp_model {
	BOOLEAN is_download, is_finishing;
	int count;
	struct tcp_model_flow flow[MOST_MODEL_FLOWS];
	struct event *events; /* in order of time, as every way takes as long; a ring */
	ULONG first_event, last_event;
	ULONG64 delivered; /* payload that has come, each byte once */
	ULONG64 sent;
	ULONG overtaken; /* segments that came later than one that was sent after them */
};

void tcp_model_start(struct tcp_model *model, ULONG process_id, int flows, BOOLEAN is_download);
void tcp_model_start_as(struct tcp_model *model, ULONG process_id, const WCHAR *path, int flows, BOOLEAN is_download);

/* Moves the clock, millisecond by millisecond; with 0 does what is due now. */
void tcp_model_run(struct tcp_model *model, ULONGLONG ticks);

/* Sends nothing new, waits until all has come, and closes. */
void tcp_model_finish(struct tcp_model *model);

#endif
