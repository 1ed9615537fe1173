/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>
#include "objects/software_state.h"
#include "util/err.h"
#include "util/str.h"

enum { RES_NAME = 0, RES_VERSION = 2, RES_ACTIVATE = 3, RES_DEACTIVATE = 4, RES_ACTIVE = 5 };
enum { RES_LINKS = 17, RES_LENGTH = 18 }; /* of object 9 */

void software_unref(struct software *s)
{
	if (!--s->refs)
		free(s);
}

/* Whose component is this, and which one of it? */
static struct package *package_of(const struct software *s, uint16_t iid, unsigned *at)
{
	struct package *k;

	LIST_FOREACH(k, &s->packages, next)
		for (*at = 0; *at < k->r.ncomponents; ++*at)
			if (k->components_shown && k->r.components[*at].iid == iid)
				return k;
	return NULL;
}

static int execute(void *ud, uint16_t ssid, const struct path *p, const struct dm_arg *args,
	size_t nargs, struct dm_op *op)
{
	unsigned at;
	struct package *k = package_of(ud, p->id[1], &at);

	(void)ssid, (void)args, (void)nargs, (void)op;
	if (!k || k->r.job || k->r.state != SOFTWARE_INSTALLED)
		return LGW_EOP;
	package_run(k, p->id[2] == RES_ACTIVATE ? SOFTWARE_ACTIVATE : SOFTWARE_DEACTIVATE, at);
	return LGW_OK;
}

static void destroy(void *ud)
{
	software_unref(ud);
}

static const struct object_ops ops = { .execute = execute, .destroy = destroy };

void components_add(struct software *s)
{
	if (!dm_object_add(s->o->dm, objdefs_find(s->o->defs, OID_COMPONENT), &ops, s))
		s->refs++;
}

static void show_one(struct package *k, unsigned at)
{
	struct software_component *c = &k->r.components[at];
	struct dm *dm = k->all->o->dm;
	int id;

	if (!k->components_shown) {
		id = dm_instance_add(dm, OID_COMPONENT, PATH_ID_NONE);
		c->iid = id < 0 ? PATH_ID_NONE : (uint16_t)id;
		dm_declare(dm, &PATH_RES(OID_COMPONENT, c->iid, RES_ACTIVATE));
		dm_declare(dm, &PATH_RES(OID_COMPONENT, c->iid, RES_DEACTIVATE));
	}
	dm_set(dm, &PATH_RES(OID_COMPONENT, c->iid, RES_NAME), &VALUE_STR(c->name), 0);
	dm_set(dm, &PATH_RES(OID_COMPONENT, c->iid, RES_VERSION), &VALUE_STR(c->version), 0);
	dm_set(dm, &PATH_RES(OID_COMPONENT, c->iid, RES_ACTIVE), &VALUE_BOOL(c->active), 0);
	dm_set(dm, &PATH_RI(OID_SOFTWARE, k->iid, RES_LINKS, at),
		&VALUE_LINK(OID_COMPONENT, c->iid), 0);
}

void components_show(struct package *k)
{
	if (k->r.state != SOFTWARE_INSTALLED || !k->r.ncomponents)
		return;
	for (unsigned at = 0; at < k->r.ncomponents; at++)
		show_one(k, at);
	k->components_shown = true;
	dm_set(k->all->o->dm, &PATH_RES(OID_SOFTWARE, k->iid, RES_LENGTH),
		&VALUE_INT(k->r.ncomponents), 0);
}

void components_drop(struct package *k)
{
	struct dm *dm = k->all->o->dm;

	for (unsigned at = 0; k->components_shown && at < k->r.ncomponents; at++) {
		dm_instance_remove(dm, OID_COMPONENT, k->r.components[at].iid);
		dm_unset(dm, &PATH_RI(OID_SOFTWARE, k->iid, RES_LINKS, at));
	}
	if (k->components_shown) {
		dm_unset(dm, &PATH_RES(OID_SOFTWARE, k->iid, RES_LINKS));
		dm_unset(dm, &PATH_RES(OID_SOFTWARE, k->iid, RES_LENGTH));
	}
	k->components_shown = false;
	k->r.ncomponents = 0;
}

int software_component(struct software *s, uint16_t iid, const char *name, const char *version)
{
	struct package *k = package_find(s, iid);
	struct software_component *c = NULL;

	if (!k)
		return LGW_ENOENT;
	for (unsigned at = 0; at < k->r.ncomponents; at++)
		if (!strcmp(k->r.components[at].name, name))
			c = &k->r.components[at];
	if (!c && (k->components_shown || k->r.ncomponents == SOFTWARE_COMPONENTS_MAX))
		return LGW_ENOMEM;
	if (!c) {
		c = &k->r.components[k->r.ncomponents++];
		*c = (struct software_component){ .iid = PATH_ID_NONE };
	}
	str_copy(c->name, sizeof(c->name), name);
	str_copy(c->version, sizeof(c->version), version);
	package_save(k);
	components_show(k);
	return LGW_OK;
}
