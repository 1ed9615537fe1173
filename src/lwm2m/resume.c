/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/resume.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lwm2m/observe.h"
#include "lwm2m/server.h"
#include "oscore/protect.h"
#include "store/item.h"
#include "store/store.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/str.h"

LOG_MODULE("lwm2m");

#define MARGIN_MS    1000 /* of a lifetime: less is as good as over */
#define OWNER_MAX    280
#define PAUSE_MIN_MS 10000 /* shorter ones are not worth a note */

/* Facts of one server of one client. */
static const char *owner_of(char buf[OWNER_MAX], const struct server *s)
{
	snprintf(buf, OWNER_MAX, "%u@%s", s->ssid, s->client->endpoint);
	return buf;
}

static struct store *store_of(const struct server *s)
{
	return s->client->env->store;
}

/* A connection carries what was said over it, and keys that were agreed on in this life end with it
 * (RFC 8613 B.2): there is nothing to go on with then. */
static bool able(const struct server *s)
{
	return store_of(s) && !session_is_reliable(s->session) &&
	       (!s->oscore || oscore_configured(s->oscore));
}

/* --- notes --------------------------------------------------------------------------------- */

void resume_note(const struct server *s)
{
	struct timers *ts = client_timers(s->client);
	struct wr w = wr_grow(4096);
	char owner[OWNER_MAX];

	if (!able(s)) {
		if (store_of(s) && s->oscore) /* keys have changed meanwhile */
			resume_forget(s);
		return;
	}
	wr_u64(&w, (uint64_t)(s->expires_ms - timers_now(ts) + timers_wall(ts)));
	wr_u64(&w, (uint64_t)s->lifetime);
	wr_u64(&w, (uint64_t)s->registered_wall_ms);
	wr_u16(&w, s->location_len);
	wr_bytes(&w, s->location, s->location_len);
	wr_str(&w, s->conf->p.account.uri);
	wr_u8(&w, 0);
	wr_u16(&w, session_port(s->session));
	if (!wr_err(&w))
		store_put(store_of(s), STORE_REGISTRATION, owner_of(owner, s), NULL, 0, w.p, w.len);
	wr_fini(&w);
}

void resume_forget(const struct server *s)
{
	char owner[OWNER_MAX];

	if (!store_of(s))
		return;
	store_begin(store_of(s));
	store_forget(store_of(s), STORE_REGISTRATION, owner_of(owner, s));
	store_forget(store_of(s), STORE_OBSERVATION, owner);
	store_forget(store_of(s), STORE_PAUSE, owner);
	store_end(store_of(s));
}

void resume_observed(const struct observation *o)
{
	const struct server *s = o->server;
	uint8_t key[16], value[3 + COAP_TOKEN_MAX + OSCORE_BIND_BYTES];
	struct wr k = wr_of(key, sizeof(key)), v = wr_of(value, sizeof(value));
	char owner[OWNER_MAX];

	if (!able(s))
		return;
	item_path(&k, &o->key.path);
	wr_u16(&v, o->format);
	observer_put(o->observer, &v);
	store_put(store_of(s), STORE_OBSERVATION, owner_of(owner, s), k.p, k.len, v.p, v.len);
}

void resume_unobserved(const struct observation *o)
{
	uint8_t key[16];
	struct wr k = wr_of(key, sizeof(key));
	char owner[OWNER_MAX];

	if (!able(o->server))
		return;
	item_path(&k, &o->key.path);
	store_del(store_of(o->server), STORE_OBSERVATION, owner_of(owner, o->server), k.p, k.len);
}

void resume_pause(struct server *s, int64_t ms, bool disabled)
{
	struct timers *ts = client_timers(s->client);
	struct wr w = wr_grow(4096);
	char owner[OWNER_MAX];

	if (!store_of(s) || ms < PAUSE_MIN_MS)
		return;
	wr_u8(&w, disabled);
	wr_u64(&w, (uint64_t)(timers_wall(ts) + ms));
	wr_u64(&w, (uint64_t)ms);
	wr_u32(&w, s->pause_ms);
	wr_str(&w, s->conf->p.account.uri);
	if (!wr_err(&w))
		store_put(store_of(s), STORE_PAUSE, owner_of(owner, s), NULL, 0, w.p, w.len);
	s->pause_noted = true;
	wr_fini(&w);
}

void resume_pause_over(struct server *s)
{
	char owner[OWNER_MAX];

	if (s->pause_noted)
		store_forget(store_of(s), STORE_PAUSE, owner_of(owner, s));
	s->pause_noted = false;
}

void resume_again(struct server *s)
{
	if (s->registered)
		resume_note(s);
	for (const struct observation *o = s->observations; s->registered && o; o = o->next)
		if (o->observer)
			resume_observed(o);
	if (s->pause_noted && s->due_ms != NEVER)
		resume_pause(s, s->due_ms - client_now(s->client), s->state == SERVER_DISABLED);
}

/* --- the next life ------------------------------------------------------------------------- */

struct found {
	struct server *s;
	bool registered;
};

/* What follows is its URI, up to a NUL or the end. */
static bool same_uri(const struct server *s, struct rd *r)
{
	const char *uri = s->conf->p.account.uri;
	size_t len = strlen(uri);
	const uint8_t *p = rd_bytes(r, len);

	return !rd_err(r) && !memcmp(p, uri, len) && (!rd_left(r) || !rd_u8(r));
}

static void take_registration(
	void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	struct found *f = ud;
	struct server *s = f->s;
	struct timers *ts = client_timers(s->client);
	struct rd r = rd_of(value, len);
	int64_t left = item_ms(&r) - timers_wall(ts), lifetime = item_ms(&r);
	int64_t since = item_ms(&r);
	uint16_t location_len = rd_u16(&r);
	const uint8_t *location = rd_bytes(&r, location_len);

	(void)key;
	(void)key_len;
	if (!same_uri(s, &r) || left < MARGIN_MS || left / 1000 > lifetime || !location_len)
		return;
	free(s->location);
	s->location = xmemdup(location, location_len);
	s->location_len = location_len;
	s->lifetime = lifetime;
	s->expires_ms = timers_now(ts) + left;
	s->registered_wall_ms = since;
	if (rd_left(&r) == 2)
		session_from(s->session, rd_u16(&r));
	f->registered = true;
}

static void take_observation(
	void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	struct found *f = ud;
	struct rd r = rd_of(value, len);
	uint16_t format = rd_u16(&r);
	size_t left = rd_left(&r);
	const uint8_t *observer = rd_bytes(&r, left);
	struct path p;

	if (f->registered && !rd_err(&r) && !item_path_parse(key, key_len, &p))
		observe_resume(f->s, &p, format, observer, left);
}

struct pause {
	struct server *s;
	int64_t left;
	bool disabled;
};

static void take_pause(
	void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	struct pause *p = ud;
	struct rd r = rd_of(value, len);
	bool disabled = rd_u8(&r);
	int64_t left = item_ms(&r) - timers_wall(client_timers(p->s->client));
	int64_t asked = item_ms(&r);
	uint32_t pause_ms = rd_u32(&r);

	(void)key;
	(void)key_len;
	p->s->pause_noted = true;
	if (!same_uri(p->s, &r) || left <= 0)
		return;
	/* A clock that was set back meanwhile makes it no longer than it was meant to be. */
	p->left = left < asked ? left : asked;
	p->disabled = disabled;
	p->s->pause_ms = pause_ms;
}

int64_t resume_paused(struct server *s, bool *disabled)
{
	struct pause p = { .s = s };
	char owner[OWNER_MAX];

	if (store_of(s))
		store_adopt(store_of(s), STORE_PAUSE, owner_of(owner, s), take_pause, &p);
	*disabled = p.disabled;
	return p.left;
}

bool resume(struct server *s)
{
	struct found f = { .s = s };
	char owner[OWNER_MAX];

	if (!able(s))
		return false;
	store_adopt(store_of(s), STORE_REGISTRATION, owner_of(owner, s), take_registration, &f);
	store_adopt(store_of(s), STORE_OBSERVATION, owner, take_observation, &f);
	if (!f.registered)
		return false;
	server_set_registered(s, true);
	log_info(SERVER_LOG(s), "registration at server %u goes on, with %u observations", s->ssid,
		s->nobservations - s->nwanted);
	return true;
}
