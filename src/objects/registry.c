/* SPDX-License-Identifier: BSD-3-Clause */
/* The objects with behaviour: a new one is a file that ends in its ops, and a row here. */
#include <stdlib.h>
#include "objects/state.h"
#include "util/err.h"
#include "util/mem.h"

static const struct object_row rows[] = {
	{ 0, &object_ops_security },
	{ 1, &object_ops_server },
	{ 3, &object_ops_device },
};

struct objects *objects_new(struct dm *dm, const struct objdefs *defs, const struct obj_env *env)
{
	struct objects *o = xcalloc(1, sizeof(*o));

	o->dm = dm;
	o->env = env;
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		const struct objdef *d = objdefs_find(defs, rows[k].oid);

		if (!d || dm_object_add(dm, d, rows[k].ops, o)) {
			objects_free(o);
			return NULL;
		}
	}
	return o;
}

void objects_free(struct objects *o)
{
	free(o);
}
