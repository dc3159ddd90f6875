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

static NTSTATUS register_locked(const FWPS_CALLOUT2 *registered, UINT32 *id)
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

#define FLAGS_OF_WINDOWS_7 0x1fu
#define WINDOWS_8 9200u
#define USO_BY_HEADER 18362u
#define USO_BY_PAGE 25876u
#define URO_BY_HEADER 19041u

/*
 * fwptypes.h declares USO from Windows 10 1903 on and URO from 2004 on; ddi, FWPS_CALLOUT3, of USO: "The earliest
 * version in which this flag is supported is Windows Insider Preview, version 10.0.25876". RSC is documented for
 * FWPS_CALLOUT2, and not for FWPS_CALLOUT1.
 */
static UINT32 known_flags(BOOLEAN is_second)
{
	UINT32 known = FLAGS_OF_WINDOWS_7;

	if (engine.build >= WINDOWS_8 && (is_second || !engine.is_strict))
		known |= FWP_CALLOUT_FLAG_ALLOW_RSC;
	if (is_second && engine.build >= (engine.is_strict ? USO_BY_PAGE : USO_BY_HEADER))
		known |= FWP_CALLOUT_FLAG_ALLOW_USO;
	if (is_second && engine.build >= URO_BY_HEADER)
		known |= FWP_CALLOUT_FLAG_ALLOW_URO;
	return known;
}

static NTSTATUS register_callout(void *device, const FWPS_CALLOUT2 *callout, UINT32 *id)
{
	static const GUID none;
	KLOCK_QUEUE_HANDLE handle;
	NTSTATUS status;

	ENGINE_ASSERT(device && callout && callout->classifyFn && callout->notifyFn, "a callout without its routines");
	ENGINE_ASSERT(!sim_same_key(&callout->calloutKey, &none), "a callout without a key");
	ENGINE_ASSERT(!(callout->flags & FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW) || callout->flowDeleteFn,
		      "a callout that is conditional on a flow, and can have no context of one");
	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	status = register_locked(callout, id);
	KeReleaseInStackQueuedSpinLock(&handle);
	return status;
}

NTSTATUS NTAPI FwpsCalloutRegister2(void *device, const FWPS_CALLOUT2 *callout, UINT32 *id)
{
	ENGINE_IRQL(PASSIVE_LEVEL);
	ENGINE_ASSERT(engine.build >= WINDOWS_8,
		      "FwpsCalloutRegister2 was called on Windows 7, which does not have it");
	if (callout->flags & ~known_flags(TRUE))
		return STATUS_FWP_INVALID_FLAGS;
	return register_callout(device, callout, id);
}

/* ddi, FWPS_CALLOUT2: "essentially identical" but for the types of its functions, and of the filter that these see. */
NTSTATUS NTAPI FwpsCalloutRegister1(void *device, const FWPS_CALLOUT1 *callout, UINT32 *id)
{
	FWPS_CALLOUT2 same;

	C_ASSERT(sizeof(same) == sizeof(*callout) && sizeof(FWPS_FILTER1) == sizeof(FWPS_FILTER2));
	ENGINE_IRQL(PASSIVE_LEVEL);
	if (callout->flags & ~known_flags(FALSE))
		return STATUS_FWP_INVALID_FLAGS;
	RtlCopyMemory(&same, callout, sizeof(same));
	return register_callout(device, &same, id);
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
 * opted in to handle large packets is registered", receive segment coalescing ends; udp-rsc-offload says the same of
 * URO. Another page (ddi, FWPS_CALLOUT2) says that they end with the callout's filters, which come after.
 */
BOOLEAN engine_allows(UINT32 flag)
{
	KLOCK_QUEUE_HANDLE handle;
	BOOLEAN is_on = TRUE;

	KeAcquireInStackQueuedSpinLock(&engine.lock, &handle);
	for (int index = 0; index < MOST_CALLOUTS && is_on; index++) {
		const struct sim_callout *callout = &engine.callout[index];

		is_on = !callout->is_registered || callout->callout.flags & flag;
	}
	KeReleaseInStackQueuedSpinLock(&handle);
	return is_on;
}
