/* SPDX-License-Identifier: MIT */
/*
 * How a program drives the simulated engine where that is a driver (device.c): \\.\NetFlowEngine, METHOD_BUFFERED. A
 * request is a struct engine_step, its reply a struct engine_result.
 *
 *   STATUS_INVALID_BUFFER_SIZE     no step, or no room for exactly its result
 *   STATUS_INVALID_PARAMETER       an operation or a value that the engine doesn't know
 *
 * A driver that breaks a rule of the engine takes the (simulated) machine down, and what was under way with it.
 */
#ifndef NETFLOW_SIMULATOR_WFP_ENGINE_IOCTL_H
#define NETFLOW_SIMULATOR_WFP_ENGINE_IOCTL_H

#include "../../protocol.h"

#define ENGINE_IOCTL_STEP NETFLOW_IOCTL(0x880u, NETFLOW_READ_ACCESS | NETFLOW_WRITE_ACCESS)

enum engine_operation {
	ENGINE_FLOW_OPEN = 1,     /* value: its id, 0: blocked */
	ENGINE_FLOW_CLOSE = 2,    /* flow */
	ENGINE_STREAM = 3,        /* flow, flags, bytes, count times */
	ENGINE_DATAGRAMS = 4,     /* flow, is_inbound, bytes, count */
	ENGINE_SEGMENT = 5,       /* flow, is_inbound, bytes, flags of TCP; count of them; value: those that passed */
	ENGINE_TOTALS = 6,        /* process_id; values: upload, download */
	ENGINE_PROCESS_ENDED = 7, /* process_id: notifies drivers that have registered for it */
	ENGINE_STATE = 8,         /* values: contexts, packets that are pending */
	ENGINE_DELIVERIES = 9,    /* flow, is_inbound; values: packets, bytes */
	ENGINE_PACKETS = 10,      /* values: lost, dropped */
	ENGINE_FILTERS = 11,      /* flags: a layer; value: its filters */
	ENGINE_DELAY = 12,        /* count: milliseconds that a transaction takes to begin */
};

#define ENGINE_PATH_CHARACTERS 260
#define ENGINE_MOST_DATAGRAMS 64 /* in one step */

struct engine_step {
	uint64_t flow;
	uint32_t operation;
	uint32_t flags;
	uint32_t process_id;
	uint32_t reserved;
	uint32_t bytes;
	uint32_t count;
	uint16_t local_port;
	uint16_t remote_port;
	uint8_t transport;
	uint8_t is_ipv6;
	uint8_t is_inbound;
	uint8_t reserved2;
	uint8_t local_address[16];
	uint8_t remote_address[16];
	uint16_t path[ENGINE_PATH_CHARACTERS]; /* NUL-terminated; empty: the engine does not say */
};

struct engine_result {
	uint64_t value[2];
};

NETFLOW_ASSERT(engine_step, sizeof(struct engine_step) == 592);
NETFLOW_ASSERT(engine_step_port, offsetof(struct engine_step, local_port) == 32);
NETFLOW_ASSERT(engine_step_transport, offsetof(struct engine_step, transport) == 36);
NETFLOW_ASSERT(engine_step_address, offsetof(struct engine_step, local_address) == 40);
NETFLOW_ASSERT(engine_step_path, offsetof(struct engine_step, path) == 72);
NETFLOW_ASSERT(engine_result, sizeof(struct engine_result) == 16);

#endif
