/* SPDX-License-Identifier: BSD-3-Clause */
/* Room where a limit is reached: the oldest go, or old ones are thinned out. */
#include <stdarg.h>
#include <stdio.h>
#include "store/state.h"
#include "util/err.h"

#define DROP_MAX        64    /* at a time */
#define FRESH_MAX       50000 /* in memory, while the disk fails */
#define FRESH_BYTES_MAX (16u << 20)
#define THIN_MAX        512 /* looked at at a time; every second one goes */
#define THIN_MIN        4   /* shorter lines are not thinned */
#define BURST_S         600 /* drops without such a pause are told as one */

typedef bool better_fn(const struct store_line *l, const struct store_line *than);

static bool is_older(const struct store_line *l, const struct store_line *than)
{
	return l->from < than->from;
}

static bool is_longer(const struct store_line *l, const struct store_line *than)
{
	return l->count > than->count;
}

/* The best line of an owner, or of all, that has something. */
static struct store_line *choose(struct store *s, struct owner *o, better_fn *better)
{
	struct store_line *l, *best = NULL;
	size_t it = 0;

	if (o) {
		SLIST_FOREACH(l, &o->lines, next)
			if (l->count && (!best || better(l, best)))
				best = l;
		return best;
	}
	while ((l = map_next(&s->lines, &it)))
		if (l->count && (!best || better(l, best)))
			best = l;
	return best;
}

/* --- the oldest ---------------------------------------------------------------------------- */

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

static void drop_oldest(struct store *s, struct owner *o)
{
	struct store_line *l = choose(s, o, is_older);
	struct head h = { 0 };

	if (!l)
		return;
	line_walk(l, l->from, head_number, &h);
	line_remove(l, h.n ? h.last : l->newest, LINE_DROPPED);
}

static bool is_fresher(const struct store_line *l, const struct store_line *than)
{
	const struct change *a = TAILQ_FIRST(&l->fresh), *b = TAILQ_FIRST(&than->fresh);

	return a && (!b || a->number < b->number);
}

/* Of those in memory. */
static void drop_fresh(struct store *s)
{
	struct store_line *l = choose(s, NULL, is_fresher);
	struct change *c;

	for (int k = 0; l && k < DROP_MAX && (c = TAILQ_FIRST(&l->fresh)); k++)
		line_take(l, c->number, c->len);
}

/* --- thinning ------------------------------------------------------------------------------ */

struct thin {
	struct {
		uint64_t number;
		size_t len;
	} second[THIN_MAX / 2];
	unsigned looked, max;
	uint64_t last;
};

static int look(void *ud, uint64_t number, int64_t time, const uint8_t *p, size_t len)
{
	struct thin *t = ud;

	(void)time;
	(void)p;
	if (t->looked++ % 2) {
		t->second[t->looked / 2 - 1].number = number;
		t->second[t->looked / 2 - 1].len = len;
	}
	t->last = number;
	return t->looked >= t->max;
}

/* A piece of the older half; false: nothing was gained. */
static bool thin(struct store_line *l)
{
	struct thin t = { 0 };

	if (l->count < THIN_MIN)
		return false;
	if (l->thin_left < 2) {
		l->thin_left = l->count / 2;
		l->thin_next = l->from;
	}
	t.max = l->thin_left < THIN_MAX ? l->thin_left : THIN_MAX;
	line_walk(l, l->thin_next, look, &t);
	l->thin_next = t.last + 1;
	l->thin_left = t.looked < t.max ? 0 : l->thin_left - t.looked;
	for (unsigned k = 0; k < t.looked / 2; k++)
		line_take(l, t.second[k].number, t.second[k].len);
	return t.looked >= 2;
}

void room_tell(struct store *s, uint32_t *last, const char *fmt, ...)
{
	uint32_t now = (uint32_t)(timers_now(s->timers) / 1000) + 1;
	char text[384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if ((!*last || now - *last > BURST_S) && s->hooks && s->hooks->alarm)
		s->hooks->alarm(s->ud, true, text);
	*last = now;
}

void line_make_room(struct store_line *l)
{
	struct store *s = l->owner->store;
	bool all = s->records >= s->p.max_records || s->bytes >= s->p.max_bytes;
	bool own = l->owner->records >= s->p.owner_records || l->owner->bytes >= s->p.owner_bytes;
	bool thins = s->p.room == STORE_ROOM_THIN;
	struct owner *o = all ? NULL : l->owner;
	bool stuck = s->failing && (s->nfresh >= FRESH_MAX || s->fresh_bytes >= FRESH_BYTES_MAX);
	struct store_line *longest;

	if (!all && !own && !stuck)
		return;
	if (stuck)
		room_tell(s, &s->dropped_s,
			"the disk fails for long: the oldest readings in memory are dropped");
	else if (all)
		room_tell(s, &s->dropped_s, "the store is full: %s",
			thins ? "older readings are thinned out"
			      : "the oldest readings are dropped");
	else
		room_tell(s, &o->dropped_s, "the share of %s in the store is full: its %s", o->name,
			thins ? "older readings are thinned out" : "oldest readings are dropped");
	if (stuck) {
		drop_fresh(s);
		return;
	}
	longest = thins ? choose(s, o, is_longer) : NULL;
	if (!longest || !thin(longest))
		drop_oldest(s, o);
}
