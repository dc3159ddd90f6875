// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * The limits on packets that have not been through the queue; see detour.h. A cgroup's programs see a packet with the
 * socket that it belongs to, in every network namespace, but can't have it wait: it passes or is dropped.
 *
 * On arrival these are packets whose socket could not be told at ingress: their addresses were translated, IPsec had
 * wrapped them, a VRF had their interface, or they came in fragments. On departure they leave by an interface whose
 * packets pass no queue yet, since it is new, or its namespace; or they are for multicast on this machine only.
 */
#include "detour.h"
#include "looped.h"

/* Verdicts of a cgroup's program. */
enum verdict {
	DROP = 0, /* TCP keeps what it could not send and tries again */
	PASS = 1,
	DROP_QUIETLY = 2, /* only on departure: a datagram is lost as on a network, and its sender gets no error */
};

/* The first programs at an interface's egress are looked at; core puts netflow_egress before all others. */
#define LOOKED_AT 4

union program_name {
	char text[16];
	__u64 words[2];
};

static __always_inline int is_netflow_egress(const struct bpf_prog *program)
{
	const union program_name own = {.text = "netflow_egress"};
	union program_name name = {};

	bpf_probe_read_kernel(&name, sizeof(name), program->aux->name);
	return name.words[0] == own.words[0] && name.words[1] == own.words[1];
}

/* Whether the packet leaves by an interface where netflow_egress sees it. */
static __always_inline int is_covered(struct __sk_buff *skb)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);
	const struct bpf_mprog_entry *egress = kernel->dev->tcx_egress;

#pragma clang loop unroll(full)
	for (int at = 0; egress && at < LOOKED_AT; at++) {
		const struct bpf_prog *program = egress->fp_items[at].prog;

		if (!program)
			return 0;
		if (is_netflow_egress(program))
			return 1;
	}
	return 0;
}

/* Whether a socket may be limited, as far as is known. */
static __always_inline int is_to_look_at(const struct socket_record *record, __u32 epoch)
{
	return record->clear_epoch != epoch && record->free_epoch != epoch;
}

/* Whether the packet is a copy of multicast by a device of the driver's own, where nothing waits for others. */
static __always_inline int is_own_device(__u32 number)
{
	return number >= NETFLOW_QUEUE_DEVICE && number <= NETFLOW_SPLIT_DEVICE;
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
 * Whether the packet leaves in the call that sends it. A datagram always does, and of MPTCP, whose record is that of the
 * socket above, what leaves while a call has the socket locked. TCP's senders are named earlier; see sending.bpf.c.
 */
static __always_inline int leaves_in_call(struct __sk_buff *skb, const struct bpf_sock *sk, int is_of_mptcp)
{
	struct sk_buff *kernel = bpf_cast_to_kern_ctx(skb);

	return is_datagram(sk) || (is_of_mptcp && BPF_CORE_READ(kernel, sk, sk_lock.owned));
}

/*
 * Whether a packet of a limited socket may leave. Only a socket's own come here, with the ports that NAT gives them,
 * and not those that wrap them.
 */
static __always_inline int may_depart(struct __sk_buff *skb, const struct bpf_sock *sk, struct socket_record *record,
				      struct place place)
{
	struct parsed_packet packet = {};

	if (record->looks_other && is_covered(skb))
		return 1;
	if (read_packet(skb, &packet) && looks_other(&packet, sk))
		record->looks_other = 1;
	return !place.class || (is_covered(skb) && !stays_here(&packet)) || may_pass(skb, &packet, place);
}

SEC("cgroup_skb/egress")
int netflow_departure(struct __sk_buff *skb)
{
	struct bpf_sock *sk = socket_of(skb);
	struct socket_record *record = sk && is_tcp_or_udp(sk) ? find_record(sk) : 0;
	int is_of_mptcp = sk && !record && sk->protocol == IPPROTO_TCP;

	if (is_of_mptcp)
		record = record_above(sk);
	if (!sk || !record)
		return PASS;
	if (leaves_in_call(skb, sk, is_of_mptcp))
		name_limited_sender(record); /* which may end the quiet */
	__u32 epoch = limit_epoch();

	if (is_quiet(epoch) || !is_to_look_at(record, epoch))
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
	if (is_own_device(skb->ifindex))
		return DROP;
	struct bpf_sock *sk = socket_of(skb);
	struct socket_record *record = sk ? record_of_packet(sk) : 0;

	if (!record || !is_to_look_at(record, epoch))
		return PASS;
	struct place place = place_of(record, DOWNLOAD);

	if (!place.class) {
		note_free(sk, record, epoch);
		return PASS;
	}
	read_packet(skb, &packet);
	return may_pass(skb, &packet, place) ? PASS : DROP;
}
