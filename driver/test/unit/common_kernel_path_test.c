/* SPDX-License-Identifier: MIT */
#include "../../windows/common/kernel_path.h"
#include "nt_test.h"
#include "test.h"

static struct kernel_path path_of(const WCHAR *text)
{
	USHORT bytes = 0;

	while (text[bytes / sizeof(WCHAR)])
		bytes += sizeof(WCHAR);
	return (struct kernel_path){text, bytes};
}

static void trims(void)
{
	static const WCHAR text[] = L"\\a\0\0";
	static const WCHAR long_text[0x8001] = {L'a'};
	static const struct {
		const WCHAR *text;
		ULONG bytes;
		USHORT trimmed;
	} cases[] = {
		{text, 0, 0},
		{text, 2, 2},
		{text, 4, 4},
		{text, 6, 4},
		{text, 8, 4},
		{text, 3, 0},
		{NULL, 4, 0},
		{NULL, 0, 0},
		{text + 2, 4, 0},
		{long_text, 0xfffe, 2},
		{long_text, 0x10000, 0},
	};

	for (size_t index = 0; index < COUNT(cases); index++)
		CHECK_EQUAL(cases[index].trimmed, kernel_path_trim(cases[index].text, cases[index].bytes).bytes);
}

static void compares(void)
{
	static const struct {
		const WCHAR *one, *other;
		BOOLEAN is_equal;
	} cases[] = {
		{L"", L"", TRUE},
		{L"\\a", L"\\A", TRUE},
		{L"\\Device\\curl.exe", L"\\DEVICE\\CURL.EXE", TRUE},
		{L"\\\u00e9\u0431\u03b1", L"\\\u00c9\u0411\u0391", TRUE},
		{L"\\a", L"\\b", FALSE},
		{L"\\a", L"\\a\\", FALSE},
		{L"\\[", L"\\{", FALSE},
	};

	CHECK_EQUAL(STATUS_SUCCESS, kernel_path_prepare());
	for (size_t index = 0; index < COUNT(cases); index++) {
		struct kernel_path one = path_of(cases[index].one), other = path_of(cases[index].other);

		CHECK_EQUAL(cases[index].is_equal, kernel_path_equal(one, other));
		CHECK_EQUAL(cases[index].is_equal, kernel_path_hash(one) == kernel_path_hash(other));
	}
	kernel_path_forget();
	nt_pool_assert_empty();
}

static void works_where_a_flow_begins(void)
{
	struct kernel_path path = path_of(L"\\a");

	kernel_path_prepare();
	nt_raise_irql(DISPATCH_LEVEL);
	CHECK(kernel_path_equal(path, path_of(L"\\A")));
}

static void needs_memory(void)
{
	nt_pool_fail_after(1);
	CHECK_EQUAL(STATUS_INSUFFICIENT_RESOURCES, kernel_path_prepare());
}

static const struct test tests[] = {
	{"a path loses the NULs at its end, and is empty where its length is none of a path", trims},
	{"paths are the same in upper and lower case, and so are their hashes", compares},
	{"paths are compared at DISPATCH_LEVEL", works_where_a_flow_begins},
	{"without memory there is a status", needs_memory},
};

TEST_MAIN(tests)
