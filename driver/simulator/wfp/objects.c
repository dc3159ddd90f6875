/* SPDX-License-Identifier: MIT */
/* Providers, sublayers and callouts, which the base filtering engine keeps for a session. */
#include "internal.h"

struct object {
	LIST_ENTRY entry;
	enum sim_object_kind kind;
	GUID key, layer;
	const struct sim_session *session;
	BOOLEAN is_committed;
};

static LIST_ENTRY objects;

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

UINT16 sim_layer_id(const GUID *key)
{
	for (ULONG index = 0; index < sizeof(layer_ids) / sizeof(layer_ids[0]); index++) {
		if (sim_same_key(layer_ids[index].key, key))
			return layer_ids[index].id;
	}
	return 0;
}

void sim_objects_start(void)
{
	InitializeListHead(&objects);
}

BOOLEAN sim_objects_any(void)
{
	return !IsListEmpty(&objects);
}

static struct object *find(enum sim_object_kind kind, const GUID *key)
{
	for (LIST_ENTRY *entry = objects.Flink; entry != &objects; entry = entry->Flink) {
		struct object *object = CONTAINING_RECORD(entry, struct object, entry);

		if (object->kind == kind && sim_same_key(&object->key, key))
			return object;
	}
	return NULL;
}

BOOLEAN sim_object_exists(enum sim_object_kind kind, const GUID *key)
{
	return find(kind, key) != NULL;
}

UINT16 sim_callout_layer(const GUID *callout)
{
	struct object *object = find(SIM_CALLOUT, callout);

	return object ? sim_layer_id(&object->layer) : 0;
}

void sim_objects_remove(const struct sim_session *session, BOOLEAN only_uncommitted)
{
	LIST_ENTRY *next;

	for (LIST_ENTRY *entry = objects.Flink; entry != &objects; entry = next) {
		struct object *object = CONTAINING_RECORD(entry, struct object, entry);

		next = entry->Flink;
		if ((session && object->session != session) || (only_uncommitted && object->is_committed))
			continue;
		RemoveEntryList(entry);
		if (object->kind == SIM_CALLOUT)
			sim_callout_unreserve(&object->key);
		engine_free(object);
	}
}

void sim_objects_commit(const struct sim_session *session)
{
	for (LIST_ENTRY *entry = objects.Flink; entry != &objects; entry = entry->Flink) {
		struct object *object = CONTAINING_RECORD(entry, struct object, entry);

		if (object->session == session)
			object->is_committed = TRUE;
	}
}

/* ---- what a driver adds ---- */

struct addition {
	enum sim_object_kind kind;
	const GUID *key, *layer, *provider;
	const wchar_t *name;
	UINT32 *id;
};

static NTSTATUS check(const struct sim_session *session, const struct addition *addition)
{
	NTSTATUS status = sim_session_check(session);

	if (!NT_SUCCESS(status))
		return status;
	if (!addition->name)
		return STATUS_FWP_NULL_DISPLAY_NAME;
	if (addition->provider && !find(SIM_PROVIDER, addition->provider))
		return STATUS_FWP_PROVIDER_NOT_FOUND;
	if (addition->layer && !sim_layer_id(addition->layer))
		return STATUS_FWP_LAYER_NOT_FOUND;
	return find(addition->kind, addition->key) ? STATUS_FWP_ALREADY_EXISTS : STATUS_SUCCESS;
}

static NTSTATUS reserve(const struct addition *addition)
{
	struct sim_callout *callout;

	if (addition->kind != SIM_CALLOUT)
		return STATUS_SUCCESS;
	callout = sim_callout_reserve(addition->key);
	if (callout && addition->id)
		*addition->id = callout->id;
	return callout ? STATUS_SUCCESS : STATUS_FWP_TOO_MANY_CALLOUTS;
}

static NTSTATUS add(HANDLE handle, const struct addition *addition)
{
	struct sim_session *session = sim_session_of(handle);
	struct object *object = engine_allocate(sizeof(*object));
	KLOCK_QUEUE_HANDLE lock_handle;
	NTSTATUS status;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &lock_handle);
	status = check(session, addition);
	if (NT_SUCCESS(status))
		status = reserve(addition);
	if (NT_SUCCESS(status)) {
		object->kind = addition->kind;
		object->key = *addition->key;
		if (addition->layer)
			object->layer = *addition->layer;
		object->session = session;
		object->is_committed = !session->in_transaction;
		InsertTailList(&objects, &object->entry);
	}
	KeReleaseInStackQueuedSpinLock(&lock_handle);
	if (!NT_SUCCESS(status))
		engine_free(object);
	return status;
}

NTSTATUS NTAPI FwpmProviderAdd0(HANDLE handle, const FWPM_PROVIDER0 *provider, PSECURITY_DESCRIPTOR sd)
{
	UNREFERENCED_PARAMETER(sd);
	ENGINE_IRQL(PASSIVE_LEVEL);
	return add(handle, &(struct addition){
				   .kind = SIM_PROVIDER,
				   .key = &provider->providerKey,
				   .name = provider->displayData.name,
			   });
}

NTSTATUS NTAPI FwpmSubLayerAdd0(HANDLE handle, const FWPM_SUBLAYER0 *sublayer, PSECURITY_DESCRIPTOR sd)
{
	UNREFERENCED_PARAMETER(sd);
	ENGINE_IRQL(PASSIVE_LEVEL);
	return add(handle, &(struct addition){
				   .kind = SIM_SUBLAYER,
				   .key = &sublayer->subLayerKey,
				   .provider = sublayer->providerKey,
				   .name = sublayer->displayData.name,
			   });
}

NTSTATUS NTAPI FwpmCalloutAdd0(HANDLE handle, const FWPM_CALLOUT0 *callout, PSECURITY_DESCRIPTOR sd, UINT32 *id)
{
	UNREFERENCED_PARAMETER(sd);
	ENGINE_IRQL(PASSIVE_LEVEL);
	return add(handle, &(struct addition){
				   .kind = SIM_CALLOUT,
				   .key = &callout->calloutKey,
				   .layer = &callout->applicableLayer,
				   .provider = callout->providerKey,
				   .name = callout->displayData.name,
				   .id = id,
			   });
}
