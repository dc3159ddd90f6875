// SPDX-License-Identifier: MIT
/* send with MSG_ZEROCOPY; the completions are taken from the error queue and are no payload. */
#include "stream.h"

#include "command.h"

#include <poll.h>
#include <sys/socket.h>

const size_t stream_chunk = 65536;

static void take_completion(int socket)
{
	char control[256];
	struct msghdr message = {.msg_control = control, .msg_controllen = sizeof(control)};
	struct pollfd poller = {.fd = socket};

	must("poll", poll(&poller, 1, -1));
	must("MSG_ERRQUEUE", recvmsg(socket, &message, MSG_ERRQUEUE));
}

ssize_t stream_send(int socket, char *data, size_t size)
{
	int on = 1;
	ssize_t sent;

	must("SO_ZEROCOPY", setsockopt(socket, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)));
	sent = send(socket, data, size, MSG_ZEROCOPY);
	if (sent > 0)
		take_completion(socket);
	return sent;
}

ssize_t stream_receive(int socket, char *data, size_t size)
{
	return recv(socket, data, size, 0);
}
