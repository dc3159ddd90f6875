/* SPDX-License-Identifier: MIT */
/*
 * The session with the filtering engine, in a thread of its own: nobody else waits for the engine, which another
 * program may keep busy. The thread compares what should be there with what is, and tries again every second until they
 * are the same: filters that count while the engine's service runs; callouts and filters that hold while there are
 * limits, since the network adapter may not coalesce what it receives while those are registered.
 *
 * All: IRQL == PASSIVE_LEVEL.
 */
#ifndef NETFLOW_WFP_SESSION_H
#define NETFLOW_WFP_SESSION_H

#include "wfp.h"

/* Waits for the first attempt. An error: the engine has refused a filter, or there is no memory. */
NTSTATUS session_start(void);

/* No callout is called for anything new from here on. Those that hold stay registered until nothing is held. */
void session_stop(void);
void session_unregister_limiting(void);

/*
 * `limits_changed` of struct netflow. STATUS_IO_TIMEOUT: the engine does not answer, and will be asked again. Not from
 * the session's own thread.
 */
NTSTATUS session_limits_changed(struct netflow *netflow, struct process_node *process);

/* Nothing is limited and nothing held any more: has the thread take away what holds. */
void session_drop_unused(void);

#endif
