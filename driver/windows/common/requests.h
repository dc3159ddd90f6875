/* SPDX-License-Identifier: MIT */
/*
 * What a program in user mode may ask (protocol.h). Every length and every field is checked here, before it is used.
 */
#ifndef NETFLOW_COMMON_REQUESTS_H
#define NETFLOW_COMMON_REQUESTS_H

#include "netflow.h"

/*
 * IRQL == PASSIVE_LEVEL. `buffer` holds `input` bytes and takes at most `output` of the reply (METHOD_BUFFERED: one
 * buffer for both; NULL where both are 0). `*written` is what the reply takes.
 */
NTSTATUS request_handle(struct netflow *netflow, ULONG code, void *buffer, ULONG input, ULONG output,
			ULONG_PTR *written);

#endif
