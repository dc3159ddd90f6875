/* SPDX-License-Identifier: MIT */
/*
 * Changes of the rules: checked, saved, then in force. All: IRQL == PASSIVE_LEVEL.
 */
#ifndef NETFLOW_COMMON_NETFLOW_RULES_H
#define NETFLOW_COMMON_NETFLOW_RULES_H

#include "netflow.h"

/* Loads the rules that are saved; ones that can't be read are left alone, and counted as lost. */
void netflow_load_rules(struct netflow *netflow);

/* Makes the path rules equal to the stream of records, all or nothing; saves them first. */
NTSTATUS netflow_replace_rules(struct netflow *netflow, const void *stream, size_t bytes);

/* Sets (or removes) the one rule of the record, which has been checked. */
NTSTATUS netflow_change_rule(struct netflow *netflow, const struct netflow_rule *record, BOOLEAN remove);

#endif
