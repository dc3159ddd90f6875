// SPDX-License-Identifier: MIT
/* Sixteen threads on one socket. */
#include "stream.h"

#include "command.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#define THREADS 16

const size_t stream_chunk = 1 << 20;

struct share {
	pthread_t thread;
	int socket;
	char *data;
	size_t size;
	ssize_t moved;
};

static ssize_t run_all(int socket, char *data, size_t size, void *(*run)(void *))
{
	struct share shares[THREADS];
	ssize_t moved = 0;

	for (size_t i = 0; i < THREADS; i++) {
		size_t start = size / THREADS * i;
		size_t end = i + 1 == THREADS ? size : size / THREADS * (i + 1);

		shares[i] = (struct share){.socket = socket, .data = data + start, .size = end - start};
		must("pthread_create", -pthread_create(&shares[i].thread, NULL, run, &shares[i]));
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(shares[i].thread, NULL);
		moved += shares[i].moved;
	}
	return moved;
}

static void *send_share(void *argument)
{
	struct share *share = argument;

	share->moved = must("send", send(share->socket, share->data, share->size, 0));
	return NULL;
}

static void *receive_share(void *argument)
{
	struct share *share = argument;
	ssize_t received = recv(share->socket, share->data, share->size, MSG_DONTWAIT);

	if (received < 0 && errno != EAGAIN)
		fail("recv");
	share->moved = received < 0 ? 0 : received;
	return NULL;
}

ssize_t stream_send(int socket, char *data, size_t size)
{
	return run_all(socket, data, size, send_share);
}

/* Returns 0 only at the end of the stream, where the first look finds nothing and does not block. */
ssize_t stream_receive(int socket, char *data, size_t size)
{
	ssize_t moved = 0;
	char byte;

	while (!moved && recv(socket, &byte, 1, MSG_PEEK) > 0)
		moved = run_all(socket, data, size, receive_share);
	return moved;
}
