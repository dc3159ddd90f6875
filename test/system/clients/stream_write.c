// SPDX-License-Identifier: MIT
/* write and read. */
#include "stream.h"

#include <unistd.h>

const size_t stream_chunk = 65536;

ssize_t stream_send(int socket, char *data, size_t size)
{
	return write(socket, data, size);
}

ssize_t stream_receive(int socket, char *data, size_t size)
{
	return read(socket, data, size);
}
