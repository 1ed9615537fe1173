/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A server that does only what costs the gateway something: it takes registrations, reads
 * /3303/0/5700 of all clients in turn with a window of requests, observes them all and counts what
 * comes. It starts the daemon itself and prints one JSON line with what the kernel says of it.
 *
 *	load PORT CLIENTS READS SECONDS -- DAEMON ARGUMENTS…
 */
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WINDOW     64
#define QUIET_MS   1000 /* nothing came: ask again */
#define CLIENT_MAX 20000

enum { GET = 1, POST = 2, DELETE = 4, CREATED = 0x41, DELETED = 0x42, CHANGED = 0x44 };

struct client {
	struct sockaddr_in addr;
	bool waits; /* for the answer to a read */
};

struct load {
	int fd;
	pid_t pid;
	struct client *clients;
	unsigned n, wanted;
	int by_port[65536]; /* index + 1 */
	uint16_t mid;
	unsigned long answers, notifications, observed, updates;
	unsigned waiting;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- what the kernel says of the daemon ------------------------------------------------------ */

/* Seconds on a processor of all its threads. */
static double cpu(pid_t pid)
{
	char name[64];
	double sum = 0;
	DIR *d;
	struct dirent *e;

	snprintf(name, sizeof(name), "/proc/%d/task", (int)pid);
	d = opendir(name);
	while (d && (e = readdir(d))) {
		char file[400];
		unsigned long long ns = 0;
		FILE *f;

		snprintf(file, sizeof(file), "%s/%s/schedstat", name, e->d_name);
		f = e->d_name[0] == '.' ? NULL : fopen(file, "r");
		if (f && fscanf(f, "%llu", &ns) == 1)
			sum += (double)ns / 1e9;
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
	return sum;
}

static long rss_kb(pid_t pid)
{
	char name[64], line[256];
	long kb = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	f = fopen(name, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

/* --- messages -------------------------------------------------------------------------------- */

static void send_to(struct load *l, const void *p, size_t n, const struct sockaddr_in *to)
{
	while (sendto(l->fd, p, n, 0, (const struct sockaddr *)to, sizeof(*to)) < 0 &&
		(errno == EINTR || errno == ENOBUFS || errno == EAGAIN))
		;
}

static void get(struct load *l, unsigned index, bool observe)
{
	/* Token: the client's index. Options: Observe 0 (6), Uri-Path 3303, 0, 5700 (11). */
	uint8_t m[32] = { 0x42, GET, (uint8_t)(l->mid >> 8), (uint8_t)l->mid, (uint8_t)(index >> 8),
		(uint8_t)index };
	size_t n = 6;

	l->mid++;
	if (observe) {
		m[n++] = 0x60;
		m[n++] = 0x54;
	} else {
		m[n++] = 0xb4;
	}
	memcpy(m + n,
		"3303\x01"
		"0\x04"
		"5700",
		11);
	send_to(l, m, n + 11, &l->clients[index].addr);
}

/* Location-Path "rd" and the index, for a registration. */
static void registration(
	struct load *l, const uint8_t *m, size_t len, const struct sockaddr_in *from)
{
	uint8_t a[32] = { (uint8_t)(0x60 | (m[0] & 15)), 0, m[2], m[3] };
	size_t tkl = m[0] & 15, n = 4 + tkl;
	char index[8];
	bool fresh;

	if (len < n + 4 || tkl > 8)
		return;
	memcpy(a + 4, m + 4, tkl);
	/* The first option is Uri-Path "rd"; after an Update's comes another Uri-Path. */
	fresh = m[1] == POST && m[n + 3] >> 4 != 0;
	a[1] = m[1] == DELETE ? DELETED : fresh ? CREATED : CHANGED;
	l->updates += m[1] == POST && !fresh;
	if (fresh && !l->by_port[ntohs(from->sin_port)] && l->n < l->wanted) {
		l->clients[l->n].addr = *from;
		l->by_port[ntohs(from->sin_port)] = (int)++l->n;
	}
	if (fresh) {
		int size = snprintf(index, sizeof(index), "%x", l->by_port[ntohs(from->sin_port)]);

		memcpy(a + n, "\x82rd", 3);
		a[n + 3] = (uint8_t)size;
		memcpy(a + n + 4, index, (size_t)size);
		n += 4 + (size_t)size;
	}
	send_to(l, a, n, from);
}

static void answer(struct load *l, const uint8_t *m, size_t len, const struct sockaddr_in *from)
{
	unsigned index = len >= 6 ? (unsigned)(m[4] << 8 | m[5]) : UINT32_MAX;
	unsigned kind = m[0] >> 4 & 3;

	if (index >= l->n || m[1] >> 5 != 2)
		return;
	if (kind == 0) { /* a confirmable notification */
		uint8_t ack[4] = { 0x60, 0, m[2], m[3] };

		send_to(l, ack, sizeof(ack), from);
	}
	if (kind < 2) {
		l->notifications++;
	} else if (l->clients[index].waits) {
		l->clients[index].waits = false;
		l->waiting--;
		l->answers++;
	}
}

/* All that is there; false: nothing came for so long. */
static bool receive(struct load *l, int ms)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	uint8_t m[2048];

	if (poll(&p, 1, ms) <= 0)
		return false;
	for (int k = 0; k < 256; k++) {
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(
			l->fd, m, sizeof(m), MSG_DONTWAIT, (struct sockaddr *)&from, &size);

		if (n < 0)
			return true;
		if (n < 4 || m[0] >> 6 != 1)
			continue;
		if (m[1] == POST || m[1] == DELETE)
			registration(l, m, (size_t)n, &from);
		else if (m[1])
			answer(l, m, (size_t)n, &from);
	}
	return true;
}

/* --- phases ---------------------------------------------------------------------------------- */

static void ask(struct load *l, unsigned index, bool observe)
{
	l->waiting += !l->clients[index].waits;
	l->clients[index].waits = true;
	get(l, index, observe);
}

/* Ask total times, all clients in turn. */
static void ask_all(struct load *l, unsigned long total, bool observe)
{
	unsigned long sent = 0, before = l->answers;
	unsigned next = 0;

	while (l->answers - before < total) {
		while (l->waiting < WINDOW && sent < total && !l->clients[next].waits) {
			ask(l, next, observe);
			next = (next + 1) % l->n;
			sent++;
		}
		if (receive(l, QUIET_MS))
			continue;
		for (unsigned k = 0; k < l->n; k++)
			if (l->clients[k].waits)
				ask(l, k, observe);
	}
}

static bool begin(struct load *l, int port, char **daemon)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int size = 8 << 20;

	l->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(l->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&a, sizeof(a))) {
		perror("bind");
		return false;
	}
	l->clients = calloc(l->wanted, sizeof(*l->clients));
	l->pid = fork();
	if (!l->pid) {
		execv(daemon[0], daemon);
		_exit(127);
	}
	return l->clients && l->pid > 0;
}

int main(int argc, char **argv)
{
	static struct load l;
	unsigned long reads, seen;
	double seconds, t, c, reg_s, reg_cpu, read_s, read_cpu, note_s, note_cpu;
	int status = 0;
	long rss;

	if (argc < 7 || strcmp(argv[5], "--") != 0) {
		fprintf(stderr, "load PORT CLIENTS READS SECONDS -- DAEMON ARGUMENTS...\n");
		return 2;
	}
	l.wanted = (unsigned)strtoul(argv[2], NULL, 10);
	reads = strtoul(argv[3], NULL, 10);
	seconds = strtod(argv[4], NULL);
	if (!l.wanted || l.wanted > CLIENT_MAX ||
		!begin(&l, (int)strtol(argv[1], NULL, 10), argv + 6))
		return 1;
	t = now();
	while (l.n < l.wanted && !waitpid(l.pid, &status, WNOHANG))
		receive(&l, 100);
	reg_s = now() - t;
	reg_cpu = cpu(l.pid);
	ask_all(&l, l.n, true);
	rss = rss_kb(l.pid);
	t = now();
	c = cpu(l.pid);
	ask_all(&l, reads, false);
	read_s = now() - t;
	read_cpu = cpu(l.pid) - c;
	t = now();
	c = cpu(l.pid);
	seen = l.notifications;
	while (now() - t < seconds)
		receive(&l, 10);
	note_s = now() - t;
	note_cpu = cpu(l.pid) - c;
	seen = l.notifications - seen;
	kill(l.pid, SIGTERM);
	while (!waitpid(l.pid, &status, WNOHANG))
		receive(&l, 10);
	printf("{\"clients\":%u,\"rss_kb\":%ld,\"register_s\":%.2f,\"register_cpu_us\":%.1f,"
	       "\"reads\":%lu,\"reads_per_s\":%.0f,\"read_cpu_us\":%.2f,\"notifications\":%lu,"
	       "\"notifications_per_s\":%.0f,\"notification_cpu_us\":%.2f,\"exit\":%d}\n",
		l.n, rss, reg_s, reg_cpu * 1e6 / l.n, reads, (double)reads / read_s,
		read_cpu * 1e6 / (double)(reads ? reads : 1), seen, (double)seen / note_s,
		note_cpu * 1e6 / (double)(seen ? seen : 1), status);
	return status != 0;
}
