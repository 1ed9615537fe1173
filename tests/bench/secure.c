/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What DTLS costs the gateway: many links of ours over scripted carriers, each shaking hands with a
 * server of OpenSSL in the same process, whose time is left out and whose memory is gone before
 *ours is looked at. One JSON line for each kind of credentials.
 *
 *	secure [SESSIONS [MESSAGES]]
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "scripted.h"
#include "sslpeer.h"
#include "transport/ssl.h"

#define PARK_MS 60000

struct bench {
	struct script sc;
	struct sslpeer_ctx *ctx;
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

/* Until nobody has anything to say; only the time of our side counts. */
static void carry(struct bench *b, struct scripted_link *under, struct sslpeer *peer)
{
	const uint8_t *p;
	bool moved = true;
	size_t len;
	double t;

	while (moved) {
		moved = false;
		while ((p = script_take_bytes(under, &len))) {
			sslpeer_input(peer, p, len);
			moved = true;
		}
		while ((p = sslpeer_output(peer, &len))) {
			t = clock_s();
			script_recv(under, p, len);
			b->ours += clock_s() - t;
			moved = true;
		}
	}
}

static struct sslpeer *shake(struct bench *b, size_t k)
{
	struct sslpeer *peer = sslpeer_new(b->ctx);
	char uri[40];
	double t = clock_s();

	snprintf(uri, sizeof(uri), "coaps://h%zu", k);
	if (!b->links[k] && link_new(&b->sc.links, uri, b->cred, &handler, b, &b->links[k]))
		abort();
	b->links[k]->ops->open(b->links[k]);
	script_settle(&b->sc);
	b->ours += clock_s() - t;
	carry(b, script_link(&b->sc, uri + strlen("coaps://")), peer);
	return peer;
}

/* Microseconds of our side for a message out and one in. */
static double messages(struct bench *b, size_t n)
{
	struct sslpeer *peer = shake(b, 0);
	struct scripted_link *under = script_link(&b->sc, "h0");
	uint8_t m[64] = { 0 };
	double t;

	b->ours = 0;
	for (size_t k = 0; k < n; k++) {
		t = clock_s();
		b->links[0]->ops->send(b->links[0], m, sizeof(m));
		b->ours += clock_s() - t;
		sslpeer_send(peer, m, sizeof(m));
		carry(b, under, peer);
	}
	sslpeer_free(peer);
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
	b->ctx = sslpeer_ctx_new(conf);
	b->links = calloc(b->n, sizeof(*b->links));
	sslpeer_free(shake(b, 0)); /* what OpenSSL loads once is not counted */
	before = rss_kib();
	b->ours = 0;
	for (size_t k = 1; k < b->n; k++)
		sslpeer_free(shake(b, k));
	full = b->ours;
	rss = rss_kib();
	script_advance(&b->sc, PARK_MS);
	parked = rss_kib();
	b->ours = 0;
	for (size_t k = 1; k < b->n; k++) {
		b->links[k]->ops->close(b->links[k]);
		sslpeer_free(shake(b, k));
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
	sslpeer_ctx_free(b->ctx);
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
