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
	ENGINE_IRQL(PASSIVE_LEVEL);
	return engine.service;
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

static void kill_sessions(void)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	for (LIST_ENTRY *entry = engine.sessions.Flink; entry != &engine.sessions; entry = entry->Flink)
		CONTAINING_RECORD(entry, struct sim_session, entry)->is_dead = TRUE;
	engine.writer = NULL;
	sim_objects_remove(NULL, FALSE);
	KeReleaseInStackQueuedSpinLock(&handle);
	sim_filters_remove(NULL, FALSE);
}

void sim_sessions_set_service(FWPM_SERVICE_STATE state)
{
	ENGINE_IRQL(PASSIVE_LEVEL);
	engine.service = state;
	if (state == FWPM_SERVICE_STOPPED)
		kill_sessions();
	for (int index = 0; index < MOST_SUBSCRIBERS; index++) {
		if (subscribers[index].is_used)
			subscribers[index].callback(subscribers[index].context, state);
	}
}

/* ---- sessions ---- */

NTSTATUS NTAPI FwpmEngineOpen0(const wchar_t *server, UINT32 authentication, void *identity,
			       const FWPM_SESSION0 *options, HANDLE *handle)
{
	struct sim_session *session;
	KLOCK_QUEUE_HANDLE lock_handle;

	ENGINE_IRQL(PASSIVE_LEVEL);
	ENGINE_ASSERT(!server && authentication == 10 && !identity && handle, "an engine that is not this machine's");
	ENGINE_ASSERT(options && options->flags & FWPM_SESSION_FLAG_DYNAMIC, "a session whose objects outlive it");
	if (engine.service != FWPM_SERVICE_RUNNING)
		return STATUS_UNSUCCESSFUL; /* Windows: what the remote procedure call says */
	session = engine_allocate(sizeof(*session));
	session->magic = SESSION_MAGIC;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	InsertTailList(&engine.sessions, &session->entry);
	KeReleaseInStackQueuedSpinLock(&lock_handle);
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

NTSTATUS NTAPI FwpmTransactionBegin0(HANDLE handle, UINT32 flags)
{
	struct sim_session *session = sim_session_of(handle);
	KLOCK_QUEUE_HANDLE lock_handle;
	NTSTATUS status;

	ENGINE_IRQL(PASSIVE_LEVEL);
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
