/* SPDX-License-Identifier: BSD-3-Clause */
/* What servers wrote in an earlier life, again. */
#include "dm/tree.h"
#include "util/err.h"

bool dm_keeps(const struct dm *dm, uint16_t oid)
{
	const struct dm_object *o = dm_object(dm, oid);

	return o && !o->ops->keeps_itself && (!o->ops->apply || o->ops->applies_always);
}

/* Without a value: gone, or a multiple resource that has no instances. */
static int clear(struct dm *dm, const struct path *p, bool empty)
{
	if (dm_exists(dm, p))
		dm_unset(dm, p);
	return empty ? dm_declare(dm, p) : LGW_OK;
}

int dm_rewrite(struct dm *dm, const struct path *p, const struct value *v)
{
	struct record r = { .path = *p };
	struct dm_txn *t;
	int e;

	if (p->n < 3)
		return LGW_EINVAL;
	if (!dm_exists(dm, &PATH_INST(p->id[0], p->id[1])))
		return LGW_ENOENT;
	if (!v || v->type == VT_NONE)
		return clear(dm, p, v != NULL);
	e = dm_txn_begin(dm, 0, DM_UPDATE, p, &t);
	if (e)
		return e;
	r.value = *v;
	e = dm_txn_add(t, &r);
	if (!e)
		return dm_txn_commit(t, NULL, NULL, NULL, NULL);
	dm_txn_abort(t);
	return e;
}

int dm_recall(struct dm *dm, const struct path *p, const struct value *v)
{
	const struct dm_object *o = dm_object(dm, p->id[0]);

	return o && o->ops->recall ? o->ops->recall(o->ud, p, v) : LGW_ENOTSUP;
}
