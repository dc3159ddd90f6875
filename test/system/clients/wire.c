/*
 * A wire between two network namespaces, a TUN device at each end: packets without a
 * link-layer header, as tunnels have them.
 *
 *   wire NAMESPACE DEVICE NAMESPACE DEVICE      a namespace is a file such as /run/netns/NAME
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_device(const char *namespace, const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int file = open(namespace, O_RDONLY);

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (file < 0 || setns(file, CLONE_NEWNET))
		fail(namespace);
	close(file);
	int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	if (device < 0 || ioctl(device, TUNSETIFF, &request))
		fail(name);
	return device;
}

static void pass(int from, int to)
{
	char packet[65536];
	ssize_t bytes;

	while ((bytes = read(from, packet, sizeof(packet))) > 0) {
		if (write(to, packet, bytes) != bytes)
			return; /* it is going away, or down still */
	}
}

int main(int count, char **arguments)
{
	if (count != 5)
		return 2;
	struct pollfd ends[] = {
		{.fd = open_device(arguments[1], arguments[2]), .events = POLLIN},
		{.fd = open_device(arguments[3], arguments[4]), .events = POLLIN},
	};

	puts("ready");
	fflush(stdout);
	for (;;) {
		poll(ends, 2, -1);
		pass(ends[0].fd, ends[1].fd);
		pass(ends[1].fd, ends[0].fd);
	}
}
