/* SPDX-License-Identifier: MIT */
/* Sockets from text: the address chooses IPv4, IPv6 or v4-mapped, the protocol is tcp, mptcp, sctp or udp. */
#ifndef NETFLOW_TEST_ENDPOINT_H
#define NETFLOW_TEST_ENDPOINT_H

#include <sys/socket.h>

struct endpoint {
	struct sockaddr_storage address;
	socklen_t length;
};

struct endpoint endpoint_parse(const char *address, const char *port);

/* A new socket of the endpoint's family. */
int endpoint_socket(const struct endpoint *endpoint, const char *protocol);

/* Binds to any free port of the address; returns the port. */
int endpoint_bind(int socket, const struct endpoint *endpoint);

int endpoint_connect(const char *protocol, const char *address, const char *port);

#endif
