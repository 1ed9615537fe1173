/* SPDX-License-Identifier: BSD-3-Clause */
/* The system's clock. Everything else asks struct timers. */
#ifndef LOOP_CLOCK_H
#define LOOP_CLOCK_H

#include "loop/timer.h"

extern const struct clock_ops clock_system;
/* CLOCK_MONOTONIC in microseconds, as systemd counts. */
uint64_t clock_monotonic_us(void);

#endif
