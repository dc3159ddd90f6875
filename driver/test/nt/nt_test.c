/* SPDX-License-Identifier: MIT */
/*
 * The driver on a real NT kernel, with the simulated engine beneath it (scripts/nt-tests.mjs): that kernel's own
 * service manager, registry, device requests, and notification of processes. A program of user mode; what it finds goes
 * to the debugger's serial line, as TAP.
 */
#include <windows.h>

#include <stdio.h>

#include "../../simulator/wfp/engine_ioctl.h"

ULONG __cdecl DbgPrint(const char *format, ...);

#define STREAM_SEND 0x10000
#define STREAM_RECEIVE 0x1

static int count, failed;
static HANDLE engine, driver;
static union {
	UCHAR bytes[65536];
	struct netflow_header header;
	struct netflow_process process;
	struct netflow_statistics statistics;
} reply;

static void check(int is_so, const char *what)
{
	failed += !is_so;
	DbgPrint("%s %d - %s (error %lu)\n", is_so ? "ok" : "not ok", ++count, what, GetLastError());
}

/* ---- services and devices ---- */

static SC_HANDLE make_service(SC_HANDLE manager, const char *name, const char *file)
{
	return CreateServiceA(manager, name, name, SERVICE_ALL_ACCESS, SERVICE_KERNEL_DRIVER, SERVICE_DEMAND_START,
			      SERVICE_ERROR_NORMAL, file, NULL, NULL, NULL, NULL, NULL);
}

static HANDLE open_device(const char *name)
{
	return CreateFileA(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
			   0, NULL);
}

static void stop_service(SC_HANDLE service)
{
	SERVICE_STATUS status;

	CloseHandle(driver);
	check(ControlService(service, SERVICE_CONTROL_STOP, &status), "the driver stops");
	for (int wait = 0; wait < 100 && QueryServiceStatus(service, &status); wait++) {
		if (status.dwCurrentState == SERVICE_STOPPED)
			return;
		Sleep(100);
	}
}

static void start_driver(SC_HANDLE service)
{
	check(StartServiceA(service, 0, NULL), "the driver starts");
	driver = open_device("\\\\.\\NetFlow");
	check(driver != INVALID_HANDLE_VALUE, "its device opens");
}

/* ---- requests ---- */

static struct engine_result step(struct engine_step step)
{
	struct engine_result result = {{0, 0}};
	UCHAR buffer[sizeof(step)];
	DWORD written;

	memcpy(buffer, &step, sizeof(step));
	DeviceIoControl(engine, ENGINE_IOCTL_STEP, buffer, sizeof(buffer), &result, sizeof(result), &written, NULL);
	return result;
}

static UINT64 open_flow(DWORD process_id)
{
	return step((struct engine_step){.operation = ENGINE_FLOW_OPEN, .transport = 6, .process_id = process_id})
		.value[0];
}

static void stream(UINT64 flow, UINT32 flags, UINT32 bytes)
{
	step((struct engine_step){
		.operation = ENGINE_STREAM, .flow = flow, .flags = flags, .bytes = bytes, .count = 1000});
}

/* The record of a process, in `reply`'s place. NULL: there is none. */
static const struct netflow_process *find(DWORD code, DWORD process_id)
{
	DWORD written = 0;

	DeviceIoControl(driver, code, NULL, 0, &reply, sizeof(reply), &written, NULL);
	for (DWORD at = 0; at < written;) {
		const struct netflow_process *record = (const void *)(reply.bytes + at);

		if (record->identity.process_id == process_id)
			return record;
		at += record->header.size;
	}
	return NULL;
}

static DWORD rules(void)
{
	DWORD written = 0;

	DeviceIoControl(driver, NETFLOW_IOCTL_QUERY_RULES, NULL, 0, &reply, sizeof(reply), &written, NULL);
	return written;
}

static BOOL set_rule_of_path(void)
{
	static const WCHAR path[] = L"\\Device\\HarddiskVolume1\\tool.exe";
	struct {
		struct netflow_rule rule;
		UCHAR path[64];
	} request = {.rule = {.header = {NETFLOW_MAGIC, NETFLOW_PROTOCOL_VERSION, NETFLOW_RECORD_RULE, 0, 0},
			      .upload_limit = 100000,
			      .target = NETFLOW_TARGET_PATH,
			      .path_bytes = sizeof(path) - sizeof(WCHAR)}};
	DWORD written;

	request.rule.header.size = (sizeof(request.rule) + request.rule.path_bytes + 7) & ~7u;
	memcpy(request.path, path, request.rule.path_bytes);
	return DeviceIoControl(driver, NETFLOW_IOCTL_SET_RULE, &request, request.rule.header.size, NULL, 0, &written,
			       NULL);
}

/* ---- tests ---- */

static void counts(void)
{
	UINT64 flow = open_flow(GetCurrentProcessId());
	const struct netflow_process *process;

	stream(flow, STREAM_SEND, 1001);
	stream(flow, STREAM_RECEIVE, 333);
	process = find(NETFLOW_IOCTL_QUERY_PROCESSES, GetCurrentProcessId());
	check(process && process->upload_bytes == 1001000 && process->download_bytes == 333000,
	      "what a process transfers is counted to the byte");
	check(process && process->path_bytes && process->sid_bytes,
	      "it has the path and the user that the kernel says");
	step((struct engine_step){.operation = ENGINE_FLOW_CLOSE, .flow = flow});
}

/* This kernel reports it by itself. */
static void sees_the_end_of_a_process(void)
{
	STARTUPINFOA startup = {.cb = sizeof(startup)};
	PROCESS_INFORMATION child;
	char command[] = "cmd.exe /c exit";
	UINT64 flow;

	if (!CreateProcessA(NULL, command, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &startup, &child)) {
		check(FALSE, "a program starts");
		return;
	}
	flow = open_flow(child.dwProcessId);
	stream(flow, STREAM_SEND, 7);
	step((struct engine_step){.operation = ENGINE_FLOW_CLOSE, .flow = flow});
	ResumeThread(child.hThread);
	WaitForSingleObject(child.hProcess, 30000);
	CloseHandle(child.hThread);
	CloseHandle(child.hProcess);
	Sleep(1000);
	check(find(NETFLOW_IOCTL_QUERY_EXITED, child.dwProcessId) != NULL, "the kernel's notice of its exit is taken");
	check(find(NETFLOW_IOCTL_QUERY_PROCESSES, child.dwProcessId) == NULL, "and it is not listed among the living");
}

int main(void)
{
	SC_HANDLE manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_ALL_ACCESS);
	SC_HANDLE simulation = make_service(manager, "NetFlowEngine", "system32\\drivers\\fwpkclnt.sys");
	SC_HANDLE service = make_service(manager, "NetFlow", "system32\\drivers\\netflow.sys");

	check(StartServiceA(simulation, 0, NULL), "the simulated engine starts");
	engine = open_device("\\\\.\\NetFlowEngine");
	for (int round = 0; round < 3; round++) {
		start_driver(service);
		counts();
		sees_the_end_of_a_process();
		check(round ? rules() > 0 : set_rule_of_path(), "a rule is in the registry");
		stop_service(service);
	}
	check(step((struct engine_step){.operation = ENGINE_STATE}).value[0] == 0, "no context is left");
	DbgPrint("1..%d\n", count);
	return failed != 0;
}
