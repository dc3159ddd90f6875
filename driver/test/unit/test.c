/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list arguments;

	printf("# %s:%d: ", file, line);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fflush(stdout);
	_exit(1);
}

uint32_t test_seed(void)
{
	const char *seed = getenv("NETFLOW_SEED");

	return seed ? (uint32_t)strtoul(seed, NULL, 10) : 1;
}

static int run_in_child(void (*run)(void), int silent)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (silent)
			fclose(stderr);
		run();
		exit(0);
	}
	waitpid(child, &status, 0);
	return status;
}

/* Sanitizers end a process with a code of their own. */
int test_aborts(void (*run)(void))
{
	int status = run_in_child(run, 1);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static int is_wanted(int count, char **arguments, const char *name)
{
	return count < 2 || strstr(name, arguments[1]);
}

int test_main(int count, char **arguments, const struct test *tests, int test_count)
{
	int failed = 0, number = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("# seed %" PRIu32 "\n", test_seed());
	for (int index = 0; index < test_count; index++) {
		int status;

		if (!is_wanted(count, arguments, tests[index].name))
			continue;
		fflush(stdout);
		status = run_in_child(tests[index].run, 0);
		printf("%s %d - %s\n", status == 0 ? "ok" : "not ok", ++number, tests[index].name);
		failed += status != 0;
	}
	printf("1..%d\n", number);
	return failed != 0;
}
