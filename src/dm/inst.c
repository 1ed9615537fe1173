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

/* Without a byte that is not known: slots are compared as such. */
static union slot slot_of(struct shapes *sh, const struct value *v)
{
	union slot s;

	memset(&s, 0, sizeof(s));
	switch (v->type) {
	case VT_FLOAT:
		s.f = v->u.f;
		break;
	case VT_BOOL:
		s.b = v->u.b;
		break;
	case VT_UINT:
		s.u = v->u.u;
		break;
	case VT_OBJLNK:
		s.link.oid = v->u.link.oid;
		s.link.iid = v->u.link.iid;
		break;
	case VT_INT:
	case VT_TIME:
		s.i = v->u.i;
		break;
	default:
		s.blob = blob_new(sh, v->u.s.p, v->u.s.len);
	}
	return s;
}

void inst_get(const struct dm_inst *i, unsigned at, struct value *v)
{
	const union slot *s = &i->values->at[at];

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

static size_t slots_bytes(unsigned n)
{
	return n * (sizeof(union slot) + 1);
}

/* --- values that instances share ------------------------------------------------------------- */

/* What the table holds: they are equal only where the shapes are the same. */
struct shared {
	const struct shape *shape; /* lives as long as an instance with the values */
	struct values *values;
};

static uint64_t shared_hash(const void *key, uint64_t seed)
{
	const struct shared *s = key;

	return map_hash_bytes(
		s->values->at, slots_bytes(s->shape->n), seed ^ (uint64_t)(uintptr_t)s->shape);
}

static bool shared_match(const void *key, const void *item)
{
	const struct shared *a = key, *b = item;

	return a->shape == b->shape &&
	       !memcmp(a->values->at, b->values->at, slots_bytes(a->shape->n));
}

static const void *itself(const void *item)
{
	return item;
}

const struct map_ops values_map_ops = { shared_hash, shared_match, itself };

/* Out of the table; the last instance that has them changes, or goes. */
static void unshare(struct shapes *sh, struct dm_inst *i)
{
	free(map_take(&sh->values, &(struct shared){ i->shape, i->values }));
	i->values->shared = false;
}

/* Before they change. */
static void own(struct shapes *sh, struct dm_inst *i)
{
	struct values *v = i->values;

	if (!v || !v->shared)
		return;
	if (v->refs == 1) {
		unshare(sh, i);
		return;
	}
	v->refs--;
	i->values = xmemdup(v, sizeof(*v) + slots_bytes(i->shape->n));
	i->values->refs = 1;
	i->values->shared = false;
	for (unsigned k = 0; k < i->shape->n; k++)
		if (inst_have(i)[k] && value_is_bytes(entry_type(i, k)))
			v->at[k].blob->refs++;
}

static void values_unref(struct shapes *sh, struct dm_inst *i)
{
	struct values *v = i->values;

	if (!v || --v->refs)
		return;
	if (v->shared)
		unshare(sh, i);
	for (unsigned k = 0; k < i->shape->n; k++)
		if (inst_have(i)[k])
			slot_clear(sh, entry_type(i, k), &v->at[k]);
	free(v);
}

void inst_share(struct shapes *sh, struct dm_inst *i)
{
	struct shared *known, key = { i->shape, i->values };

	if (!i->values || i->values->shared)
		return;
	known = map_get(&sh->values, &key);
	if (known) {
		values_unref(sh, i);
		i->values = known->values;
		i->values->refs++;
	} else {
		i->values->shared = true;
		map_put(&sh->values, xmemdup(&key, sizeof(key)));
	}
}

/* --- changes ------------------------------------------------------------------------------- */

bool inst_put(struct shapes *sh, struct dm_inst *i, unsigned at, const struct value *v)
{
	union slot new;
	struct value old;

	if (inst_have(i)[at]) {
		inst_get(i, at, &old);
		if (value_eq(&old, v))
			return false;
	}
	own(sh, i);
	/* The new one first: it may be a part of the old one's text. */
	new = slot_of(sh, v);
	if (inst_have(i)[at])
		slot_clear(sh, v->type, &i->values->at[at]);
	i->values->at[at] = new;
	inst_have(i)[at] = 1;
	return true;
}

/* Make room for a new entry, or close the gap of one that goes; have bytes move along. */
static void reshape(struct dm_inst *i, struct shape *now, unsigned old_n, unsigned at)
{
	struct values *old = i->values;
	struct values *v = now->n ? xcalloc(1, sizeof(*v) + slots_bytes(now->n)) : NULL;
	uint8_t *have = v ? (uint8_t *)(v->at + now->n) : NULL;
	uint8_t *old_have = old ? (uint8_t *)(old->at + old_n) : NULL;
	bool more = now->n > old_n;
	unsigned tail = (more ? old_n : old_n - 1u) - at;

	if (at) {
		memcpy(v->at, old->at, at * sizeof(v->at[0]));
		memcpy(have, old_have, at);
	}
	if (tail) {
		memcpy(v->at + at + more, old->at + at + !more, tail * sizeof(v->at[0]));
		memcpy(have + at + more, old_have + at + !more, tail);
	}
	if (v)
		v->refs = 1;
	free(old);
	i->values = v;
	i->shape = now;
}

unsigned inst_entry_add(struct shapes *sh, struct dm_inst *i, const struct resdef *r, uint16_t riid)
{
	unsigned at, old_n = i->shape->n;
	struct shape *now;

	own(sh, i);
	now = shape_with(i->shape, r, riid, &at);
	reshape(i, now, old_n, at);
	return at;
}

void inst_entry_remove(struct shapes *sh, struct dm_inst *i, unsigned at)
{
	unsigned old_n = i->shape->n;

	own(sh, i);
	if (inst_have(i)[at])
		slot_clear(sh, entry_type(i, at), &i->values->at[at]);
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

	values_unref(sh, i);
	shape_unref(i->shape);
	memmove(i, i + 1, (size_t)(all + o->n - (i + 1)) * sizeof(*i));
	if (--o->n == 1) {
		o->inst.one = all[0];
		free(all);
	}
	o->generation++;
}
