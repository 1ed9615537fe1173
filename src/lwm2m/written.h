/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What servers wrote survives the process: attributes, values that the tree alone keeps, instances
 * that servers made, who may do what. Each is noted in the store as it comes to be and is written
 * again at the next start, through the same checks. What is configured otherwise by then wins: a
 * value of object 1 goes when its account has changed, an entry of an access control list when the
 * rights of its server have, any other when the value that it had replaced is another one.
 */
#ifndef LWM2M_WRITTEN_H
#define LWM2M_WRITTEN_H

#include "lwm2m/state.h"

/* Of a client; a server has its share of it, so that none is in the way of another. */
#define WRITTEN_MAX       4096               /* values and instances; then no more */
#define WRITTEN_BYTES_MAX (4u * 1024 * 1024) /* of values */

/* At the end of client_new: what the store knows. Attributes and object 2 are as they were from
 * here on, all else waits for written_replay. */
void written_load(struct client *c);
/* Write again what lies at or below p and has come to be. */
void written_replay(struct client *c, const struct path *p);
/* What is left of it in memory goes, the store keeps it. */
void written_fini(struct client *c);
/* The store has lost it: into it once more. */
void written_again(struct client *c);
/* The client will not come back. */
void written_forget(struct client *c);
/* The account of a server is made anew, or goes: what was written to /1/x goes. */
void written_account(struct client *c, uint16_t ssid);
/* Nothing can be noted now, so that no answer could promise it: LGW_EUNAVAIL. */
int written_blocked(const struct client *c);
/* A write of this server to this object could not be noted: that, or LGW_ENOMEM. */
int written_refuses(const struct client *c, uint16_t ssid, uint16_t oid);

/* --- as the model tells (dm_hooks, obj_env) -------------------------------------------------- */

void written_value(struct client *c, uint16_t ssid, const struct path *p, const struct value *v);
/* Its owner changed something that a server had written: so it is now. */
void written_follow(struct client *c, const struct path *p, const struct value *v);
void written_kept(struct client *c, const struct path *p, const struct value *v);
void written_instance(struct client *c, uint16_t ssid, const struct path *p, bool there);
void written_attrs(struct client *c, uint16_t ssid, const struct path *p, const struct attrs *a);

#endif
