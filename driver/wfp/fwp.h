/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side of the Windows Filtering Platform, as far as this driver uses it.
 *
 * mingw-w64 has no headers for it, so these are our own: names, numbers and layouts as Microsoft documents them, sizes and
 * offsets asserted. With NETFLOW_WDK the headers of the Windows Driver Kit are used instead.
 */
#ifndef NETFLOW_WFP_FWP_H
#define NETFLOW_WFP_FWP_H

#include "../shared/platform.h"

#ifdef NETFLOW_WDK
#include <ndis.h>

#include <fwpsk.h>

#include <fwpmk.h>
#else

/* ---- fwptypes.h: values ---- */

typedef enum FWP_DATA_TYPE {
	FWP_EMPTY = 0,
	FWP_UINT8 = 1,
	FWP_UINT16 = 2,
	FWP_UINT32 = 3,
	FWP_UINT64 = 4,
	FWP_BYTE_ARRAY16_TYPE = 11,
	FWP_BYTE_BLOB_TYPE = 12,
} FWP_DATA_TYPE;

typedef enum FWP_MATCH_TYPE {
	FWP_MATCH_EQUAL = 0,
	FWP_MATCH_FLAGS_ALL_SET = 6,
	FWP_MATCH_FLAGS_ANY_SET = 7,
	FWP_MATCH_FLAGS_NONE_SET = 8,
} FWP_MATCH_TYPE;

typedef enum FWP_DIRECTION {
	FWP_DIRECTION_OUTBOUND = 0,
	FWP_DIRECTION_INBOUND = 1,
} FWP_DIRECTION;

typedef UINT32 FWP_ACTION_TYPE;
#define FWP_ACTION_BLOCK 0x1001u
#define FWP_ACTION_PERMIT 0x1002u
#define FWP_ACTION_CONTINUE 0x2006u
#define FWP_ACTION_CALLOUT_TERMINATING 0x5003u
#define FWP_ACTION_CALLOUT_INSPECTION 0x6004u
#define FWP_ACTION_CALLOUT_UNKNOWN 0x4005u

typedef struct FWP_BYTE_BLOB {
	UINT32 size;
	UINT8 *data;
} FWP_BYTE_BLOB;

typedef struct FWP_BYTE_ARRAY16 {
	UINT8 byteArray16[16];
} FWP_BYTE_ARRAY16;

typedef struct FWP_VALUE0 {
	FWP_DATA_TYPE type;
	union {
		UINT8 uint8;
		UINT16 uint16;
		UINT32 uint32;
		UINT64 *uint64;
		FWP_BYTE_ARRAY16 *byteArray16;
		FWP_BYTE_BLOB *byteBlob;
	};
} FWP_VALUE0, FWP_CONDITION_VALUE0;

#define FWP_CONDITION_FLAG_IS_LOOPBACK 0x1u
#define FWP_CONDITION_FLAG_IS_REAUTHORIZE 0x4u

#define FWP_CALLOUT_FLAG_CONDITIONAL_ON_FLOW 0x1u
#define FWP_CALLOUT_FLAG_ALLOW_OFFLOAD 0x2u
#define FWP_CALLOUT_FLAG_ALLOW_MID_STREAM_INSPECTION 0x8u
#define FWP_CALLOUT_FLAG_ALLOW_RSC 0x40u

/* ---- ndis/nbl.h: packets ---- */

typedef struct _NET_BUFFER {
	struct _NET_BUFFER *Next;
	MDL *CurrentMdl;
	ULONG CurrentMdlOffset;
	union {
		SIZE_T stDataLength;
		ULONG DataLength;
	};
	MDL *MdlChain;
	ULONG DataOffset;
	/* More follows that is NDIS's own. */
} NET_BUFFER;

typedef struct _NET_BUFFER_LIST {
	struct _NET_BUFFER_LIST *Next;
	NET_BUFFER *FirstNetBuffer;
	PVOID Context;
	struct _NET_BUFFER_LIST *ParentNetBufferList;
	PVOID NdisPoolHandle;
	PVOID Padding; /* what follows is aligned to two pointers */
	PVOID NdisReserved[2];
	PVOID ProtocolReserved[4];
	PVOID MiniportReserved[2];
	PVOID Scratch;
	PVOID SourceHandle;
	ULONG NblFlags;
	LONG ChildRefCount; /* clones that are not freed; it is not completed before */
	ULONG Flags;
	LONG Status; /* what became of it: when it was injected, and is completed */
		     /* More follows. */
} NET_BUFFER_LIST;

#define NET_BUFFER_LIST_FIRST_NB(list) ((list)->FirstNetBuffer)
#define NET_BUFFER_LIST_NEXT_NBL(list) ((list)->Next)
#define NET_BUFFER_LIST_STATUS(list) ((list)->Status)
#define NET_BUFFER_NEXT_NB(buffer) ((buffer)->Next)
#define NET_BUFFER_DATA_LENGTH(buffer) ((buffer)->DataLength)

typedef PVOID NDIS_HANDLE;
typedef ULONG NET_IFINDEX;
typedef ULONG IF_INDEX;
typedef int COMPARTMENT_ID; /* an enumeration in Microsoft's headers */
typedef UINT16 ADDRESS_FAMILY;

/* ws2def.h: a socket's ancillary data; only passed on. */
typedef struct _WSACMSGHDR WSACMSGHDR;

/* Level and zone of an IPv6 scope, in 32 bits. */
typedef struct {
	ULONG Value;
} SCOPE_ID;

#ifndef NDIS_EXPORT
#define NDIS_EXPORT
#endif

NDIS_EXPORT NTSTATUS NTAPI NdisRetreatNetBufferDataStart(NET_BUFFER *buffer, ULONG bytes, ULONG backfill,
							 PVOID allocate_mdl);
NDIS_EXPORT VOID NTAPI NdisAdvanceNetBufferDataStart(NET_BUFFER *buffer, ULONG bytes, BOOLEAN free_mdl, PVOID routine);
NDIS_EXPORT PVOID NTAPI NdisGetDataBuffer(NET_BUFFER *buffer, ULONG bytes, PVOID storage, ULONG alignment,
					  ULONG offset);

/* ---- fwpsk.h: what a callout sees ---- */

#define FWPS_LAYER_INBOUND_TRANSPORT_V4 12
#define FWPS_LAYER_INBOUND_TRANSPORT_V6 14
#define FWPS_LAYER_OUTBOUND_TRANSPORT_V4 16
#define FWPS_LAYER_OUTBOUND_TRANSPORT_V6 18
#define FWPS_LAYER_STREAM_V4 20
#define FWPS_LAYER_STREAM_V6 22
#define FWPS_LAYER_DATAGRAM_DATA_V4 24
#define FWPS_LAYER_DATAGRAM_DATA_V6 26
#define FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V4 44
#define FWPS_LAYER_ALE_AUTH_RECV_ACCEPT_V6 46
#define FWPS_LAYER_ALE_AUTH_CONNECT_V4 48
#define FWPS_LAYER_ALE_AUTH_CONNECT_V6 50
#define FWPS_LAYER_ALE_FLOW_ESTABLISHED_V4 52
#define FWPS_LAYER_ALE_FLOW_ESTABLISHED_V6 54
#define FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V4 64
#define FWPS_LAYER_ALE_ENDPOINT_CLOSURE_V6 65

#define FWPS_FIELD_DATAGRAM_DATA_V4_DIRECTION 9
#define FWPS_FIELD_INBOUND_TRANSPORT_V4_INTERFACE_INDEX 7
#define FWPS_FIELD_INBOUND_TRANSPORT_V4_SUB_INTERFACE_INDEX 8

#define FWPS_METADATA_FIELD_FLOW_HANDLE 0x2u
#define FWPS_METADATA_FIELD_IP_HEADER_SIZE 0x4u
#define FWPS_METADATA_FIELD_PROCESS_PATH 0x8u
#define FWPS_METADATA_FIELD_PROCESS_ID 0x20u
#define FWPS_METADATA_FIELD_TRANSPORT_HEADER_SIZE 0x400u
#define FWPS_METADATA_FIELD_COMPARTMENT_ID 0x800u
#define FWPS_METADATA_FIELD_TRANSPORT_ENDPOINT_HANDLE 0x8000u
#define FWPS_METADATA_FIELD_TRANSPORT_CONTROL_DATA 0x10000u
#define FWPS_METADATA_FIELD_REMOTE_SCOPE_ID 0x20000u
#define FWPS_METADATA_FIELD_ALE_CLASSIFY_REQUIRED 0x400000u

#define FWPS_RIGHT_ACTION_WRITE 0x1u
#define FWPS_CLASSIFY_OUT_FLAG_ABSORB 0x1u

#define FWPS_STREAM_FLAG_RECEIVE 0x1u
#define FWPS_STREAM_FLAG_RECEIVE_EXPEDITED 0x2u
#define FWPS_STREAM_FLAG_RECEIVE_DISCONNECT 0x4u
#define FWPS_STREAM_FLAG_RECEIVE_ABORT 0x8u
#define FWPS_STREAM_FLAG_SEND 0x10000u
#define FWPS_STREAM_FLAG_SEND_EXPEDITED 0x20000u
#define FWPS_STREAM_FLAG_SEND_DISCONNECT 0x80000u
#define FWPS_STREAM_FLAG_SEND_ABORT 0x100000u

#define FWPS_INJECTION_TYPE_TRANSPORT 0x2u

#define FWPS_PACKET_LIST_INFORMATION_QUERY_INBOUND 0x1u
#define FWPS_PACKET_LIST_INFORMATION_QUERY_IPSEC 0x4u

typedef enum FWPS_PACKET_INJECTION_STATE {
	FWPS_PACKET_NOT_INJECTED,
	FWPS_PACKET_INJECTED_BY_SELF,
	FWPS_PACKET_INJECTED_BY_OTHER,
	FWPS_PACKET_PREVIOUSLY_INJECTED_BY_SELF,
} FWPS_PACKET_INJECTION_STATE;

typedef enum FWPS_CALLOUT_NOTIFY_TYPE {
	FWPS_CALLOUT_NOTIFY_ADD_FILTER,
	FWPS_CALLOUT_NOTIFY_DELETE_FILTER,
	FWPS_CALLOUT_NOTIFY_ADD_FILTER_POST_COMMIT,
} FWPS_CALLOUT_NOTIFY_TYPE;

typedef struct FWPS_INCOMING_VALUE0 {
	FWP_VALUE0 value;
} FWPS_INCOMING_VALUE0;

typedef struct FWPS_INCOMING_VALUES0 {
	UINT16 layerId;
	UINT32 valueCount;
	FWPS_INCOMING_VALUE0 *incomingValue;
} FWPS_INCOMING_VALUES0;

typedef struct FWPS_DISCARD_METADATA0 {
	UINT32 discardModule;
	UINT32 discardReason;
	UINT64 filterId;
} FWPS_DISCARD_METADATA0;

typedef struct FWPS_INBOUND_FRAGMENT_METADATA0 {
	UINT32 fragmentIdentification;
	UINT16 fragmentOffset;
	ULONG fragmentLength;
} FWPS_INBOUND_FRAGMENT_METADATA0;

/* As far as Windows 7 has it; later versions only append. */
typedef struct FWPS_INCOMING_METADATA_VALUES0 {
	UINT32 currentMetadataValues;
	UINT32 flags;
	UINT64 reserved;
	FWPS_DISCARD_METADATA0 discardMetadata;
	UINT64 flowHandle;
	UINT32 ipHeaderSize;
	UINT32 transportHeaderSize;
	FWP_BYTE_BLOB *processPath;
	UINT64 token;
	UINT64 processId;
	UINT32 sourceInterfaceIndex;
	UINT32 destinationInterfaceIndex;
	ULONG compartmentId;
	FWPS_INBOUND_FRAGMENT_METADATA0 fragmentMetadata;
	ULONG pathMtu;
	HANDLE completionHandle;
	UINT64 transportEndpointHandle;
	SCOPE_ID remoteScopeId;
	WSACMSGHDR *controlData;
	ULONG controlDataLength;
	FWP_DIRECTION packetDirection;
	PVOID headerIncludeHeader;
	ULONG headerIncludeHeaderLength;
	UINT8 destinationPrefix[32];
	UINT16 frameLength;
	UINT64 parentEndpointHandle;
	UINT32 icmpIdAndSequence;
	ULONG localRedirectTargetPID;
	PVOID originalDestination;
} FWPS_INCOMING_METADATA_VALUES0;

typedef struct FWPS_CLASSIFY_OUT0 {
	FWP_ACTION_TYPE actionType;
	UINT64 outContext;
	UINT64 filterId;
	UINT32 rights;
	UINT32 flags;
	UINT32 reserved;
} FWPS_CLASSIFY_OUT0;

typedef struct FWPS_ACTION0 {
	FWP_ACTION_TYPE type;
	UINT32 calloutId;
} FWPS_ACTION0;

typedef struct FWPS_FILTER1 {
	UINT64 filterId;
	FWP_VALUE0 weight;
	UINT16 subLayerWeight;
	UINT16 flags;
	UINT32 numFilterConditions;
	PVOID filterCondition;
	FWPS_ACTION0 action;
	UINT64 context;
	PVOID providerContext;
} FWPS_FILTER1;

typedef struct FWPS_STREAM_DATA_OFFSET0 {
	NET_BUFFER_LIST *netBufferList;
	NET_BUFFER *netBuffer;
	MDL *mdl;
	UINT32 mdlOffset;
	UINT32 netBufferOffset;
	SIZE_T streamDataOffset;
} FWPS_STREAM_DATA_OFFSET0;

typedef struct FWPS_STREAM_DATA0 {
	UINT32 flags;
	FWPS_STREAM_DATA_OFFSET0 dataOffset;
	SIZE_T dataLength;
	NET_BUFFER_LIST *netBufferListChain;
} FWPS_STREAM_DATA0;

typedef struct FWPS_STREAM_CALLOUT_IO_PACKET0 {
	FWPS_STREAM_DATA0 *streamData;
	SIZE_T missedBytes;
	UINT32 countBytesRequired;
	SIZE_T countBytesEnforced;
	UINT32 streamAction;
} FWPS_STREAM_CALLOUT_IO_PACKET0;

typedef struct FWPS_PACKET_LIST_INBOUND_IPSEC_INFORMATION0 {
	UINT32 isSecure : 1;
	UINT32 isTransportMode : 1;
	UINT32 isTunnelMode : 1;
	UINT32 isTransportModeVerified : 1;
	UINT32 isTunnelModeVerified : 1;
	UINT32 isDeTunneled : 1;
	UINT32 reserved : 26;
} FWPS_PACKET_LIST_INBOUND_IPSEC_INFORMATION0;

typedef struct FWPS_PACKET_LIST_IPSEC_INFORMATION0 {
	FWPS_PACKET_LIST_INBOUND_IPSEC_INFORMATION0 inbound;
	UINT32 outbound;
} FWPS_PACKET_LIST_IPSEC_INFORMATION0;

typedef struct FWPS_PACKET_LIST_INFORMATION0 {
	FWPS_PACKET_LIST_IPSEC_INFORMATION0 ipsecInformation;
	UINT8 more[32]; /* what others have asked for; room for it in any version */
} FWPS_PACKET_LIST_INFORMATION0;

typedef struct FWPS_TRANSPORT_SEND_PARAMS1 {
	UCHAR *remoteAddress;
	SCOPE_ID remoteScopeId;
	WSACMSGHDR *controlData;
	ULONG controlDataLength;
	UCHAR *headerIncludeHeader;
	ULONG headerIncludeHeaderLength;
} FWPS_TRANSPORT_SEND_PARAMS1;

typedef void(NTAPI *FWPS_CALLOUT_CLASSIFY_FN1)(const FWPS_INCOMING_VALUES0 *values,
					       const FWPS_INCOMING_METADATA_VALUES0 *metadata, void *data,
					       const void *classify_context, const FWPS_FILTER1 *filter,
					       UINT64 flow_context, FWPS_CLASSIFY_OUT0 *out);
typedef NTSTATUS(NTAPI *FWPS_CALLOUT_NOTIFY_FN1)(FWPS_CALLOUT_NOTIFY_TYPE type, const GUID *filter_key,
						 FWPS_FILTER1 *filter);
typedef void(NTAPI *FWPS_CALLOUT_FLOW_DELETE_NOTIFY_FN0)(UINT16 layer_id, UINT32 callout_id, UINT64 flow_context);
typedef void(NTAPI *FWPS_INJECT_COMPLETE0)(void *context, NET_BUFFER_LIST *packets, BOOLEAN dispatch_level);

typedef struct FWPS_CALLOUT1 {
	GUID calloutKey;
	UINT32 flags;
	FWPS_CALLOUT_CLASSIFY_FN1 classifyFn;
	FWPS_CALLOUT_NOTIFY_FN1 notifyFn;
	FWPS_CALLOUT_FLOW_DELETE_NOTIFY_FN0 flowDeleteFn;
} FWPS_CALLOUT1;

#ifndef FWP_EXPORT
#define FWP_EXPORT
#endif

FWP_EXPORT NTSTATUS NTAPI FwpsCalloutRegister1(void *device, const FWPS_CALLOUT1 *callout, UINT32 *id);
FWP_EXPORT NTSTATUS NTAPI FwpsCalloutUnregisterById0(const UINT32 id);
FWP_EXPORT NTSTATUS NTAPI FwpsFlowAssociateContext0(UINT64 flow, UINT16 layer, UINT32 callout, UINT64 context);
FWP_EXPORT NTSTATUS NTAPI FwpsFlowRemoveContext0(UINT64 flow, UINT16 layer, UINT32 callout);
FWP_EXPORT NTSTATUS NTAPI FwpsInjectionHandleCreate0(ADDRESS_FAMILY family, UINT32 flags, HANDLE *handle);
FWP_EXPORT NTSTATUS NTAPI FwpsInjectionHandleDestroy0(HANDLE handle);
FWP_EXPORT NTSTATUS NTAPI FwpsAllocateCloneNetBufferList0(NET_BUFFER_LIST *original, NDIS_HANDLE list_pool,
							  NDIS_HANDLE buffer_pool, ULONG flags,
							  NET_BUFFER_LIST **clone);
FWP_EXPORT void NTAPI FwpsFreeCloneNetBufferList0(NET_BUFFER_LIST *clone, ULONG flags);
FWP_EXPORT NTSTATUS NTAPI FwpsInjectTransportSendAsync1(HANDLE handle, HANDLE context, UINT64 endpoint, UINT32 flags,
							FWPS_TRANSPORT_SEND_PARAMS1 *parameters, ADDRESS_FAMILY family,
							COMPARTMENT_ID compartment, NET_BUFFER_LIST *packets,
							FWPS_INJECT_COMPLETE0 complete, HANDLE complete_context);
FWP_EXPORT NTSTATUS NTAPI FwpsInjectTransportReceiveAsync0(HANDLE handle, HANDLE context, PVOID reserved, UINT32 flags,
							   ADDRESS_FAMILY family, COMPARTMENT_ID compartment,
							   IF_INDEX interface_index, IF_INDEX sub_interface_index,
							   NET_BUFFER_LIST *packets, FWPS_INJECT_COMPLETE0 complete,
							   HANDLE complete_context);
FWP_EXPORT FWPS_PACKET_INJECTION_STATE NTAPI FwpsQueryPacketInjectionState0(HANDLE handle,
									    const NET_BUFFER_LIST *packets,
									    HANDLE *context);
FWP_EXPORT NTSTATUS NTAPI FwpsGetPacketListSecurityInformation0(NET_BUFFER_LIST *packets, UINT32 query,
								FWPS_PACKET_LIST_INFORMATION0 *information);
FWP_EXPORT NTSTATUS NTAPI FwpsAcquireClassifyHandle0(void *classify_context, UINT32 flags, UINT64 *handle);
FWP_EXPORT void NTAPI FwpsReleaseClassifyHandle0(UINT64 handle);
FWP_EXPORT NTSTATUS NTAPI FwpsPendClassify0(UINT64 handle, UINT64 filter_id, UINT32 flags, FWPS_CLASSIFY_OUT0 *out);
FWP_EXPORT void NTAPI FwpsCompleteClassify0(UINT64 handle, UINT32 flags, FWPS_CLASSIFY_OUT0 *out);

/* ---- fwpmk.h: what the filtering engine keeps ---- */

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
#endif
