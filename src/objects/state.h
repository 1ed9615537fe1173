/* SPDX-License-Identifier: BSD-3-Clause */
/* What the objects with behaviour share, and their rows. */
#ifndef OBJECTS_STATE_H
#define OBJECTS_STATE_H

#include "objects/env.h"

#define ERRORS_MAX 16

struct objects {
	struct dm *dm;
	const struct obj_env *env;
	int64_t time_offset_ms;     /* of /3/0/13, as a server wrote it */
	uint8_t errors[ERRORS_MAX]; /* of /3/0/11 */
	uint8_t nerrors;
};

struct object_row {
	uint16_t oid;
	const struct object_ops *ops;
};
extern const struct object_ops object_ops_security;
extern const struct object_ops object_ops_server;
extern const struct object_ops object_ops_device;

#endif
