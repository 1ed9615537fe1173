/* SPDX-License-Identifier: BSD-3-Clause */
/* Read and Observe (LwM2M 1.0 §5.4.1): what is readable below a path, in depth-first order. */
#include "dm/tree.h"
#include "util/err.h"

struct reader {
	struct dm *dm;
	uint16_t ssid;
	record_fn fn;
	void *ud;
};

static int give(const struct reader *rd, const struct path *p, const struct value *v, int64_t t)
{
	struct record r = { .path = *p, .value = *v, .time_ms = t };

	return rd->fn(rd->ud, &r);
}

static int give_empty(const struct reader *rd, const struct path *p)
{
	return give(rd, p, &(struct value){ .type = VT_NONE }, 0);
}

/* What has no value at present is left out of a whole; named itself it is not there. */
static int read_entry(const struct reader *rd, const struct dm_object *o, const struct dm_inst *i,
	unsigned k, bool itself)
{
	const struct shape_entry *e = &i->shape->e[k];
	struct path p = PATH_RI(o->def->id, i->iid, e->rid, e->riid);
	struct value v;
	int r;

	if (e->riid == PATH_ID_NONE)
		p.n = 3;
	/* The gateway itself reads what servers may not (ssid 0). */
	if (rd->ssid && !(e->def->ops & RES_R))
		return LGW_OK;
	if (e->riid == PATH_ID_NONE && e->def->multiple)
		return give_empty(rd, &p);
	r = dm_entry_value(o, i, k, &v);
	if (r)
		return itself ? r : LGW_OK;
	return give(rd, &p, &v, inst_time(i));
}

static int read_inst(const struct reader *rd, const struct dm_object *o, const struct dm_inst *i)
{
	struct path p = PATH_INST(o->def->id, i->iid);
	int r = i->shape->n ? LGW_OK : give_empty(rd, &p);

	for (unsigned k = 0; !r && k < i->shape->n; k++)
		r = read_entry(rd, o, i, k, false);
	return r;
}

static int read_object(const struct reader *rd, const struct dm_object *o)
{
	int r = LGW_OK;

	for (unsigned k = 0; !r && k < o->n; k++) {
		struct path p = PATH_INST(o->def->id, dm_insts(o)[k].iid);

		if (!dm_may(rd->dm, rd->ssid, &p, DM_R))
			r = read_inst(rd, o, &dm_insts(o)[k]);
	}
	return r;
}

static int read_resource(const struct reader *rd, const struct dm_object *o,
	const struct dm_inst *i, const struct path *p)
{
	int k = p->n == 4 ? shape_find(i->shape, p->id[2], p->id[3])
			  : shape_first(i->shape, p->id[2]);
	const struct resdef *def = i->shape->e[k].def;
	bool itself = p->n == 4 || !def->multiple;
	int r = LGW_OK;

	if ((rd->ssid && !(def->ops & RES_R)) || def->ops & RES_E)
		return LGW_EOP;
	do
		r = read_entry(rd, o, i, (unsigned)k, itself);
	while (!r && !itself && ++k < i->shape->n && i->shape->e[k].rid == p->id[2]);
	return r;
}

bool dm_readable(const struct dm *dm, uint16_t ssid, const struct path *p)
{
	return !dm_may(dm, ssid, p, DM_R);
}

int dm_read(struct dm *dm, uint16_t ssid, const struct path *p, record_fn fn, void *ud)
{
	struct reader rd = { dm, ssid, fn, ud };
	struct dm_object *o = p->n ? dm_object(dm, p->id[0]) : NULL;
	struct dm_inst *i;
	int r;

	if (!p->n)
		return LGW_EOP;
	if (!o)
		return LGW_ENOENT;
	r = dm_may(dm, ssid, p, DM_R);
	if (r)
		return r;
	if (p->n == 1)
		return read_object(&rd, o);
	if (!dm_exists(dm, p))
		return LGW_ENOENT;
	i = dm_inst(o, p->id[1]);
	return p->n == 2 ? read_inst(&rd, o, i) : read_resource(&rd, o, i, p);
}
