/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The socket that a packet is for, which decides where it waits. */
#ifndef NETFLOW_LINUX_RECEIVER_H
#define NETFLOW_LINUX_RECEIVER_H

#include "packet.h"
#include "place.h"
#include "translated.h"

/*
 * A socket that takes datagrams for any address is also found for those that this machine only forwards; their route
 * tells them apart.
 */
static __always_inline int is_forwarded(struct __sk_buff *skb, const struct parsed_packet *packet)
{
	struct bpf_fib_lookup route = {.ifindex = skb->ingress_ifindex, .l4_protocol = packet->protocol};

	if (packet->is_ipv6) {
		route.family = AF_INET6;
		__builtin_memcpy(route.ipv6_src, packet->tuple.ipv6.saddr, sizeof(route.ipv6_src));
		__builtin_memcpy(route.ipv6_dst, packet->tuple.ipv6.daddr, sizeof(route.ipv6_dst));
	} else {
		route.family = AF_INET;
		route.ipv4_src = packet->tuple.ipv4.saddr;
		route.ipv4_dst = packet->tuple.ipv4.daddr;
	}
	long answer = bpf_fib_lookup(skb, &route, sizeof(route), 0);

	return answer == BPF_FIB_LKUP_RET_SUCCESS || answer == BPF_FIB_LKUP_RET_NO_NEIGH;
}

/* The verifier needs the length of the addresses as a constant. */
static __always_inline struct bpf_sock *look_up(struct __sk_buff *skb, struct parsed_packet *packet, __u32 bytes)
{
	if (packet->protocol == IPPROTO_TCP)
		return bpf_sk_lookup_tcp(skb, &packet->tuple, bytes, BPF_F_CURRENT_NETNS, 0);
	return bpf_sk_lookup_udp(skb, &packet->tuple, bytes, BPF_F_CURRENT_NETNS, 0);
}

/* The socket that a packet's tuple names; released by the caller. */
static __always_inline struct bpf_sock *find_named_socket(struct __sk_buff *skb, struct parsed_packet *packet)
{
	return packet->is_ipv6 ? look_up(skb, packet, sizeof(packet->tuple.ipv6))
			       : look_up(skb, packet, sizeof(packet->tuple.ipv4));
}

/* The same, but by the addresses that the packet will have once they are translated. */
static __always_inline struct bpf_sock *find_socket(struct __sk_buff *skb, struct parsed_packet *packet)
{
	struct bpf_sock *sk = find_named_socket(skb, packet);

	if (sk && sk->state != BPF_TCP_LISTEN)
		return sk;
	if (sk)
		bpf_sk_release(sk);
	return translate(skb, packet) ? find_named_socket(skb, packet) : 0;
}

/* Whether a program chooses between the sockets that share a port, once the packet comes to them. */
static __always_inline int is_chosen_later(struct bpf_sock *sk)
{
	const struct sock *kernel = bpf_rdonly_cast(sk, bpf_core_type_id_kernel(struct sock));
	const struct sock_reuseport *group = kernel->sk_reuseport_cb;

	return group && group->prog;
}

/* Fragments have no place here: the kernel gathers them first, and netflow_arrival sees the whole datagram. */
static __always_inline struct place receiving_place(struct __sk_buff *skb, struct parsed_packet *packet)
{
	struct bpf_sock *sk = packet->is_fragment ? 0 : find_socket(skb, packet);
	struct place place = {.is_unknown = 1};

	if (!sk)
		return place;
	/* A packet that finds only a listener is forwarded, or the first of a connection. */
	if (sk->state != BPF_TCP_LISTEN && !is_chosen_later(sk)) {
		struct socket_record *record = record_of_packet(sk);

		place = record ? place_of(record, DOWNLOAD) : (struct place){};
	}
	bpf_sk_release(sk);
	if (place.class && packet->protocol != IPPROTO_TCP && is_forwarded(skb, packet))
		return (struct place){};
	return place;
}

#endif
