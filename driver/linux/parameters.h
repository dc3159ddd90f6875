/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What the loader sets before it loads the object: to the verifier and the JIT these are constants. */
#ifndef NETFLOW_LINUX_PARAMETERS_H
#define NETFLOW_LINUX_PARAMETERS_H

#include "kernel.h"
#include "layout.h"

const volatile struct netflow_parameters parameters SEC(".rodata.parameters") = {
	.ticks_per_second = 250,
	.process_capacity = NETFLOW_DEFAULT_PROCESSES - NETFLOW_DEFAULT_PROCESSES / 8,
	.reserved_slots = NETFLOW_DEFAULT_PROCESSES / 8,
};

#endif
