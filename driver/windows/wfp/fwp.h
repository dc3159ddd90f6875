/* SPDX-License-Identifier: MIT */
/*
 * The kernel's side of the Windows Filtering Platform, as far as this driver uses it.
 *
 * mingw-w64 has no headers for it, so these are our own: names, numbers and layouts as Microsoft documents them, sizes
 * and offsets asserted. With NETFLOW_WDK the headers of the Windows Driver Kit are used instead.
 */
#ifndef NETFLOW_WFP_FWP_H
#define NETFLOW_WFP_FWP_H

#include "../common/kernel_api.h"

#ifdef NETFLOW_WDK
#include <ndis.h>

#include <fwpsk.h>

#include <fwpmk.h>

#ifndef FWP_CALLOUT_FLAG_ALLOW_RSC /* for Windows 7, whose headers don't have it */
#define FWP_CALLOUT_FLAG_ALLOW_RSC 0x40u
#endif
#else

#include "fwp_engine.h"

#endif
#endif
