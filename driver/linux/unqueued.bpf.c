// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The limits on packets that have not been through the queue; see detour.h. A cgroup's programs see a packet with the
 * socket that it belongs to, in every network namespace, but can't have it wait: it passes or is dropped.
 *
 * On arrival these are packets whose socket could not be told at ingress: their addresses were translated, IPsec had
 * wrapped them, a VRF had their interface, or they came in fragments. On departure they leave a namespace that has no
 * queue yet.
 */
#include "detour.h"
#include "police.h"

/* Verdicts of a cgroup's program. */
enum verdict {
	DROP = 0, /* TCP keeps what it could not send and tries again */
	PASS = 1,
	DROP_QUIETLY = 2, /* only on departure: a datagram is lost as on a network, and its sender gets no error */
};

/* Network namespaces whose packets pass netflow_egress, by cookie. core writes them. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, DEFAULT_NAMESPACES);
	__type(key, __u64);
	__type(value, __u32);
} covered SEC(".maps");

static __always_inline int is_covered(struct __sk_buff *skb)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);
	__u64 cookie = BPF_CORE_READ(kernel, sk, __sk_common.skc_net.net, net_cookie);

	return bpf_map_lookup_elem(&covered, &cookie) != 0;
}

/* Whether a socket may be limited, as far as is known. */
static __always_inline int is_to_look_at(const struct socket_record *record)
{
	return record && record->clear_epoch != limit_epoch();
}

static __always_inline struct bpf_sock *socket_of(struct __sk_buff *skb)
{
	return skb->sk ? bpf_sk_fullsock(skb->sk) : 0;
}

/* Whether the packet, which begins with its IP header, may pass. */
static __always_inline int may_pass(struct __sk_buff *skb, struct place place)
{
	struct parsed_packet packet = {};

	read_packet(skb, &packet);
	if (packet.is_empty || skb->len <= packet.header_bytes || pay(place, skb->len - packet.header_bytes))
		return 1;
	__sync_fetch_and_add(&dropped_packets, 1);
	return 0;
}

SEC("cgroup_skb/egress")
int netflow_departure(struct __sk_buff *skb)
{
	struct bpf_sock *sk = socket_of(skb);
	int is_datagram = sk && (sk->protocol == IPPROTO_UDP || sk->protocol == IPPROTO_UDPLITE);

	struct socket_record *record = is_datagram ? record_of_packet(sk) : 0;

	if (record)
		name_limited_sender(record); /* which may end the quiet */
	if (!sk || is_quiet(limit_epoch()))
		return PASS;
	if (!is_datagram)
		record = record_of_packet(sk);
	struct place place = is_to_look_at(record) ? place_of(record, UPLOAD) : (struct place){};

	if (!place.class || is_covered(skb) || may_pass(skb, place))
		return PASS;
	return sk->protocol == IPPROTO_TCP ? DROP : DROP_QUIETLY;
}

SEC("cgroup_skb/ingress")
int netflow_arrival(struct __sk_buff *skb)
{
	if (is_quiet(limit_epoch()) || skb->tc_index & PASSED_DOWNLOAD)
		return PASS;
	struct bpf_sock *sk = socket_of(skb);
	struct socket_record *record = sk ? record_of_packet(sk) : 0;
	struct place place = is_to_look_at(record) ? place_of(record, DOWNLOAD) : (struct place){};

	return !place.class || may_pass(skb, place) ? PASS : DROP;
}
