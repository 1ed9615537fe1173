/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * OSCORE's sender sequence numbers with a store: ranges are noted ahead of their use (RFC 8613
 * B.1.1). A note is durable some milliseconds later; until then numbers do not run ahead of the
 * clock, behind which a next life never begins either. The clock counts the milliseconds since
 * 2026 (it has not been set where they are below 2^31); or 31 in a second since
 * oscore_params.since_ms, up to 2^31.
 */
#ifndef LWM2M_NUMBERS_H
#define LWM2M_NUMBERS_H

#include "loop/timer.h"
#include "oscore/context.h"

struct store;
struct numbers;

struct numbers *numbers_new(struct store *s, struct timers *ts);
/* After the store. Takes NULL. */
void numbers_free(struct numbers *n);
/* The store has lost the notes: into it once more. */
void numbers_again(struct numbers *n);
/* Their ud is the struct numbers. */
extern const struct oscore_ops numbers_ops;

#endif
