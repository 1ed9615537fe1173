/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * (D)TLS sessions that outlive the process, so that a restart of thousands of clients is no storm
 * of full handshakes. A session is a secret: it lies in the store's file, which is its owner's
 * alone, for a week at most.
 */
#ifndef LWM2M_TICKETS_H
#define LWM2M_TICKETS_H

#include "loop/timer.h"
#include "transport/ssl.h"

struct store;
struct tickets;

#define TICKETS_MAX   20000 /* kept over a restart; further ones handshake anew */
#define TICKET_TTL_MS (7 * 86400000ll)

/* What an earlier life kept; what is too old, or too much, is forgotten. */
struct tickets *tickets_new(struct store *s, struct timers *ts);
/* When no link is left. Takes NULL. */
void tickets_free(struct tickets *t);
/* For ssl_shared_store; their ud is the struct tickets. */
extern const struct ssl_store_ops tickets_ops;

#endif
