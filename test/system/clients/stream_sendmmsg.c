// SPDX-License-Identifier: MIT
/* sendmmsg and recvmmsg, up to four messages in a call. */
#define _GNU_SOURCE
#include "stream.h"

#include <sys/socket.h>

#define MESSAGES 4

const size_t stream_chunk = 65536;

static unsigned split(struct mmsghdr messages[MESSAGES], struct iovec pieces[MESSAGES], char *data, size_t size)
{
	unsigned count = size < MESSAGES ? 1 : MESSAGES;

	for (unsigned i = 0; i < count; i++) {
		size_t start = size / count * i;
		size_t end = i + 1 == count ? size : size / count * (i + 1);

		pieces[i] = (struct iovec){data + start, end - start};
		messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &pieces[i], .msg_iovlen = 1}};
	}
	return count;
}

static ssize_t sum(const struct mmsghdr messages[MESSAGES], int count)
{
	ssize_t bytes = count < 0 ? -1 : 0;

	for (int i = 0; i < count; i++)
		bytes += messages[i].msg_len;
	return bytes;
}

ssize_t stream_send(int socket, char *data, size_t size)
{
	struct mmsghdr messages[MESSAGES];
	struct iovec pieces[MESSAGES];
	unsigned count = split(messages, pieces, data, size);

	return sum(messages, sendmmsg(socket, messages, count, 0));
}

ssize_t stream_receive(int socket, char *data, size_t size)
{
	struct mmsghdr messages[MESSAGES];
	struct iovec pieces[MESSAGES];
	unsigned count = split(messages, pieces, data, size);

	return sum(messages, recvmmsg(socket, messages, count, MSG_WAITFORONE, NULL));
}
