/* SPDX-License-Identifier: BSD-3-Clause */
/* How the values of one instance lie in memory, and how they move when its shape changes. */
#include <stdlib.h>
#include <string.h>
#include "dm/tree.h"
#include "util/err.h"
#include "util/mem.h"

static enum value_type entry_type(const struct dm_inst *i, unsigned at)
{
	return (enum value_type)i->shape->e[at].def->type;
}

static void slot_clear(struct shapes *sh, enum value_type t, union slot *s)
{
	if (value_is_bytes(t))
		blob_unref(sh, s->blob);
}

static union slot slot_of(struct shapes *sh, const struct value *v)
{
	switch (v->type) {
	case VT_FLOAT:
		return (union slot){ .f = v->u.f };
	case VT_BOOL:
		return (union slot){ .b = v->u.b };
	case VT_UINT:
		return (union slot){ .u = v->u.u };
	case VT_OBJLNK:
		return (union slot){ .link = { v->u.link.oid, v->u.link.iid } };
	case VT_INT:
	case VT_TIME:
		return (union slot){ .i = v->u.i };
	default:
		return (union slot){ .blob = blob_new(sh, v->u.s.p, v->u.s.len) };
	}
}

void inst_get(const struct dm_inst *i, unsigned at, struct value *v)
{
	const union slot *s = &i->slots[at];

	*v = (struct value){ .type = entry_type(i, at) };
	switch (v->type) {
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

bool inst_put(struct shapes *sh, struct dm_inst *i, unsigned at, const struct value *v)
{
	union slot new;
	struct value old;

	if (inst_have(i)[at]) {
		inst_get(i, at, &old);
		if (value_eq(&old, v))
			return false;
	}
	/* The new one first: it may be a part of the old one's text. */
	new = slot_of(sh, v);
	if (inst_have(i)[at])
		slot_clear(sh, v->type, &i->slots[at]);
	i->slots[at] = new;
	inst_have(i)[at] = 1;
	return true;
}

static size_t slots_bytes(unsigned n)
{
	return n * (sizeof(union slot) + 1);
}

/* Make room for a new entry, or close the gap of one that goes; have bytes move along. */
static void reshape(struct dm_inst *i, struct shape *now, unsigned old_n, unsigned at)
{
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

unsigned inst_entry_add(struct dm_inst *i, const struct resdef *r, uint16_t riid)
{
	unsigned at, old_n = i->shape->n;
	struct shape *now = shape_with(i->shape, r, riid, &at);

	reshape(i, now, old_n, at);
	return at;
}

void inst_entry_remove(struct shapes *sh, struct dm_inst *i, unsigned at)
{
	unsigned old_n = i->shape->n;

	if (inst_have(i)[at])
		slot_clear(sh, entry_type(i, at), &i->slots[at]);
	reshape(i, shape_without(i->shape, at), old_n, at);
}

unsigned inst_from(const struct dm_object *o, unsigned iid)
{
	const struct dm_inst *all = dm_insts(o);
	unsigned lo = 0, hi = o->n;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (all[mid].iid < iid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct dm_inst *dm_inst(const struct dm_object *o, uint16_t iid)
{
	struct dm_inst *i = dm_insts(o) + inst_from(o, iid);

	return i < dm_insts(o) + o->n && i->iid == iid ? i : NULL;
}

int inst_new(struct dm_object *o, uint16_t iid)
{
	struct dm_inst fresh = { .iid = iid }, *all;
	unsigned k = inst_from(o, iid);

	if (iid == PATH_ID_NONE || (!o->def->multiple && iid))
		return LGW_EINVAL;
	if (dm_inst(o, iid))
		return LGW_EEXIST;
	fresh.shape = shape_empty(objdef_shapes(o->def));
	if (!o->n) {
		o->inst.one = fresh;
	} else {
		all = xreallocarray(o->n > 1 ? o->inst.many : NULL, o->n + 1u, sizeof(*all));
		if (o->n == 1)
			all[0] = o->inst.one;
		memmove(all + k + 1, all + k, (o->n - k) * sizeof(*all));
		all[k] = fresh;
		o->inst.many = all;
	}
	o->n++;
	o->generation++;
	return LGW_OK;
}

void inst_free(struct dm_object *o, struct dm_inst *i)
{
	struct shapes *sh = objdef_shapes(o->def);
	struct dm_inst *all = dm_insts(o);

	for (unsigned k = 0; k < i->shape->n; k++)
		if (inst_have(i)[k])
			slot_clear(sh, entry_type(i, k), &i->slots[k]);
	free(i->slots);
	shape_unref(i->shape);
	memmove(i, i + 1, (size_t)(all + o->n - (i + 1)) * sizeof(*i));
	if (--o->n == 1) {
		o->inst.one = all[0];
		free(all);
	}
	o->generation++;
}
