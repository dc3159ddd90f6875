/* SPDX-License-Identifier: MIT */
/*
 * A UDP socket that is closed while its datagrams wait: WFP waits with the closing until they are sent, as
 * they could not be sent by a socket that is gone. TCP does not close before its data are acknowledged.
 */
#ifndef NETFLOW_WFP_CLOSURE_H
#define NETFLOW_WFP_CLOSURE_H

#include "wfp.h"

void closures_initialize(void);

/* IRQL <= DISPATCH_LEVEL. Lets go on what need not wait any more; FALSE: some still wait. */
BOOLEAN closures_complete(void);

/* IRQL <= DISPATCH_LEVEL. TRUE: one waits, or is on its way. */
BOOLEAN closures_any(void);

#endif
