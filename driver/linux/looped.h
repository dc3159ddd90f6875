/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Multicast that stays on this machine. Its receivers get a copy that comes in again by the interface, and the packet
 * itself is to leave by that, where it waits for its sender's limit. With no hop to go the kernel drops it instead, so
 * that the copy is all there is, and can't wait.
 */
#ifndef NETFLOW_LINUX_LOOPED_H
#define NETFLOW_LINUX_LOOPED_H

#include "packet.h"
#include "place.h"
#include "police.h"

#define PACKET_LOOPBACK 5 /* of skb->pkt_type: a looped copy */

/* IPv6's scope, the lower half of a group's second byte: within an interface, or reserved. */
#define SCOPE 0x0f
#define MOST_LOCAL_SCOPE 1

/* Whether IPv6 loops the packet and does no more with it. */
static __always_inline int stays_here(const struct parsed_packet *packet)
{
	const __u8 *group = (const __u8 *)packet->tuple.ipv6.daddr;

	return packet->is_ipv6 && group[0] == 0xff && (!packet->hops || (group[1] & SCOPE) <= MOST_LOCAL_SCOPE);
}

/* The place for what the sender of a looped packet sends. */
static __always_inline struct place sending_place(struct __sk_buff *skb, const struct parsed_packet *packet)
{
	struct bpf_sock_tuple tuple = {
		.ipv4 =
			{
				.saddr = packet->tuple.ipv4.daddr,
				.daddr = packet->tuple.ipv4.saddr,
				.sport = packet->tuple.ipv4.dport,
				.dport = packet->tuple.ipv4.sport,
			},
	};
	struct bpf_sock *sk = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	struct place place = {};

	if (!sk)
		return place;
	struct socket_record *record = record_of_packet(sk);

	if (record)
		place = place_of(record, UPLOAD);
	bpf_sk_release(sk);
	return place;
}

#endif
