// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The limits on packets that have not been through the queue; see detour.h. A cgroup's programs see a packet with the
 * socket that it belongs to, in every network namespace, but can't have it wait: it passes or is dropped.
 *
 * On arrival these are packets whose socket could not be told at ingress: their addresses were translated, IPsec had
 * wrapped them, a VRF had their interface, or they came in fragments. On departure they leave by an interface whose
 * packets pass no queue yet, since it is new, or its namespace.
 */
#include "detour.h"
#include "police.h"

#define COVERED_INTERFACES 32768

/* Verdicts of a cgroup's program. */
enum verdict {
	DROP = 0, /* TCP keeps what it could not send and tries again */
	PASS = 1,
	DROP_QUIETLY = 2, /* only on departure: a datagram is lost as on a network, and its sender gets no error */
};

/* Interfaces whose packets pass netflow_egress. core writes them. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, COVERED_INTERFACES);
	__type(key, struct netflow_interface);
	__type(value, __u32);
} covered SEC(".maps");

static __always_inline int is_covered(struct __sk_buff *skb)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);
	struct netflow_interface interface = {
		.namespace_cookie = BPF_CORE_READ(kernel, sk, __sk_common.skc_net.net, net_cookie),
		.number = skb->ifindex,
	};

	return bpf_map_lookup_elem(&covered, &interface) != 0;
}

/* Whether a socket may be limited, as far as is known. */
static __always_inline int is_to_look_at(const struct socket_record *record, __u32 epoch)
{
	return record && record->clear_epoch != epoch && record->free_epoch != epoch;
}

static __always_inline struct bpf_sock *socket_of(struct __sk_buff *skb)
{
	return skb->sk ? bpf_sk_fullsock(skb->sk) : 0;
}

static __always_inline int is_datagram(const struct bpf_sock *sk)
{
	return sk->protocol == IPPROTO_UDP || sk->protocol == IPPROTO_UDPLITE;
}

/* A datagram socket without a limit is not looked at again until one may have come. netflow_egress looks at TCP's. */
static __always_inline void note_free(const struct bpf_sock *sk, struct socket_record *record, __u32 epoch)
{
	if (is_datagram(sk) && !place_of(record, UPLOAD).class && !place_of(record, DOWNLOAD).class)
		record->free_epoch = epoch;
}

/* Whether the packet, which begins with its IP header, may pass. */
static __always_inline int may_pass(struct __sk_buff *skb, const struct parsed_packet *packet, struct place place)
{
	if (packet->is_empty || skb->len <= packet->header_bytes || pay(place, skb->len - packet->header_bytes))
		return 1;
	__sync_fetch_and_add(&dropped_packets, 1);
	return 0;
}

/*
 * The record of a socket whose packet leaves in the call that sends it; null for others. A datagram always does, and of
 * MPTCP what leaves while a call has the socket locked. TCP's senders are named earlier; see sending.bpf.c.
 */
static __always_inline struct socket_record *record_of_call(struct __sk_buff *skb, struct bpf_sock *sk)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);

	if (is_datagram(sk))
		return record_of_packet(sk);
	struct socket_record *above = sk->protocol == IPPROTO_TCP ? record_above(sk) : 0;

	return above && BPF_CORE_READ(kernel, sk, sk_lock.owned) ? above : 0;
}

/*
 * Whether a packet of a limited socket may leave. Only a socket's own come here, with the ports that NAT gives them,
 * and not those that wrap them.
 */
static __always_inline int may_depart(struct __sk_buff *skb, const struct bpf_sock *sk, struct socket_record *record,
				      struct place place)
{
	struct parsed_packet packet = {};

	if (record->is_translated && is_covered(skb))
		return 1;
	if (read_packet(skb, &packet) && has_other_ports(&packet, sk))
		record->is_translated = 1;
	return !place.class || is_covered(skb) || may_pass(skb, &packet, place);
}

SEC("cgroup_skb/egress")
int netflow_departure(struct __sk_buff *skb)
{
	struct bpf_sock *sk = socket_of(skb);
	struct socket_record *record = sk ? record_of_call(skb, sk) : 0;

	if (record)
		name_limited_sender(record); /* which may end the quiet */
	__u32 epoch = limit_epoch();

	if (!sk || is_quiet(epoch))
		return PASS;
	if (!record)
		record = record_of_packet(sk);
	if (!is_to_look_at(record, epoch))
		return PASS;
	struct place place = place_of(record, UPLOAD);

	if (!place.class && !record->window) {
		note_free(sk, record, epoch);
		return PASS;
	}
	if (may_depart(skb, sk, record, place))
		return PASS;
	return sk->protocol == IPPROTO_TCP ? DROP : DROP_QUIETLY;
}

SEC("cgroup_skb/ingress")
int netflow_arrival(struct __sk_buff *skb)
{
	__u32 epoch = limit_epoch();
	struct parsed_packet packet = {};

	if (is_quiet(epoch) || skb->tc_index & PASSED_DOWNLOAD)
		return PASS;
	struct bpf_sock *sk = socket_of(skb);
	struct socket_record *record = sk ? record_of_packet(sk) : 0;

	if (!sk || !is_to_look_at(record, epoch))
		return PASS;
	struct place place = place_of(record, DOWNLOAD);

	if (!place.class) {
		note_free(sk, record, epoch);
		return PASS;
	}
	read_packet(skb, &packet);
	return may_pass(skb, &packet, place) ? PASS : DROP;
}
