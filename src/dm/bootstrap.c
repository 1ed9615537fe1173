/* SPDX-License-Identifier: BSD-3-Clause */
/* What only a bootstrap server asks (LwM2M 1.0 §5.2.7, 1.1 §6.1.7); its Write is in write.c. */
#include "dm/tree.h"
#include "util/err.h"

enum { OID_SECURITY = 0, OID_SERVER = 1, OID_ACCESS = 2, OID_OSCORE = 21 };
enum { SEC_URI = 0, SEC_IS_BOOTSTRAP = 1, SEC_SSID = 10, SEC_OSCORE = 17, SRV_SSID = 0 };

static bool is_bootstrap_security(const struct dm *dm, uint16_t iid)
{
	struct value v;

	return !dm_get(dm, &PATH_RES(OID_SECURITY, iid, SEC_IS_BOOTSTRAP), &v, NULL) && v.u.b;
}

/* Security, and the keys of OSCORE that it links to. */
static bool is_bootstrap_account(const struct dm *dm, const struct path *p)
{
	struct value v;
	int32_t i = -1;

	if (p->id[0] == OID_SECURITY)
		return is_bootstrap_security(dm, p->id[1]);
	while (p->id[0] == OID_OSCORE && dm_next(dm, &PATH_OBJ(OID_SECURITY), &i))
		if (is_bootstrap_security(dm, (uint16_t)i) &&
			!dm_get(dm, &PATH_RES(OID_SECURITY, i, SEC_OSCORE), &v, NULL) &&
			v.u.link.oid == OID_OSCORE && v.u.link.iid == p->id[1])
			return true;
	return false;
}

/* The configuration of servers, and what servers themselves could delete. */
static bool deletable(const struct dm_object *o)
{
	uint16_t id = o->def->id;

	return id <= OID_ACCESS || id == OID_OSCORE || (id != 3 && o->ops->remove);
}

static void delete_instances(struct dm *dm, uint16_t oid)
{
	int32_t iid = -1;

	while (dm_next(dm, &PATH_OBJ(oid), &iid)) {
		struct path p = PATH_INST(oid, iid);

		if (!is_bootstrap_account(dm, &p))
			dm_instance_remove(dm, oid, (uint16_t)iid);
	}
}

int dm_bootstrap_delete(struct dm *dm, const struct path *p)
{
	struct dm_object *o = p->n ? dm_object(dm, p->id[0]) : NULL;
	int32_t oid = -1;

	if (p->n > 2 || (p->n && (!o || !dm_exists(dm, p) || !deletable(o))))
		return LGW_EINVAL;
	if (p->n == 2)
		return is_bootstrap_account(dm, p) ? LGW_EINVAL
						   : dm_instance_remove(dm, p->id[0], p->id[1]);
	while (dm_next(dm, &PATH_ROOT, &oid)) {
		o = dm_object(dm, (uint16_t)oid);
		if (deletable(o) && (!p->n || p->id[0] == oid))
			delete_instances(dm, (uint16_t)oid);
	}
	return LGW_OK;
}

/* An account's instance: whose it is, and where that server is. */
static void say_account(const struct dm *dm, struct dm_link *l)
{
	uint16_t oid = l->path.id[0], iid = l->path.id[1];
	uint16_t rid = oid == OID_SECURITY ? SEC_SSID : SRV_SSID;
	struct value v;

	if (oid > OID_SERVER)
		return;
	if (!is_bootstrap_account(dm, &l->path) && !dm_get(dm, &PATH_RES(oid, iid, rid), &v, NULL))
		l->ssid = (uint16_t)v.u.i;
	if (oid == OID_SECURITY && !dm_get(dm, &PATH_RES(oid, iid, SEC_URI), &v, NULL)) {
		l->uri = (const char *)v.u.s.p;
		l->uri_len = v.u.s.len;
	}
}

static int discover_object(
	const struct dm *dm, const struct dm_object *o, bool alone, dm_link_fn fn, void *ud)
{
	char buf[8];
	struct dm_link l = { .path = PATH_OBJ(o->def->id), .dim = -1 };
	int r = LGW_OK;

	l.version = dm_version(buf, o->def);
	if (alone || l.version || !o->n)
		r = fn(ud, &l);
	for (unsigned k = 0; !r && k < o->n; k++) {
		struct dm_link i = { .path = PATH_INST(o->def->id, dm_insts(o)[k].iid), .dim = -1 };

		say_account(dm, &i);
		r = fn(ud, &i);
	}
	return r;
}

int dm_bootstrap_discover(struct dm *dm, const struct path *p, dm_link_fn fn, void *ud)
{
	int r = LGW_OK;

	if (p->n > 1)
		return LGW_EINVAL;
	if (p->n)
		return dm_exists(dm, p) ? discover_object(dm, dm_object(dm, p->id[0]), true, fn, ud)
					: LGW_ENOENT;
	for (unsigned k = 0; !r && k < dm->nobjects; k++)
		r = discover_object(dm, &dm->objects[k], false, fn, ud);
	return r;
}

int dm_bootstrap_read(struct dm *dm, const struct path *p, record_fn fn, void *ud)
{
	if (p->n < 1 || p->n > 2 || (p->id[0] != OID_SERVER && p->id[0] != OID_ACCESS))
		return LGW_EOP;
	return dm_read(dm, 0, p, fn, ud);
}
