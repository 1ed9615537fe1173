/* SPDX-License-Identifier: BSD-3-Clause */
/* All that objects with behaviour may reach outside the tree, handed down at creation. */
#ifndef OBJECTS_ENV_H
#define OBJECTS_ENV_H

#include <stdint.h>
#include "dm/dm.h"

/* One table for all clients that offer the same; ud is that of objects_new. */
struct obj_env {
	int64_t (*wall_ms)(void *ud);
	/* Object 1: lifetime, binding or periods of a server changed; executes 4, 8, 9. */
	void (*server_changed)(void *ud, uint16_t iid, uint16_t rid);
	int (*server_disable)(void *ud, uint16_t ssid);   /* /1/x/4 */
	int (*server_update)(void *ud, uint16_t ssid);    /* /1/x/8 */
	int (*server_bootstrap)(void *ud, uint16_t ssid); /* /1/x/9; NULL: not offered */
	/* A state of its own that a server changed and that must outlive the process, at the path
	 * by which object_ops.recall knows it; v NULL: it is as in the beginning. NULL: nothing is
	 * kept. */
	void (*keep)(void *ud, const struct path *p, const struct value *v);
	/* Object 3: LGW_OK lets 2.04 go out first; NULL: the resource is not offered. */
	int (*reboot)(void *ud, struct dm_op *op);
	int (*factory_reset)(void *ud, struct dm_op *op);
};

/* Facts of object 3; NULL or absent ones are not instantiated. Copied. */
struct device_facts {
	const char *manufacturer, *model, *serial, *firmware_version, *device_type,
		*hardware_version, *software_version;
	const char *binding; /* /3/0/16, mandatory: "U" */
	const char *timezone, *utc_offset;
};

/* Add objects 0 and 1 (instances come from accounts) and 3. The objects live as long as dm. */
struct objects; /* their state */
struct objects *objects_new(
	struct dm *dm, const struct objdefs *defs, const struct obj_env *env, void *ud);
void objects_free(struct objects *o);
/* Object 3 with these facts (again: changed facts, notified). */
int object_device_set(struct objects *o, const struct device_facts *f);
/* Error codes come and go as instances of /3/0/11; none: the one instance 0 = 0. */
void object_device_error(struct objects *o, uint8_t code, bool present);

#endif
