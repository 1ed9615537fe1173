/* SPDX-License-Identifier: BSD-3-Clause */
/* The replay window of a recipient: the last 32 numbers (RFC 8613 §3.2.2, §7.4). */
#ifndef OSCORE_REPLAY_H
#define OSCORE_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#define OSCORE_WINDOW 32

struct oscore_window {
	uint64_t end;  /* one more than the highest number seen */
	uint32_t seen; /* bit i: end - 1 - i was seen */
	bool valid;    /* false: lost with a restart, every number may be a replay */
};

/* Nothing has been seen: for keys that are new. */
void oscore_window_reset(struct oscore_window *w);
/* This number is known to be fresh; all below it count as seen (RFC 8613 B.1.2). */
void oscore_window_start(struct oscore_window *w, uint64_t seq);
bool oscore_window_fits(const struct oscore_window *w, uint64_t seq);
/* Only after the message was verified. */
void oscore_window_take(struct oscore_window *w, uint64_t seq);

#endif
