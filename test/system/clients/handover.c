// SPDX-License-Identifier: MIT
/*
 * handover HOW DOES BYTES COUNT [mptcp]: a listener of one process whose connections another one serves; says its port, and
 * that process's id. It serves COUNT connections: sends BYTES on each in one call, or receives what comes.
 *   child   the child of the process that listens accepts them
 *   daemon  the same, and its parent has ended
 *   exec    a process accepts one, sends a byte, and becomes another image
 *   pass    a process accepts each, sends a byte, and hands it over to another one
 */
#define _GNU_SOURCE
#include "command.h"
#include "endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char *buffer;
static size_t bytes;
static int sends;

/* A process's own limit ends with it: so it stays until its peer has all, and closes. */
static void serve(int connection)
{
	for (size_t left = bytes; sends && left;)
		left -= (size_t)must("send", send(connection, buffer + bytes - left, left, 0));
	if (sends)
		must("shutdown", shutdown(connection, SHUT_WR));
	while (must("recv", recv(connection, buffer, bytes, 0)))
		;
	close(connection);
}

static int accept_one(int listener)
{
	return (int)must("accept", accept(listener, NULL, NULL));
}

static void serve_all(int listener, int count)
{
	while (count--)
		serve(accept_one(listener));
}

/* What carries a descriptor from one process to another. */
struct parcel {
	char control[CMSG_SPACE(sizeof(int))];
	char byte;
	struct iovec piece;
	struct msghdr message;
};

static struct msghdr *prepare(struct parcel *parcel)
{
	memset(parcel, 0, sizeof(*parcel));
	parcel->piece = (struct iovec){&parcel->byte, 1};
	parcel->message = (struct msghdr){.msg_iov = &parcel->piece,
					  .msg_iovlen = 1,
					  .msg_control = parcel->control,
					  .msg_controllen = sizeof(parcel->control)};
	return &parcel->message;
}

static void pass(int through, int descriptor)
{
	struct parcel parcel;
	struct cmsghdr *header = CMSG_FIRSTHDR(prepare(&parcel));

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
	must("SCM_RIGHTS", sendmsg(through, &parcel.message, 0));
	close(descriptor);
}

static int take(int from)
{
	struct parcel parcel;
	int descriptor;

	must("SCM_RIGHTS", recvmsg(from, prepare(&parcel), 0));
	memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&parcel.message)), sizeof(int));
	return descriptor;
}

static int accept_and_greet(int listener)
{
	int connection = accept_one(listener);

	must("send", send(connection, "", 1, 0));
	return connection;
}

static void say(int port, pid_t server)
{
	printf("{\"port\":%d,\"pid\":%d}\n", port, server);
	fflush(stdout);
}

static void become_server(int port, int listener, char **arguments)
{
	char descriptor[16];

	say(port, getpid());
	snprintf(descriptor, sizeof(descriptor), "%d", accept_and_greet(listener));
	execl("/proc/self/exe", arguments[0], "served", arguments[2], arguments[3], descriptor, (char *)NULL);
	fail("exec");
}

static void pass_all(int port, int listener, int count)
{
	int pair[2];
	pid_t child;

	must("socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	child = (pid_t)must("fork", fork());
	for (; !child && count; count--)
		serve(take(pair[1]));
	if (!child)
		_exit(0);
	say(port, child);
	while (count--)
		pass(pair[0], accept_and_greet(listener));
	waitpid(child, NULL, 0);
}

static void serve_in_child(int port, int listener, int count, int is_daemon)
{
	pid_t child = (pid_t)must("fork", fork());

	if (!child) {
		serve_all(listener, count);
		_exit(0);
	}
	say(port, child);
	if (!is_daemon)
		waitpid(child, NULL, 0);
}

int main(int count, char **arguments)
{
	struct endpoint endpoint = endpoint_parse("127.0.0.1", "0");
	int connections = count > 4 ? atoi(arguments[4]) : 0;
	int listener;
	int port;

	if (count < 5)
		return 2;
	sends = !strcmp(arguments[2], "send");
	bytes = strtoul(arguments[3], NULL, 10);
	buffer = calloc(1, bytes);
	if (!strcmp(arguments[1], "served")) {
		serve(connections);
		return 0;
	}
	listener = endpoint_socket(&endpoint, count > 5 ? arguments[5] : "tcp");
	port = endpoint_bind(listener, &endpoint);
	must("listen", listen(listener, 128));
	if (!strcmp(arguments[1], "exec"))
		become_server(port, listener, arguments);
	else if (!strcmp(arguments[1], "pass"))
		pass_all(port, listener, connections);
	else
		serve_in_child(port, listener, connections, !strcmp(arguments[1], "daemon"));
	return 0;
}
