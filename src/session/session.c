/* SPDX-License-Identifier: BSD-3-Clause */
/* Life of a session: its link, its one timer, and who may free it when. */
#include "session/session.h"

#include <stdlib.h>
#include "crypto/rand.h"
#include "session/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("session");

#define OPEN_LIMIT_MS 60000u
#define OPEN_PAUSES   8u /* of a slow carrier: the flights of a handshake, each of them twice */

const struct session_params session_params_default = {
	.ack_timeout_ms = 2000,
	.ack_random_pct = 150,
	.max_retransmit = 4,
	.nstart = 1,
	.separate_after_ms = 1000,
	.response_timeout_ms = 120000,
	.con_interval_ms = 86400000,
	.dedup_max = 64,
	.observers_max = 256,
	.exchanges_max = 32,
	.block_size = 1024,
	.body_max = 0xfffff,
	.transfers_max = 8,
};

int64_t session_now(const struct session *s)
{
	return timers_now(s->env->timers);
}

#define EXCHANGE_MIN_MS 247000
#define EXCHANGE_MAX_MS 86400000
#define MAX_LATENCY_MS  100000

int64_t session_exchange_lifetime(const struct session *s)
{
	const struct session_params *p = s->params;
	int64_t span = (int64_t)p->ack_timeout_ms * p->ack_random_pct / 100;
	int64_t all = span * (((int64_t)1 << p->max_retransmit) - 1) + 2 * MAX_LATENCY_MS +
		      p->ack_timeout_ms;

	return all < EXCHANGE_MIN_MS   ? EXCHANGE_MIN_MS
	       : all > EXCHANGE_MAX_MS ? EXCHANGE_MAX_MS
				       : all;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Re-arm for the earliest thing that is due; the ticks only look when nothing is due yet. */
void session_arm(struct session *s)
{
	int64_t due = INT64_MAX;
	const struct conmsg *c;
	const struct exchange *x;

	if (s->dead)
		return;
	TAILQ_FOREACH(c, &s->conmsgs, next)
		due = earlier(due, c->due);
	LIST_FOREACH(x, &s->exchanges, next)
		if (x->ack_due)
			due = earlier(due, x->ack_due);
	due = earlier(due, call_due(s));
	if (s->stream && s->stream->release_due)
		due = earlier(due, signal_due(s));
	if (s->stream && s->stream->held_due)
		due = earlier(due, s->stream->held_due);
	if (s->stream && s->stream->waits)
		due = earlier(due, s->stream->hold_until);
	if (!TAILQ_EMPTY(&s->requests))
		due = earlier(due, TAILQ_FIRST(&s->requests)->expires);
	if (!TAILQ_EMPTY(&s->transfers))
		due = earlier(due, TAILQ_FIRST(&s->transfers)->expires);
	if (due == INT64_MAX)
		timer_del(s->env->timers, &s->timer);
	else if (!timer_armed(&s->timer) || s->timer.due != due)
		timer_set(s->env->timers, &s->timer, due);
}

void session_enter(struct session *s)
{
	s->depth++;
}

bool session_leave(struct session *s)
{
	if (--s->depth)
		return s->dead;
	if (!s->dead) {
		session_arm(s);
		return false;
	}
	free(s);
	return true;
}

static void tick(struct timer *t, void *ud)
{
	struct session *s = ud;

	(void)t;
	session_enter(s);
	exchange_tick(s);
	if (!s->dead)
		conmsg_tick(s);
	if (!s->dead)
		call_tick(s);
	if (!s->dead)
		dedup_tick(s);
	if (!s->dead && s->stream)
		signal_tick(s);
	if (!s->dead && s->stream)
		stream_tick(s);
	if (!s->dead)
		transfer_tick(s);
	session_leave(s);
}

int session_send_bytes(struct session *s, const void *p, size_t len)
{
	if (!s->up)
		return LGW_EUNAVAIL;
	s->env->count.tx++;
	if (s->h->traffic)
		s->h->traffic(s->ud, true, len);
	return s->link->ops->send(s->link, p, len);
}

int session_send(struct session *s, const struct coap_msg *m)
{
	struct wr w;
	int r = wire_encode(s, m, NULL, &w);

	return r ? r : session_send_bytes(s, w.p, w.len);
}

void session_send_empty(struct session *s, enum coap_type type, uint16_t mid)
{
	uint8_t b[4] = { (uint8_t)(1 << 6 | (unsigned)type << 4), 0, (uint8_t)(mid >> 8),
		(uint8_t)mid };

	if (type == COAP_RST)
		s->env->count.resets_tx++;
	session_send_bytes(s, b, sizeof(b));
}

static void link_recv(void *ud, const uint8_t *p, size_t len)
{
	struct session *s = ud;

	session_enter(s);
	s->env->count.rx++;
	if (s->stream)
		stream_receive(s, p, len);
	else
		session_receive(s, p, len);
	session_leave(s);
}

/* All that depends on the link ends. */
static void settle_down(struct session *s, int err)
{
	s->up = s->opening = false;
	observers_stop(s);
	if (s->stream) {
		stream_down(s);
		observers_end_all(s, OBSERVE_LOST); /* RFC 8323 §7.2 */
	}
	exchange_cancel_all(s);
	transfer_drop_all(s);
	dedup_drop_all(s);
	call_fail_all(s, err);
}

void session_lost(struct session *s, int err)
{
	settle_down(s, err);
	if (!s->dead)
		s->h->event(s->ud, SESSION_DOWN, err);
}

static void link_event(void *ud, enum link_event ev, int err)
{
	struct session *s = ud;

	session_enter(s);
	switch (ev) {
	case LINK_UP:
		s->up = true;
		s->opening = false;
		if (s->stream)
			stream_up(s);
		s->h->event(s->ud, SESSION_UP, 0);
		break;
	case LINK_DOWN:
		session_lost(s, err);
		break;
	case LINK_ERROR:
		/* A request of ours is tried anew by its owner, with pauses; notifications go on
		 * being retransmitted, since a peer that restarts refuses only for a while. */
		log_debug((&(struct log_ctx){ s->endpoint, session_peer(s) }), "network: %s",
			err_text(err));
		call_fail_sent(s, err);
		break;
	case LINK_ALERT:
		s->h->event(s->ud, SESSION_ALERT, err);
		break;
	}
	session_leave(s);
}

static const struct link_handler link_handler = { link_recv, link_event };

struct session *session_new(struct session_env *env, struct link_env *links, const char *uri,
	const struct session_security *security, const struct session_params *params,
	const struct session_handler *h, void *ud, int *err)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->env = env;
	s->params = params;
	s->h = h;
	s->ud = ud;
	s->oscore = security->oscore;
	TAILQ_INIT(&s->conmsgs);
	TAILQ_INIT(&s->calls);
	TAILQ_INIT(&s->requests);
	TAILQ_INIT(&s->waiting);
	TAILQ_INIT(&s->transfers);
	s->next_mid = rand_u16();
	timer_init(&s->timer, tick, s);
	*err = link_new(links, uri, security->cred, &link_handler, s, &s->link);
	if (*err) {
		free(s);
		return NULL;
	}
	if (s->link->ops->reliable)
		stream_new(s);
	return s;
}

void session_free(struct session *s)
{
	if (!s || s->dead)
		return;
	session_enter(s);
	s->dead = true;
	settle_down(s, LGW_ECANCELED);
	observers_end_all(s, OBSERVE_CLOSED);
	timer_del(s->env->timers, &s->timer);
	shared_forget(s);
	link_free(s->link);
	s->link = NULL;
	stream_free(s);
	session_leave(s);
}

/* How long the peer wants to be left alone. */
static uint32_t held_off_ms(const struct session *s)
{
	int64_t left = s->stream ? s->stream->hold_until - session_now(s) : 0;

	return left > 0 ? (uint32_t)left : 0;
}

int session_open(struct session *s)
{
	if (s->up || s->opening)
		return LGW_OK;
	s->opening = true;
	if (!held_off_ms(s))
		return s->link->ops->open(s->link);
	s->stream->waits = true;
	session_arm(s);
	return LGW_OK;
}

void session_close(struct session *s)
{
	session_enter(s);
	if (!s->dead) {
		if (s->stream && s->up)
			signal_release(s);
		s->link->ops->close(s->link);
		settle_down(s, LGW_ECANCELED);
	}
	session_leave(s);
}

void session_rest(struct session *s)
{
	if (s && s->up && s->link->ops->rest)
		s->link->ops->rest(s->link);
}

bool session_bind(struct session *s, const char *interface)
{
	return link_bind(s->link, interface);
}

void session_from(struct session *s, uint16_t port)
{
	link_from(s->link, port);
}

uint16_t session_port(const struct session *s)
{
	return link_port(s->link);
}

bool session_moved(const struct session *s)
{
	return s && s->up && link_moved(s->link);
}

bool session_is_up(const struct session *s)
{
	return s->up;
}

uint32_t session_open_limit_ms(const struct session *s)
{
	uint32_t slow = OPEN_PAUSES * link_pause_ms(s->link);

	return (slow > OPEN_LIMIT_MS ? slow : OPEN_LIMIT_MS) + held_off_ms(s);
}

bool session_is_reliable(const struct session *s)
{
	return s->stream != NULL;
}

const char *session_peer(const struct session *s)
{
	return s->link ? s->link->ops->peer(s->link) : "";
}

void session_set_endpoint(struct session *s, const char *endpoint)
{
	s->endpoint = endpoint;
}
