/* SPDX-License-Identifier: MIT */
/*
 * A received packet as a list of our own, which can be put back into the receive path. While a clone is held, so is a
 * buffer of the network adapter, which then finds none for anybody's packets, and can't pause.
 */
#ifndef NETFLOW_WFP_COPY_H
#define NETFLOW_WFP_COPY_H

#include "wfp.h"

/* Both: IRQL == PASSIVE_LEVEL. FALSE: no memory. */
BOOLEAN copies_start(void);
void copies_stop(void);

/* The rest: IRQL <= DISPATCH_LEVEL. */

/*
 * Copies `bytes` from where the first buffer of `packets` begins, which is its IP header, into `memory`, and makes a
 * list of that. NULL: no memory. The caller keeps `memory` until it has freed the list.
 */
NET_BUFFER_LIST *copy_create(NET_BUFFER_LIST *packets, UCHAR *memory, ULONG bytes);
void copy_free(NET_BUFFER_LIST *copy);

#endif
