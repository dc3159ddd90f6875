/* SPDX-License-Identifier: MIT */
#include "../../windows/common/rule.h"
#include "nt_test.h"
#include "test.h"

#include <stdlib.h>

#define PATH_ROOM 40
#define FIELD(member) offsetof(struct netflow_rule, member)

/* A record with room for a path, as it is in a stream. */
struct request {
	struct netflow_rule rule;
	WCHAR path[PATH_ROOM / sizeof(WCHAR)];
};

static struct request path_rule(const WCHAR *path, ULONG64 upload, UINT8 flags)
{
	struct request request = {
		.rule = {.header = {NETFLOW_MAGIC, NETFLOW_PROTOCOL_VERSION, NETFLOW_RECORD_RULE, 0, 0},
			 .upload_limit = upload,
			 .target = NETFLOW_TARGET_PATH,
			 .flags = flags},
	};

	for (; path[request.rule.path_bytes / 2]; request.rule.path_bytes += 2)
		request.path[request.rule.path_bytes / 2] = path[request.rule.path_bytes / 2];
	request.rule.header.size = (uint32_t)((sizeof(request.rule) + request.rule.path_bytes + 7) & ~7u);
	return request;
}

static struct request process_rule(void)
{
	struct request request = path_rule(L"", 5000, 0);

	request.rule.target = NETFLOW_TARGET_PROCESS;
	request.rule.identity = (struct netflow_identity){100, 0, 12345};
	return request;
}

static void checks_fields(void)
{
	static const struct {
		const char *what;
		BOOLEAN is_of_path;
		size_t offset;
		UINT64 value;
		int bytes;
		NTSTATUS status;
	} cases[] = {
		{"a good one of a process", FALSE, 0, 0, 0, STATUS_SUCCESS},
		{"a good one of a path", TRUE, 0, 0, 0, STATUS_SUCCESS},
		{"the least rate", TRUE, FIELD(upload_limit), NETFLOW_LEAST_LIMIT, 8, STATUS_SUCCESS},
		{"the greatest rate", TRUE, FIELD(download_limit), NETFLOW_GREATEST_LIMIT, 8, STATUS_SUCCESS},
		{"a policy's, shared", TRUE, FIELD(flags), NETFLOW_RULE_SHARED | NETFLOW_RULE_POLICY, 1,
		 STATUS_SUCCESS},
		{"magic", FALSE, FIELD(header.magic), 1, 4, STATUS_REVISION_MISMATCH},
		{"version", FALSE, FIELD(header.version), 2, 2, STATUS_REVISION_MISMATCH},
		{"type", FALSE, FIELD(header.type), 1, 2, STATUS_INVALID_PARAMETER},
		{"a longer size", FALSE, FIELD(header.size), 72, 4, STATUS_INVALID_BUFFER_SIZE},
		{"an odd size", TRUE, FIELD(header.size), sizeof(struct netflow_rule) + 6, 4,
		 STATUS_INVALID_BUFFER_SIZE},
		{"no size", FALSE, FIELD(header.size), 0, 4, STATUS_INVALID_BUFFER_SIZE},
		{"a huge size", FALSE, FIELD(header.size), 0xfffffff8, 4, STATUS_INVALID_BUFFER_SIZE},
		{"a rate below the least", FALSE, FIELD(upload_limit), NETFLOW_LEAST_LIMIT - 1, 8,
		 STATUS_INVALID_PARAMETER},
		{"a rate above the greatest", FALSE, FIELD(download_limit), NETFLOW_GREATEST_LIMIT + 1, 8,
		 STATUS_INVALID_PARAMETER},
		{"no target", FALSE, FIELD(target), 0, 1, STATUS_INVALID_PARAMETER},
		{"another target", FALSE, FIELD(target), 3, 1, STATUS_INVALID_PARAMETER},
		{"a path that is not there", FALSE, FIELD(path_bytes), 8, 2, STATUS_INVALID_BUFFER_SIZE},
		{"a flag", FALSE, FIELD(flags), 0x80, 1, STATUS_INVALID_PARAMETER},
		{"a policy's for a process", FALSE, FIELD(flags), NETFLOW_RULE_POLICY, 1, STATUS_INVALID_PARAMETER},
		{"a process with a path", TRUE, FIELD(target), NETFLOW_TARGET_PROCESS, 1, STATUS_INVALID_PARAMETER},
		{"a path without one", FALSE, FIELD(target), NETFLOW_TARGET_PATH, 1, STATUS_INVALID_PARAMETER},
		{"a path of odd length", TRUE, FIELD(path_bytes), 5, 2, STATUS_INVALID_PARAMETER},
		{"a path that is not the kernel's", TRUE, sizeof(struct netflow_rule), L'C', 2,
		 STATUS_INVALID_PARAMETER},
		{"a control character", TRUE, sizeof(struct netflow_rule) + 2, L'\n', 2, STATUS_INVALID_PARAMETER},
	};

	for (size_t index = 0; index < COUNT(cases); index++) {
		struct request request = cases[index].is_of_path ? path_rule(L"\\ab", 5000, 0) : process_rule();
		NTSTATUS status;

		RtlCopyMemory((UCHAR *)&request + cases[index].offset, &cases[index].value, (SIZE_T)cases[index].bytes);
		status = rule_check(&request, sizeof(request));
		if (status != cases[index].status)
			test_fail(__FILE__, __LINE__, "%s: 0x%x", cases[index].what, (unsigned)status);
	}
}

/* In memory that is no longer than the caller says. */
static void checks_lengths(void)
{
	struct request request = path_rule(L"\\abcdef", 5000, 0);

	for (size_t room = 0; room <= sizeof(request); room++) {
		void *copy = malloc(room + !room);

		RtlCopyMemory(copy, &request, room);
		CHECK_EQUAL(room < request.rule.header.size ? STATUS_INVALID_BUFFER_SIZE : STATUS_SUCCESS,
			    rule_check(copy, room));
		free(copy);
	}
}

/* ---- many ---- */

#define MOST_REQUESTS 4

struct stream {
	UCHAR bytes[MOST_REQUESTS * sizeof(struct request)];
	size_t used;
};

static void append(struct stream *stream, struct request request)
{
	RtlCopyMemory(stream->bytes + stream->used, &request, request.rule.header.size);
	stream->used += request.rule.header.size;
}

static struct kernel_path path_of(const WCHAR *text)
{
	struct kernel_path path = {text, 0};

	while (text[path.bytes / sizeof(WCHAR)])
		path.bytes += sizeof(WCHAR);
	return path;
}

static struct rules *create(const struct stream *stream, const struct rules *before)
{
	struct rules *rules;

	CHECK_EQUAL(STATUS_SUCCESS, rules_create(stream->bytes, stream->used, before, &rules));
	return rules;
}

static void finds_rules(void)
{
	static const struct {
		const WCHAR *path;
		ULONG64 limit; /* 0: none */
	} cases[] = {
		{L"\\LOCAL", 2000},  {L"\\local", 2000}, {L"\\both", 4000},
		{L"\\policy", 5000}, {L"\\none", 0},     {L"", 0},
	};
	struct stream stream = {0};
	struct rules *rules;

	kernel_path_prepare();
	append(&stream, path_rule(L"\\local", 2000, 0));
	append(&stream, path_rule(L"\\both", 3000, 0));
	append(&stream, path_rule(L"\\BOTH", 4000, NETFLOW_RULE_POLICY));
	append(&stream, path_rule(L"\\policy", 5000, NETFLOW_RULE_POLICY));
	rules = create(&stream, NULL);
	for (size_t index = 0; index < COUNT(cases); index++) {
		struct rule *rule = rules_find(rules, path_of(cases[index].path));

		CHECK_EQUAL(cases[index].limit, rule ? rule->limit[NETFLOW_UPLOAD] : 0);
	}
	CHECK_EQUAL(3000, rules_find_exact(rules, path_of(L"\\both"), 0)->limit[NETFLOW_UPLOAD]);
	CHECK(!rules_find_exact(rules, path_of(L"\\local"), NETFLOW_RULE_POLICY));
	CHECK_EQUAL(4, rules->count);
	CHECK_EQUAL(stream.used, rules->record_bytes);
	CHECK_EQUAL(3, rules_find(rules, path_of(L"\\both"))->number);
	rules_destroy(rules);
	kernel_path_forget();
	nt_pool_assert_empty();
}

static void refuses_whole_streams(void)
{
	struct request damaged = path_rule(L"\\second", 1, 0);
	const struct {
		struct request second;
		size_t cut;
		NTSTATUS status;
	} cases[] = {
		{path_rule(L"\\FIRST", 3000, 0), 0, STATUS_INVALID_PARAMETER},
		{process_rule(), 0, STATUS_INVALID_PARAMETER},
		{damaged, 0, STATUS_INVALID_PARAMETER},
		{path_rule(L"\\second", 3000, 0), 8, STATUS_INVALID_BUFFER_SIZE},
		{path_rule(L"\\first", 3000, NETFLOW_RULE_POLICY), 0, STATUS_SUCCESS},
	};

	kernel_path_prepare();
	for (size_t index = 0; index < COUNT(cases); index++) {
		struct stream stream = {0};
		struct rules *rules;
		NTSTATUS status;

		append(&stream, path_rule(L"\\first", 2000, 0));
		append(&stream, cases[index].second);
		status = rules_create(stream.bytes, stream.used - cases[index].cut, NULL, &rules);
		CHECK_EQUAL(cases[index].status, status);
		if (NT_SUCCESS(status))
			rules_destroy(rules);
	}
	kernel_path_forget();
	nt_pool_assert_empty();
}

/* Paths of four characters, of which there are enough. */
static void bounds_their_number(void)
{
	struct request request = path_rule(L"\\000", 2000, 0);
	ULONG size = request.rule.header.size;
	UCHAR *stream = malloc((NETFLOW_MAX_RULES + 1) * size);
	struct rules *rules;

	kernel_path_prepare();
	for (ULONG index = 0; index <= NETFLOW_MAX_RULES; index++) {
		for (ULONG digit = 0; digit < 3; digit++)
			request.path[1 + digit] = (WCHAR)(L'0' + (index >> 5 * digit & 31));
		RtlCopyMemory(stream + index * size, &request, size);
	}
	CHECK_EQUAL(STATUS_INSUFFICIENT_RESOURCES, rules_create(stream, (NETFLOW_MAX_RULES + 1) * size, NULL, &rules));
	CHECK_EQUAL(STATUS_SUCCESS, rules_create(stream, NETFLOW_MAX_RULES * size, NULL, &rules));
	CHECK_EQUAL(NETFLOW_MAX_RULES, rules->count);
	rules_destroy(rules);
	free(stream);
	kernel_path_forget();
	nt_pool_assert_empty();
}

/* What processes have used of a shared limit is not forgiven when some other rule changes. */
static void keeps_limiters_of_shared_rules(void)
{
	static const struct {
		const WCHAR *path;
		UINT8 flags;
		BOOLEAN is_kept;
	} cases[] = {
		{L"\\A", NETFLOW_RULE_SHARED, TRUE},
		{L"\\a", NETFLOW_RULE_SHARED | NETFLOW_RULE_POLICY, FALSE},
		{L"\\b", NETFLOW_RULE_SHARED, FALSE},
		{L"\\a", 0, FALSE},
	};
	struct stream first = {0};
	struct rules *before;

	kernel_path_prepare();
	append(&first, path_rule(L"\\a", 2000, NETFLOW_RULE_SHARED));
	before = create(&first, NULL);
	for (size_t index = 0; index < COUNT(cases); index++) {
		struct stream second = {0};
		struct rules *after;
		struct rule *rule;

		append(&second, path_rule(cases[index].path, 3000, cases[index].flags));
		after = create(&second, before);
		rule = rules_find(after, path_of(cases[index].path));
		CHECK_EQUAL(cases[index].is_kept, rule->shared == rules_find(before, path_of(L"\\a"))->shared);
		CHECK_EQUAL(cases[index].flags & NETFLOW_RULE_SHARED, rule->shared ? NETFLOW_RULE_SHARED : 0);
		rules_destroy(after);
	}
	rules_destroy(before);
	kernel_path_forget();
	nt_pool_assert_empty();
}

static const struct test tests[] = {
	{"every field of a rule's record is checked", checks_fields},
	{"a record that is cut off is refused, whatever follows it in memory", checks_lengths},
	{"a policy's rule is found before a local one, in upper or lower case", finds_rules},
	{"a stream with one bad record makes no rules", refuses_whole_streams},
	{"there are 16,384 rules at most", bounds_their_number},
	{"a shared rule that stays keeps its limiter", keeps_limiters_of_shared_rules},
};

TEST_MAIN(tests)
