/* SPDX-License-Identifier: MIT */
/* What the filtering engine keeps, as fwpmk.h has it: sessions, objects, filters. Our own declarations: fwp.h */
#ifndef NETFLOW_WFP_FWP_ENGINE_H
#define NETFLOW_WFP_FWP_ENGINE_H

#include "fwp_callouts.h"

#define FWPM_SESSION_FLAG_DYNAMIC 0x1u
#define FWPM_FILTER_FLAG_PERMIT_IF_CALLOUT_UNREGISTERED 0x10u

typedef enum FWPM_SERVICE_STATE {
	FWPM_SERVICE_STOPPED,
	FWPM_SERVICE_START_PENDING,
	FWPM_SERVICE_STOP_PENDING,
	FWPM_SERVICE_RUNNING,
} FWPM_SERVICE_STATE;

typedef struct FWPM_DISPLAY_DATA0 {
	wchar_t *name;
	wchar_t *description;
} FWPM_DISPLAY_DATA0;

typedef struct FWPM_SESSION0 {
	GUID sessionKey;
	FWPM_DISPLAY_DATA0 displayData;
	UINT32 flags;
	UINT32 txnWaitTimeoutInMSec;
	ULONG processId;
	PVOID sid;
	wchar_t *username;
	LONG kernelMode;
} FWPM_SESSION0;

typedef struct FWPM_PROVIDER0 {
	GUID providerKey;
	FWPM_DISPLAY_DATA0 displayData;
	UINT32 flags;
	FWP_BYTE_BLOB providerData;
	wchar_t *serviceName;
} FWPM_PROVIDER0;

typedef struct FWPM_SUBLAYER0 {
	GUID subLayerKey;
	FWPM_DISPLAY_DATA0 displayData;
	UINT32 flags;
	GUID *providerKey;
	FWP_BYTE_BLOB providerData;
	UINT16 weight;
} FWPM_SUBLAYER0;

typedef struct FWPM_CALLOUT0 {
	GUID calloutKey;
	FWPM_DISPLAY_DATA0 displayData;
	UINT32 flags;
	GUID *providerKey;
	FWP_BYTE_BLOB providerData;
	GUID applicableLayer;
	UINT32 calloutId;
} FWPM_CALLOUT0;

typedef struct FWPM_FILTER_CONDITION0 {
	GUID fieldKey;
	FWP_MATCH_TYPE matchType;
	FWP_CONDITION_VALUE0 conditionValue;
} FWPM_FILTER_CONDITION0;

typedef struct FWPM_ACTION0 {
	FWP_ACTION_TYPE type;
	union {
		GUID filterType;
		GUID calloutKey;
	};
} FWPM_ACTION0;

typedef struct FWPM_FILTER0 {
	GUID filterKey;
	FWPM_DISPLAY_DATA0 displayData;
	UINT32 flags;
	GUID *providerKey;
	FWP_BYTE_BLOB providerData;
	GUID layerKey;
	GUID subLayerKey;
	FWP_VALUE0 weight;
	UINT32 numFilterConditions;
	FWPM_FILTER_CONDITION0 *filterCondition;
	FWPM_ACTION0 action;
	union {
		UINT64 rawContext;
		GUID providerContextKey;
	};
	GUID *reserved;
	UINT64 filterId;
	FWP_VALUE0 effectiveWeight;
} FWPM_FILTER0;

typedef void(NTAPI *FWPM_SERVICE_STATE_CHANGE_CALLBACK0)(void *context, FWPM_SERVICE_STATE state);

FWP_EXPORT NTSTATUS NTAPI FwpmBfeStateSubscribeChanges0(void *device, FWPM_SERVICE_STATE_CHANGE_CALLBACK0 callback,
							void *context, HANDLE *handle);
FWP_EXPORT NTSTATUS NTAPI FwpmBfeStateUnsubscribeChanges0(HANDLE handle);
FWP_EXPORT FWPM_SERVICE_STATE NTAPI FwpmBfeStateGet0(void);
FWP_EXPORT NTSTATUS NTAPI FwpmEngineOpen0(const wchar_t *server, UINT32 authentication, void *identity,
					  const FWPM_SESSION0 *session, HANDLE *handle);
FWP_EXPORT NTSTATUS NTAPI FwpmEngineClose0(HANDLE engine);
FWP_EXPORT NTSTATUS NTAPI FwpmTransactionBegin0(HANDLE engine, UINT32 flags);
FWP_EXPORT NTSTATUS NTAPI FwpmTransactionCommit0(HANDLE engine);
FWP_EXPORT NTSTATUS NTAPI FwpmTransactionAbort0(HANDLE engine);
FWP_EXPORT NTSTATUS NTAPI FwpmProviderAdd0(HANDLE engine, const FWPM_PROVIDER0 *provider, PSECURITY_DESCRIPTOR sd);
FWP_EXPORT NTSTATUS NTAPI FwpmSubLayerAdd0(HANDLE engine, const FWPM_SUBLAYER0 *sublayer, PSECURITY_DESCRIPTOR sd);
FWP_EXPORT NTSTATUS NTAPI FwpmCalloutAdd0(HANDLE engine, const FWPM_CALLOUT0 *callout, PSECURITY_DESCRIPTOR sd,
					  UINT32 *id);
FWP_EXPORT NTSTATUS NTAPI FwpmFilterAdd0(HANDLE engine, const FWPM_FILTER0 *filter, PSECURITY_DESCRIPTOR sd,
					 UINT64 *id);
FWP_EXPORT NTSTATUS NTAPI FwpmFilterDeleteById0(HANDLE engine, UINT64 id);

#include "fwp_assert.h"
#include "fwp_guid.h"

#endif
