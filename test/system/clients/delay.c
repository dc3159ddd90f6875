/*
 * A long way: every packet that is routed into this TUN device comes out of it again so
 * much later. A kernel that has no netem has this.
 *
 *   delay DEVICE MICROSECONDS
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { MOST_PACKETS = 1 << 16, PACKET_BYTES = 2048 };

static struct packet {
	long long due;
	int bytes;
	char data[PACKET_BYTES];
} * packets;
static unsigned first, end;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static long long now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static int open_device(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (device < 0 || ioctl(device, TUNSETIFF, &request))
		fail(name);
	return device;
}

/* True where there was one. */
static int take(int device, long long delay)
{
	struct packet *packet = &packets[end % MOST_PACKETS];
	int bytes = read(device, packet->data, PACKET_BYTES);

	if (bytes <= 0)
		return 0;
	packet->bytes = bytes;
	packet->due = now_ns() + delay;
	if (end - first < MOST_PACKETS - 1)
		end++;
	return 1;
}

static int give(int device)
{
	struct packet *packet = &packets[first % MOST_PACKETS];

	if (first == end || packet->due > now_ns())
		return 0;
	if (write(device, packet->data, packet->bytes) < 0 && errno != EIO)
		perror("write");
	first++;
	return 1;
}

int main(int count, char **arguments)
{
	if (count != 3)
		return 2;
	int device = open_device(arguments[1]);
	long long delay = atoll(arguments[2]) * 1000;

	packets = calloc(MOST_PACKETS, sizeof(*packets));
	if (!packets)
		fail("calloc");
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct pollfd readable = {.fd = device, .events = POLLIN};
		long long wait = first == end ? 1000000000 : packets[first % MOST_PACKETS].due - now_ns();
		struct timespec time = {.tv_sec = wait / 1000000000, .tv_nsec = wait > 0 ? wait % 1000000000 : 0};
		int busy = 0;

		for (int i = 0; i < 64; i++)
			busy |= take(device, delay);
		while (give(device))
			busy = 1;
		if (!busy && wait > 0)
			ppoll(&readable, 1, &time, 0);
	}
}
