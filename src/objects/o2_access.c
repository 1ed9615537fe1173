/* SPDX-License-Identifier: BSD-3-Clause */
/* Access Control (LwM2M 1.0 E.3, §7.3). */
#include "objects/access.h"
#include "objects/standard.h"
#include "objects/state.h"
#include "util/err.h"

enum { OID = 2, RES_OBJECT = 0, RES_INSTANCE = 1, RES_ACL = 2, RES_OWNER = 3 };

#define EVERYBODY 0u     /* id of the entry with the default rights */
#define BOOTSTRAP 65535u /* owner of entries that only a bootstrap changes */
#define ALL       (DM_R | DM_W | DM_X | DM_D)

static bool is_free(uint16_t oid)
{
	return oid == 0 || oid == OID || oid == 21;
}

static unsigned count(const struct dm *dm, uint16_t oid)
{
	int32_t iid = -1;
	unsigned n = 0;

	while (n < 2 && dm_next(dm, &PATH_OBJ(oid), &iid))
		n++;
	return n;
}

static int64_t number(const struct dm *dm, uint16_t y, uint16_t rid, int64_t none)
{
	struct value v;

	return dm_get(dm, &PATH_RES(OID, y, rid), &v, NULL) ? none : v.u.i;
}

/* An entry of the list of instance y; -1: there is none. */
static int entry(const struct dm *dm, uint16_t y, uint16_t ssid)
{
	struct value v;

	return dm_get(dm, &PATH_RI(OID, y, RES_ACL, ssid), &v, NULL) ? -1
								     : (int)(v.u.i & ACCESS_ALL);
}

/* The instance that speaks of /oid/iid; -1: there is none. */
static int find(const struct dm *dm, uint16_t oid, uint16_t iid)
{
	int32_t y = -1;

	while (dm_next(dm, &PATH_OBJ(OID), &y))
		if (number(dm, (uint16_t)y, RES_OBJECT, -1) == oid &&
			number(dm, (uint16_t)y, RES_INSTANCE, -1) == iid)
			return y;
	return -1;
}

/* --- rights (§7.3.2.1) --------------------------------------------------------------------- */

static unsigned rights(const struct dm *dm, uint16_t ssid, uint16_t oid, uint16_t iid)
{
	int y = find(dm, oid, iid), own = y < 0 ? -1 : entry(dm, (uint16_t)y, ssid), rest;

	if (own >= 0)
		return (unsigned)own;
	if (y < 0 || iid == PATH_ID_NONE) /* Create: by an own entry alone */
		return 0;
	if (number(dm, (uint16_t)y, RES_OWNER, BOOTSTRAP) == ssid)
		return ALL;
	rest = entry(dm, (uint16_t)y, EVERYBODY);
	return rest < 0 ? 0 : (unsigned)rest & ALL;
}

int access_may(const struct dm *dm, uint16_t ssid, const struct path *p, enum dm_right right)
{
	unsigned have;

	if (count(dm, 1) < 2)
		return LGW_OK;
	if (right == DM_C)
		have = rights(dm, ssid, p->id[0], PATH_ID_NONE) & DM_C;
	else if (p->id[0] != OID)
		have = rights(dm, ssid, p->id[0], p->id[1]) & ALL;
	else /* who may do what is open to all, and changed by the owner (§7.3.1.2.2) */
		have = number(dm, p->id[1], RES_OWNER, BOOTSTRAP) == ssid ? ALL : DM_R;
	return have & right ? LGW_OK : LGW_EACCES;
}

/* --- entries come and go ------------------------------------------------------------------- */

static void grant(struct dm *dm, uint16_t y, uint16_t ssid, unsigned what)
{
	dm_set(dm, &PATH_RI(OID, y, RES_ACL, ssid), &VALUE_INT(what), 0);
}

/* An instance of object 2 that speaks of /oid/iid, without entries; at: its id, or PATH_ID_NONE. */
static int add(struct dm *dm, uint16_t at, uint16_t oid, uint16_t iid, uint16_t owner)
{
	int y = dm_instance_add(dm, OID, at);

	if (y < 0)
		return y;
	dm_set(dm, &PATH_RES(OID, y, RES_OBJECT), &VALUE_INT(oid), 0);
	dm_set(dm, &PATH_RES(OID, y, RES_INSTANCE), &VALUE_INT(iid), 0);
	dm_declare(dm, &PATH_RES(OID, y, RES_ACL));
	dm_set(dm, &PATH_RES(OID, y, RES_OWNER), &VALUE_INT(owner), 0);
	return y;
}

/* An account is its server's own affair; all else belongs to the first server. */
static void grant_all(struct dm *dm, uint16_t y, uint16_t account, const struct access_grant *g,
	size_t n, unsigned mask)
{
	for (size_t k = 0; k < n; k++)
		if (account ? g[k].ssid == account : g[k].rights & mask)
			grant(dm, y, g[k].ssid, account ? ALL : g[k].rights & mask);
}

static uint16_t account_of(const struct dm *dm, uint16_t oid, uint16_t iid)
{
	struct value v;

	return oid != 1 || dm_get(dm, &PATH_RES(1, iid, 0), &v, NULL) ? 0 : (uint16_t)v.u.i;
}

static int add_factory(struct dm *dm, uint16_t at, uint16_t oid, uint16_t iid,
	const struct access_grant *g, size_t n)
{
	uint16_t account = account_of(dm, oid, iid);
	int y = add(dm, at, oid, iid, account ? account : n ? g[0].ssid : BOOTSTRAP);

	if (y >= 0)
		grant_all(dm, (uint16_t)y, account, g, n, ALL);
	return y;
}

static void drop(struct dm *dm, const struct path *p)
{
	int32_t y = -1;

	while (dm_next(dm, &PATH_OBJ(OID), &y)) {
		int64_t iid = number(dm, (uint16_t)y, RES_INSTANCE, -1);

		if (number(dm, (uint16_t)y, RES_OBJECT, -1) == p->id[0] &&
			(p->n == 1 || iid == p->id[1]))
			dm_instance_remove(dm, OID, (uint16_t)y);
	}
}

/* Who may make instances of this object: said by bootstrap only (§7.3.1.2.1). */
static void add_create(struct dm *dm, uint16_t oid, const struct access_grant *g, size_t n)
{
	int y = find(dm, oid, PATH_ID_NONE);

	if (!dm_creatable(dm, oid))
		return;
	if (y < 0)
		y = add(dm, PATH_ID_NONE, oid, PATH_ID_NONE, BOOTSTRAP);
	if (y >= 0)
		grant_all(dm, (uint16_t)y, 0, g, n, DM_C);
}

void access_instance(struct objects *o, uint16_t ssid, const struct path *p, bool there,
	const struct access_grant *g, size_t n)
{
	struct dm *dm = o->dm;
	int y;

	if (is_free(p->id[0]) || !dm_exists(dm, &PATH_OBJ(OID)))
		return;
	if (!there)
		drop(dm, p);
	else if (p->n == 1)
		add_create(dm, p->id[0], g, n);
	else if (p->id[0] == 1 || find(dm, p->id[0], p->id[1]) >= 0)
		return; /* whose account it is is not known yet: access_welcome follows */
	else if (!ssid)
		add_factory(dm, PATH_ID_NONE, p->id[0], p->id[1], g, n);
	else if ((y = add(dm, PATH_ID_NONE, p->id[0], p->id[1], ssid)) >= 0)
		grant(dm, (uint16_t)y, ssid, ALL); /* §5.4.6 */
}

int access_find(const struct dm *dm, uint16_t oid, uint16_t iid)
{
	int y = find(dm, oid, iid);

	return y < 0 ? LGW_ENOENT : y;
}

int access_pin(struct objects *o, uint16_t y, uint16_t oid, uint16_t iid,
	const struct access_grant *g, size_t n)
{
	struct dm *dm = o->dm;
	int now = find(dm, oid, iid);
	uint16_t at = dm_exists(dm, &PATH_INST(OID, y)) ? (uint16_t)PATH_ID_NONE : y;

	if (now >= 0)
		return now;
	if (iid != PATH_ID_NONE)
		return add_factory(dm, at, oid, iid, g, n);
	now = add(dm, at, oid, iid, BOOTSTRAP);
	if (now >= 0)
		grant_all(dm, (uint16_t)now, 0, g, n, DM_C);
	return now;
}

/* --- accounts come and go ------------------------------------------------------------------ */

/* The first account that is there; BOOTSTRAP: none. */
static uint16_t any_account(const struct dm *dm)
{
	int32_t x = -1;

	return dm_next(dm, &PATH_OBJ(1), &x) ? account_of(dm, 1, (uint16_t)x) : BOOTSTRAP;
}

/* Who has most of W and D among the entries of y; BOOTSTRAP: nobody has an entry. */
static uint16_t heir(const struct dm *dm, uint16_t y)
{
	int32_t ssid = 0;
	uint16_t best = BOOTSTRAP;
	int most = -1;

	while (dm_next(dm, &PATH_RES(OID, y, RES_ACL), &ssid)) {
		int has = entry(dm, y, (uint16_t)ssid);
		int sum = !!(has & DM_W) + !!(has & DM_D);

		if (sum > most) {
			most = sum;
			best = (uint16_t)ssid;
		}
	}
	return best;
}

static void forget_in(struct objects *o, uint16_t y, uint16_t ssid)
{
	struct dm *dm = o->dm;
	uint16_t oid = (uint16_t)number(dm, y, RES_OBJECT, 0);
	uint16_t iid = (uint16_t)number(dm, y, RES_INSTANCE, 0);
	bool owner = number(dm, y, RES_OWNER, BOOTSTRAP) == ssid;
	uint16_t next;

	dm_unset(dm, &PATH_RI(OID, y, RES_ACL, ssid));
	if (!owner)
		return;
	next = heir(dm, y);
	/* Nobody else can reach it: it goes, if servers can delete such things at all. */
	if (next == BOOTSTRAP && entry(dm, y, EVERYBODY) <= 0 &&
		dm_removable(dm, &PATH_INST(oid, iid))) {
		dm_instance_remove(dm, oid, iid);
		return;
	}
	if (next == BOOTSTRAP)
		next = any_account(dm);
	dm_set(dm, &PATH_RES(OID, y, RES_OWNER), &VALUE_INT(next), 0);
}

void access_forget(struct objects *o, uint16_t ssid)
{
	int32_t y = -1;

	while (dm_next(o->dm, &PATH_OBJ(OID), &y))
		forget_in(o, (uint16_t)y, ssid);
}

static void welcome_object(struct dm *dm, uint16_t oid, const struct access_grant *g, size_t n,
	const struct access_grant *fresh)
{
	int32_t iid = -1;

	add_create(dm, oid, fresh, 1);
	while (dm_next(dm, &PATH_OBJ(oid), &iid)) {
		int y = find(dm, oid, (uint16_t)iid);

		if (y < 0)
			add_factory(dm, PATH_ID_NONE, oid, (uint16_t)iid, g, n);
		/* What a server made stays its affair. */
		else if (entry(dm, (uint16_t)y, fresh->ssid) < 0 &&
			 !dm_removable(dm, &PATH_INST(oid, iid)))
			grant_all(
				dm, (uint16_t)y, account_of(dm, oid, (uint16_t)iid), fresh, 1, ALL);
	}
}

int access_welcome(struct objects *o, const struct access_grant *g, size_t n)
{
	bool first = !dm_exists(o->dm, &PATH_OBJ(OID));
	int32_t oid = -1;
	int r = first && n > 1 ? object_add(o, OID) : LGW_OK;

	if (r || (first && n < 2))
		return r;
	while (dm_next(o->dm, &PATH_ROOT, &oid))
		for (size_t k = first ? 0 : n - 1; k < n && !is_free((uint16_t)oid); k++)
			welcome_object(o->dm, (uint16_t)oid, g, n, &g[k]);
	return LGW_OK;
}

/* --- what servers write -------------------------------------------------------------------- */

static bool has_account(const struct dm *dm, int64_t ssid)
{
	int32_t x = -1;

	while (dm_next(dm, &PATH_OBJ(1), &x))
		if (account_of(dm, 1, (uint16_t)x) == ssid)
			return true;
	return false;
}

/* Somebody without an account that y speaks of; 0: there is none. */
static uint16_t stranger(const struct dm *dm, uint16_t y)
{
	int64_t owner = number(dm, y, RES_OWNER, BOOTSTRAP);
	int32_t ssid = EVERYBODY;

	if (owner != BOOTSTRAP && !has_account(dm, owner))
		return (uint16_t)owner;
	while (dm_next(dm, &PATH_RES(OID, y, RES_ACL), &ssid))
		if (!has_account(dm, ssid))
			return (uint16_t)ssid;
	return 0;
}

void access_tidy(struct objects *o)
{
	int32_t y = -1;
	uint16_t ssid;

	while (dm_next(o->dm, &PATH_OBJ(OID), &y))
		while (dm_exists(o->dm, &PATH_INST(OID, y)) &&
			(ssid = stranger(o->dm, (uint16_t)y)))
			forget_in(o, (uint16_t)y, ssid);
}

static int check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	const struct objects *o = ud;

	for (size_t k = 0; k < n; k++) {
		int64_t v = c[k].value.u.i;

		if (c[k].kind == DM_CLEAR || c[k].path.n < 3)
			continue;
		if (c[k].path.id[2] == RES_ACL && (v & ~(int64_t)ACCESS_ALL))
			return LGW_EINVAL;
		if (c[k].path.id[2] == RES_OWNER && ssid && !has_account(o->dm, v))
			return LGW_EINVAL;
	}
	return LGW_OK;
}

const struct object_ops object_ops_access = {
	.check = check,
	.writes_make_resources = true,
};
