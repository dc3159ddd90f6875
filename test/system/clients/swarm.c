// SPDX-License-Identifier: MIT
/* swarm COUNT BYTES ADDRESS PORT: so many processes, one behind the other; each sends one datagram and ends. */
#define _GNU_SOURCE
#include "command.h"
#include "endpoint.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* As many as processors of a small machine. */
#define AT_ONCE 2

static struct endpoint target;
static size_t size;

static void run_child(void)
{
	static const char data[1024];
	int handle = endpoint_socket(&target, "udp");
	long sent = sendto(handle, data, size, 0, (struct sockaddr *)&target.address, target.length);

	_exit(sent != (long)size);
}

/* False where it failed. */
static int reap_child(void)
{
	int status;

	must("wait", wait(&status));
	return !status;
}

int main(int count, char **arguments)
{
	int wanted, good = 0;

	if (count != 5)
		return 2;
	wanted = atoi(arguments[1]);
	size = strtoul(arguments[2], NULL, 10);
	target = endpoint_parse(arguments[3], arguments[4]);
	for (int started = 0; started < wanted; started++) {
		if (started >= AT_ONCE)
			good += reap_child();
		if (!must("fork", fork()))
			run_child();
	}
	while (good < wanted && reap_child())
		good++;
	return good < wanted;
}
