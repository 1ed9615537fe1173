/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/item.h"
#include "store/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("store");

#define WATCH_MS 60000

const struct store_params store_params_default = {
	.durability = STORE_POWER,
	.max_records = 1000000,
	.max_bytes = 256u << 20,
	.owner_records = 100000,
	.owner_bytes = 64u << 20,
};

/* --- owners -------------------------------------------------------------------------------- */

static uint64_t owner_hash(const void *key, uint64_t seed)
{
	return map_hash_str(key, seed);
}

static bool owner_match(const void *key, const void *item)
{
	return !strcmp(key, ((const struct owner *)item)->name);
}

static const void *owner_key(const void *item)
{
	return ((const struct owner *)item)->name;
}

static const struct map_ops owner_map_ops = { owner_hash, owner_match, owner_key };

struct owner *store_owner(struct store *s, const char *name, bool make)
{
	struct owner *o = map_get(&s->owners, name);
	size_t len = strlen(name) + 1;

	if (o || !make)
		return o;
	o = xcalloc(1, offsetof(struct owner, name) + len);
	memcpy(o->name, name, len);
	o->store = s;
	map_put(&s->owners, o);
	return o;
}

void store_owner_release(struct owner *o)
{
	if (!SLIST_EMPTY(&o->lines) || !LIST_EMPTY(&o->kept))
		return;
	map_take(&o->store->owners, o->name);
	free(o);
}

/* --- changes ------------------------------------------------------------------------------- */

/* To the writer, once the group is closed. */
static void hand_over(struct store *s)
{
	if (s->depth || TAILQ_EMPTY(&s->open))
		return;
	if (s->writer)
		writer_push(s->writer, &s->open);
	else
		timer_set(s->timers, &s->soon, timers_now(s->timers));
}

struct change *store_change(struct store *s, enum change_kind kind, const char *owner,
	const void *key, size_t key_len, const void *value, size_t len)
{
	size_t owner_len = owner ? strlen(owner) : 0;
	struct change *c = xcalloc(1, sizeof(*c) + owner_len + 1 + key_len + len);

	c->kind = kind;
	c->owner_len = owner_len;
	c->key_len = key_len;
	c->len = len;
	if (owner_len)
		memcpy(c->bytes, owner, owner_len);
	if (key_len)
		memcpy(c->bytes + owner_len + 1, key, key_len);
	if (len)
		memcpy(c->bytes + owner_len + 1 + key_len, value, len);
	s->changes++;
	s->npending++;
	TAILQ_INSERT_TAIL(&s->open, c, next);
	return c;
}

void store_begin(struct store *s)
{
	s->depth++;
}

void store_end(struct store *s)
{
	if (s->depth == 1)
		boots_note(s);
	s->depth--;
	hand_over(s);
}

static void reach(struct store *s, struct change *c, int status)
{
	store_fn fn = c->fn;

	TAILQ_REMOVE(&s->barriers, c, fresh);
	c->fn = NULL; /* the change itself is the writer's */
	fn(c->ud, status);
}

/* From the loop: nobody waits any longer for a disk that fails. */
static void give_up(struct store *s)
{
	if (s->leaving && s->failing && !TAILQ_EMPTY(&s->barriers))
		timer_set(s->timers, &s->soon, timers_now(s->timers));
}

void store_barrier(struct store *s, store_fn fn, void *ud)
{
	struct change *c;

	store_begin(s);
	c = store_change(s, CHANGE_BARRIER, NULL, NULL, 0, NULL, 0);
	c->fn = fn;
	c->ud = ud;
	if (fn)
		TAILQ_INSERT_TAIL(&s->barriers, c, fresh);
	store_end(s);
	give_up(s);
}

void store_leave(struct store *s)
{
	s->leaving = true;
	give_up(s);
}

uint64_t store_number(const struct store *s)
{
	return s->next_number - 1;
}

void store_numbers_after(struct store *s, uint64_t number)
{
	if (s->next_number <= number)
		s->next_number = number + 1;
}

uint64_t store_changes(const struct store *s)
{
	return s->changes;
}

bool store_survives(const struct store *s)
{
	return s->writer;
}

bool store_failing(const struct store *s)
{
	return s->failing;
}

/* They are durable, or will never be. */
static void done(void *ud, struct changes *list, int status)
{
	struct store *s = ud;
	struct change *c;

	while ((c = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, c, next);
		s->npending--;
		s->lost += status && c->kind != CHANGE_BARRIER && !c->void_;
		if (c->fn)
			reach(s, c, status);
		if (c->of)
			line_settled(c);
		if (c->kind == CHANGE_FACT) /* some are secrets */
			mem_wipe(c->bytes, c->owner_len + 1 + c->key_len + c->len);
		free(c);
	}
}

/* In RAM what was appended stays where it is. */
static void done_in_ram(struct store *s)
{
	struct changes list = TAILQ_HEAD_INITIALIZER(list);
	struct change *c, *next;

	TAILQ_CONCAT(&list, &s->open, next);
	for (c = TAILQ_FIRST(&list); c; c = next) {
		next = TAILQ_NEXT(c, next);
		if (c->kind != CHANGE_APPEND || !c->of)
			continue;
		TAILQ_REMOVE(&list, c, next);
		c->taken = true;
		s->npending--;
	}
	done(s, &list, LGW_OK);
}

static void soon(struct timer *t, void *ud)
{
	struct store *s = ud;

	(void)t;
	if (!s->writer)
		done_in_ram(s);
	while (s->writer && !TAILQ_EMPTY(&s->barriers))
		reach(s, TAILQ_FIRST(&s->barriers), LGW_ECANCELED);
}

/* The file is a new one: what is still known is written to it. */
static void begin_anew(struct store *s)
{
	struct store_line *l;
	size_t it = 0;

	store_begin(s);
	boots_again(s);
	facts_again(s);
	while ((l = map_next(&s->lines, &it))) {
		line_lost(l);
		line_announce(l);
	}
	if (s->hooks && s->hooks->renewed)
		s->hooks->renewed(s->ud);
	store_end(s);
}

static void state(void *ud, bool ok, bool renewed, const char *why)
{
	struct store *s = ud;
	char text[256];

	s->failing = !ok;
	if (renewed)
		snprintf(text, sizeof(text), "%s was damaged (%s): a new one is begun", s->p.file,
			why);
	else if (ok)
		snprintf(text, sizeof(text), "%s is written again", s->p.file);
	else
		snprintf(text, sizeof(text), "%s cannot be written: %s; kept in memory", s->p.file,
			why);
	if (ok && !renewed)
		log_notice(NULL, "%s", text);
	give_up(s);
	if (s->hooks && s->hooks->alarm && !s->ending)
		s->hooks->alarm(s->ud, !ok || renewed, text);
	if (renewed && !s->ending)
		begin_anew(s);
}

static const struct writer_hooks writer_hooks = { done, state };

/* --- life ---------------------------------------------------------------------------------- */

static void load_fact(void *ud, enum store_fact kind, const char *owner, const uint8_t *key,
	size_t key_len, const uint8_t *value, size_t len)
{
	fact_keep(ud, kind, owner, key, key_len, value, len);
}

static void load_line(void *ud, uint64_t id, const char *owner, uint16_t ssid, const uint8_t *path,
	size_t path_len, int64_t idle)
{
	struct store *s = ud;
	struct path p;

	if (item_path_parse(path, path_len, &p))
		return;
	/* One that was noted by a clock that was not set says nothing. */
	line_make(store_owner(s, owner, true), id, ssid, &p)->idle = idle < BOOTS_UNSET ? 0 : idle;
	if (id >= s->next_line)
		s->next_line = id + 1;
}

static void load_records(void *ud, uint64_t line, uint64_t first, uint64_t last, uint32_t n,
	uint64_t bytes, int64_t oldest_ms)
{
	struct store *s = ud;
	struct store_line *l = map_get(&s->lines, &line);

	if (last >= s->next_number)
		s->next_number = last + 1;
	if (!l)
		return;
	l->from = first;
	l->newest = last;
	l->count = l->ndisk = n;
	l->bytes = bytes;
	l->owner->records += n;
	l->owner->bytes += bytes;
	s->records += n;
	s->bytes += bytes;
}

static struct store_line *oldest_line(const struct store *s)
{
	struct store_line *l, *oldest = NULL;
	size_t it = 0;

	while ((l = map_next(&s->lines, &it)))
		if (l->count && (!oldest || l->from < oldest->from))
			oldest = l;
	return oldest;
}

static void watch(struct timer *t, void *ud)
{
	struct store *s = ud;

	boots_note(s);
	if (s->records)
		timer_set_slack(s->timers, t, timers_now(s->timers) + WATCH_MS, WATCH_MS);
}

static const struct back_loader loader = { load_fact, load_line, load_records };

static int begin_file(struct store *s, struct loop *l, char *text, size_t size)
{
	int r = s->ops->open(&s->p, &s->back, text, size);

	if (r)
		return r;
	if (*text && s->hooks && s->hooks->alarm)
		s->hooks->alarm(s->ud, true, text);
	r = s->ops->load(s->back, &loader, s);
	if (r == LGW_EINVAL) { /* what was read of it is good; the writer tries again */
		r = s->ops->renew(s->back);
		r = r == LGW_EIO ? LGW_OK : r;
		state(s, !r, true, "it cannot be read");
	}
	if (!r)
		s->writer = writer_new(l, s->ops, s->back, &writer_hooks, s);
	if (!s->writer)
		snprintf(text, size, "%s: no writer", s->p.file);
	return s->writer ? LGW_OK : LGW_EIO;
}

int store_new(const struct store_params *p, struct loop *l, struct timers *ts,
	const struct store_hooks *hooks, void *ud, struct store **out, char *text, size_t size)
{
	struct store *s = xcalloc(1, sizeof(*s));
	const struct store_line *ol;
	int r = LGW_OK;

	*text = '\0';
	s->p = *p;
	s->p.file = xstrdup(p->file);
	s->p.boot = xstrdup(p->boot);
	s->timers = ts;
	s->hooks = hooks;
	s->ud = ud;
	s->begun_ms = timers_now(ts);
	s->next_line = s->next_number = 1;
	s->scratch = wr_grow(2 * ITEM_VALUE_MAX);
	TAILQ_INIT(&s->open);
	TAILQ_INIT(&s->barriers);
	map_init(&s->owners, &owner_map_ops);
	map_init(&s->lines, &line_map_ops);
	pool_init(&s->line_pool, sizeof(struct store_line), 0);
	timer_init(&s->soon, soon, s);
	timer_init(&s->watch, watch, s);
	if (p->file) {
		s->ops = &back_ops_sqlite;
		r = begin_file(s, l, text, size);
	}
	if (r) {
		store_free(s);
		return r;
	}
	ol = oldest_line(s);
	boots_begin(s, ol ? ol->from : UINT64_MAX);
	*out = s;
	return LGW_OK;
}

static struct owner *any_owner(struct store *s)
{
	size_t it = 0;

	return map_next(&s->owners, &it);
}

void store_free(struct store *s)
{
	struct owner *o;

	if (!s)
		return;
	s->depth = 0;
	s->ending = true; /* nobody is told any more */
	if (s->writer)
		hand_over(s);
	writer_free(s->writer);
	if (s->lost)
		log_err(NULL, "%s: the last %llu changes are not in it, the disk did not take them",
			s->p.file, (unsigned long long)s->lost);
	timer_del(s->timers, &s->soon);
	timer_del(s->timers, &s->watch);
	done_in_ram(s);
	if (s->ops)
		s->ops->close(s->back);
	while ((o = any_owner(s))) {
		while (!LIST_EMPTY(&o->kept))
			fact_unkeep(LIST_FIRST(&o->kept));
		while (SLIST_FIRST(&o->lines) && SLIST_NEXT(SLIST_FIRST(&o->lines), next))
			line_free(SLIST_FIRST(&o->lines));
		if (SLIST_EMPTY(&o->lines))
			store_owner_release(o);
		else
			line_free(SLIST_FIRST(&o->lines)); /* and its owner */
	}
	map_fini(&s->owners);
	map_fini(&s->lines);
	pool_fini(&s->line_pool);
	wr_fini(&s->scratch);
	free((char *)(uintptr_t)s->p.file);
	free((char *)(uintptr_t)s->p.boot);
	free(s);
}

/* --- looking ------------------------------------------------------------------------------- */

void store_rate(struct store *s, uint32_t in, uint32_t out)
{
	int64_t minute = timers_now(s->timers) / 60000;
	size_t k = (size_t)(minute % RATE_MINUTES);

	if (s->rate[k].minute != minute) {
		s->rate[k].minute = minute;
		s->rate[k].in = s->rate[k].out = 0;
	}
	s->rate[k].in += in;
	s->rate[k].out += out;
}

static int first_time(void *ud, const struct record *r)
{
	*(int64_t *)ud = r->time_ms;
	return LINE_ENOUGH;
}

/* Until so much has gone by at this rate. */
static double time_of(double much, double rate)
{
	return much <= 0 ? 0 : rate > 0 ? much / rate : -1;
}

static void foresee(const struct store *s, struct store_status *out)
{
	double net = out->in_per_s - out->out_per_s;
	double each = s->records ? (double)s->bytes / (double)s->records : 0;
	double bytes = time_of((double)s->p.max_bytes - (double)s->bytes, net * each);

	out->full_s = time_of((double)s->p.max_records - (double)s->records, net);
	if (bytes >= 0 && (out->full_s < 0 || bytes < out->full_s))
		out->full_s = bytes;
	out->empty_s = time_of((double)s->records, -net);
}

void store_status(struct store *s, struct store_status *out)
{
	int64_t now = timers_now(s->timers) / 60000;
	int64_t minutes = now - s->begun_ms / 60000 + 1;
	struct store_line *oldest = oldest_line(s);
	uint64_t last, in = 0, gone = 0;

	*out = (struct store_status){ .records = s->records,
		.bytes = s->bytes,
		.max_records = s->p.max_records,
		.max_bytes = s->p.max_bytes,
		.appended = s->appended,
		.delivered = s->delivered,
		.dropped = s->dropped,
		.pending = s->npending,
		.failing = s->failing };
	if (oldest)
		line_page(oldest, first_time, &out->oldest_ms, &last);
	if (out->oldest_ms < 0)
		out->oldest_ms += timers_wall(s->timers);
	for (int k = 0; k < RATE_MINUTES; k++) {
		if (now - s->rate[k].minute >= RATE_MINUTES)
			continue;
		in += s->rate[k].in;
		gone += s->rate[k].out;
	}
	minutes = minutes > RATE_MINUTES ? RATE_MINUTES : minutes;
	out->in_per_s = (double)in / (double)(minutes * 60);
	out->out_per_s = (double)gone / (double)(minutes * 60);
	foresee(s, out);
}

bool store_knows(struct store *s, const char *owner)
{
	return store_owner(s, owner, false) != NULL;
}

uint64_t store_drop(struct store *s, const char *owner)
{
	uint64_t before = s->records;
	struct store_line *l;
	size_t it = 0;

	store_begin(s);
	while ((l = map_next(&s->lines, &it)))
		if (!owner || !strcmp(owner, l->owner->name))
			line_remove(l, l->newest, LINE_DROPPED);
	store_end(s);
	return before - s->records;
}
