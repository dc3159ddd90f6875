/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * How much each connection of a limited process may have under way. More than the limit lets through would only wait in
 * the queue, ahead of everything that comes later. So the window of a connection is its share of what the limit lets
 * through in a round trip and a little more; as all have the same window, all get the same share.
 *
 * A sender's window that was larger before does not shrink while the queue stops it sooner, and the larger it is, the
 * longer are the pieces that wait there: with cubic such a connection would go on having several times what the others
 * have. So it is paced at little more than its share.
 *
 * The first flight, before an answer comes, would take seconds of a low limit, since segments on loopback have 64 KB.
 * So connections of a limited process begin with short segments and a small window. These are socket options, which
 * apply only to connections that begin after the limit is set.
 */
#ifndef NETFLOW_LINUX_PACE_H
#define NETFLOW_LINUX_PACE_H

#include "connection_counts.h"
#include "signed.h"
#include "tcp.h"

#define SOL_SOCKET 1
#define SO_MAX_PACING_RATE 47
#define SOL_TCP 6
#define TCP_MAXSEG 2

/* Bytes per second; a faster limit needs no help, nor does any with segments as long as loopback's. */
#define PACED_BELOW (256 << 20)
#define LONGEST_PACED_SEGMENT 16384
#define NOT_PACED 0x3fffffff

/*
 * The longest segments: those that Ethernet carries; and under the lowest limits those that every network carries, two
 * of which fill, but for their time stamps, the least window that many sockets can offer: 1,024 bytes.
 */
#define SHORT_SEGMENT 1460
#define SHORTEST_SEGMENT 524
#define SHORTEST_BELOW (512 << 10)
#define SHORT_BELOW (64 << 20)
/* In segments: the window that a connection begins with, and the least that it has. */
#define LEAST_WINDOW 2

/* Microseconds of the limit that may wait in the queue. */
#define QUEUE_TIME 25000

/* In eighths of its share. */
#define PACING 10

/* A connection's window in bytes. Idle connections have the same, for when they no longer are. */
static __always_inline __u32 window_of(struct process *process, enum direction direction, __u32 round_trip,
				       __u32 segment)
{
	struct connection_counts *counts = counts_of(process, direction);
	__u64 busy = counts && counts->busy ? counts->busy : 1;
	__u64 window = process->limit[direction] * (round_trip + QUEUE_TIME) / 1000000 / busy;

	if (window > NOT_PACED)
		return NOT_PACED;
	return window < LEAST_WINDOW * segment ? LEAST_WINDOW * segment : window;
}

/* The longest segment of a connection that is about to begin; 0: no shorter than without a limit. */
static __always_inline int segment_of(const struct process *process)
{
	int segment = 0;

	for (int direction = 0; direction < DIRECTIONS; direction++) {
		if (is_below(process->limit[direction], SHORTEST_BELOW))
			segment = SHORTEST_SEGMENT;
		else if (is_below(process->limit[direction], SHORT_BELOW) && !segment)
			segment = SHORT_SEGMENT;
	}
	return segment;
}

/* The window that a receiver offers; see narrow_window(). */
static __always_inline void fit_receiver(struct socket_record *record, const struct tcp_sock *tcp)
{
	struct process *process = limited_user(record, DOWNLOAD);
	__u32 segment = tcp->mss_cache;
	int is_paced = process && is_below(process->limit[DOWNLOAD], PACED_BELOW) && segment <= LONGEST_PACED_SEGMENT &&
		       !is_signed(tcp);

	record->window_shift = BPF_CORE_READ_BITFIELD(tcp, rx_opt.rcv_wscale);
	record->window = is_paced ? window_of(process, DOWNLOAD, tcp->rtt_min.s[0].v, segment) : 0;
}

/*
 * How many segments a sender may have under way; 0: leave it as it is. To set the same number again would restart its
 * slow start.
 */
static __always_inline int fit_sender(struct socket_record *record, const struct tcp_sock *tcp)
{
	struct process *process = limited_user(record, UPLOAD);
	__u32 segment = tcp->mss_cache;
	__u32 before = record->sender_window;
	int is_paced =
		process && is_below(process->limit[UPLOAD], PACED_BELOW) && segment <= LONGEST_PACED_SEGMENT && segment;

	record->sender_window = is_paced ? window_of(process, UPLOAD, tcp->rtt_min.s[0].v, segment) / segment : 0;
	if (record->sender_window == before)
		return 0;
	return is_paced ? record->sender_window : NOT_PACED;
}

/* The SO_MAX_PACING_RATE to set, -1: none; 0: leave it as it is, as where somebody else has set it. */
static __always_inline int fit_pacing(struct socket_record *record, const struct tcp_sock *tcp)
{
	struct process *process = limited_user(record, UPLOAD);
	struct connection_counts *counts = process ? counts_of(process, UPLOAD) : 0;
	int is_larger = record->sender_window && tcp->snd_cwnd > record->sender_window;
	unsigned long now = ((const struct sock *)tcp)->sk_max_pacing_rate;
	__u32 before = record->pacing;

	record->pacing = is_larger && counts && counts->busy ? process->limit[UPLOAD] * PACING / 8 / counts->busy : 0;
	if (now != (before ? before : ~0ul))
		record->pacing = 0;
	else if (record->pacing != before)
		return record->pacing ? record->pacing : -1;
	return 0;
}

/*
 * The TCP_MAXSEG to set for the connections that a socket begins or accepts, or -1. A listener that outlives its limit
 * gets back the one it had.
 */
static __always_inline int fit_segment(struct socket_record *record, const struct tcp_sock *tcp)
{
	struct process *sender = limited_user(record, UPLOAD);
	int segment = sender ? segment_of(sender) : 0;
	__u16 now = tcp->rx_opt.user_mss;

	if (record->is_shortened && !segment) {
		record->is_shortened = 0;
		return record->own_segment;
	}
	if (!segment || segment == now)
		return -1;
	if (!record->is_shortened)
		record->own_segment = now;
	record->is_shortened = 1;
	return segment;
}

#endif
