/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/ssllink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "transport/ssllink_state.h"
#include "util/err.h"
#include "util/map.h"
#include "util/mem.h"
#include "util/str.h"

LOG_MODULE("transport");

#define RECORD_MAX 16384 /* plain bytes of a record */
#define QUEUE_MAX  8     /* messages that wait for a parked connection */

static struct ssllink *ssllink_of(const struct link *l)
{
	return container_of((struct link *)(uintptr_t)l, struct ssllink, link);
}

/* --- who may free it when ------------------------------------------------------------------ */

void ssllink_enter(struct ssllink *s)
{
	s->depth++;
}

void ssllink_leave(struct ssllink *s)
{
	if (--s->depth || !s->dead)
		return;
	free(s);
}

static void tell(struct ssllink *s, enum link_event ev, int err)
{
	if (!s->dead)
		s->link.h->event(s->link.ud, ev, err);
}

/* --- the end of a connection --------------------------------------------------------------- */

static void drop_waiting(struct ssllink *s)
{
	struct waiting *w;

	while ((w = STAILQ_FIRST(&s->waiting))) {
		STAILQ_REMOVE_HEAD(&s->waiting, next);
		mem_wipe(w->bytes, w->len);
		free(w);
	}
	s->nwaiting = 0;
}

void ssllink_drop_conn(struct ssllink *s)
{
	turn_give(ssl_turns(s->ssl), &s->turn);
	timer_del(ssl_timers(s->ssl), &s->timer);
	ssl_conn_free(s->conn);
	s->conn = NULL;
}

static void hang_up(struct ssllink *s)
{
	ssllink_drop_conn(s);
	drop_waiting(s);
	s->under->ops->close(s->under);
	s->state = CLOSED;
	s->was_up = false;
}

void ssllink_down(struct ssllink *s, int err)
{
	hang_up(s);
	tell(s, LINK_DOWN, err);
}

static void keep_session(struct ssllink *s)
{
	struct ssl_session *fresh = ssl_conn_session(s->conn);

	if (!fresh)
		return;
	ssl_session_free(s->session);
	s->session = fresh;
	ssl_session_save(s->ssl, s->key, fresh);
}

/* --- up and parked ------------------------------------------------------------------------- */

static void flush(struct ssllink *s)
{
	struct waiting *w;

	while ((w = STAILQ_FIRST(&s->waiting))) {
		STAILQ_REMOVE_HEAD(&s->waiting, next);
		ssl_conn_write(s->conn, w->bytes, w->len);
		mem_wipe(w->bytes, w->len);
		free(w);
	}
	s->nwaiting = 0;
}

static void plan_parking(struct ssllink *s)
{
	uint32_t ms = ssl_params(s->ssl)->park_ms;

	timer_del(ssl_timers(s->ssl), &s->timer);
	if (ms && s->session && !s->link.ops->reliable)
		timer_set(ssl_timers(s->ssl), &s->timer, s->used_ms + ms);
}

/* How large messages may be so that their records fit. */
static void fit_carrier(struct ssllink *s)
{
	size_t room;

	if (s->link.ops->reliable || link_unit(s->under) >= SSLLINK_MTU_MAX)
		return;
	room = ssl_conn_data_mtu(s->conn); /* of DTLS alone */
	if (s->under->unit)
		s->link.unit = room;
	s->link.mtu = room + link_mtu(s->under) - link_unit(s->under);
}

void ssllink_done(struct ssllink *s)
{
	bool resumed = ssl_conn_resumed(s->conn), news = !s->was_up;
	struct ssl_counters *count = ssl_counters(s->ssl);

	turn_give(ssl_turns(s->ssl), &s->turn);
	count->handshakes++;
	count->resumed += resumed;
	s->told = 0;
	s->state = UP;
	s->used_ms = ssllink_now(s);
	keep_session(s);
	plan_parking(s);
	fit_carrier(s);
	log_debug(SSLLINK_LOG(s), "%s, %s", ssl_conn_suite(s->conn),
		resumed ? "resumed" : "full handshake");
	s->was_up = true;
	flush(s);
	if (news)
		tell(s, LINK_UP, 0);
}

/* --- what came ----------------------------------------------------------------------------- */

void ssllink_tell_alert(struct ssllink *s)
{
	int alert = s->conn ? ssl_conn_alert(s->conn) : -1;

	if (alert >= 0)
		tell(s, LINK_ALERT, alert);
}

static void closed(struct ssllink *s)
{
	log_info(SSLLINK_LOG(s), "connection ended: %s", ssl_conn_reason(s->conn));
	ssllink_tell_alert(s);
	if (s->state == UP)
		ssllink_down(s, LGW_ERESET);
}

/* Messages until there is none; the owner may close, free or send meanwhile. */
static void read_all(struct ssllink *s)
{
	uint8_t buf[RECORD_MAX];
	int n = 0;

	while (!s->dead && s->state == UP) {
		n = ssl_conn_read(s->conn, buf, sizeof(buf));
		if (n <= 0)
			break;
		s->used_ms = ssllink_now(s);
		s->link.h->recv(s->link.ud, buf, (size_t)n);
	}
	if (s->dead || s->state != UP)
		return;
	if (n < 0)
		closed(s);
	else
		ssllink_tell_alert(s); /* a warning */
}

static void under_recv(void *ud, const uint8_t *p, size_t len)
{
	struct ssllink *s = ud;

	ssllink_enter(s);
	if (s->conn) {
		ssl_conn_input(s->conn, p, len);
		s->heard = true;
		shake_step(s);
		if (!s->dead && s->state == UP)
			read_all(s);
		if (!s->dead && s->conn)
			ssl_conn_input(s->conn, NULL, 0);
	} else if (s->state == PARKED) {
		/* Nobody can read it any more, and its sender will repeat it. */
		shake_begin(s);
	}
	ssllink_leave(s);
}

static void under_event(void *ud, enum link_event ev, int err)
{
	struct ssllink *s = ud;

	ssllink_enter(s);
	switch (ev) {
	case LINK_UP:
		shake_begin(s);
		break;
	case LINK_DOWN:
		ssllink_down(s, err);
		break;
	case LINK_ERROR:
		/* A server that starts refuses for a while; the handshake has repeats of its own.
		 */
		if (s->state == UP || s->state == PARKED)
			tell(s, LINK_ERROR, err);
		break;
	case LINK_ALERT:
		break; /* carriers have none */
	}
	ssllink_leave(s);
}

static const struct link_handler under_handler = { under_recv, under_event };

/* --- time ---------------------------------------------------------------------------------- */

static void park(struct ssllink *s)
{
	ssl_counters(s->ssl)->parked++;
	ssllink_drop_conn(s);
	s->state = PARKED;
}

static void park_if_idle(struct ssllink *s)
{
	int64_t due = s->used_ms + ssl_params(s->ssl)->park_ms;

	if (due > ssllink_now(s))
		timer_set(ssl_timers(s->ssl), &s->timer, due);
	else
		park(s);
}

static void on_timer(struct timer *t, void *ud)
{
	struct ssllink *s = ud;

	ssllink_enter(s);
	if (s->state == SHAKING)
		shake_repeat(s);
	else if (s->state == UP)
		park_if_idle(s);
	ssllink_leave(s);
}

void ssllink_rest(struct link *l)
{
	struct ssllink *s = ssllink_of(l);

	if (s->state == UP && s->session)
		park(s);
}

/* --- the link ------------------------------------------------------------------------------ */

int ssllink_open(struct link *l)
{
	struct ssllink *s = ssllink_of(l);

	if (s->state != CLOSED)
		return LGW_OK;
	s->state = OPENING;
	l->pause_ms = s->under->ops->pause_ms; /* a carrier may know it late */
	return s->under->ops->open(s->under);
}

static int wait_for_it(struct ssllink *s, const void *p, size_t len)
{
	struct waiting *w;

	if (s->state == PARKED)
		shake_begin(s);
	if (s->nwaiting == QUEUE_MAX)
		return LGW_OK; /* lost like any datagram */
	w = xmalloc(sizeof(*w) + len);
	w->len = len;
	memcpy(w->bytes, p, len);
	STAILQ_INSERT_TAIL(&s->waiting, w, next);
	s->nwaiting++;
	return LGW_OK;
}

int ssllink_send(struct link *l, const void *p, size_t len)
{
	struct ssllink *s = ssllink_of(l);

	if (len > link_mtu(l))
		return LGW_ETOOBIG;
	if (s->state != UP)
		return s->was_up ? wait_for_it(s, p, len) : LGW_EUNAVAIL;
	s->used_ms = ssllink_now(s);
	return ssl_conn_write(s->conn, p, len);
}

void ssllink_close(struct link *l)
{
	struct ssllink *s = ssllink_of(l);

	if (s->state == CLOSED)
		return;
	if (s->state == UP)
		ssl_conn_bye(s->conn);
	hang_up(s);
}

void ssllink_free(struct link *l)
{
	struct ssllink *s = ssllink_of(l);

	ssllink_enter(s);
	ssllink_close(l);
	s->dead = true;
	link_free(s->under);
	ssl_session_free(s->session);
	cred_unref(s->cred);
	free(s->host);
	ssllink_leave(s);
}

const char *ssllink_peer(const struct link *l)
{
	const struct ssllink *s = ssllink_of(l);

	return s->under->ops->peer(s->under);
}

const char *ssllink_suite(const struct link *l)
{
	const struct ssllink *s = ssllink_of(l);

	return s->conn ? ssl_conn_suite(s->conn) : "";
}

struct link *ssllink_below(const struct link *l)
{
	return ssllink_of(l)->under;
}

bool ssllink_is_parked(const struct link *l)
{
	return ssllink_of(l)->state == PARKED;
}

const struct link_ops *ssllink_carrier(const struct link_ops *const *ops, const char *scheme)
{
	char under[sizeof(((struct uri *)0)->scheme)] = "coap";

	if (!str_starts(scheme, "coaps"))
		return NULL;
	str_copy(under + strlen("coap"), sizeof(under) - strlen("coap"), scheme + strlen("coaps"));
	return link_ops_find(ops, under);
}

/* Of credentials and peer, so that a session never serves another. */
static void session_key(struct ssllink *s, const struct uri *uri)
{
	char text[400];
	uint64_t h;

	memcpy(s->key, s->cred->digest, sizeof(s->key));
	snprintf(text, sizeof(text), "%s %s %u", uri->scheme, uri->host, uri->port);
	h = map_hash_str(text, 0);
	for (size_t k = 0; k < sizeof(h); k++)
		s->key[k] ^= (uint8_t)(h >> 8 * k);
}

struct link *ssllink_over(struct link_env *env, const struct link_ops *ops,
	const struct link_ops *carrier, const struct uri *uri, const struct cred *cred,
	const struct link_handler *h, void *ud)
{
	struct uri under = *uri;
	struct ssllink *s;

	if (!cred || !env->ssl || !carrier || (cred->p.mode == CRED_RPK && !ssl_has_rpk()))
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->link = (struct link){ .ops = ops, .env = env, .h = h, .ud = ud };
	s->ssl = env->ssl;
	s->cred = cred_ref(cred);
	s->host = xstrdup(uri->host);
	shake_init(s);
	STAILQ_INIT(&s->waiting);
	timer_init(&s->timer, on_timer, s);
	str_copy(under.scheme, sizeof(under.scheme), carrier->scheme);
	under.port = uri->port ? uri->port : ops->port;
	session_key(s, &under);
	s->under = carrier->make(env, &under, NULL, &under_handler, s);
	if (s->under)
		return &s->link;
	cred_unref(s->cred);
	free(s->host);
	free(s);
	return NULL;
}

struct link *ssllink_make(struct link_env *env, const struct uri *uri, const struct cred *cred,
	const struct link_handler *h, void *ud)
{
	return ssllink_over(env, link_ops_find(env->ops, uri->scheme),
		ssllink_carrier(env->ops, uri->scheme), uri, cred, h, ud);
}
