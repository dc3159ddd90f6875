// SPDX-License-Identifier: MIT
/*
 * Sends as many bytes as its second argument says to UDP port 9 of this machine, and
 * then executes its first argument: a program that the kernel gives up on when it has
 * thrown the old one away already, so that the process ends by a signal.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	static char data[65536];
	struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_port = htons(9)};
	int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
	size_t size = count > 2 ? strtoul(arguments[2], NULL, 10) : 0;

	nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (size == 0 || size > sizeof(data))
		return 2;
	if (sendto(descriptor, data, size, 0, (struct sockaddr *)&nobody, sizeof(nobody)) != (ssize_t)size)
		return 1;
	execl(arguments[1], arguments[1], NULL);
	return 3; /* it was refused in time */
}
