/* SPDX-License-Identifier: MIT */
/* Checksums of IPv4 headers. */
#include "internal.h"

#define IPV4_CHECKSUM 10

/* RFC 1071; 0 over a header with its right checksum. */
static USHORT checksum(const UCHAR *bytes, ULONG count)
{
	ULONG sum = 0;

	for (ULONG index = 0; index + 1 < count; index += 2)
		sum += (ULONG)bytes[index] << 8 | bytes[index + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (USHORT)~sum;
}

void sim_set_checksum(UCHAR *ip, BOOLEAN is_right)
{
	USHORT sum;

	ip[IPV4_CHECKSUM] = ip[IPV4_CHECKSUM + 1] = 0;
	sum = checksum(ip, 20) ^ (is_right ? 0 : 0x5a5a);
	ip[IPV4_CHECKSUM] = (UCHAR)(sum >> 8);
	ip[IPV4_CHECKSUM + 1] = (UCHAR)sum;
}

/*
 * windows-driver-docs, network, callout-driver-programming-considerations: "callouts should recalculate IP checksums
 * before they call packet injection functions that inject into the receive data path because the checksum in the
 * original packet might not be correct when the packet is reassembled from IP packet fragments."
 */
BOOLEAN sim_has_right_checksum(const struct sim_packet *packet)
{
	UCHAR ip[20];

	if (packet->flow->options.is_ipv6)
		return TRUE;
	sim_buffer_copy(&packet->buffer[0], 0, ip, sizeof(ip));
	return checksum(ip, sizeof(ip)) == 0;
}
