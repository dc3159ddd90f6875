// SPDX-License-Identifier: MIT
/* sendfile out of a file in memory; recv with MSG_WAITALL on the other side. */
#define _GNU_SOURCE
#include "stream.h"

#include "command.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

const size_t stream_chunk = 65536;

static int file;

void stream_prepare(const char *option)
{
	(void)option;
	file = (int)must("memfd_create", memfd_create("payload", MFD_CLOEXEC));
	must("ftruncate", ftruncate(file, (off_t)stream_chunk));
}

ssize_t stream_send(int socket, char *data, size_t size)
{
	off_t offset = 0;

	(void)data;
	return sendfile(socket, file, &offset, size);
}

ssize_t stream_receive(int socket, char *data, size_t size)
{
	return recv(socket, data, size, MSG_WAITALL);
}
