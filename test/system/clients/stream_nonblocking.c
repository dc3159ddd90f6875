// SPDX-License-Identifier: MIT
/* Without blocking: most sends are partial, many calls move nothing. */
#include "stream.h"

#include "command.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

const size_t stream_chunk = 4 << 20;

static void wait_for(int socket, short events)
{
	struct pollfd poller = {.fd = socket, .events = events};

	must("poll", poll(&poller, 1, -1));
}

ssize_t stream_send(int socket, char *data, size_t size)
{
	ssize_t sent;

	while ((sent = send(socket, data, size, MSG_DONTWAIT)) < 0 && errno == EAGAIN)
		wait_for(socket, POLLOUT);
	return sent;
}

ssize_t stream_receive(int socket, char *data, size_t size)
{
	ssize_t received;

	while ((received = recv(socket, data, size, MSG_DONTWAIT)) < 0 && errno == EAGAIN)
		wait_for(socket, POLLIN);
	return received;
}
