// SPDX-License-Identifier: MIT
/* splice from a pipe into the socket, and from the socket into a pipe. */
#define _GNU_SOURCE
#include "stream.h"

#include "command.h"

#include <fcntl.h>
#include <unistd.h>

const size_t stream_chunk = 65536;

static int ends[2];

void stream_prepare(const char *option)
{
	(void)option;
	must("pipe", pipe2(ends, O_CLOEXEC));
}

ssize_t stream_send(int socket, char *data, size_t size)
{
	size_t left = (size_t)must("write", write(ends[1], data, size));
	ssize_t sent = 0;

	while (left) {
		ssize_t moved = must("splice", splice(ends[0], NULL, socket, NULL, left, 0));

		sent += moved;
		left -= (size_t)moved;
	}
	return sent;
}

ssize_t stream_receive(int socket, char *data, size_t size)
{
	ssize_t received = splice(socket, NULL, ends[1], NULL, size, 0);
	size_t left = received > 0 ? (size_t)received : 0;

	while (left)
		left -= (size_t)must("read", read(ends[0], data, left));
	return received;
}
