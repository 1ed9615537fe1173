/* SPDX-License-Identifier: BSD-3-Clause */
/* Attributes of servers: kept per (server, path), inherited downwards (LwM2M 1.0 §5.1). */
#include "dm/tree.h"

#include <stdlib.h>
#include <string.h>
#include "util/err.h"
#include "util/mem.h"

#define ENTRIES_MAX 1024 /* of one server at a client */

/* Index of the first entry that is not below; they ascend by path, then server. */
static unsigned lower_bound(const struct dm *dm, uint16_t ssid, const struct path *p)
{
	unsigned lo = 0, hi = dm->nattrs;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		int c = path_cmp(&dm->attrs[mid].path, p);

		if (c < 0 || (!c && dm->attrs[mid].ssid < ssid))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct attr_entry *find(const struct dm *dm, uint16_t ssid, const struct path *p)
{
	unsigned k = lower_bound(dm, ssid, p);

	return k < dm->nattrs && dm->attrs[k].ssid == ssid && path_eq(&dm->attrs[k].path, p)
		       ? &dm->attrs[k]
		       : NULL;
}

/* Take over what b has. */
static void overlay(struct attrs *a, const struct attrs *b)
{
	if (b->set & ATTR_PMIN)
		a->pmin = b->pmin;
	if (b->set & ATTR_PMAX)
		a->pmax = b->pmax;
	if (b->set & ATTR_GT)
		a->gt = b->gt;
	if (b->set & ATTR_LT)
		a->lt = b->lt;
	if (b->set & ATTR_ST)
		a->st = b->st;
	if (b->set & ATTR_EPMIN)
		a->epmin = b->epmin;
	if (b->set & ATTR_EPMAX)
		a->epmax = b->epmax;
	if (b->set & ATTR_CON)
		a->con = b->con;
	a->set |= b->set;
}

void dm_attrs_own(const struct dm *dm, uint16_t ssid, const struct path *p, struct attrs *out)
{
	const struct attr_entry *e = find(dm, ssid, p);

	*out = e ? e->attrs : (struct attrs){ 0 };
}

void dm_attrs_effective(const struct dm *dm, uint16_t ssid, const struct path *p, struct attrs *out)
{
	struct path at = *p;

	*out = (struct attrs){ 0 };
	if (!dm->nattrs)
		return;
	for (at.n = 1; at.n <= p->n; at.n++) {
		const struct attr_entry *e = find(dm, ssid, &at);

		if (e)
			overlay(out, &e->attrs);
	}
}

static bool in_order(const struct attrs *a)
{
	bool gt = a->set & ATTR_GT, lt = a->set & ATTR_LT, st = a->set & ATTR_ST;

	if (gt && lt && (a->lt >= a->gt || (st && a->lt + 2 * a->st >= a->gt)))
		return false;
	return !(a->set & ATTR_EPMIN && a->set & ATTR_EPMAX && a->epmax <= a->epmin);
}

/* May these attributes stand at this path (§5.1.2, "Applicability")? */
static int applicable(const struct dm *dm, const struct path *p, unsigned bits)
{
	const unsigned numeric = ATTR_GT | ATTR_LT | ATTR_ST;
	const struct resdef *r;

	if (p->n < 3)
		return bits & numeric ? LGW_EINVAL : LGW_OK;
	r = objdef_res(dm_object_def(dm, p->id[0]), p->id[2]);
	if (!r || !(r->ops & RES_R))
		return LGW_EOP;
	if (bits & numeric && r->type != VT_INT && r->type != VT_UINT && r->type != VT_FLOAT &&
		r->type != VT_TIME)
		return LGW_EINVAL;
	return LGW_OK;
}

static void tell(struct dm *dm, uint16_t ssid, const struct path *p, const struct attrs *a)
{
	if (dm->hooks->attrs)
		dm->hooks->attrs(dm->ud, ssid, p, a);
}

static void put(struct dm *dm, uint16_t ssid, const struct path *p, const struct attrs *a)
{
	struct attr_entry *e = find(dm, ssid, p);
	unsigned k = lower_bound(dm, ssid, p);

	if (e && a->set) {
		e->attrs = *a;
	} else if (e) {
		dm->nattrs--;
		memmove(e, e + 1, (dm->nattrs - k) * sizeof(*e));
	} else if (a->set) {
		dm->attrs = xreallocarray(dm->attrs, dm->nattrs + 1u, sizeof(*dm->attrs));
		e = dm->attrs + k;
		memmove(e + 1, e, (dm->nattrs - k) * sizeof(*e));
		*e = (struct attr_entry){ *p, ssid, *a };
		dm->nattrs++;
	}
}

/* Has it as many as one may have? No other server is concerned. */
static bool full(const struct dm *dm, uint16_t ssid)
{
	unsigned n = 0;

	if (dm->nattrs < ENTRIES_MAX)
		return false;
	for (unsigned k = 0; k < dm->nattrs; k++)
		n += dm->attrs[k].ssid == ssid;
	return n >= ENTRIES_MAX || dm->nattrs == UINT16_MAX;
}

int dm_write_attrs(struct dm *dm, uint16_t ssid, const struct path *p, const struct attrs_change *c)
{
	struct path above = *p;
	struct attrs own, all;
	int r;

	if (!p->n)
		return LGW_EOP;
	if (!dm_object(dm, p->id[0]))
		return LGW_ENOENT;
	r = dm_may(dm, ssid, p, DM_R);
	if (r)
		return r;
	if (!dm_exists(dm, p))
		return LGW_ENOENT;
	r = applicable(dm, p, c ? c->to.set | c->unset : 0);
	if (r || !c)
		return r ? r : LGW_EINVAL;
	dm_attrs_own(dm, ssid, p, &own);
	own.set &= ~c->unset;
	overlay(&own, &c->to);
	/* The rules hold for the resulting set: what is unset here may be inherited then. */
	above.n--;
	dm_attrs_effective(dm, ssid, &above, &all);
	overlay(&all, &own);
	if (!in_order(&own) || !in_order(&all))
		return LGW_EINVAL;
	if (full(dm, ssid) && !find(dm, ssid, p))
		return LGW_ENOMEM;
	put(dm, ssid, p, &own);
	tell(dm, ssid, p, &own);
	return LGW_OK;
}

int dm_attrs_restore(struct dm *dm, uint16_t ssid, const struct path *p, const struct attrs *a)
{
	if (!p->n || !in_order(a))
		return LGW_EINVAL;
	if (full(dm, ssid) && !find(dm, ssid, p))
		return LGW_ENOMEM;
	put(dm, ssid, p, a);
	return LGW_OK;
}

/* Those of this server, or at and below this path. */
static void drop(struct dm *dm, uint16_t ssid, const struct path *p)
{
	static const struct attrs none;
	uint16_t n = 0;

	for (unsigned k = 0; k < dm->nattrs; k++) {
		const struct attr_entry e = dm->attrs[k];

		if (p ? path_contains(p, &e.path) : e.ssid == ssid)
			tell(dm, e.ssid, &e.path, &none);
		else
			dm->attrs[n++] = e;
	}
	dm->nattrs = n;
}

void dm_attrs_drop(struct dm *dm, uint16_t ssid)
{
	drop(dm, ssid, NULL);
}

void dm_attrs_tell(struct dm *dm)
{
	for (unsigned k = 0; k < dm->nattrs; k++)
		tell(dm, dm->attrs[k].ssid, &dm->attrs[k].path, &dm->attrs[k].attrs);
}

void dm_attrs_drop_path(struct dm *dm, const struct path *p)
{
	drop(dm, 0, p);
}
