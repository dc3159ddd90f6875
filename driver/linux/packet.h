/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Reads the headers of a packet, as far as limits need them. */
#ifndef NETFLOW_LINUX_PACKET_H
#define NETFLOW_LINUX_PACKET_H

#include "kernel.h"

#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define UDP_HEADER 8
#define IPV4_FRAGMENT_OFFSET 0x1fff
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV6_FRAGMENT_OFFSET 0xfff8

/* Headers between IPv6's and that of TCP or UDP; and how many of them are looked at. */
#define IPV6_HOP_BY_HOP 0
#define IPV6_ROUTING 43
#define IPV6_FRAGMENT 44
#define IPV6_DESTINATION 60
#define MOST_EXTENSIONS 4
#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04

struct ipv4_header {
	__u8 version_and_words;
	__u8 service;
	__u16 total_bytes;
	__u16 id;
	__u16 fragment;
	__u8 hops;
	__u8 protocol;
	__u16 checksum;
	__u32 source;
	__u32 destination;
};

struct ipv6_header {
	__u32 version_and_flow;
	__u16 payload_bytes;
	__u8 next_header;
	__u8 hops;
	__u8 source[16];
	__u8 destination[16];
};

/* How each of IPv6's extension headers begins. */
struct extension_header {
	__u8 next_header;
	__u8 more_words; /* of 8 bytes, after the first; a fragment's has none */
	__u16 fragment;  /* of a fragment's header: where it begins, and three bits */
};

struct tcp_header {
	__u16 source;
	__u16 destination;
	__u32 sequence;
	__u32 acknowledged;
	__u8 words; /* in the upper half */
	__u8 flags;
	__u16 window;
	__u16 checksum;
};

struct parsed_packet {
	struct bpf_sock_tuple tuple; /* as it stands in the packet: the sender's address first */
	__u32 header_bytes;          /* of IP and what it carries; 0: not known */
	__u8 protocol;
	__u8 is_empty; /* an acknowledgement and nothing else */
	__u8 is_ipv6;
	__u8 is_fragment;
	__u8 hops;
	__u8 flags;       /* of TCP */
	__u16 window;     /* of TCP, as it stands in the packet */
	__u16 tcp_offset; /* of TCP's header, from that of IP on */
};

/* Whether a packet has another protocol than its socket, or other ports at both ends. */
static __always_inline int looks_other(const struct parsed_packet *packet, const struct bpf_sock *sk)
{
	__u16 source = packet->is_ipv6 ? packet->tuple.ipv6.sport : packet->tuple.ipv4.sport;
	__u16 destination = packet->is_ipv6 ? packet->tuple.ipv6.dport : packet->tuple.ipv4.dport;

	if (packet->protocol != sk->protocol)
		return 1;
	return __builtin_bswap16(source) != sk->src_port && (!sk->dst_port || destination != sk->dst_port);
}

/* How long the packet's link-layer header is: none on a tunnel. */
static __always_inline __u32 link_header(struct __sk_buff *skb)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);

	return kernel->network_header - kernel->mac_header;
}

static __always_inline __u32 payload_bytes(struct __sk_buff *skb, const struct parsed_packet *packet)
{
	return skb->len - link_header(skb) - packet->header_bytes;
}

static __always_inline int read_header(struct __sk_buff *skb, __u32 offset, void *header, __u32 bytes)
{
	return bpf_skb_load_bytes_relative(skb, offset, header, bytes, BPF_HDR_START_NET) == 0;
}

static __always_inline void read_tcp(const struct tcp_header *tcp, __u32 bytes, struct parsed_packet *packet)
{
	__u32 header = (tcp->words >> 4) * 4;

	packet->flags = tcp->flags;
	packet->window = tcp->window;
	packet->tcp_offset = packet->header_bytes;
	packet->header_bytes += header;
	packet->is_empty = bytes <= packet->header_bytes && !(tcp->flags & (TCP_FIN | TCP_RST));
}

/* Reads the header behind those of IP, as TCP's or UDP's. `bytes` is the packet's length; 0: too long for IP to say. */
static __always_inline int read_transport(struct __sk_buff *skb, struct parsed_packet *packet, __u32 bytes,
					  __be16 *source, __be16 *destination)
{
	struct tcp_header tcp = {};
	__u32 known = packet->protocol == IPPROTO_TCP ? sizeof(tcp) : UDP_HEADER;

	if (!read_header(skb, packet->header_bytes & 0x3fff, &tcp, known))
		return 0;
	*source = tcp.source;
	*destination = tcp.destination;
	if (packet->protocol == IPPROTO_TCP)
		read_tcp(&tcp, bytes ? bytes : 0xffffffff, packet);
	else
		packet->header_bytes += UDP_HEADER;
	return 1;
}

static __always_inline int read_ipv4(struct __sk_buff *skb, struct parsed_packet *packet)
{
	struct ipv4_header ip;

	if (!read_header(skb, 0, &ip, sizeof(ip)))
		return 0;
	packet->protocol = ip.protocol;
	packet->hops = ip.hops;
	packet->header_bytes = (ip.version_and_words & 0xf) * 4;
	packet->is_fragment = (ip.fragment & __builtin_bswap16(IPV4_FRAGMENT_OFFSET | IPV4_MORE_FRAGMENTS)) != 0;
	if (ip.fragment & __builtin_bswap16(IPV4_FRAGMENT_OFFSET))
		return 0;
	packet->tuple.ipv4.saddr = ip.source;
	packet->tuple.ipv4.daddr = ip.destination;
	return read_transport(skb, packet, __builtin_bswap16(ip.total_bytes), &packet->tuple.ipv4.sport,
			      &packet->tuple.ipv4.dport);
}

static __always_inline int is_extension(__u8 header)
{
	return header == IPV6_HOP_BY_HOP || header == IPV6_ROUTING || header == IPV6_FRAGMENT ||
	       header == IPV6_DESTINATION;
}

/* Moves on to what comes after IPv6's extension headers; false where that is not in this fragment, or too far away. */
static __always_inline int pass_extensions(struct __sk_buff *skb, struct parsed_packet *packet)
{
	for (int passed = 0; passed < MOST_EXTENSIONS && is_extension(packet->protocol); passed++) {
		struct extension_header header;
		int is_fragment = packet->protocol == IPV6_FRAGMENT;

		if (!read_header(skb, packet->header_bytes & 0x3fff, &header, sizeof(header)))
			return 0;
		packet->protocol = header.next_header;
		packet->header_bytes += is_fragment ? 8 : (header.more_words + 1) * 8;
		packet->is_fragment |= is_fragment;
		if (is_fragment && header.fragment & __builtin_bswap16(IPV6_FRAGMENT_OFFSET))
			return 0;
	}
	return !is_extension(packet->protocol);
}

static __always_inline int read_ipv6(struct __sk_buff *skb, struct parsed_packet *packet)
{
	struct ipv6_header ip;

	if (!read_header(skb, 0, &ip, sizeof(ip)))
		return 0;
	packet->protocol = ip.next_header;
	packet->hops = ip.hops;
	packet->header_bytes = IPV6_HEADER;
	packet->is_ipv6 = 1;
	packet->is_fragment = 0;
	__builtin_memcpy(packet->tuple.ipv6.saddr, ip.source, sizeof(ip.source));
	__builtin_memcpy(packet->tuple.ipv6.daddr, ip.destination, sizeof(ip.destination));
	if (!pass_extensions(skb, packet))
		return 0;
	__u32 payload = __builtin_bswap16(ip.payload_bytes);

	return read_transport(skb, packet, payload ? IPV6_HEADER + payload : 0, &packet->tuple.ipv6.sport,
			      &packet->tuple.ipv6.dport);
}

/*
 * True for a whole TCP or UDP packet, or its first fragment. Of a later fragment only the IP headers' length is read.
 */
static __always_inline int read_packet(struct __sk_buff *skb, struct parsed_packet *packet)
{
	int is_read = 0;

	if (skb->protocol == __builtin_bswap16(ETH_P_IP))
		is_read = read_ipv4(skb, packet);
	else if (skb->protocol == __builtin_bswap16(ETH_P_IPV6))
		is_read = read_ipv6(skb, packet);
	if (is_read &&
	    (packet->protocol == IPPROTO_TCP || packet->protocol == IPPROTO_UDP || packet->protocol == IPPROTO_UDPLITE))
		return 1;
	if (!packet->is_fragment)
		packet->header_bytes = 0;
	return 0;
}

#endif
