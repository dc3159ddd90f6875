/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Limits: a packet of a limited process takes a detour through a queue that lets so
 * many bytes a second go, and comes back to where it was. Because it keeps its
 * socket on the way, a full queue stops the sender: nothing is dropped, nothing
 * fails (but datagrams of other machines: waiting.h).
 *
 *   interface --netflow_egress or netflow_ingress--> QUEUE_DEVICE, with HTB:
 *   netflow_classify names the class --> its lower device --netflow_return--> back
 *
 * Under a low limit a packet of 64 KB would be most of a second. Such packets go to
 * SPLIT_DEVICE first, on the same lower device, which has the kernel cut them up.
 *
 * QUEUE_DEVICE is a macvlan: it hands packets to its lower device as they are, with
 * route, connection tracking and mark. A veth alone would strip them of these.
 * On loopback a packet passes egress once for its sender's upload, and once more for
 * its receiver's download.
 */
#ifndef NETFLOW_LINUX_LIMIT_H
#define NETFLOW_LINUX_LIMIT_H

#include "packet.h"
#include "waiting.h"
#include "window.h"

#define TC_ACT_UNSPEC (-1) /* on to the next program */
#define TC_ACT_OK 0
#define TC_ACT_SHOT 2
#define PACKET_HOST 0
#define LOOPBACK_DEVICE 1
/* The same numbers in every network namespace; core makes the devices with them. */
#define QUEUE_DEVICE 1313361921
#define SPLIT_DEVICE (QUEUE_DEVICE + 3)
#define HTB_HANDLE 0x10000

#define ETHERNET_HEADER 14
/*
 * HTB is told to take this off every packet, which leaves the payload. It is what TCP over
 * IPv6 has with time stamps; shorter headers are made as long while they wait. The header of
 * one that is still to be cut can't be: what is missing there is charged to the class later.
 */
#define CHARGED_HEADER (ETHERNET_HEADER + IPV6_HEADER + 32)

/* In skb->tc_index, which nothing else uses so: through which limits the packet has been. */
enum passed {
	PASSED_UPLOAD = 0x4000,
	PASSED_DOWNLOAD = 0x8000,
	PASSED_ANY = PASSED_UPLOAD | PASSED_DOWNLOAD,
};

/* In skb->cb, while the packet is on its way. */
enum note {
	NOTE_DEVICE, /* where it goes back to */
	NOTE_CLASS,
	NOTE_WAY,     /* enum way */
	NOTE_PADDING, /* bytes that were put in front of its IP header */
	NOTE_SPLIT,   /* 1: has been to SPLIT_DEVICE, and not to QUEUE_DEVICE yet */
};

/* Where a packet goes when it has waited. */
enum way {
	WAY_OUT,         /* on to the network, or through loopback */
	WAY_IN,          /* towards a socket */
	WAY_IN_DATAGRAM, /* the same, and leave() is to be told */
	WAY_NOWHERE,     /* it only is to be charged */
};

/* Bytes of payload that HTB has not charged yet, by class. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_CLASSES);
	__type(key, __u32);
	__type(value, __u64);
} uncharged SEC(".maps");

static __always_inline int is_shaking_hands(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	return sk && (sk->state == BPF_TCP_SYN_SENT || sk->state == BPF_TCP_NEW_SYN_RECV);
}

/* The verifier wants to know how long the addresses are. */
static __always_inline struct bpf_sock *find_socket(struct __sk_buff *skb, struct packet *packet, __u32 bytes)
{
	if (packet->protocol == IPPROTO_TCP)
		return bpf_sk_lookup_tcp(skb, &packet->tuple, bytes, BPF_F_CURRENT_NETNS, 0);
	return bpf_sk_lookup_udp(skb, &packet->tuple, bytes, BPF_F_CURRENT_NETNS, 0);
}

static __always_inline struct place receiving_place(struct __sk_buff *skb, struct packet *packet)
{
	struct bpf_sock *sk = packet->is_ipv6 ? find_socket(skb, packet, sizeof(packet->tuple.ipv6))
					      : find_socket(skb, packet, sizeof(packet->tuple.ipv4));
	struct place place = {.is_unknown = 1};

	if (!sk)
		return place;
	/* A listener has no connection yet that this could be for: it is forwarded, or the first of one. */
	if (sk->state != BPF_TCP_LISTEN) {
		struct socket_record *record = record_of_packet(sk);

		place = record ? place_of(record, DOWNLOAD) : (struct place){};
	}
	bpf_sk_release(sk);
	if (place.class && packet->protocol != IPPROTO_TCP && is_forwarded(skb, packet))
		return (struct place){};
	return place;
}

/* Makes a header that is shorter than what HTB takes off as long. */
static __always_inline void pad_header(struct __sk_buff *skb, __u32 padding)
{
	if (!bpf_skb_adjust_room(skb, padding, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		skb->cb[NOTE_PADDING] = padding;
}

/* Once as much is uncharged as a packet is charged, a copy of it goes to the queue as well, and no further. */
static __always_inline void charge_later(struct __sk_buff *skb, __u32 bytes)
{
	__u32 class = skb->cb[NOTE_CLASS];
	__u32 way = skb->cb[NOTE_WAY];
	__u64 *rest = bpf_map_lookup_elem(&uncharged, &class);
	__u64 charged = skb->len - CHARGED_HEADER;

	if (!rest)
		return;
	__u64 sum = __sync_fetch_and_add(rest, bytes) + bytes;

	if (sum < charged || __sync_val_compare_and_swap(rest, sum, sum - charged) != sum)
		return;
	skb->cb[NOTE_WAY] = WAY_NOWHERE;
	bpf_clone_redirect(skb, QUEUE_DEVICE, 0);
	skb->cb[NOTE_WAY] = way;
}

static __always_inline int send_to_queue(struct __sk_buff *skb, const struct packet *packet)
{
	int missing = CHARGED_HEADER - (link_header(skb) + packet->header_bytes);

	skb->cb[NOTE_SPLIT] = 0;
	if (packet->header_bytes && missing > 0) {
		if (skb->gso_size)
			charge_later(skb, missing);
		else
			pad_header(skb, missing);
	}
	return bpf_redirect(QUEUE_DEVICE, 0);
}

/* Sends a packet on the detour. */
static __always_inline int detour(struct __sk_buff *skb, const struct packet *packet, struct place place,
				  enum passed passed, enum way way)
{
	skb->cb[NOTE_DEVICE] = skb->ifindex;
	skb->cb[NOTE_CLASS] = place.class;
	skb->cb[NOTE_WAY] = way;
	skb->cb[NOTE_PADDING] = 0;
	skb->tc_index |= passed;
	if (link_header(skb) == 0 && bpf_skb_change_head(skb, ETHERNET_HEADER, 0))
		return TC_ACT_UNSPEC; /* more than a tunnel carries; better without a limit than not at all */
	if (place.rate >= SPLIT_BELOW || !skb->gso_size)
		return send_to_queue(skb, packet);
	skb->cb[NOTE_SPLIT] = 1;
	return bpf_redirect(SPLIT_DEVICE, 0);
}

/*
 * WireGuard wraps a packet and lets it keep its socket, but not what tc_index says of it: it has waited inside. NAT
 * changes a port at one end only, so a packet with others at both, or of another protocol, is no socket's own.
 */
static __always_inline int is_wrapped(const struct packet *packet, const struct bpf_sock *sk)
{
	__u16 source = packet->is_ipv6 ? packet->tuple.ipv6.sport : packet->tuple.ipv4.sport;
	__u16 destination = packet->is_ipv6 ? packet->tuple.ipv6.dport : packet->tuple.ipv4.dport;

	if (packet->protocol != sk->protocol)
		return 1;
	return __builtin_bswap16(source) != sk->src_port && (!sk->dst_port || destination != sk->dst_port);
}

/* What the sender's limits do to a packet; the verdict of the whole program, or TC_ACT_OK where they do nothing. */
static __always_inline int pass_sender(struct __sk_buff *skb, struct bpf_sock *sk, struct socket_record *record,
				       struct packet *packet)
{
	struct place place = record ? place_of(record, UPLOAD) : (struct place){};
	int is_handshake = is_shaking_hands(skb);
	int is_narrowed = record && record->window;

	if (!place.class && !is_handshake && !is_narrowed)
		return TC_ACT_OK;
	if (read_packet(skb, packet)) {
		if (sk && is_wrapped(packet, sk))
			return TC_ACT_UNSPEC;
		if (is_handshake)
			narrow_first_window(skb, packet);
		else if (is_narrowed)
			narrow_open_window(skb, record, packet);
	}
	if (place.class && !packet->is_empty)
		return detour(skb, packet, place, PASSED_UPLOAD, WAY_OUT);
	return is_narrowed || place.class ? TC_ACT_UNSPEC : TC_ACT_OK;
}

/* The same for the receiver's on loopback, where a packet passes egress twice when the sender is limited. */
static __always_inline int pass_receiver(struct __sk_buff *skb, struct packet *packet)
{
	struct netflow_rule_state *state = rules_in_force();

	if (!state || !state->downloads)
		return TC_ACT_OK;
	if (!read_packet(skb, packet))
		return TC_ACT_UNSPEC;
	struct place place = receiving_place(skb, packet);

	if (place.class && !packet->is_empty)
		return detour(skb, packet, place, PASSED_ANY, WAY_OUT);
	return place.class || place.is_unknown ? TC_ACT_UNSPEC : TC_ACT_OK;
}

SEC("tc")
int netflow_egress(struct __sk_buff *skb)
{
	__u32 epoch = limit_epoch();

	if (is_quiet(epoch))
		return TC_ACT_UNSPEC;
	struct bpf_sock *sk = skb->sk;
	struct socket_record *record = sk ? bpf_sk_storage_get(&sockets, sk, 0, 0) : 0;

	/* An earlier packet of this TCP socket has found no limit, and none can have come since. */
	if (record && record->clear_epoch == epoch)
		return TC_ACT_UNSPEC;
	__u32 passed = skb->tc_index & PASSED_ANY;
	struct packet packet = {};
	int verdict = TC_ACT_OK;

	sk = sk && !(passed & PASSED_UPLOAD) ? bpf_sk_fullsock(sk) : 0;
	record = sk ? record_of_packet(sk) : 0;
	if (!(passed & PASSED_UPLOAD))
		verdict = pass_sender(skb, sk, record, &packet);
	if (skb->ifindex == LOOPBACK_DEVICE && !(passed & PASSED_DOWNLOAD) &&
	    (verdict == TC_ACT_OK || verdict == TC_ACT_UNSPEC)) {
		int received = pass_receiver(skb, &packet);

		if (received != TC_ACT_OK)
			return received;
	}
	if (verdict != TC_ACT_OK)
		return verdict;
	if (record && sk->protocol == IPPROTO_TCP)
		record->clear_epoch = epoch;
	return TC_ACT_UNSPEC;
}

SEC("tc")
int netflow_ingress(struct __sk_buff *skb)
{
	struct netflow_rule_state *state = rules_in_force();
	struct packet packet = {};

	if (!state || !state->downloads || is_quiet(limit_epoch()))
		return TC_ACT_UNSPEC;
	if (skb->tc_index & PASSED_DOWNLOAD || skb->pkt_type != PACKET_HOST || skb->vlan_present)
		return TC_ACT_UNSPEC;
	if (!read_packet(skb, &packet) || packet.is_empty)
		return TC_ACT_UNSPEC;
	struct place place = receiving_place(skb, &packet);

	if (!place.class)
		return TC_ACT_UNSPEC;
	if (packet.protocol == IPPROTO_TCP)
		return detour(skb, &packet, place, PASSED_DOWNLOAD, WAY_IN);
	if (enter(place, payload_of(skb, &packet)))
		return detour(skb, &packet, place, PASSED_DOWNLOAD, WAY_IN_DATAGRAM);
	__sync_fetch_and_add(&dropped_packets, 1);
	return TC_ACT_SHOT;
}

/* A filter of HTB's. */
SEC("tc")
int netflow_classify(struct __sk_buff *skb)
{
	skb->tc_classid = HTB_HANDLE | skb->cb[NOTE_CLASS];
	return TC_ACT_OK;
}

/* On the lower device of both, which itself never sends anything. */
SEC("tc")
int netflow_return(struct __sk_buff *skb)
{
	__u32 padding = skb->cb[NOTE_PADDING];
	__u32 device = skb->cb[NOTE_DEVICE];
	enum way way = skb->cb[NOTE_WAY];
	__u32 class = skb->cb[NOTE_CLASS];
	struct packet packet = {};

	if (!(skb->tc_index & PASSED_ANY) || way == WAY_NOWHERE)
		return TC_ACT_SHOT;
	if (skb->cb[NOTE_SPLIT]) {
		read_packet(skb, &packet);
		return send_to_queue(skb, &packet);
	}
	if (padding && bpf_skb_adjust_room(skb, -(int)padding, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return TC_ACT_SHOT;
	if (way == WAY_IN_DATAGRAM && read_packet(skb, &packet))
		leave(class, payload_of(skb, &packet));
	return bpf_redirect(device, way == WAY_OUT ? 0 : BPF_F_INGRESS);
}

#endif
