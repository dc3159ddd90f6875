// SPDX-License-Identifier: MIT
/* writev and readv, three pieces each. */
#include "stream.h"

#include <sys/uio.h>

const size_t stream_chunk = 65536;

static void split(struct iovec pieces[3], char *data, size_t size)
{
	size_t third = size / 3;

	pieces[0] = (struct iovec){data, third};
	pieces[1] = (struct iovec){data + third, third};
	pieces[2] = (struct iovec){data + 2 * third, size - 2 * third};
}

ssize_t stream_send(int socket, char *data, size_t size)
{
	struct iovec pieces[3];

	split(pieces, data, size);
	return writev(socket, pieces, 3);
}

ssize_t stream_receive(int socket, char *data, size_t size)
{
	struct iovec pieces[3];

	split(pieces, data, size);
	return readv(socket, pieces, 3);
}
