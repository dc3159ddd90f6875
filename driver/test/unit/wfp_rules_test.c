/* SPDX-License-Identifier: MIT */
/* Which rule is in force for a process, and what of the rules is saved. */
#include "limits_rig.h"

static ULONG64 upload_limit(ULONG process)
{
	return rig_living(process).upload_limit;
}

static void goes_by_precedence(void)
{
	limits_start();
	limits_flow(6);
	limits_set_path(NETFLOW_IOCTL_SET_RULE, 100, 3000, 0);
	CHECK_EQUAL(3000, upload_limit(100));
	limits_set_path(NETFLOW_IOCTL_SET_RULE, 100, 4000, NETFLOW_RULE_POLICY);
	CHECK_EQUAL(4000, upload_limit(100));
	limits_set(100, 5000, 0);
	CHECK_EQUAL(5000, upload_limit(100));
	limits_set(100, 0, 0);
	CHECK_EQUAL(4000, upload_limit(100));
	limits_set_path(NETFLOW_IOCTL_REMOVE_RULE, 100, 0, NETFLOW_RULE_POLICY);
	CHECK_EQUAL(3000, upload_limit(100));
	limits_set_path(NETFLOW_IOCTL_REMOVE_RULE, 100, 0, 0);
	CHECK_EQUAL(0, upload_limit(100));
	limits_stop();
}

static void remembers_rules_of_paths(void)
{
	limits_start();
	limits_set_path(NETFLOW_IOCTL_SET_RULE, 100, 3000, 0);
	limits_set_path(NETFLOW_IOCTL_SET_RULE, 104, 4000, NETFLOW_RULE_SHARED);
	limits_set(100, 9000, 0);
	rig_unload();
	rig_load();
	limits_flow(6);
	CHECK_EQUAL(3000, upload_limit(100));
	CHECK_EQUAL(2, rig_count(NETFLOW_IOCTL_QUERY_RULES));
	CHECK_EQUAL(1, engine_filters(FWPS_LAYER_OUTBOUND_TRANSPORT_V4));
	limits_stop();
}

static void changes_nothing_that_is_not_saved(void)
{
	limits_start();
	limits_flow(6);
	limits_set_path(NETFLOW_IOCTL_SET_RULE, 100, 3000, 0);
	nt_registry_fail(TRUE);
	CHECK_EQUAL(STATUS_DISK_FULL, rig_rule(NETFLOW_IOCTL_SET_RULE, 0, rig_path(100), 5000, 0, 0));
	CHECK_EQUAL(3000, upload_limit(100));
	nt_registry_fail(FALSE);
	limits_stop();
}

static void ignores_rules_that_are_damaged(void)
{
	static const UCHAR nonsense[100] = {1, 2, 3};

	nt_registry_set(REG_BINARY, nonsense, sizeof(nonsense));
	limits_start();
	CHECK_EQUAL(0, rig_count(NETFLOW_IOCTL_QUERY_RULES));
	CHECK_EQUAL(1, rig_statistics().lost_events);
	limits_stop();
}

/* The first flow may come without a path, and the system says it afterwards. */
static void finds_paths_that_come_late(void)
{
	struct engine_flow_options options;
	UINT64 flow;

	limits_start();
	limits_set_path(NETFLOW_IOCTL_SET_RULE, 100, 3000, 0);
	options = rig_flow(100);
	options.path = NULL;
	flow = engine_flow_open(&options);
	nt_clock_settle();
	CHECK_EQUAL(3000, upload_limit(100));
	for (ULONG index = 0; index < 10; index++)
		engine_segment(flow, FALSE, index, 1000, 0x10);
	CHECK(engine_deliveries(flow, FALSE).packets < 5);
	nt_clock_advance(10 * SECOND);
	CHECK_EQUAL(10, engine_deliveries(flow, FALSE).packets);
	limits_stop();
}

static const struct test tests[] = {
	{"a process's own rule beats a policy's, which beats a local one", goes_by_precedence},
	{"rules of paths are there again when the driver is", remembers_rules_of_paths},
	{"a rule that can't be saved is not applied", changes_nothing_that_is_not_saved},
	{"a rule holds a process whose path the system says later", finds_paths_that_come_late},
	{"saved rules that are damaged keep the driver from nothing", ignores_rules_that_are_damaged},
};

TEST_MAIN(tests)
