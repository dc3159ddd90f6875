// SPDX-License-Identifier: MIT
/* sendmsg and recvmsg. */
#include "stream.h"

#include <sys/socket.h>

const size_t stream_chunk = 65536;

ssize_t stream_send(int socket, char *data, size_t size)
{
	struct iovec pieces[2] = {{data, size / 2}, {data + size / 2, size - size / 2}};
	struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};

	return sendmsg(socket, &message, 0);
}

ssize_t stream_receive(int socket, char *data, size_t size)
{
	struct iovec pieces[2] = {{data, size / 2}, {data + size / 2, size - size / 2}};
	struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};

	return recvmsg(socket, &message, 0);
}
