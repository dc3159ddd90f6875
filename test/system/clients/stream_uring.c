// SPDX-License-Identifier: MIT
/* io_uring. Options: "worker" (a kernel worker thread), "poll" (the ring's own thread), "zerocopy", "multishot". */
#include "stream.h"

#include "command.h"
#include "ring.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define BUFFERS 8
#define GROUP 1

const size_t stream_chunk = 65536;

static unsigned entry_flags;
static int zerocopy;
static int multishot;
static int multishot_armed;
static char pool[BUFFERS][4096];

/* Gives buffers of the pool to the kernel. */
static void provide(unsigned first, unsigned count)
{
	struct io_uring_sqe *entry = ring_entry();

	entry->opcode = IORING_OP_PROVIDE_BUFFERS;
	entry->fd = (int)count;
	entry->addr = (uint64_t)pool[first];
	entry->len = sizeof(pool[0]);
	entry->off = first;
	entry->buf_group = GROUP;
	entry->flags = IOSQE_CQE_SKIP_SUCCESS;
	ring_submit();
}

void stream_prepare(const char *option)
{
	option = option ? option : "";
	ring_open(strcmp(option, "poll") ? 0 : IORING_SETUP_SQPOLL);
	entry_flags = strcmp(option, "worker") ? 0 : IOSQE_ASYNC;
	zerocopy = !strcmp(option, "zerocopy");
	multishot = !strcmp(option, "multishot");
	if (multishot)
		provide(0, BUFFERS);
}

static ssize_t result(int code)
{
	if (code >= 0)
		return code;
	errno = -code;
	return -1;
}

static void start(int opcode, int socket, char *data, size_t size)
{
	struct io_uring_sqe *entry = ring_entry();

	entry->opcode = (uint8_t)opcode;
	entry->flags = (uint8_t)entry_flags;
	entry->fd = socket;
	entry->addr = (uint64_t)data;
	entry->len = (uint32_t)size;
	ring_submit();
}

ssize_t stream_send(int socket, char *data, size_t size)
{
	struct ring_result done;

	start(zerocopy ? IORING_OP_SEND_ZC : IORING_OP_SEND, socket, data, size);
	done = ring_wait();
	if (done.flags & IORING_CQE_F_MORE)
		ring_wait(); /* the kernel lets go of the buffer */
	return result(done.code);
}

/* One request, many completions; each buffer goes back at once. */
static ssize_t receive_multishot(int socket)
{
	struct ring_result done;

	do {
		if (!multishot_armed) {
			struct io_uring_sqe *entry = ring_entry();

			entry->opcode = IORING_OP_RECV;
			entry->flags = IOSQE_BUFFER_SELECT;
			entry->ioprio = IORING_RECV_MULTISHOT;
			entry->fd = socket;
			entry->buf_group = GROUP;
			ring_submit();
		}
		done = ring_wait();
		multishot_armed = !!(done.flags & IORING_CQE_F_MORE);
	} while (done.code == -ENOBUFS);
	if (done.flags & IORING_CQE_F_BUFFER)
		provide(done.flags >> IORING_CQE_BUFFER_SHIFT, 1);
	return result(done.code);
}

ssize_t stream_receive(int socket, char *data, size_t size)
{
	if (multishot)
		return receive_multishot(socket);
	start(IORING_OP_RECV, socket, data, size);
	return result(ring_wait().code);
}
