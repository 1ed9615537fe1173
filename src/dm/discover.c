/* SPDX-License-Identifier: BSD-3-Clause */
/* Discover (LwM2M 1.0 §5.4.2) and the object list of Register (§5.3.1). */
#include "dm/tree.h"
#include "util/err.h"

struct discoverer {
	struct dm *dm;
	uint16_t ssid;
	dm_link_fn fn;
	void *ud;
};

enum { OWN = 1u, INHERITED = 2u };

static int link(
	const struct discoverer *d, struct path p, unsigned attrs, int dim, const char *version)
{
	struct dm_link l = { .path = p, .dim = dim, .version = version };

	if (attrs & INHERITED)
		dm_attrs_effective(d->dm, d->ssid, &p, &l.attrs);
	else if (attrs & OWN)
		dm_attrs_own(d->dm, d->ssid, &p, &l.attrs);
	return d->fn(d->ud, &l);
}

/* Number of instances of a multiple resource; -1 for a single one. */
static int dimension(const struct dm_inst *i, unsigned k)
{
	uint16_t rid = i->shape->e[k].rid;
	int n = 0;

	if (!i->shape->e[k].def->multiple)
		return -1;
	for (; k < i->shape->n && i->shape->e[k].rid == rid; k++)
		n += i->shape->e[k].riid != PATH_ID_NONE;
	return n;
}

static int instances_of_resource(
	const struct discoverer *d, const struct dm_object *o, const struct dm_inst *i, unsigned k)
{
	uint16_t rid = i->shape->e[k].rid;
	int r = LGW_OK;

	for (; !r && k < i->shape->n && i->shape->e[k].rid == rid; k++)
		if (i->shape->e[k].riid != PATH_ID_NONE)
			r = link(d, PATH_RI(o->def->id, i->iid, rid, i->shape->e[k].riid), OWN, -1,
				NULL);
	return r;
}

/* Each resource once, whatever its number of instances; below it those, if depth says so. */
static int resources(const struct discoverer *d, const struct dm_object *o, const struct dm_inst *i,
	unsigned attrs, int depth)
{
	int r = LGW_OK;

	for (unsigned k = 0; !r && depth > 0 && k < i->shape->n; k++) {
		uint16_t rid = i->shape->e[k].rid;

		if (k && i->shape->e[k - 1].rid == rid)
			continue;
		r = link(d, PATH_RES(o->def->id, i->iid, rid), attrs, attrs ? dimension(i, k) : -1,
			NULL);
		if (!r && depth > 1)
			r = instances_of_resource(d, o, i, k);
	}
	return r;
}

static int discover_object(const struct discoverer *d, const struct dm_object *o, int depth)
{
	char version[8];
	int r = link(d, PATH_OBJ(o->def->id), OWN, -1, dm_version(version, o->def));

	for (unsigned k = 0; !r && depth > 0 && k < o->n; k++) {
		r = link(d, PATH_INST(o->def->id, dm_insts(o)[k].iid), 0, -1, NULL);
		if (!r)
			r = resources(d, o, &dm_insts(o)[k], 0, depth - 1);
	}
	return r;
}

int dm_discover(
	struct dm *dm, uint16_t ssid, const struct path *p, int depth, dm_link_fn fn, void *ud)
{
	struct discoverer d = { dm, ssid, fn, ud };
	struct dm_object *o = p->n ? dm_object(dm, p->id[0]) : NULL;
	struct dm_inst *i;
	unsigned k;
	int r;

	if (!p->n)
		return LGW_EOP;
	if (!o)
		return LGW_ENOENT;
	r = dm_may(dm, ssid, p, DM_DISCOVER);
	if (r)
		return r;
	if (!dm_exists(dm, p))
		return LGW_ENOENT;
	if (p->n > 3)
		return LGW_EOP;
	if (depth < 0)
		depth = p->n == 1 ? 2 : 1;
	if (p->n == 1)
		return discover_object(&d, o, depth);
	i = dm_inst(o, p->id[1]);
	if (p->n == 2) {
		r = link(&d, *p, OWN, -1, NULL);
		return r ? r : resources(&d, o, i, OWN, depth);
	}
	k = (unsigned)shape_first(i->shape, p->id[2]);
	r = link(&d, *p, INHERITED, dimension(i, k), NULL);
	return r || depth < 1 ? r : instances_of_resource(&d, o, i, k);
}

int dm_list(struct dm *dm, dm_link_fn fn, void *ud)
{
	struct discoverer d = { dm, 0, fn, ud };
	char buf[8];
	int r = LGW_OK;

	for (unsigned k = 0; !r && k < dm->nobjects; k++) {
		const struct dm_object *o = &dm->objects[k];
		const char *version = dm_version(buf, o->def);

		if (o->def->id == 0 || o->def->id == 21)
			continue;
		if (version || !o->n)
			r = link(&d, PATH_OBJ(o->def->id), 0, -1, version);
		for (unsigned n = 0; !r && n < o->n; n++)
			r = link(&d, PATH_INST(o->def->id, dm_insts(o)[n].iid), 0, -1, NULL);
	}
	return r;
}
