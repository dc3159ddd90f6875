/* SPDX-License-Identifier: MIT */
#include "tiny_driver.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct tiny tiny;

const GUID tiny_provider = {1, 2, 3, {4}};
const GUID tiny_sublayer = {1, 2, 3, {5}};
const UINT16 tiny_layer_id[TINY_LAYERS] = {
	[TINY_ESTABLISHED] = FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4,
	[TINY_CONNECT] = FWPS_LAYER_ALE_AUTH_CONNECT_V4,
	[TINY_STREAM] = FWPS_LAYER_STREAM_V4,
	[TINY_DATAGRAM] = FWPS_LAYER_DATAGRAM_DATA_V4,
	[TINY_IN] = FWPS_LAYER_INBOUND_TRANSPORT_V4,
	[TINY_OUT] = FWPS_LAYER_OUTBOUND_TRANSPORT_V4,
	[TINY_CLOSURE] = FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4,
};
const GUID *const tiny_layer_key[TINY_LAYERS] = {
	[TINY_ESTABLISHED] = &FWPM_LAYER_ALE_FLOW_ESTABLISHED_V4,
	[TINY_CONNECT] = &FWPM_LAYER_ALE_AUTH_CONNECT_V4,
	[TINY_STREAM] = &FWPM_LAYER_STREAM_V4,
	[TINY_DATAGRAM] = &FWPM_LAYER_DATAGRAM_DATA_V4,
	[TINY_IN] = &FWPM_LAYER_INBOUND_TRANSPORT_V4,
	[TINY_OUT] = &FWPM_LAYER_OUTBOUND_TRANSPORT_V4,
	[TINY_CLOSURE] = &FWPM_LAYER_ALE_ENDPOINT_CLOSURE_V4,
};
static wchar_t name[] = L"tiny";
static int device;

GUID tiny_callout(enum tiny_layer layer)
{
	return (GUID){1, 2, 3, {6, (UINT8)layer}};
}

static enum tiny_layer layer_of(UINT16 id)
{
	for (int layer = 0; layer < TINY_LAYERS; layer++) {
		if (tiny_layer_id[layer] == id)
			return (enum tiny_layer)layer;
	}
	test_fail(__FILE__, __LINE__, "a call for layer %u", id);
}

static void NTAPI classify(const FWPS_INCOMING_VALUES0 *values, const FWPS_INCOMING_METADATA_VALUES0 *metadata,
			   void *data, const void *classify_context, const FWPS_FILTER1 *filter, UINT64 flow_context,
			   FWPS_CLASSIFY_OUT0 *out)
{
	enum tiny_layer layer = layer_of(values->layerId);
	struct tiny_call call = {layer, values, metadata, data, (void *)classify_context, filter, flow_context, out};

	InterlockedIncrement(&tiny.calls[layer]);
	if (filter->action.type != FWP_ACTION_CALLOUT_INSPECTION && out->rights & FWPS_RIGHT_ACTION_WRITE)
		out->actionType = FWP_ACTION_CONTINUE;
	if (tiny.act[layer])
		tiny.act[layer](&call);
}

static NTSTATUS NTAPI notify(FWPS_CALLOUT_NOTIFY_TYPE type, const GUID *key, FWPS_FILTER1 *filter)
{
	CHECK((type == FWPS_CALLOUT_NOTIFY_DELETE_FILTER) == !key);
	CHECK_EQUAL(PASSIVE_LEVEL, KeGetCurrentIrql());
	if (!key) {
		CHECK_EQUAL(filter->filterId + 7, filter->context);
		InterlockedIncrement(&tiny.removed);
		return STATUS_SUCCESS;
	}
	filter->context = filter->filterId + 7;
	InterlockedIncrement(&tiny.added);
	return tiny.notified;
}

static void NTAPI flow_deleted(UINT16 layer, UINT32 callout, UINT64 context)
{
	CHECK_EQUAL(tiny.id[layer_of(layer)], callout);
	CHECK(context != 0);
	InterlockedIncrement(&tiny.deleted);
}

NTSTATUS tiny_register(enum tiny_layer layer, UINT32 flags, BOOLEAN keeps_contexts)
{
	FWPS_CALLOUT1 callout = {tiny_callout(layer), flags, classify, notify, keeps_contexts ? flow_deleted : NULL};

	return FwpsCalloutRegister1(&device, &callout, &tiny.id[layer]);
}

void tiny_open_session(void)
{
	FWPM_SESSION0 options = {.displayData = {name, NULL}, .flags = FWPM_SESSION_FLAG_DYNAMIC};

	CHECK_EQUAL(STATUS_SUCCESS, FwpmEngineOpen0(NULL, 10, NULL, &options, &tiny.session));
}

NTSTATUS tiny_add_owner(void)
{
	FWPM_PROVIDER0 provider = {.providerKey = tiny_provider, .displayData = {name, NULL}};
	FWPM_SUBLAYER0 sublayer = {
		.subLayerKey = tiny_sublayer,
		.displayData = {name, NULL},
		.providerKey = (GUID *)&tiny_provider,
	};
	NTSTATUS status = FwpmProviderAdd0(tiny.session, &provider, NULL);

	return NT_SUCCESS(status) ? FwpmSubLayerAdd0(tiny.session, &sublayer, NULL) : status;
}

NTSTATUS tiny_add_callout(enum tiny_layer layer)
{
	FWPM_CALLOUT0 callout = {
		.calloutKey = tiny_callout(layer),
		.displayData = {name, NULL},
		.applicableLayer = *tiny_layer_key[layer],
	};

	return FwpmCalloutAdd0(tiny.session, &callout, NULL, NULL);
}

FWP_ACTION_TYPE tiny_action(enum tiny_layer layer)
{
	return layer < TINY_IN ? FWP_ACTION_CALLOUT_INSPECTION : FWP_ACTION_CALLOUT_UNKNOWN;
}

FWPM_FILTER0 tiny_filter(enum tiny_layer layer)
{
	return (FWPM_FILTER0){
		.displayData = {name, NULL},
		.layerKey = *tiny_layer_key[layer],
		.subLayerKey = tiny_sublayer,
		.action = {.type = tiny_action(layer), .calloutKey = tiny_callout(layer)},
	};
}

void tiny_start_platform(void)
{
	memset(&tiny, 0, sizeof(tiny));
	engine_start(test_seed());
	engine_set_service(FWPM_SERVICE_RUNNING);
}

void tiny_start(ULONG conditional)
{
	tiny_start_platform();
	tiny_open_session();
	CHECK_EQUAL(STATUS_SUCCESS, FwpsInjectionHandleCreate0(2, FWPS_INJECTION_TYPE_TRANSPORT, &tiny.injection));
	CHECK_EQUAL(STATUS_SUCCESS, tiny_add_owner());
	for (int layer = 0; layer < TINY_LAYERS; layer++) {
		FWPM_FILTER0 filter = tiny_filter((enum tiny_layer)layer);
		UINT32 flags = conditional & 1u << layer ? FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW : 0;

		CHECK_EQUAL(STATUS_SUCCESS, tiny_register((enum tiny_layer)layer, flags, TRUE));
		CHECK_EQUAL(STATUS_SUCCESS, tiny_add_callout((enum tiny_layer)layer));
		CHECK_EQUAL(STATUS_SUCCESS, FwpmFilterAdd0(tiny.session, &filter, NULL, &tiny.filter[layer]));
	}
}

void tiny_stop(void)
{
	if (tiny.session)
		FwpmEngineClose0(tiny.session);
	for (int layer = 0; layer < TINY_LAYERS; layer++) {
		if (tiny.id[layer])
			CHECK_EQUAL(STATUS_SUCCESS, FwpsCalloutUnregisterById0(tiny.id[layer]));
	}
	if (tiny.injection)
		FwpsInjectionHandleDestroy0(tiny.injection);
	engine_stop();
	nt_pool_assert_empty();
}

struct engine_flow_options tiny_flow(UINT8 transport)
{
	return (struct engine_flow_options){
		.transport = transport,
		.process_id = 100,
		.path = L"\\Device\\HarddiskVolume1\\tiny.exe",
		.local_address = {192, 0, 2, 1},
		.remote_address = {198, 51, 100, 7},
		.local_port = 40000,
		.remote_port = 443,
	};
}

UINT64 tiny_start_flow(UINT8 transport, enum tiny_layer layer, tiny_routine *act)
{
	struct engine_flow_options options = tiny_flow(transport);

	tiny_start(0);
	tiny.act[layer] = act;
	return engine_flow_open(&options);
}

void tiny_absorb(const struct tiny_call *call)
{
	call->out->actionType = FWP_ACTION_BLOCK;
	call->out->flags |= FWPS_CLASSIFY_OUT_FLAG_ABSORB;
	call->out->rights &= ~FWPS_RIGHT_ACTION_WRITE;
}

/* ---- mistakes ---- */

/* What the child says before it ends. */
static void run(void (*make)(void), char *said, size_t room)
{
	int pipes[2], status;
	size_t length = 0;
	ssize_t part;
	pid_t child;

	CHECK_EQUAL(0, pipe(pipes));
	child = fork();
	if (child == 0) {
		dup2(pipes[1], STDERR_FILENO);
		close(pipes[0]);
		make();
		_exit(0);
	}
	close(pipes[1]);
	while ((part = read(pipes[0], said + length, room - 1 - length)) > 0)
		length += (size_t)part;
	close(pipes[0]); /* one that has more to say ends by that */
	said[length] = 0;
	waitpid(child, &status, 0);
}

static BOOLEAN has(const char *said, const char *sentence)
{
	char copy[256], *rest = copy;

	snprintf(copy, sizeof(copy), "%s", sentence);
	for (char *one = strsep(&rest, "|"); one; one = strsep(&rest, "|")) {
		if (strstr(said, one))
			return TRUE;
	}
	return FALSE;
}

void tiny_check_mistakes(const struct tiny_mistake *mistakes, size_t count)
{
	static char said[1 << 14];

	for (size_t index = 0; index < count; index++) {
		run(mistakes[index].make, said, sizeof(said));
		if (!has(said, mistakes[index].sentence))
			test_fail(__FILE__, __LINE__, "not \"%s\", but: %.300s", mistakes[index].sentence, said);
	}
}
