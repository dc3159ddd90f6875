// SPDX-License-Identifier: MIT
/* Throws bytes away with MSG_TRUNC, which takes them from the socket all the same. */
#include "stream.h"

#include <sys/socket.h>

const size_t stream_chunk = 65536;

ssize_t stream_send(int socket, char *data, size_t size)
{
	return send(socket, data, size, MSG_MORE);
}

ssize_t stream_receive(int socket, char *data, size_t size)
{
	return recv(socket, data, size, MSG_TRUNC);
}
