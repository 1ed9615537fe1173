/* SPDX-License-Identifier: BSD-3-Clause */
/* Waiting for what threads, sockets and children do: for a condition, with a deadline that a busy
 * machine does not reach. */
#ifndef SUPPORT_UNTIL_H
#define SUPPORT_UNTIL_H

#include "loop/loop.h"

#define PATIENCE_MS 120000

/* Turn the loop until the condition holds; the test fails where it never does. */
#define UNTIL(loop_, cond_)                                             \
	do {                                                            \
		int64_t end_;                                           \
		loop_turn(loop_, 0); /* its clock may be of long ago */ \
		end_ = timers_now(loop_timers(loop_)) + PATIENCE_MS;    \
		while (!(cond_)) {                                      \
			if (timers_now(loop_timers(loop_)) > end_)      \
				fail_msg("not in time: %s", #cond_);    \
			loop_turn(loop_, 20);                           \
		}                                                       \
	} while (0)

#endif
