/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Limits: a packet of a limited process takes a detour through a queue that lets so
 * many bytes a second go, and comes back to where it was. Because it keeps its
 * socket on the way, a full queue stops the sender: nothing is dropped, nothing
 * fails.
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
#ifndef NETFLOW_EBPF_LIMIT_H
#define NETFLOW_EBPF_LIMIT_H

#include "packet.h"
#include "socket.h"

#define TC_ACT_UNSPEC (-1) /* on to the next program */
#define TC_ACT_OK 0
#define TC_ACT_SHOT 2
#define PACKET_HOST 0
#define LOOPBACK_DEVICE 1
/* The same numbers in every network namespace; core makes the devices with them. */
#define QUEUE_DEVICE 1313361921
#define SPLIT_DEVICE (QUEUE_DEVICE + 3)
#define HTB_HANDLE 0x10000

/* Bytes per second; from here on a packet of 64 KB is short enough to wait for. */
#define SPLIT_BELOW (4 << 20)

/* Bytes that a receiver under a low limit offers in a handshake: one short segment. */
#define FIRST_WINDOW 536

#define ETHERNET_HEADER 14
/*
 * HTB is told to take this off every packet, which leaves the payload. It is what TCP over
 * IPv6 has with time stamps; shorter headers are made as long while they wait.
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
	NOTE_INGRESS, /* 1: towards a socket */
	NOTE_PADDING, /* bytes that were put in front of its IP header */
	NOTE_SPLIT,   /* 1: has been to SPLIT_DEVICE, and not to QUEUE_DEVICE yet */
};

static __always_inline int is_below(__u64 limit, __u64 rate)
{
	return limit != NETFLOW_UNLIMITED && limit < rate;
}

/* The process whose limit holds for a socket; null where it has none. */
static __always_inline struct process *limited_user(const struct socket_record *record, enum direction direction)
{
	struct process *process = process_at(record->users[direction].slot);

	return process && process->rule && process->generation == record->users[direction].generation ? process : 0;
}

/* How long the packet's link-layer header is: none on a tunnel. */
static __always_inline __u32 link_header(struct __sk_buff *skb)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);

	return kernel->network_header - kernel->mac_header;
}

/* Where a packet has to wait. */
struct place {
	__u32 class; /* 0: nowhere */
	__u32 is_slow;
};

/* The place for packets of this direction of a socket. */
static __always_inline struct place place_of(struct socket_record *record, enum direction direction)
{
	struct user *user = &record->users[direction];
	struct process *process = process_at(user->slot);

	if (process && process->generation == user->generation) {
		if (process->rule != user->rule)
			user->rule = process->rule;
		return (struct place){.class = process->class[direction],
				      .is_slow = process->limit[direction] < SPLIT_BELOW};
	}
	if (!user->rule)
		return (struct place){};
	__u32 number = user->rule;
	struct netflow_classes *classes = bpf_map_lookup_elem(&rule_classes, &number);

	return (struct place){.class = classes ? classes->class_id[direction] : 0};
}

/* A connection of MPTCP sends through sockets of the kernel's own; the process has the one above them. */
static __always_inline struct socket_record *record_of_packet(struct bpf_sock *sk)
{
	struct socket_record *record = bpf_sk_storage_get(&sockets, sk, 0, 0);

	if (record || sk->protocol != IPPROTO_TCP)
		return record;
	struct mptcp_sock *above = bpf_skc_to_mptcp_sock(sk);

	return above ? bpf_sk_storage_get(&sockets, above, 0, 0) : 0;
}

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
	struct place place = {};

	if (!sk)
		return place;
	struct socket_record *record = record_of_packet(sk);

	/* A listener has no connection yet that this could be for: it is forwarded, or the first of one. */
	if (record && sk->state != BPF_TCP_LISTEN)
		place = place_of(record, DOWNLOAD);
	bpf_sk_release(sk);
	return place;
}

/* Makes a header that is shorter than what HTB takes off as long. A large packet can't be, and need not: it is short beside that. */
static __always_inline void pad_header(struct __sk_buff *skb, __u32 header_bytes)
{
	int padding = CHARGED_HEADER - header_bytes;

	if (padding > 0 && !bpf_skb_adjust_room(skb, padding, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		skb->cb[NOTE_PADDING] = padding;
}

static __always_inline int send_to_queue(struct __sk_buff *skb)
{
	struct packet packet = {};

	skb->cb[NOTE_SPLIT] = 0;
	if (!skb->gso_size && read_packet(skb, &packet))
		pad_header(skb, link_header(skb) + packet.header_bytes);
	return bpf_redirect(QUEUE_DEVICE, 0);
}

/* Sends a packet on the detour. */
static __always_inline int detour(struct __sk_buff *skb, struct place place, enum passed passed, int is_ingress)
{
	skb->cb[NOTE_DEVICE] = skb->ifindex;
	skb->cb[NOTE_CLASS] = place.class;
	skb->cb[NOTE_INGRESS] = is_ingress;
	skb->cb[NOTE_PADDING] = 0;
	skb->tc_index |= passed;
	if (link_header(skb) == 0 && bpf_skb_change_head(skb, ETHERNET_HEADER, 0))
		return TC_ACT_UNSPEC; /* more than a tunnel carries; better without a limit than not at all */
	if (!place.is_slow || !skb->gso_size)
		return send_to_queue(skb);
	skb->cb[NOTE_SPLIT] = 1;
	return bpf_redirect(SPLIT_DEVICE, 0);
}

/*
 * Has a receiver offer no larger a window than its limit needs: what its peers send is
 * not kept in our queue but where it comes from. The socket itself knows nothing of it,
 * or it would go on offering what it has offered once.
 */
static __always_inline void narrow_window(struct __sk_buff *skb, struct packet *packet, __u32 window)
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
					       struct packet *packet)
{
	__u32 shift = record->window_shift & 15;
	__u32 window = record->window >> shift;

	narrow_window(skb, packet, window ? window : 1);
}

/* The window of a handshake, which no shift makes larger. One that answers belongs to the listener's users. */
static __always_inline void narrow_first_window(struct __sk_buff *skb, struct packet *packet)
{
	struct bpf_sock *sk = skb->sk ? bpf_get_listener_sock(skb->sk) : 0;

	if (!sk && skb->sk)
		sk = bpf_sk_fullsock(skb->sk);
	struct socket_record *record = sk ? bpf_sk_storage_get(&sockets, sk, 0, 0) : 0;
	struct process *process = record ? limited_user(record, DOWNLOAD) : 0;

	if (process && is_below(process->limit[DOWNLOAD], SPLIT_BELOW))
		narrow_window(skb, packet, FIRST_WINDOW);
}

/* Whether an earlier packet of this TCP socket has found no limit, and none can have come since. */
static __always_inline int is_clear(const struct socket_record *record)
{
	return record->clear_epoch == *(volatile __u32 *)&limit_epoch;
}

/* What the sender's limits do to a packet; the verdict of the whole program, or TC_ACT_OK where they do nothing. */
static __always_inline int pass_sender(struct __sk_buff *skb, struct socket_record *record, struct packet *packet)
{
	struct place place = record ? place_of(record, UPLOAD) : (struct place){};
	int is_handshake = is_shaking_hands(skb);
	int is_narrowed = record && record->window;

	if (!place.class && !is_handshake && !is_narrowed)
		return TC_ACT_OK;
	if (read_packet(skb, packet)) {
		if (is_handshake)
			narrow_first_window(skb, packet);
		else if (is_narrowed)
			narrow_open_window(skb, record, packet);
	}
	if (place.class && !packet->is_empty)
		return detour(skb, place, PASSED_UPLOAD, 0);
	return is_narrowed || place.class ? TC_ACT_UNSPEC : TC_ACT_OK;
}

/* The same for the receiver's on loopback, where a packet passes egress twice when the sender is limited. */
static __always_inline int pass_receiver(struct __sk_buff *skb, struct packet *packet)
{
	struct netflow_rule_state *state = rules_in_force();

	if (!state || !state->downloads)
		return TC_ACT_OK;
	if (!read_packet(skb, packet) || packet->is_empty)
		return TC_ACT_UNSPEC;
	struct place place = receiving_place(skb, packet);

	return place.class ? detour(skb, place, PASSED_ANY, 0) : TC_ACT_OK;
}

SEC("tc")
int netflow_egress(struct __sk_buff *skb)
{
	__u32 passed = skb->tc_index & PASSED_ANY;
	__u32 epoch = *(volatile __u32 *)&limit_epoch;
	struct bpf_sock *sk = skb->sk && !(passed & PASSED_UPLOAD) ? bpf_sk_fullsock(skb->sk) : 0;
	struct socket_record *record = sk ? record_of_packet(sk) : 0;
	struct packet packet = {};
	int verdict = TC_ACT_OK;

	if (record && is_clear(record))
		return TC_ACT_UNSPEC;
	if (!(passed & PASSED_UPLOAD))
		verdict = pass_sender(skb, record, &packet);
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

	if (!state || !state->downloads)
		return TC_ACT_UNSPEC;
	if (skb->tc_index & PASSED_DOWNLOAD || skb->pkt_type != PACKET_HOST || skb->vlan_present)
		return TC_ACT_UNSPEC;
	if (!read_packet(skb, &packet) || packet.is_empty)
		return TC_ACT_UNSPEC;
	struct place place = receiving_place(skb, &packet);

	return place.class ? detour(skb, place, PASSED_DOWNLOAD, 1) : TC_ACT_UNSPEC;
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
	__u32 is_ingress = skb->cb[NOTE_INGRESS];

	if (!(skb->tc_index & PASSED_ANY))
		return TC_ACT_SHOT;
	if (skb->cb[NOTE_SPLIT])
		return send_to_queue(skb);
	if (padding && bpf_skb_adjust_room(skb, -(int)padding, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return TC_ACT_SHOT;
	return bpf_redirect(device, is_ingress ? BPF_F_INGRESS : 0);
}

/* A process makes a socket: from its first byte on the process's limit holds. */
SEC("cgroup/sock_create")
int netflow_socket(struct bpf_sock *sk)
{
	struct netflow_rule_state *state = rules_in_force();

	if (!state)
		return 1;
	__u64 cookie = bpf_get_netns_cookie(sk);
	__u32 known = 1;

	if (bpf_map_update_elem(&namespaces, &cookie, &known, BPF_NOEXIST) == 0)
		call_agent();
	long slot = slot_of_maker(bpf_get_current_task_btf());
	struct process *process = slot < 0 ? 0 : process_at(slot);
	struct socket_record *record = process ? bpf_sk_storage_get(&sockets, sk, 0, BPF_SK_STORAGE_GET_F_CREATE) : 0;

	if (!record)
		return 1;
	for (int direction = 0; direction < DIRECTIONS; direction++)
		set_user(record, direction, slot, process->generation | 1);
	return 1;
}

#endif
