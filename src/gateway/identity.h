/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which device an endpoint name belongs to. Two devices whose names would be the same ("a b" and
 * "a-b") do not change places by a restart: for a day a name is kept for the one that had it,
 * unless that is gone for good or was not heard of for long.
 */
#ifndef GATEWAY_IDENTITY_H
#define GATEWAY_IDENTITY_H

#include <stdbool.h>
#include "loop/timer.h"

struct store;
struct identities;

#define IDENTITY_TTL_MS  (30 * 86400000ll) /* at least */
#define IDENTITY_WAIT_MS 86400000ll        /* after the start */
#define IDENTITIES_MAX   100000            /* taken over from an earlier life */

/* s: or NULL. ttl_ms: how long a device may say nothing, IDENTITY_TTL_MS if that is longer. What is
 * kept of one that did not speak for so long (remember.h) goes with its name. */
struct identities *identities_new(struct store *s, struct timers *ts, int64_t ttl_ms);
void identities_free(struct identities *i); /* takes NULL */
/* seen_ms: when it spoke last, Unix time. false: it is kept for another device. */
bool identity_claim(struct identities *i, const char *endpoint, const char *source,
	const char *device, int64_t seen_ms);
/* It is still there: once a day. */
void identity_renew(struct identities *i, const char *endpoint, const char *source,
	const char *device, int64_t seen_ms);
/* The store has lost those of devices that have not spoken yet: into it once more. */
void identities_again(struct identities *i);
/* Each device of a source that had a name in an earlier life and has not claimed it yet. fn may
 * claim and forget. */
typedef void (*identity_fn)(void *ud, const char *endpoint, const char *device, int64_t seen_ms);
void identities_each(struct identities *i, const char *source, identity_fn fn, void *ud);
void identity_forget(struct identities *i, const char *endpoint);

#endif
