/* SPDX-License-Identifier: MIT */
/* The base filtering engine's service, sessions with it, and their transactions. */
#include "internal.h"

#define MOST_SUBSCRIBERS 4

static struct subscriber {
	FWPM_SERVICE_STATE_CHANGE_CALLBACK0 callback;
	void *context;
	BOOLEAN is_used;
} subscribers[MOST_SUBSCRIBERS];

void sim_sessions_start(void)
{
	InitializeListHead(&engine.sessions);
	engine.service = FWPM_SERVICE_STOPPED;
	engine.writer = NULL;
	RtlZeroMemory(subscribers, sizeof(subscribers));
}

void sim_sessions_stop(void)
{
	ENGINE_ASSERT(!sim_objects_any() && !sim_filters_any(), "objects of a driver are left in the filtering engine");
	ENGINE_ASSERT(IsListEmpty(&engine.sessions), "a session with the filtering engine is still open");
	for (int index = 0; index < MOST_SUBSCRIBERS; index++)
		ENGINE_ASSERT(!subscribers[index].is_used, "a driver still listens to the service's state");
}

/* ---- service ---- */

FWPM_SERVICE_STATE NTAPI FwpmBfeStateGet0(void)
{
	KLOCK_QUEUE_HANDLE handle;
	FWPM_SERVICE_STATE state;

	ENGINE_IRQL(PASSIVE_LEVEL);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	state = engine.service;
	KeReleaseInStackQueuedSpinLock(&handle);
	return state;
}

NTSTATUS NTAPI FwpmBfeStateSubscribeChanges0(void *device, FWPM_SERVICE_STATE_CHANGE_CALLBACK0 callback, void *context,
					     HANDLE *handle)
{
	ENGINE_IRQL(PASSIVE_LEVEL);
	ENGINE_ASSERT(device && callback && handle, "a subscription without a device, or without a callback");
	for (int index = 0; index < MOST_SUBSCRIBERS; index++) {
		if (subscribers[index].is_used)
			continue;
		subscribers[index] = (struct subscriber){callback, context, TRUE};
		*handle = &subscribers[index];
		return STATUS_SUCCESS;
	}
	return STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS NTAPI FwpmBfeStateUnsubscribeChanges0(HANDLE handle)
{
	struct subscriber *subscriber = handle;

	ENGINE_IRQL(PASSIVE_LEVEL);
	ENGINE_ASSERT(subscriber && subscriber->is_used, "a subscription that is none");
	subscriber->is_used = FALSE;
	return STATUS_SUCCESS;
}

/* The lock is held. */
static void kill_sessions(void)
{
	for (LIST_ENTRY *entry = engine.sessions.Flink; entry != &engine.sessions; entry = entry->Flink)
		CONTAINING_RECORD(entry, struct sim_session, entry)->is_dead = TRUE;
	engine.writer = NULL;
	sim_objects_remove(NULL, FALSE);
}

void sim_sessions_set_service(FWPM_SERVICE_STATE state)
{
	KLOCK_QUEUE_HANDLE handle;

	ENGINE_IRQL(PASSIVE_LEVEL);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	engine.service = state;
	if (state == FWPM_SERVICE_STOPPED)
		kill_sessions();
	KeReleaseInStackQueuedSpinLock(&handle);
	if (state == FWPM_SERVICE_STOPPED)
		sim_filters_remove(NULL, FALSE);
	for (int index = 0; index < MOST_SUBSCRIBERS; index++) {
		if (subscribers[index].is_used)
			subscribers[index].callback(subscribers[index].context, state);
	}
}

/* ---- sessions ---- */

NTSTATUS NTAPI FwpmEngineOpen0(const wchar_t *server, UINT32 authentication, void *identity,
			       const FWPM_SESSION0 *options, HANDLE *handle)
{
	struct sim_session *session = engine_allocate(sizeof(*session));
	KLOCK_QUEUE_HANDLE lock_handle;
	BOOLEAN is_running;

	ENGINE_IRQL(PASSIVE_LEVEL);
	ENGINE_ASSERT(!server && authentication == 10 && !identity && handle, "an engine that is not this machine's");
	ENGINE_ASSERT(options && options->flags & FWPM_SESSION_FLAG_DYNAMIC, "a session whose objects outlive it");
	session->magic = SESSION_MAGIC;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	is_running = engine.service == FWPM_SERVICE_RUNNING;
	if (is_running)
		InsertTailList(&engine.sessions, &session->entry);
	KeReleaseInStackQueuedSpinLock(&lock_handle);
	if (!is_running) {
		engine_free(session);
		return STATUS_UNSUCCESSFUL; /* Windows: what the remote procedure call says */
	}
	*handle = session;
	return STATUS_SUCCESS;
}

/* A dynamic session's objects go with it; one that is in the middle of a transaction has never had those. */
NTSTATUS NTAPI FwpmEngineClose0(HANDLE handle)
{
	struct sim_session *session = sim_session_of(handle);
	KLOCK_QUEUE_HANDLE lock_handle;

	ENGINE_IRQL(PASSIVE_LEVEL);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	if (engine.writer == session)
		engine.writer = NULL;
	RemoveEntryList(&session->entry);
	sim_objects_remove(session, FALSE);
	KeReleaseInStackQueuedSpinLock(&lock_handle);
	sim_filters_remove(session, FALSE);
	session->magic = 0;
	engine_free(session);
	return STATUS_SUCCESS;
}

/* ---- transactions ---- */

static NTSTATUS begin_locked(struct sim_session *session, UINT32 flags)
{
	NTSTATUS status = sim_session_check(session);

	if (!NT_SUCCESS(status))
		return status;
	if (flags & ~1u) /* FWPM_TXN_READ_ONLY */
		return STATUS_FWP_INVALID_FLAGS;
	if (session->in_transaction)
		return STATUS_FWP_TXN_IN_PROGRESS;
	session->in_transaction = TRUE;
	engine.writer = session;
	return STATUS_SUCCESS;
}

/* win32, FWP, Object Management: it waits while another session writes, by default for 15 seconds, and then fails. */
static NTSTATUS wait_for_others(void)
{
	LARGE_INTEGER interval = {.QuadPart = -InterlockedExchangeAdd64(&engine.transaction_delay, 0)};

	if (interval.QuadPart)
		KeDelayExecutionThread(KernelMode, FALSE, &interval);
	return sim_must_fail(&engine.fail_transactions) ? STATUS_FWP_TIMEOUT : STATUS_SUCCESS;
}

NTSTATUS NTAPI FwpmTransactionBegin0(HANDLE handle, UINT32 flags)
{
	struct sim_session *session = sim_session_of(handle);
	KLOCK_QUEUE_HANDLE lock_handle;
	NTSTATUS status = wait_for_others();

	ENGINE_IRQL(PASSIVE_LEVEL);
	if (!NT_SUCCESS(status))
		return status;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	status = begin_locked(session, flags);
	KeReleaseInStackQueuedSpinLock(&lock_handle);
	return status;
}

static NTSTATUS check_transaction(const struct sim_session *session)
{
	NTSTATUS status;
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	status = sim_session_check(session);
	KeReleaseInStackQueuedSpinLock(&handle);
	if (NT_SUCCESS(status) && !session->in_transaction)
		return STATUS_FWP_NO_TXN_IN_PROGRESS;
	return status;
}

static void end_transaction(struct sim_session *session, BOOLEAN commit)
{
	KLOCK_QUEUE_HANDLE handle;

	if (commit)
		sim_filters_commit(session);
	else
		sim_filters_remove(session, TRUE);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	if (commit)
		sim_objects_commit(session);
	else
		sim_objects_remove(session, TRUE);
	session->in_transaction = FALSE;
	engine.writer = NULL;
	KeReleaseInStackQueuedSpinLock(&handle);
}

NTSTATUS NTAPI FwpmTransactionCommit0(HANDLE handle)
{
	struct sim_session *session = sim_session_of(handle);
	NTSTATUS status = check_transaction(session);

	ENGINE_IRQL(PASSIVE_LEVEL);
	if (!NT_SUCCESS(status))
		return status;
	/* Windows-driver-samples, network/trans/inspect/sys/TL_drv.c: who fails to commit has still to abort. */
	if (sim_must_fail(&engine.fail_commits))
		return STATUS_UNSUCCESSFUL;
	status = sim_filters_prepare(session);
	end_transaction(session, NT_SUCCESS(status));
	return status;
}

NTSTATUS NTAPI FwpmTransactionAbort0(HANDLE handle)
{
	struct sim_session *session = sim_session_of(handle);
	NTSTATUS status = check_transaction(session);

	ENGINE_IRQL(PASSIVE_LEVEL);
	if (NT_SUCCESS(status))
		end_transaction(session, FALSE);
	return status;
}
