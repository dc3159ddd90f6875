// SPDX-License-Identifier: MIT
#include "endpoint.h"

#include "command.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

struct endpoint endpoint_parse(const char *address, const char *port)
{
	struct endpoint endpoint = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&endpoint.address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&endpoint.address;

	if (strchr(address, ':')) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)atoi(port));
		must("address", inet_pton(AF_INET6, address, &v6->sin6_addr) - 1);
		endpoint.length = sizeof(*v6);
	} else {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)atoi(port));
		must("address", inet_pton(AF_INET, address, &v4->sin_addr) - 1);
		endpoint.length = sizeof(*v4);
	}
	return endpoint;
}

int endpoint_socket(const struct endpoint *endpoint, const char *protocol)
{
	int family = endpoint->address.ss_family;
	int type = strcmp(protocol, "udp") ? SOCK_STREAM : SOCK_DGRAM;
	int number = !strcmp(protocol, "mptcp") ? IPPROTO_MPTCP : !strcmp(protocol, "sctp") ? IPPROTO_SCTP : 0;

	return (int)must("socket", socket(family, type | SOCK_CLOEXEC, number));
}

int endpoint_bind(int socket, const struct endpoint *endpoint)
{
	struct sockaddr_storage bound;
	socklen_t length = sizeof(bound);

	must("bind", bind(socket, (const struct sockaddr *)&endpoint->address, endpoint->length));
	must("getsockname", getsockname(socket, (struct sockaddr *)&bound, &length));
	if (bound.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&bound)->sin6_port);
	return ntohs(((struct sockaddr_in *)&bound)->sin_port);
}

int endpoint_connect(const char *protocol, const char *address, const char *port)
{
	struct endpoint endpoint = endpoint_parse(address, port);
	int handle = endpoint_socket(&endpoint, protocol);

	must("connect", connect(handle, (struct sockaddr *)&endpoint.address, endpoint.length));
	return handle;
}
