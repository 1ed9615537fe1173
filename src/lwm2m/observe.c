/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/observe.h"
#include "lwm2m/drain.h"
#include "lwm2m/regist.h"
#include "lwm2m/report.h"
#include "lwm2m/resume.h"
#include "lwm2m/server.h"
#include "lwm2m/shared.h"
#include "store/store.h"
#include "types/format.h"

LOG_MODULE("lwm2m");

/* --- the index ----------------------------------------------------------------------------- */

static uint64_t key_hash(const void *key, uint64_t seed)
{
	const struct observation_key *k = key;
	uint64_t ids = k->path.n;

	for (unsigned i = 0; i < k->path.n; i++)
		ids = ids * 65599 + k->path.id[i];
	return map_hash_u64(ids ^ (uint64_t)(uintptr_t)k->client << 16, seed);
}

static bool key_match(const void *key, const void *item)
{
	const struct observation_key *a = key, *b = &((const struct observation *)item)->key;

	return a->client == b->client && path_eq(&a->path, &b->path);
}

static const void *key_of(const void *item)
{
	return &((const struct observation *)item)->key;
}

const struct map_ops observation_map_ops = { key_hash, key_match, key_of };

struct observation *observe_find(const struct client *c, const struct path *p)
{
	struct observation_key k = { c, *p };

	return map_get(&c->env->clients->observations, &k);
}

static void index_add(struct observation *o)
{
	o->same = map_put(&o->key.client->env->clients->observations, o);
}

static void index_remove(struct observation *o)
{
	struct map *m = &o->key.client->env->clients->observations;
	struct observation *first = map_get(m, &o->key);

	if (first == o) {
		map_take(m, &o->key);
		if (o->same)
			map_put(m, o->same);
		return;
	}
	while (first->same != o)
		first = first->same;
	first->same = o->same;
}

/* --- life ---------------------------------------------------------------------------------- */

static const char *const end_text[] = {
	[OBSERVE_RESET] = "reset by the server",
	[OBSERVE_LOST] = "connection lost",
	[OBSERVE_TIMEOUT] = "notification not acknowledged",
	[OBSERVE_REPLACED] = "replaced by a new one",
	[OBSERVE_CLOSED] = "session closed",
};

static void observer_ended(void *ud, enum observe_end why)
{
	struct observation *o = ud;
	struct server *s = o->server;
	char path[PATH_TEXT_MAX];

	log_info(SERVER_LOG(s), "observation of %s by server %u ended: %s",
		path_text(path, &o->key.path), s->ssid, end_text[why]);
	resume_unobserved(o);
	o->observer = NULL;
	/* A client that forgets an observation registers anew (LwM2M 1.0 §5.5.1). A reset may mean
	 * that the server knows us no more: an Update tells. */
	if (why == OBSERVE_TIMEOUT || why == OBSERVE_LOST)
		regist_want(s, WANT_REGISTER, 0);
	else if (why == OBSERVE_RESET && o->line && line_count(o->line))
		regist_want(s, WANT_UPDATE, 0);
	observe_ended(o);
}

/* observe_acked_fn: without an answer what is stored waits, and an Update asks for the server. */
static void acked(void *ud, int status)
{
	struct observation *o = ud;

	if (status && !o->line) {
		observer_free(o->observer);
		observer_ended(o, OBSERVE_TIMEOUT);
		return;
	}
	if (status)
		log_notice(SERVER_LOG(o->server),
			"server %u does not acknowledge notifications: they are kept",
			o->server->ssid);
	drain_acked(o, status);
}

static void server_link(struct server *s, struct observation *o)
{
	o->next = s->observations;
	if (o->next)
		o->next->prev = o;
	s->observations = o;
	s->nobservations++;
	s->client->nobservations++;
}

static void server_unlink(struct server *s, struct observation *o)
{
	if (o->prev)
		o->prev->next = o->next;
	else
		s->observations = o->next;
	if (o->next)
		o->next->prev = o->prev;
	s->nobservations--;
	s->client->nobservations--;
}

static struct observation *make(struct server *s, const struct path *p)
{
	struct observation *o = pool_get(&s->client->env->clients->observation_pool);

	o->key.client = s->client;
	o->key.path = *p;
	o->server = s;
	o->due_ms = NEVER;
	server_link(s, o);
	index_add(o);
	return o;
}

static void forget(struct observation *o)
{
	struct client *c = o->server->client;
	struct path p = o->key.path;

	if (o->server->flight == o)
		o->server->flight = NULL;
	if (!o->observer)
		o->server->nwanted--;
	index_remove(o);
	server_unlink(o->server, o);
	observer_free(o->observer);
	pool_put(&c->env->clients->observation_pool, o);
	if (c->hooks->observed)
		c->hooks->observed(c->ud, c, &p, false);
}

/* --- what is stored ------------------------------------------------------------------------ */

/* The one of this server and path whose readings are stored: they are kept once. */
static struct observation *stored_one(const struct server *s, const struct path *p)
{
	struct observation *o = observe_find(s->client, p);

	while (o && (o->server != s || !o->line))
		o = o->same;
	return o;
}

static bool storing(const struct server *s)
{
	struct account a;

	return s->client->env->store && !s->retiring && !server_account(s, &a) && a.storing;
}

static void store_begin_for(struct observation *o)
{
	struct server *s = o->server;

	if (o->line || !storing(s) || stored_one(s, &o->key.path))
		return;
	o->line = line_get(s->client->env->store, s->client->endpoint, s->ssid, &o->key.path);
}

void observe_storing(struct server *s)
{
	bool on = storing(s);
	struct observation *o, *next;

	for (o = s->observations; o; o = next) {
		next = o->next;
		if (on) {
			store_begin_for(o);
			continue;
		}
		line_drop(o->line);
		o->line = NULL;
		if (!o->observer)
			forget(o);
	}
}

static int64_t wall(const struct server *s)
{
	return timers_wall(client_timers(s->client));
}

bool observe_expired(struct observation *o)
{
	char path[PATH_TEXT_MAX];

	if (o->observer || client_now(o->server->client) < o->wanted_until)
		return false;
	if (o->line && line_count(o->line))
		log_notice(SERVER_LOG(o->server),
			"%u readings of %s are dropped: server %u did not observe it again in time",
			line_count(o->line), path_text(path, &o->key.path), o->server->ssid);
	line_drop(o->line);
	o->line = NULL;
	forget(o);
	return true;
}

void observe_ended(struct observation *o)
{
	struct server *s = o->server;

	if (s->flight == o)
		s->flight = NULL;
	observer_free(o->observer);
	o->observer = NULL;
	s->nwanted++;
	o->ripe = false;
	o->due_ms = NEVER;
	if (o->line && s->nwanted <= s->conf->p.session.observers_max) {
		line_idle(o->line, wall(s));
		o->wanted_until = client_now(s->client) + s->client->env->orphan_ttl_ms;
		return;
	}
	line_drop(o->line);
	o->line = NULL;
	forget(o);
}

static void load_line(
	void *ud, struct store_line *l, uint16_t ssid, const struct path *p, int64_t idle_since)
{
	struct client *c = ud;
	struct server *s = server_find(c, ssid);
	struct observation *o;
	int64_t since;

	if (!s)
		return; /* kept in case that the account comes back */
	if (!idle_since)
		line_idle(l, wall(s));
	o = make(s, p);
	o->format = (uint16_t)CF_NONE;
	o->line = l;
	since = idle_since ? wall(s) - idle_since : 0;
	o->wanted_until = client_now(c) + c->env->orphan_ttl_ms - (since > 0 ? since : 0);
	s->nwanted++;
	observe_expired(o);
}

void observe_load(struct client *c)
{
	if (c->env->store)
		line_each(c->env->store, c->endpoint, load_line, c);
}

/* --- begin and end ------------------------------------------------------------------------- */

/* The observation of this observer: one whose readings are wanted still, or a new one. */
static struct observation *attach(struct server *s, const struct path *p, struct observer *observer)
{
	struct observation *o = stored_one(s, p);

	if (o && !o->observer) {
		s->nwanted--;
		line_idle(o->line, 0);
	} else {
		o = make(s, p);
	}
	o->observer = observer;
	observer_set_ud(observer, o);
	return o;
}

void observe_resume(
	struct server *s, const struct path *p, uint16_t format, const uint8_t *note, size_t len)
{
	struct observer *observer =
		observer_restore(s->session, note, len, observer_ended, acked, NULL);
	struct observation *o;

	if (!observer)
		return;
	o = attach(s, p, observer);
	o->format = format;
	o->absent = !dm_exists(s->client->dm, p);
	store_begin_for(o);
	report_resumed(o);
	if (s->client->hooks->observed)
		s->client->hooks->observed(s->client->ud, s->client, p, true);
}

struct observation *observe_begin(struct server *s, struct exchange *x, const struct path *p,
	const struct representation *rep)
{
	struct client *c = s->client;
	struct observer *observer = observer_new(x, observer_ended, acked, NULL);
	struct observation *o;
	char path[PATH_TEXT_MAX];

	if (!observer) {
		log_notice(SERVER_LOG(s), "server %u: observation of %s refused, too many", s->ssid,
			path_text(path, p));
		return NULL;
	}
	o = attach(s, p, observer);
	o->format = (uint16_t)rep->format;
	o->absent = false;
	store_begin_for(o);
	report_begin(o, rep);
	resume_observed(o);
	log_info(
		SERVER_LOG(s), "observation of %s by server %u began", path_text(path, p), s->ssid);
	if (c->hooks->observed)
		c->hooks->observed(c->ud, c, &o->key.path, true);
	return o;
}

void observe_cancel(struct exchange *x)
{
	struct observer *observer = observer_find(x);
	struct observation *o = observer ? observer_ud(observer) : NULL;
	char path[PATH_TEXT_MAX];

	if (!o)
		return;
	log_info(SERVER_LOG(o->server), "observation of %s by server %u ended: cancelled",
		path_text(path, &o->key.path), o->server->ssid);
	resume_unobserved(o);
	line_drop(o->line);
	o->line = NULL;
	forget(o);
}

void observe_end_all(struct server *s)
{
	struct observation *o, *next;

	for (o = s->observations; o; o = next) {
		next = o->next;
		if (o->observer)
			observe_ended(o);
	}
}

void observe_forget_all(struct server *s)
{
	while (s->observations)
		forget(s->observations);
}

void observe_purge(struct server *s)
{
	while (s->observations) {
		line_drop(s->observations->line);
		forget(s->observations);
	}
}
