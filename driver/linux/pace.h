/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * How much each connection of a limited process may have under way. What is more than
 * the limit lets through would only wait in the queue, before everything that comes
 * later. So the window of a connection is its share of what the limit lets
 * through in a round trip and a little more; as all have the same, all get the same.
 *
 * A sender's window that was larger before does not shrink while the queue stops it sooner, and the larger it is, the
 * longer are the pieces that wait there: with cubic such a connection would go on having several times what the others
 * have. So it is paced at little more than its share.
 *
 * What may be sent before the first answer comes would be seconds of a low limit, since
 * segments on loopback have 64 KB. So a limited process's connections begin small:
 * these are socket options, which hold only for connections that begin after the limit.
 */
#ifndef NETFLOW_LINUX_PACE_H
#define NETFLOW_LINUX_PACE_H

#include "limit.h"
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
 * What a segment has at most: what Ethernet carries; and under the lowest limits what every network carries, and two of
 * which fill the least window that many sockets can offer, 1,024 bytes, but for their time stamps.
 */
#define SHORT_SEGMENT 1460
#define SHORTEST_SEGMENT 524
#define SHORTEST_BELOW (512 << 10)
#define SHORT_BELOW (64 << 20)
/* In segments: what a connection begins with, and what it has at least. */
#define LEAST_WINDOW 2

/* Microseconds of the limit that may wait in the queue. */
#define QUEUE_TIME 25000

/* In eighths of its share. */
#define PACING 10

/* A connection is busy from this part of its even share on. */
#define BUSY_PART 8
/* us. In less time than this a connection's bytes say little. */
#define SHORTEST_LOOK 100000

/* Where the connections are counted that share a process's limit. */
static __always_inline struct flows *flows_of(struct process *process, enum direction direction)
{
	__u32 number = process->shared_rule * DIRECTIONS + direction;

	return process->shared_rule ? bpf_map_lookup_elem(&rule_flows, &number) : &process->flows[direction];
}

/* Counts a connection of a process: in each round all that are open, and until the next one those that open. */
static __always_inline void count_flow(struct process *process, enum direction direction, int is_busy)
{
	struct netflow_rule_state *state = rules_in_force();
	struct flows *flows = flows_of(process, direction);
	__u32 round = state ? state->round : 0;

	if (!flows)
		return;
	if (flows->round != round) {
		flows->all = flows->counted_all;
		flows->busy = flows->counted_busy;
		flows->counted_all = 0;
		flows->counted_busy = 0;
		flows->round = round;
	}
	flows->counted_all++;
	flows->counted_busy += is_busy;
	if (flows->counted_all > flows->all)
		flows->all = flows->counted_all;
	if (flows->counted_busy > flows->busy)
		flows->busy = flows->counted_busy;
}

/* Whether a connection moves enough of its limit to be given a share of what may be under way. */
static __always_inline int is_busy(struct process *process, enum direction direction, __u64 bytes, __u64 microseconds)
{
	struct flows *flows = flows_of(process, direction);
	__u64 all = flows && flows->all ? flows->all : 1;

	return bytes * 1000000 / microseconds * BUSY_PART * all >= process->limit[direction];
}

/* A connection's window in bytes: idle ones have the same, for when they are idle no more. */
static __always_inline __u32 window_of(struct process *process, enum direction direction, __u32 round_trip,
				       __u32 segment)
{
	struct flows *flows = flows_of(process, direction);
	__u64 busy = flows && flows->busy ? flows->busy : 1;
	__u64 window = process->limit[direction] * (round_trip + QUEUE_TIME) / 1000000 / busy;

	if (window > NOT_PACED)
		return NOT_PACED;
	return window < LEAST_WINDOW * segment ? LEAST_WINDOW * segment : window;
}

/* The longest segment of a connection that is about to begin; 0: as it is. */
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

/* The window that a receiver offers; see netflow_egress. */
static __always_inline void fit_receiver(struct socket_record *record, const struct tcp_sock *tcp)
{
	struct process *process = limited_user(record, DOWNLOAD);
	__u32 segment = tcp->mss_cache;
	int is_paced = process && is_below(process->limit[DOWNLOAD], PACED_BELOW) && segment <= LONGEST_PACED_SEGMENT;

	record->window_shift = BPF_CORE_READ_BITFIELD(tcp, rx_opt.rcv_wscale);
	record->window = is_paced ? window_of(process, DOWNLOAD, tcp->rtt_min.s[0].v, segment) : 0;
}

/*
 * What a sender may have under way, in segments; 0: leave it as it is. To set what is set
 * already would begin its slow start anew.
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

/* What SO_MAX_PACING_RATE has to become, -1: none; 0: leave it as it is, as where somebody else has set it. */
static __always_inline int fit_pacing(struct socket_record *record, const struct tcp_sock *tcp)
{
	struct process *process = limited_user(record, UPLOAD);
	struct flows *flows = process ? flows_of(process, UPLOAD) : 0;
	int is_larger = record->sender_window && tcp->snd_cwnd > record->sender_window;
	unsigned long now = ((const struct sock *)tcp)->sk_max_pacing_rate;
	__u32 before = record->pacing;

	record->pacing = is_larger && flows && flows->busy ? process->limit[UPLOAD] * PACING / 8 / flows->busy : 0;
	if (now != (before ? before : ~0ul))
		record->pacing = 0;
	else if (record->pacing != before)
		return record->pacing ? record->pacing : -1;
	return 0;
}

/*
 * What TCP_MAXSEG has to become for the connections that a socket begins or accepts, or -1: a listener that outlives
 * its limit gets back what it had.
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

static __always_inline void begin_connection(struct bpf_sock_ops *event, struct socket_record *record)
{
	struct tcp_sock *tcp = event->sk ? bpf_skc_to_tcp_sock(event->sk) : 0;
	int segment = tcp ? fit_segment(record, tcp) : -1;

	if (segment >= 0)
		bpf_setsockopt(event, SOL_TCP, TCP_MAXSEG, &segment, sizeof(segment));
}

static __always_inline void open_connection(struct bpf_sock_ops *event, struct socket_record *record)
{
	struct process *sender = limited_user(record, UPLOAD);
	struct tcp_sock *tcp = event->sk ? bpf_skc_to_tcp_sock(event->sk) : 0;
	int window = LEAST_WINDOW;

	if (!tcp || !sender)
		return;
	if (is_below(sender->limit[UPLOAD], SPLIT_BELOW))
		bpf_setsockopt(event, SOL_TCP, TCP_BPF_IW, &window, sizeof(window));
	for (int direction = 0; direction < DIRECTIONS; direction++)
		count_flow(sender, direction, 1);
	fit_receiver(record, tcp);
	window = fit_sender(record, tcp);
	if (window)
		bpf_setsockopt(event, SOL_TCP, TCP_BPF_SNDCWND_CLAMP, &window, sizeof(window));
}

SEC("sockops")
int netflow_connection(struct bpf_sock_ops *event)
{
	struct bpf_sock *sk = event->sk;
	struct socket_record *record = sk && rules_in_force() ? bpf_sk_storage_get(&sockets, sk, 0, 0) : 0;

	if (!record)
		return 1;
	switch (event->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
	case BPF_SOCK_OPS_TCP_LISTEN_CB:
		begin_connection(event, record);
		break;
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		open_connection(event, record);
		break;
	}
	return 1;
}

/* Half-closed connections as well. */
static __always_inline int may_move_bytes(__u8 state)
{
	return state == BPF_TCP_ESTABLISHED || state == BPF_TCP_FIN_WAIT1 || state == BPF_TCP_FIN_WAIT2 ||
	       state == BPF_TCP_CLOSE_WAIT;
}

static __always_inline void fit_listener(struct tcp_sock *tcp, struct socket_record *record)
{
	int segment = fit_segment(record, tcp);

	if (segment >= 0)
		bpf_setsockopt(tcp, SOL_TCP, TCP_MAXSEG, &segment, sizeof(segment));
}

/* Looks how much a connection has moved since the last time, and counts it in both directions. */
static __always_inline void look_at(const struct tcp_sock *tcp, struct socket_record *record)
{
	__u64 moved[DIRECTIONS] = {[UPLOAD] = tcp->bytes_acked, [DOWNLOAD] = tcp->bytes_received};
	__u64 now = bpf_ktime_get_ns();
	__u64 microseconds = (now - record->looked) / 1000;
	int is_long = microseconds >= SHORTEST_LOOK;

	for (int direction = 0; direction < DIRECTIONS; direction++) {
		struct process *user = limited_user(record, direction);
		__u64 bytes = moved[direction] - record->moved[direction];
		int busy = !record->looked || record->busy & (1 << direction);

		if (!user)
			continue;
		if (record->looked && is_long)
			busy = is_busy(user, direction, bytes, microseconds);
		record->busy = busy ? record->busy | 1 << direction : record->busy & ~(1 << direction);
		count_flow(user, direction, busy);
	}
	if (!is_long)
		return;
	record->looked = now;
	record->moved[UPLOAD] = moved[UPLOAD];
	record->moved[DOWNLOAD] = moved[DOWNLOAD];
}

static __always_inline void fit_connection(struct tcp_sock *tcp, struct socket_record *record)
{
	look_at(tcp, record);
	fit_receiver(record, tcp);
	int window = fit_sender(record, tcp);
	int pacing = fit_pacing(record, tcp);

	if (window)
		bpf_setsockopt(tcp, SOL_TCP, TCP_BPF_SNDCWND_CLAMP, &window, sizeof(window));
	if (pacing)
		bpf_setsockopt(tcp, SOL_SOCKET, SO_MAX_PACING_RATE, &pacing, sizeof(pacing));
}

/* A connection of MPTCP's has its record above, where this can't look: it may be. */
static __always_inline int may_be_limited(const struct tcp_sock *tcp, struct socket_record *record)
{
	if (!record)
		return bpf_core_field_exists(tcp->is_mptcp) && tcp->is_mptcp;
	return place_of(record, UPLOAD).class || place_of(record, DOWNLOAD).class;
}

/* Whether a process that has ended had a limit for what may still be sent: another may hold the socket, and go on with it. */
static __always_inline int is_left(const struct tcp_sock *tcp, const struct socket_record *record)
{
	if (!record->users[UPLOAD].rule || living_user(record, UPLOAD))
		return 0;
	return tcp->write_seq != tcp->snd_una || ((const struct sock *)tcp)->sk_socket;
}

/*
 * Reading it fits the windows of all open connections, and listeners, to the limits as they are now. It gives a struct
 * netflow_limited for each connection that may be limited.
 */
SEC("iter/tcp")
int read_windows(struct bpf_iter__tcp *context)
{
	struct sock_common *common = context->sk_common;
	struct tcp_sock *tcp = common ? bpf_skc_to_tcp_sock(common) : 0;
	struct socket_record *record = tcp ? bpf_sk_storage_get(&sockets, tcp, 0, 0) : 0;
	struct netflow_limited limited = {};

	if (record) {
		record->is_walked = 1;
		if (is_left(tcp, record)) {
			limited.left_class = left_class(record, UPLOAD);
			limited.left_rule = record->users[UPLOAD].rule;
		}
	}
	if (tcp && may_be_limited(tcp, record))
		bpf_seq_write(context->meta->seq, &limited, sizeof(limited));
	if (!record)
		return 0;
	if (common->skc_state == BPF_TCP_LISTEN)
		fit_listener(tcp, record);
	else if (may_move_bytes(common->skc_state))
		fit_connection(tcp, record);
	return 0;
}

#endif
