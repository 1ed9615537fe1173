/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What DTLS costs the gateway: many links of ours over scripted carriers, each shaking hands with a
 * server of OpenSSL in a process of its own, since its memory would lie between ours. One JSON line
 * for each kind of credentials.
 *
 *	secure [SESSIONS [MESSAGES]]
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "scripted.h"
#include "sslpeer.h"
#include "transport/ssl.h"

#define PARK_MS 60000

struct bench {
	struct script sc;
	int server; /* a socket of messages */
	pid_t pid;
	const struct cred *cred;
	struct link **links;
	size_t n, up, got;
	double ours; /* seconds on the processor */
};

static double clock_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double rss_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long all = 0, rss = 0;

	malloc_trim(0);
	if (!f || fscanf(f, "%lu %lu", &all, &rss) != 2)
		abort();
	fclose(f);
	return (double)rss * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static void on_recv(void *ud, const uint8_t *p, size_t len)
{
	((struct bench *)ud)->got++;
}

static void on_event(void *ud, enum link_event ev, int err)
{
	if (ev == LINK_UP)
		((struct bench *)ud)->up++;
}

static const struct link_handler handler = { on_recv, on_event };

/* --- the server ---------------------------------------------------------------------------- */

/* The first byte of what is said to it; it answers with datagrams for the client, then ANSWERED. */
enum { CONNECT = 'c', DATAGRAM = 'd', MESSAGE = 'm', ANSWERED = 'a' };
#define PACKET_MAX 4096

static void tell(int fd, char kind, const uint8_t *p, size_t len)
{
	uint8_t packet[PACKET_MAX] = { (uint8_t)kind };

	if (len >= sizeof(packet))
		abort();
	if (len)
		memcpy(packet + 1, p, len);
	if (send(fd, packet, len + 1, MSG_NOSIGNAL) < 0)
		abort();
}

static void serve(int fd, const struct sslpeer_conf *conf)
{
	struct sslpeer_ctx *ctx = sslpeer_ctx_new(conf);
	struct sslpeer *peer = sslpeer_new(ctx);
	uint8_t packet[PACKET_MAX];
	const uint8_t *p;
	size_t len;
	ssize_t n;

	while ((n = recv(fd, packet, sizeof(packet), 0)) > 0) {
		if (packet[0] == CONNECT) {
			sslpeer_free(peer);
			peer = sslpeer_new(ctx);
		} else if (packet[0] == DATAGRAM) {
			sslpeer_input(peer, packet + 1, (size_t)n - 1);
		} else {
			sslpeer_send(peer, packet + 1, (size_t)n - 1);
		}
		while ((p = sslpeer_output(peer, &len)))
			tell(fd, DATAGRAM, p, len);
		tell(fd, ANSWERED, NULL, 0);
	}
	_exit(0);
}

static void server_begin(struct bench *b, const struct sslpeer_conf *conf)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		abort();
	b->pid = fork();
	if (!b->pid) {
		close(pair[0]);
		serve(pair[1], conf);
	}
	close(pair[1]);
	b->server = pair[0];
}

static void server_end(struct bench *b)
{
	close(b->server);
	waitpid(b->pid, NULL, 0);
}

/* Say it, and take what it answers; only the time of our side counts. */
static void say(
	struct bench *b, struct scripted_link *under, char kind, const uint8_t *p, size_t len)
{
	uint8_t packet[PACKET_MAX];
	ssize_t n;
	double t;

	tell(b->server, kind, p, len);
	while ((n = recv(b->server, packet, sizeof(packet), 0)) > 0 && packet[0] == DATAGRAM) {
		t = clock_s();
		script_recv(under, packet + 1, (size_t)n - 1);
		b->ours += clock_s() - t;
	}
	if (n <= 0)
		abort();
}

/* Until our side has nothing to say. */
static void carry(struct bench *b, struct scripted_link *under)
{
	const uint8_t *p;
	size_t len;

	while ((p = script_take_bytes(under, &len)))
		say(b, under, DATAGRAM, p, len);
}

static void shake(struct bench *b, size_t k)
{
	char uri[40];
	double t;

	say(b, NULL, CONNECT, NULL, 0);
	t = clock_s();
	snprintf(uri, sizeof(uri), "coaps://h%zu", k);
	if (!b->links[k] && link_new(&b->sc.links, uri, b->cred, &handler, b, &b->links[k]))
		abort();
	b->links[k]->ops->open(b->links[k]);
	script_settle(&b->sc);
	b->ours += clock_s() - t;
	carry(b, script_link(&b->sc, uri + strlen("coaps://")));
}

/* Microseconds of our side for a message out and one in. */
static double messages(struct bench *b, size_t n)
{
	struct scripted_link *under = script_link(&b->sc, "h0");
	uint8_t m[64] = { 0 };
	double t;

	shake(b, 0);
	b->ours = 0;
	for (size_t k = 0; k < n; k++) {
		t = clock_s();
		b->links[0]->ops->send(b->links[0], m, sizeof(m));
		b->ours += clock_s() - t;
		say(b, under, MESSAGE, m, sizeof(m));
		carry(b, under);
	}
	if (b->got < n)
		abort();
	return b->ours * 1e6 / (double)n;
}

static void run(
	const char *name, struct bench *b, const struct sslpeer_conf *conf, size_t nmessages)
{
	struct ssl_params params = { .park_ms = PARK_MS };
	double before, full, resumed, rss, parked;

	script_init(&b->sc);
	b->sc.links.ssl = ssl_shared_new(b->sc.timers, &params);
	server_begin(b, conf);
	b->links = calloc(b->n, sizeof(*b->links));
	shake(b, 0); /* what OpenSSL loads once is not counted */
	before = rss_kib();
	b->ours = 0;
	for (size_t k = 1; k < b->n; k++)
		shake(b, k);
	full = b->ours;
	rss = rss_kib();
	script_advance(&b->sc, PARK_MS);
	parked = rss_kib();
	b->ours = 0;
	for (size_t k = 1; k < b->n; k++) {
		b->links[k]->ops->close(b->links[k]);
		shake(b, k);
	}
	resumed = b->ours;
	b->links[0]->ops->close(b->links[0]);
	if (b->up < 2 * b->n - 1)
		abort();
	printf("{\"dtls\": \"%s\", \"openssl\": \"%s\", \"sessions\": %zu, "
	       "\"full_handshakes_per_s\": %.0f, \"full_ms\": %.3f, \"resumed_ms\": %.3f, "
	       "\"resumed\": %llu, \"rss_kib_per_session\": %.1f, \"rss_kib_parked\": %.1f, "
	       "\"us_per_message_out_and_in\": %.1f}\n",
		name, OpenSSL_version(OPENSSL_VERSION_STRING), b->n - 1, (double)(b->n - 1) / full,
		full * 1e3 / (double)(b->n - 1), resumed * 1e3 / (double)(b->n - 1),
		(unsigned long long)ssl_counters(b->sc.links.ssl)->resumed,
		(rss - before) / (double)(b->n - 1), (parked - before) / (double)(b->n - 1),
		messages(b, nmessages));
	for (size_t k = 0; k < b->n; k++)
		link_free(b->links[k]);
	free(b->links);
	server_end(b);
	ssl_shared_free(b->sc.links.ssl);
	script_fini(&b->sc);
}

static const struct cred *cred_of(const struct cred_params *p)
{
	const struct cred *c;
	char text[200];

	if (cred_new(NULL, p, &c, text, sizeof(text)))
		abort();
	return c;
}

int main(int argc, char **argv)
{
	static const uint8_t key[16] = "0123456789abcdef";
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	size_t m = argc > 2 ? strtoul(argv[2], NULL, 10) : 20000;
	struct cred_params psk = { .mode = CRED_PSK,
		.identity = { (const uint8_t *)"me", 2 },
		.secret = { key, sizeof(key) } };
	struct sslpeer_conf conf = {
		.psk_identity = "me", .psk = key, .psk_len = sizeof(key), .tickets = true
	};
	struct bench b = { .n = n + 1, .cred = cred_of(&psk) };
	struct ident ca, server, client;

	run("psk", &b, &conf, m);
	cred_unref(b.cred);
	ident_make(&ca, "authority", NULL, NULL, 10);
	ident_make(&server, "server", NULL, &ca, 10);
	ident_make(&client, "device", NULL, &ca, 10);
	psk = (struct cred_params){ .mode = CRED_X509,
		.identity = client.cert_bytes,
		.secret = client.key_bytes,
		.server = server.cert_bytes,
		.usage = CRED_USAGE_DOMAIN };
	conf = (struct sslpeer_conf){ .own = &server, .client_ca = &ca, .tickets = true };
	b = (struct bench){ .n = n + 1, .cred = cred_of(&psk) };
	run("x509", &b, &conf, m);
	cred_unref(b.cred);
	ident_fini(&ca);
	ident_fini(&server);
	ident_fini(&client);
	return 0;
}
