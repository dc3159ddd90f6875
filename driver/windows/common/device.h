/* SPDX-License-Identifier: MIT */
/*
 * The device that programs open to ask the driver: \\.\NetFlow, for SYSTEM and administrators alone.
 */
#ifndef NETFLOW_COMMON_DEVICE_H
#define NETFLOW_COMMON_DEVICE_H

#include "requests.h"

/* Both: IRQL == PASSIVE_LEVEL. Takes over the driver's dispatch routines for create, close, and device control. */
NTSTATUS device_create(DRIVER_OBJECT *driver, struct netflow *netflow, DEVICE_OBJECT **device);

/* Nothing can be asked from here on; the I/O manager lets a driver unload only when no handle is open. */
void device_delete(DEVICE_OBJECT *device);

#endif
