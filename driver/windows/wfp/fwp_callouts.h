/* SPDX-License-Identifier: MIT */
/* What a callout sees and may do, as fwpsk.h has it. Our own declarations: fwp.h */
#ifndef NETFLOW_WFP_FWP_CALLOUTS_H
#define NETFLOW_WFP_FWP_CALLOUTS_H

#include "fwp_packets.h"

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
#define FWPS_METADATA_FIELD_TRANSPORT_HEADER_INCLUDE_HEADER 0x800000u

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

/* Windows 8. The same but for what a provider's context is. */
typedef struct FWPS_FILTER2 {
	UINT64 filterId;
	FWP_VALUE0 weight;
	UINT16 subLayerWeight;
	UINT16 flags;
	UINT32 numFilterConditions;
	PVOID filterCondition;
	FWPS_ACTION0 action;
	UINT64 context;
	PVOID providerContext;
} FWPS_FILTER2;

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

typedef union FWPS_PACKET_LIST_IPSEC_INFORMATION0 {
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
typedef void(NTAPI *FWPS_CALLOUT_CLASSIFY_FN2)(const FWPS_INCOMING_VALUES0 *values,
					       const FWPS_INCOMING_METADATA_VALUES0 *metadata, void *data,
					       const void *classify_context, const FWPS_FILTER2 *filter,
					       UINT64 flow_context, FWPS_CLASSIFY_OUT0 *out);
typedef NTSTATUS(NTAPI *FWPS_CALLOUT_NOTIFY_FN1)(FWPS_CALLOUT_NOTIFY_TYPE type, const GUID *filter_key,
						 FWPS_FILTER1 *filter);
typedef NTSTATUS(NTAPI *FWPS_CALLOUT_NOTIFY_FN2)(FWPS_CALLOUT_NOTIFY_TYPE type, const GUID *filter_key,
						 FWPS_FILTER2 *filter);
typedef void(NTAPI *FWPS_CALLOUT_FLOW_DELETE_NOTIFY_FN0)(UINT16 layer_id, UINT32 callout_id, UINT64 flow_context);
typedef void(NTAPI *FWPS_INJECT_COMPLETE0)(void *context, NET_BUFFER_LIST *packets, BOOLEAN dispatch_level);

typedef struct FWPS_CALLOUT1 {
	GUID calloutKey;
	UINT32 flags;
	FWPS_CALLOUT_CLASSIFY_FN1 classifyFn;
	FWPS_CALLOUT_NOTIFY_FN1 notifyFn;
	FWPS_CALLOUT_FLOW_DELETE_NOTIFY_FN0 flowDeleteFn;
} FWPS_CALLOUT1;

typedef struct FWPS_CALLOUT2 {
	GUID calloutKey;
	UINT32 flags;
	FWPS_CALLOUT_CLASSIFY_FN2 classifyFn;
	FWPS_CALLOUT_NOTIFY_FN2 notifyFn;
	FWPS_CALLOUT_FLOW_DELETE_NOTIFY_FN0 flowDeleteFn;
} FWPS_CALLOUT2;

#ifndef FWP_EXPORT
#define FWP_EXPORT
#endif

FWP_EXPORT NTSTATUS NTAPI FwpsCalloutRegister1(void *device, const FWPS_CALLOUT1 *callout, UINT32 *id);
FWP_EXPORT NTSTATUS NTAPI FwpsCalloutRegister2(void *device, const FWPS_CALLOUT2 *callout, UINT32 *id);
FWP_EXPORT NTSTATUS NTAPI FwpsCalloutUnregisterById0(const UINT32 id);
FWP_EXPORT NTSTATUS NTAPI FwpsFlowAssociateContext0(UINT64 flow, UINT16 layer, UINT32 callout, UINT64 context);
FWP_EXPORT NTSTATUS NTAPI FwpsFlowRemoveContext0(UINT64 flow, UINT16 layer, UINT32 callout);
FWP_EXPORT NTSTATUS NTAPI FwpsInjectionHandleCreate0(ADDRESS_FAMILY family, UINT32 flags, HANDLE *handle);
FWP_EXPORT NTSTATUS NTAPI FwpsInjectionHandleDestroy0(HANDLE handle);
FWP_EXPORT NTSTATUS NTAPI FwpsAllocateCloneNetBufferList0(NET_BUFFER_LIST *original, NDIS_HANDLE list_pool,
							  NDIS_HANDLE buffer_pool, ULONG flags,
							  NET_BUFFER_LIST **clone);
FWP_EXPORT NTSTATUS NTAPI FwpsAllocateNetBufferAndNetBufferList0(NDIS_HANDLE pool, UINT16 context_bytes,
								 UINT16 context_room, MDL *chain, ULONG offset,
								 SIZE_T bytes, NET_BUFFER_LIST **list);
FWP_EXPORT void NTAPI FwpsFreeNetBufferList0(NET_BUFFER_LIST *list);
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

#endif
