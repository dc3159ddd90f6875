// SPDX-License-Identifier: MIT
/*
 * One connection, two processes. With "fork" the child inherits the socket; with
 * "pass" it exists before the socket does and is given it by SCM_RIGHTS. The child
 * moves what the parent tells it to, over a socket pair that nobody is to count.
 */
#define _GNU_SOURCE
#include "command.h"
#include "endpoint.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[65536];
static int pair[2];
static pid_t child;
static int connection = -1;

struct order {
	size_t send;
	size_t receive;
};

static void move(struct order order)
{
	while (order.send) {
		size_t size = order.send < sizeof(buffer) ? order.send : sizeof(buffer);
		long sent = must("send", send(connection, buffer, size, 0));

		counts_sent(sent);
		order.send -= (size_t)sent;
	}
	while (order.receive) {
		size_t size = order.receive < sizeof(buffer) ? order.receive : sizeof(buffer);
		long received = must("recv", recv(connection, buffer, size, 0));

		counts_received(received);
		order.receive -= (size_t)received;
	}
}

/* Lives until the parent is gone. */
static void run_child(void)
{
	struct order order;

	counts = (struct counts){0};
	while (read(pair[1], &order, sizeof(order)) == sizeof(order)) {
		move(order);
		must("write", write(pair[1], &counts, sizeof(counts)));
	}
	_exit(0);
}

static void pass(int through, int descriptor)
{
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec piece = {buffer, 1};
	struct msghdr message = {
		.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
	must("SCM_RIGHTS", sendmsg(through, &message, 0));
}

static int take(int from)
{
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec piece = {buffer, 1};
	struct msghdr message = {
		.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	int descriptor;

	must("SCM_RIGHTS", recvmsg(from, &message, 0));
	memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return descriptor;
}

static void start_child(int takes_socket)
{
	child = (pid_t)must("fork", fork());
	if (child) {
		close(pair[1]);
		return;
	}
	close(pair[0]);
	if (takes_socket)
		connection = take(pair[1]);
	run_child();
}

/* connect ADDRESS PORT fork|pass tcp|udp */
static void command_connect(char **arguments)
{
	int passing = !strcmp(arguments[2], "pass");

	must("socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	if (passing)
		start_child(1);
	connection = endpoint_connect(arguments[3], arguments[0], arguments[1]);
	if (passing)
		pass(pair[0], connection);
	else
		start_child(0);
	answer("child", child);
}

/* parent SEND RECEIVE */
static void command_parent(char **arguments)
{
	move((struct order){strtoul(arguments[0], NULL, 10), strtoul(arguments[1], NULL, 10)});
}

/* child SEND RECEIVE */
static void command_child(char **arguments)
{
	struct order order = {strtoul(arguments[0], NULL, 10), strtoul(arguments[1], NULL, 10)};
	struct counts result;

	must("write", write(pair[0], &order, sizeof(order)));
	must("read", read(pair[0], &result, sizeof(result)));
	answer("childSent", (long long)result.sent);
	answer("childReceived", (long long)result.received);
}

static const struct command commands[] = {
	{"connect", command_connect},
	{"parent", command_parent},
	{"child", command_child},
	{NULL, NULL},
};

int main(void)
{
	command_loop(commands);
	return 0;
}
