/* SPDX-License-Identifier: MIT */
/* What the base filtering engine keeps: sessions, and the objects that go with them. */
#include "internal.h"

#define TAG_SESSION 0x53455353u
#define MOST_SUBSCRIBERS 4

struct session {
	ULONG magic;
	BOOLEAN is_dead; /* the service has stopped since */
	BOOLEAN in_transaction;
};

enum object_kind { OBJECT_PROVIDER, OBJECT_SUBLAYER, OBJECT_CALLOUT };

struct object {
	LIST_ENTRY entry;
	enum object_kind kind;
	GUID key, layer;
	struct session *session;
	BOOLEAN is_committed;
};

static LIST_ENTRY objects, filters;
static UINT64 next_filter;
static FWPM_SERVICE_STATE service;
static struct subscriber {
	FWPM_SERVICE_STATE_CHANGE_CALLBACK0 callback;
	void *context;
} subscribers[MOST_SUBSCRIBERS];

static const struct {
	const GUID *key;
	UINT16 id;
} layer_ids[] = {
	{&FWPM_LAYER_INBOUND_TRANSPORT_V4, FWPS_LAYER_INBOUND_TRANSPORT_V4},
	{&FWPM_LAYER_INBOUND_TRANSPORT_V6, FWPS_LAYER_INBOUND_TRANSPORT_V6},
	{&FWPM_LAYER_OUTBOUND_TRANSPORT_V4, FWPS_LAYER_OUTBOUND_TRANSPORT_V4},
	{&FWPM_LAYER_OUTBOUND_TRANSPORT_V6, FWPS_LAYER_OUTBOUND_TRANSPORT_V6},
	{&FWPM_LAYER_STREAM_V4, FWPS_LAYER_STREAM_V4},
	{&FWPM_LAYER_STREAM_V6, FWPS_LAYER_STREAM_V6},
	{&FWPM_LAYER_DATAGRAM_DATA_V4, FWPS_LAYER_DATAGRAM_DATA_V4},
	{&FWPM_LAYER_DATAGRAM_DATA_V6, FWPS_LAYER_DATAGRAM_DATA_V6},
	{&FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V4, FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4},
	{&FWPM_LAYER_ALE_AUTH_RECV_ACCEPT_V6, FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V6},
	{&FWPM_LAYER_ALE_AUTH_CONNECT_V4, FWPS_LAYER_ALE_AUTH_CONNECT_V4},
	{&FWPM_LAYER_ALE_AUTH_CONNECT_V6, FWPS_LAYER_ALE_AUTH_CONNECT_V6},
	{&FWPM_LAYER_ALE_FLOW_ESTABLISHED_V4, FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4},
	{&FWPM_LAYER_ALE_FLOW_ESTABLISHED_V6, FWPS_LAYER_ALE_FLOW_ESTABLISHED_V6},
	{&FWPM_LAYER_ALE_ENDPOINT_CLOSURE_V4, FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4},
	{&FWPM_LAYER_ALE_ENDPOINT_CLOSURE_V6, FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V6},
};

static BOOLEAN same_key(const GUID *one, const GUID *other)
{
	return !memcmp(one, other, sizeof(*one));
}

static UINT16 layer_id(const GUID *key)
{
	for (ULONG index = 0; index < sizeof(layer_ids) / sizeof(layer_ids[0]); index++) {
		if (same_key(layer_ids[index].key, key))
			return layer_ids[index].id;
	}
	return 0;
}

void sim_objects_start(void)
{
	InitializeListHead(&objects);
	InitializeListHead(&filters);
	service = FWPM_SERVICE_STOPPED;
	RtlZeroMemory(subscribers, sizeof(subscribers));
}

void sim_objects_stop(void)
{
	ENGINE_ASSERT(IsListEmpty(&objects) && IsListEmpty(&filters),
		      "objects of a driver are left in the filtering engine");
	for (int index = 0; index < MOST_SUBSCRIBERS; index++)
		ENGINE_ASSERT(!subscribers[index].callback, "a driver still listens to the service's state");
}

static struct session *session_of(HANDLE handle)
{
	struct session *session = handle;

	ENGINE_ASSERT(session && session->magic == TAG_SESSION, "a session that is closed, or none");
	return session;
}

/* ---- service ---- */

FWPM_SERVICE_STATE NTAPI FwpmBfeStateGet0(void)
{
	return service;
}

NTSTATUS NTAPI FwpmBfeStateSubscribeChanges0(void *device, FWPM_SERVICE_STATE_CHANGE_CALLBACK0 callback, void *context,
					     HANDLE *handle)
{
	ENGINE_ASSERT(device != NULL, "a subscription without a device");
	for (int index = 0; index < MOST_SUBSCRIBERS; index++) {
		if (subscribers[index].callback)
			continue;
		subscribers[index] = (struct subscriber){callback, context};
		*handle = &subscribers[index];
		return STATUS_SUCCESS;
	}
	return STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS NTAPI FwpmBfeStateUnsubscribeChanges0(HANDLE handle)
{
	((struct subscriber *)handle)->callback = NULL;
	return STATUS_SUCCESS;
}

static void forget_session(const struct session *session);

void sim_objects_set_service(FWPM_SERVICE_STATE state)
{
	service = state;
	if (state == FWPM_SERVICE_STOPPED)
		forget_session(NULL);
	for (int index = 0; index < MOST_SUBSCRIBERS; index++) {
		if (subscribers[index].callback)
			subscribers[index].callback(subscribers[index].context, state);
	}
}

/* ---- sessions and transactions ---- */

NTSTATUS NTAPI FwpmEngineOpen0(const wchar_t *server, UINT32 authentication, void *identity,
			       const FWPM_SESSION0 *options, HANDLE *handle)
{
	struct session *session;

	ENGINE_ASSERT(!server && authentication == 10 && !identity, "an engine that is not this machine's");
	ENGINE_ASSERT(options && options->flags & FWPM_SESSION_FLAG_DYNAMIC, "a session whose objects outlive it");
	if (service != FWPM_SERVICE_RUNNING)
		return STATUS_UNSUCCESSFUL;
	session = engine_allocate(sizeof(*session));
	session->magic = TAG_SESSION;
	*handle = session;
	return STATUS_SUCCESS;
}

/* Adding or removing filters where connections are authorized has all of them authorized again. */
static BOOLEAN is_authorization(UINT16 layer)
{
	return layer >= FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4 && layer <= FWPS_LAYER_ALE_AUTH_CONNECT_V6;
}

static BOOLEAN belongs(const struct session *owner, const struct session *session)
{
	return !session || owner == session;
}

static void remove_filters(const struct session *session, BOOLEAN only_uncommitted)
{
	LIST_ENTRY *next;

	for (LIST_ENTRY *entry = filters.Flink; entry != &filters; entry = next) {
		struct sim_filter *filter = CONTAINING_RECORD(entry, struct sim_filter, entry);

		next = entry->Flink;
		if (!belongs(filter->session, session) || (only_uncommitted && filter->is_committed))
			continue;
		if (filter->is_committed && is_authorization(filter->layer))
			sim_flows_reauthorize();
		RemoveEntryList(entry);
		engine_free(filter);
	}
}

static void remove_objects(const struct session *session, BOOLEAN only_uncommitted)
{
	LIST_ENTRY *next;

	for (LIST_ENTRY *entry = objects.Flink; entry != &objects; entry = next) {
		struct object *object = CONTAINING_RECORD(entry, struct object, entry);

		next = entry->Flink;
		if (!belongs(object->session, session) || (only_uncommitted && object->is_committed))
			continue;
		RemoveEntryList(entry);
		engine_free(object);
	}
}

/* NULL: every session's. */
static void forget_session(const struct session *session)
{
	KLOCK_QUEUE_HANDLE handle;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	remove_filters(session, FALSE);
	remove_objects(session, FALSE);
	KeReleaseInStackQueuedSpinLock(&handle);
}

NTSTATUS NTAPI FwpmEngineClose0(HANDLE handle)
{
	struct session *session = session_of(handle);

	ENGINE_ASSERT(!session->in_transaction, "a session is closed in the middle of a transaction");
	forget_session(session);
	session->magic = 0;
	engine_free(session);
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI FwpmTransactionBegin0(HANDLE handle, UINT32 flags)
{
	struct session *session = session_of(handle);

	UNREFERENCED_PARAMETER(flags);
	if (service != FWPM_SERVICE_RUNNING)
		return STATUS_UNSUCCESSFUL;
	if (session->in_transaction)
		return STATUS_FWP_TXN_IN_PROGRESS;
	session->in_transaction = TRUE;
	return STATUS_SUCCESS;
}

static void commit_locked(const struct session *session)
{
	LIST_ENTRY *next;

	for (LIST_ENTRY *entry = objects.Flink; entry != &objects; entry = entry->Flink)
		CONTAINING_RECORD(entry, struct object, entry)->is_committed = TRUE;
	for (LIST_ENTRY *entry = filters.Flink; entry != &filters; entry = next) {
		struct sim_filter *filter = CONTAINING_RECORD(entry, struct sim_filter, entry);

		next = entry->Flink;
		if (filter->session != session || (filter->is_committed && !filter->is_deleted))
			continue;
		if (is_authorization(filter->layer))
			sim_flows_reauthorize();
		filter->is_committed = TRUE;
		if (!filter->is_deleted)
			continue;
		RemoveEntryList(entry);
		engine_free(filter);
	}
}

static NTSTATUS end_transaction(HANDLE engine_handle, BOOLEAN commit)
{
	struct session *session = session_of(engine_handle);
	KLOCK_QUEUE_HANDLE handle;

	if (!session->in_transaction)
		return STATUS_FWP_NO_TXN_IN_PROGRESS;
	session->in_transaction = FALSE;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	if (commit) {
		commit_locked(session);
	} else {
		remove_filters(session, TRUE);
		remove_objects(session, TRUE);
		for (LIST_ENTRY *entry = filters.Flink; entry != &filters; entry = entry->Flink)
			CONTAINING_RECORD(entry, struct sim_filter, entry)->is_deleted = FALSE;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI FwpmTransactionCommit0(HANDLE handle)
{
	return end_transaction(handle, TRUE);
}

NTSTATUS NTAPI FwpmTransactionAbort0(HANDLE handle)
{
	return end_transaction(handle, FALSE);
}

/* ---- objects ---- */

static struct object *find_object(enum object_kind kind, const GUID *key)
{
	for (LIST_ENTRY *entry = objects.Flink; entry != &objects; entry = entry->Flink) {
		struct object *object = CONTAINING_RECORD(entry, struct object, entry);

		if (object->kind == kind && same_key(&object->key, key))
			return object;
	}
	return NULL;
}

static NTSTATUS add_object(HANDLE handle, enum object_kind kind, const GUID *key, const GUID *layer)
{
	struct session *session = session_of(handle);
	struct object *object;

	if (service != FWPM_SERVICE_RUNNING)
		return STATUS_UNSUCCESSFUL;
	if (find_object(kind, key))
		return STATUS_FWP_ALREADY_EXISTS;
	object = engine_allocate(sizeof(*object));
	object->kind = kind;
	object->key = *key;
	if (layer)
		object->layer = *layer;
	object->session = session;
	object->is_committed = !session->in_transaction;
	InsertTailList(&objects, &object->entry);
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI FwpmProviderAdd0(HANDLE handle, const FWPM_PROVIDER0 *provider, PSECURITY_DESCRIPTOR sd)
{
	UNREFERENCED_PARAMETER(sd);
	return provider->displayData.name ? add_object(handle, OBJECT_PROVIDER, &provider->providerKey, NULL)
					  : STATUS_FWP_NULL_POINTER;
}

NTSTATUS NTAPI FwpmSubLayerAdd0(HANDLE handle, const FWPM_SUBLAYER0 *sublayer, PSECURITY_DESCRIPTOR sd)
{
	UNREFERENCED_PARAMETER(sd);
	if (!sublayer->displayData.name)
		return STATUS_FWP_NULL_POINTER;
	if (sublayer->providerKey && !find_object(OBJECT_PROVIDER, sublayer->providerKey))
		return STATUS_FWP_NOT_FOUND;
	return add_object(handle, OBJECT_SUBLAYER, &sublayer->subLayerKey, NULL);
}

NTSTATUS NTAPI FwpmCalloutAdd0(HANDLE handle, const FWPM_CALLOUT0 *callout, PSECURITY_DESCRIPTOR sd, UINT32 *id)
{
	UNREFERENCED_PARAMETER(sd);
	if (!callout->displayData.name)
		return STATUS_FWP_NULL_POINTER;
	if (!layer_id(&callout->applicableLayer))
		return STATUS_FWP_NOT_FOUND;
	if (id)
		*id = 0;
	return add_object(handle, OBJECT_CALLOUT, &callout->calloutKey, &callout->applicableLayer);
}

static NTSTATUS check_filter(const FWPM_FILTER0 *filter)
{
	struct object *callout = find_object(OBJECT_CALLOUT, &filter->action.calloutKey);

	if (!filter->displayData.name)
		return STATUS_FWP_NULL_POINTER;
	if (!layer_id(&filter->layerKey) || !find_object(OBJECT_SUBLAYER, &filter->subLayerKey))
		return STATUS_FWP_NOT_FOUND;
	if (!callout)
		return STATUS_FWP_CALLOUT_NOT_FOUND;
	if (!same_key(&callout->layer, &filter->layerKey) || filter->numFilterConditions > 1)
		return STATUS_FWP_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

static struct sim_filter *make_filter(const FWPM_FILTER0 *filter, struct session *session)
{
	struct sim_filter *made = engine_allocate(sizeof(*made));
	struct sim_callout *callout;

	made->id = ++next_filter;
	made->layer = layer_id(&filter->layerKey);
	made->action = filter->action.type;
	made->flags = filter->flags;
	made->session = session;
	made->is_committed = !session->in_transaction;
	if (filter->numFilterConditions) {
		made->has_condition = TRUE;
		made->condition = filter->filterCondition->fieldKey;
		made->match = filter->filterCondition->matchType;
		made->value = filter->filterCondition->conditionValue;
	}
	callout = sim_callout_find_key(&filter->action.calloutKey);
	made->callout_id = callout ? callout->id : 0;
	return made;
}

NTSTATUS NTAPI FwpmFilterAdd0(HANDLE handle, const FWPM_FILTER0 *filter, PSECURITY_DESCRIPTOR sd, UINT64 *id)
{
	struct session *session = session_of(handle);
	KLOCK_QUEUE_HANDLE lock_handle;
	struct sim_filter *made;
	NTSTATUS status = service == FWPM_SERVICE_RUNNING ? check_filter(filter) : STATUS_UNSUCCESSFUL;

	UNREFERENCED_PARAMETER(sd);
	if (!NT_SUCCESS(status))
		return status;
	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	made = make_filter(filter, session);
	InsertTailList(&filters, &made->entry);
	if (made->is_committed && is_authorization(made->layer))
		sim_flows_reauthorize();
	KeReleaseInStackQueuedSpinLock(&lock_handle);
	*id = made->id;
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI FwpmFilterDeleteById0(HANDLE handle, UINT64 id)
{
	struct session *session = session_of(handle);
	KLOCK_QUEUE_HANDLE lock_handle;
	NTSTATUS status = STATUS_FWP_NOT_FOUND;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	for (LIST_ENTRY *entry = filters.Flink; entry != &filters; entry = entry->Flink) {
		struct sim_filter *filter = CONTAINING_RECORD(entry, struct sim_filter, entry);

		if (filter->id == id) {
			filter->is_deleted = TRUE;
			status = STATUS_SUCCESS;
		}
	}
	if (NT_SUCCESS(status) && !session->in_transaction)
		commit_locked(session);
	KeReleaseInStackQueuedSpinLock(&lock_handle);
	return status;
}

/* ---- matching ---- */

static BOOLEAN flags_match(FWP_MATCH_TYPE match, UINT32 flags, UINT32 wanted)
{
	switch (match) {
	case FWP_MATCH_FLAGS_ALL_SET:
		return (flags & wanted) == wanted;
	case FWP_MATCH_FLAGS_ANY_SET:
		return (flags & wanted) != 0;
	case FWP_MATCH_FLAGS_NONE_SET:
		return (flags & wanted) == 0;
	default:
		return flags == wanted;
	}
}

static BOOLEAN applies(const struct sim_filter *filter, UINT32 condition_flags, UINT8 protocol)
{
	if (!filter->has_condition)
		return TRUE;
	if (same_key(&filter->condition, &FWPM_CONDITION_FLAGS))
		return flags_match(filter->match, condition_flags, filter->value.uint32);
	ENGINE_ASSERT(same_key(&filter->condition, &FWPM_CONDITION_IP_PROTOCOL) && filter->match == FWP_MATCH_EQUAL,
		      "a condition that the simulation does not know");
	return protocol == filter->value.uint8;
}

ULONG sim_filters_for(UINT16 layer, UINT32 condition_flags, UINT8 protocol, struct sim_filter *found, ULONG room)
{
	ULONG count = 0;

	for (LIST_ENTRY *entry = filters.Flink; entry != &filters && count < room; entry = entry->Flink) {
		struct sim_filter *filter = CONTAINING_RECORD(entry, struct sim_filter, entry);

		if (filter->layer == layer && filter->is_committed && applies(filter, condition_flags, protocol))
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
