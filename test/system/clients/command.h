/* SPDX-License-Identifier: MIT */
/* A client of the system tests obeys commands on standard input, one a line, and answers each with one line of JSON. */
#ifndef NETFLOW_TEST_COMMAND_H
#define NETFLOW_TEST_COMMAND_H

#include <stdint.h>

#define COMMAND_MAX_ARGUMENTS 8

struct command {
	const char *name;
	void (*run)(char **arguments); /* NULL after the last argument given */
};

/* What the system calls of this process said that they moved. Threads add to it atomically. */
struct counts {
	uint64_t sent;
	uint64_t received;
};
extern struct counts counts;

void counts_sent(long bytes);
void counts_received(long bytes);

/* Runs commands until standard input ends. `commands` ends with a name of NULL. */
void command_loop(const struct command *commands);

/* Adds a member to the answer of the command that runs. */
void answer(const char *name, long long value);

/* Says on standard error what failed and why, and ends the process with 1. */
_Noreturn void fail(const char *what);

/* Returns `result`, or fails where it is negative. */
long must(const char *what, long result);

/* Sleeps until standard input ends. */
void wait_for_end(void);

#endif
