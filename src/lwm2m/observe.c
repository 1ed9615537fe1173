/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/observe.h"
#include "lwm2m/regist.h"
#include "lwm2m/report.h"
#include "lwm2m/shared.h"

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
	observe_forget(o);
	/* A client that forgets an observation registers anew (LwM2M 1.0 §5.5.1). */
	if (why == OBSERVE_TIMEOUT || why == OBSERVE_LOST)
		regist_want(s, WANT_REGISTER, 0);
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

struct observation *observe_begin(struct server *s, struct exchange *x, const struct path *p,
	const struct representation *rep)
{
	struct client *c = s->client;
	struct observation *o = pool_get(&c->env->clients->observation_pool);
	char path[PATH_TEXT_MAX];

	o->key.client = c;
	o->key.path = *p;
	o->server = s;
	o->format = (uint16_t)rep->format;
	o->observer = observer_new(x, observer_ended, NULL, o);
	if (!o->observer) {
		pool_put(&c->env->clients->observation_pool, o);
		log_notice(SERVER_LOG(s), "server %u: observation of %s refused, too many", s->ssid,
			path_text(path, p));
		return NULL;
	}
	server_link(s, o);
	index_add(o);
	report_begin(o, rep);
	log_info(
		SERVER_LOG(s), "observation of %s by server %u began", path_text(path, p), s->ssid);
	if (c->hooks->observed)
		c->hooks->observed(c->ud, c, &o->key.path, true);
	return o;
}

void observe_forget(struct observation *o)
{
	struct client *c = o->server->client;
	struct path p = o->key.path;

	index_remove(o);
	server_unlink(o->server, o);
	pool_put(&c->env->clients->observation_pool, o);
	if (c->hooks->observed)
		c->hooks->observed(c->ud, c, &p, false);
}

void observe_drop(struct observation *o)
{
	observer_free(o->observer);
	observe_forget(o);
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
	observe_drop(o);
}

void observe_drop_all(struct server *s)
{
	while (s->observations)
		observe_drop(s->observations);
}
