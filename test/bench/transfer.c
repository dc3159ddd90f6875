/*
 * transfer BYTES SECONDS: one process sends so many bytes to another over loopback TCP, evenly over so many seconds.
 * Prints the process ids of sender and receiver and the bytes each one's system calls moved; both then live on
 * until standard input ends.
 */
#include <arpa/inet.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STEPS_PER_SECOND 100

static char buffer[65536];

static void receive_all(const struct sockaddr_in *address, int report)
{
	long long total = 0;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		err(1, "connect");
	for (ssize_t bytes; (bytes = recv(fd, buffer, sizeof(buffer), 0)) > 0;)
		total += bytes;
	if (write(report, &total, sizeof(total)) != sizeof(total))
		err(1, "write");
	for (;;)
		pause();
}

static void send_until(int fd, long long *sent, long long target)
{
	while (*sent < target) {
		long long left = target - *sent;
		ssize_t bytes =
			send(fd, buffer, left < (long long)sizeof(buffer) ? left : (long long)sizeof(buffer), 0);

		if (bytes < 0)
			err(1, "send");
		*sent += bytes;
	}
}

static long long send_evenly(int fd, long long bytes, int seconds)
{
	struct timespec next;
	long long sent = 0;
	int steps = seconds * STEPS_PER_SECOND;

	clock_gettime(CLOCK_MONOTONIC, &next);
	for (int step = 1; step <= steps; step++) {
		send_until(fd, &sent, bytes * step / steps);
		next.tv_nsec += 1000000000 / STEPS_PER_SECOND;
		if (next.tv_nsec >= 1000000000) {
			next.tv_sec++;
			next.tv_nsec -= 1000000000;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	return sent;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	long long received;
	int report[2];

	if (argc != 3)
		errx(2, "usage: transfer BYTES SECONDS");
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &length) || pipe(report))
		err(1, "listen");
	pid_t receiver = fork();

	if (receiver == 0)
		receive_all(&address, report[1]);
	int fd = accept(listener, NULL, NULL);
	long long sent = send_evenly(fd, atoll(argv[1]), atoi(argv[2]));

	shutdown(fd, SHUT_WR);
	if (read(report[0], &received, sizeof(received)) != sizeof(received))
		err(1, "read");
	printf("%d %lld %d %lld\n", getpid(), sent, receiver, received);
	fflush(stdout);
	return getchar() != EOF;
}
