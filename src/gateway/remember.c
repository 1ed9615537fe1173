/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/remember.h"
#include <string.h>
#include "gateway/keep.h"
#include "gateway/state.h"
#include "lwm2m/clients.h"
#include "store/item.h"
#include "store/store.h"
#include "util/wr.h"

#define AT_A_TIME 64 /* devices in one turn of the loop */
#define PAUSE_MS  2  /* between two such turns */

static struct store *store_of(const struct gateway *g)
{
	struct store *s = g->env->store;

	return s && store_survives(s) && g->params->remember_ms > 0 ? s : NULL;
}

static const char *owner(const struct device *d)
{
	return client_endpoint(d->client);
}

/* --- its facts ------------------------------------------------------------------------------- */

/* What is longer than a text of a fact can be is told again by the device. */
static void put_text(struct wr *w, const char *s)
{
	keep_put_text(w, s && strlen(s) <= KEEP_TEXT_MAX ? s : "");
}

void remember_facts(const struct device *d)
{
	struct store *s = store_of(d->gateway);
	struct lgw_device_info info = d->info;
	const char **texts[DEVICE_TEXTS];
	struct wr w = wr_grow((DEVICE_TEXTS + 2) * (KEEP_TEXT_MAX + 1) + 1);

	device_texts(&info, texts);
	wr_u8(&w, (d->map ? REMEMBER_MAP : 0) | (d->optimistic ? REMEMBER_OPTIMISTIC : 0));
	put_text(&w, d->map);
	put_text(&w, d->group->name);
	for (size_t k = 0; k < DEVICE_TEXTS; k++)
		put_text(&w, *texts[k]);
	if (s && !wr_err(&w))
		store_put(s, STORE_ORIGIN, owner(d), NULL, 0, w.p, w.len);
	wr_fini(&w);
}

/* --- its values ------------------------------------------------------------------------------ */

void remember_value(const struct device *d, const struct record *r, uint64_t hash)
{
	struct store *s = store_of(d->gateway);
	uint8_t key[REMEMBER_KEY];
	struct wr w = wr_grow(2 * ITEM_VALUE_MAX), k = wr_of(key, sizeof(key));

	if (!s)
		return;
	wr_u64(&k, hash);
	wr_u64(&w, store_number(s));
	wr_u64(&w, (uint64_t)(r->time_ms > 0 ? r->time_ms : 0));
	if (!item_encode(&w, r))
		store_put(s, STORE_VALUE, owner(d), key, k.len, w.p, w.len);
	wr_fini(&w);
}

void remember_path(const struct device *d, const struct path *p, const struct value *v)
{
	struct store *s = store_of(d->gateway);
	uint8_t key[16];
	struct wr w = wr_grow(ITEM_VALUE_MAX), k = wr_of(key, sizeof(key));

	item_path(&k, p);
	item_value(&w, v);
	if (s && !wr_err(&w))
		store_put(s, STORE_VALUE, owner(d), key, k.len, w.p, w.len);
	wr_fini(&w);
}

static void keep_key(const struct device *d, struct key *k)
{
	struct record r = { .path = k->rule->path, .time_ms = k->time_ms };
	struct dm *dm = client_dm(d->client);
	struct value v;

	k->news = false;
	if (dm_get(dm, &r.path, &r.value, NULL))
		return;
	remember_value(d, &r, k->hash);
	for (uint16_t rid = RES_MIN; r.path.id[2] == RES_VALUE && rid <= RES_MAX; rid++) {
		struct path p = PATH_RES(r.path.id[0], r.path.id[1], rid);

		if (!dm_get(dm, &p, &v, NULL))
			remember_path(d, &p, &v);
	}
}

static void keep_news(const struct device *d)
{
	for (uint16_t k = 0; k < d->nkeys; k++)
		if (d->keys[k].news)
			keep_key(d, &d->keys[k]);
}

/* Up to n devices; false: none is left. */
static bool keep_some(struct gateway *g, size_t n)
{
	struct store *s = store_of(g);
	struct device *d;

	if (s)
		store_begin(s);
	while (n-- && (d = SLIST_FIRST(&g->news))) {
		SLIST_REMOVE_HEAD(&g->news, next_news);
		d->news = false;
		if (s)
			keep_news(d);
	}
	if (s)
		store_end(s);
	return !SLIST_EMPTY(&g->news);
}

static void due(struct timer *t, void *ud)
{
	struct gateway *g = ud;
	struct store *s = store_of(g);
	bool failing = s && store_failing(s);

	if (failing || keep_some(g, AT_A_TIME))
		timer_set(g->env->timers, t,
			timers_now(g->env->timers) + (failing ? REMEMBER_MS : PAUSE_MS));
}

void remember_key(struct device *d, struct key *k, bool first)
{
	struct gateway *g = d->gateway;

	k->news = true;
	if (first) /* with all others: what is kept of it is of one moment */
		keep_news(d);
	if (first || d->news)
		return;
	d->news = true;
	SLIST_INSERT_HEAD(&g->news, d, next_news);
	if (!timer_armed(&g->news_timer))
		timer_set(g->env->timers, &g->news_timer, timers_now(g->env->timers) + REMEMBER_MS);
}

void remember_all(struct gateway *g)
{
	keep_some(g, SIZE_MAX);
	timer_del(g->env->timers, &g->news_timer);
}

void remember_again(struct device *d)
{
	struct dm *dm = client_dm(d->client);
	struct value v;

	remember_facts(d);
	for (uint16_t k = 0; k < d->nkeys; k++) {
		const struct map_rule *r = d->keys[k].rule;
		struct path label;

		if (!r)
			continue;
		keep_key(d, &d->keys[k]);
		label = PATH_RES(r->path.id[0], r->path.id[1], RES_LABEL);
		if (!r->entry->label && !dm_get(dm, &label, &v, NULL))
			remember_path(d, &label, &v);
	}
}

void remember_leave(struct device *d)
{
	if (d->news)
		SLIST_REMOVE(&d->gateway->news, d, device, next_news);
	d->news = false;
}

void remember_forget(struct store *store, const char *endpoint)
{
	if (!store)
		return;
	store_begin(store);
	store_forget(store, STORE_ORIGIN, endpoint);
	store_forget(store, STORE_VALUE, endpoint);
	store_end(store);
}

void remember_begin(struct gateway *g)
{
	SLIST_INIT(&g->news);
	timer_init(&g->news_timer, due, g);
}

void remember_end(struct gateway *g)
{
	timer_del(g->env->timers, &g->news_timer);
}
