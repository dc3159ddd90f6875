/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The window that a receiver offers, changed in its packets: no larger than its limit needs, so that its peers' data
 * waits at the peers and not in our queue. The socket itself doesn't know, or it would not take back what it has
 * offered.
 */
#ifndef NETFLOW_LINUX_WINDOW_H
#define NETFLOW_LINUX_WINDOW_H

#include "packet.h"
#include "place.h"
#include "signed.h"

/* Bytes that a receiver under a low limit offers in a handshake: one short segment. */
#define FIRST_WINDOW 536

static __always_inline void narrow_window(struct __sk_buff *skb, struct parsed_packet *packet, __u32 window)
{
	__u16 offered = __builtin_bswap16(packet->window);

	if (packet->protocol != IPPROTO_TCP || packet->flags & TCP_RST || offered <= window)
		return;
	__u16 narrowed = __builtin_bswap16(window);
	__u32 offset = link_header(skb) + packet->tcp_offset;

	bpf_l4_csum_replace(skb, offset + offsetof(struct tcp_header, checksum), packet->window, narrowed,
			    sizeof(narrowed));
	bpf_skb_store_bytes(skb, offset + offsetof(struct tcp_header, window), &narrowed, sizeof(narrowed), 0);
}

static __always_inline void narrow_open_window(struct __sk_buff *skb, struct socket_record *record,
					       struct parsed_packet *packet)
{
	__u32 shift = record->window_shift & 15;

	/* Rounded up: with a little less than two segments the sender sends one, whose answer is delayed. */
	narrow_window(skb, packet, (record->window + (1 << shift) - 1) >> shift);
}

/* Narrows the window of a handshake, to which no shift applies. The answer to a SYN is for the listener's heir. */
static __always_inline void narrow_first_window(struct __sk_buff *skb, struct parsed_packet *packet)
{
	struct bpf_sock *sk = skb->sk ? bpf_get_listener_sock(skb->sk) : 0;

	if (!sk && skb->sk)
		sk = bpf_sk_fullsock(skb->sk);
	struct socket_record *record = sk ? find_record(sk) : 0;
	struct process *process = record ? limited_heir(record) : 0;
	struct tcp_sock *tcp = process ? bpf_skc_to_tcp_sock(sk) : 0;

	if (tcp && !is_signed(tcp) && is_below(process->limit[DOWNLOAD], SPLIT_BELOW))
		narrow_window(skb, packet, FIRST_WINDOW);
}

#endif
