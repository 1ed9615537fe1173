/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sender sequence numbers without a durable store. Within the process each context goes on where it
 * was. Over a restart they rise with the clock, a number each millisecond, which is faster than any
 * context uses them; where the clock is of no use (before 2026) the state counts as lost, and the
 * context begins with new keys (RFC 8613 B.2).
 */
#ifndef OSCORE_RAM_H
#define OSCORE_RAM_H

#include "oscore/context.h"

struct oscore_ram;
/* wall: ms since 1970. */
struct oscore_ram *oscore_ram_new(int64_t (*wall)(void *ud), void *ud);
void oscore_ram_free(struct oscore_ram *r); /* takes NULL */
/* Their ud is the struct oscore_ram. */
extern const struct oscore_ops oscore_ops_ram;

#endif
