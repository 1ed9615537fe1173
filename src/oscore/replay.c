/* SPDX-License-Identifier: BSD-3-Clause */
#include "oscore/replay.h"

void oscore_window_reset(struct oscore_window *w)
{
	*w = (struct oscore_window){ .valid = true };
}

void oscore_window_start(struct oscore_window *w, uint64_t seq)
{
	*w = (struct oscore_window){ .end = seq + 1, .seen = UINT32_MAX, .valid = true };
}

bool oscore_window_fits(const struct oscore_window *w, uint64_t seq)
{
	uint64_t back;

	if (!w->valid)
		return false;
	if (seq >= w->end)
		return true;
	back = w->end - 1 - seq;
	return back < OSCORE_WINDOW && !(w->seen >> back & 1);
}

void oscore_window_take(struct oscore_window *w, uint64_t seq)
{
	uint64_t ahead;

	if (seq < w->end) {
		w->seen |= 1u << (w->end - 1 - seq);
		return;
	}
	ahead = seq + 1 - w->end;
	w->seen = ahead < OSCORE_WINDOW ? w->seen << ahead | 1 : 1;
	w->end = seq + 1;
}
