/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which device an endpoint name belongs to. Two devices whose names would be the same ("a b" and
 * "a-b") do not change places by a restart: for a day a name is kept for the one that had it,
 * unless that is gone for good or was not heard of for a month.
 */
#ifndef GATEWAY_IDENTITY_H
#define GATEWAY_IDENTITY_H

#include <stdbool.h>
#include "loop/timer.h"

struct store;
struct identities;

#define IDENTITY_TTL_MS  (30 * 86400000ll)
#define IDENTITY_WAIT_MS 86400000ll /* after the start */
#define IDENTITIES_MAX   100000     /* taken over from an earlier life */

struct identities *identities_new(struct store *s, struct timers *ts); /* s: or NULL */
void identities_free(struct identities *i);                            /* takes NULL */
/* false: it is kept for another device. */
bool identity_claim(
	struct identities *i, const char *endpoint, const char *source, const char *device);
/* It is still there: once a day. */
void identity_renew(
	struct identities *i, const char *endpoint, const char *source, const char *device);
/* The store has lost those of devices that have not spoken yet: into it once more. */
void identities_again(struct identities *i);
void identity_forget(struct identities *i, const char *endpoint);

#endif
