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
#include <sys/wait.h>
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

/* borrow SIZE: sends once by a socket like that of `packet`, which a process with the same table of files has used */
static void command_borrow(char **arguments)
{
	size_t size = strtoul(arguments[0], NULL, 10);
	pid_t lender = (pid_t)must("clone", syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));

	if (!lender) {
		close(handle);
		handle = (int)must("socket", socket(AF_PACKET, SOCK_RAW, 0));
	} else {
		must("waitpid", waitpid(lender, NULL, 0));
		counts = (struct counts){0};
	}
	counts_sent(must("send", sendto(handle, buffer, size, 0, (struct sockaddr *)&target.address, target.length)));
	if (!lender)
		_exit(0);
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
