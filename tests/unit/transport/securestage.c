/* SPDX-License-Identifier: BSD-3-Clause */
#include "securestage.h"

#include <sys/time.h>

static const uint8_t key[16] = "0123456789abcdef";

/*
 * OpenSSL's DTLS timers ask the C library for the time of day: here they get the scripted one. They
 * are the only ones that do; the dates of certificates come from time().
 */
static const struct script *the_script;

__attribute__((visibility("default"))) int gettimeofday(
	struct timeval *restrict tv, void *restrict tz)
{
	int64_t now = the_script->now + the_script->wall;

	*tv = (struct timeval){ now / 1000, now % 1000 * 1000 };
	return 0;
}

static void on_recv(void *ud, const uint8_t *p, size_t len)
{
	struct stage *st = ud;
	size_t had = st->link->ops->reliable ? strlen(st->got) : 0;

	assert_true(had + len < sizeof(st->got));
	memcpy(st->got + had, p, len);
	st->got[had + len] = '\0';
	if (st->free_on_recv) {
		link_free(st->link);
		st->link = NULL;
		st->under = NULL;
	}
}

static void on_event(void *ud, enum link_event ev, int err)
{
	struct stage *st = ud;
	bool end = false;

	switch (ev) {
	case LINK_UP:
		st->ups++;
		end = st->free_on_up;
		break;
	case LINK_DOWN:
		st->downs++;
		st->down_err = err;
		end = st->free_on_down;
		break;
	case LINK_ERROR:
		st->errors++;
		break;
	case LINK_ALERT:
		st->alert = err;
		break;
	}
	if (end) {
		link_free(st->link);
		st->link = NULL;
		st->under = NULL;
	}
}

static const struct link_handler handler = { on_recv, on_event };

int securestage_setup(void **state)
{
	struct stage *st = xcalloc(1, sizeof(*st));

	script_init(&st->sc);
	the_script = &st->sc;
	st->params = (struct ssl_params){ .handshakes_max = 2 };
	st->sc.links.ssl = ssl_shared_new(st->sc.timers, &st->params);
	st->alert = -1;
	st->conf = (struct sslpeer_conf){
		.psk_identity = "me", .psk = key, .psk_len = sizeof(key), .tickets = true
	};
	ident_make(&st->ca, "authority", NULL, NULL, 100);
	ident_make(&st->server, "server", "DNS:server", &st->ca, 100);
	ident_make(&st->client, "urn:test:1", NULL, &st->ca, 100);
	*state = st;
	return 0;
}

int securestage_teardown(void **state)
{
	struct stage *st = *state;

	link_free(st->link);
	cred_unref(st->cred);
	sslpeer_free(st->peer);
	if (st->ctx)
		sslpeer_ctx_free(st->ctx);
	ident_fini(&st->ca);
	ident_fini(&st->server);
	ident_fini(&st->client);
	ssl_shared_free(st->sc.links.ssl);
	script_fini(&st->sc);
	free(st);
	return 0;
}

void use_cred(struct stage *st, const struct cred_params *p)
{
	const struct cred *c;
	char text[200] = "";

	assert_int_equal(cred_new(NULL, p, &c, text, sizeof(text)), 0);
	cred_unref(st->cred); /* p may have borrowed from it */
	st->cred = c;
}

void use_psk(struct stage *st, const char *suites)
{
	struct cred_params p = { .mode = CRED_PSK,
		.identity = { (const uint8_t *)"me", 2 },
		.secret = { key, sizeof(key) } };

	st->conf.suites = suites;
	use_cred(st, &p);
	restart_peer(st);
}

void use_x509(struct stage *st, enum cred_usage usage, enum cred_matching m, struct cred_bytes pin)
{
	struct cred_params p = { .mode = CRED_X509,
		.identity = st->client.cert_bytes,
		.secret = st->client.key_bytes,
		.server = pin,
		.trust = st->ca.cert_bytes,
		.usage = usage,
		.matching = m };

	st->conf.psk_identity = NULL;
	st->conf.own = &st->server;
	st->conf.client_ca = &st->ca;
	use_cred(st, &p);
	restart_peer(st);
}

void restart_peer(struct stage *st)
{
	sslpeer_free(st->peer);
	st->peer = NULL;
	if (st->ctx)
		sslpeer_ctx_free(st->ctx);
	st->ctx = sslpeer_ctx_new(&st->conf);
	st->peer = sslpeer_new(st->ctx);
}

void reconnect_peer(struct stage *st)
{
	sslpeer_free(st->peer);
	st->peer = sslpeer_new(st->ctx);
}

void make_link(struct stage *st, const char *uri)
{
	assert_int_equal(link_new(&st->sc.links, uri, st->cred, &handler, st, &st->link), 0);
}

void open_link(struct stage *st)
{
	st->ups = st->downs = st->errors = 0;
	st->c2s = st->s2c = 0;
	st->largest = 0;
	st->alert = -1;
	st->got[0] = '\0';
	assert_int_equal(st->link->ops->open(st->link), 0);
	st->under = st->sc.first; /* the newest */
	assert_non_null(st->under);
	script_settle(&st->sc);
}

static bool client_to_server(struct stage *st)
{
	const uint8_t *p;
	size_t len;

	p = st->under ? script_take_bytes(st->under, &len) : NULL;
	if (!p)
		return false;
	st->c2s++;
	st->largest = len > st->largest ? len : st->largest;
	if (st->lose > 0) {
		st->lose--;
		return true;
	}
	sslpeer_input(st->peer, p, len);
	return true;
}

static bool server_to_client(struct stage *st)
{
	const uint8_t *p;
	size_t len, n;

	p = sslpeer_output(st->peer, &len);
	if (!p)
		return false;
	st->s2c++;
	for (size_t at = 0; at < len && st->under && script_is_open(st->under); at += n) {
		n = st->piece && len - at > st->piece ? st->piece : len - at;
		script_recv(st->under, p + at, n);
	}
	return true;
}

void carry(struct stage *st)
{
	script_settle(&st->sc);
	while (client_to_server(st) || server_to_client(st))
		script_settle(&st->sc);
}

void expect_up(struct stage *st, const char *suite)
{
	carry(st);
	assert_int_equal(st->ups, 1);
	assert_int_equal(st->downs, 0);
	assert_true(sslpeer_done(st->peer));
	assert_string_equal(ssllink_suite(st->link), suite);
}

void say(struct stage *st, const char *text)
{
	assert_int_equal(st->link->ops->send(st->link, text, strlen(text)), 0);
	carry(st);
	assert_string_equal(sslpeer_got(st->peer), text);
}

void hear(struct stage *st, const char *text)
{
	st->got[0] = '\0';
	sslpeer_send(st->peer, text, strlen(text));
	carry(st);
	assert_string_equal(st->got, text);
}
