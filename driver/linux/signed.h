/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Connections whose segments are signed, as BGP's: a header that is changed on the way makes the signature void. */
#ifndef NETFLOW_LINUX_SIGNED_H
#define NETFLOW_LINUX_SIGNED_H

#include "kernel.h"

/*
 * True with TCP-MD5 or TCP-AO. A listener counts as signed if it has a key for any peer; its connections get their keys
 * from it.
 */
static __always_inline int is_signed(const struct tcp_sock *tcp)
{
	if (bpf_core_field_exists(tcp->md5sig_info) && tcp->md5sig_info)
		return 1;
	return bpf_core_field_exists(tcp->ao_info) && tcp->ao_info;
}

#endif
