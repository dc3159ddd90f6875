/*
 * pingpong SECONDS CPU CPU: two processes send 64 bytes to and fro over loopback TCP, each kept on its CPU.
 * Prints round trips, the seconds they took, and the seconds of CPU time of both processes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_BYTES 64
#define WARM_UP_SECONDS 0.1

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static double cpu_seconds(int whose)
{
	struct rusage usage;

	getrusage(whose, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "CPU %d", cpu);
}

static void set_no_delay(int fd)
{
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)))
		err(1, "TCP_NODELAY");
}

static int is_whole(ssize_t bytes)
{
	if (bytes < 0)
		err(1, "ping-pong");
	return bytes == MESSAGE_BYTES;
}

static void answer(const struct sockaddr_in *address, int cpu)
{
	char message[MESSAGE_BYTES];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stay_on(cpu);
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		err(1, "connect");
	set_no_delay(fd);
	while (is_whole(recv(fd, message, sizeof(message), MSG_WAITALL)))
		is_whole(send(fd, message, sizeof(message), 0));
	exit(0);
}

static long ask(int fd, double seconds)
{
	char message[MESSAGE_BYTES] = {0};
	long trips = 0;

	for (double end = now() + seconds; now() < end; trips++) {
		is_whole(send(fd, message, sizeof(message), 0));
		if (!is_whole(recv(fd, message, sizeof(message), MSG_WAITALL)))
			errx(1, "the other end is gone");
	}
	return trips;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	if (argc != 4)
		errx(2, "usage: pingpong SECONDS CPU CPU");
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &length))
		err(1, "listen");
	if (fork() == 0)
		answer(&address, atoi(argv[3]));
	stay_on(atoi(argv[2]));
	int fd = accept(listener, NULL, NULL);

	set_no_delay(fd);
	long trips = ask(fd, WARM_UP_SECONDS);
	double start = now();

	trips += ask(fd, atof(argv[1]));
	double seconds = now() - start + WARM_UP_SECONDS;

	close(fd);
	wait(NULL);
	printf("%ld %.6f %.6f\n", trips, seconds, cpu_seconds(RUSAGE_SELF) + cpu_seconds(RUSAGE_CHILDREN));
	return 0;
}
