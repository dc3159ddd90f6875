/* SPDX-License-Identifier: MIT */
/*
 * Tests in C. Each runs in a process of its own, so that one that ends badly takes no other with it, and is told as a
 * line of TAP. A program with a name as its argument runs the tests whose names contain it.
 *
 * Whatever is random begins with test_seed(), which the program prints: 1, or the environment's NETFLOW_SEED.
 */
#ifndef NETFLOW_TEST_UNIT_TEST_H
#define NETFLOW_TEST_UNIT_TEST_H

#include <inttypes.h>

struct test {
	const char *name; /* what is so */
	void (*run)(void);
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

uint32_t test_seed(void);

/* Returns the program's exit code. */
int test_main(int count, char **arguments, const struct test *tests, int test_count);

#define TEST_MAIN(tests)                                                                                               \
	int main(int count, char **arguments)                                                                          \
	{                                                                                                              \
		return test_main(count, arguments, tests, (int)COUNT(tests));                                          \
	}

/* Ends the test, and its process. */
_Noreturn void test_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* TRUE where `run` ends its process with an abort, as the simulated kernel does on a mistake. */
int test_aborts(void (*run)(void));

#define CHECK(condition) ((condition) ? (void)0 : test_fail(__FILE__, __LINE__, "%s", #condition))
#define CHECK_EQUAL(expected, actual)                                                                                  \
	do {                                                                                                           \
		int64_t check_expected = (int64_t)(expected);                                                          \
		int64_t check_actual = (int64_t)(actual);                                                              \
		if (check_expected != check_actual)                                                                    \
			test_fail(__FILE__, __LINE__,                                                                  \
				  "%s is %" PRId64 " (0x%" PRIx64 "), not %" PRId64 " (0x%" PRIx64 ")", #actual,       \
				  check_actual, (uint64_t)check_actual, check_expected, (uint64_t)check_expected);     \
	} while (0)

#endif
