/* SPDX-License-Identifier: BSD-3-Clause */
/* The objects with behaviour: a new one is a file that ends in its ops, and a row here. */
#include <stdlib.h>
#include "objects/standard.h"
#include "objects/state.h"
#include "util/err.h"
#include "util/mem.h"

static const struct object_row rows[] = {
	{ 0, &object_ops_security },
	{ 1, &object_ops_server },
	{ 3, &object_ops_device },
	/* From here on: where somebody asks for it. */
	{ 2, &object_ops_access },
	{ 4, &object_ops_connectivity },
	{ 6, &object_ops_location },
	{ 16, &object_ops_portfolio },
	{ 19, &object_ops_appdata },
	{ 21, &object_ops_security },
};
#define ALWAYS 3 /* rows */

int object_add(struct objects *o, uint16_t oid)
{
	const struct objdef *d = objdefs_find(o->defs, oid);
	int r = LGW_ENOENT;

	for (size_t k = 0; d && r == LGW_ENOENT && k < ARRAY_SIZE(rows); k++)
		if (rows[k].oid == oid)
			r = dm_object_add(o->dm, d, rows[k].ops, o);
	return r == LGW_EEXIST ? LGW_OK : r;
}

struct objects *objects_new(
	struct dm *dm, const struct objdefs *defs, const struct obj_env *env, void *ud)
{
	struct objects *o = xcalloc(1, sizeof(*o));

	o->dm = dm;
	o->env = env;
	o->ud = ud;
	o->defs = defs;
	for (size_t k = 0; k < ALWAYS; k++)
		if (object_add(o, rows[k].oid)) {
			objects_free(o);
			return NULL;
		}
	return o;
}

void objects_free(struct objects *o)
{
	free(o);
}
