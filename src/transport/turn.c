/* SPDX-License-Identifier: BSD-3-Clause */
#include "transport/turn.h"

static bool room(const struct turns *ts)
{
	return !ts->max || ts->active < ts->max;
}

static void wake(struct turns *ts)
{
	if (!TAILQ_EMPTY(&ts->line) && room(ts) && !timer_armed(&ts->timer))
		timer_set(ts->timers, &ts->timer, timers_now(ts->timers));
}

/* As many as there were in line and as there is room; who comes meanwhile waits for the next. */
static void call(struct timer *timer, void *ud)
{
	struct turns *ts = ud;
	struct turn *t;

	while (room(ts) && (t = TAILQ_FIRST(&ts->line))) {
		TAILQ_REMOVE(&ts->line, t, next);
		t->waits = false;
		t->has = true;
		ts->active++;
		t->fn(t->ud);
	}
}

void turns_init(struct turns *ts, struct timers *timers, uint32_t max)
{
	*ts = (struct turns){ .timers = timers, .max = max };
	TAILQ_INIT(&ts->line);
	timer_init(&ts->timer, call, ts);
}

void turns_fini(struct turns *ts)
{
	timer_del(ts->timers, &ts->timer);
}

void turn_take(struct turns *ts, struct turn *t)
{
	if (t->waits || t->has)
		return;
	t->waits = true;
	TAILQ_INSERT_TAIL(&ts->line, t, next);
	wake(ts);
}

void turn_give(struct turns *ts, struct turn *t)
{
	if (t->waits)
		TAILQ_REMOVE(&ts->line, t, next);
	if (t->has)
		ts->active--;
	t->waits = t->has = false;
	wake(ts);
}
