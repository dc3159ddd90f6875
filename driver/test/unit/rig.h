/* SPDX-License-Identifier: MIT */
/*
 * The whole driver, loaded into the simulated kernel and WFP engine, and asked through its device.
 */
#ifndef NETFLOW_TEST_UNIT_RIG_H
#define NETFLOW_TEST_UNIT_RIG_H

#include "../../protocol.h"
#include "../../simulator/wfp/engine.h"
#include "nt_test.h"
#include "test.h"

/* Loads the driver where the filtering engine runs. */
void rig_start(void);

/* Unloads it, and fails where anything of it is left: contexts, filters, memory, packets. */
void rig_stop(void);

/* The same in parts. */
void rig_start_engine(void);
void rig_load(void);
NTSTATUS rig_try_to_load(void);
void rig_unload(void);
void rig_stop_engine(void);

/* A process that the system knows, with its own path and a user; another one from each id. */
void rig_process(ULONG id);
LONGLONG rig_start_time(ULONG id); /* ns since 1970 */

/* A flow of a process: TCP, IPv4, connected. */
struct engine_flow_options rig_flow(ULONG process_id);

/* What the driver says; fails where it does not know it. */
struct netflow_process rig_read_process(ULONG code, ULONG process_id);
struct netflow_process rig_living(ULONG process_id);
struct netflow_process rig_exited(ULONG process_id);
struct netflow_statistics rig_statistics(void);
/* The one record that answers a query. */
void rig_read_only(ULONG code, void *record, ULONG_PTR size);

/* All records of a query; the caller frees them. */
UCHAR *rig_query(ULONG code, ULONG_PTR *bytes);
ULONG rig_count(ULONG code);

/* Sets or removes a rule of a process (path NULL) or of a path. */
NTSTATUS rig_rule(ULONG code, ULONG process_id, const WCHAR *path, ULONG64 upload, ULONG64 download, UINT8 flags);

/* As rig_process() names its executable. */
const WCHAR *rig_path(ULONG process_id);

/* Fails where the driver's figures for the process are not what the engine has shown it. */
void rig_check_totals(ULONG process_id);

#endif
