/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Limits: a packet of a limited process takes a detour through a queue that lets so many bytes a second pass, and comes
 * back to where it was. Because it keeps its socket on the way, a full queue stops the sender: nothing is dropped and
 * nothing fails, except for packets whose sender no queue can stop (waiting.h).
 *
 *   interface --netflow_egress or netflow_ingress--> NETFLOW_QUEUE_DEVICE, with HTB:
 *   netflow_classify names the class --> its lower device --netflow_return--> back
 *
 * Under a low limit a packet of 64 KB would take most of a second. Such packets go to NETFLOW_SPLIT_DEVICE first, on
 * the same lower device, which has the kernel split them.
 *
 * NETFLOW_QUEUE_DEVICE is a macvlan: it hands packets to its lower device as they are, with route, connection tracking
 * and mark. A veth alone would strip these.
 *
 * On loopback a packet passes egress once for its sender's upload, and once more for its receiver's download. A
 * datagram of a socket with more than one peer waits for the latter at ingress instead: there it has left its sender's
 * buffer, which datagrams for other peers need.
 *
 * What can't take the detour is held to the limit all the same: unqueued.bpf.c.
 */
#ifndef NETFLOW_LINUX_DETOUR_H
#define NETFLOW_LINUX_DETOUR_H

#include "packet.h"
#include "place.h"

#define TC_ACT_UNSPEC (-1) /* on to the next program */
#define TC_ACT_OK 0
#define TC_ACT_SHOT 2
#define PACKET_HOST 0
#define ETHERNET_HEADER 14
NETFLOW_ASSERT(charged_header, NETFLOW_CHARGED_HEADER == ETHERNET_HEADER + IPV6_HEADER + 32);

/* In skb->tc_index, where nothing else uses these bits: the limits that the packet has been through. */
enum passed {
	PASSED_UPLOAD = 0x4000,
	PASSED_DOWNLOAD = 0x8000,
	PASSED_ANY = PASSED_UPLOAD | PASSED_DOWNLOAD,
	LEFT_TO_INGRESS = 0x2000, /* it has yet to wait for its receiver's limit, on loopback */
};

/* In skb->cb, while the packet is on its way. */
enum note {
	NOTE_DEVICE, /* where it goes back to */
	NOTE_CLASS,
	NOTE_WAY,      /* enum way, and IS_TO_SPLIT */
	NOTE_PADDING,  /* bytes that were put in front of its IP header */
	NOTE_PRIORITY, /* its priority, by which HTB would take it past its class (SO_PRIORITY, CLASSIFY) */
};

/* Where a packet goes when it has waited. */
enum way {
	WAY_OUT,         /* on to the network, or through loopback */
	WAY_OUT_COUNTED, /* through loopback; begin_waiting() has counted it */
	WAY_IN,          /* towards a socket; counted as well */
	WAY_NOWHERE,     /* no further: it is only charged */
};

/* Added to the way of a packet that has been to NETFLOW_SPLIT_DEVICE, and not to NETFLOW_QUEUE_DEVICE yet. */
#define IS_TO_SPLIT 0x100

/* Bytes of payload that HTB has not charged yet, by class. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NETFLOW_MAX_CLASSES);
	__type(key, __u32);
	__type(value, __u64);
} uncharged SEC(".maps");

/* Makes a header as long as what HTB takes off. */
static __always_inline void pad_header(struct __sk_buff *skb, __u32 padding)
{
	if (!bpf_skb_adjust_room(skb, padding, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		skb->cb[NOTE_PADDING] = padding;
}

/* Once a packet's worth of bytes is uncharged, a copy of the packet goes to the queue as well, and no further. */
static __always_inline void charge_later(struct __sk_buff *skb, __u32 bytes)
{
	__u32 class = skb->cb[NOTE_CLASS];
	__u32 way = skb->cb[NOTE_WAY];
	__u64 *rest = bpf_map_lookup_elem(&uncharged, &class);
	__u64 charged = skb->len - NETFLOW_CHARGED_HEADER;

	if (!rest)
		return;
	__u64 sum = __sync_fetch_and_add(rest, bytes) + bytes;

	if (sum < charged || __sync_val_compare_and_swap(rest, sum, sum - charged) != sum)
		return;
	skb->cb[NOTE_WAY] = WAY_NOWHERE;
	bpf_clone_redirect(skb, NETFLOW_QUEUE_DEVICE, 0);
	skb->cb[NOTE_WAY] = way;
}

static __always_inline int send_to_queue(struct __sk_buff *skb, const struct parsed_packet *packet)
{
	int missing = NETFLOW_CHARGED_HEADER - (link_header(skb) + packet->header_bytes);

	skb->cb[NOTE_WAY] &= ~IS_TO_SPLIT;
	if (packet->header_bytes && missing > 0) {
		if (skb->gso_size)
			charge_later(skb, missing);
		else
			pad_header(skb, missing);
	}
	return bpf_redirect(NETFLOW_QUEUE_DEVICE, 0);
}

/*
 * Gives a packet the link-layer header without which it can't go to the queue, where its interface has none. The kernel
 * refuses that for a packet of more than 16 KB that it will not cut up.
 */
static __always_inline int has_link_header(struct __sk_buff *skb)
{
	return link_header(skb) != 0 || bpf_skb_change_head(skb, ETHERNET_HEADER, 0) == 0;
}

/* Sends a packet that has a link-layer header on the detour. */
static __always_inline int detour(struct __sk_buff *skb, const struct parsed_packet *packet, struct place place,
				  enum passed passed, enum way way)
{
	skb->cb[NOTE_DEVICE] = skb->ifindex;
	skb->cb[NOTE_CLASS] = place.class;
	skb->cb[NOTE_WAY] = way;
	skb->cb[NOTE_PADDING] = 0;
	skb->tc_index |= passed;
	skb->cb[NOTE_PRIORITY] = skb->priority;
	skb->priority = 0;
	if (place.rate >= SPLIT_BELOW || !skb->gso_size)
		return send_to_queue(skb, packet);
	skb->cb[NOTE_WAY] |= IS_TO_SPLIT;
	return bpf_redirect(NETFLOW_SPLIT_DEVICE, 0);
}

#endif
