/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Links over the carriers of plugins (lgw/transport.h). There is one address of ours for all of
 * them: links to the same peer share it, and link_env.pick says which one a message is for.
 */
#ifndef TRANSPORT_CARRIER_H
#define TRANSPORT_CARRIER_H

#include <lgw/transport.h>
#include "transport/link.h"

struct carriers; /* the list of a process, which its owner hands down in link_env */
struct carrier;

struct carriers *carriers_new(struct link_env *env, struct timers *timers);
void carriers_free(struct carriers *cs); /* takes NULL; no link may be left */
/* The carrier of this descriptor, which lives as long as the list: links may use it before its
 * plugin runs. A second one of the same scheme is the first. */
struct carrier *carriers_add(struct carriers *cs, const struct lgw_carrier *desc);
/* NULL: no carrier has this scheme. */
const struct link_ops *carriers_find(const struct carriers *cs, const char *scheme);

/* --- for the plugin host --------------------------------------------------------------------- */

/* Its plugin runs, with this state; NULL: it does no longer, and all links are down. */
void carrier_attach(struct carrier *c, void *state);
/* Links learn of it from the loop. */
void carrier_state(struct carrier *c, const struct lgw_carrier_state *state);
/* A message came: LGW_OK, or LGW_ENOENT when no link goes to this peer. */
int carrier_recv(struct carrier *c, const char *peer, const uint8_t *p, size_t len);
/* Our own number on the first carrier that has one, or NULL; a loan. */
const char *carriers_own(const struct carriers *cs);

/* --- for the owners of links ------------------------------------------------------------------ */

/* Of the links to its peer, this one gets what is nobody's answer. */
void carrier_prefer(struct link *l);

#endif
