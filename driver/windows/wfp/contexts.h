/* SPDX-License-Identifier: MIT */
/*
 * Flows as contexts of layers. Each context holds a reference, which WFP gives back exactly once.
 */
#ifndef NETFLOW_WFP_CONTEXTS_H
#define NETFLOW_WFP_CONTEXTS_H

#include "wfp.h"

/* IRQL == PASSIVE_LEVEL. Before anything else here. */
void contexts_initialize(void);

/* All of these without locks: context_deleted() may run inside of them. IRQL <= DISPATCH_LEVEL. */

/* FALSE: the layer has one for this flow, or the flow is gone. */
BOOLEAN context_join(struct flow *flow, enum layer layer);

/* The layer that counts this flow. */
enum layer context_counting_layer(const struct flow *flow);

/* Has what the flow transfers pass by the transport layers as well, where wfp.is_limiting is set. */
void context_limit(struct flow *flow);

/* Is WFP's flowDeleteFn. */
void NTAPI context_deleted(UINT16 layer_id, UINT32 callout_id, UINT64 flow_context);

/* The rest: IRQL == PASSIVE_LEVEL. */

/* context_limit() for every flow of a process (NULL: of any) that has a rule. */
void contexts_limit(struct process_node *process);

/*
 * Asks for the contexts of every flow back, those of the transport layers or those that count. They may still be coming
 * when it returns, and Windows may refuse one: it is called again until the callouts can be unregistered. No flow is
 * handed to these layers any more.
 */
void contexts_recall(BOOLEAN limiting);

#endif
