/* SPDX-License-Identifier: MIT */
/*
 * Filters: added and deleted in transactions, their callouts notified, connections authorized again where it matters.
 */
#include "internal.h"

static LIST_ENTRY filters;
static UINT64 next_filter;

void sim_filters_start(void)
{
	InitializeListHead(&filters);
}

BOOLEAN sim_filters_any(void)
{
	return !IsListEmpty(&filters);
}

/* ---- callouts are notified ---- */

static FWPS_CALLOUT_NOTIFY_FN2 routine_of(const GUID *callout)
{
	KLOCK_QUEUE_HANDLE handle;
	struct sim_callout *found;
	FWPS_CALLOUT_NOTIFY_FN2 routine = NULL;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	found = sim_callout_find_key(callout);
	if (found) {
		found->active++;
		routine = found->callout.notifyFn;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return routine;
}

static void routine_done(const GUID *callout)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	sim_callout_find_key(callout)->active--;
	KeReleaseInStackQueuedSpinLock(&handle);
}

FWPS_FILTER2 sim_filter_as_seen(const struct sim_filter *filter)
{
	return (FWPS_FILTER2){
		.filterId = filter->id,
		.weight = {.type = FWP_EMPTY},
		.numFilterConditions = filter->conditions,
		.action = {.type = filter->action, .calloutId = filter->callout_id},
		.context = filter->context,
	};
}

/* A callout is not notified of filters that are older than its registration. */
static NTSTATUS notify(struct sim_filter *filter, FWPS_CALLOUT_NOTIFY_TYPE type)
{
	FWPS_CALLOUT_NOTIFY_FN2 routine = routine_of(&filter->callout_key);
	FWPS_FILTER2 seen = sim_filter_as_seen(filter);
	NTSTATUS status;

	if (!routine)
		return STATUS_SUCCESS;
	status = routine(type, type == FWPS_CALLOUT_NOTIFY_DELETE_FILTER ? NULL : &filter->key, &seen);
	filter->context = seen.context;
	routine_done(&filter->callout_key);
	return status;
}

/* ---- what goes ---- */

/* Adding or removing filters where connections are authorized has all of them authorized again. The lock is held. */
static void changed(const struct sim_filter *filter)
{
	if (filter->layer >= FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4 && filter->layer <= FWPS_LAYER_ALE_AUTH_CONNECT_V6)
		sim_flows_reauthorize();
}

static void move(struct sim_filter *filter, LIST_ENTRY *gone)
{
	if (filter->is_committed)
		changed(filter);
	RemoveEntryList(&filter->entry);
	InsertTailList(gone, &filter->entry);
}

static void free_list(LIST_ENTRY *gone)
{
	while (!IsListEmpty(gone)) {
		struct sim_filter *filter = CONTAINING_RECORD(RemoveHeadList(gone), struct sim_filter, entry);

		if (filter->is_noticed)
			notify(filter, FWPS_CALLOUT_NOTIFY_DELETE_FILTER);
		engine_free(filter);
	}
}

void sim_filters_remove(const struct sim_session *session, BOOLEAN only_uncommitted)
{
	KLOCK_QUEUE_HANDLE handle;
	LIST_ENTRY gone, *next;

	InitializeListHead(&gone);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	for (LIST_ENTRY *entry = filters.Flink; entry != &filters; entry = next) {
		struct sim_filter *filter = CONTAINING_RECORD(entry, struct sim_filter, entry);

		next = entry->Flink;
		if (session && filter->session != session)
			continue;
		filter->is_deleted = FALSE;
		if (!only_uncommitted || !filter->is_committed)
			move(filter, &gone);
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	free_list(&gone);
}

/* ---- what comes ---- */

static struct sim_filter *find_unnoticed(const struct sim_session *session)
{
	for (LIST_ENTRY *entry = filters.Flink; entry != &filters; entry = entry->Flink) {
		struct sim_filter *filter = CONTAINING_RECORD(entry, struct sim_filter, entry);

		if (filter->session == session && !filter->is_committed && !filter->is_noticed)
			return filter;
	}
	return NULL;
}

static struct sim_filter *find(UINT64 id)
{
	for (LIST_ENTRY *entry = filters.Flink; entry != &filters; entry = entry->Flink) {
		struct sim_filter *filter = CONTAINING_RECORD(entry, struct sim_filter, entry);

		if (filter->id == id)
			return filter;
	}
	return NULL;
}

static BOOLEAN next_to_notify(const struct sim_session *session, struct sim_filter *copy)
{
	KLOCK_QUEUE_HANDLE handle;
	struct sim_filter *filter;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	filter = find_unnoticed(session);
	if (filter)
		*copy = *filter;
	KeReleaseInStackQueuedSpinLock(&handle);
	return filter != NULL;
}

static void note(const struct sim_filter *copy)
{
	KLOCK_QUEUE_HANDLE handle;
	struct sim_filter *filter;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	filter = find(copy->id);
	if (filter) {
		filter->is_noticed = TRUE;
		filter->context = copy->context;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
}

NTSTATUS sim_filters_prepare(const struct sim_session *session)
{
	struct sim_filter copy;

	while (next_to_notify(session, &copy)) {
		if (!NT_SUCCESS(notify(&copy, FWPS_CALLOUT_NOTIFY_ADD_FILTER)))
			return STATUS_FWP_CALLOUT_NOTIFICATION_FAILED;
		note(&copy);
	}
	return STATUS_SUCCESS;
}

void sim_filters_commit(const struct sim_session *session)
{
	KLOCK_QUEUE_HANDLE handle;
	LIST_ENTRY gone, *next;

	InitializeListHead(&gone);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	for (LIST_ENTRY *entry = filters.Flink; entry != &filters; entry = next) {
		struct sim_filter *filter = CONTAINING_RECORD(entry, struct sim_filter, entry);

		next = entry->Flink;
		if (filter->session != session)
			continue;
		if (filter->is_deleted) {
			move(filter, &gone);
		} else if (!filter->is_committed) {
			filter->is_committed = TRUE;
			changed(filter);
		}
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	free_list(&gone);
}

/* ---- what a driver adds ---- */

static BOOLEAN is_taken(const GUID *key)
{
	static const GUID none;

	for (LIST_ENTRY *entry = filters.Flink; entry != &filters; entry = entry->Flink) {
		if (!sim_same_key(key, &none) &&
		    sim_same_key(key, &CONTAINING_RECORD(entry, struct sim_filter, entry)->key))
			return TRUE;
	}
	return FALSE;
}

/* A filter without a key is given one. */
static void fill(struct sim_filter *made, const FWPM_FILTER0 *filter, const struct sim_session *session)
{
	static const GUID none;

	made->id = ++next_filter;
	made->key = filter->filterKey;
	if (sim_same_key(&made->key, &none))
		made->key.Data1 = (UINT32)made->id;
	made->layer = sim_layer_id(&filter->layerKey);
	made->action = filter->action.type;
	made->flags = filter->flags;
	made->context = filter->rawContext;
	made->session = session;
	made->conditions = filter->numFilterConditions;
	for (ULONG index = 0; index < made->conditions; index++)
		made->condition[index] = filter->filterCondition[index];
	if (sim_has_callout(made->action)) {
		made->callout_key = filter->action.calloutKey;
		made->callout_id = sim_callout_reserve(&made->callout_key)->id;
		sim_callout_unreserve(&made->callout_key);
	}
}

static NTSTATUS insert(struct sim_filter *made, const FWPM_FILTER0 *filter, const struct sim_session *session,
		       UINT64 *id)
{
	KLOCK_QUEUE_HANDLE handle;
	NTSTATUS status;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	status = sim_filter_check(session, filter, is_taken(&filter->filterKey));
	if (NT_SUCCESS(status)) {
		fill(made, filter, session);
		InsertTailList(&filters, &made->entry);
		if (id)
			*id = made->id;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return status;
}

/* A transaction of its own. */
static NTSTATUS commit_alone(const struct sim_session *session)
{
	NTSTATUS status = sim_filters_prepare(session);

	if (NT_SUCCESS(status))
		sim_filters_commit(session);
	else
		sim_filters_remove(session, TRUE);
	return status;
}

NTSTATUS NTAPI FwpmFilterAdd0(HANDLE handle, const FWPM_FILTER0 *filter, PSECURITY_DESCRIPTOR sd, UINT64 *id)
{
	struct sim_session *session = sim_session_of(handle);
	struct sim_filter *made = engine_allocate(sizeof(*made));
	NTSTATUS status = insert(made, filter, session, id);

	UNREFERENCED_PARAMETER(sd);
	ENGINE_IRQL(PASSIVE_LEVEL);
	if (!NT_SUCCESS(status)) {
		engine_free(made);
		return status;
	}
	return session->in_transaction ? STATUS_SUCCESS : commit_alone(session);
}

static NTSTATUS mark_deleted(const struct sim_session *session, UINT64 id)
{
	struct sim_filter *filter = find(id);
	NTSTATUS status = sim_session_check(session);

	if (!NT_SUCCESS(status))
		return status;
	if (!filter || filter->is_deleted)
		return STATUS_FWP_FILTER_NOT_FOUND;
	if (filter->session != session)
		return STATUS_FWP_WRONG_SESSION;
	filter->is_deleted = TRUE;
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI FwpmFilterDeleteById0(HANDLE handle, UINT64 id)
{
	struct sim_session *session = sim_session_of(handle);
	KLOCK_QUEUE_HANDLE lock_handle;
	NTSTATUS status;

	ENGINE_IRQL(PASSIVE_LEVEL);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	status = mark_deleted(session, id);
	KeReleaseInStackQueuedSpinLock(&lock_handle);
	if (NT_SUCCESS(status) && !session->in_transaction)
		sim_filters_commit(session);
	return status;
}

/* ---- who looks for them ---- */

ULONG sim_filters_for(UINT16 layer, const struct sim_facts *facts, struct sim_filter *found, ULONG room)
{
	ULONG count = 0;

	for (LIST_ENTRY *entry = filters.Flink; entry != &filters && count < room; entry = entry->Flink) {
		struct sim_filter *filter = CONTAINING_RECORD(entry, struct sim_filter, entry);

		if (filter->layer == layer && filter->is_committed && sim_conditions_apply(filter, facts))
			found[count++] = *filter;
	}
	return count;
}

ULONG engine_filters(UINT16 layer)
{
	KLOCK_QUEUE_HANDLE handle;
	ULONG count = 0;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	for (LIST_ENTRY *entry = filters.Flink; entry != &filters; entry = entry->Flink) {
		struct sim_filter *filter = CONTAINING_RECORD(entry, struct sim_filter, entry);

		count += filter->layer == layer && filter->is_committed;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return count;
}
