/* SPDX-License-Identifier: BSD-3-Clause */
/* Cellular Connectivity (10), APN Connection Profile (11), Bearer Selection (13): what is common to
 * all that can carry them out. */
#include <stdlib.h>
#include "objects/standard.h"
#include "objects/state.h"
#include "util/err.h"
#include "util/mem.h"

enum { OID_CELLULAR = 10, OID_PROFILE = 11, OID_BEARER = 13, RES_PROFILES = 11, RES_SECRET = 6 };

struct cellular {
	struct objects *objects;
	const struct cellular_backend *be;
	void *ud;
	unsigned refs; /* objects of the three that are there */
};

static int check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	const struct cellular *s = ud;

	return s->be->check ? s->be->check(s->ud, ssid, c, n) : LGW_OK;
}

static int apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	const struct cellular *s = ud;

	for (size_t k = 0; k < n; k++)
		if (c[k].path.id[0] == OID_PROFILE && c[k].path.id[2] == RES_SECRET)
			c[k].handled = true;
	return s->be->apply ? s->be->apply(s->ud, ssid, c, n, op) : LGW_OK;
}

static int refresh(void *ud, uint16_t ssid, const struct path *p, struct dm_op *op)
{
	const struct cellular *s = ud;

	return s->be->refresh ? s->be->refresh(s->ud, ssid, p, op) : LGW_OK;
}

static int profile_create(void *ud, uint16_t ssid, uint16_t iid)
{
	const struct cellular *s = ud;

	return s->be->profile_create ? s->be->profile_create(s->ud, ssid, iid) : LGW_EOP;
}

static int profile_remove(void *ud, uint16_t ssid, uint16_t iid)
{
	const struct cellular *s = ud;

	return s->be->profile_remove ? s->be->profile_remove(s->ud, ssid, iid) : LGW_EOP;
}

static void profile_removed(void *ud, uint16_t iid)
{
	const struct cellular *s = ud;

	object_server_unlink(s->objects, iid);
	if (s->be->profile_gone)
		s->be->profile_gone(s->ud, iid);
}

static void destroy(void *ud)
{
	struct cellular *s = ud;

	if (!--s->refs)
		free(s);
}

static const struct object_ops ops = {
	.check = check,
	.apply = apply,
	.refresh = refresh,
	.destroy = destroy,
	.writes_make_resources = true,
	.keeps_itself = true,
};
static const struct object_ops profile_ops = {
	.check = check,
	.apply = apply,
	.refresh = refresh,
	.create = profile_create,
	.remove = profile_remove,
	.removed = profile_removed,
	.destroy = destroy,
	.writes_make_resources = true,
	.keeps_itself = true,
};

static const uint16_t ids[] = { OID_CELLULAR, OID_PROFILE, OID_BEARER };

int object_cellular_add(struct objects *o, const struct cellular_backend *be, void *ud)
{
	struct cellular *s;

	for (size_t k = 0; k < ARRAY_SIZE(ids); k++) {
		if (!objdefs_find(o->defs, ids[k]))
			return LGW_ENOENT;
		if (dm_exists(o->dm, &PATH_OBJ(ids[k])))
			return LGW_EEXIST;
	}
	s = xcalloc(1, sizeof(*s));
	*s = (struct cellular){ .objects = o, .be = be, .ud = ud, .refs = ARRAY_SIZE(ids) };
	for (size_t k = 0; k < ARRAY_SIZE(ids); k++)
		dm_object_add(o->dm, objdefs_find(o->defs, ids[k]),
			ids[k] == OID_PROFILE ? &profile_ops : &ops, s);
	dm_instance_add(o->dm, OID_CELLULAR, 0);
	dm_declare(o->dm, &PATH_RES(OID_CELLULAR, 0, RES_PROFILES));
	dm_instance_add(o->dm, OID_BEARER, 0);
	return LGW_OK;
}

void object_cellular_remove(struct objects *o)
{
	for (size_t k = 0; k < ARRAY_SIZE(ids); k++)
		dm_object_remove(o->dm, ids[k]);
}
