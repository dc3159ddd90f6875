// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "ring.h"

#include "command.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES 8
#define UNSUPPORTED 77

static struct io_uring_params parameters;
static int ring;
static char *rings; /* both, in one mapping */
static struct io_uring_sqe *entries;

static uint32_t *word(uint32_t offset)
{
	return (uint32_t *)(rings + offset);
}

void ring_open(unsigned flags)
{
	size_t size;

	parameters = (struct io_uring_params){.flags = flags, .sq_thread_idle = 100};
	ring = (int)syscall(SYS_io_uring_setup, ENTRIES, &parameters);
	if (ring < 0 && (errno == ENOSYS || errno == EPERM)) {
		perror("io_uring_setup");
		_exit(UNSUPPORTED);
	}
	must("io_uring_setup", ring);
	size = parameters.cq_off.cqes + parameters.cq_entries * sizeof(struct io_uring_cqe);
	rings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	entries = mmap(NULL, ENTRIES * sizeof(*entries), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
		       IORING_OFF_SQES);
	if (rings == MAP_FAILED || entries == MAP_FAILED)
		fail("mmap");
}

struct io_uring_sqe *ring_entry(void)
{
	struct io_uring_sqe *entry = &entries[*word(parameters.sq_off.tail) % ENTRIES];

	memset(entry, 0, sizeof(*entry));
	return entry;
}

void ring_submit(void)
{
	uint32_t tail = *word(parameters.sq_off.tail);
	unsigned flags = 0;

	word(parameters.sq_off.array)[tail % ENTRIES] = tail % ENTRIES;
	__atomic_store_n(word(parameters.sq_off.tail), tail + 1, __ATOMIC_SEQ_CST);
	if (parameters.flags & IORING_SETUP_SQPOLL) {
		if (!(__atomic_load_n(word(parameters.sq_off.flags), __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP))
			return;
		flags = IORING_ENTER_SQ_WAKEUP;
	}
	must("io_uring_enter", syscall(SYS_io_uring_enter, ring, 1, 0, flags, NULL, 0));
}

struct ring_result ring_wait(void)
{
	uint32_t *head = word(parameters.cq_off.head);
	struct io_uring_cqe *completions = (struct io_uring_cqe *)(rings + parameters.cq_off.cqes);
	struct ring_result result;

	while (__atomic_load_n(word(parameters.cq_off.tail), __ATOMIC_ACQUIRE) == *head)
		must("io_uring_enter", syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0));
	result.code = completions[*head % parameters.cq_entries].res;
	result.flags = completions[*head % parameters.cq_entries].flags;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return result;
}
