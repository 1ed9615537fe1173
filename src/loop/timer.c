/* SPDX-License-Identifier: BSD-3-Clause */
/* A 4-ary heap of pointers to embedded nodes. */
#include "loop/timer.h"

#include <stdlib.h>
#include "util/mem.h"

#define ARITY   4u
#define TURN_MS 5  /* after that long the others wait for the next turn */
#define LOOK    32 /* timers between two looks at the clock */

struct timers {
	const struct clock_ops *clock;
	void *clock_ud;
	int64_t now, wall_offset;
	struct timer **heap;
	uint32_t n, cap;
	void (*on_change)(void *ud);
	void *on_change_ud;
};

struct timers *timers_new(const struct clock_ops *clock, void *clock_ud)
{
	struct timers *ts = xcalloc(1, sizeof(*ts));

	ts->clock = clock;
	ts->clock_ud = clock_ud;
	timers_update(ts);
	return ts;
}

void timers_free(struct timers *ts)
{
	if (!ts)
		return;
	for (uint32_t i = 0; i < ts->n; i++)
		ts->heap[i]->index = 0;
	free(ts->heap);
	free(ts);
}

int64_t timers_now(const struct timers *ts)
{
	return ts->now;
}

int64_t timers_wall(const struct timers *ts)
{
	return ts->now + ts->wall_offset;
}

void timers_update(struct timers *ts)
{
	ts->now = ts->clock->mono_ms(ts->clock_ud);
	ts->wall_offset = ts->clock->wall_ms(ts->clock_ud) - ts->now;
}

int64_t timers_next(const struct timers *ts)
{
	return ts->n ? ts->heap[0]->due : -1;
}

void timers_on_change(struct timers *ts, void (*fn)(void *ud), void *ud)
{
	ts->on_change = fn;
	ts->on_change_ud = ud;
}

static void place(struct timers *ts, uint32_t i, struct timer *t)
{
	ts->heap[i] = t;
	t->index = i + 1;
}

static void sift_up(struct timers *ts, uint32_t i, struct timer *t)
{
	while (i) {
		uint32_t up = (i - 1) / ARITY;

		if (ts->heap[up]->due <= t->due)
			break;
		place(ts, i, ts->heap[up]);
		i = up;
	}
	place(ts, i, t);
}

static void sift_down(struct timers *ts, uint32_t i, struct timer *t)
{
	for (;;) {
		uint32_t first = i * ARITY + 1, least = first;

		if (first >= ts->n)
			break;
		for (uint32_t k = first + 1; k < ts->n && k < first + ARITY; k++)
			if (ts->heap[k]->due < ts->heap[least]->due)
				least = k;
		if (ts->heap[least]->due >= t->due)
			break;
		place(ts, i, ts->heap[least]);
		i = least;
	}
	place(ts, i, t);
}

static void settle(struct timers *ts, uint32_t i, struct timer *t)
{
	if (i && ts->heap[(i - 1) / ARITY]->due > t->due)
		sift_up(ts, i, t);
	else
		sift_down(ts, i, t);
}

static void take_out(struct timers *ts, struct timer *t)
{
	uint32_t i = t->index - 1;
	struct timer *last = ts->heap[--ts->n];

	t->index = 0;
	if (last != t)
		settle(ts, i, last);
}

static void changed(struct timers *ts, int64_t before)
{
	if (ts->on_change && timers_next(ts) != before)
		ts->on_change(ts->on_change_ud);
}

void timer_set(struct timers *ts, struct timer *t, int64_t due_ms)
{
	int64_t before = timers_next(ts);

	t->due = due_ms;
	if (t->index) {
		settle(ts, t->index - 1, t);
	} else {
		if (ts->n == ts->cap) {
			ts->cap = ts->cap ? ts->cap * 2 : 16;
			ts->heap = xreallocarray(ts->heap, ts->cap, sizeof(struct timer *));
		}
		sift_up(ts, ts->n++, t);
	}
	changed(ts, before);
}

void timer_set_slack(struct timers *ts, struct timer *t, int64_t due_ms, int64_t slack_ms)
{
	/* The next multiple of the slack: timers of a class gather there and share wake-ups. */
	if (slack_ms > 1 && due_ms > 0)
		due_ms = (due_ms + slack_ms - 1) / slack_ms * slack_ms;
	timer_set(ts, t, due_ms);
}

void timer_del(struct timers *ts, struct timer *t)
{
	int64_t before;

	if (!t->index)
		return;
	before = timers_next(ts);
	take_out(ts, t);
	changed(ts, before);
}

void timers_run(struct timers *ts)
{
	int64_t now;

	timers_update(ts);
	now = ts->now;
	/* At most as many as were armed: a callback that re-arms itself for now cannot hold the
	 * loop; what remains due fires next turn. */
	for (uint32_t budget = ts->n; budget && ts->n && ts->heap[0]->due <= now; budget--) {
		struct timer *t = ts->heap[0];

		take_out(ts, t);
		t->fn(t, t->ud);
		if (budget % LOOK == 0 && ts->clock->mono_ms(ts->clock_ud) - now >= TURN_MS)
			break;
	}
	if (ts->on_change)
		ts->on_change(ts->on_change_ud);
}
