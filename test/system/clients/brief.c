// SPDX-License-Identifier: MIT
/* brief ADDRESS PORT BYTES: sends one datagram, lives for five more milliseconds and ends. */
#include "command.h"
#include "endpoint.h"

#include <stdlib.h>
#include <time.h>

int main(int count, char **arguments)
{
	const struct timespec rest = {.tv_nsec = 5000000};
	static char data[65536];
	size_t size;
	int handle;

	if (count != 4)
		return 2;
	size = strtoul(arguments[3], NULL, 10);
	handle = endpoint_connect("udp", arguments[1], arguments[2]);
	if (must("send", send(handle, data, size, 0)) != (long)size)
		return 1;
	nanosleep(&rest, NULL);
	return 0;
}
