/* SPDX-License-Identifier: MIT */
/*
 * What Windows says about a process.
 */
#ifndef NETFLOW_COMMON_SYSTEM_H
#define NETFLOW_COMMON_SYSTEM_H

#include "process.h"

/* Both: IRQL == PASSIVE_LEVEL. */

/*
 * STATUS_INVALID_CID, or as ZwOpenProcess fails, where there is no such process. A user that can't be told has no SID.
 */
NTSTATUS system_describe(ULONG process_id, struct process_facts *facts);

/*
 * Its executable's path, as the kernel names it. The caller frees `path->Buffer`'s allocation, which is returned; NULL:
 * none.
 */
void *system_path(ULONG process_id, struct kernel_path *path);

#endif
