/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of readings: what is on the disk comes first, then what is still in memory. */
#include <stdlib.h>
#include <string.h>
#include "store/item.h"
#include "store/state.h"
#include "util/err.h"
#include "util/mem.h"

#define PAGE_MAX 256
#define DROP_MAX 64     /* at a time, when there is no room */
#define BURST_MS 600000 /* drops without such a pause are told as one */

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
	struct store_line *l = xcalloc(1, sizeof(*l));

	l->owner = o;
	l->id = id;
	l->ssid = ssid;
	l->path = *p;
	TAILQ_INIT(&l->fresh);
	LIST_INSERT_HEAD(&o->lines, l, next);
	map_put(&o->store->lines, l);
	return l;
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
}

struct store_line *line_get(struct store *s, const char *owner, uint16_t ssid, const struct path *p)
{
	struct owner *o = store_owner(s, owner, true);
	struct store_line *l;

	LIST_FOREACH(l, &o->lines, next)
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

	for (l = o ? LIST_FIRST(&o->lines) : NULL; l; l = next) {
		next = LIST_NEXT(l, next);
		fn(ud, l, l->ssid, &l->path, l->idle);
	}
}

/* A change that stands for a reading which waits no more. */
static void unfresh(struct store_line *l, struct change *c)
{
	struct store *s = l->owner->store;

	TAILQ_REMOVE(&l->fresh, c, fresh);
	c->of = NULL;
	if (s->writer)
		return; /* comes back from the writer */
	if (!c->taken) {
		TAILQ_REMOVE(&s->open, c, next);
		s->npending--;
	}
	free(c);
}

void line_free(struct store_line *l)
{
	struct store *s = l->owner->store;

	while (!TAILQ_EMPTY(&l->fresh))
		unfresh(l, TAILQ_FIRST(&l->fresh));
	s->records -= l->count;
	s->bytes -= l->bytes;
	l->owner->records -= l->count;
	LIST_REMOVE(l, next);
	map_take(&s->lines, &l->id);
	store_owner_release(l->owner);
	free(l);
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
	struct change *c;

	if (l->idle == since)
		return;
	l->idle = since;
	store_begin(s);
	c = store_change(s, CHANGE_IDLE, NULL, NULL, 0, NULL, 0);
	c->line = l->id;
	c->time = since;
	store_end(s);
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
	int (*fn)(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len);
	void *ud;
	int status;
};

static int walk_disk(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len)
{
	struct walk *w = ud;

	if (number >= w->until)
		return 1;
	w->status = w->fn(w->ud, number, time, p, len);
	return w->status;
}

/* All that waits, from the oldest on, until fn returns not 0, which is returned. */
static int walk(struct store_line *l,
	int (*fn)(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len), void *ud)
{
	struct store *s = l->owner->store;
	struct change *c = TAILQ_FIRST(&l->fresh);
	struct walk w = { .until = c ? c->number : UINT64_MAX, .fn = fn, .ud = ud };
	int r = l->ndisk ? s->ops->page(s->back, l->id, l->from, walk_disk, &w) : LGW_OK;

	if (r)
		return r;
	for (; !w.status && c; c = TAILQ_NEXT(c, fresh))
		w.status = fn(ud, c->number, c->time, change_value(c), c->len);
	return w.status;
}

struct page {
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

	if (time < g->since || item_decode(p, len, &r)) {
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
	struct page g = { .fn = fn, .ud = ud };
	int r;

	if (s->p.max_age_ms)
		g.since = timers_wall(s->timers) - s->p.max_age_ms;
	r = walk(l, page_record, &g);
	*last = g.last;
	if (g.aged)
		line_remove(l, g.aged, LINE_DROPPED);
	return r == LINE_ENOUGH ? LGW_OK : r;
}

/* --- changes ------------------------------------------------------------------------------- */

void line_settled(struct change *c)
{
	struct store_line *l = c->of;

	TAILQ_REMOVE(&l->fresh, c, fresh);
	l->ndisk++;
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
		walk(l, measure, &m);
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
	l->count -= m.n;
	l->bytes -= m.bytes;
	l->owner->records -= m.n;
	s->records -= m.n;
	s->bytes -= m.bytes;
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

struct head {
	uint64_t last;
	unsigned n;
};

static int head_number(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len)
{
	struct head *h = ud;

	(void)time;
	(void)p;
	(void)len;
	h->last = number;
	return ++h->n >= DROP_MAX;
}

/* Room, by what is oldest: of one owner, or of all. */
static void drop_oldest(struct store *s, struct owner *o)
{
	struct store_line *l, *oldest = NULL;
	struct head h = { 0 };
	size_t it = 0;

	if (o) {
		LIST_FOREACH(l, &o->lines, next)
			if (l->count && (!oldest || l->from < oldest->from))
				oldest = l;
	} else {
		while ((l = map_next(&s->lines, &it)))
			if (l->count && (!oldest || l->from < oldest->from))
				oldest = l;
	}
	if (!oldest)
		return;
	walk(oldest, head_number, &h);
	line_remove(oldest, h.n ? h.last : oldest->newest, LINE_DROPPED);
}

static void make_room(struct store_line *l)
{
	struct store *s = l->owner->store;
	bool all = s->records >= s->p.max_records || s->bytes >= s->p.max_bytes;
	bool own = l->owner->records >= s->p.owner_records;
	int64_t now = timers_now(s->timers);

	if (!all && !own)
		return;
	if ((!s->dropped_ms || now - s->dropped_ms > BURST_MS) && s->hooks && s->hooks->alarm)
		s->hooks->alarm(s->ud, true,
			all ? "the store is full: the oldest readings are dropped"
			    : "a device's share of the store is full: its oldest readings are "
			      "dropped");
	s->dropped_ms = now;
	drop_oldest(s, all ? NULL : l->owner);
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
	make_room(l);
	c = store_change(s, CHANGE_APPEND, NULL, NULL, 0, s->scratch.p, s->scratch.len);
	c->line = l->id;
	c->number = l->newest = s->next_number++;
	c->time = r->time_ms;
	c->of = l;
	TAILQ_INSERT_TAIL(&l->fresh, c, fresh);
	if (!l->count++)
		l->from = c->number;
	l->bytes += c->len;
	l->owner->records++;
	s->records++;
	s->bytes += c->len;
	s->appended++;
	store_rate(s, 1, 0);
	store_end(s);
	return LGW_OK;
}
