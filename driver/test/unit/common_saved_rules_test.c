/* SPDX-License-Identifier: MIT */
#include "../../windows/common/saved_rules.h"
#include "nt_test.h"
#include "test.h"

#include <stdlib.h>

static struct saved_rules saved;

static void start(void)
{
	static const UNICODE_STRING service = RTL_CONSTANT_STRING(L"\\Registry\\NetFlow");

	CHECK_EQUAL(STATUS_SUCCESS, saved_rules_initialize(&saved, &service));
}

static void stop(void)
{
	saved_rules_destroy(&saved);
	nt_registry_set(0, NULL, 0);
	nt_pool_assert_empty();
}

static void reads(void)
{
	static const UCHAR data[] = {1, 2, 3, 4, 5};
	static const struct {
		const void *data; /* NULL: no key */
		ULONG type, bytes;
		NTSTATUS status;
	} cases[] = {
		{NULL, 0, 0, STATUS_SUCCESS},
		{data, REG_BINARY, 0, STATUS_SUCCESS},
		{data, REG_BINARY, 5, STATUS_SUCCESS},
		{data, REG_SZ, 4, STATUS_INVALID_PARAMETER},
	};

	for (size_t index = 0; index < COUNT(cases); index++) {
		ULONG expected = NT_SUCCESS(cases[index].status) ? cases[index].bytes : 0;
		void *stream = (void *)data;
		ULONG bytes = 99;

		start();
		nt_registry_set(cases[index].type, cases[index].data, cases[index].bytes);
		CHECK_EQUAL(cases[index].status, saved_rules_read(&saved, &stream, &bytes));
		CHECK_EQUAL(expected, bytes);
		CHECK_EQUAL(expected != 0, stream != NULL);
		if (stream) {
			CHECK(!memcmp(stream, data, expected));
			ExFreePoolWithTag(stream, TAG_BUFFER);
		}
		stop();
	}
}

static void reads_what_it_wrote(void)
{
	UCHAR data[300];
	void *stream;
	ULONG bytes;

	for (size_t index = 0; index < sizeof(data); index++)
		data[index] = (UCHAR)index;
	start();
	CHECK_EQUAL(STATUS_SUCCESS, saved_rules_write(&saved, data, sizeof(data)));
	CHECK_EQUAL(STATUS_SUCCESS, saved_rules_read(&saved, &stream, &bytes));
	CHECK_EQUAL(sizeof(data), bytes);
	CHECK(!memcmp(stream, data, sizeof(data)));
	ExFreePoolWithTag(stream, TAG_BUFFER);
	CHECK_EQUAL(STATUS_SUCCESS, saved_rules_write(&saved, NULL, 0));
	CHECK_EQUAL(STATUS_SUCCESS, saved_rules_read(&saved, &stream, &bytes));
	CHECK(!stream);
	stop();
}

static void says_why_it_fails(void)
{
	void *stream;
	ULONG bytes;

	start();
	nt_registry_fail(TRUE);
	CHECK_EQUAL(STATUS_DISK_FULL, saved_rules_write(&saved, "x", 1));
	nt_registry_set(REG_BINARY, "x", 1);
	for (ULONG allocation = 1; allocation <= 2; allocation++) {
		nt_pool_fail_after(allocation);
		CHECK_EQUAL(STATUS_INSUFFICIENT_RESOURCES, saved_rules_read(&saved, &stream, &bytes));
		CHECK(!stream);
	}
	stop();
}

static void names_its_key(void)
{
	static const WCHAR expected[] = L"\\Registry\\NetFlow\\Parameters";
	static const UNICODE_STRING too_long = {.Length = 0xfffe - sizeof(L"\\Parameters") + 2 * sizeof(WCHAR)};

	start();
	CHECK_EQUAL(sizeof(expected) - sizeof(WCHAR), saved.key.Length);
	CHECK(!memcmp(saved.key.Buffer, expected, saved.key.Length));
	stop();
	CHECK_EQUAL(STATUS_INVALID_PARAMETER, saved_rules_initialize(&saved, &too_long));
}

static const struct test tests[] = {
	{"the saved value is read whole, and a value of another type is refused", reads},
	{"what was written is read again", reads_what_it_wrote},
	{"a registry or a pool that fails gives its status", says_why_it_fails},
	{"rules are saved below the service's key, if that is not too long", names_its_key},
};

TEST_MAIN(tests)
