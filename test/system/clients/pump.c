/*
 * Moves bytes as fast as it may over many connections and says how fast that was:
 * every 50 ms how many bytes its own calls have moved so far, and for each connection
 * how many in the measured time. For limits, whose truth is the application's rate.
 *
 *   pump receive ADDRESS tcp|udp CONNECTIONS WARM_UP_MS MEASURE_MS     listens; says its port first
 *   pump send ADDRESS tcp|udp CONNECTIONS WARM_UP_MS MEASURE_MS PORT [SIZE]
 *
 * serve listens and sends, fetch connects and receives. echo listens and sends back what it
 * gets; probe connects to it, and its samples are round trips: microseconds, not bytes. With fork- in front of any of
 * these a child does it. PUMP_CONGESTION in the environment names the congestion control of TCP, as cubic; PUMP_SIGNED
 * has every segment signed by TCP-MD5, PUMP_EXTENDED has every packet of IPv6 begin with destination options, and
 * PUMP_DEVICE and PUMP_PRIORITY are what the sockets are bound to, and the priority of what they send. ADDRESS is a
 * group of multicast that stays on this machine with PUMP_MULTICAST, by which interface. With PUMP_SHARED_PORT others
 * have the port of datagrams as well. PUMP_PAUSE is how many microseconds a sender rests after each call.
 *
 * Ends with one line of JSON: {"samples":[[ms,bytes],...],"connections":[bytes,...]}; times are
 * CLOCK_MONOTONIC's. The end of the other side ends it earlier.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 4096, MOST_SAMPLES = 20000, SAMPLE_MS = 50, SHARERS = 5 };

static int sockets[MOST_CONNECTIONS];
static struct pollfd polled[MOST_CONNECTIONS];
static unsigned long long moved[MOST_CONNECTIONS], moved_before[MOST_CONNECTIONS];
static unsigned long long sample_bytes[MOST_SAMPLES];
static double sample_times[MOST_SAMPLES];
static int connections, samples, pause_us;
static char buffer[1 << 18];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static double now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static struct sockaddr_storage resolve(const char *address, const char *port, int type, socklen_t *length)
{
	struct addrinfo hints = {.ai_socktype = type, .ai_flags = AI_NUMERICHOST}, *found;
	struct sockaddr_storage result = {0};

	if (getaddrinfo(address, port, &hints, &found))
		fail("getaddrinfo");
	memcpy(&result, found->ai_addr, found->ai_addrlen);
	*length = found->ai_addrlen;
	freeaddrinfo(found);
	return result;
}

static void accept_all(int listener, int is_tcp)
{
	for (int i = 0; i < connections; i++) {
		sockets[i] = is_tcp ? accept(listener, 0, 0) : listener;
		if (sockets[i] < 0)
			fail("accept");
	}
	if (!is_tcp)
		connections = 1;
}

/* With the same key for everybody. */
static void sign(int handle, int family)
{
	struct tcp_md5sig key = {.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX, .tcpm_keylen = 3, .tcpm_key = "key"};

	key.tcpm_addr.ss_family = family;
	if (setsockopt(handle, IPPROTO_TCP, TCP_MD5SIG_EXT, &key, sizeof(key)))
		fail("TCP_MD5SIG_EXT");
}

/* Eight bytes of padding. */
static void extend(int handle)
{
	char options[8] = {0, 0, 1, 4};

	if (setsockopt(handle, IPPROTO_IPV6, IPV6_DSTOPTS, options, sizeof(options)))
		fail("IPV6_DSTOPTS");
}

/* What is sent to a group has no hop to go. */
static void keep_here(int handle, int family, const char *interface)
{
	struct ip_mreqn by = {.imr_ifindex = if_nametoindex(interface)};
	int is_ipv6 = family == AF_INET6, hops = 0;
	int level = is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;

	if (setsockopt(handle, level, is_ipv6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL, &hops, sizeof(hops)) ||
	    (is_ipv6 ? setsockopt(handle, level, IPV6_MULTICAST_IF, &by.imr_ifindex, sizeof(by.imr_ifindex))
		     : setsockopt(handle, level, IP_MULTICAST_IF, &by, sizeof(by))))
		fail(interface);
}

static void join_group(int handle, const struct sockaddr_storage *group, const char *interface)
{
	struct group_req request = {.gr_interface = if_nametoindex(interface), .gr_group = *group};

	if (setsockopt(handle, group->ss_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP, MCAST_JOIN_GROUP, &request,
		       sizeof(request)))
		fail("MCAST_JOIN_GROUP");
}

static void set_for_all(int handle, int family)
{
	const char *device = getenv("PUMP_DEVICE"), *priority = getenv("PUMP_PRIORITY");
	int number = priority ? atoi(priority) : 0;

	if (device && setsockopt(handle, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device)))
		fail(device);
	if (priority && setsockopt(handle, SOL_SOCKET, SO_PRIORITY, &number, sizeof(number)))
		fail(priority);
	if (family == AF_INET6 && getenv("PUMP_EXTENDED"))
		extend(handle);
	if (getenv("PUMP_MULTICAST"))
		keep_here(handle, family, getenv("PUMP_MULTICAST"));
	if (getenv("PUMP_SHARED_PORT"))
		setsockopt(handle, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int));
}

static int open_socket(int family, int is_tcp)
{
	const char *congestion = getenv("PUMP_CONGESTION");
	int handle = socket(family, is_tcp ? SOCK_STREAM : SOCK_DGRAM, 0);

	if (handle < 0)
		fail("socket");
	if (is_tcp && congestion && setsockopt(handle, IPPROTO_TCP, TCP_CONGESTION, congestion, strlen(congestion)))
		fail(congestion);
	if (is_tcp && getenv("PUMP_SIGNED"))
		sign(handle, family);
	set_for_all(handle, family);
	return handle;
}

/* Children have the port as well, and a program gives all that comes to the first socket. */
static void share_port(int first, const struct sockaddr_storage *own, socklen_t length)
{
	struct sock_filter choice = {.code = BPF_RET | BPF_K, .k = 0};
	struct sock_fprog program = {.len = 1, .filter = &choice};

	if (setsockopt(first, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program)))
		fail("SO_ATTACH_REUSEPORT_CBPF");
	for (int sharer = 0; sharer < SHARERS; sharer++) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (bind(open_socket(own->ss_family, 0), (const struct sockaddr *)own, length))
			fail("bind");
		for (;;)
			pause();
	}
}

static void listen_at(const char *address, int is_tcp)
{
	socklen_t length;
	int type = is_tcp ? SOCK_STREAM : SOCK_DGRAM, yes = 1;
	struct sockaddr_storage own = resolve(address, "0", type, &length);
	int listener = open_socket(own.ss_family, is_tcp);

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(listener, (struct sockaddr *)&own, length))
		fail("bind");
	if (is_tcp && listen(listener, MOST_CONNECTIONS))
		fail("listen");
	getsockname(listener, (struct sockaddr *)&own, &length);
	if (getenv("PUMP_MULTICAST"))
		join_group(listener, &own, getenv("PUMP_MULTICAST"));
	if (getenv("PUMP_SHARED_PORT"))
		share_port(listener, &own, length);
	printf("%d\n", ntohs(own.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&own)->sin6_port
						       : ((struct sockaddr_in *)&own)->sin_port));
	fflush(stdout);
	accept_all(listener, is_tcp);
}

static void connect_to(const char *address, const char *port, int is_tcp)
{
	socklen_t length;
	int type = is_tcp ? SOCK_STREAM : SOCK_DGRAM;
	struct sockaddr_storage peer = resolve(address, port, type, &length);

	for (int i = 0; i < connections; i++) {
		sockets[i] = open_socket(peer.ss_family, is_tcp);
		if (connect(sockets[i], (struct sockaddr *)&peer, length))
			fail("connect");
	}
}

static unsigned long long total(void)
{
	unsigned long long sum = 0;

	for (int i = 0; i < connections; i++)
		sum += moved[i];
	return sum;
}

/* One connection: blocks, so that errors of a full queue would show. */
static int move_one(int i, int is_sender, size_t size)
{
	ssize_t bytes = is_sender ? send(sockets[i], buffer, size, MSG_NOSIGNAL | (connections > 1 ? MSG_DONTWAIT : 0))
				  : recv(sockets[i], buffer, sizeof(buffer), MSG_DONTWAIT);

	if (bytes < 0 && (errno == ECONNREFUSED || errno == EPIPE || errno == ECONNRESET))
		return 0; /* the other side has measured enough */
	if (bytes < 0 && errno != EAGAIN)
		fail(is_sender ? "send" : "recv");
	if (bytes == 0)
		return 0;
	if (bytes > 0)
		moved[i] += bytes;
	if (is_sender && pause_us)
		usleep(pause_us);
	return 1;
}

static volatile sig_atomic_t is_over;

/* The test ends a flow whose length it can't know, since its commands take longer on a busy machine. */
static void end_early(int signal)
{
	is_over = signal;
}

static void take_sample(void)
{
	static double next;
	double time = now_ms();

	if (time < next || samples >= MOST_SAMPLES)
		return;
	next = time + SAMPLE_MS;
	sample_times[samples] = time;
	sample_bytes[samples++] = total();
}

static void move_all(int is_sender, size_t size, double warm_up, double measure)
{
	double start = now_ms();
	int is_warm = 0;

	for (int i = 0; i < connections; i++)
		polled[i] = (struct pollfd){.fd = sockets[i], .events = is_sender ? POLLOUT : POLLIN};
	while (!is_over && now_ms() - start < warm_up + measure) {
		if (!is_warm && now_ms() - start >= warm_up) {
			memcpy(moved_before, moved, sizeof(moved));
			is_warm = 1;
		}
		take_sample();
		poll(polled, connections, SAMPLE_MS);
		for (int i = 0; i < connections; i++) {
			if (polled[i].revents && !move_one(i, is_sender, size))
				return;
		}
	}
}

/* Any time but a busy one: a question every 20 ms at most, and the next only after the answer. */
static void probe(double duration)
{
	double start = now_ms();

	while (now_ms() - start < duration && samples < MOST_SAMPLES) {
		double asked = now_ms();

		if (send(sockets[0], buffer, 64, MSG_NOSIGNAL) != 64 || recv(sockets[0], buffer, 64, MSG_WAITALL) != 64)
			fail("probe");
		sample_times[samples] = now_ms();
		sample_bytes[samples] = (sample_times[samples] - asked) * 1000;
		samples++;
		usleep(20000);
	}
}

static void echo(void)
{
	ssize_t bytes;

	while ((bytes = recv(sockets[0], buffer, sizeof(buffer), 0)) > 0)
		send(sockets[0], buffer, bytes, MSG_NOSIGNAL);
}

static void report(void)
{
	printf("{\"samples\":[");
	for (int i = 0; i < samples; i++)
		printf("%s[%.1f,%llu]", i ? "," : "", sample_times[i], sample_bytes[i]);
	printf("],\"connections\":[");
	for (int i = 0; i < connections; i++)
		printf("%s%llu", i ? "," : "", moved[i] - moved_before[i]);
	printf("]}\n");
}

static const char *in_child(const char *role)
{
	if (strncmp(role, "fork-", 5))
		return role;
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (child) {
		waitpid(child, 0, 0);
		exit(0);
	}
	return role + 5;
}

int main(int count, char **arguments)
{
	if (count < 7)
		return 2;
	const char *role = in_child(arguments[1]);
	int is_sender = strcmp(role, "send") == 0 || strcmp(role, "serve") == 0,
	    is_tcp = strcmp(arguments[3], "tcp") == 0;
	size_t size = count > 8 ? strtoul(arguments[8], 0, 10) : sizeof(buffer) / 2;

	signal(SIGTERM, end_early);
	pause_us = getenv("PUMP_PAUSE") ? atoi(getenv("PUMP_PAUSE")) : 0;
	connections = atoi(arguments[4]);
	if (connections < 1 || connections > MOST_CONNECTIONS)
		return 2;
	if (count > 7)
		connect_to(arguments[2], arguments[7], is_tcp);
	else
		listen_at(arguments[2], is_tcp);
	if (strcmp(role, "echo") == 0)
		echo();
	else if (strcmp(role, "probe") == 0)
		probe(atof(arguments[5]) + atof(arguments[6]));
	else
		move_all(is_sender, size, atof(arguments[5]), atof(arguments[6]));
	report();
	return 0;
}
