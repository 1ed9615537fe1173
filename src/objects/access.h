/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Access Control (LwM2M 1.0 §7.3, E.3). With one server account that one may do everything; with
 * several an instance of object 2 says for each instance who may do what, and who may say so.
 */
#ifndef OBJECTS_ACCESS_H
#define OBJECTS_ACCESS_H

#include "objects/env.h"

#define ACCESS_ALL (DM_R | DM_W | DM_X | DM_D | DM_C)

/* What a server is given by the factory bootstrap: rights on the instances that are there (DM_R to
 * DM_D), and DM_C to make some. */
struct access_grant {
	uint16_t ssid;
	uint8_t rights; /* bits of enum dm_right */
};

/* May this server do this? As dm_hooks.access. */
int access_may(const struct dm *dm, uint16_t ssid, const struct path *p, enum dm_right right);
/* An object or instance came or went, as dm_hooks.instance. One that a server made is its own;
 * others belong to the first of g, and all of g get their rights. Nothing while object 2 is not
 * there. */
void access_instance(struct objects *o, uint16_t ssid, const struct path *p, bool there,
	const struct access_grant *g, size_t n);
/* The instance of object 2 that speaks of /oid/iid (PATH_ID_NONE: of Create); LGW_ENOENT. */
int access_find(const struct dm *dm, uint16_t oid, uint16_t iid);
/* It had the id y in an earlier life: it comes to be, at y if that is free. Returns its id. */
int access_pin(struct objects *o, uint16_t y, uint16_t oid, uint16_t iid,
	const struct access_grant *g, size_t n);
/* Forget those who have no account (any more). */
void access_tidy(struct objects *o);
/* A factory bootstrap has made the account of the last one of g. With a second account object 2
 * comes to be, with an instance for each object instance; from then on it is kept up. */
int access_welcome(struct objects *o, const struct access_grant *g, size_t n);
/* Unbootstrapping (E.1.3): what only this server could reach goes, its entries too, and what it
 * owned gets another owner: the one with most of W and D. */
void access_forget(struct objects *o, uint16_t ssid);

#endif
