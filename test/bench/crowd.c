/*
 * crowd PROCESSES: starts so many processes, each with a UDP socket that has sent a datagram. Says "ready" and keeps
 * them alive until standard input ends.
 */
#include <arpa/inet.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void live(const struct sockaddr_in *address, int ready)
{
	char byte = 0;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) || send(fd, &byte, 1, 0) != 1)
		err(1, "send");
	if (write(ready, &byte, 1) != 1)
		err(1, "write");
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	int processes = argc == 2 ? atoi(argv[1]) : 0;
	struct rlimit limit = {.rlim_cur = processes + 1000, .rlim_max = processes + 1000};
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int sink = socket(AF_INET, SOCK_DGRAM, 0);
	int ready[2];
	char byte;

	if (processes < 1)
		errx(2, "usage: crowd PROCESSES");
	setrlimit(RLIMIT_NPROC, &limit);
	if (bind(sink, (struct sockaddr *)&address, length) ||
	    getsockname(sink, (struct sockaddr *)&address, &length) || pipe(ready))
		err(1, "sink");
	for (int i = 0; i < processes; i++) {
		pid_t child = fork();

		if (child < 0)
			err(1, "fork");
		if (child == 0) {
			close(sink);
			live(&address, ready[1]);
		}
		if (read(ready[0], &byte, 1) != 1)
			err(1, "read");
	}
	puts("ready");
	fflush(stdout);
	return getchar() != EOF;
}
