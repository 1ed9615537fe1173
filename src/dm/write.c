/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Write and Create (LwM2M 1.0 §5.4.3, §5.4.6): records are validated one by one into a set of
 * changes, the object may refuse the set or carry it out, then all of it is stored at once.
 */
#include "dm/range.h"
#include "dm/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "util/err.h"
#include "util/mem.h"

#define CHANGES_MAX 4096

struct dm_txn {
	struct dm *dm; /* NULL: what it is about is gone, its holder does not know yet */
	struct path base;
	enum dm_write_mode mode;
	uint16_t ssid;
	uint16_t iid;
	bool have_iid;  /* Create: the request names the instance */
	bool ascending; /* the changes so far come in the order of their paths */
	struct dm_change *c;
	size_t n, cap;
	size_t given;     /* changes that the request named; a replace adds others */
	unsigned records; /* of resources, ignored ones too */
	const char *why;  /* the last record was refused, and its path; or NULL */
	struct path bad;
};

static struct dm_txn *txn_new(
	struct dm *dm, uint16_t ssid, enum dm_write_mode mode, const struct path *p)
{
	struct dm_txn *t = xcalloc(1, sizeof(*t));

	*t = (struct dm_txn){ .dm = dm, .base = *p, .mode = mode, .ssid = ssid, .ascending = true };
	t->iid = mode == DM_CREATE ? (uint16_t)PATH_ID_NONE : p->id[1];
	return t;
}

static void change_fini(struct dm_change *c)
{
	if (value_is_bytes(c->value.type))
		free((uint8_t *)(uintptr_t)c->value.u.s.p);
}

static void txn_free(struct dm_txn *t)
{
	for (size_t k = 0; k < t->n; k++)
		change_fini(&t->c[k]);
	free(t->c);
	free(t);
}

void dm_txn_abort(struct dm_txn *t)
{
	if (t)
		txn_free(t);
}

/* Can this path be written at all, by this mode? */
static int target(const struct dm *dm, const struct dm_object *o, enum dm_write_mode mode,
	uint16_t ssid, const struct path *p)
{
	const struct resdef *r;

	if (mode == DM_BOOTSTRAP)
		return p->n < 4 ? LGW_OK : LGW_EINVAL;
	if (mode == DM_CREATE) {
		if (p->n != 1 || (ssid && !o->ops->create))
			return LGW_EOP;
		/* A single one that is there, or about to be. */
		return !o->def->multiple && dm_lowest_free(dm, o) ? LGW_EOP : LGW_OK;
	}
	if (p->n < 2)
		return LGW_EOP;
	if (p->n == 2)
		return LGW_OK;
	r = objdef_res(o->def, p->id[2]);
	if (!r || (ssid && !(r->ops & RES_W)) || r->ops & RES_E)
		return LGW_EOP;
	return LGW_OK;
}

/* Is it there, or would this write make it? A resource instance may come to be by its own write
 * (1.1 §6.3.3), a whole resource where the object says so. */
static bool reachable(const struct dm *dm, const struct dm_object *o, const struct path *p)
{
	const struct resdef *r = p->n >= 3 ? objdef_res(o->def, p->id[2]) : NULL;

	if (dm_exists(dm, p))
		return true;
	if (!r || !(r->ops & RES_W) || !dm_exists(dm, &PATH_INST(p->id[0], p->id[1])))
		return false;
	if (p->n == 4 && (!r->multiple || p->id[3] == PATH_ID_NONE))
		return false;
	return o->ops->writes_make_resources ||
	       (p->n == 4 && dm_exists(dm, &PATH_RES(p->id[0], p->id[1], p->id[2])));
}

int dm_txn_begin(struct dm *dm, uint16_t ssid, enum dm_write_mode mode, const struct path *p,
	struct dm_txn **out)
{
	struct dm_object *o = p->n ? dm_object(dm, p->id[0]) : NULL;
	int r;

	if (!p->n)
		return LGW_EOP;
	if (!o)
		return mode == DM_BOOTSTRAP ? LGW_EINVAL : LGW_ENOENT;
	r = dm_may(dm, ssid, p, mode == DM_CREATE ? DM_C : DM_W);
	if (r)
		return r;
	if (mode == DM_CREATE ? !dm_exists(dm, p) : mode != DM_BOOTSTRAP && !reachable(dm, o, p))
		return LGW_ENOENT;
	r = target(dm, o, mode, ssid, p);
	if (r)
		return r;
	*out = txn_new(dm, ssid, mode, p);
	return LGW_OK;
}

static bool named(const struct dm_txn *t, const struct path *p)
{
	/* Nearly every request goes upwards: then only the last one can be equal. */
	if (t->ascending && t->n && path_cmp(&t->c[t->n - 1].path, p) < 0)
		return false;
	for (size_t k = 0; k < t->n; k++)
		if (path_eq(&t->c[k].path, p))
			return true;
	return false;
}

/* Of the first n changes: is there one of this resource? */
static bool names_resource(const struct dm_txn *t, size_t n, uint16_t iid, uint16_t rid)
{
	for (size_t k = 0; k < n; k++)
		if (t->c[k].path.id[2] == rid && t->c[k].path.id[1] == iid)
			return true;
	return false;
}

static int push(
	struct dm_txn *t, enum dm_change_kind kind, const struct path *p, const struct value *v)
{
	struct dm_change *c;

	if (t->n == CHANGES_MAX)
		return LGW_ETOOBIG;
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 4;
		t->c = xreallocarray(t->c, t->cap, sizeof(*t->c));
	}
	if (t->n && path_cmp(&t->c[t->n - 1].path, p) >= 0)
		t->ascending = false;
	c = &t->c[t->n++];
	*c = (struct dm_change){ .kind = kind, .path = *p };
	if (v)
		c->value = *v;
	if (v && value_is_bytes(v->type))
		c->value.u.s.p = xmemdup(v->u.s.p, v->u.s.len);
	return LGW_OK;
}

/* The record's instance: the one written to, or the new one. */
static int check_instance(struct dm_txn *t, const struct path *p)
{
	if (p->n < 2 || p->id[0] != t->base.id[0])
		return LGW_EINVAL;
	if (t->mode != DM_CREATE)
		return path_contains(&t->base, p) ? LGW_OK : LGW_EINVAL;
	if (p->id[1] == PATH_ID_NONE)
		return t->have_iid ? LGW_EINVAL : LGW_OK;
	if (!t->have_iid && t->n)
		return LGW_EINVAL; /* some named it, some did not */
	if (t->have_iid && t->iid != p->id[1])
		return LGW_EINVAL; /* one instance per Create */
	t->have_iid = true;
	t->iid = p->id[1];
	return LGW_OK;
}

/* LGW_OK: take it, LGW_PENDING: pass over it, or an error. */
static int check_resource(const struct dm_txn *t, const struct resdef *r)
{
	bool writable = r && r->ops & RES_W && !(r->ops & RES_E);

	if (t->mode == DM_BOOTSTRAP) /* unknown ones are passed over (§5.2.7.3) */
		return r && !(r->ops & RES_E) ? LGW_OK : LGW_PENDING;
	if (t->mode == DM_CREATE) /* read-only and unknown ones are ignored (§5.4.6) */
		return writable || (r && !t->ssid && !(r->ops & RES_E)) ? LGW_OK : LGW_PENDING;
	if (!r)
		return LGW_ENOENT;
	if (!writable && (t->ssid || r->ops & RES_E))
		return LGW_EOP;
	return LGW_OK;
}

static const char *const wrong_type[] = {
	[VT_NONE] = "has no value",
	[VT_STRING] = "not a string",
	[VT_INT] = "not an integer",
	[VT_UINT] = "not an unsigned integer",
	[VT_FLOAT] = "not a number",
	[VT_BOOL] = "neither 0 nor 1",
	[VT_OPAQUE] = "not opaque",
	[VT_TIME] = "not a time",
	[VT_OBJLNK] = "not an object link",
	[VT_CORELNK] = "not a core link",
};

/* why: in words, where it is refused. */
static int add_record(struct dm_txn *t, const struct record *rec, const char **why)
{
	struct dm_object *o = dm_object(t->dm, t->base.id[0]);
	const struct resdef *r = rec->path.n >= 3 ? objdef_res(o->def, rec->path.id[2]) : NULL;
	uint8_t *scratch = NULL;
	struct path p = rec->path;
	struct value v;
	int err = check_instance(t, &p);

	*why = "not below what is written";
	if (err)
		return err;
	if (t->mode == DM_BOOTSTRAP && (p.n == 2 || p.id[1] == PATH_ID_NONE))
		return LGW_EINVAL;
	if (p.n == 2) /* an instance without resources: nothing to say but its id */
		return rec->value.type == VT_NONE ? LGW_OK : LGW_EINVAL;
	t->records++;
	err = check_resource(t, r);
	*why = r ? "may not be written" : "not defined";
	if (err)
		return err == LGW_PENDING ? LGW_OK : err;
	*why = "named twice, or not as single or multiple as it is defined";
	if (p.n == 3 && r->multiple && rec->value.type == VT_NONE) {
		if (names_resource(t, t->n, p.id[1], p.id[2]))
			return LGW_EINVAL;
		if (t->mode == DM_UPDATE) /* nothing to merge */
			return LGW_OK;
		return push(t, DM_CLEAR, &p, NULL);
	}
	if ((p.n == 4) != r->multiple || (p.n == 4 && p.id[3] == PATH_ID_NONE) || named(t, &p) ||
		(p.n == 4 && named(t, &PATH_RES(p.id[0], p.id[1], p.id[2]))))
		return LGW_EINVAL; /* twice, or empty and yet with instances */
	if ((rec->value.type == VT_RAW_TEXT || rec->value.type == VT_RAW_STRING) &&
		r->type == VT_OPAQUE)
		scratch = xmalloc(rec->value.u.s.len);
	err = value_coerce(&v, &rec->value, (enum value_type)r->type, scratch, rec->value.u.s.len);
	*why = wrong_type[r->type];
	if (!err && !range_holds(r, &v)) {
		*why = "out of range";
		err = LGW_EINVAL;
	}
	if (!err && !unit_holds(r, rec->unit)) {
		*why = "of another unit";
		err = LGW_EINVAL;
	}
	if (!err)
		err = push(t, DM_SET, &p, &v);
	free(scratch);
	return err;
}

int dm_txn_add(struct dm_txn *t, const struct record *rec)
{
	int r = add_record(t, rec, &t->why);

	if (!r)
		t->why = NULL;
	else
		t->bad = rec->path;
	return r;
}

void dm_txn_why(const struct dm_txn *t, char *buf, size_t size)
{
	char path[PATH_TEXT_MAX];

	*buf = '\0';
	if (t->why)
		snprintf(buf, size, "%s: %s", path_text(path, &t->bad), t->why);
}

/* --- what a replace takes away ------------------------------------------------------------- */

/* Resource instances that the new value of a multiple resource does not name. */
static int clear_others(struct dm_txn *t, const struct dm_inst *i, uint16_t rid)
{
	int r = LGW_OK;

	for (unsigned k = 0; !r && k < i->shape->n; k++) {
		struct path p = PATH_RI(t->base.id[0], i->iid, rid, i->shape->e[k].riid);

		if (i->shape->e[k].rid == rid && i->shape->e[k].riid != PATH_ID_NONE &&
			!named(t, &p))
			r = push(t, DM_CLEAR, &p, NULL);
	}
	return r;
}

/* What is there and not named any more; what is mandatory must be named. */
static int replace_instance(struct dm_txn *t, const struct dm_inst *i, size_t n)
{
	bool all = t->mode == DM_BOOTSTRAP;
	int r = LGW_OK;

	for (unsigned k = 0; !r && k < i->shape->n; k++) {
		const struct shape_entry *e = &i->shape->e[k];
		bool first = !k || i->shape->e[k - 1].rid != e->rid;
		bool may = all ? !(e->def->ops & RES_E) : e->def->ops & RES_W;
		struct path p = PATH_RES(t->base.id[0], i->iid, e->rid);

		if (!first || !may || (t->base.n == 3 && t->base.id[2] != e->rid))
			continue;
		if (names_resource(t, n, i->iid, e->rid)) {
			if (e->def->multiple && !named(t, &p))
				r = clear_others(t, i, e->rid);
		} else if (e->def->mandatory) {
			r = LGW_EINVAL; /* the new instance would lack it */
		} else {
			r = push(t, DM_CLEAR, &p, NULL);
		}
	}
	return r;
}

static int complete_replace(struct dm_txn *t)
{
	const struct dm_object *o = dm_object(t->dm, t->base.id[0]);

	return t->base.n == 4 ? LGW_OK : replace_instance(t, dm_inst(o, t->base.id[1]), t->n);
}

static bool has_mandatory(const struct dm_txn *t, const struct dm_object *o, size_t n, uint16_t iid)
{
	for (unsigned k = 0; k < o->def->nres; k++) {
		const struct resdef *r = &o->def->res[k];

		if (r->mandatory && !(r->ops & RES_E) && !names_resource(t, n, iid, r->id))
			return false;
	}
	return true;
}

/* Each instance that is named, once. */
static int complete_bootstrap(struct dm_txn *t)
{
	const struct dm_object *o = dm_object(t->dm, t->base.id[0]);
	size_t n = t->n;
	int r = LGW_OK;

	for (size_t k = 0; !r && k < n; k++) {
		uint16_t iid = t->c[k].path.id[1];
		const struct dm_inst *i = dm_inst(o, iid);
		size_t first = 0;

		while (t->c[first].path.id[1] != iid)
			first++;
		if (first < k)
			continue;
		if ((!o->def->multiple && iid) || (t->base.n == 3 && !i) ||
			(t->base.n < 3 && !has_mandatory(t, o, n, iid)))
			r = LGW_EINVAL;
		else if (i)
			r = replace_instance(t, i, n);
	}
	return r;
}

static int complete_create(struct dm_txn *t)
{
	const struct dm_object *o = dm_object(t->dm, t->base.id[0]);

	for (unsigned k = 0; k < o->def->nres; k++) {
		const struct resdef *r = &o->def->res[k];

		if (r->mandatory && r->ops & RES_W &&
			!names_resource(t, t->n, t->c ? t->c[0].path.id[1] : 0, r->id))
			return LGW_EINVAL;
	}
	if (t->have_iid && (t->iid == PATH_ID_NONE || (!o->def->multiple && t->iid)))
		return LGW_EINVAL;
	/* A conflict is told as malformed (4.00, §7.3.2.4), also with one that is under way. */
	if (t->have_iid && (dm_inst(o, t->iid) || dm_op_at(t->dm, &PATH_INST(o->def->id, t->iid))))
		return LGW_EINVAL;
	if (!t->have_iid)
		t->iid = dm_lowest_free(t->dm, o);
	if (t->iid == PATH_ID_NONE)
		return LGW_ENOMEM;
	for (size_t k = 0; k < t->n; k++)
		t->c[k].path.id[1] = t->iid;
	return o->ops->create ? o->ops->create(o->ud, t->ssid, t->iid) : LGW_OK;
}

/* What the mode adds to what the records said. */
static int complete(struct dm_txn *t)
{
	t->given = t->n;
	if (t->mode == DM_CREATE)
		return complete_create(t);
	/* A resource is written with a value, not with none. */
	if (t->base.n >= 3 && !t->records)
		return LGW_EINVAL;
	if (t->mode == DM_BOOTSTRAP)
		return complete_bootstrap(t);
	return t->mode == DM_REPLACE ? complete_replace(t) : LGW_OK;
}

/* --- storing ------------------------------------------------------------------------------- */

/* A multiple resource that was emptied by name stays, without instances. */
static bool emptied(const struct dm_txn *t, size_t k)
{
	return t->c[k].path.n == 3 && k < t->given;
}

static void tell_written(const struct dm_txn *t, const struct dm_object *o, size_t k)
{
	static const struct value none = { .type = VT_NONE };
	const struct dm_change *c = &t->c[k];

	if (t->ssid && !o->ops->keeps_itself && t->dm->hooks->written)
		t->dm->hooks->written(t->dm->ud, t->ssid, &c->path,
			c->kind == DM_SET ? &c->value
			: emptied(t, k)   ? &none
					  : NULL);
}

static void store_all(struct dm_txn *t)
{
	for (size_t k = 0; k < t->n; k++) {
		struct dm_change *c = &t->c[k];
		struct dm_object *o = dm_object(t->dm, c->path.id[0]);
		struct dm_inst *i = o ? dm_inst(o, c->path.id[1]) : NULL;

		if (!i || c->handled)
			continue;
		tell_written(t, o, k);
		if (c->kind == DM_SET) {
			dm_store(t->dm, o, i, &c->path, &c->value, 0);
			continue;
		}
		dm_forget(t->dm, o, i, &c->path);
		if (emptied(t, k))
			dm_declare(t->dm, &c->path);
	}
}

/* Those of a Bootstrap-Write that are not there yet. */
static void make_instances(struct dm_txn *t, struct dm_object *o)
{
	for (size_t k = 0; k < t->n; k++)
		if (!inst_new(o, t->c[k].path.id[1]))
			dm_instance_told(
				t->dm, 0, &PATH_INST(o->def->id, t->c[k].path.id[1]), true);
}

int dm_txn_finish(struct dm_txn *t, int status)
{
	struct dm_object *o = t->dm ? dm_object(t->dm, t->base.id[0]) : NULL;

	if (!status && o && t->mode == DM_CREATE)
		status = inst_new(o, t->iid);
	if (!status && o) {
		if (t->mode == DM_BOOTSTRAP)
			make_instances(t, o);
		store_all(t);
		if (t->mode == DM_BOOTSTRAP)
			dm_structure(t->dm);
		if (t->mode == DM_CREATE) {
			dm_instance_told(t->dm, t->ssid, &PATH_INST(o->def->id, t->iid), true);
			dm_structure(t->dm);
		}
		if (o->ops->committed)
			o->ops->committed(o->ud, t->ssid, t->c, t->n);
	}
	txn_free(t);
	return status;
}

void dm_txn_orphan(struct dm_txn *t)
{
	t->dm = NULL;
}

int dm_txn_check(struct dm_txn *t)
{
	struct dm_object *o = dm_object(t->dm, t->base.id[0]);
	int r;

	/* Records may have taken their time: the instance may be gone. */
	if (!o || (t->mode < DM_CREATE && !dm_inst(o, t->base.id[1])))
		return LGW_ENOENT;
	r = complete(t);
	return !r && o->ops->check ? o->ops->check(o->ud, t->ssid, t->c, t->n) : r;
}

bool dm_txn_certain(const struct dm_txn *t)
{
	const struct dm_object *o = dm_object(t->dm, t->base.id[0]);

	return !o || !o->ops->apply || o->ops->applies_always;
}

int dm_txn_apply(struct dm_txn *t, dm_done_fn done, void *ud)
{
	struct dm_object *o = dm_object(t->dm, t->base.id[0]);
	struct path at = t->base;
	struct dm_op *op;

	if (!o->ops->apply)
		return dm_txn_finish(t, LGW_OK);
	if (t->mode == DM_CREATE)
		at = PATH_INST(t->base.id[0], t->iid);
	op = dm_op_new(t->dm, &at, done, ud);
	op->txn = t;
	return dm_op_settle(op, o->ops->apply(o->ud, t->ssid, t->c, t->n, op));
}

/* --- back ---------------------------------------------------------------------------------- */

/* Changes in pairs: the old value, and the new one that tells whether it came to be. */
struct dm_txn *dm_txn_reverse(const struct dm_txn *t, bool *whole)
{
	const struct dm_object *o = dm_object(t->dm, t->base.id[0]);
	struct dm_txn *back;

	*whole = false;
	if (!o || !o->ops->reversible || t->mode >= DM_CREATE)
		return NULL;
	back = txn_new(t->dm, t->ssid, DM_UPDATE, &PATH_INST(t->base.id[0], t->base.id[1]));
	*whole = t->n <= CHANGES_MAX / 2;
	for (size_t k = 0; k < t->n && back->n < CHANGES_MAX; k++) {
		struct value old;

		if (t->c[k].kind == DM_SET && !dm_get(t->dm, &t->c[k].path, &old, NULL)) {
			push(back, DM_SET, &t->c[k].path, &old);
			push(back, DM_SET, &t->c[k].path, &t->c[k].value);
		} else {
			*whole = false;
		}
	}
	return back;
}

/* Whatever else became of a value meanwhile is not this write's to take back. */
static bool came_to_be(
	const struct dm *dm, const struct dm_change *old, const struct dm_change *new)
{
	struct value now;

	return !value_eq(&old->value, &new->value) && !dm_get(dm, &new->path, &now, NULL) &&
	       value_eq(&now, &new->value);
}

int dm_txn_restore(struct dm_txn *back, dm_done_fn done, void *ud)
{
	size_t n = 0;

	for (size_t k = 0; k < back->n; k += 2) {
		bool wanted = came_to_be(back->dm, &back->c[k], &back->c[k + 1]);

		change_fini(&back->c[k + 1]);
		if (wanted)
			back->c[n++] = back->c[k];
		else
			change_fini(&back->c[k]);
	}
	back->n = n;
	if (n)
		return dm_txn_apply(back, done, ud);
	dm_txn_abort(back);
	return LGW_OK;
}

int dm_txn_commit(struct dm_txn *t, dm_done_fn done, void *ud, uint16_t *iid, bool *by_client)
{
	int r = dm_txn_check(t);

	if (r)
		return dm_txn_finish(t, r);
	if (iid)
		*iid = t->iid;
	if (by_client)
		*by_client = t->mode == DM_CREATE && !t->have_iid;
	return dm_txn_attempt(t, done, ud);
}
