/* SPDX-License-Identifier: BSD-3-Clause */
/* Cellular Connectivity (10), APN Connection Profile (11), Bearer Selection (13): what is common to
 * all that can carry them out. */
#include <stdlib.h>
#include "objects/standard.h"
#include "objects/state.h"
#include "util/err.h"
#include "util/mem.h"

enum { OID_CELLULAR = 10, OID_PROFILE = 11, OID_BEARER = 13, RES_PROFILES = 11, RES_NAME = 0 };

struct cellular {
	struct dm *dm;
	const struct cellular_backend *be;
	void *ud;
	unsigned refs; /* objects of the three that are there */
};

static int apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	const struct cellular *s = ud;

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

/* /10/0/11 has a link for each profile, under the profile's id. */
static void profile_committed(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	const struct cellular *s = ud;
	struct value link = { .type = VT_OBJLNK };

	(void)ssid;
	if (!n || c[0].path.id[1] == PATH_ID_NONE)
		return;
	link.u.link.oid = OID_PROFILE;
	link.u.link.iid = c[0].path.id[1];
	dm_set(s->dm, &PATH_RI(OID_CELLULAR, 0, RES_PROFILES, c[0].path.id[1]), &link, 0);
}

static void profile_removed(void *ud, uint16_t iid)
{
	const struct cellular *s = ud;

	dm_unset(s->dm, &PATH_RI(OID_CELLULAR, 0, RES_PROFILES, iid));
}

static void destroy(void *ud)
{
	struct cellular *s = ud;

	if (!--s->refs)
		free(s);
}

static const struct object_ops ops = {
	.apply = apply,
	.refresh = refresh,
	.destroy = destroy,
	.writes_make_resources = true,
};
static const struct object_ops profile_ops = {
	.apply = apply,
	.refresh = refresh,
	.committed = profile_committed,
	.create = profile_create,
	.remove = profile_remove,
	.removed = profile_removed,
	.destroy = destroy,
	.writes_make_resources = true,
};

int object_cellular_add(struct objects *o, const struct cellular_backend *be, void *ud)
{
	static const uint16_t ids[] = { OID_CELLULAR, OID_PROFILE, OID_BEARER };
	struct cellular *s;

	for (size_t k = 0; k < ARRAY_SIZE(ids); k++) {
		if (!objdefs_find(o->defs, ids[k]))
			return LGW_ENOENT;
		if (dm_exists(o->dm, &PATH_OBJ(ids[k])))
			return LGW_EEXIST;
	}
	s = xcalloc(1, sizeof(*s));
	*s = (struct cellular){ .dm = o->dm, .be = be, .ud = ud, .refs = ARRAY_SIZE(ids) };
	for (size_t k = 0; k < ARRAY_SIZE(ids); k++)
		dm_object_add(o->dm, objdefs_find(o->defs, ids[k]),
			ids[k] == OID_PROFILE ? &profile_ops : &ops, s);
	dm_instance_add(o->dm, OID_CELLULAR, 0);
	dm_declare(o->dm, &PATH_RES(OID_CELLULAR, 0, RES_PROFILES));
	dm_instance_add(o->dm, OID_BEARER, 0);
	return LGW_OK;
}
