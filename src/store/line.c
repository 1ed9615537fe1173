/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of readings: what is on the disk comes first, then what is still in memory. */
#include <stdlib.h>
#include <string.h>
#include "store/item.h"
#include "store/state.h"
#include "util/err.h"
#include "util/mem.h"

#define PAGE_MAX 256

static uint64_t id_hash(const void *key, uint64_t seed)
{
	return map_hash_u64(*(const uint64_t *)key, seed);
}

static bool id_match(const void *key, const void *item)
{
	return *(const uint64_t *)key == ((const struct store_line *)item)->id;
}

static const void *id_key(const void *item)
{
	return &((const struct store_line *)item)->id;
}

const struct map_ops line_map_ops = { id_hash, id_match, id_key };

/* --- lines --------------------------------------------------------------------------------- */

struct store_line *line_make(struct owner *o, uint64_t id, uint16_t ssid, const struct path *p)
{
	struct store_line *l = pool_get(&o->store->line_pool);

	l->owner = o;
	l->id = id;
	l->ssid = ssid;
	l->path = *p;
	TAILQ_INIT(&l->fresh);
	TAILQ_INIT(&l->holes);
	SLIST_INSERT_HEAD(&o->lines, l, next);
	map_put(&o->store->lines, l);
	return l;
}

static void tell_idle(struct store_line *l)
{
	struct change *c = store_change(l->owner->store, CHANGE_IDLE, NULL, NULL, 0, NULL, 0);

	c->line = l->id;
	c->time = l->idle;
}

void line_announce(struct store_line *l)
{
	struct store *s = l->owner->store;
	uint8_t path[16];
	struct wr w = wr_of(path, sizeof(path));
	struct change *c;

	item_path(&w, &l->path);
	c = store_change(s, CHANGE_LINE, l->owner->name, w.p, w.len, NULL, 0);
	c->line = l->id;
	c->ssid = l->ssid;
	if (l->idle)
		tell_idle(l);
}

struct store_line *line_get(struct store *s, const char *owner, uint16_t ssid, const struct path *p)
{
	struct owner *o = store_owner(s, owner, true);
	struct store_line *l;

	SLIST_FOREACH(l, &o->lines, next)
		if (l->ssid == ssid && path_eq(&l->path, p))
			return l;
	store_begin(s);
	l = line_make(o, s->next_line++, ssid, p);
	line_announce(l);
	store_end(s);
	return l;
}

void line_each(struct store *s, const char *owner, line_fn fn, void *ud)
{
	struct owner *o = store_owner(s, owner, false);
	struct store_line *l, *next;

	for (l = o ? SLIST_FIRST(&o->lines) : NULL; l; l = next) {
		next = SLIST_NEXT(l, next);
		fn(ud, l, l->ssid, &l->path, l->idle);
	}
}

/* A change that stands for a reading which waits no more. */
static void unfresh(struct store_line *l, struct change *c)
{
	struct store *s = l->owner->store;

	TAILQ_REMOVE(&l->fresh, c, fresh);
	s->nfresh--;
	s->fresh_bytes -= c->len;
	c->of = NULL;
	if (s->writer)
		return; /* comes back from the writer */
	if (!c->taken) {
		TAILQ_REMOVE(&s->open, c, next);
		s->npending--;
	}
	free(c);
}

/* So many readings more wait, or less. */
static void counted(struct store_line *l, int64_t records, int64_t bytes)
{
	struct owner *o = l->owner;

	l->count += (uint32_t)records;
	l->bytes += (uint64_t)bytes;
	o->records += (uint32_t)records;
	o->bytes += (uint64_t)bytes;
	o->store->records += (uint64_t)records;
	o->store->bytes += (uint64_t)bytes;
}

static void fill(struct store_line *l, struct change *hole)
{
	TAILQ_REMOVE(&l->holes, hole, fresh);
	hole->of = NULL;
}

void line_free(struct store_line *l)
{
	struct store *s = l->owner->store;

	while (!TAILQ_EMPTY(&l->fresh))
		unfresh(l, TAILQ_FIRST(&l->fresh));
	while (!TAILQ_EMPTY(&l->holes))
		fill(l, TAILQ_FIRST(&l->holes));
	counted(l, -(int64_t)l->count, -(int64_t)l->bytes);
	SLIST_REMOVE(&l->owner->lines, l, store_line, next);
	map_take(&s->lines, &l->id);
	store_owner_release(l->owner);
	pool_put(&s->line_pool, l);
}

void line_drop(struct store_line *l)
{
	struct store *s;

	if (!l)
		return;
	s = l->owner->store;
	store_begin(s);
	if (l->count)
		line_remove(l, l->newest, LINE_DROPPED);
	store_change(s, CHANGE_NO_LINE, NULL, NULL, 0, NULL, 0)->line = l->id;
	line_free(l);
	store_end(s);
}

void line_idle(struct store_line *l, int64_t since)
{
	struct store *s = l->owner->store;

	if (l->idle == since)
		return;
	l->idle = since;
	store_begin(s);
	tell_idle(l);
	store_end(s);
}

void line_clock_set(struct store_line *l, int64_t from, int64_t step)
{
	if (!l->idle || l->idle < from)
		return;
	l->idle += step;
	tell_idle(l);
}

uint64_t line_newest(const struct store_line *l)
{
	return l->newest;
}

uint32_t line_count(const struct store_line *l)
{
	return l->count;
}

uint64_t line_oldest(const struct store_line *l)
{
	return l->count ? l->from : UINT64_MAX;
}

/* --- walking ------------------------------------------------------------------------------- */

struct walk {
	uint64_t until; /* numbers from here on are in memory */
	const struct change *hole;
	line_walk_fn fn;
	void *ud;
	int status;
};

static int walk_disk(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len)
{
	struct walk *w = ud;

	if (number >= w->until)
		return 1;
	while (w->hole && w->hole->number < number)
		w->hole = TAILQ_NEXT(w->hole, fresh);
	if (w->hole && w->hole->number == number)
		return 0;
	w->status = w->fn(w->ud, number, time, p, len);
	return w->status;
}

int line_walk(struct store_line *l, uint64_t from, line_walk_fn fn, void *ud)
{
	struct store *s = l->owner->store;
	struct change *c = TAILQ_FIRST(&l->fresh);
	struct walk w = { .until = c ? c->number : UINT64_MAX,
		.hole = TAILQ_FIRST(&l->holes),
		.fn = fn,
		.ud = ud };
	int r = l->ndisk ? s->ops->page(s->back, l->id, from, walk_disk, &w) : LGW_OK;

	if (r == LGW_EINVAL) /* the writer begins a new file */
		store_barrier(s, NULL, NULL);
	if (r)
		return r;
	for (; !w.status && c; c = TAILQ_NEXT(c, fresh))
		if (c->number >= from)
			w.status = fn(ud, c->number, c->time, change_value(c), c->len);
	return w.status;
}

struct page {
	const struct store *store;
	record_fn fn;
	void *ud;
	uint64_t last, aged;
	int64_t since;
	unsigned n;
};

static int page_record(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len)
{
	struct page *g = ud;
	struct record r;
	int e;

	time = boots_time(g->store, number, time);
	if ((time >= 0 && time < g->since) || item_decode(p, len, &r)) {
		if (!g->n)
			g->aged = number; /* too old, or not ours: dropped */
		g->last = number;
		return LGW_OK;
	}
	r.time_ms = time;
	e = g->n < PAGE_MAX ? g->fn(g->ud, &r) : LINE_ENOUGH;
	if (!e) {
		g->last = number;
		g->n++;
	}
	return e;
}

int line_page(struct store_line *l, record_fn fn, void *ud, uint64_t *last)
{
	struct store *s = l->owner->store;
	struct page g = { .store = s, .fn = fn, .ud = ud };
	int r;

	if (s->p.max_age_ms)
		g.since = timers_wall(s->timers) - s->p.max_age_ms;
	r = line_walk(l, l->from, page_record, &g);
	*last = g.last;
	if (g.aged) {
		line_remove(l, g.aged, LINE_DROPPED);
		room_tell(s, &s->aged_s, "readings of %s that are too old are dropped",
			l->owner->name);
	}
	return r == LINE_ENOUGH ? LGW_OK : r;
}

struct since {
	const struct store *store;
	record_fn fn;
	void *ud;
};

static int since_record(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len)
{
	const struct since *s = ud;
	struct record r;

	if (item_decode(p, len, &r))
		return LGW_OK;
	r.time_ms = boots_time(s->store, number, time);
	return s->fn(s->ud, &r);
}

int line_since(struct store_line *l, uint64_t number, record_fn fn, void *ud)
{
	struct since s = { l->owner->store, fn, ud };

	return number < l->newest ? line_walk(l, number + 1, since_record, &s) : LGW_OK;
}

/* --- changes ------------------------------------------------------------------------------- */

void line_settled(struct change *c)
{
	struct store_line *l = c->of;

	if (c->kind == CHANGE_TAKE) {
		fill(l, c);
		return;
	}
	TAILQ_REMOVE(&l->fresh, c, fresh);
	l->owner->store->nfresh--;
	l->owner->store->fresh_bytes -= c->len;
	l->ndisk++;
}

void line_lost(struct store_line *l)
{
	struct change *c = TAILQ_FIRST(&l->fresh);
	int64_t bytes = -(int64_t)l->bytes;

	l->from = c ? c->number : l->newest + 1;
	for (; c; c = TAILQ_NEXT(c, fresh))
		bytes += (int64_t)c->len;
	counted(l, -(int64_t)l->ndisk, bytes);
	l->owner->store->dropped += l->ndisk;
	l->ndisk = 0;
	l->thin_left = 0;
}

struct measure {
	uint64_t last, bytes;
	uint32_t n;
};

static int measure(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len)
{
	struct measure *m = ud;

	(void)time;
	(void)p;
	if (number > m->last)
		return 1;
	m->n++;
	m->bytes += len;
	return 0;
}

void line_remove(struct store_line *l, uint64_t last, enum line_end why)
{
	struct store *s = l->owner->store;
	struct measure m = { .last = last };
	bool written = false;
	uint32_t fresh = 0;
	struct change *c;

	if (!l->count || last < l->from)
		return;
	if (last >= l->newest)
		m = (struct measure){ last, l->bytes, l->count };
	else
		line_walk(l, l->from, measure, &m);
	while ((c = TAILQ_FIRST(&l->fresh)) && c->number <= last) {
		written |= s->writer && !writer_void(s->writer, c);
		unfresh(l, c);
		fresh++;
	}
	if (m.n > fresh) {
		uint32_t disk = m.n - fresh;

		l->ndisk -= disk < l->ndisk ? disk : l->ndisk;
		written = true;
	}
	l->from = last + 1;
	counted(l, -(int64_t)m.n, -(int64_t)m.bytes);
	s->delivered += why == LINE_DELIVERED ? m.n : 0;
	s->dropped += why == LINE_DROPPED ? m.n : 0;
	store_rate(s, 0, why == LINE_DELIVERED ? m.n : 0);
	if (!written || !s->writer)
		return;
	store_begin(s);
	c = store_change(s, CHANGE_REMOVE, NULL, NULL, 0, NULL, 0);
	c->line = l->id;
	c->number = last;
	store_end(s);
}

/* Where holes are in order; they come in order nearly always. */
static void add_hole(struct store_line *l, struct change *c)
{
	struct change *before = TAILQ_LAST(&l->holes, changes);

	while (before && before->number > c->number)
		before = TAILQ_PREV(before, changes, fresh);
	if (before)
		TAILQ_INSERT_AFTER(&l->holes, before, c, fresh);
	else
		TAILQ_INSERT_HEAD(&l->holes, c, fresh);
	c->of = l;
}

void line_take(struct store_line *l, uint64_t number, size_t len)
{
	struct store *s = l->owner->store;
	struct change *c = TAILQ_FIRST(&l->fresh);
	bool written = true;

	if (!c || number < c->number)
		l->ndisk--;
	else {
		while (c->number != number)
			c = TAILQ_NEXT(c, fresh);
		written = s->writer && !writer_void(s->writer, c);
		unfresh(l, c);
	}
	counted(l, -1, -(int64_t)len);
	s->dropped++;
	if (!written)
		return;
	store_begin(s);
	c = store_change(s, CHANGE_TAKE, NULL, NULL, 0, NULL, 0);
	c->line = l->id;
	c->number = number;
	add_hole(l, c);
	store_end(s);
}

int line_append(struct store_line *l, const struct record *r)
{
	struct store *s = l->owner->store;
	struct change *c;
	int e;

	wr_reset(&s->scratch);
	e = item_encode(&s->scratch, r);
	if (e)
		return e;
	store_begin(s);
	line_make_room(l);
	c = store_change(s, CHANGE_APPEND, NULL, NULL, 0, s->scratch.p, s->scratch.len);
	c->line = l->id;
	c->number = l->newest = s->next_number++;
	c->time = boots_stamp(s, r->time_ms);
	c->of = l;
	TAILQ_INSERT_TAIL(&l->fresh, c, fresh);
	s->nfresh++;
	s->fresh_bytes += c->len;
	if (!l->count)
		l->from = c->number;
	counted(l, 1, (int64_t)c->len);
	s->appended++;
	store_rate(s, 1, 0);
	if (s->boots.n && !timer_armed(&s->watch))
		timer_set(s->timers, &s->watch, timers_now(s->timers));
	store_end(s);
	return LGW_OK;
}
