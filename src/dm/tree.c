/* SPDX-License-Identifier: BSD-3-Clause */
/* Objects, instances and values of one client, as their owner sees them. */
#include "dm/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "util/err.h"
#include "util/mem.h"

/* --- objects ------------------------------------------------------------------------------- */

struct dm_object *dm_object(const struct dm *dm, uint16_t oid)
{
	unsigned lo = 0, hi = dm->nobjects;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		uint16_t id = dm->objects[mid].def->id;

		if (id == oid)
			return &dm->objects[mid];
		if (id < oid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static const struct dm_hooks no_hooks;

struct dm *dm_new(const struct dm_hooks *hooks, void *ud)
{
	struct dm *dm = xcalloc(1, sizeof(*dm));

	dm->hooks = hooks ? hooks : &no_hooks;
	dm->ud = ud;
	return dm;
}

void dm_structure(struct dm *dm)
{
	if (dm->hooks->structure)
		dm->hooks->structure(dm->ud);
}

void dm_instance_told(struct dm *dm, uint16_t ssid, const struct path *p, bool there)
{
	if (dm->hooks->instance)
		dm->hooks->instance(dm->ud, ssid, p, there);
}

static void object_fini(struct dm_object *o)
{
	while (o->n)
		inst_free(o, dm_insts(o) + o->n - 1);
	if (o->ops->destroy)
		o->ops->destroy(o->ud);
	objdefs_unref(objdef_set(o->def));
}

void dm_free(struct dm *dm)
{
	if (!dm)
		return;
	dm->hooks = &no_hooks;
	dm_ops_cancel(dm, &PATH_ROOT);
	for (unsigned k = 0; k < dm->nobjects; k++)
		object_fini(&dm->objects[k]);
	free(dm->objects);
	free(dm->attrs);
	free(dm);
}

int dm_object_add(struct dm *dm, const struct objdef *def, const struct object_ops *ops, void *ud)
{
	static const struct object_ops none;
	unsigned k = 0;

	if (dm_object(dm, def->id))
		return LGW_EEXIST;
	while (k < dm->nobjects && dm->objects[k].def->id < def->id)
		k++;
	dm->objects = xreallocarray(dm->objects, dm->nobjects + 1u, sizeof(*dm->objects));
	memmove(dm->objects + k + 1, dm->objects + k, (dm->nobjects - k) * sizeof(*dm->objects));
	dm->objects[k] = (struct dm_object){ .def = def, .ops = ops ? ops : &none, .ud = ud };
	dm->nobjects++;
	dm->generation++;
	objdefs_ref(objdef_set(def));
	dm_instance_told(dm, 0, &PATH_OBJ(def->id), true);
	dm_structure(dm);
	return LGW_OK;
}

void dm_object_remove(struct dm *dm, uint16_t oid)
{
	struct path p = PATH_OBJ(oid);
	struct dm_object *o;
	unsigned k;

	dm_ops_cancel(dm, &p);
	o = dm_object(dm, oid);
	if (!o)
		return;
	k = (unsigned)(o - dm->objects);
	dm->generation += o->generation + 1;
	object_fini(o);
	memmove(o, o + 1, (dm->nobjects - k - 1u) * sizeof(*o));
	dm->nobjects--;
	dm_attrs_drop_path(dm, &p);
	dm_instance_told(dm, 0, &p, false);
	dm_structure(dm);
}

const struct objdef *dm_object_def(const struct dm *dm, uint16_t oid)
{
	const struct dm_object *o = dm_object(dm, oid);

	return o ? o->def : NULL;
}

uint16_t dm_lowest_free(const struct dm *dm, const struct dm_object *o)
{
	uint16_t iid = 0;

	while (iid != PATH_ID_NONE &&
		(dm_inst(o, iid) || dm_op_at(dm, &PATH_INST(o->def->id, iid))))
		iid++;
	return iid;
}

int dm_instance_add(struct dm *dm, uint16_t oid, uint16_t iid)
{
	struct dm_object *o = dm_object(dm, oid);
	int r;

	if (!o)
		return LGW_ENOENT;
	if (iid == PATH_ID_NONE)
		iid = dm_lowest_free(dm, o);
	r = inst_new(o, iid);
	if (r)
		return r;
	dm_instance_told(dm, 0, &PATH_INST(oid, iid), true);
	dm_structure(dm);
	return iid;
}

int dm_instance_remove(struct dm *dm, uint16_t oid, uint16_t iid)
{
	struct path p = PATH_INST(oid, iid);
	struct dm_object *o;
	struct dm_inst *i;

	if (!dm_exists(dm, &p))
		return LGW_ENOENT;
	dm_ops_cancel(dm, &p); /* who is told may change the tree */
	o = dm_object(dm, oid);
	i = o ? dm_inst(o, iid) : NULL;
	if (!i)
		return LGW_OK;
	inst_free(o, i);
	dm_attrs_drop_path(dm, &p);
	if (o->ops->removed)
		o->ops->removed(o->ud, iid);
	dm_instance_told(dm, 0, &p, false);
	dm_structure(dm);
	return LGW_OK;
}

/* --- values -------------------------------------------------------------------------------- */

int dm_entry_value(
	const struct dm_object *o, const struct dm_inst *i, unsigned k, struct value *out)
{
	const struct shape_entry *e = &i->shape->e[k];
	struct path p = PATH_RI(o->def->id, i->iid, e->rid, e->riid);
	int r;

	if (e->riid == PATH_ID_NONE)
		p.n = 3;
	if (o->ops->read) {
		r = o->ops->read(o->ud, &p, out);
		if (r != LGW_ENOENT)
			return r;
	}
	if (!inst_have(i)[k])
		return LGW_ENOENT;
	inst_get(i, k, out);
	return LGW_OK;
}

bool dm_exists(const struct dm *dm, const struct path *p)
{
	struct dm_object *o = p->n ? dm_object(dm, p->id[0]) : NULL;
	struct dm_inst *i = o && p->n > 1 ? dm_inst(o, p->id[1]) : NULL;

	switch (p->n) {
	case 0:
		return true;
	case 1:
		return o;
	case 2:
		return i;
	case 3:
		return i && shape_first(i->shape, p->id[2]) >= 0;
	default: /* a single one has no instance 65535, although its entry says so */
		return i && p->id[3] != PATH_ID_NONE &&
		       shape_find(i->shape, p->id[2], p->id[3]) >= 0;
	}
}

bool dm_creatable(const struct dm *dm, uint16_t oid)
{
	const struct dm_object *o = dm_object(dm, oid);

	return o && o->ops->create;
}

bool dm_removable(const struct dm *dm, const struct path *p)
{
	const struct dm_object *o = dm_object(dm, p->id[0]);

	return o && o->ops->remove && dm_inst(o, p->id[1]) && !o->ops->remove(o->ud, 0, p->id[1]);
}

static void tell(
	struct dm *dm, const struct path *p, const struct value *v, int64_t time_ms, bool changed)
{
	if (dm->hooks->value)
		dm->hooks->value(dm->ud, p, v, time_ms, changed);
}

/* A multiple resource with an instance is not empty any more. */
static void unmark_empty(struct shapes *sh, struct dm_inst *i, uint16_t rid)
{
	int k = shape_find(i->shape, rid, PATH_ID_NONE);

	if (k >= 0)
		inst_entry_remove(sh, i, (unsigned)k);
}

void dm_store(struct dm *dm, struct dm_object *o, struct dm_inst *i, const struct path *p,
	const struct value *v, int64_t time_ms)
{
	struct shapes *sh = objdef_shapes(o->def);
	uint16_t riid = p->n == 4 ? p->id[3] : PATH_ID_NONE;
	int k = shape_find(i->shape, p->id[2], riid);
	bool changed;

	if (k < 0 && riid != PATH_ID_NONE)
		unmark_empty(sh, i, p->id[2]);
	if (k < 0)
		k = (int)inst_entry_add(sh, i, objdef_res(o->def, p->id[2]), riid);
	changed = inst_put(sh, i, (unsigned)k, v);
	o->generation += changed;
	if (time_ms > inst_time(i) && time_ms <= INST_TIME_MAX) {
		i->time_high = (uint16_t)(time_ms >> 32);
		i->time_low = (uint32_t)time_ms;
	}
	tell(dm, p, v, time_ms, changed);
}

void dm_forget(struct dm *dm, struct dm_object *o, struct dm_inst *i, const struct path *p)
{
	struct shapes *sh = objdef_shapes(o->def);
	int k = p->n == 4 ? shape_find(i->shape, p->id[2], p->id[3])
			  : shape_first(i->shape, p->id[2]);

	if (k < 0)
		return;
	if (p->n == 4) {
		const struct resdef *r = i->shape->e[k].def;

		inst_entry_remove(sh, i, (unsigned)k);
		if (shape_first(i->shape, p->id[2]) < 0)
			inst_entry_add(sh, i, r, PATH_ID_NONE);
	} else {
		do
			inst_entry_remove(sh, i, (unsigned)k);
		while ((k = shape_first(i->shape, p->id[2])) >= 0);
	}
	o->generation++;
	dm_attrs_drop_path(dm, p);
	tell(dm, p, NULL, 0, true);
}

/* The resource that the owner means, single at depth 3 or an instance of a multiple one. */
static int locate(struct dm *dm, const struct path *p, struct dm_object **o, struct dm_inst **i,
	const struct resdef **r)
{
	*o = p->n >= 3 ? dm_object(dm, p->id[0]) : NULL;
	*i = *o ? dm_inst(*o, p->id[1]) : NULL;
	*r = *o ? objdef_res((*o)->def, p->id[2]) : NULL;
	if (!*i || !*r)
		return LGW_ENOENT;
	if (p->n == 4 && (!(*r)->multiple || p->id[3] == PATH_ID_NONE))
		return LGW_EINVAL;
	return LGW_OK;
}

int dm_set(struct dm *dm, const struct path *p, const struct value *v, int64_t time_ms)
{
	uint8_t *scratch = NULL;
	const struct resdef *r;
	struct value typed;
	struct dm_object *o;
	struct dm_inst *i;
	int err = locate(dm, p, &o, &i, &r);

	if (err)
		return err;
	if (r->multiple != (p->n == 4))
		return LGW_EINVAL;
	if (v->type == VT_RAW_TEXT && r->type == VT_OPAQUE) /* base64 shrinks */
		scratch = xmalloc(v->u.s.len + 1u);
	err = value_coerce(&typed, v, (enum value_type)r->type, scratch, scratch ? v->u.s.len : 0);
	if (!err)
		dm_store(dm, o, i, p, &typed, time_ms);
	free(scratch);
	return err;
}

int dm_unset(struct dm *dm, const struct path *p)
{
	struct dm_object *o;

	if (p->n < 3)
		return LGW_EINVAL;
	if (!dm_exists(dm, p))
		return LGW_ENOENT;
	o = dm_object(dm, p->id[0]);
	dm_forget(dm, o, dm_inst(o, p->id[1]), p);
	return LGW_OK;
}

void dm_share(struct dm *dm, uint16_t oid, uint16_t iid)
{
	struct dm_object *o = dm_object(dm, oid);
	struct dm_inst *i = o ? dm_inst(o, iid) : NULL;

	if (i)
		inst_share(objdef_shapes(o->def), i);
}

int dm_declare(struct dm *dm, const struct path *p)
{
	struct shapes *sh;
	const struct resdef *r;
	struct dm_object *o;
	struct dm_inst *i;
	int err = locate(dm, p, &o, &i, &r);

	if (err || dm_exists(dm, p))
		return err;
	sh = objdef_shapes(o->def);
	if (p->n == 4)
		unmark_empty(sh, i, p->id[2]);
	inst_entry_add(sh, i, r, p->n == 4 ? p->id[3] : PATH_ID_NONE);
	o->generation++;
	return LGW_OK;
}

int dm_get(const struct dm *dm, const struct path *p, struct value *out, int64_t *time_ms)
{
	struct dm_object *o = p->n >= 3 ? dm_object(dm, p->id[0]) : NULL;
	struct dm_inst *i = o ? dm_inst(o, p->id[1]) : NULL;
	int k = i ? shape_find(i->shape, p->id[2], p->n == 4 ? p->id[3] : PATH_ID_NONE) : -1;

	if (k < 0)
		return LGW_ENOENT;
	if (time_ms)
		*time_ms = inst_time(i);
	return dm_entry_value(o, i, (unsigned)k, out);
}

void dm_touch(struct dm *dm, const struct path *p)
{
	struct value v;

	if (dm_get(dm, p, &v, NULL))
		return;
	dm_object(dm, p->id[0])->generation++;
	tell(dm, p, &v, 0, true);
}

uint32_t dm_generation(const struct dm *dm, const struct path *p)
{
	const struct dm_object *o = p->n ? dm_object(dm, p->id[0]) : NULL;
	uint32_t sum = dm->generation + (o ? o->generation : 0);

	for (unsigned k = 0; !p->n && k < dm->nobjects; k++)
		sum += dm->objects[k].generation;
	return sum;
}

static bool next_object(const struct dm *dm, int32_t *it)
{
	for (unsigned k = 0; k < dm->nobjects; k++) /* they are few */
		if (dm->objects[k].def->id > *it)
			return *it = dm->objects[k].def->id, true;
	return false;
}

static bool next_instance(const struct dm_object *o, int32_t *it)
{
	unsigned k = inst_from(o, (unsigned)(*it + 1));

	return k < o->n && (*it = dm_insts(o)[k].iid, true);
}

/* Below the instance a resource, below a resource an instance of it. */
static bool next_entry(const struct shape *s, const struct path *parent, int32_t *it)
{
	unsigned next = (unsigned)(*it + 1);
	bool whole = parent->n == 2;
	unsigned k = whole ? shape_from(s, next, 0) : shape_from(s, parent->id[2], next);
	const struct shape_entry *e = &s->e[k];

	if (k == s->n || (!whole && (e->rid != parent->id[2] || e->riid == PATH_ID_NONE)))
		return false;
	*it = whole ? e->rid : e->riid;
	return true;
}

bool dm_next(const struct dm *dm, const struct path *parent, int32_t *it)
{
	const struct dm_object *o = parent->n ? dm_object(dm, parent->id[0]) : NULL;
	const struct dm_inst *i = o && parent->n > 1 ? dm_inst(o, parent->id[1]) : NULL;

	if (parent->n < 2)
		return parent->n ? o && next_instance(o, it) : next_object(dm, it);
	return i && parent->n < 4 && next_entry(i->shape, parent, it);
}

static bool is_enabler(uint16_t oid)
{
	/* The objects that the enabler itself defines (LwM2M 1.0 Appendix E, 1.1 Appendix E). */
	return oid <= 7 || oid == 21;
}

const char *dm_version(char *buf, const struct objdef *d)
{
	if (is_enabler(d->id) || (d->ver_major == 1 && d->ver_minor == 0))
		return NULL;
	snprintf(buf, 8, "%u.%u", d->ver_major, d->ver_minor);
	return buf;
}

int dm_may(const struct dm *dm, uint16_t ssid, const struct path *p, enum dm_right right)
{
	if (!ssid)
		return LGW_OK;
	if (p->n && (p->id[0] == 0 || p->id[0] == 21))
		return LGW_EACCES;
	/* An object as a whole asks for a right only in Create; a Read looks at each instance
	 * (§7.3.2.4). */
	if (right == DM_DISCOVER || (p->n < 2 && right != DM_C))
		return LGW_OK;
	return dm->hooks->access ? dm->hooks->access(dm->ud, ssid, p, right) : LGW_OK;
}
