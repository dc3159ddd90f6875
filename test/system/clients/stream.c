// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "stream.h"

#include "command.h"
#include "endpoint.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int listener = -1;
static int connection = -1;
static char *buffer;

static void command_listen(char **arguments)
{
	struct endpoint endpoint = endpoint_parse(arguments[1], "0");
	int queue = 16;

	listener = endpoint_socket(&endpoint, arguments[0]);
	answer("port", endpoint_bind(listener, &endpoint));
	if (arguments[2])
		must("TCP_FASTOPEN", setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)));
	must("listen", listen(listener, 16));
}

static void command_accept(char **arguments)
{
	(void)arguments;
	connection = (int)must("accept", accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}

/* With "fastopen" as fourth argument the first send does the connecting and goes with the SYN. */
static void command_connect(char **arguments)
{
	struct endpoint endpoint = endpoint_parse(arguments[1], arguments[2]);
	int on = 1;

	connection = endpoint_socket(&endpoint, arguments[0]);
	if (arguments[3])
		must("TCP_FASTOPEN_CONNECT",
		     setsockopt(connection, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)));
	must("connect", connect(connection, (struct sockaddr *)&endpoint.address, endpoint.length));
}

/* A socket that does not connect yet. */
static void command_open(char **arguments)
{
	struct endpoint endpoint = endpoint_parse(arguments[1], "0");

	connection = endpoint_socket(&endpoint, arguments[0]);
}

/* Dissolves the connection that the socket may have, and makes another with the same socket. */
static void command_reconnect(char **arguments)
{
	struct endpoint endpoint = endpoint_parse(arguments[0], arguments[1]);
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};

	must("connect to nobody", connect(connection, &nobody, sizeof(nobody)));
	must("connect", connect(connection, (struct sockaddr *)&endpoint.address, endpoint.length));
}

/* Dissolves the connection, and has its socket listen. */
static void command_relisten(char **arguments)
{
	struct endpoint endpoint = endpoint_parse(arguments[0], "0");
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};

	must("connect to nobody", connect(connection, &nobody, sizeof(nobody)));
	listener = connection;
	answer("port", endpoint_bind(listener, &endpoint));
	must("listen", listen(listener, 16));
}

/* Connects and sends in one call. */
static void command_fastopen(char **arguments)
{
	struct endpoint endpoint = endpoint_parse(arguments[0], arguments[1]);
	size_t size = strtoul(arguments[2], NULL, 10);

	connection = endpoint_socket(&endpoint, "tcp");
	counts_sent(must("MSG_FASTOPEN", sendto(connection, buffer, size, MSG_FASTOPEN,
						(struct sockaddr *)&endpoint.address, endpoint.length)));
}

__attribute__((weak)) void stream_prepare(const char *option)
{
	(void)option;
}

/* Calls of many sizes, the same in every run. */
static size_t next_size(size_t left)
{
	static size_t calls;
	size_t size = 1 + ++calls * 7919 % stream_chunk;

	return size < left ? size : left;
}

static void command_send(char **arguments)
{
	size_t left = strtoul(arguments[0], NULL, 10);

	while (left) {
		ssize_t sent = must("send", stream_send(connection, buffer, next_size(left)));

		counts_sent(sent);
		left -= (size_t)sent;
	}
}

/* Without a number: to the end of the stream, or to a reset. */
static void command_receive(char **arguments)
{
	size_t left = arguments[0] ? strtoul(arguments[0], NULL, 10) : SIZE_MAX;

	while (left) {
		ssize_t received = stream_receive(connection, buffer, next_size(left));

		if (received == 0 || (received < 0 && errno == ECONNRESET))
			break;
		must("receive", received);
		counts_received(received);
		left = (size_t)received < left ? left - (size_t)received : 0;
	}
}

static void command_finish(char **arguments)
{
	(void)arguments;
	must("shutdown", shutdown(connection, SHUT_WR));
}

static void command_close(char **arguments)
{
	(void)arguments;
	must("close", close(connection));
}

static void command_reset(char **arguments)
{
	struct linger linger = {.l_onoff = 1};

	must("SO_LINGER", setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	command_close(arguments);
}

/* `protocol` is 0 or 6 for a socket that fell back from MPTCP to TCP; `synData` is 1 where the SYN took data along. */
static void command_describe(char **arguments)
{
	int protocol = 0;
	struct tcp_info information = {0};
	socklen_t length = sizeof(protocol);

	(void)arguments;
	must("SO_PROTOCOL", getsockopt(connection, SOL_SOCKET, SO_PROTOCOL, &protocol, &length));
	length = sizeof(information);
	must("TCP_INFO", getsockopt(connection, IPPROTO_TCP, TCP_INFO, &information, &length));
	answer("protocol", protocol);
	answer("synData", !!(information.tcpi_options & TCPI_OPT_SYN_DATA));
}

static const struct command commands[] = {
	{"listen", command_listen},       {"accept", command_accept},
	{"connect", command_connect},     {"open", command_open},
	{"reconnect", command_reconnect}, {"relisten", command_relisten},
	{"send", command_send},           {"receive", command_receive},
	{"finish", command_finish},       {"reset", command_reset},
	{"describe", command_describe},   {"close", command_close},
	{"fastopen", command_fastopen},   {NULL, NULL},
};

int main(int count, char **arguments)
{
	signal(SIGPIPE, SIG_IGN);
	buffer = calloc(1, stream_chunk);
	stream_prepare(count > 1 ? arguments[1] : NULL);
	command_loop(commands);
	return 0;
}
