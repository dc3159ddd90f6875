/* SPDX-License-Identifier: MIT */
/*
 * A peer of a stream connection. stream.c is the same for all; what differs is how
 * it sends and receives, and each way of doing so is one file that defines these.
 */
#ifndef NETFLOW_TEST_STREAM_H
#define NETFLOW_TEST_STREAM_H

#include <stddef.h>
#include <sys/types.h>

/* The most that is given to one call below. */
extern const size_t stream_chunk;

/* Called once, with the program's first argument or NULL. May be left out. */
void stream_prepare(const char *option);

/* Sends up to `size` bytes; returns what the system calls said, negative for an error. */
ssize_t stream_send(int socket, char *data, size_t size);

/* Takes up to `size` bytes; 0 at the end of the stream. */
ssize_t stream_receive(int socket, char *data, size_t size);

#endif
