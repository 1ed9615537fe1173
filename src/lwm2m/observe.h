/* SPDX-License-Identifier: BSD-3-Clause */
/* The observations that servers hold (LwM2M 1.0 §5.5): which, of what, and finding them by path. */
#ifndef LWM2M_OBSERVE_H
#define LWM2M_OBSERVE_H

#include "lwm2m/represent.h"
#include "lwm2m/state.h"

/* Begin one with the request x, whose answer rep is to be sent with observer_reply. NULL: no more
 * of them are kept for this server, answer without Observe. */
struct observation *observe_begin(struct server *s, struct exchange *x, const struct path *p,
	const struct representation *rep);
/* Go on with one of an earlier life; observer: as observer_put told it. */
void observe_resume(struct server *s, const struct path *p, uint16_t format,
	const uint8_t *observer, size_t len);
/* End the one with the token of the request x, if there is one. */
void observe_cancel(struct exchange *x);
/* The observer is gone already, or goes. What is stored for it stays wanted for a while. */
void observe_ended(struct observation *o);
void observe_end_all(struct server *s);
/* Nothing is known any more, but what is stored stays in the store. */
void observe_forget_all(struct server *s);
/* Also what is stored goes. */
void observe_purge(struct server *s);
/* /1/x/6 was written. */
void observe_storing(struct server *s);
/* What the store holds for this client from an earlier life. */
void observe_load(struct client *c);
/* Wanted without an observation for too long: gone then. */
bool observe_expired(struct observation *o);
/* First of the observations of exactly this path, by any server; then ->same. */
struct observation *observe_find(const struct client *c, const struct path *p);

#endif
