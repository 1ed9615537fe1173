/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>
#include "objects/firmware.h"
#include "objects/state.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

enum {
	OID = 5,
	RES_PACKAGE = 0,
	RES_URI = 1,
	RES_UPDATE = 2,
	RES_STATE = 3,
	RES_RESULT = 5,
	RES_NAME = 6,
	RES_VERSION = 7,
	RES_PROTOCOLS = 8,
	RES_DELIVERY = 9,
};
enum { PROTOCOLS = 6, DELIVERY_PUSH = 1, DELIVERY_BOTH = 2 };

struct firmware {
	struct objects *o;
	const struct firmware_backend *be;
	void *ud;
	struct firmware_record r;
	int transfer; /* number of the push under way; the last one's when there is none */
	bool pushing;
};

/* --- what servers see ---------------------------------------------------------------------- */

static void show_text(struct firmware *f, uint16_t rid, const char *text)
{
	if (*text)
		dm_set(f->o->dm, &PATH_RES(OID, 0, rid), &VALUE_STR(text), 0);
	else
		dm_unset(f->o->dm, &PATH_RES(OID, 0, rid));
}

/* The result first: who is told of the state reads it next. */
static void show(struct firmware *f)
{
	dm_set(f->o->dm, &PATH_RES(OID, 0, RES_RESULT), &VALUE_INT(f->r.result), 0);
	dm_set(f->o->dm, &PATH_RES(OID, 0, RES_STATE), &VALUE_INT(f->r.state), 0);
	show_text(f, RES_NAME, f->r.name);
	show_text(f, RES_VERSION, f->r.version);
}

/* Durable before anybody is told. */
static void become(struct firmware *f, enum firmware_state state, enum firmware_result result)
{
	f->r.state = (uint8_t)state;
	f->r.result = (uint8_t)result;
	f->be->save(f->ud, &f->r);
	show(f);
}

/* Without an image: at the begin, after an update, after a failure. The URI stays to be seen where
 * it is the reason. */
static void become_idle(struct firmware *f, enum firmware_result result)
{
	f->pushing = f->r.whole = f->r.pull = false;
	*f->r.name = *f->r.version = '\0';
	f->be->drop(f->ud);
	become(f, FIRMWARE_IDLE, result);
}

/* --- steps --------------------------------------------------------------------------------- */

static void look_at_it(struct firmware *f)
{
	f->pushing = false;
	f->r.whole = true;
	f->be->save(f->ud, &f->r);
	f->be->check(f->ud);
}

static void downloading_ended(struct firmware *f, enum firmware_result result)
{
	if (result)
		become_idle(f, result);
	else if (!f->r.whole)
		look_at_it(f);
	else
		become(f, FIRMWARE_DOWNLOADED, FIRMWARE_NONE);
}

void firmware_step(struct firmware *f, enum firmware_result result)
{
	if (result == FIRMWARE_SUCCESS)
		result = FIRMWARE_NONE;
	if (f->r.state == FIRMWARE_DOWNLOADING && !f->pushing)
		downloading_ended(f, result);
	else if (f->r.state == FIRMWARE_UPDATING && result)
		become(f, FIRMWARE_DOWNLOADED, result);
	else if (f->r.state == FIRMWARE_UPDATING)
		become_idle(f, FIRMWARE_SUCCESS);
}

void firmware_package(struct firmware *f, const char *name, const char *version)
{
	str_copy(f->r.name, sizeof(f->r.name), name ? name : "");
	str_copy(f->r.version, sizeof(f->r.version), version ? version : "");
	f->be->save(f->ud, &f->r);
	show(f);
}

const struct firmware_record *firmware_now(const struct firmware *f)
{
	return &f->r;
}

static void set_uri(struct firmware *f, uint16_t ssid, const uint8_t *p, size_t len)
{
	f->r.ssid = ssid;
	memcpy(f->r.uri, p, len); /* FIRMWARE_TEXT_MAX at most */
	f->r.uri[len] = '\0';
}

/* An empty URI or package (E.6). */
static void reset(struct firmware *f)
{
	*f->r.uri = '\0';
	dm_set(f->o->dm, &PATH_RES(OID, 0, RES_URI), &VALUE_STR(""), 0);
	become_idle(f, FIRMWARE_NONE);
}

static void begin_download(struct firmware *f, bool pull)
{
	f->r.pull = pull;
	f->r.whole = false;
	*f->r.name = *f->r.version = '\0';
	become(f, FIRMWARE_DOWNLOADING, FIRMWARE_NONE);
}

/* --- a pushed image ------------------------------------------------------------------------ */

/* The write fails as well, since no more of it is wanted. */
static int push_failed(struct firmware *f, enum firmware_result result)
{
	become_idle(f, result);
	return result == FIRMWARE_NO_SPACE    ? LGW_ETOOBIG
	       : result == FIRMWARE_NO_MEMORY ? LGW_ENOMEM
					      : LGW_EIO;
}

static bool accepts(const struct firmware *f)
{
	return f->r.state == FIRMWARE_IDLE || f->r.state == FIRMWARE_DOWNLOADED;
}

static int push_begin(void *ud, uint16_t ssid, const struct path *p)
{
	struct firmware *f = ud;
	enum firmware_result e;

	(void)ssid;
	if (p->id[2] != RES_PACKAGE)
		return LGW_ENOTSUP;
	if (!accepts(f))
		return LGW_EOP;
	set_uri(f, 0, (const uint8_t *)"", 0);
	dm_set(f->o->dm, &PATH_RES(OID, 0, RES_URI), &VALUE_STR(""), 0);
	begin_download(f, false);
	e = f->be->begin(f->ud);
	if (e)
		return push_failed(f, e);
	f->pushing = true;
	f->transfer = f->transfer == INT32_MAX ? 1 : f->transfer + 1;
	return f->transfer;
}

static int push_write(void *ud, const struct path *p, int id, const uint8_t *b, size_t len)
{
	struct firmware *f = ud;
	enum firmware_result e;

	(void)p;
	if (!f->pushing || id != f->transfer)
		return LGW_EINCOMPLETE; /* it was reset meanwhile */
	e = f->be->write(f->ud, b, len);
	return e ? push_failed(f, e) : LGW_OK;
}

static int push_end(void *ud, const struct path *p, int id, bool whole)
{
	struct firmware *f = ud;

	(void)p;
	if (!f->pushing || id != f->transfer)
		return LGW_EINCOMPLETE;
	if (whole)
		look_at_it(f);
	else
		become_idle(f, FIRMWARE_LOST);
	return LGW_OK;
}

static const struct dm_stream_ops stream_ops = { push_begin, push_write, push_end };

static int push_whole(struct firmware *f, uint16_t ssid, const struct value *v)
{
	const struct path p = PATH_RES(OID, 0, RES_PACKAGE);
	int id = push_begin(f, ssid, &p), e = id;

	if (id > 0)
		e = push_write(f, &p, id, v->u.s.p, v->u.s.len);
	return e ? e : push_end(f, &p, id, true);
}

/* --- object_ops ---------------------------------------------------------------------------- */

static bool is_reset(const struct dm_change *c)
{
	return !c->value.u.s.len ||
	       (c->path.id[2] == RES_PACKAGE && c->value.u.s.len == 1 && !*c->value.u.s.p);
}

/* One of the two at a time, and what the state allows. */
static int check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	const struct firmware *f = ud;

	(void)ssid;
	if (n > 1 || (n && c->kind != DM_SET))
		return LGW_EINVAL;
	if (n && c->path.id[2] == RES_URI && c->value.u.s.len > FIRMWARE_TEXT_MAX)
		return LGW_EINVAL;
	if (!n || accepts(f) || (f->r.state != FIRMWARE_UPDATING && is_reset(c)))
		return LGW_OK;
	return LGW_EOP;
}

static int apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	struct firmware *f = ud;

	(void)op;
	if (!n || c->path.id[2] != RES_PACKAGE)
		return LGW_OK;
	c->handled = true; /* it is in the back end's hands, not in the tree */
	if (!is_reset(c))
		return push_whole(f, ssid, &c->value);
	reset(f);
	return LGW_OK;
}

static void committed(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	struct firmware *f = ud;

	if (!n || c->path.id[2] != RES_URI)
		return;
	if (is_reset(c)) {
		reset(f);
		return;
	}
	f->be->drop(f->ud);
	set_uri(f, ssid, c->value.u.s.p, c->value.u.s.len);
	begin_download(f, true);
	f->be->fetch(f->ud, &f->r, false);
}

static int execute(void *ud, uint16_t ssid, const struct path *p, const struct dm_arg *args,
	size_t nargs, struct dm_op *op)
{
	struct firmware *f = ud;

	(void)ssid, (void)args, (void)nargs, (void)op;
	if (p->id[2] != RES_UPDATE || f->r.state != FIRMWARE_DOWNLOADED)
		return LGW_EOP;
	become(f, FIRMWARE_UPDATING, FIRMWARE_NONE);
	f->be->install(f->ud, &f->r, false);
	return LGW_OK;
}

static void destroy(void *ud)
{
	free(ud);
}

static const struct object_ops ops = {
	.check = check,
	.apply = apply,
	.committed = committed,
	.execute = execute,
	.stream = &stream_ops,
	.destroy = destroy,
};

/* --- coming to be -------------------------------------------------------------------------- */

static void make_instance(struct firmware *f)
{
	struct dm *dm = f->o->dm;

	dm_instance_add(dm, OID, 0);
	dm_declare(dm, &PATH_RES(OID, 0, RES_PACKAGE));
	dm_declare(dm, &PATH_RES(OID, 0, RES_UPDATE));
	dm_set(dm, &PATH_RES(OID, 0, RES_URI), &VALUE_STR(f->r.uri), 0);
	for (uint16_t k = 0; k < PROTOCOLS; k++)
		if (f->be->protocols & 1u << k)
			dm_set(dm, &PATH_RI(OID, 0, RES_PROTOCOLS, k), &VALUE_INT(k), 0);
	dm_set(dm, &PATH_RES(OID, 0, RES_DELIVERY),
		&VALUE_INT(f->be->protocols ? DELIVERY_BOTH : DELIVERY_PUSH), 0);
	show(f);
}

/* What a restart interrupted: a push has to come again, all else goes on. */
static void go_on(struct firmware *f)
{
	if (f->r.state == FIRMWARE_DOWNLOADING && f->r.whole)
		f->be->check(f->ud);
	else if (f->r.state == FIRMWARE_DOWNLOADING && f->r.pull)
		f->be->fetch(f->ud, &f->r, true);
	else if (f->r.state == FIRMWARE_DOWNLOADING)
		become_idle(f, FIRMWARE_LOST);
	else if (f->r.state == FIRMWARE_UPDATING)
		f->be->install(f->ud, &f->r, true);
}

int object_firmware_add(struct objects *o, const struct firmware_backend *be, void *ud,
	const struct firmware_record *r, struct firmware **out)
{
	const struct objdef *d = objdefs_find(o->defs, OID);
	struct firmware *f;
	int e;

	if (!d)
		return LGW_ENOENT;
	f = xcalloc(1, sizeof(*f));
	*f = (struct firmware){ .o = o, .be = be, .ud = ud };
	if (r)
		f->r = *r;
	e = dm_object_add(o->dm, d, &ops, f);
	if (e) {
		free(f);
		return e;
	}
	*out = f;
	make_instance(f);
	go_on(f);
	return LGW_OK;
}
