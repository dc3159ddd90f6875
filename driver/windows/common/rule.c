/* SPDX-License-Identifier: MIT */
#include "rule.h"

static BOOLEAN is_rate(ULONG64 rate)
{
	return rate == NETFLOW_UNLIMITED || (rate >= NETFLOW_LEAST_LIMIT && rate <= NETFLOW_GREATEST_LIMIT);
}

static BOOLEAN is_kernel_path(const WCHAR *path, USHORT bytes)
{
	if (bytes < 2 * sizeof(WCHAR) || bytes % sizeof(WCHAR) || path[0] != L'\\')
		return FALSE;
	for (ULONG index = 0; index < bytes / sizeof(WCHAR); index++) {
		if (path[index] < L' ')
			return FALSE;
	}
	return TRUE;
}

NTSTATUS rule_check(const void *bytes, size_t room)
{
	const struct netflow_rule *record = bytes;

	if (room < sizeof(*record))
		return STATUS_INVALID_BUFFER_SIZE;
	if (record->header.magic != NETFLOW_MAGIC || record->header.version != NETFLOW_PROTOCOL_VERSION)
		return STATUS_REVISION_MISMATCH;
	if (record->header.type != NETFLOW_RECORD_RULE)
		return STATUS_INVALID_PARAMETER;
	if (record->header.size > room || record->header.size % 8 ||
	    record->header.size != ((sizeof(*record) + record->path_bytes + 7) & ~(size_t)7))
		return STATUS_INVALID_BUFFER_SIZE;
	if (!is_rate(record->upload_limit) || !is_rate(record->download_limit) ||
	    record->flags & ~(NETFLOW_RULE_SHARED | NETFLOW_RULE_POLICY))
		return STATUS_INVALID_PARAMETER;
	if (record->target == NETFLOW_TARGET_PROCESS)
		return record->path_bytes || record->flags & NETFLOW_RULE_POLICY ? STATUS_INVALID_PARAMETER
										 : STATUS_SUCCESS;
	if (record->target != NETFLOW_TARGET_PATH || !is_kernel_path((const WCHAR *)(record + 1), record->path_bytes))
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

struct rule *rule_create(const struct netflow_rule *record)
{
	struct rule *rule = allocate(sizeof(*rule) + record->path_bytes, TAG_RULE);

	if (!rule)
		return NULL;
	rule->references = 1;
	rule->limit[NETFLOW_UPLOAD] = record->upload_limit;
	rule->limit[NETFLOW_DOWNLOAD] = record->download_limit;
	rule->flags = record->flags;
	rule->path_bytes = record->path_bytes;
	RtlCopyMemory(rule->path, record + 1, record->path_bytes);
	if (!(rule->flags & NETFLOW_RULE_SHARED) || record->target == NETFLOW_TARGET_PROCESS)
		return rule;
	rule->shared = limiter_create();
	if (rule->shared)
		return rule;
	rule_release(rule);
	return NULL;
}

void rule_reference(struct rule *rule)
{
	InterlockedIncrement(&rule->references);
}

void rule_release(struct rule *rule)
{
	if (InterlockedDecrement(&rule->references) != 0)
		return;
	if (rule->shared)
		limiter_release(rule->shared);
	ExFreePoolWithTag(rule, TAG_RULE);
}

#define RULE_BUCKETS 4096

static LIST_ENTRY *bucket_of(const struct rules *rules, struct kernel_path path)
{
	return (LIST_ENTRY *)&rules->bucket[kernel_path_hash(path) % RULE_BUCKETS];
}

struct rule *rules_find_exact(const struct rules *rules, struct kernel_path path, UINT8 policy_flag)
{
	LIST_ENTRY *bucket = bucket_of(rules, path);

	for (LIST_ENTRY *entry = bucket->Flink; entry != bucket; entry = entry->Flink) {
		struct rule *rule = CONTAINING_RECORD(entry, struct rule, entry);

		if ((rule->flags & NETFLOW_RULE_POLICY) == policy_flag && kernel_path_equal(rule_path(rule), path))
			return rule;
	}
	return NULL;
}

struct rule *rules_find(const struct rules *rules, struct kernel_path path)
{
	struct rule *rule = rules_find_exact(rules, path, NETFLOW_RULE_POLICY);

	return rule ? rule : rules_find_exact(rules, path, 0);
}

static void keep_limiter(struct rule *rule, const struct rules *before)
{
	struct rule *earlier = before && rule->shared
				       ? rules_find_exact(before, rule_path(rule), rule->flags & NETFLOW_RULE_POLICY)
				       : NULL;

	if (!earlier || !earlier->shared)
		return;
	limiter_release(rule->shared);
	rule->shared = earlier->shared;
	limiter_reference(rule->shared);
}

static NTSTATUS add(struct rules *rules, const struct netflow_rule *record, const struct rules *before)
{
	struct rule *rule;

	if (record->target != NETFLOW_TARGET_PATH)
		return STATUS_INVALID_PARAMETER;
	if (rules->count == NETFLOW_MAX_RULES)
		return STATUS_INSUFFICIENT_RESOURCES;
	rule = rule_create(record);
	if (!rule)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (rules_find_exact(rules, rule_path(rule), rule->flags & NETFLOW_RULE_POLICY)) {
		rule_release(rule);
		return STATUS_INVALID_PARAMETER;
	}
	keep_limiter(rule, before);
	rule->number = ++rules->count;
	rules->record_bytes += record->header.size;
	InsertTailList(bucket_of(rules, rule_path(rule)), &rule->entry);
	return STATUS_SUCCESS;
}

NTSTATUS rules_create(const void *stream, size_t bytes, const struct rules *before, struct rules **result)
{
	const UCHAR *at = stream;
	NTSTATUS status = STATUS_SUCCESS;
	struct rules *rules = allocate(sizeof(*rules) + RULE_BUCKETS * sizeof(LIST_ENTRY), TAG_TABLE);

	if (!rules)
		return STATUS_INSUFFICIENT_RESOURCES;
	for (int bucket = 0; bucket < RULE_BUCKETS; bucket++)
		InitializeListHead(&rules->bucket[bucket]);
	while (bytes && NT_SUCCESS(status)) {
		const struct netflow_rule *record = (const struct netflow_rule *)at;

		status = rule_check(at, bytes);
		if (!NT_SUCCESS(status))
			break;
		status = add(rules, record, before);
		at += record->header.size;
		bytes -= record->header.size;
	}
	if (NT_SUCCESS(status))
		*result = rules;
	else
		rules_destroy(rules);
	return status;
}

void rules_visit(const struct rules *rules, void (*visit)(struct rule *rule, void *context), void *context)
{
	for (int bucket = 0; bucket < RULE_BUCKETS; bucket++) {
		const LIST_ENTRY *head = &rules->bucket[bucket];

		for (LIST_ENTRY *entry = head->Flink; entry != head; entry = entry->Flink)
			visit(CONTAINING_RECORD(entry, struct rule, entry), context);
	}
}

void rules_destroy(struct rules *rules)
{
	for (int bucket = 0; bucket < RULE_BUCKETS; bucket++) {
		while (!IsListEmpty(&rules->bucket[bucket])) {
			LIST_ENTRY *entry = RemoveHeadList(&rules->bucket[bucket]);

			rule_release(CONTAINING_RECORD(entry, struct rule, entry));
		}
	}
	ExFreePoolWithTag(rules, TAG_TABLE);
}
