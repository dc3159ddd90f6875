/*
 * A long way: every packet that is routed into this TUN device comes out of it again so
 * much later. A kernel that has no netem has this.
 *
 *   delay DEVICE MICROSECONDS
 *
 * TCP's packets of up to 64 KB come and go as they are, as between network cards that cut
 * and join them: cut here, they would cost more than the rest of the way.
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

enum { RING_BYTES = 128 << 20, PACKET_BYTES = 1 << 17 };

/*
 * One behind the other; at the end of the ring, where none would fit, one of -1 bytes says that it goes on at the
 * start.
 */
struct packet {
	long long due;
	int bytes;
	char data[];
};

static char *ring;
static size_t first, end, filled;

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
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR};
	int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (device < 0 || ioctl(device, TUNSETIFF, &request))
		fail(name);
	if (ioctl(device, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6))
		fail("TUNSETOFFLOAD");
	return device;
}

static size_t room_for(int bytes)
{
	return (sizeof(struct packet) + bytes + 7) & ~(size_t)7;
}

/* True where there was one. One that finds no room is lost. */
static int take(int device, long long delay)
{
	static char dropped[PACKET_BYTES];
	int fits = RING_BYTES - filled > 2 * room_for(PACKET_BYTES);
	struct packet *packet = (struct packet *)(ring + end);
	int bytes = read(device, fits ? packet->data : dropped, PACKET_BYTES);

	if (bytes <= 0)
		return 0;
	if (!fits)
		return 1;
	packet->bytes = bytes;
	packet->due = now_ns() + delay;
	end += room_for(bytes);
	filled += room_for(bytes);
	if (RING_BYTES - end < 2 * room_for(PACKET_BYTES)) {
		((struct packet *)(ring + end))->bytes = -1;
		filled += RING_BYTES - end;
		end = 0;
	}
	return 1;
}

static struct packet *oldest(void)
{
	struct packet *packet = (struct packet *)(ring + first);

	if (filled && packet->bytes < 0) {
		filled -= RING_BYTES - first;
		first = 0;
		packet = (struct packet *)ring;
	}
	return filled ? packet : 0;
}

static int give(int device)
{
	struct packet *packet = oldest();

	if (!packet || packet->due > now_ns())
		return 0;
	if (write(device, packet->data, packet->bytes) < 0 && errno != EIO)
		perror("write");
	first += room_for(packet->bytes);
	filled -= room_for(packet->bytes);
	return 1;
}

int main(int count, char **arguments)
{
	if (count < 3)
		return 2;
	int device = open_device(arguments[1]);
	long long delay = atoll(arguments[2]) * 1000;

	ring = malloc(RING_BYTES);
	if (!ring)
		fail("malloc");
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct pollfd readable = {.fd = device, .events = POLLIN};
		struct packet *next = oldest();
		long long wait = next ? next->due - now_ns() : 1000000000;
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
