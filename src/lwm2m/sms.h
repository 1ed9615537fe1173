/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way to a server by SMS, alone or beside IP: binding modes with an S (LwM2M 1.0 §5.3.1), and
 * triggers (1.0 §8.6, /1/x/21 of 1.1).
 */
#ifndef LWM2M_SMS_H
#define LWM2M_SMS_H

#include "lwm2m/state.h"

/* Of server s; ud of its functions is the server. */
extern const struct session_handler sms_handler;

/* Is SMS the only way by its URI? */
bool sms_only(const struct server *s);
/* Should there be a session by SMS beside the one of the URI? */
bool sms_beside(const struct server *s);
/* By which session the registration goes on, as the binding is now; and SMS is listened to. */
void sms_choose(struct server *s);
/* Our own number, where servers are told of it, or NULL; a loan. */
const char *sms_own_number(const struct server *s);

#endif
