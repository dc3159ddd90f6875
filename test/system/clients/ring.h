/* SPDX-License-Identifier: MIT */
/* The little of io_uring that the tests use, without a library. */
#ifndef NETFLOW_TEST_RING_H
#define NETFLOW_TEST_RING_H

#include <linux/io_uring.h>

/* Ends the process with 77 where the kernel has no io_uring or forbids it. */
void ring_open(unsigned flags);

/* A cleared entry for the next ring_submit. */
struct io_uring_sqe *ring_entry(void);

void ring_submit(void);

struct ring_result {
	int code; /* negative: an errno */
	unsigned flags;
};

/* Waits for the next completion. */
struct ring_result ring_wait(void);

#endif
