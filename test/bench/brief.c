/*
 * brief COUNT BYTES: starts so many processes one after the other, each of which connects over loopback TCP, sends so
 * many bytes and ends. Prints their process ids.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void send_bytes(int port, size_t bytes)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char *buffer = calloc(1, bytes);

	if (!buffer || connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    send(fd, buffer, bytes, 0) != (ssize_t)bytes)
		err(1, "send");
}

/* A program of its own, as a short command is, and not a mere fork. */
static pid_t start(const char *port, const char *bytes)
{
	pid_t child = fork();

	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		execl("/proc/self/exe", "brief", "send", port, bytes, (char *)NULL);
		err(1, "exec");
	}
	return child;
}

static void take_bytes(int listener)
{
	char buffer[4096];
	int fd = accept(listener, NULL, NULL);

	while (recv(fd, buffer, sizeof(buffer), 0) > 0)
		;
	close(fd);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char port[8];

	if (argc == 4 && !strcmp(argv[1], "send")) {
		send_bytes(atoi(argv[2]), strtoul(argv[3], NULL, 10));
		return 0;
	}
	if (argc != 3)
		errx(2, "usage: brief COUNT BYTES");
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 16) ||
	    getsockname(listener, (struct sockaddr *)&address, &length))
		err(1, "listen");
	snprintf(port, sizeof(port), "%d", ntohs(address.sin_port));
	for (int i = 0; i < atoi(argv[1]); i++) {
		pid_t child = start(port, argv[2]);

		take_bytes(listener);
		waitpid(child, NULL, 0);
		printf("%d\n", child);
		fflush(stdout);
		usleep(20000);
	}
	return 0;
}
