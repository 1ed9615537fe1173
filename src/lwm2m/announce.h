/* SPDX-License-Identifier: BSD-3-Clause */
/* The requests of the registration interface as messages (LwM2M 1.0 §5.3, tables 7 and 9). */
#ifndef LWM2M_ANNOUNCE_H
#define LWM2M_ANNOUNCE_H

#include "coap/msg.h"
#include "lwm2m/state.h"

#define ENDPOINT_MAX 252 /* "ep=" and the name fit one Uri-Query option (RFC 7252 §5.10) */

/* A message and the texts its options point to; the payload is in the scratch buffer. */
struct announce {
	struct coap_msg msg;
	char ep[3 + ENDPOINT_MAX + 1], lt[32], binding[32], sms[40];
};

/* Also note in s what the server will know when it accepts (s->lifetime_sent). LGW_ETOOBIG when
 * the list of objects does not fit. */
int announce_register(struct announce *a, struct server *s);
/* Only what has changed (s->sent, the lifetime); bare otherwise. */
int announce_update(struct announce *a, struct server *s);
int announce_deregister(struct announce *a, struct server *s);

#endif
