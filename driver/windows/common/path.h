/* SPDX-License-Identifier: MIT */
/*
 * Paths as the kernel has them, in UTF-16; upper and lower case are one.
 *
 * Windows compares names without regard to case at PASSIVE_LEVEL only, and a rule is looked
 * up where a flow begins, which may be at DISPATCH_LEVEL. So its table is copied once.
 */
#ifndef NETFLOW_COMMON_PATH_H
#define NETFLOW_COMMON_PATH_H

#include "platform.h"

struct path {
	const WCHAR *text; /* without a terminating NUL */
	USHORT bytes;
};

/* IRQL == PASSIVE_LEVEL. The rest of this file needs it. */
NTSTATUS path_prepare(void);
void path_forget(void);

/* IRQL <= DISPATCH_LEVEL. */
struct path path_trim(const void *text, ULONG bytes); /* without NULs at its end; of an odd length, or none: empty */
ULONG path_hash(struct path path);
BOOLEAN path_equal(struct path one, struct path other);

#endif
