/* SPDX-License-Identifier: BSD-3-Clause */
/* Devices of an earlier life: there again, and servers are told nothing: they know. */
#include <stdlib.h>
#include <string.h>
#include "gateway/absent.h"
#include "gateway/identity.h"
#include "gateway/keep.h"
#include "gateway/remember.h"
#include "gateway/state.h"
#include "lwm2m/clients.h"
#include "store/item.h"
#include "store/store.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"

/* One value that was kept. */
struct piece {
	bool keyed;      /* the reading of a key; else kept under its path */
	bool later;      /* came after the values were kept, and waits for a server */
	uint64_t hash;   /* of the key's name */
	struct record r; /* texts point into bytes */
	uint8_t bytes[];
};

/* What was kept of one device. */
struct memory {
	bool found, has_map, optimistic;
	bool moved; /* the device has another endpoint name now */
	char map[KEEP_TEXT_MAX + 1], group[KEEP_TEXT_MAX + 1];
	char texts[DEVICE_TEXTS][KEEP_TEXT_MAX + 1];
	struct piece **at;
	size_t n;
	uint64_t number; /* readings up to this one were seen when values were kept */
	int64_t wall_ms; /* the clock is now */
};

/* --- out of the store ------------------------------------------------------------------------ */

static void take_origin(
	void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	struct memory *m = ud;
	struct rd r = rd_of(value, len);
	uint8_t flags = rd_u8(&r);

	(void)key;
	(void)key_len;
	m->has_map = flags & REMEMBER_MAP;
	m->optimistic = flags & REMEMBER_OPTIMISTIC;
	keep_get_text(&r, m->map);
	keep_get_text(&r, m->group);
	for (size_t k = 0; k < DEVICE_TEXTS; k++)
		keep_get_text(&r, m->texts[k]);
	m->found = !rd_err(&r) && !rd_left(&r) && *m->group;
}

static void add(struct memory *m, struct piece *p)
{
	if (!(m->n & (m->n - 1))) /* full at each power of two */
		m->at = xreallocarray(m->at, m->n ? 2 * m->n : 1, sizeof(struct piece *));
	m->at[m->n++] = p;
}

static int parse(struct memory *m, struct piece *p, const uint8_t *key, size_t key_len, size_t len)
{
	struct rd r = rd_of(p->bytes, len), k = rd_of(key, key_len);
	uint64_t number;
	int64_t time;

	p->keyed = key_len == REMEMBER_KEY;
	if (!p->keyed)
		return item_path_parse(key, key_len, &p->r.path)
			       ?: item_value_parse(p->bytes, len, &p->r.value);
	p->hash = rd_u64(&k);
	number = rd_u64(&r);
	time = item_ms(&r);
	if (rd_err(&r) || number > STORE_NUMBER_MAX || item_decode(r.p, rd_left(&r), &p->r))
		return LGW_EINVAL;
	p->r.time_ms = time;
	if (number > m->number)
		m->number = number;
	return LGW_OK;
}

static void take_value(
	void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	struct memory *m = ud;
	struct piece *p = xcalloc(1, sizeof(*p) + len);

	if (len)
		memcpy(p->bytes, value, len);
	if (m->n < UINT16_MAX && !parse(m, p, key, key_len, len))
		add(m, p);
	else
		free(p);
}

static void memory_load(struct memory *m, struct store *s, const char *endpoint)
{
	*m = (struct memory){ .found = false };
	store_adopt(s, STORE_ORIGIN, endpoint, take_origin, m);
	store_adopt(s, STORE_VALUE, endpoint, take_value, m);
}

static void memory_fini(struct memory *m)
{
	for (size_t k = 0; k < m->n; k++)
		free(m->at[k]);
	free(m->at);
}

/* --- what came later ------------------------------------------------------------------------- */

/* By path, the newest one last: those of keys behind the others. */
static int in_order(const void *a, const void *b)
{
	const struct piece *x = *(struct piece *const *)a, *y = *(struct piece *const *)b;
	int d = (x->keyed - y->keyed) ?: path_cmp(&x->r.path, &y->r.path);

	return d ?: (x->r.time_ms > y->r.time_ms) - (x->r.time_ms < y->r.time_ms);
}

/* The newest one of this path; they are in order. */
static struct piece **find(const struct memory *m, const struct path *p, bool keyed)
{
	struct piece want = { .keyed = keyed, .r = { .path = *p, .time_ms = INT64_MAX } };
	const struct piece *w = &want;
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (in_order(&m->at[mid], &w) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && m->at[lo - 1]->keyed == keyed && path_eq(&m->at[lo - 1]->r.path, p)
		       ? &m->at[lo - 1]
		       : NULL;
}

/* It came after all that was kept; one with a time of before is no newer for that. */
static int take_reading(void *ud, const struct record *r)
{
	struct memory *m = ud;
	struct piece **old = find(m, &r->path, true), *p;
	size_t len = value_is_bytes(r->value.type) ? r->value.u.s.len : 0;
	/* While the clock is not set they are told from now. */
	int64_t time = r->time_ms < 0 ? m->wall_ms + r->time_ms : r->time_ms;

	if (!old || (r->time_ms >= 0 && (*old)->r.time_ms > time))
		return LGW_OK;
	p = xcalloc(1, sizeof(*p) + len);
	p->keyed = p->later = true;
	p->hash = (*old)->hash;
	p->r = *r;
	p->r.time_ms = time > 0 ? time : 0;
	if (len) {
		memcpy(p->bytes, r->value.u.s.p, len);
		p->r.value.u.s.p = p->bytes;
	}
	free(*old);
	*old = p;
	return LGW_OK;
}

static void take_line(
	void *ud, struct store_line *l, uint16_t ssid, const struct path *p, int64_t idle_since)
{
	struct memory *m = ud;

	(void)ssid;
	(void)p;
	(void)idle_since;
	line_since(l, m->number, take_reading, m);
}

/* --- into the device ------------------------------------------------------------------------- */

/* The rule of its key, else one that feeds its path. */
static const struct map_rule *rule_of(const struct mapping *m, const struct piece *p)
{
	const struct map_rule *r, *best = NULL;
	size_t it = 0;

	while (p->keyed && (r = mapping_next(m, &it))) {
		if (!path_eq(&r->path, &p->r.path) || r->entry->execute)
			continue;
		if (reading_key(r->entry->key) == p->hash)
			return r;
		best = best ? best : r;
	}
	return best;
}

static void recall(struct device *d, const struct memory *m, const struct piece *p)
{
	const struct map_rule *r = rule_of(d->mapping, p);
	struct piece **label;

	if (!r || absent_is(d, &p->r.path))
		return;
	label = find(m, &PATH_RES(p->r.path.id[0], p->r.path.id[1], RES_LABEL), false);
	if (reading_again(d, r, &p->r, p->hash, label ? &(*label)->r.value : NULL))
		return;
	if (p->later || m->moved)
		remember_value(d, &p->r, p->hash);
	if (label && m->moved)
		remember_path(d, &(*label)->r.path, &(*label)->r.value);
}

static void recall_extreme(struct device *d, const struct piece *p)
{
	const struct record *r = &p->r;

	if (!p->keyed && r->path.n == 3 && (r->path.id[2] == RES_MIN || r->path.id[2] == RES_MAX) &&
		dm_exists(client_dm(d->client), &r->path))
		dm_set(client_dm(d->client), &r->path, &r->value, 0);
}

static void recall_texts(struct device *d, const struct memory *m)
{
	const char **texts[DEVICE_TEXTS];

	device_texts(&d->info, texts);
	for (size_t k = 0; k < DEVICE_TEXTS; k++)
		if (*m->texts[k] && !*texts[k])
			*texts[k] = texts_get(&d->gateway->texts, m->texts[k]);
	device_show_facts(d);
}

static void recall_all(struct device *d, struct memory *m)
{
	struct store *s = d->gateway->env->store;

	store_numbers_after(s, m->number);
	m->wall_ms = timers_wall(d->gateway->env->timers);
	if (m->n)
		qsort(m->at, m->n, sizeof(struct piece *), in_order);
	line_each(s, client_endpoint(d->client), take_line, m);
	client_quiet(d->client, true);
	recall_texts(d, m);
	for (size_t k = 0; k < m->n; k++)
		recall(d, m, m->at[k]);
	for (size_t k = 0; k < m->n; k++)
		recall_extreme(d, m->at[k]);
	client_quiet(d->client, false);
}

void revive(struct device *d)
{
	struct store *s = d->gateway->env->store;
	struct memory m;

	if (!s || !d->gateway->params->remember_ms)
		return;
	memory_load(&m, s, client_endpoint(d->client));
	if (m.found)
		recall_all(d, &m);
	memory_fini(&m);
}

/* --- all ------------------------------------------------------------------------------------- */

/* Would it have any value? */
static bool fits(const struct memory *m, const struct mapping *map)
{
	for (size_t k = 0; map && k < m->n; k++)
		if (rule_of(map, m->at[k]))
			return true;
	return false;
}

static struct device *make(struct source *s, const struct memory *m, const char *id, int64_t seen)
{
	const struct lgw_reading r = { .device = id,
		.map = m->has_map ? m->map : NULL,
		.group = m->group,
		.optimistic = m->optimistic };

	if (!fits(m, maps_find(s->gateway->maps, r.map)))
		return NULL;
	if (s->ops->knows && !s->ops->knows(s->ud, id, m->group))
		return NULL;
	return device_make(s, &r, seen);
}

/* When it spoke last, if the note of that (seen_ms) is older than its values. */
static int64_t last_seen(const struct memory *m, int64_t seen_ms, int64_t now)
{
	for (size_t k = 0; k < m->n; k++)
		if (m->at[k]->r.time_ms > seen_ms && m->at[k]->r.time_ms <= now)
			seen_ms = m->at[k]->r.time_ms;
	return seen_ms;
}

static void again(void *ud, const char *endpoint, const char *id, int64_t seen_ms)
{
	struct source *s = ud;
	struct gateway *g = s->gateway;
	struct store *store = g->env->store;
	int64_t now = timers_wall(g->env->timers);
	bool there = device_find(s, id); /* under another name: it spoke already */
	struct device *d = NULL;
	struct memory m;

	memory_load(&m, store, endpoint);
	seen_ms = last_seen(&m, seen_ms, now);
	if (m.found && !there && seen_ms >= now - g->params->remember_ms)
		d = make(s, &m, id, seen_ms);
	m.moved = d && strcmp(endpoint, client_endpoint(d->client)) != 0;
	if (d)
		recall_all(d, &m);
	if (m.moved)
		remember_facts(d);
	if (m.moved || there)
		identity_forget(g->identities, endpoint);
	if (!d || m.moved)
		remember_forget(store, endpoint);
	memory_fini(&m);
}

void revive_all(struct source *s)
{
	struct gateway *g = s->gateway;

	if (!g->env->store || !store_survives(g->env->store) || g->is_stopping)
		return;
	store_begin(g->env->store);
	identities_each(g->identities, s->name, again, s);
	store_end(g->env->store);
}
