/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What the loader sets before it loads the object: to the verifier and the JIT these are constants. */
#ifndef NETFLOW_LINUX_PARAMETERS_H
#define NETFLOW_LINUX_PARAMETERS_H

#include "kernel.h"

#define DEFAULT_PROCESSES 16384

struct parameters {
	__u64 ticks_per_second; /* CONFIG_HZ, which the resolution of the coarse clock tells */
	__u32 process_capacity; /* elements of `processes` */
	__u32 reserved;
};

const volatile struct parameters parameters SEC(".rodata.parameters") = {
	.ticks_per_second = 250,
	.process_capacity = DEFAULT_PROCESSES,
};

#endif
