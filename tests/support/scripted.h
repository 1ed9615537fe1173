/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A stage for dialogues in virtual time: a clock that moves only when told, and links that keep
 * what is sent and take what the test says the peer sent. Schemes: "coap", "coap+slow" (140 bytes a
 * datagram), "coap+tcp" (a stream), and DTLS and TLS over them where links.ssl is set. One link per
 * URI host.
 */
#ifndef SUPPORT_SCRIPTED_H
#define SUPPORT_SCRIPTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "coap/msg.h"
#include "loop/timer.h"
#include "session/session.h"
#include "transport/link.h"

struct script {
	int64_t now;  /* monotonic ms; starts at 1,000,000 */
	int64_t wall; /* Unix ms - now */
	struct timers *timers;
	struct link_env links;
	struct session_env sessions;
	bool never_open;  /* links say nothing when they are opened */
	int socket;       /* what links say that their socket is; 0: they have none */
	bool refuse_open; /* links report LINK_DOWN (LGW_EUNAVAIL) instead of LINK_UP */
	struct scripted_link *first;
};

void script_init(struct script *sc);
void script_fini(struct script *sc); /* fails the test when links are left */
/* Let time pass, firing timers at their own time each. */
void script_advance(struct script *sc, int64_t ms);
/* Fire what is due now. */
void script_settle(struct script *sc);

/* The link to a host ("server"), or NULL. */
struct scripted_link *script_link(struct script *sc, const char *host);
/* Messages sent on it and not taken yet. */
size_t script_sent(const struct scripted_link *l);
/* Take the oldest one: decoded into m (which borrows until the next take), or false. */
bool script_take(struct scripted_link *l, struct coap_msg *m);
/* The same as bytes; NULL if there is none. A loan until the next take. */
const uint8_t *script_take_bytes(struct scripted_link *l, size_t *len);
void script_drop_sent(struct scripted_link *l);
bool script_is_open(const struct scripted_link *l);
/* What link_bind said. */
const char *script_interface(const struct scripted_link *l);
/* The peer sends. */
void script_recv(struct scripted_link *l, const void *p, size_t len);
void script_recv_msg(struct scripted_link *l, const struct coap_msg *m);
/* The network tells: LINK_DOWN, LINK_ERROR. */
void script_event(struct scripted_link *l, enum link_event ev, int err);
/* A piggybacked answer to a request that was taken: code, and options or payload added by the
 * caller in m after script_answer_init. */
void script_answer_init(struct coap_msg *m, const struct coap_msg *request, uint8_t code);

#endif
