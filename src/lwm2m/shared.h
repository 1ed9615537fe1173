/* SPDX-License-Identifier: BSD-3-Clause */
/* What the clients of a process share: parameters, the index of observations, places in a storm. */
#ifndef LWM2M_SHARED_H
#define LWM2M_SHARED_H

#include "lwm2m/state.h"

extern const struct map_ops conf_map_ops, observation_map_ops;

/* --- parameters ---------------------------------------------------------------------------- */

/* The one copy of these parameters. Pointers are equal exactly when the parameters are. */
struct server_conf *conf_get(struct clients *cs, const struct server_params *p);
struct server_conf *conf_ref(struct server_conf *conf);
/* May the session and the registration go on under b instead of a? */
bool conf_same_session(const struct server_conf *a, const struct server_conf *b);
/* Another number where an account is configured otherwise, also in another process. */
uint64_t conf_fingerprint(const struct account *a);
bool conf_same_account(const struct server_conf *a, const struct server_conf *b);
void conf_put(struct clients *cs, struct server_conf *conf); /* takes NULL */

/* --- payloads ------------------------------------------------------------------------------ */

#define BODY_MAX    0xfffff  /* bytes of a payload; larger ones are streamed or refused */
#define CONTENT_MAX 0xffffff /* bytes of an answer: blocks of 16 bytes reach no further */

/* The scratch buffer of the process, empty; its bytes are there until it is asked for again. */
struct wr *shared_body(struct clients *cs);
/* It as a window on an answer, from this offset on, or the beginning as well if that is near. */
struct wr *shared_window(struct clients *cs, size_t offset);

/* --- clients by endpoint ------------------------------------------------------------------- */

int client_params_check(const struct client_params *p);
/* LGW_EEXIST. */
int shared_add(struct client *c);
void shared_remove(struct client *c);

/* --- places (lwm2m_env.max_concurrent) ----------------------------------------------------- */

/* How long a request may hold its place: a dead server must not hold up the others. */
#define PLACE_MS 5000

/* Take a place for what s->doing says; false: none is free, the server stands in line and regist_go
 * is called for it when its turn comes. */
bool pace_take(struct server *s);
/* Leave the line, or give the place back. */
void pace_drop(struct server *s);
/* Start those in line as far as there are places. */
void pace_run(struct lwm2m_env *env);

#endif
