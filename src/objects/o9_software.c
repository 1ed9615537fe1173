/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>
#include "objects/software_state.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

enum {
	RES_NAME = 0,
	RES_VERSION = 1,
	RES_PACKAGE = 2,
	RES_URI = 3,
	RES_INSTALL = 4,
	RES_UNINSTALL = 6,
	RES_STATE = 7,
	RES_ANNOUNCE = 8,
	RES_RESULT = 9,
	RES_ACTIVATE = 10,
	RES_DEACTIVATE = 11,
	RES_ACTIVE = 12,
	RES_USER = 14,
	RES_PASSWORD = 15,
	RES_REASON = 16,
};

/* --- packages ------------------------------------------------------------------------------ */

struct package *package_find(const struct software *s, uint16_t iid)
{
	struct package *k;

	LIST_FOREACH(k, &s->packages, next)
		if (k->iid == iid)
			break;
	return k;
}

static struct package *package_get(struct software *s, uint16_t iid)
{
	struct package *k = package_find(s, iid);

	if (k)
		return k;
	k = xcalloc(1, sizeof(*k));
	k->all = s;
	k->iid = iid;
	k->r.component = SOFTWARE_COMPONENTS_MAX;
	LIST_INSERT_HEAD(&s->packages, k, next);
	s->npackages++;
	return k;
}

static void package_free(struct package *k)
{
	LIST_REMOVE(k, next);
	k->all->npackages--;
	mem_wipe(&k->r, sizeof(k->r));
	free(k);
}

static void set(struct package *k, uint16_t rid, const struct value *v)
{
	dm_set(k->all->o->dm, &PATH_RES(OID_SOFTWARE, k->iid, rid), v, 0);
}

/* The result first: who is told of the state reads it next. */
static void show(struct package *k)
{
	set(k, RES_NAME, &VALUE_STR(k->r.name));
	set(k, RES_VERSION, &VALUE_STR(k->r.version));
	set(k, RES_ACTIVE, &VALUE_BOOL(k->r.active && k->r.state == SOFTWARE_INSTALLED));
	set(k, RES_RESULT, &VALUE_INT(k->r.result));
	set(k, RES_STATE, &VALUE_INT(k->r.state));
}

void package_save(struct package *k)
{
	k->all->be->save(k->all->ud, k->iid, &k->r);
}

static void become(struct package *k, enum software_state state, enum software_result result)
{
	k->r.state = (uint8_t)state;
	k->r.result = (uint8_t)result;
	package_save(k);
	show(k);
}

static void become_initial(struct package *k, enum software_result result)
{
	k->pushing = k->r.whole = k->r.pull = false;
	*k->r.uri = '\0';
	k->all->be->drop(k->all->ud, k->iid);
	become(k, SOFTWARE_INITIAL, result);
}

/* --- steps --------------------------------------------------------------------------------- */

static enum software_result result_of(enum firmware_result r)
{
	static const uint8_t results[] = {
		[FIRMWARE_NO_SPACE] = SOFTWARE_NO_SPACE,
		[FIRMWARE_NO_MEMORY] = SOFTWARE_NO_MEMORY,
		[FIRMWARE_LOST] = SOFTWARE_LOST,
		[FIRMWARE_INTEGRITY] = SOFTWARE_INTEGRITY,
		[FIRMWARE_TYPE] = SOFTWARE_TYPE,
		[FIRMWARE_BAD_URI] = SOFTWARE_BAD_URI,
		[FIRMWARE_FAILED] = SOFTWARE_ERROR,
		[FIRMWARE_PROTOCOL] = SOFTWARE_BAD_URI, /* there is no word of its own for it */
	};

	return (enum software_result)results[r];
}

static void look_at_it(struct package *k)
{
	k->pushing = false;
	k->r.whole = true;
	become(k, SOFTWARE_DOWNLOADED, SOFTWARE_RUNNING);
	k->all->be->check(k->all->ud, k->iid, &k->r);
}

static void download_ended(struct package *k, enum firmware_result result)
{
	if (result)
		become_initial(k, result_of(result));
	else if (k->r.state == SOFTWARE_DOWNLOADING)
		look_at_it(k);
	else
		become(k, SOFTWARE_DELIVERED, SOFTWARE_VERIFIED);
}

void package_run(struct package *k, enum software_job job, unsigned component)
{
	if (job == SOFTWARE_INSTALL)
		components_drop(k); /* what is installed now says which it has */
	k->r.job = (uint8_t)job;
	k->r.component = (uint16_t)component;
	package_save(k);
	k->all->be->run(k->all->ud, k->iid, &k->r, false);
}

/* It was installed, or is gone. */
static void changed(struct package *k)
{
	if (k->r.announce)
		k->all->be->announce(k->all->ud);
}

static void installed(struct package *k, bool good)
{
	if (!good) {
		become(k, SOFTWARE_DELIVERED, SOFTWARE_INSTALL_FAILED);
		return;
	}
	k->r.active = false;
	k->all->be->drop(k->all->ud, k->iid);
	become(k, SOFTWARE_INSTALLED, SOFTWARE_SUCCESS);
	components_show(k);
	changed(k);
}

static void uninstalled(struct package *k, bool good)
{
	if (!good) {
		become(k, SOFTWARE_INSTALLED, SOFTWARE_UNINSTALL_FAILED);
		return;
	}
	components_drop(k);
	k->r.active = false;
	*k->r.name = *k->r.version = '\0';
	become_initial(k, SOFTWARE_NONE);
	changed(k);
}

static void activated(struct package *k, bool on, unsigned component, bool good)
{
	if (good && component < k->r.ncomponents)
		k->r.components[component].active = on;
	else if (good)
		k->r.active = on;
	become(k, SOFTWARE_INSTALLED, good ? SOFTWARE_SUCCESS : SOFTWARE_ERROR);
	components_show(k);
}

void software_step(struct software *s, uint16_t iid, enum firmware_result result)
{
	struct package *k = package_find(s, iid);
	enum software_job job = k ? (enum software_job)k->r.job : SOFTWARE_IDLE;
	bool good = !result || result == FIRMWARE_SUCCESS;

	if (!k)
		return;
	k->r.job = SOFTWARE_IDLE;
	if (job == SOFTWARE_INSTALL)
		installed(k, good);
	else if (job == SOFTWARE_UNINSTALL)
		uninstalled(k, good);
	else if (job)
		activated(k, job == SOFTWARE_ACTIVATE, k->r.component, good);
	else if (!k->pushing &&
		 (k->r.state == SOFTWARE_DOWNLOADING || k->r.state == SOFTWARE_DOWNLOADED))
		download_ended(k, good ? FIRMWARE_NONE : result);
}

static void begin_download(struct package *k, bool pull)
{
	k->r.pull = pull;
	k->r.whole = false;
	become(k, SOFTWARE_DOWNLOADING, SOFTWARE_RUNNING);
}

static bool accepts(const struct package *k)
{
	return !k || (k->r.state == SOFTWARE_INITIAL && !k->r.job);
}

/* --- a pushed package ---------------------------------------------------------------------- */

static int push_failed(struct package *k, enum firmware_result result)
{
	become_initial(k, result_of(result));
	return result == FIRMWARE_NO_SPACE    ? LGW_ETOOBIG
	       : result == FIRMWARE_NO_MEMORY ? LGW_ENOMEM
					      : LGW_EIO;
}

static int push_begin(void *ud, uint16_t ssid, const struct path *p)
{
	struct software *s = ud;
	struct package *k = package_find(s, p->id[1]);
	enum firmware_result e;

	(void)ssid;
	if (p->id[2] != RES_PACKAGE)
		return LGW_ENOTSUP;
	if (!accepts(k))
		return LGW_EOP;
	k = package_get(s, p->id[1]);
	begin_download(k, false);
	e = s->be->begin(s->ud, k->iid);
	if (e)
		return push_failed(k, e);
	k->pushing = true;
	s->transfer = s->transfer == INT32_MAX ? 1 : s->transfer + 1;
	k->transfer = s->transfer;
	return k->transfer;
}

static int push_write(void *ud, const struct path *p, int id, const uint8_t *b, size_t len)
{
	struct software *s = ud;
	struct package *k = package_find(s, p->id[1]);
	enum firmware_result e;

	if (!k || !k->pushing || id != k->transfer)
		return LGW_EINCOMPLETE;
	e = s->be->write(s->ud, k->iid, b, len);
	return e ? push_failed(k, e) : LGW_OK;
}

static int push_end(void *ud, const struct path *p, int id, bool whole)
{
	struct package *k = package_find(ud, p->id[1]);

	if (!k || !k->pushing || id != k->transfer)
		return LGW_EINCOMPLETE;
	if (whole)
		look_at_it(k);
	else
		become_initial(k, SOFTWARE_LOST);
	return LGW_OK;
}

static const struct dm_stream_ops stream_ops = { push_begin, push_write, push_end };

static int push_whole(struct software *s, uint16_t ssid, const struct dm_change *c)
{
	int id = push_begin(s, ssid, &c->path), e = id;

	if (id > 0)
		e = push_write(s, &c->path, id, c->value.u.s.p, c->value.u.s.len);
	return e ? e : push_end(s, &c->path, id, true);
}

/* --- writing ------------------------------------------------------------------------------- */

static int check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	const struct software *s = ud;
	unsigned sources = 0;

	(void)ssid;
	for (size_t k = 0; k < n; k++) {
		uint16_t rid = c[k].path.id[2];

		if (c[k].kind != DM_SET)
			continue;
		if ((rid == RES_URI || rid == RES_USER || rid == RES_PASSWORD) &&
			c[k].value.u.s.len > SOFTWARE_TEXT_MAX)
			return LGW_EINVAL;
		if (rid != RES_PACKAGE && rid != RES_URI)
			continue;
		if (sources++ || !c[k].value.u.s.len)
			return LGW_EINVAL;
		if (!accepts(package_find(s, c[k].path.id[1])))
			return LGW_EOP;
	}
	return LGW_OK;
}

static void keep(char out[SOFTWARE_TEXT_MAX + 1], const struct dm_change *c)
{
	size_t len = c->kind == DM_SET ? c->value.u.s.len : 0;

	if (len)
		memcpy(out, c->value.u.s.p, len);
	out[len] = '\0';
}

/* What is written only is not for the tree. */
static int apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	struct software *s = ud;
	int e = LGW_OK;

	(void)op;
	for (size_t i = 0; !e && i < n; i++) {
		struct package *k = package_get(s, c[i].path.id[1]);

		c[i].handled = c[i].path.id[2] != RES_ANNOUNCE;
		if (c[i].path.id[2] == RES_USER)
			keep(k->r.user, &c[i]);
		else if (c[i].path.id[2] == RES_PASSWORD)
			keep(k->r.password, &c[i]);
		else if (c[i].path.id[2] == RES_URI && c[i].kind == DM_SET)
			keep(k->r.uri, &c[i]);
		else if (c[i].path.id[2] == RES_PACKAGE && c[i].kind == DM_SET)
			e = push_whole(s, ssid, &c[i]);
	}
	return e;
}

static void declare(struct package *k)
{
	static const uint16_t ids[] = { RES_PACKAGE, RES_URI, RES_INSTALL, RES_UNINSTALL,
		RES_ACTIVATE, RES_DEACTIVATE, RES_USER, RES_PASSWORD };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		dm_declare(k->all->o->dm, &PATH_RES(OID_SOFTWARE, k->iid, ids[i]));
	set(k, RES_ANNOUNCE, &VALUE_BOOL(k->r.announce));
	k->shown = true;
	show(k);
}

/* Instances that a server just made. */
static void adopt(struct software *s)
{
	int32_t it = -1;

	while (dm_next(s->o->dm, &PATH_OBJ(OID_SOFTWARE), &it)) {
		struct package *k = package_get(s, (uint16_t)it);
		struct value v;

		if (k->shown)
			continue;
		if (!dm_get(s->o->dm, &PATH_RES(OID_SOFTWARE, it, RES_ANNOUNCE), &v, NULL))
			k->r.announce = v.u.b;
		declare(k);
		package_save(k);
	}
}

static void committed(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	struct software *s = ud;

	adopt(s);
	for (size_t i = 0; i < n; i++) {
		struct package *k = package_get(s, c[i].path.id[1]);

		if (c[i].path.id[2] == RES_ANNOUNCE)
			k->r.announce = c[i].kind == DM_SET && c[i].value.u.b;
		package_save(k);
	}
	for (size_t i = 0; i < n; i++) /* user and password of the same write are there by now */
		if (c[i].path.id[2] == RES_URI && c[i].kind == DM_SET) {
			struct package *k = package_get(s, c[i].path.id[1]);

			k->r.ssid = ssid;
			begin_download(k, true);
			s->be->fetch(s->ud, k->iid, &k->r, false);
		}
}

/* --- executing ----------------------------------------------------------------------------- */

static int uninstall(struct package *k, const struct dm_arg *args, size_t nargs)
{
	bool for_update = nargs && args[0].digit == 1;

	if (nargs > 1 || (nargs && (args[0].digit > 1 || args[0].value)))
		return LGW_EINVAL;
	if (k->r.state == SOFTWARE_DELIVERED || (for_update && k->r.state == SOFTWARE_INSTALLED))
		become_initial(k, SOFTWARE_NONE); /* the software, if any, stays */
	else if (k->r.state == SOFTWARE_INSTALLED)
		package_run(k, SOFTWARE_UNINSTALL, SOFTWARE_COMPONENTS_MAX);
	else
		return LGW_EOP;
	return LGW_OK;
}

static int execute(void *ud, uint16_t ssid, const struct path *p, const struct dm_arg *args,
	size_t nargs, struct dm_op *op)
{
	struct package *k = package_get(ud, p->id[1]);
	enum software_state needs =
		p->id[2] == RES_INSTALL ? SOFTWARE_DELIVERED : SOFTWARE_INSTALLED;

	(void)ssid, (void)op;
	if (k->r.job)
		return LGW_EOP;
	if (p->id[2] == RES_UNINSTALL)
		return uninstall(k, args, nargs);
	if (k->r.state != needs)
		return LGW_EOP;
	package_run(k,
		p->id[2] == RES_INSTALL    ? SOFTWARE_INSTALL
		: p->id[2] == RES_ACTIVATE ? SOFTWARE_ACTIVATE
					   : SOFTWARE_DEACTIVATE,
		SOFTWARE_COMPONENTS_MAX);
	return LGW_OK;
}

/* --- instances ----------------------------------------------------------------------------- */

static int create(void *ud, uint16_t ssid, uint16_t iid)
{
	const struct software *s = ud;

	(void)ssid, (void)iid;
	return s->npackages < SOFTWARE_PACKAGES_MAX ? LGW_OK : LGW_ENOMEM;
}

/* What is installed has to be uninstalled first. */
static int remove_(void *ud, uint16_t ssid, uint16_t iid)
{
	const struct package *k = package_find(ud, iid);

	(void)ssid;
	return accepts(k) ? LGW_OK : LGW_EOP;
}

static void removed(void *ud, uint16_t iid)
{
	struct software *s = ud;
	struct package *k = package_find(s, iid);

	if (!k)
		return;
	components_drop(k);
	package_free(k);
	s->be->drop(s->ud, iid);
	s->be->removed(s->ud, iid);
}

static void destroy(void *ud)
{
	struct software *s = ud;
	struct package *k;

	while ((k = LIST_FIRST(&s->packages)))
		package_free(k);
	software_unref(s);
}

static const struct object_ops ops = {
	.check = check,
	.apply = apply,
	.committed = committed,
	.execute = execute,
	.create = create,
	.remove = remove_,
	.removed = removed,
	.stream = &stream_ops,
	.destroy = destroy,
	.writes_make_resources = true,
	.keeps_itself = true,
};

/* --- coming to be -------------------------------------------------------------------------- */

int object_software_add(
	struct objects *o, const struct software_backend *be, void *ud, struct software **out)
{
	const struct objdef *d = objdefs_find(o->defs, OID_SOFTWARE);
	struct software *s;
	int e;

	if (!d || !objdefs_find(o->defs, OID_COMPONENT))
		return LGW_ENOENT;
	s = xcalloc(1, sizeof(*s));
	*s = (struct software){ .o = o, .be = be, .ud = ud, .refs = 1 };
	LIST_INIT(&s->packages);
	e = dm_object_add(o->dm, d, &ops, s);
	if (e) {
		free(s);
		return e;
	}
	components_add(s);
	*out = s;
	return LGW_OK;
}

static void go_on(struct package *k)
{
	const struct software *s = k->all;

	if (k->r.job)
		s->be->run(s->ud, k->iid, &k->r, true);
	else if (k->r.state == SOFTWARE_DOWNLOADED)
		s->be->check(s->ud, k->iid, &k->r);
	else if (k->r.state == SOFTWARE_DOWNLOADING && k->r.pull)
		s->be->fetch(s->ud, k->iid, &k->r, true);
	else if (k->r.state == SOFTWARE_DOWNLOADING)
		become_initial(k, SOFTWARE_LOST);
}

int software_restore(struct software *s, uint16_t iid, const struct software_record *r)
{
	struct package *k;
	int id;

	if (s->npackages >= SOFTWARE_PACKAGES_MAX)
		return LGW_ENOMEM;
	id = dm_instance_add(s->o->dm, OID_SOFTWARE, iid);
	if (id < 0)
		return id;
	k = package_get(s, (uint16_t)id);
	k->r = *r;
	declare(k);
	components_show(k);
	go_on(k);
	return id;
}

void software_package(struct software *s, uint16_t iid, const char *name, const char *version)
{
	struct package *k = package_find(s, iid);

	if (k && name)
		str_copy(k->r.name, sizeof(k->r.name), name);
	if (k && version)
		str_copy(k->r.version, sizeof(k->r.version), version);
	if (!k)
		return;
	package_save(k);
	show(k);
}

void software_reason(struct software *s, uint16_t iid, const char *text)
{
	struct package *k = package_find(s, iid);

	if (k)
		set(k, RES_REASON, &VALUE_STR(text));
}

const struct software_record *software_now(const struct software *s, uint16_t iid)
{
	const struct package *k = package_find(s, iid);

	return k ? &k->r : NULL;
}
