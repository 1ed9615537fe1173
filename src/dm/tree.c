/* SPDX-License-Identifier: BSD-3-Clause */
/* Objects, instances and values of one client, as their owner sees them. */
#include "dm/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "util/err.h"
#include "util/mem.h"

/* --- slots --------------------------------------------------------------------------------- */

static void slot_clear(struct shapes *sh, enum value_type t, union slot *s)
{
	if (value_is_bytes(t))
		blob_unref(sh, s->blob);
}

static void slot_put(struct shapes *sh, union slot *s, const struct value *v)
{
	switch (v->type) {
	case VT_FLOAT:
		s->f = v->u.f;
		break;
	case VT_BOOL:
		s->b = v->u.b;
		break;
	case VT_UINT:
		s->u = v->u.u;
		break;
	case VT_OBJLNK:
		s->link.oid = v->u.link.oid;
		s->link.iid = v->u.link.iid;
		break;
	case VT_INT:
	case VT_TIME:
		s->i = v->u.i;
		break;
	default:
		s->blob = blob_new(sh, v->u.s.p, v->u.s.len);
	}
}

static void slot_get(const union slot *s, enum value_type t, struct value *v)
{
	*v = (struct value){ .type = t };
	switch (t) {
	case VT_FLOAT:
		v->u.f = s->f;
		break;
	case VT_BOOL:
		v->u.b = s->b;
		break;
	case VT_UINT:
		v->u.u = s->u;
		break;
	case VT_OBJLNK:
		v->u.link.oid = s->link.oid;
		v->u.link.iid = s->link.iid;
		break;
	case VT_INT:
	case VT_TIME:
		v->u.i = s->i;
		break;
	default:
		v->u.s.p = s->blob->bytes;
		v->u.s.len = s->blob->len;
	}
}

/* --- instances ----------------------------------------------------------------------------- */

static size_t slots_bytes(unsigned n)
{
	return n * (sizeof(union slot) + 1);
}

/* Make room for a new entry, or close the gap of one that goes; have bytes move along. */
static void inst_reshape(struct dm_inst *i, struct shape *old_n_shape, unsigned old_n, unsigned at)
{
	struct shape *now = old_n_shape;
	union slot *slots = now->n ? xcalloc(1, slots_bytes(now->n)) : NULL;
	uint8_t *have = slots ? (uint8_t *)(slots + now->n) : NULL;
	uint8_t *old_have = i->slots ? (uint8_t *)(i->slots + old_n) : NULL;
	bool more = now->n > old_n;
	unsigned tail = (more ? old_n : old_n - 1u) - at;

	if (at) {
		memcpy(slots, i->slots, at * sizeof(*slots));
		memcpy(have, old_have, at);
	}
	if (tail) {
		memcpy(slots + at + more, i->slots + at + !more, tail * sizeof(*slots));
		memcpy(have + at + more, old_have + at + !more, tail);
	}
	free(i->slots);
	i->slots = slots;
	i->shape = now;
}

static unsigned entry_add(struct dm_inst *i, const struct resdef *r, uint16_t riid)
{
	unsigned at, old_n = i->shape->n;
	struct shape *now = shape_with(i->shape, r, riid, &at);

	inst_reshape(i, now, old_n, at);
	return at;
}

static void entry_remove(struct shapes *sh, struct dm_inst *i, unsigned at)
{
	unsigned old_n = i->shape->n;

	if (inst_have(i)[at])
		slot_clear(sh, (enum value_type)i->shape->e[at].def->type, &i->slots[at]);
	inst_reshape(i, shape_without(i->shape, at), old_n, at);
}

static void inst_fini(struct shapes *sh, struct dm_inst *i)
{
	for (unsigned k = 0; k < i->shape->n; k++)
		if (inst_have(i)[k])
			slot_clear(sh, (enum value_type)i->shape->e[k].def->type, &i->slots[k]);
	free(i->slots);
	shape_unref(i->shape);
}

static unsigned inst_bound(const struct dm_object *o, uint16_t iid)
{
	unsigned lo = 0, hi = o->n;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (o->inst[mid].iid < iid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct dm_inst *dm_inst(const struct dm_object *o, uint16_t iid)
{
	unsigned k = inst_bound(o, iid);

	return k < o->n && o->inst[k].iid == iid ? &o->inst[k] : NULL;
}

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

struct dm *dm_new(const struct dm_hooks *hooks, void *ud)
{
	struct dm *dm = xcalloc(1, sizeof(*dm));

	dm->hooks = hooks;
	dm->ud = ud;
	return dm;
}

static void structure(struct dm *dm)
{
	if (dm->hooks->structure)
		dm->hooks->structure(dm->ud);
}

static void object_fini(struct dm_object *o)
{
	struct shapes *sh = objdef_shapes(o->def);

	for (unsigned k = 0; k < o->n; k++)
		inst_fini(sh, &o->inst[k]);
	free(o->inst);
}

void dm_free(struct dm *dm)
{
	static const struct dm_hooks none;

	if (!dm)
		return;
	dm->hooks = &none;
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
	structure(dm);
	return LGW_OK;
}

void dm_object_remove(struct dm *dm, uint16_t oid)
{
	struct dm_object *o = dm_object(dm, oid);
	struct path p = PATH_OBJ(oid);
	unsigned k;

	if (!o)
		return;
	dm_ops_cancel(dm, &p);
	while ((o = dm_object(dm, oid)) && o->n)
		dm_instance_remove(dm, oid, o->inst[o->n - 1].iid);
	o = dm_object(dm, oid);
	if (!o)
		return;
	k = (unsigned)(o - dm->objects);
	object_fini(o);
	memmove(o, o + 1, (dm->nobjects - k - 1u) * sizeof(*o));
	dm->nobjects--;
	dm_attrs_drop_path(dm, &p);
	structure(dm);
}

const struct objdef *dm_object_def(const struct dm *dm, uint16_t oid)
{
	const struct dm_object *o = dm_object(dm, oid);

	return o ? o->def : NULL;
}

static uint16_t lowest_free(const struct dm_object *o)
{
	uint16_t iid = 0;

	while (iid < o->n && o->inst[iid].iid == iid)
		iid++;
	return iid;
}

int dm_instance_add(struct dm *dm, uint16_t oid, uint16_t iid)
{
	struct dm_object *o = dm_object(dm, oid);
	unsigned k;

	if (!o)
		return LGW_ENOENT;
	if (iid == PATH_ID_NONE)
		iid = lowest_free(o);
	if (iid == PATH_ID_NONE || (!o->def->multiple && iid))
		return LGW_EINVAL;
	k = inst_bound(o, iid);
	if (k < o->n && o->inst[k].iid == iid)
		return LGW_EEXIST;
	o->inst = xreallocarray(o->inst, o->n + 1u, sizeof(*o->inst));
	memmove(o->inst + k + 1, o->inst + k, (o->n - k) * sizeof(*o->inst));
	o->inst[k] = (struct dm_inst){ .iid = iid, .shape = shape_empty(objdef_shapes(o->def)) };
	o->n++;
	structure(dm);
	return iid;
}

int dm_instance_remove(struct dm *dm, uint16_t oid, uint16_t iid)
{
	struct path p = PATH_INST(oid, iid);
	struct dm_object *o = dm_object(dm, oid);
	struct dm_inst *i = o ? dm_inst(o, iid) : NULL;

	if (!i)
		return LGW_ENOENT;
	dm_ops_cancel(dm, &p);
	o = dm_object(dm, oid);
	i = o ? dm_inst(o, iid) : NULL;
	if (!i)
		return LGW_OK;
	inst_fini(objdef_shapes(o->def), i);
	memmove(i, i + 1, (size_t)(o->inst + o->n - (i + 1)) * sizeof(*i));
	o->n--;
	dm_attrs_drop_path(dm, &p);
	structure(dm);
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
	slot_get(&i->slots[k], (enum value_type)e->def->type, out);
	return LGW_OK;
}

/* The entry that a path of depth 3 or 4 means: 3 for single, 4 for multiple. */
static int find_entry(
	const struct dm *dm, const struct path *p, struct dm_object **o, struct dm_inst **i)
{
	if (p->n < 3)
		return LGW_EINVAL;
	*o = dm_object(dm, p->id[0]);
	*i = *o ? dm_inst(*o, p->id[1]) : NULL;
	if (!*i)
		return LGW_ENOENT;
	return shape_find((*i)->shape, p->id[2], p->n == 4 ? p->id[3] : PATH_ID_NONE);
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
	default:
		return i && shape_find(i->shape, p->id[2], p->id[3]) >= 0;
	}
}

static void tell(
	struct dm *dm, const struct path *p, const struct value *v, int64_t time_ms, bool changed)
{
	if (dm->hooks->value && !dm->quiet)
		dm->hooks->value(dm->ud, p, v, time_ms, changed);
}

void dm_store(struct dm *dm, struct dm_object *o, struct dm_inst *i, const struct path *p,
	const struct value *v, int64_t time_ms)
{
	struct shapes *sh = objdef_shapes(o->def);
	const struct resdef *r = objdef_res(o->def, p->id[2]);
	uint16_t riid = p->n == 4 ? p->id[3] : PATH_ID_NONE;
	int k = shape_find(i->shape, p->id[2], riid), none;
	bool changed = true;
	struct value old;

	if (k < 0)
		k = (int)entry_add(i, r, riid);
	else if (inst_have(i)[k]) {
		slot_get(&i->slots[k], v->type, &old);
		changed = !value_eq(&old, v);
	}
	if (changed) {
		if (inst_have(i)[k])
			slot_clear(sh, v->type, &i->slots[k]);
		slot_put(sh, &i->slots[k], v);
		inst_have(i)[k] = 1;
	}
	/* A multiple resource with an instance is not empty any more. */
	if (riid != PATH_ID_NONE) {
		none = shape_find(i->shape, p->id[2], PATH_ID_NONE);
		if (none >= 0)
			entry_remove(sh, i, (unsigned)none);
	}
	if (time_ms > i->time_ms)
		i->time_ms = time_ms;
	tell(dm, p, v, time_ms, changed);
}

void dm_forget(struct dm *dm, struct dm_object *o, struct dm_inst *i, const struct path *p)
{
	struct shapes *sh = objdef_shapes(o->def);
	const struct resdef *r = objdef_res(o->def, p->id[2]);
	int k;

	if (p->n == 4) {
		k = shape_find(i->shape, p->id[2], p->id[3]);
		if (k < 0)
			return;
		entry_remove(sh, i, (unsigned)k);
		if (r && r->multiple && shape_first(i->shape, p->id[2]) < 0)
			entry_add(i, r, PATH_ID_NONE);
	} else {
		if (shape_first(i->shape, p->id[2]) < 0)
			return;
		while ((k = shape_first(i->shape, p->id[2])) >= 0)
			entry_remove(sh, i, (unsigned)k);
	}
	tell(dm, p, NULL, 0, true);
}

int dm_set(struct dm *dm, const struct path *p, const struct value *v, int64_t time_ms)
{
	struct dm_object *o = p->n >= 3 ? dm_object(dm, p->id[0]) : NULL;
	struct dm_inst *i = o ? dm_inst(o, p->id[1]) : NULL;
	const struct resdef *r = o ? objdef_res(o->def, p->id[2]) : NULL;
	uint8_t scratch[256];
	struct value typed;
	int err;

	if (!i || !r)
		return LGW_ENOENT;
	if (r->multiple != (p->n == 4) || (p->n == 4 && p->id[3] == PATH_ID_NONE))
		return LGW_EINVAL;
	err = value_coerce(&typed, v, (enum value_type)r->type, scratch, sizeof(scratch));
	if (err)
		return err;
	dm_store(dm, o, i, p, &typed, time_ms);
	return LGW_OK;
}

int dm_unset(struct dm *dm, const struct path *p)
{
	struct dm_object *o;
	struct dm_inst *i;

	if (p->n < 3)
		return LGW_EINVAL;
	if (!dm_exists(dm, p))
		return LGW_ENOENT;
	o = dm_object(dm, p->id[0]);
	i = dm_inst(o, p->id[1]);
	dm_forget(dm, o, i, p);
	return LGW_OK;
}

int dm_declare(struct dm *dm, const struct path *p)
{
	struct dm_object *o = p->n >= 3 ? dm_object(dm, p->id[0]) : NULL;
	struct dm_inst *i = o ? dm_inst(o, p->id[1]) : NULL;
	const struct resdef *r = o ? objdef_res(o->def, p->id[2]) : NULL;

	if (!i || !r)
		return LGW_ENOENT;
	if (p->n == 4 && !r->multiple)
		return LGW_EINVAL;
	if (!dm_exists(dm, p))
		entry_add(i, r, p->n == 4 ? p->id[3] : PATH_ID_NONE);
	return LGW_OK;
}

int dm_get(const struct dm *dm, const struct path *p, struct value *out, int64_t *time_ms)
{
	struct dm_object *o = NULL;
	struct dm_inst *i = NULL;
	int k = find_entry(dm, p, &o, &i);

	if (k < 0)
		return LGW_ENOENT;
	if (time_ms)
		*time_ms = i->time_ms;
	return dm_entry_value(o, i, (unsigned)k, out);
}

void dm_touch(struct dm *dm, const struct path *p)
{
	struct value v;

	if (!dm_get(dm, p, &v, NULL))
		tell(dm, p, &v, 0, true);
}

bool dm_next(const struct dm *dm, const struct path *parent, int32_t *it)
{
	struct dm_object *o = parent->n ? dm_object(dm, parent->id[0]) : NULL;
	struct dm_inst *i = o && parent->n > 1 ? dm_inst(o, parent->id[1]) : NULL;

	/* Ids are few per level: the next higher one is looked for. */
	if (!parent->n) {
		for (unsigned k = 0; k < dm->nobjects; k++)
			if (dm->objects[k].def->id > *it)
				return *it = dm->objects[k].def->id, true;
	} else if (parent->n == 1 && o) {
		for (unsigned k = 0; k < o->n; k++)
			if (o->inst[k].iid > *it)
				return *it = o->inst[k].iid, true;
	} else if (i) {
		for (unsigned k = 0; k < i->shape->n; k++) {
			const struct shape_entry *e = &i->shape->e[k];

			if (parent->n == 2 && e->rid > *it)
				return *it = e->rid, true;
			if (parent->n == 3 && e->rid == parent->id[2] && e->riid > *it &&
				e->riid != PATH_ID_NONE)
				return *it = e->riid, true;
		}
	}
	return false;
}

bool dm_is_enabler(uint16_t oid)
{
	/* The objects that the enabler itself defines (LwM2M 1.0 Appendix E, 1.1 Appendix E). */
	return oid <= 7 || oid == 21;
}

const char *dm_version(char *buf, const struct objdef *d)
{
	if (dm_is_enabler(d->id) || (d->ver_major == 1 && d->ver_minor == 0))
		return NULL;
	snprintf(buf, 8, "%u.%u", d->ver_major, d->ver_minor);
	return buf;
}

int dm_may(const struct dm *dm, uint16_t ssid, const struct path *p, unsigned op)
{
	if (!ssid)
		return LGW_OK;
	if (p->n && (p->id[0] == 0 || p->id[0] == 21))
		return LGW_EACCES;
	return dm->hooks->access ? dm->hooks->access(dm->ud, ssid, p, op) : LGW_OK;
}
