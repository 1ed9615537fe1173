/* SPDX-License-Identifier: BSD-3-Clause */
/* One server of one client: its session, its one timer, what the owner is told of it. */
#ifndef LWM2M_SERVER_H
#define LWM2M_SERVER_H

#include "lwm2m/state.h"
#include "objects/access.h"

/* A server and its account, at the end of the client's list. Takes the reference of conf. */
int server_add(struct client *c, struct server_conf *conf);
void server_free(struct server *s); /* takes NULL */
/* What each server is given on instances that the device has; returns how many there are. */
size_t server_grants(const struct client *c, struct access_grant g[SERVERS_MAX]);
struct server *server_find(const struct client *c, uint16_t ssid);
/* Begin to register. An error of the URI. */
int server_start(struct server *s);
/* Forget the account; de-register if wanted (its keys may be void), then the server is freed from
 * the loop. */
void server_retire(struct server *s, bool deregister);
/* Other parameters with the same session and the same account id; takes the reference. */
void server_renew(struct server *s, struct server_conf *conf);
/* What the tree says of its account; LGW_ENOENT. */
int server_account(const struct server *s, struct account *a);
/* Read the default periods of the account anew. */
void server_periods(struct server *s);
void server_set_state(struct server *s, enum server_state state);
void server_set_registered(struct server *s, bool registered);
/* Set the timer to the earliest due time. */
void server_arm(struct server *s);
/* Last act of an entry from outside: start who waits for a place, set the timer, tell the owner,
 * who may free the client then. */
void server_leave(struct server *s);
void server_info(const struct server *s, struct server_info *out);

/* --- bearer.c: the data connection that carries its traffic, by /1/x/10 -------------------------
 */

/* The session goes over it from now on; where that is another one it is closed, and what follows
 * opens it. */
void bearer_choose(struct server *s);
/* clients_network_changed does not look at it any more. */
void bearer_looked(struct client *c);
/* It may be another one than before: an Update goes over it, after this time. */
void bearer_changed(struct server *s, int64_t delay_ms);

#endif
