/* SPDX-License-Identifier: BSD-3-Clause */
/* Turns: so many may be at it at a time, the others stand in line. */
#ifndef TRANSPORT_TURN_H
#define TRANSPORT_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include "loop/timer.h"

struct turn {
	TAILQ_ENTRY(turn) next;
	void (*fn)(void *ud); /* its turn has come; called from the loop */
	void *ud;
	bool waits, has;
};

struct turns {
	struct timers *timers;
	struct timer timer;
	TAILQ_HEAD(turn_line, turn) line;
	uint32_t active, max; /* max 0: no limit */
};

void turns_init(struct turns *ts, struct timers *timers, uint32_t max);
void turns_fini(struct turns *ts); /* nobody may wait any more */
/* Stand in line; fn follows. Harmless when in line or at it already. */
void turn_take(struct turns *ts, struct turn *t);
/* Leave the line, or make room for the next. Harmless otherwise. */
void turn_give(struct turns *ts, struct turn *t);

#endif
