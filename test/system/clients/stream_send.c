// SPDX-License-Identifier: MIT
/* send and recv. */
#include "stream.h"

#include <sys/socket.h>

const size_t stream_chunk = 65536;

ssize_t stream_send(int socket, char *data, size_t size)
{
	return send(socket, data, size, 0);
}

ssize_t stream_receive(int socket, char *data, size_t size)
{
	return recv(socket, data, size, 0);
}
