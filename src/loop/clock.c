/* SPDX-License-Identifier: BSD-3-Clause */
#include "loop/clock.h"

#include <time.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t mono_ms(void *ud)
{
	(void)ud;
	return read_ms(CLOCK_BOOTTIME); /* lifetimes run on while the machine sleeps */
}

static int64_t wall_ms(void *ud)
{
	(void)ud;
	return read_ms(CLOCK_REALTIME);
}

uint64_t clock_monotonic_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

const struct clock_ops clock_system = { mono_ms, wall_ms };
