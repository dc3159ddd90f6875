// SPDX-License-Identifier: MIT
/* Sends and receives by sockets below TCP and UDP: of one protocol over IPv4 or IPv6, or frames as it has made them. */
#define _GNU_SOURCE
#include "command.h"
#include "endpoint.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int handle = -1;
static struct endpoint target;
static char buffer[65536];

/* raw ADDRESS PROTOCOL */
static void command_raw(char **arguments)
{
	target = endpoint_parse(arguments[0], "0");
	handle = (int)must("socket", socket(target.address.ss_family, SOCK_RAW, atoi(arguments[1])));
}

/* packet DEVICE: frames of a type that nobody takes, to whom they name */
static void command_packet(char **arguments)
{
	struct sockaddr_ll *link = (struct sockaddr_ll *)&target.address;
	unsigned char everybody[ETH_ALEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	link->sll_family = AF_PACKET;
	link->sll_ifindex = (int)if_nametoindex(arguments[0]);
	target.length = sizeof(*link);
	handle = (int)must("socket", socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
	memcpy(buffer, everybody, sizeof(everybody));
	buffer[12] = (char)0x88; /* an experiment's, by IEEE 802 */
	buffer[13] = (char)0xb5;
}

/* send COUNT SIZE; of ICMP that is what nobody answers: an echo's answer, or what it has no meaning for */
static void command_send(char **arguments)
{
	size_t size = strtoul(arguments[1], NULL, 10);

	for (int left = atoi(arguments[0]); left; left--)
		counts_sent(must("send",
				 sendto(handle, buffer, size, 0, (struct sockaddr *)&target.address, target.length)));
}

/* receive COUNT */
static void command_receive(char **arguments)
{
	for (int left = atoi(arguments[0]); left; left--)
		counts_received(must("recv", recv(handle, buffer, sizeof(buffer), 0)));
}

/* Opens sockets of the process that it shares its table of files with, and sends by each, on demand. */
static void lend(int through, size_t size)
{
	int lent;

	while (read(through, &lent, sizeof(lent)) == sizeof(lent)) {
		lent = (int)must("socket", socket(AF_PACKET, SOCK_RAW, 0));
		must("send", sendto(lent, buffer, size, 0, (struct sockaddr *)&target.address, target.length));
		must("write", write(through, &lent, sizeof(lent)));
	}
	_exit(0);
}

/* borrow COUNT SIZE: sends once by each of so many packet sockets of another process; after `packet` */
static void command_borrow(char **arguments)
{
	size_t size = strtoul(arguments[1], NULL, 10);
	int pair[2], lent = 0;

	must("socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	if (!must("clone", syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0)))
		lend(pair[1], size);
	for (int left = atoi(arguments[0]); left; left--) {
		must("write", write(pair[0], &lent, sizeof(lent)));
		must("read", read(pair[0], &lent, sizeof(lent)));
		counts_sent(
			must("send", sendto(lent, buffer, size, 0, (struct sockaddr *)&target.address, target.length)));
		close(lent);
	}
	must("shutdown", shutdown(pair[0], SHUT_RDWR));
}

static void command_overhear(char **arguments)
{
	(void)arguments;
	answer("overheard", must("recv", recv(handle, buffer, sizeof(buffer), 0)));
}

static const struct command commands[] = {
	{"raw", command_raw},
	{"packet", command_packet},
	{"send", command_send},
	{"receive", command_receive},
	{"overhear", command_overhear},
	{"borrow", command_borrow},
	{NULL, NULL},
};

int main(void)
{
	command_loop(commands);
	return 0;
}
