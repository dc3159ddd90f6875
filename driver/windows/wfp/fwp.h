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

#ifndef FWP_CALLOUT_FLAG_ALLOW_RSC /* the headers declare each from its own version on */
#define FWP_CALLOUT_FLAG_ALLOW_RSC 0x40u
#endif
#ifndef FWP_CALLOUT_FLAG_ALLOW_USO
#define FWP_CALLOUT_FLAG_ALLOW_USO 0x100u
#endif
#ifndef FWP_CALLOUT_FLAG_ALLOW_URO
#define FWP_CALLOUT_FLAG_ALLOW_URO 0x200u
#endif
#else

#include "fwp_engine.h"

#endif

/* Windows 7 has the first of these; the second is documented for what the adapter may do by itself. */
#ifdef NETFLOW_BEFORE_WINDOWS_10
typedef FWPS_FILTER1 wfp_filter;
typedef FWPS_CALLOUT1 wfp_callout;
typedef FWPS_CALLOUT_CLASSIFY_FN1 wfp_classify;
#define wfp_callout_register FwpsCalloutRegister1
#else
typedef FWPS_FILTER2 wfp_filter;
typedef FWPS_CALLOUT2 wfp_callout;
typedef FWPS_CALLOUT_CLASSIFY_FN2 wfp_classify;
#define wfp_callout_register FwpsCalloutRegister2
#endif
#endif
