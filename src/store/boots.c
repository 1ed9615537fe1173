/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/boots.h"
#include <stdlib.h>
#include <string.h>
#include "store/state.h"
#include "util/rd.h"
#include "util/str.h"

#define STEP_MS  1000  /* less is no news */
#define ALIVE_MS 60000 /* while the clock is not set, how long we run is noted so often */

static int64_t offset_now(const struct store *s)
{
	return timers_wall(s->timers) - timers_now(s->timers);
}

static void put(struct store *s, const struct boot *b)
{
	uint8_t bytes[24];
	struct wr w = wr_of(bytes, sizeof(bytes));

	wr_u64(&w, b->first);
	wr_u64(&w, (uint64_t)b->offset);
	wr_u64(&w, (uint64_t)b->until);
	store_put(s, STORE_BOOTS, "", b->id, strlen(b->id), bytes, w.len);
}

/* By the clock as it was before: what was noted by it goes with it. */
static void step_lines(struct store *s, int64_t from, int64_t step)
{
	struct store_line *l;
	size_t it = 0;

	while ((l = map_next(&s->lines, &it)))
		line_clock_set(l, from, step);
}

static void save(struct store *s, struct boot *b)
{
	b->offset = offset_now(s);
	b->until = timers_now(s->timers);
	put(s, b);
}

void boots_again(struct store *s)
{
	for (unsigned k = 0; k < s->boots.n; k++)
		put(s, &s->boots.boot[k]);
}

void boots_note(struct store *s)
{
	struct boot *b = s->boots.n ? &s->boots.boot[s->boots.n - 1] : NULL;
	bool unset = timers_wall(s->timers) < BOOTS_UNSET;
	int64_t step = b ? offset_now(s) - b->offset : 0;

	if (llabs(step) > STEP_MS)
		step_lines(s, b->offset + s->begun_ms, step);
	if (b && (llabs(step) > STEP_MS || (unset && timers_now(s->timers) - b->until >= ALIVE_MS)))
		save(s, b);
}

/* --- the begin ----------------------------------------------------------------------------- */

static int by_first(const void *a, const void *b)
{
	uint64_t x = ((const struct boot *)a)->first, y = ((const struct boot *)b)->first;

	return x < y ? -1 : x > y;
}

static void forget_first(struct store *s)
{
	struct boots *bs = &s->boots;

	store_del(s, STORE_BOOTS, "", bs->boot[0].id, strlen(bs->boot[0].id));
	memmove(bs->boot, bs->boot + 1, --bs->n * sizeof(bs->boot[0]));
}

static void load(void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	struct boots *bs = ud;
	struct boot *b = &bs->boot[bs->n];
	struct rd r = rd_of(value, len);

	if (bs->n == BOOTS_MAX - 1 || key_len >= sizeof(b->id))
		return; /* cannot be: there were never more */
	memcpy(b->id, key, key_len);
	b->id[key_len] = '\0';
	b->first = rd_u64(&r);
	b->offset = (int64_t)rd_u64(&r);
	b->until = (int64_t)rd_u64(&r);
	bs->n += !rd_err(&r);
}

void boots_begin(struct store *s, uint64_t oldest)
{
	struct boots *bs = &s->boots;
	struct boot *b;

	if (!s->p.boot)
		return;
	store_adopt(s, STORE_BOOTS, "", load, bs);
	qsort(bs->boot, bs->n, sizeof(bs->boot[0]), by_first);
	if (bs->n && bs->boot[bs->n - 1].first > s->next_number)
		s->next_number = bs->boot[bs->n - 1].first;
	if (!bs->n || strcmp(bs->boot[bs->n - 1].id, s->p.boot)) {
		b = &bs->boot[bs->n++];
		*b = (struct boot){ .first = s->next_number };
		str_copy(b->id, sizeof(b->id), s->p.boot);
		save(s, b);
	}
	while (bs->n > 1 && (bs->n == BOOTS_MAX || bs->boot[1].first <= oldest))
		forget_first(s);
	boots_note(s);
}

/* --- times --------------------------------------------------------------------------------- */

int64_t boots_stamp(const struct store *s, int64_t time_ms)
{
	return s->boots.n && time_ms == timers_wall(s->timers) ? -1 - timers_now(s->timers)
							       : time_ms;
}

int64_t boots_time(const struct store *s, uint64_t number, int64_t kept)
{
	const struct boot *b = s->boots.boot;
	unsigned k = s->boots.n, ours = k - 1;
	int64_t up = -1 - kept;

	if (kept >= 0 || !k)
		return kept;
	while (--k && b[k].first > number)
		;
	/* Where the clock was never set: as if the machine had been started again at once. */
	while (k < ours && b[k].offset + up < BOOTS_UNSET) {
		up = b[k].until > up ? up - b[k].until : 0;
		k++;
	}
	if (k < ours)
		return b[k].offset + up;
	if (timers_wall(s->timers) >= BOOTS_UNSET)
		return offset_now(s) + up;
	up -= timers_now(s->timers);
	return up < 0 ? up : -1;
}
