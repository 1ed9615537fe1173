/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Observations that the peer holds (RFC 7641): numbers that rise, one confirmable notification in
 * flight per session, the newest state replacing what waits behind it.
 */
#include <stdlib.h>
#include <string.h>
#include "session/state.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/wr.h"

#define SEQ_MASK 0xffffffu

static uint64_t hash(const void *key, uint64_t seed)
{
	const struct observer_key *k = key;

	return map_hash_bytes(k->token, k->tkl, seed ^ (uint64_t)(uintptr_t)k->session);
}

static bool match(const void *key, const void *item)
{
	const struct observer_key *a = key, *b = &((const struct observer *)item)->key;

	return a->session == b->session && a->tkl == b->tkl && !memcmp(a->token, b->token, a->tkl);
}

static const void *key_of(const void *item)
{
	return &((const struct observer *)item)->key;
}

const struct map_ops observer_map_ops = { hash, match, key_of };

static struct observer_key key_for(const struct exchange *x)
{
	struct observer_key k = { .session = x->session, .tkl = x->tkl };

	memcpy(k.token, x->token, sizeof(k.token));
	return k;
}

struct observer *observer_find(const struct exchange *x)
{
	struct observer_key k = key_for(x);

	return x->session->nobservers ? map_get(&x->session->env->pools->observers_map, &k) : NULL;
}

static void next_waiting(struct session *s);

static void unqueue(struct observer *o)
{
	if (!o->waiting)
		return;
	TAILQ_REMOVE(&o->key.session->waiting, o->waiting, next);
	free(o->waiting);
	o->waiting = NULL;
}

void observer_free(struct observer *o)
{
	struct session *s;

	if (!o)
		return;
	s = o->key.session;
	unqueue(o);
	if (s->in_flight == o) { /* nobody waits for its acknowledgement any more */
		if (s->in_flight_msg)
			conmsg_drop(s, s->in_flight_msg);
		s->in_flight_msg = NULL;
		s->in_flight = NULL;
	}
	LIST_REMOVE(o, next);
	map_take(&s->env->pools->observers_map, &o->key);
	s->nobservers--;
	pool_put(&s->env->pools->observers, o);
	next_waiting(s);
}

static void end(struct observer *o, enum observe_end why)
{
	/* After its last message nobody is there to be told. */
	observe_end_fn fn = o->last ? NULL : o->end;
	void *ud = o->ud;

	observer_free(o);
	if (fn)
		fn(ud, why);
}

static struct observer *make(struct session *s, const struct observer_key *key,
	observe_end_fn end_fn, observe_acked_fn acked, void *ud)
{
	struct observer *o = pool_get(&s->env->pools->observers);

	o->end = end_fn;
	o->acked = acked;
	o->ud = ud;
	o->key = *key;
	o->last_con = session_now(s);
	LIST_INSERT_HEAD(&s->observers, o, next);
	map_put(&s->env->pools->observers_map, o);
	s->nobservers++;
	return o;
}

void observer_put(const struct observer *o, struct wr *w)
{
	wr_u8(w, o->key.tkl);
	wr_bytes(w, o->key.token, o->key.tkl);
	if (o->key.session->oscore)
		oscore_bind_put(&o->bind, w);
}

struct observer *observer_restore(struct session *s, const uint8_t *p, size_t len,
	observe_end_fn end_fn, observe_acked_fn acked, void *ud)
{
	struct observer_key key = { .session = s };
	struct oscore_bind bind = { 0 };
	struct rd r = rd_of(p, len);
	const uint8_t *token;
	struct observer *o;

	key.tkl = rd_u8(&r);
	token = rd_bytes(&r, key.tkl);
	if (rd_err(&r) || key.tkl > COAP_TOKEN_MAX)
		return NULL;
	if (key.tkl)
		memcpy(key.token, token, key.tkl);
	len = rd_left(&r);
	if (s->oscore ? oscore_bind_take(s->oscore, rd_bytes(&r, len), len, &bind) : len != 0)
		return NULL;
	if (s->nobservers >= s->params->observers_max ||
		map_get(&s->env->pools->observers_map, &key))
		return NULL;
	o = make(s, &key, end_fn, acked, ud);
	o->bind = bind;
	o->szx = block_szx(s);
	return o;
}

struct observer *observer_new(
	struct exchange *x, observe_end_fn end_fn, observe_acked_fn acked, void *ud)
{
	struct session *s = x->session;
	struct observer *o = observer_find(x);
	uint32_t seq = o ? o->seq : 0; /* for the peer the numbers go on rising */
	struct observer_key key;

	if (o)
		end(o, OBSERVE_REPLACED);
	if (s->dead || s->nobservers >= s->params->observers_max)
		return NULL;
	key = key_for(x);
	o = make(s, &key, end_fn, acked, ud);
	o->bind = x->bind;
	o->bind.used = true; /* the first answer is the exchange's */
	o->seq = seq;
	o->resource = x->wish.key;
	o->szx = x->wish.szx;
	return o;
}

/*
 * Strictly rising, also over a restart: ticks of 16 ms of the wall clock, or one more than the last
 * where notifications are faster than that (RFC 7641 §4.4).
 */
static uint32_t next_seq(struct observer *o)
{
	uint32_t tick = (uint32_t)(timers_wall(o->key.session->env->timers) >> 4) & SEQ_MASK;
	uint32_t ahead = (tick - o->seq) & SEQ_MASK;

	if (o->seq && (!ahead || ahead >= 1u << 23))
		tick = (o->seq + 1) & SEQ_MASK;
	o->seq = tick;
	return tick;
}

void observer_reply(struct observer *o, struct exchange *x, const struct coap_msg *resp)
{
	struct coap_msg m = *resp;

	coap_add_uint(&m, COAP_OPT_OBSERVE, next_seq(o));
	exchange_reply(x, &m);
}

void *observer_ud(const struct observer *o)
{
	return o->ud;
}

void observer_set_ud(struct observer *o, void *ud)
{
	o->ud = ud;
}

bool observer_idle(const struct observer *o)
{
	return !o->waiting && o->key.session->in_flight != o;
}

static void notified(struct session *s, void *ud, int status)
{
	struct observer *o = s->in_flight;

	(void)ud;
	s->in_flight = NULL;
	s->in_flight_msg = NULL;
	if (o && status == LGW_OK && o->last && !o->waiting)
		observer_free(o);
	else if (o && o->acked && !o->last && (status == LGW_OK || status == LGW_ETIMEDOUT))
		o->acked(o->ud, status);
	else if (o && status != LGW_OK)
		end(o, status == LGW_ERESET ? OBSERVE_RESET : OBSERVE_TIMEOUT);
	if (!s->dead && !s->in_flight)
		next_waiting(s);
}

/* On a connection the answer to a Ping stands for the acknowledgement of all that went before. */
void observers_ponged(struct session *s)
{
	if (s->in_flight)
		notified(s, NULL, LGW_OK);
}

/* bytes carry everything but type and message id. */
static void transmit(struct observer *o, uint8_t *bytes, size_t len, bool con)
{
	struct session *s = o->key.session;
	uint16_t mid = session_next_mid(s);

	wire_stamp(s, bytes, con && !s->stream ? COAP_CON : COAP_NON, mid);
	if (con && s->stream && o->acked) {
		s->in_flight = o;
		session_send_bytes(s, bytes, len);
		signal_ping(s);
		return;
	}
	if (con && !s->stream) {
		o->last_con = session_now(s);
		s->in_flight = o;
		s->in_flight_msg = conmsg_send(s, bytes, len, mid, notified, NULL);
		return;
	}
	LIST_REMOVE(o, next);
	LIST_INSERT_HEAD(&s->observers, o, next);
	o->mids[o->nmids++ % ARRAY_SIZE(o->mids)] = mid;
	if (o->nmids == 2 * ARRAY_SIZE(o->mids))
		o->nmids = ARRAY_SIZE(o->mids);
	session_send_bytes(s, bytes, len);
	if (o->last)
		observer_free(o);
}

static void next_waiting(struct session *s)
{
	struct waiting *w;

	while (s->up && !s->in_flight && (w = TAILQ_FIRST(&s->waiting))) {
		TAILQ_REMOVE(&s->waiting, w, next);
		w->observer->waiting = NULL;
		transmit(w->observer, w->bytes, w->len, w->con);
		free(w);
	}
}

/* It has the place of the one that it replaces. */
static void wait_behind(struct observer *o, const struct wr *bytes, bool con)
{
	struct waiting *w = xmalloc(sizeof(*w) + bytes->len), *old = o->waiting;

	w->observer = o;
	w->con = con;
	w->len = bytes->len;
	memcpy(w->bytes, bytes->p, bytes->len);
	if (old) {
		TAILQ_INSERT_BEFORE(old, w, next);
		unqueue(o);
	} else {
		TAILQ_INSERT_TAIL(&o->key.session->waiting, w, next);
	}
	o->waiting = w;
}

int observer_notify(struct observer *o, const struct coap_msg *resp, unsigned flags)
{
	struct session *s = o->key.session;
	uint8_t szx = block_szx(s); /* the link may be another one than when it began */
	struct block_wish wish = { .key = o->resource, .szx = o->szx < szx ? o->szx : szx };
	struct coap_msg m = *resp;
	struct wr w;
	bool con = flags & NOTIFY_CON || session_now(s) - o->last_con >= s->params->con_interval_ms;
	int r;

	if (!s->up)
		return LGW_EUNAVAIL;
	m.type = COAP_NON;
	m.tkl = o->key.tkl;
	memcpy(m.token, o->key.token, sizeof(m.token));
	o->last = flags & NOTIFY_LAST;
	if (!o->last)
		coap_add_uint(&m, COAP_OPT_OBSERVE, next_seq(o));
	block_cut(s, &wish, &m);
	r = wire_encode(s, &m, &o->bind, &w);
	if (r)
		return r;
	if (s->in_flight && (con || s->in_flight == o))
		wait_behind(o, &w, con || s->in_flight == o);
	else
		transmit(o, w.p, w.len, con);
	return LGW_OK;
}

/* Those that notified after mid was sent come first: beyond them nothing is found. */
bool observer_reset(struct session *s, uint16_t mid)
{
	struct observer *o;

	LIST_FOREACH(o, &s->observers, next) {
		if (!o->nmids)
			continue;
		for (unsigned i = 0; i < o->nmids && i < ARRAY_SIZE(o->mids); i++)
			if (o->mids[i] == mid) {
				end(o, OBSERVE_RESET);
				return true;
			}
		if ((uint16_t)(mid - o->mids[(o->nmids - 1) % ARRAY_SIZE(o->mids)]) < 0x8000)
			break;
	}
	return false;
}

void observers_stop(struct session *s)
{
	struct conmsg *c, *next;

	while (!TAILQ_EMPTY(&s->waiting))
		unqueue(TAILQ_FIRST(&s->waiting)->observer);
	s->in_flight = NULL;
	s->in_flight_msg = NULL;
	/* Notifications and separate answers; calls are ended by their owner. */
	for (c = TAILQ_FIRST(&s->conmsgs); c; c = next) {
		next = TAILQ_NEXT(c, next);
		if (!c->ud)
			conmsg_drop(s, c);
	}
}

void observers_end_all(struct session *s, enum observe_end why)
{
	while (!LIST_EMPTY(&s->observers))
		end(LIST_FIRST(&s->observers), why);
}
