/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Readings that are stored for a server until it has acknowledged them ("Notification Storing When
 * Disabled or Offline", LwM2M 1.0 E.2): kept at arrival, sent as confirmable notifications, one in
 * flight for each server, oldest first.
 */
#ifndef LWM2M_DRAIN_H
#define LWM2M_DRAIN_H

#include "lwm2m/state.h"

/* A reading of p, which is at or below what is observed. Unix ms, 0: now. */
void drain_keep(
	struct observation *o, const struct path *p, const struct value *v, int64_t time_ms);
/* Are the stored readings of o told with their times, so that they need not come in order? */
bool drain_timed(const struct observation *o);
/* o is due. true: what waits in its line is what goes out, by drain. */
bool drain_takes(struct observation *o);
/* Send what may go out, if nothing is in flight and the server answers. */
void drain(struct server *s);
/* observe_acked_fn, for those with a line. */
void drain_acked(struct observation *o, int status);

#endif
