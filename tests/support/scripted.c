/* SPDX-License-Identifier: BSD-3-Clause */
#include "scripted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include "transport/dtls.h"
#include "transport/ssllink.h"
#include "transport/tls.h"
#include "coap/wire_tcp.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

#define FIRST_NOW 1000000

struct datagram {
	STAILQ_ENTRY(datagram) next;
	size_t len;
	uint8_t bytes[];
};

struct scripted_link {
	struct link link;
	struct script *sc;
	struct scripted_link *next;
	struct timer open_timer;
	bool open;
	size_t n;
	char host[256];
	STAILQ_HEAD(, datagram) sent;
	struct datagram *taken;
};

static int64_t mono(void *ud)
{
	return ((struct script *)ud)->now;
}
static int64_t wall(void *ud)
{
	struct script *sc = ud;

	return sc->now + sc->wall;
}
static const struct clock_ops clock_scripted = { mono, wall };

/* The script of an env: the env lies inside it. */
static struct script *script_of(struct link_env *env)
{
	return container_of(env, struct script, links);
}

static void opened(struct timer *t, void *ud)
{
	struct scripted_link *l = ud;

	(void)t;
	if (l->sc->refuse_open || (l->link.interface && !*l->link.interface)) {
		l->link.h->event(l->link.ud, LINK_DOWN, LGW_EUNAVAIL);
		return;
	}
	l->open = true;
	l->link.h->event(l->link.ud, LINK_UP, 0);
}

static int link_open(struct link *link)
{
	struct scripted_link *l = container_of(link, struct scripted_link, link);

	if (!l->sc->never_open)
		timer_set(l->sc->timers, &l->open_timer, l->sc->now);
	return LGW_OK;
}

static int link_send(struct link *link, const void *p, size_t len)
{
	struct scripted_link *l = container_of(link, struct scripted_link, link);
	struct datagram *d;

	if (!l->open)
		return LGW_EUNAVAIL;
	d = xmalloc(sizeof(*d) + len);
	d->len = len;
	memcpy(d->bytes, p, len);
	STAILQ_INSERT_TAIL(&l->sent, d, next);
	l->n++;
	link->env->count.tx++;
	return LGW_OK;
}

static void link_close(struct link *link)
{
	struct scripted_link *l = container_of(link, struct scripted_link, link);

	timer_del(l->sc->timers, &l->open_timer);
	l->open = false;
}

static void link_free_(struct link *link)
{
	struct scripted_link *l = container_of(link, struct scripted_link, link), **at;

	link_close(link);
	for (at = &l->sc->first; *at != l; at = &(*at)->next)
		;
	*at = l->next;
	script_drop_sent(l);
	free(l->taken);
	free(l);
}

static const char *link_peer(const struct link *link)
{
	return ((const struct scripted_link *)(const void *)link)->host;
}

static int link_socket(const struct link *link)
{
	int fd = ((const struct scripted_link *)(const void *)link)->sc->socket;

	return fd ? fd : -1;
}

static struct link *link_make(struct link_env *env, const struct uri *uri, const struct cred *cred,
	const struct link_handler *h, void *ud);

#define SCRIPTED                                                               \
	.port = 5683, .make = link_make, .open = link_open, .send = link_send, \
	.close = link_close, .free = link_free_, .peer = link_peer, .socket = link_socket

/* A carrier of datagrams, one like SMS, and a stream. */
static const struct link_ops link_ops_scripted = { .scheme = "coap", .mtu = 1500, SCRIPTED };
static const struct link_ops link_ops_slow = {
	.scheme = "coap+slow", .mtu = 140, .pause_ms = 30000, SCRIPTED
};
static const struct link_ops link_ops_stream = {
	.scheme = "coap+tcp", .mtu = 1048576, .reliable = true, SCRIPTED
};
static const struct link_ops link_ops_slow_dtls = { .scheme = "coaps+slow",
	.port = 5684,
	.secure = true,
	.mtu = 9216,
	.make = ssllink_make,
	.open = ssllink_open,
	.send = ssllink_send,
	.close = ssllink_close,
	.free = ssllink_free,
	.rest = ssllink_rest,
	.peer = ssllink_peer };
static const struct link_ops *const links_scripted[] = { &link_ops_scripted, &link_ops_slow,
	&link_ops_stream, &link_ops_dtls, &link_ops_tls, &link_ops_slow_dtls, NULL };

static struct link *link_make(struct link_env *env, const struct uri *uri, const struct cred *cred,
	const struct link_handler *h, void *ud)
{
	struct scripted_link *l = xcalloc(1, sizeof(*l));

	l->link = (struct link){
		.ops = link_ops_find(env->ops, uri->scheme), .env = env, .h = h, .ud = ud
	};
	l->sc = script_of(env);
	l->next = l->sc->first;
	l->sc->first = l;
	STAILQ_INIT(&l->sent);
	str_copy(l->host, sizeof(l->host), uri->host);
	timer_init(&l->open_timer, opened, l);
	return &l->link;
}

void script_init(struct script *sc)
{
	*sc = (struct script){ .now = FIRST_NOW, .wall = 1700000000000 };
	sc->timers = timers_new(&clock_scripted, sc);
	sc->links.ops = links_scripted;
	sc->sessions.timers = sc->timers;
	sc->sessions.pools = session_pools_new();
}

void script_fini(struct script *sc)
{
	if (sc->first) {
		fprintf(stderr, "a link was left behind\n");
		abort();
	}
	session_pools_free(sc->sessions.pools);
	timers_free(sc->timers);
}

void script_settle(struct script *sc)
{
	int64_t next;

	timers_run(sc->timers);
	while ((next = timers_next(sc->timers)) >= 0 && next <= sc->now)
		timers_run(sc->timers);
}

void script_advance(struct script *sc, int64_t ms)
{
	int64_t end = sc->now + ms, next;

	script_settle(sc);
	while ((next = timers_next(sc->timers)) >= 0 && next <= end) {
		sc->now = next > sc->now ? next : sc->now;
		timers_run(sc->timers);
	}
	sc->now = end;
	timers_update(sc->timers);
}

struct scripted_link *script_link(struct script *sc, const char *host)
{
	struct scripted_link *l = sc->first;

	while (l && strcmp(l->host, host))
		l = l->next;
	return l;
}

size_t script_sent(const struct scripted_link *l)
{
	return l->n;
}

const uint8_t *script_take_bytes(struct scripted_link *l, size_t *len)
{
	struct datagram *d = STAILQ_FIRST(&l->sent);

	if (!d)
		return NULL;
	STAILQ_REMOVE_HEAD(&l->sent, next);
	l->n--;
	free(l->taken);
	l->taken = d;
	*len = d->len;
	return d->bytes;
}

bool script_take(struct scripted_link *l, struct coap_msg *m)
{
	size_t len = 0;
	const uint8_t *p = script_take_bytes(l, &len);

	if (!p)
		return false;
	if (l->link.ops->reliable ? coap_tcp_decode(m, p, len) : coap_udp_decode(m, p, len)) {
		fprintf(stderr, "an ill-formed message was sent\n");
		abort();
	}
	return true;
}

void script_drop_sent(struct scripted_link *l)
{
	struct datagram *d;

	while ((d = STAILQ_FIRST(&l->sent))) {
		STAILQ_REMOVE_HEAD(&l->sent, next);
		free(d);
	}
	l->n = 0;
}

bool script_is_open(const struct scripted_link *l)
{
	return l->open;
}

const char *script_interface(const struct scripted_link *l)
{
	return l->link.interface;
}

void script_recv(struct scripted_link *l, const void *p, size_t len)
{
	/* A copy of exactly this size: a read beyond it is seen. */
	uint8_t *copy = xmemdup(p, len);

	l->link.h->recv(l->link.ud, copy, len);
	free(copy);
}

void script_recv_msg(struct scripted_link *l, const struct coap_msg *m)
{
	uint8_t buf[2048];
	struct wr w = wr_of(buf, sizeof(buf));

	if (l->link.ops->reliable)
		coap_tcp_encode(&w, m);
	else
		coap_udp_encode(&w, m);
	if (wr_err(&w))
		abort();
	script_recv(l, buf, w.len);
}

void script_event(struct scripted_link *l, enum link_event ev, int err)
{
	if (ev == LINK_DOWN)
		l->open = false;
	l->link.h->event(l->link.ud, ev, err);
}

void script_answer_init(struct coap_msg *m, const struct coap_msg *request, uint8_t code)
{
	coap_msg_init(m, request->type == COAP_CON ? COAP_ACK : COAP_NON, code);
	m->mid = request->mid;
	m->tkl = request->tkl;
	memcpy(m->token, request->token, sizeof(m->token));
}
