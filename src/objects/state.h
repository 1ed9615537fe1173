/* SPDX-License-Identifier: BSD-3-Clause */
/* What the objects with behaviour share, and their rows. */
#ifndef OBJECTS_STATE_H
#define OBJECTS_STATE_H

#include "objects/env.h"

#define ERRORS_MAX 15

struct objects {
	struct dm *dm;
	const struct obj_env *env;
	void *ud;                      /* of env */
	const struct objdefs *defs;    /* alive as long as object 0 is */
	struct statistics *statistics; /* object 7, or NULL */
	int64_t time_offset_ms;        /* of /3/0/13, as a server wrote it */
	uint64_t zone;                 /* of /3/0/14 and /3/0/15, as they are configured */
	uint8_t errors[ERRORS_MAX];    /* of /3/0/11 */
	uint8_t nerrors;
};

struct object_row {
	uint16_t oid;
	const struct object_ops *ops;
};
/* No server wants this profile (/1/x/10) any more: it is gone. */
void object_server_unlink(struct objects *o, uint16_t profile);
extern const struct object_ops object_ops_security;
extern const struct object_ops object_ops_server;
extern const struct object_ops object_ops_access;
extern const struct object_ops object_ops_device;
extern const struct object_ops object_ops_connectivity;
extern const struct object_ops object_ops_location;
extern const struct object_ops object_ops_portfolio;
extern const struct object_ops object_ops_appdata;

#endif
