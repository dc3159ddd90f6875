// SPDX-License-Identifier: MIT
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct counts counts;

void counts_sent(long bytes)
{
	__atomic_fetch_add(&counts.sent, (uint64_t)bytes, __ATOMIC_RELAXED);
}

void counts_received(long bytes)
{
	__atomic_fetch_add(&counts.received, (uint64_t)bytes, __ATOMIC_RELAXED);
}

void answer(const char *name, long long value)
{
	printf("\"%s\":%lld,", name, value);
}

_Noreturn void fail(const char *what)
{
	perror(what);
	_exit(1);
}

long must(const char *what, long result)
{
	if (result < 0)
		fail(what);
	return result;
}

void wait_for_end(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static void run(const struct command *commands, char *line)
{
	char *arguments[COMMAND_MAX_ARGUMENTS + 1] = {NULL};
	const struct command *command = commands;
	char *name = strtok(line, " \n");

	for (int i = 0; i < COMMAND_MAX_ARGUMENTS; i++)
		arguments[i] = strtok(NULL, " \n");
	while (command->name && strcmp(command->name, name ? name : ""))
		command++;
	if (!command->name) {
		fprintf(stderr, "no such command: %s\n", name ? name : "");
		_exit(2);
	}
	printf("{");
	command->run(arguments);
	printf("\"pid\":%d,\"sent\":%llu,\"received\":%llu}\n", getpid(), (unsigned long long)counts.sent,
	       (unsigned long long)counts.received);
	fflush(stdout);
}

void command_loop(const struct command *commands)
{
	char line[512];

	while (fgets(line, sizeof(line), stdin))
		run(commands, line);
}
