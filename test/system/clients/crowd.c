// SPDX-License-Identifier: MIT
/* Sixteen threads, each with a connection of its own. */
#define _GNU_SOURCE
#include "command.h"
#include "endpoint.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#define THREADS 16

static int listener;
static int connections[THREADS];
static size_t share; /* bytes that each thread is to move */

static void command_listen(char **arguments)
{
	struct endpoint endpoint = endpoint_parse(arguments[0], "0");

	listener = endpoint_socket(&endpoint, "tcp");
	answer("port", endpoint_bind(listener, &endpoint));
	must("listen", listen(listener, THREADS));
}

static void command_accept(char **arguments)
{
	(void)arguments;
	for (int i = 0; i < THREADS; i++)
		connections[i] = (int)must("accept", accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}

static void command_connect(char **arguments)
{
	for (int i = 0; i < THREADS; i++)
		connections[i] = endpoint_connect("tcp", arguments[0], arguments[1]);
}

static void *send_share(void *connection)
{
	char data[1000] = {0};

	for (size_t left = share; left;) {
		long sent = must("send", send(*(int *)connection, data, left < sizeof(data) ? left : sizeof(data), 0));

		counts_sent(sent);
		left -= (size_t)sent;
	}
	return NULL;
}

static void *receive_share(void *connection)
{
	char data[3000];

	for (size_t left = share; left;) {
		long received = must("recv", recv(*(int *)connection, data, sizeof(data), 0));

		counts_received(received);
		left -= (size_t)received;
	}
	return NULL;
}

static void run_all(const char *bytes, void *(*run)(void *))
{
	pthread_t threads[THREADS];

	share = strtoul(bytes, NULL, 10) / THREADS;
	for (int i = 0; i < THREADS; i++)
		must("pthread_create", -pthread_create(&threads[i], NULL, run, &connections[i]));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void command_send(char **arguments)
{
	run_all(arguments[0], send_share);
}

static void command_receive(char **arguments)
{
	run_all(arguments[0], receive_share);
}

static const struct command commands[] = {
	{"listen", command_listen}, {"accept", command_accept},   {"connect", command_connect},
	{"send", command_send},     {"receive", command_receive}, {NULL, NULL},
};

int main(void)
{
	command_loop(commands);
	return 0;
}
