/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Packets to which this machine's connection tracking gives other addresses after they came in: their socket has these.
 * Where the kernel has no such tracking, or programs can't ask it, nothing is known of such packets.
 */
#ifndef NETFLOW_LINUX_TRANSLATED_H
#define NETFLOW_LINUX_TRANSLATED_H

#include "packet.h"

#define IPS_NAT_MASK 0x30 /* of nf_conn's status: either end has another address, or port */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

union nf_inet_addr {
	__u32 all[4];
};

union nf_conntrack_man_proto {
	__u16 all;
};

struct nf_conntrack_man {
	union nf_inet_addr u3;
	union nf_conntrack_man_proto u;
};

struct nf_conntrack_tuple {
	struct nf_conntrack_man src;
	struct {
		union nf_inet_addr u3;
		union nf_conntrack_man_proto u;
	} dst;
};

struct nf_conntrack_tuple_hash {
	struct nf_conntrack_tuple tuple;
};

struct nf_conn {
	struct nf_conntrack_tuple_hash tuplehash[2];
	unsigned long status;
};

#pragma clang attribute pop

/*
 * The fields that every kernel takes. A kernel or module that has this type has the calls as well; whether a module has
 * a call, libbpf can't tell.
 */
struct bpf_ct_opts___netflow {
	__s32 netns_id;
	__s32 error;
	__u8 l4proto;
	__u8 dir; /* answered: which of the tuples the packet's is */
	__u8 reserved[2];
};

extern struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 bytes,
					 struct bpf_ct_opts___netflow *options, __u32 options_bytes) __ksym __weak;
extern void bpf_ct_release(struct nf_conn *connection) __ksym __weak;

static __always_inline int can_translate(void)
{
	return bpf_core_type_exists(struct bpf_ct_opts___netflow);
}

/* Gives the packet the addresses of the answer to it, in reverse. */
static __always_inline void take_addresses(struct parsed_packet *packet, const struct nf_conntrack_tuple *answer)
{
	if (!packet->is_ipv6) {
		packet->tuple.ipv4.saddr = answer->dst.u3.all[0];
		packet->tuple.ipv4.sport = answer->dst.u.all;
		packet->tuple.ipv4.daddr = answer->src.u3.all[0];
		packet->tuple.ipv4.dport = answer->src.u.all;
		return;
	}
	for (int word = 0; word < 4; word++) {
		packet->tuple.ipv6.saddr[word] = answer->dst.u3.all[word];
		packet->tuple.ipv6.daddr[word] = answer->src.u3.all[word];
	}
	packet->tuple.ipv6.sport = answer->dst.u.all;
	packet->tuple.ipv6.dport = answer->src.u.all;
}

/*
 * Gives the packet's tuple the addresses that its socket has; false where it has them already, or they are not known.
 */
static __always_inline int translate(struct __sk_buff *skb, struct parsed_packet *packet)
{
	struct bpf_ct_opts___netflow options = {.netns_id = BPF_F_CURRENT_NETNS, .l4proto = packet->protocol};
	struct nf_conn *connection = 0;

	if (!can_translate())
		return 0;
	if (packet->is_ipv6)
		connection =
			bpf_skb_ct_lookup(skb, &packet->tuple, sizeof(packet->tuple.ipv6), &options, sizeof(options));
	else
		connection =
			bpf_skb_ct_lookup(skb, &packet->tuple, sizeof(packet->tuple.ipv4), &options, sizeof(options));
	if (!connection)
		return 0;
	int is_translated = (connection->status & IPS_NAT_MASK) != 0;

	if (is_translated)
		take_addresses(packet, options.dir ? &connection->tuplehash[0].tuple : &connection->tuplehash[1].tuple);
	bpf_ct_release(connection);
	return is_translated;
}

#endif
