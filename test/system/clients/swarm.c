// SPDX-License-Identifier: MIT
/* swarm COUNT BYTES ADDRESS PORT: so many processes in a row; each sends one datagram and ends. */
#define _GNU_SOURCE
#include "command.h"
#include "endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct endpoint target;
static size_t size;

static void run_child(void)
{
	static const char data[1024];
	int handle = endpoint_socket(&target, "udp");
	long sent = sendto(handle, data, size, 0, (struct sockaddr *)&target.address, target.length);

	_exit(sent != (long)size);
}

int main(int count, char **arguments)
{
	if (count != 5)
		return 2;
	size = strtoul(arguments[2], NULL, 10);
	target = endpoint_parse(arguments[3], arguments[4]);
	for (int left = atoi(arguments[1]); left; left--) {
		/* A copy of this process's memory would take ten times as long as all the rest. */
		pid_t child = (pid_t)must("vfork", vfork());
		int status;

		if (!child)
			run_child();
		must("waitpid", waitpid(child, &status, 0));
		if (status) {
			fputs("a child failed\n", stderr);
			return 1;
		}
	}
	return 0;
}
