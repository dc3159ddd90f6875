/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Connections whose segments are signed, as those of BGP are: a header that is changed on its way makes them void. */
#ifndef NETFLOW_LINUX_SIGNED_H
#define NETFLOW_LINUX_SIGNED_H

#include "kernel.h"

/*
 * By TCP-MD5 or TCP-AO. A listener that has a key for anybody counts as signed, and a connection gets its keys from
 * it.
 */
static __always_inline int is_signed(const struct tcp_sock *tcp)
{
	if (bpf_core_field_exists(tcp->md5sig_info) && tcp->md5sig_info)
		return 1;
	return bpf_core_field_exists(tcp->ao_info) && tcp->ao_info;
}

#endif
