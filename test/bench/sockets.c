/*
 * sockets PAIRS: opens so many TCP connections over loopback, both ends here, and sends one byte through each. Says
 * "ready" and keeps them open until standard input ends. They are reset then, so that none stays in TIME-WAIT.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* More than one process may have files, or one address ports, on some machines. */
#define PAIRS_PER_PROCESS 5000

static void raise_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "RLIMIT_NOFILE");
}

static int listen_at(struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)address, length) || listen(fd, 16) ||
	    getsockname(fd, (struct sockaddr *)address, &length))
		err(1, "listen");
	return fd;
}

static void open_pair(int listener, const struct sockaddr_in *address)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};
	int client = socket(AF_INET, SOCK_STREAM, 0);
	char byte = 0;

	setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (connect(client, (const struct sockaddr *)address, sizeof(*address)))
		err(1, "connect");
	int server = accept(listener, NULL, NULL);

	if (server < 0)
		err(1, "accept");
	setsockopt(server, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (send(client, &byte, 1, 0) != 1 || recv(server, &byte, 1, 0) != 1)
		err(1, "transfer");
}

static void hold(int number, int pairs, int ready)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + number)};
	char byte = 0;
	int listener = listen_at(&address);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < pairs; i++)
		open_pair(listener, &address);
	close(listener);
	if (write(ready, &byte, 1) != 1)
		err(1, "write");
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	int pairs = argc == 2 ? atoi(argv[1]) : 0;

	if (pairs < 1)
		errx(2, "usage: sockets PAIRS");
	raise_limit();
	for (int number = 0, left = pairs; left > 0; number++, left -= PAIRS_PER_PROCESS) {
		int ready[2];
		char byte;
		pid_t child = pipe(ready) ? -1 : fork();

		if (child < 0)
			err(1, "fork");
		if (child == 0)
			hold(number, left < PAIRS_PER_PROCESS ? left : PAIRS_PER_PROCESS, ready[1]);
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			errx(1, "a process failed");
		close(ready[0]);
	}
	puts("ready");
	fflush(stdout);
	return getchar() != EOF;
}
