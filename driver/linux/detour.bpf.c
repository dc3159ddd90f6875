// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The way of a packet under a limit: off its interface into the queue, and back; see detour.h.
 */
#include "detour.h"
#include "looped.h"
#include "police.h"
#include "receiver.h"
#include "waiting.h"
#include "window.h"

static __always_inline int is_shaking_hands(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	return sk && (sk->state == BPF_TCP_SYN_SENT || sk->state == BPF_TCP_NEW_SYN_RECV);
}

/*
 * WireGuard wraps a packet and lets it keep its socket, but not what tc_index says of it: it has waited inside. So one
 * that does not look like the socket's is not its own, unless netflow_departure has seen that the socket's own look so:
 * NAT has given them other ports, or IPsec has put them into datagrams.
 */
static __always_inline int is_wrapped(const struct parsed_packet *packet, const struct bpf_sock *sk,
				      const struct socket_record *record)
{
	return looks_other(packet, sk) && !(record && record->looks_other);
}

/* A packet that can't wait. */
static __always_inline int pass_or_drop(struct __sk_buff *skb, const struct parsed_packet *packet, struct place place)
{
	if (pay(place, payload_bytes(skb, packet)))
		return TC_ACT_UNSPEC;
	__sync_fetch_and_add(&dropped_packets, 1);
	return TC_ACT_SHOT;
}

/*
 * Applies the sender's limits to a packet. Returns the verdict of the whole program, or TC_ACT_OK where none applies.
 */
static __always_inline int pass_sender(struct __sk_buff *skb, struct bpf_sock *sk, struct socket_record *record,
				       struct parsed_packet *packet)
{
	struct place place = record ? place_of(record, UPLOAD) : (struct place){};
	int is_handshake = is_shaking_hands(skb);
	int is_narrowed = record && record->window;

	if (!place.class && !is_handshake && !is_narrowed)
		return TC_ACT_OK;
	if (read_packet(skb, packet)) {
		if (sk && is_wrapped(packet, sk, record))
			return TC_ACT_UNSPEC;
		if (is_handshake)
			narrow_first_window(skb, packet);
		else if (is_narrowed)
			narrow_open_window(skb, record, packet);
	}
	if (place.class && !packet->is_empty)
		return has_link_header(skb) ? detour(skb, packet, place, PASSED_UPLOAD, WAY_OUT)
					    : pass_or_drop(skb, packet, place);
	return is_narrowed || place.class ? TC_ACT_UNSPEC : TC_ACT_OK;
}

/* Whether a socket sends to one receiver only, so that a slow receiver may stop it. */
static __always_inline int has_one_peer(struct __sk_buff *skb, const struct parsed_packet *packet)
{
	struct bpf_sock *sk = skb->sk ? bpf_sk_fullsock(skb->sk) : 0;

	return packet->protocol == IPPROTO_TCP || (sk && sk->dst_port);
}

/* The same for the receiver's limits on loopback, where a limited sender's packet passes egress twice. */
static __always_inline int pass_receiver(struct __sk_buff *skb, struct parsed_packet *packet)
{
	struct netflow_rule_state *state = rules_in_force();

	if (!state || !state->downloads)
		return TC_ACT_OK;
	if (!read_packet(skb, packet))
		return TC_ACT_UNSPEC;
	struct place place = receiving_place(skb, packet);

	if (place.class && !packet->is_empty && has_one_peer(skb, packet))
		return detour(skb, packet, place, PASSED_ANY, WAY_OUT);
	if (place.class && !packet->is_empty)
		skb->tc_index |= LEFT_TO_INGRESS;
	return place.class || place.is_unknown ? TC_ACT_UNSPEC : TC_ACT_OK;
}

SEC("tc")
int netflow_egress(struct __sk_buff *skb)
{
	__u32 epoch = limit_epoch();

	if (is_quiet(epoch))
		return TC_ACT_UNSPEC;
	struct bpf_sock *sk = skb->sk;
	struct socket_record *record = sk ? find_record(sk) : 0;

	/* An earlier packet of this socket has found no limit, and none can have come since. */
	if (record &&
	    (record->clear_epoch == epoch || (record->free_epoch == epoch && skb->ifindex != NETFLOW_LOOPBACK_DEVICE)))
		return TC_ACT_UNSPEC;
	__u32 passed = skb->tc_index & PASSED_ANY;
	struct parsed_packet packet = {};
	int verdict = TC_ACT_OK;

	sk = sk && !(passed & PASSED_UPLOAD) ? bpf_sk_fullsock(sk) : 0;
	record = sk ? record_of_packet(sk) : 0;
	if (!(passed & PASSED_UPLOAD))
		verdict = pass_sender(skb, sk, record, &packet);
	if (skb->ifindex == NETFLOW_LOOPBACK_DEVICE && !(passed & PASSED_DOWNLOAD) &&
	    (verdict == TC_ACT_OK || verdict == TC_ACT_UNSPEC)) {
		int received = pass_receiver(skb, &packet);

		if (received != TC_ACT_OK)
			return received;
	}
	if (verdict != TC_ACT_OK)
		return verdict;
	/* Under a download limit the window in every packet is narrowed, so that none may skip this program. */
	if (record && sk->protocol == IPPROTO_TCP && !place_of(record, DOWNLOAD).class)
		record->clear_epoch = epoch;
	return TC_ACT_UNSPEC;
}

/*
 * Whether the detour would strip something that a packet needs: a packet that IPsec has decrypted is refused without
 * its security path, and one that an interface for many tunnels has unwrapped would no longer say which one it came by.
 */
static __always_inline int is_stripped_by_detour(struct __sk_buff *skb)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);

	if (bpf_core_field_exists(kernel->active_extensions) && kernel->active_extensions)
		return 1;
	return kernel->_skb_refdst != 0;
}

/*
 * A looped packet of multicast. netflow_departure sees those of IPv6 with their socket, and of IPv4 never the copy, so
 * that one with no hop to go is looked at here.
 */
static __always_inline int pass_looped(struct __sk_buff *skb, struct parsed_packet *packet)
{
	if (is_quiet(limit_epoch()) || !read_packet(skb, packet) || packet->is_ipv6 || packet->hops)
		return TC_ACT_UNSPEC;
	struct place place = sending_place(skb, packet);

	return place.class ? pass_or_drop(skb, packet, place) : TC_ACT_UNSPEC;
}

SEC("tc")
int netflow_ingress(struct __sk_buff *skb)
{
	int is_local = skb->ifindex == NETFLOW_LOOPBACK_DEVICE;

	struct parsed_packet packet = {};

	if (skb->pkt_type == PACKET_LOOPBACK)
		return pass_looped(skb, &packet);
	if (is_local && !(skb->tc_index & LEFT_TO_INGRESS))
		return TC_ACT_UNSPEC;
	struct netflow_rule_state *state = rules_in_force();

	if (!state || !state->downloads || is_quiet(limit_epoch()))
		return TC_ACT_UNSPEC;
	if (skb->tc_index & PASSED_DOWNLOAD || skb->pkt_type != PACKET_HOST || skb->vlan_present)
		return TC_ACT_UNSPEC;
	if (!is_local && is_stripped_by_detour(skb))
		return TC_ACT_UNSPEC;
	if (!read_packet(skb, &packet) || packet.is_empty)
		return TC_ACT_UNSPEC;
	struct place place = receiving_place(skb, &packet);

	if (!place.class || !has_link_header(skb))
		return TC_ACT_UNSPEC;
	if (begin_waiting(place, kind_of(&packet), payload_bytes(skb, &packet)))
		return is_local ? detour(skb, &packet, place, PASSED_ANY, WAY_OUT_COUNTED)
				: detour(skb, &packet, place, PASSED_DOWNLOAD, WAY_IN);
	__sync_fetch_and_add(&dropped_packets, 1);
	return TC_ACT_SHOT;
}

/* HTB's filter: names the class that a packet waits in. */
SEC("tc")
int netflow_classify(struct __sk_buff *skb)
{
	skb->tc_classid = NETFLOW_QUEUE_HANDLE << 16 | skb->cb[NOTE_CLASS];
	return TC_ACT_OK;
}

/* On the lower device of the queue and of the splitter, which never sends anything of its own. */
SEC("tc")
int netflow_return(struct __sk_buff *skb)
{
	__u32 padding = skb->cb[NOTE_PADDING];
	__u32 device = skb->cb[NOTE_DEVICE];
	__u32 way = skb->cb[NOTE_WAY];
	__u32 class = skb->cb[NOTE_CLASS];
	struct parsed_packet packet = {};

	if (!(skb->tc_index & PASSED_ANY) || way == WAY_NOWHERE)
		return TC_ACT_SHOT;
	if (way & IS_TO_SPLIT) {
		read_packet(skb, &packet);
		return send_to_queue(skb, &packet);
	}
	if (padding && bpf_skb_adjust_room(skb, -(int)padding, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return TC_ACT_SHOT;
	skb->priority = skb->cb[NOTE_PRIORITY];
	if (way != WAY_OUT && read_packet(skb, &packet))
		end_waiting(class, kind_of(&packet), payload_bytes(skb, &packet));
	return bpf_redirect(device, way == WAY_IN ? BPF_F_INGRESS : 0);
}
