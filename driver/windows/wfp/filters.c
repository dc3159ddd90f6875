/* SPDX-License-Identifier: MIT */
#include "filters.h"
#include "contexts.h"
#include "layers.h"

#define AUTHENTICATION_WINNT 10 /* RPC_C_AUTHN_WINNT */

static const GUID provider_key = {0x6e657466, 0x6c6f, 0x4777, {0x9c, 0x1d, 0x2e, 0x5b, 0x40, 0x7a, 0x81, 0xf0}};
static const GUID sublayer_key = {0x6e657466, 0x6c6f, 0x4777, {0x9c, 0x1d, 0x2e, 0x5b, 0x40, 0x7a, 0x81, 0xf1}};
static wchar_t name[] = L"NetFlow";
static wchar_t description[] = L"Counts what each process sends and receives, and holds it to a limit";

static HANDLE subscription;
static FAST_MUTEX lock;          /* of what follows; IRQL == PASSIVE_LEVEL */
static HANDLE session;           /* NULL: the service does not run, or we have stopped */
static UINT64 filter_id[LAYERS]; /* 0: not there */
static BOOLEAN is_stopped;

static NTSTATUS add_owner(void)
{
	FWPM_PROVIDER0 provider = {.providerKey = provider_key, .displayData = {name, description}};
	FWPM_SUBLAYER0 sublayer = {
		.subLayerKey = sublayer_key,
		.displayData = {name, description},
		.providerKey = (GUID *)&provider_key,
		.weight = 0, /* below FWPM_SUBLAYER_UNIVERSAL, so that IPsec comes first */
	};
	NTSTATUS status = FwpmProviderAdd0(session, &provider, NULL);

	return NT_SUCCESS(status) ? FwpmSubLayerAdd0(session, &sublayer, NULL) : status;
}

static NTSTATUS add_callout(const struct layer_info *layer)
{
	FWPM_CALLOUT0 callout = {
		.calloutKey = layer->callout_key,
		.displayData = {name, description},
		.providerKey = (GUID *)&provider_key,
		.applicableLayer = *layer->key,
	};

	return FwpmCalloutAdd0(session, &callout, NULL, NULL);
}

/* Without its callout, a filter that inspects is ignored, and others block unless they say this. */
static UINT32 flags_for(FWP_ACTION_TYPE action)
{
	return action == FWP_ACTION_CALLOUT_INSPECTION ? 0 : FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED;
}

static NTSTATUS add_filter(enum layer index)
{
	const struct layer_info *layer = &layers[index];
	FWPM_FILTER_CONDITION0 condition = {
		.matchType = layer->match,
		.conditionValue = {.type = layer->type},
	};
	FWPM_FILTER0 filter = {
		.displayData = {name, description},
		.flags = flags_for(layer->action),
		.providerKey = (GUID *)&provider_key,
		.layerKey = *layer->key,
		.subLayerKey = sublayer_key,
		.weight = {.type = FWP_EMPTY},
		.numFilterConditions = layer->condition ? 1 : 0,
		.filterCondition = layer->condition ? &condition : NULL,
		.action = {.type = layer->action, .calloutKey = layer->callout_key},
	};

	if (layer->condition)
		condition.fieldKey = *layer->condition;
	if (layer->type == FWP_UINT8)
		condition.conditionValue.uint8 = (UINT8)layer->value;
	else
		condition.conditionValue.uint32 = layer->value;
	return FwpmFilterAdd0(session, &filter, NULL, &filter_id[index]);
}

static NTSTATUS add_filters(BOOLEAN limiting)
{
	NTSTATUS status = STATUS_SUCCESS;

	for (int index = 0; index < LAYERS && NT_SUCCESS(status); index++) {
		if (layers[index].limits == limiting)
			status = add_filter(index);
	}
	return status;
}

static NTSTATUS add_all(void)
{
	NTSTATUS status = add_owner();

	for (int index = 0; index < LAYERS && NT_SUCCESS(status); index++)
		status = add_callout(&layers[index]);
	if (NT_SUCCESS(status))
		status = add_filters(FALSE);
	if (NT_SUCCESS(status) && limits_any(&wfp.netflow.limits))
		status = add_filters(TRUE);
	return status;
}

static NTSTATUS remove_limiting_filters(void)
{
	NTSTATUS status = STATUS_SUCCESS;

	for (int index = 0; index < LAYERS && NT_SUCCESS(status); index++) {
		if (layers[index].limits)
			status = FwpmFilterDeleteById0(session, filter_id[index]);
	}
	return status;
}

static void forget_filters(BOOLEAN limiting_only)
{
	for (int index = 0; index < LAYERS; index++) {
		if (layers[index].limits || !limiting_only)
			filter_id[index] = 0;
	}
}

/* `change` and what it does to the engine, whole or not at all. */
static NTSTATUS in_transaction(NTSTATUS (*change)(void))
{
	NTSTATUS status = FwpmTransactionBegin0(session, 0);

	if (!NT_SUCCESS(status))
		return status;
	status = change();
	if (NT_SUCCESS(status))
		status = FwpmTransactionCommit0(session);
	else
		FwpmTransactionAbort0(session);
	return status;
}

static NTSTATUS add_limiting_filters(void)
{
	return add_filters(TRUE);
}

static void close_session(void)
{
	if (session)
		FwpmEngineClose0(session); /* a dynamic session's objects go with it */
	session = NULL;
	forget_filters(FALSE);
}

static NTSTATUS open_session(void)
{
	FWPM_SESSION0 options = {.displayData = {name, description}, .flags = FWPM_SESSION_FLAG_DYNAMIC};
	NTSTATUS status;

	if (session || is_stopped)
		return STATUS_SUCCESS;
	status = FwpmEngineOpen0(NULL, AUTHENTICATION_WINNT, NULL, &options, &session);
	if (!NT_SUCCESS(status)) {
		session = NULL;
		return status;
	}
	status = in_transaction(add_all);
	if (!NT_SUCCESS(status))
		close_session();
	return status;
}

/* PASSIVE_LEVEL; the service comes and goes on its own. */
static void NTAPI service_changed(void *context, FWPM_SERVICE_STATE state)
{
	UNREFERENCED_PARAMETER(context);
	mutex_acquire(&lock);
	if (state == FWPM_SERVICE_RUNNING) {
		if (!NT_SUCCESS(open_session()))
			InterlockedIncrement64(&wfp.netflow.lost_events);
	} else {
		close_session();
	}
	mutex_release(&lock);
}

void filters_initialize(void)
{
	ExInitializeFastMutex(&lock);
	session = NULL;
	is_stopped = FALSE;
	forget_filters(FALSE);
}

NTSTATUS filters_start(void)
{
	NTSTATUS status = FwpmBfeStateSubscribeChanges0(wfp.device, service_changed, NULL, &subscription);

	if (!NT_SUCCESS(status))
		return status;
	mutex_acquire(&lock);
	if (FwpmBfeStateGet0() == FWPM_SERVICE_RUNNING)
		status = open_session();
	mutex_release(&lock);
	if (!NT_SUCCESS(status))
		FwpmBfeStateUnsubscribeChanges0(subscription);
	return status;
}

void filters_stop(void)
{
	mutex_acquire(&lock);
	is_stopped = TRUE;
	close_session();
	mutex_release(&lock);
	FwpmBfeStateUnsubscribeChanges0(subscription);
}

void filters_limits_changed(struct netflow *netflow, struct process_node *process)
{
	mutex_acquire(&lock);
	if (session && limits_any(&netflow->limits) && !filter_id[LAYER_INBOUND_V4] &&
	    !NT_SUCCESS(in_transaction(add_limiting_filters))) {
		forget_filters(TRUE);
		InterlockedIncrement64(&netflow->lost_events);
	}
	mutex_release(&lock);
	contexts_limit(netflow, process);
	worker_wake(&wfp.worker); /* what waits may go on sooner now */
}

void filters_drop_unused(void)
{
	mutex_acquire(&lock);
	if (session && filter_id[LAYER_INBOUND_V4] && !limits_any(&wfp.netflow.limits) &&
	    shaper_held(&wfp.netflow.shaper) == 0 && NT_SUCCESS(in_transaction(remove_limiting_filters)))
		forget_filters(TRUE);
	mutex_release(&lock);
}
