// SPDX-License-Identifier: MIT
/*
 * image MODE ADDRESS PORT BYTES MORE...: sends BYTES, changes what it is, and goes on.
 *   exec FILE BYTES2, thread FILE BYTES2, memory FILE BYTES2   becomes the program FILE, which sends BYTES2
 *   user UID BYTES2   becomes another user, then sends BYTES2
 *   delete            its file is deleted first
 *   twice BYTES2      two children in a row with one process id, each sends its part and ends
 */
#define _GNU_SOURCE
#include "command.h"
#include "endpoint.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *address;
static const char *port;

static void send_bytes(const char *bytes)
{
	static char data[65536];
	size_t size = strtoul(bytes, NULL, 10);
	int handle = endpoint_connect("udp", address, port);

	if (must("send", send(handle, data, size, 0)) != (long)size)
		_exit(1);
	close(handle);
}

static void become(int file, char **more)
{
	char *arguments[] = {more[0], (char *)address, (char *)port, more[1], NULL};

	must("exec", syscall(SYS_execveat, file, "", arguments, environ, AT_EMPTY_PATH));
}

static void *become_in_thread(void *argument)
{
	char **more = argument;

	become((int)must("open", open(more[0], O_PATH | O_CLOEXEC)), more);
	return NULL;
}

static void become_by_thread(char **more)
{
	pthread_t thread;

	must("pthread_create", -pthread_create(&thread, NULL, become_in_thread, more));
	for (;;)
		pause();
}

static void become_from_memory(char **more)
{
	int file = (int)must("open", open(more[0], O_RDONLY | O_CLOEXEC));
	int memory = (int)must("memfd_create", memfd_create("nameless", MFD_CLOEXEC));
	struct stat status;

	must("fstat", fstat(file, &status));
	must("sendfile", sendfile(memory, file, NULL, (size_t)status.st_size));
	become(memory, more);
}

/* A child with the process id that is asked for, or any where it is 0; returns its id when it has ended. */
static pid_t run_child(pid_t wanted, const char *bytes)
{
	struct clone_args request = {.exit_signal = SIGCHLD};
	int status;
	pid_t child;

	if (wanted) {
		request.set_tid = (uint64_t)&wanted;
		request.set_tid_size = 1;
	}
	child = (pid_t)must("clone3", syscall(SYS_clone3, &request, sizeof(request)));
	if (!child) {
		send_bytes(bytes);
		usleep(5000); /* start times have milliseconds */
		_exit(0);
	}
	must("waitpid", waitpid(child, &status, 0));
	if (status)
		_exit(1);
	return child;
}

int main(int count, char **arguments)
{
	char **more = arguments + 5;

	if (count < 5)
		return 2;
	address = arguments[2];
	port = arguments[3];
	if (!strcmp(arguments[1], "twice")) {
		run_child(run_child(0, arguments[4]), more[0]);
		return 0;
	}
	if (!strcmp(arguments[1], "delete"))
		must("unlink", unlink(arguments[0]));
	send_bytes(arguments[4]);
	if (!strcmp(arguments[1], "exec"))
		become_in_thread(more);
	if (!strcmp(arguments[1], "thread"))
		become_by_thread(more);
	if (!strcmp(arguments[1], "memory"))
		become_from_memory(more);
	if (!strcmp(arguments[1], "user")) {
		must("setuid", setuid((uid_t)atoi(more[0])));
		send_bytes(more[1]);
	}
	return 0;
}
