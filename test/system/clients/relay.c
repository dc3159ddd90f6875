// SPDX-License-Identifier: MIT
/*
 * Stands between a real client and a real server and counts what passes: the truth
 * about both, from a third process. Drains both directions to their end, so that
 * every byte that was sent is counted, also where the other side no longer listens.
 */
#define _GNU_SOURCE
#include "command.h"
#include "endpoint.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FROM_CLIENT, TO_SERVER, FROM_SERVER, TO_CLIENT, COUNTERS };

static const char *const names[COUNTERS] = {"fromClient", "toServer", "fromServer", "toClient"};
static uint64_t counters[COUNTERS];
static int open_connections;
static int listener;
static const char *server_address;
static const char *server_port;

static void add(int counter, long bytes)
{
	__atomic_fetch_add(&counters[counter], (uint64_t)bytes, __ATOMIC_SEQ_CST);
	if (counter == TO_SERVER || counter == TO_CLIENT)
		counts_sent(bytes);
	else
		counts_received(bytes);
}

struct pipeline {
	int from;
	int to;
	int counter_in;
	int counter_out;
};

static int forward(const struct pipeline *pipeline, const char *data, long size)
{
	while (size) {
		long sent = send(pipeline->to, data, (size_t)size, 0);

		if (sent < 0)
			return 0;
		add(pipeline->counter_out, sent);
		data += sent;
		size -= sent;
	}
	return 1;
}

static void *pump(void *argument)
{
	struct pipeline *pipeline = argument;
	char *data = malloc(65536);
	int listening = 1;
	long received;

	while ((received = recv(pipeline->from, data, 65536, 0)) > 0) {
		add(pipeline->counter_in, received);
		listening = listening && forward(pipeline, data, received);
	}
	shutdown(pipeline->to, SHUT_WR);
	free(data);
	return NULL;
}

static void *serve_connection(void *argument)
{
	int client = (int)(intptr_t)argument;
	int server = endpoint_connect("tcp", server_address, server_port);
	struct pipeline up = {client, server, FROM_CLIENT, TO_SERVER};
	struct pipeline down = {server, client, FROM_SERVER, TO_CLIENT};
	pthread_t thread;

	must("pthread_create", -pthread_create(&thread, NULL, pump, &up));
	pump(&down);
	pthread_join(thread, NULL);
	close(client);
	close(server);
	__atomic_fetch_sub(&open_connections, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void *serve_stream(void *argument)
{
	(void)argument;
	for (;;) {
		int client = (int)must("accept", accept4(listener, NULL, NULL, SOCK_CLOEXEC));
		pthread_t thread;

		__atomic_fetch_add(&open_connections, 1, __ATOMIC_SEQ_CST);
		must("pthread_create", -pthread_create(&thread, NULL, serve_connection, (void *)(intptr_t)client));
		pthread_detach(thread);
	}
	return NULL;
}

/* One client at a time: answers go to whoever asked last. */
static void *serve_datagrams(void *argument)
{
	int server = endpoint_connect("udp", server_address, server_port);
	struct pollfd pollers[2] = {{listener, POLLIN, 0}, {server, POLLIN, 0}};
	struct sockaddr_storage client;
	socklen_t length;
	char data[65536];

	(void)argument;
	for (;;) {
		must("poll", poll(pollers, 2, -1));
		if (pollers[0].revents) {
			long received;

			length = sizeof(client);
			received = must("recvfrom",
					recvfrom(listener, data, sizeof(data), 0, (struct sockaddr *)&client, &length));
			add(FROM_CLIENT, received);
			add(TO_SERVER, must("send", send(server, data, (size_t)received, 0)));
		}
		if (pollers[1].revents) {
			long received = must("recv", recv(server, data, sizeof(data), 0));

			add(FROM_SERVER, received);
			add(TO_CLIENT, must("sendto", sendto(listener, data, (size_t)received, 0,
							     (struct sockaddr *)&client, length)));
		}
	}
	return NULL;
}

/* serve PROTOCOL ADDRESS SERVER_PORT: listens at any port of the same address. */
static void command_serve(char **arguments)
{
	int stream = !strcmp(arguments[0], "tcp");
	struct endpoint endpoint = endpoint_parse(arguments[1], "0");
	pthread_t thread;

	server_address = strdup(arguments[1]);
	server_port = strdup(arguments[2]);
	listener = endpoint_socket(&endpoint, arguments[0]);
	answer("port", endpoint_bind(listener, &endpoint));
	if (stream)
		must("listen", listen(listener, 64));
	must("pthread_create", -pthread_create(&thread, NULL, stream ? serve_stream : serve_datagrams, NULL));
}

static void command_counts(char **arguments)
{
	(void)arguments;
	answer("connections", __atomic_load_n(&open_connections, __ATOMIC_SEQ_CST));
	for (int i = 0; i < COUNTERS; i++)
		answer(names[i], (long long)__atomic_load_n(&counters[i], __ATOMIC_SEQ_CST));
}

static const struct command commands[] = {
	{"serve", command_serve},
	{"counts", command_counts},
	{NULL, NULL},
};

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	command_loop(commands);
	return 0;
}
