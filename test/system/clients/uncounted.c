// SPDX-License-Identifier: MIT
/* Moves bytes through AF_UNIX and netlink sockets, which are no traffic. */
#define _GNU_SOURCE
#include "command.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[65536];

static long through_pair(int type)
{
	int pair[2];
	long moved;

	must("socketpair", socketpair(AF_UNIX, type, 0, pair));
	must("send", send(pair[0], buffer, 10000, 0));
	moved = must("recv", recv(pair[1], buffer, sizeof(buffer), 0));
	close(pair[0]);
	close(pair[1]);
	return moved;
}

static long ask_for_links(void)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg body;
	} request = {
		.header = {.nlmsg_len = sizeof(request),
			   .nlmsg_type = RTM_GETLINK,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	};
	int handle = (int)must("socket", socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	long moved = must("send", send(handle, &request, sizeof(request), 0));

	moved += must("recv", recv(handle, buffer, sizeof(buffer), 0));
	close(handle);
	return moved;
}

static void command_run(char **arguments)
{
	(void)arguments;
	answer("moved", through_pair(SOCK_STREAM) + through_pair(SOCK_DGRAM) + ask_for_links());
}

static const struct command commands[] = {
	{"run", command_run},
	{NULL, NULL},
};

int main(void)
{
	command_loop(commands);
	return 0;
}
