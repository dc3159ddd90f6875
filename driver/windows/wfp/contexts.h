/* SPDX-License-Identifier: MIT */
/*
 * Flows as contexts of layers. Each context holds a reference, which WFP gives back exactly once.
 */
#ifndef NETFLOW_WFP_CONTEXTS_H
#define NETFLOW_WFP_CONTEXTS_H

#include "wfp.h"

/* All: IRQL <= DISPATCH_LEVEL, without locks: context_deleted() may run inside of them. */

/* FALSE: the layer has one for this flow, or the flow is gone. */
BOOLEAN context_join(struct flow *flow, enum layer layer);

/* The layer that counts this flow. */
enum layer context_counting_layer(const struct flow *flow);

/* Has what the flow transfers pass by the transport layers as well. Works once. */
void context_limit(struct flow *flow);

/* The same for every flow of a process (NULL: of any) that has a rule. */
void contexts_limit(struct netflow *netflow, struct process_node *process);

/* Asks for every context of every flow back; they may still be coming when it returns. wfp.is_leaving is set. */
void contexts_leave(void);

/* Is WFP's flowDeleteFn. */
void NTAPI context_deleted(UINT16 layer_id, UINT32 callout_id, UINT64 flow_context);

#endif
