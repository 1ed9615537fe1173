/* SPDX-License-Identifier: BSD-3-Clause */
/* Server (LwM2M 1.0 E.2). */
#include <string.h>
#include "objects/account.h"
#include "objects/state.h"
#include "util/err.h"

enum {
	RES_LIFETIME = 1,
	RES_PMIN = 2,
	RES_PMAX = 3,
	RES_DISABLE = 4,
	RES_DISABLE_TIMEOUT = 5,
	RES_BINDING = 7,
	RES_UPDATE = 8,
	RES_BOOTSTRAP = 9,
	RES_APN = 10,
};

/* 1.0: U, UQ, S, SQ, US, UQS; 1.1: each of U, T, S, N at most once. The two that 1.0 excludes by
 * name (USQ, UQSQ) have the Q at a place where neither allows it. */
static bool binding_valid(const struct value *v)
{
	static const char *const v10[] = { "U", "UQ", "S", "SQ", "US", "UQS" };
	static const char letters[] = "UTSN";
	unsigned seen = 0;

	for (size_t k = 0; k < sizeof(v10) / sizeof(v10[0]); k++)
		if (strlen(v10[k]) == v->u.s.len && !memcmp(v10[k], v->u.s.p, v->u.s.len))
			return true;
	for (uint32_t k = 0; k < v->u.s.len; k++) {
		const char *at = v->u.s.p[k] ? strchr(letters, v->u.s.p[k]) : NULL;

		if (!at || seen & 1u << (at - letters))
			return false;
		seen |= 1u << (at - letters);
	}
	return seen;
}

/* A profile that is there, or the link to nothing. At a start the profiles may come later than what
 * was written in an earlier life. */
static bool apn_valid(const struct objects *o, uint16_t ssid, const struct value *v)
{
	if (v->u.link.oid == PATH_ID_NONE && v->u.link.iid == PATH_ID_NONE)
		return true;
	return v->u.link.oid == 11 && (!ssid || dm_exists(o->dm, &PATH_INST(11, v->u.link.iid)));
}

static int check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		if (c[k].kind == DM_CLEAR)
			continue;
		switch (c[k].path.id[2]) {
		case RES_LIFETIME:
		case RES_PMIN:
		case RES_PMAX:
		case RES_DISABLE_TIMEOUT:
			if (c[k].value.u.i < 0 || c[k].value.u.i > INT32_MAX)
				return LGW_EINVAL;
			break;
		case RES_BINDING:
			if (!binding_valid(&c[k].value) ||
				!account_reaches(ud, c[k].path.id[1], &c[k].value))
				return LGW_EINVAL;
			break;
		case RES_APN:
			if (!apn_valid(ud, ssid, &c[k].value))
				return LGW_EINVAL;
			break;
		default:
			break;
		}
	}
	return LGW_OK;
}

static void committed(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	const struct objects *o = ud;

	(void)ssid;
	for (size_t k = 0; k < n && o->env->server_changed; k++)
		o->env->server_changed(o->ud, c[k].path.id[1], c[k].path.id[2]);
}

static int execute(void *ud, uint16_t ssid, const struct path *p, const struct dm_arg *args,
	size_t nargs, struct dm_op *op)
{
	const struct objects *o = ud;
	struct value id;

	(void)ssid;
	(void)args;
	(void)nargs;
	(void)op;
	if (dm_get(o->dm, &PATH_RES(1, p->id[1], 0), &id, NULL))
		return LGW_EINTERNAL;
	switch (p->id[2]) {
	case RES_DISABLE:
		return o->env->server_disable(o->ud, (uint16_t)id.u.i);
	case RES_UPDATE:
		return o->env->server_update(o->ud, (uint16_t)id.u.i);
	case RES_BOOTSTRAP:
		return o->env->server_bootstrap(o->ud, (uint16_t)id.u.i);
	default:
		return LGW_EOP;
	}
}

void object_server_unlink(struct objects *o, uint16_t profile)
{
	struct value v;
	int32_t x = -1;

	while (dm_next(o->dm, &PATH_OBJ(1), &x)) {
		struct path p = PATH_RES(1, x, RES_APN);

		if (dm_get(o->dm, &p, &v, NULL) || v.u.link.oid != 11 || v.u.link.iid != profile)
			continue;
		dm_unset(o->dm, &p);
		if (o->env->server_changed)
			o->env->server_changed(o->ud, (uint16_t)x, RES_APN);
	}
}

const struct object_ops object_ops_server = {
	.check = check,
	.committed = committed,
	.execute = execute,
	.writes_make_resources = true,
};
