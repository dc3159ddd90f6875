/* SPDX-License-Identifier: MIT */
/*
 * Paths as the kernel has them, in UTF-16; upper and lower case are the same.
 *
 * Windows compares names without regard to case at PASSIVE_LEVEL only, and a rule is looked
 * up where a flow begins, which may be at DISPATCH_LEVEL. So its table is copied once.
 */
#ifndef NETFLOW_COMMON_KERNEL_PATH_H
#define NETFLOW_COMMON_KERNEL_PATH_H

#include "kernel_api.h"

struct kernel_path {
	const WCHAR *text; /* without a terminating NUL */
	USHORT bytes;
};

/* IRQL == PASSIVE_LEVEL. The rest of this file needs it. */
NTSTATUS kernel_path_prepare(void);
void kernel_path_forget(void);

/* IRQL <= DISPATCH_LEVEL. */
struct kernel_path kernel_path_trim(const void *text,
				    ULONG bytes); /* without NULs at its end; of an odd length, or none: empty */
ULONG kernel_path_hash(struct kernel_path path);
BOOLEAN kernel_path_equal(struct kernel_path one, struct kernel_path other);

#endif
