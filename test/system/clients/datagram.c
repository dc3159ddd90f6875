// SPDX-License-Identifier: MIT
/* A UDP peer. The first word of `send` and `receive` chooses the system call. */
#define _GNU_SOURCE
#include "command.h"
#include "endpoint.h"
#include "ring.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define MESSAGES 8
#define LARGEST 65536

static int handle = -1;
static struct endpoint target; /* length 0: connected */
static char buffer[LARGEST];

static void open_socket(const struct endpoint *endpoint)
{
	int size = 32 << 20; /* nothing is to be dropped for want of room */

	handle = endpoint_socket(endpoint, "udp");
	must("SO_RCVBUFFORCE", setsockopt(handle, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)));
}

static void command_bind(char **arguments)
{
	struct endpoint endpoint = endpoint_parse(arguments[0], "0");

	open_socket(&endpoint);
	answer("port", endpoint_bind(handle, &endpoint));
}

static void command_connect(char **arguments)
{
	struct endpoint endpoint = endpoint_parse(arguments[0], arguments[1]);

	if (handle < 0)
		open_socket(&endpoint);
	must("connect", connect(handle, (struct sockaddr *)&endpoint.address, endpoint.length));
}

/* Sends go there by sendto, without a connection. */
static void command_target(char **arguments)
{
	target = endpoint_parse(arguments[0], arguments[1]);
	if (handle < 0)
		open_socket(&target);
}

static void command_option(char **arguments)
{
	int value = atoi(arguments[1]);
	int level = strncmp(arguments[0], "UDP", 3) ? SOL_IP : SOL_UDP;
	int option = !strcmp(arguments[0], "UDP_SEGMENT") ? UDP_SEGMENT
		     : !strcmp(arguments[0], "UDP_GRO")   ? UDP_GRO
							  : IP_RECVERR;

	must(arguments[0], setsockopt(handle, level, option, &value, sizeof(value)));
}

static struct msghdr message_of(struct iovec *piece)
{
	return (struct msghdr){
		.msg_iov = piece,
		.msg_iovlen = 1,
		.msg_name = target.length ? &target.address : NULL,
		.msg_namelen = target.length,
	};
}

/* Up to MESSAGES datagrams of one size in one call; how many it took is left in `done`. */
static long send_many(size_t size, int *done)
{
	struct iovec piece = {buffer, size};
	struct mmsghdr messages[MESSAGES];
	long bytes = 0;

	for (int i = 0; i < *done; i++)
		messages[i].msg_hdr = message_of(&piece);
	*done = (int)must("sendmmsg", sendmmsg(handle, messages, (unsigned)*done, 0));
	for (int i = 0; i < *done; i++)
		bytes += messages[i].msg_len;
	return bytes;
}

static long receive_many(size_t size, int *done)
{
	struct iovec piece = {buffer, size};
	struct mmsghdr messages[MESSAGES];
	long bytes = 0;

	for (int i = 0; i < *done; i++)
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &piece, .msg_iovlen = 1};
	*done = (int)must("recvmmsg", recvmmsg(handle, messages, (unsigned)*done, MSG_WAITFORONE, NULL));
	for (int i = 0; i < *done; i++)
		bytes += messages[i].msg_len;
	return bytes;
}

static long by_ring(int opcode, size_t size)
{
	static int opened;
	struct io_uring_sqe *entry;

	if (!opened++)
		ring_open(0);
	entry = ring_entry();
	entry->opcode = (uint8_t)opcode;
	entry->fd = handle;
	entry->addr = (uint64_t)buffer;
	entry->len = (uint32_t)size;
	ring_submit();
	return ring_wait().code;
}

static long send_one(const char *call, size_t size)
{
	struct iovec piece = {buffer, size};
	struct msghdr message = message_of(&piece);

	if (!strcmp(call, "write"))
		return write(handle, buffer, size);
	if (!strcmp(call, "sendmsg"))
		return sendmsg(handle, &message, 0);
	if (!strcmp(call, "uring"))
		return by_ring(IORING_OP_SEND, size);
	return sendto(handle, buffer, size, 0, message.msg_name, message.msg_namelen);
}

static long receive_one(const char *call, size_t size)
{
	struct iovec piece = {buffer, size};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);

	if (!strcmp(call, "read"))
		return read(handle, buffer, size);
	if (!strcmp(call, "recvmsg"))
		return recvmsg(handle, &message, 0);
	if (!strcmp(call, "recvfrom"))
		return recvfrom(handle, buffer, size, 0, (struct sockaddr *)&from, &length);
	if (!strcmp(call, "uring"))
		return by_ring(IORING_OP_RECV, size);
	if (!strcmp(call, "peek"))
		must("MSG_PEEK", recv(handle, buffer, size, MSG_PEEK));
	return recv(handle, buffer, size, strcmp(call, "truncate") ? 0 : MSG_TRUNC);
}

/* send CALL COUNT SIZE */
static void command_send(char **arguments)
{
	int left = atoi(arguments[1]);
	size_t size = strtoul(arguments[2], NULL, 10);

	while (left) {
		int done = left < MESSAGES ? left : MESSAGES;

		if (!strcmp(arguments[0], "sendmmsg")) {
			counts_sent(send_many(size, &done));
		} else {
			counts_sent(must("send", send_one(arguments[0], size)));
			done = 1;
		}
		left -= done;
	}
}

/* receive CALL COUNT SIZE: so many datagrams into a buffer of that size. */
static void command_receive(char **arguments)
{
	int left = atoi(arguments[1]);
	size_t size = strtoul(arguments[2], NULL, 10);

	while (left) {
		int done = left < MESSAGES ? left : MESSAGES;

		if (!strcmp(arguments[0], "recvmmsg")) {
			counts_received(receive_many(size, &done));
		} else {
			counts_received(must("receive", receive_one(arguments[0], size)));
			done = 1;
		}
		left -= done;
	}
}

/* collect BYTES: whatever sizes they come in, coalesced ones included. */
static void command_collect(char **arguments)
{
	size_t left = strtoul(arguments[0], NULL, 10);
	int calls = 0;

	for (; left; calls++) {
		long received = must("receive", recv(handle, buffer, sizeof(buffer), 0));

		counts_received(received);
		left -= (size_t)received;
	}
	answer("calls", calls);
}

/* Takes what the error queue returns: bytes that this socket had sent, which are no download. */
static void command_errors(char **arguments)
{
	char control[512];
	struct iovec piece = {buffer, sizeof(buffer)};
	struct msghdr message = {
		.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct pollfd poller = {.fd = handle};

	(void)arguments;
	must("poll", poll(&poller, 1, -1));
	answer("returned", must("MSG_ERRQUEUE", recvmsg(handle, &message, MSG_ERRQUEUE)));
}

static const struct command commands[] = {
	{"bind", command_bind},       {"connect", command_connect}, {"target", command_target},
	{"option", command_option},   {"send", command_send},       {"receive", command_receive},
	{"collect", command_collect}, {"errors", command_errors},   {NULL, NULL},
};

int main(void)
{
	command_loop(commands);
	return 0;
}
