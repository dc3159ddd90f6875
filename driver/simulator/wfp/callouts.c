/* SPDX-License-Identifier: MIT */
/* Callouts as a driver registers them. */
#include "internal.h"

static struct sim_callout *slot_of(const GUID *key)
{
	for (int index = 0; index < MOST_CALLOUTS; index++) {
		if (engine.callout[index].id && sim_same_key(&engine.callout[index].key, key))
			return &engine.callout[index];
	}
	return NULL;
}

static struct sim_callout *new_slot(const GUID *key)
{
	for (int index = 0; index < MOST_CALLOUTS; index++) {
		if (engine.callout[index].id)
			continue;
		engine.callout[index] = (struct sim_callout){.id = ++engine.next_callout, .key = *key};
		return &engine.callout[index];
	}
	return NULL;
}

static void free_unused(struct sim_callout *callout)
{
	if (!callout->is_registered && !callout->objects)
		callout->id = 0;
}

struct sim_callout *sim_callout_find(UINT32 id)
{
	for (int index = 0; index < MOST_CALLOUTS; index++) {
		if (id && engine.callout[index].id == id && engine.callout[index].is_registered)
			return &engine.callout[index];
	}
	return NULL;
}

struct sim_callout *sim_callout_find_key(const GUID *key)
{
	struct sim_callout *callout = slot_of(key);

	return callout && callout->is_registered ? callout : NULL;
}

struct sim_callout *sim_callout_reserve(const GUID *key)
{
	struct sim_callout *callout = slot_of(key);

	if (!callout)
		callout = new_slot(key);
	if (callout)
		callout->objects++;
	return callout;
}

void sim_callout_unreserve(const GUID *key)
{
	struct sim_callout *callout = slot_of(key);

	callout->objects--;
	free_unused(callout);
}

static NTSTATUS register_locked(const FWPS_CALLOUT1 *registered, UINT32 *id)
{
	struct sim_callout *callout = slot_of(&registered->calloutKey);

	if (callout && callout->is_registered)
		return STATUS_FWP_ALREADY_EXISTS;
	if (!callout)
		callout = new_slot(&registered->calloutKey);
	if (!callout)
		return STATUS_FWP_TOO_MANY_CALLOUTS;
	callout->callout = *registered;
	callout->is_registered = TRUE;
	if (id)
		*id = callout->id;
	return STATUS_SUCCESS;
}

NTSTATUS NTAPI FwpsCalloutRegister1(void *device, const FWPS_CALLOUT1 *callout, UINT32 *id)
{
	static const GUID none;
	KLOCK_QUEUE_HANDLE handle;
	NTSTATUS status;

	ENGINE_IRQL(PASSIVE_LEVEL);
	ENGINE_ASSERT(device && callout && callout->classifyFn && callout->notifyFn, "a callout without its routines");
	ENGINE_ASSERT(!sim_same_key(&callout->calloutKey, &none), "a callout without a key");
	ENGINE_ASSERT(!(callout->flags & FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW) || callout->flowDeleteFn,
		      "a callout that is conditional on a flow, and can have no context of one");
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	status = register_locked(callout, id);
	KeReleaseInStackQueuedSpinLock(&handle);
	return status;
}

/* Windows may wait for calls that have not returned; a driver must live with either. */
NTSTATUS NTAPI FwpsCalloutUnregisterById0(const UINT32 id)
{
	KLOCK_QUEUE_HANDLE handle;
	struct sim_callout *callout;
	NTSTATUS status = STATUS_SUCCESS;

	ENGINE_IRQL(PASSIVE_LEVEL);
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	callout = sim_callout_find(id);
	if (!callout) {
		status = STATUS_FWP_CALLOUT_NOT_FOUND;
	} else if (callout->contexts) {
		status = STATUS_DEVICE_BUSY;
	} else if (callout->active) {
		status = STATUS_FWP_IN_USE;
	} else {
		callout->is_registered = FALSE;
		free_unused(callout);
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return status;
}

/*
 * windows-driver-docs, network, programming-considerations-for-rsc-drivers: "whenever a callout driver that has not
 * opted in to handle large packets is registered", receive segment coalescing ends. Another page (ddi, FWPS_CALLOUT2)
 * says that it ends with the callout's filters, which come after.
 */
BOOLEAN engine_receive_coalescing(void)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN is_on = TRUE;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	for (int index = 0; index < MOST_CALLOUTS && is_on; index++) {
		const struct sim_callout *callout = &engine.callout[index];

		is_on = !callout->is_registered || callout->callout.flags & FWP_CALLOUT_FLAG_ALLOW_RSC;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return is_on;
}
