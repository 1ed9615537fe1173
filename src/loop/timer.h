/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timers: a heap of small embedded nodes over a clock. Knows no libevent, so that a test plays
 * hours in milliseconds with a clock of its own. Times are monotonic milliseconds.
 */
#ifndef LOOP_TIMER_H
#define LOOP_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/* The one source of time; replaceable. */
struct clock_ops {
	int64_t (*mono_ms)(void *ud);
	int64_t (*wall_ms)(void *ud); /* Unix time */
};

struct timers;
struct timer;
typedef void (*timer_fn)(struct timer *t, void *ud);

struct timer {
	int64_t due;
	timer_fn fn;
	void *ud;
	uint32_t index; /* in the heap + 1; 0: not armed */
};

struct timers *timers_new(const struct clock_ops *clock, void *clock_ud);
void timers_free(struct timers *ts);
/* The time of this turn: read once by timers_run, equal for all that happens in it. */
int64_t timers_now(const struct timers *ts);
int64_t timers_wall(const struct timers *ts);
/* Read the clock again (at the begin of a turn). */
void timers_update(struct timers *ts);
/* Earliest due time, or -1 when none is armed. */
int64_t timers_next(const struct timers *ts);
/* Fire all that are due, in order of time; a timer set from inside for now fires next turn, and so
 * do the others when it takes long. */
void timers_run(struct timers *ts);
/* Told when the earliest due time changes (the loop re-arms its one libevent timer). */
void timers_on_change(struct timers *ts, void (*fn)(void *ud), void *ud);

static inline void timer_init(struct timer *t, timer_fn fn, void *ud)
{
	*t = (struct timer){ 0, fn, ud, 0 };
}
/* Arm or re-arm at an absolute time. */
void timer_set(struct timers *ts, struct timer *t, int64_t due_ms);
/* Arm within [due, due + slack], where others are due already if possible. */
void timer_set_slack(struct timers *ts, struct timer *t, int64_t due_ms, int64_t slack_ms);
void timer_del(struct timers *ts, struct timer *t); /* harmless when not armed */
static inline bool timer_armed(const struct timer *t)
{
	return t->index != 0;
}

#endif
