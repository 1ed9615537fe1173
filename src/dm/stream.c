/* SPDX-License-Identifier: BSD-3-Clause */
/* A value that comes in parts: from its asker to the object that takes it, past the tree. */
#include "dm/tree.h"
#include "util/err.h"

static const struct dm_stream_ops *ops_of(const struct dm_object *o)
{
	return o ? o->ops->stream : NULL;
}

int dm_stream_begin(struct dm *dm, uint16_t ssid, const struct path *p)
{
	const struct dm_object *o = p->n == 3 ? dm_object(dm, p->id[0]) : NULL;
	const struct resdef *r = o ? objdef_res(o->def, p->id[2]) : NULL;
	int e;

	if (!ops_of(o) || !r || r->type != VT_OPAQUE || r->multiple)
		return LGW_ENOTSUP;
	e = dm_may(dm, ssid, p, DM_W);
	if (e)
		return e;
	if (!dm_exists(dm, &PATH_INST(p->id[0], p->id[1])))
		return LGW_ENOENT;
	return r->ops & RES_W ? o->ops->stream->begin(o->ud, ssid, p) : LGW_EOP;
}

int dm_stream_write(struct dm *dm, const struct path *p, int id, const uint8_t *b, size_t len)
{
	const struct dm_object *o = dm_object(dm, p->id[0]);

	return ops_of(o) ? o->ops->stream->write(o->ud, p, id, b, len) : LGW_ECANCELED;
}

int dm_stream_end(struct dm *dm, const struct path *p, int id, bool whole)
{
	const struct dm_object *o = dm_object(dm, p->id[0]);

	return ops_of(o) ? o->ops->stream->end(o->ud, p, id, whole) : LGW_ECANCELED;
}
