/* SPDX-License-Identifier: MIT */
/*
 * Writes records, whole ones only, into a buffer of a given length.
 */
#ifndef NETFLOW_COMMON_WRITER_H
#define NETFLOW_COMMON_WRITER_H

#include "flow.h"
#include "limits.h"

struct writer {
	UCHAR *start;
	size_t room;
	size_t used;
	BOOLEAN is_full; /* something did not fit; nothing is written from then on */
};

/* STATUS_SUCCESS; STATUS_BUFFER_OVERFLOW where something did not fit, STATUS_BUFFER_TOO_SMALL where nothing did. */
NTSTATUS writer_status(const struct writer *writer);

/* All: IRQL <= DISPATCH_LEVEL; FALSE: it did not fit. */
BOOLEAN write_process(struct writer *writer, struct process_node *process, struct limits *limits, LONG second);
BOOLEAN write_connection(struct writer *writer, struct flow *flow, const struct netflow_identity *process, LONG second);
BOOLEAN write_rule(struct writer *writer, const struct rule *rule, const struct netflow_identity *process);
BOOLEAN write_statistics(struct writer *writer, const struct netflow_statistics *statistics);
BOOLEAN write_handshake(struct writer *writer, enum netflow_driver_kind driver);

#endif
