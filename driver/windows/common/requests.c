/* SPDX-License-Identifier: MIT */
#include "requests.h"
#include "netflow_processes.h"
#include "netflow_rules.h"
#include "netflow_statistics.h"
#include "writer.h"

struct query {
	struct netflow *netflow;
	struct writer writer;
	LONG second;
};

/*
 * What began since the processes were described is for the next query: until then, its identity is not final, and in
 * two queries it would be two.
 */
static BOOLEAN visit_flow(struct flow *flow, void *context)
{
	struct query *query = context;
	struct netflow_identity identity;

	if (flow->process == query->netflow->unattributed || !read_once(&flow->process->described))
		return TRUE;
	identity = process_identity(&query->netflow->processes, flow->process);
	return write_connection(&query->writer, flow, &identity, query->second);
}

static BOOLEAN visit_process(struct process_node *process, void *context)
{
	struct query *query = context;

	if (!process->exited && !process->described)
		return TRUE;
	return write_process(&query->writer, process, &query->netflow->limits, query->second);
}

static void query_handshake(struct query *query)
{
	write_handshake(&query->writer, query->netflow->driver);
}

static void query_connections(struct query *query)
{
	netflow_describe_processes(query->netflow);
	flows_visit(&query->netflow->flows, visit_flow, query);
}

static void query_processes(struct query *query)
{
	netflow_describe_processes(query->netflow);
	processes_visit(&query->netflow->processes, FALSE, visit_process, query);
}

static void query_exited(struct query *query)
{
	processes_visit(&query->netflow->processes, TRUE, visit_process, query);
}

static void reset_count(struct rule *rule, void *context)
{
	UNREFERENCED_PARAMETER(context);
	rule->processes = 0;
}

static BOOLEAN count_rule_user(struct process_node *process, void *context)
{
	struct query *query = context;

	limits_count(&query->netflow->limits, process);
	return TRUE;
}

static void visit_rule(struct rule *rule, void *context)
{
	struct query *query = context;

	write_rule(&query->writer, rule, NULL);
}

/* Nobody takes a process's own rule away from it while the change lock is held, except its exit. */
static BOOLEAN visit_own_rule(struct process_node *process, void *context)
{
	struct query *query = context;
	struct rule *own = limits_own(&query->netflow->limits, process);

	if (!own)
		return TRUE;
	write_rule(&query->writer, own, &process->identity);
	rule_release(own);
	return !query->writer.is_full;
}

static void query_rules(struct query *query)
{
	struct netflow *netflow = query->netflow;

	netflow_describe_processes(netflow);
	mutex_acquire(&netflow->change);
	rules_visit(netflow->limits.rules, reset_count, NULL);
	processes_visit(&netflow->processes, FALSE, count_rule_user, query);
	rules_visit(netflow->limits.rules, visit_rule, query);
	processes_visit(&netflow->processes, FALSE, visit_own_rule, query);
	mutex_release(&netflow->change);
}

static void query_statistics(struct query *query)
{
	struct netflow_statistics statistics;

	netflow_statistics(query->netflow, &statistics);
	write_statistics(&query->writer, &statistics);
}

static NTSTATUS change_one(struct netflow *netflow, const void *input, ULONG bytes, BOOLEAN remove)
{
	const struct netflow_rule *record = input;
	NTSTATUS status = rule_check(input, bytes);

	if (!NT_SUCCESS(status))
		return status;
	if (record->header.size != bytes)
		return STATUS_INVALID_BUFFER_SIZE;
	return netflow_change_rule(netflow, record, remove);
}

static NTSTATUS set_rule(struct netflow *netflow, const void *input, ULONG bytes)
{
	return change_one(netflow, input, bytes, FALSE);
}

static NTSTATUS remove_rule(struct netflow *netflow, const void *input, ULONG bytes)
{
	return change_one(netflow, input, bytes, TRUE);
}

static NTSTATUS replace_rules(struct netflow *netflow, const void *input, ULONG bytes)
{
	return netflow_replace_rules(netflow, input, bytes);
}

static const struct request {
	ULONG code;
	void (*query)(struct query *query);
	NTSTATUS (*change)(struct netflow *netflow, const void *input, ULONG bytes);
} requests[] = {
	{.code = NETFLOW_IOCTL_HANDSHAKE, .query = query_handshake},
	{.code = NETFLOW_IOCTL_QUERY_CONNECTIONS, .query = query_connections},
	{.code = NETFLOW_IOCTL_QUERY_PROCESSES, .query = query_processes},
	{.code = NETFLOW_IOCTL_QUERY_EXITED, .query = query_exited},
	{.code = NETFLOW_IOCTL_QUERY_RULES, .query = query_rules},
	{.code = NETFLOW_IOCTL_QUERY_STATISTICS, .query = query_statistics},
	{.code = NETFLOW_IOCTL_SET_RULE, .change = set_rule},
	{.code = NETFLOW_IOCTL_REMOVE_RULE, .change = remove_rule},
	{.code = NETFLOW_IOCTL_REPLACE_RULES, .change = replace_rules},
};

static NTSTATUS handle_query(struct netflow *netflow, const struct request *request, void *buffer, ULONG output,
			     ULONG_PTR *written)
{
	struct query query = {
		.netflow = netflow,
		.writer = {.start = buffer, .room = output},
		.second = current_second(),
	};

	request->query(&query);
	*written = query.writer.used;
	return writer_status(&query.writer);
}

NTSTATUS request_handle(struct netflow *netflow, ULONG code, void *buffer, ULONG input, ULONG output,
			ULONG_PTR *written)
{
	*written = 0;
	for (ULONG index = 0; index < sizeof(requests) / sizeof(requests[0]); index++) {
		const struct request *request = &requests[index];

		if (request->code != code)
			continue;
		if (request->change)
			return output ? STATUS_INVALID_BUFFER_SIZE : request->change(netflow, buffer, input);
		return input ? STATUS_INVALID_BUFFER_SIZE : handle_query(netflow, request, buffer, output, written);
	}
	return STATUS_INVALID_DEVICE_REQUEST;
}
