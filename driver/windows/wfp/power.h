/* SPDX-License-Identifier: MIT */
/*
 * Before the machine goes to sleep nothing may be held: a network adapter waits for its buffers.
 */
#ifndef NETFLOW_WFP_POWER_H
#define NETFLOW_WFP_POWER_H

/* Both: IRQL == PASSIVE_LEVEL. A machine that can't tell is never asleep. */
void power_start(void);
void power_stop(void);

#endif
