/* SPDX-License-Identifier: MIT */
/*
 * The path rules as they are saved: one value in the service's Parameters key, which holds the records one after the
 * other. The registry writes a value whole or not at all.
 */
#ifndef NETFLOW_COMMON_SAVED_RULES_H
#define NETFLOW_COMMON_SAVED_RULES_H

#include "kernel_api.h"

struct saved_rules {
	UNICODE_STRING key;
};

/* All: IRQL == PASSIVE_LEVEL. */

/* `registry_path` is the service's key, as DriverEntry is given it. */
NTSTATUS saved_rules_initialize(struct saved_rules *saved, PCUNICODE_STRING registry_path);
void saved_rules_destroy(struct saved_rules *saved);

/* The caller frees `*stream` (TAG_BUFFER); NULL and 0 where nothing has been saved. */
NTSTATUS saved_rules_read(const struct saved_rules *saved, void **stream, ULONG *bytes);
NTSTATUS saved_rules_write(const struct saved_rules *saved, const void *stream, ULONG bytes);

#endif
