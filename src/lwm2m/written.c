/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/written.h"
#include <stdlib.h>
#include <string.h>
#include "lwm2m/note.h"
#include "lwm2m/server.h"
#include "lwm2m/shared.h"
#include "objects/access.h"
#include "store/item.h"
#include "store/store.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"

LOG_MODULE("lwm2m");

enum { OID_SERVER = 1, OID_ACCESS = 2, RES_OBJECT = 0, RES_INSTANCE = 1, RES_ACL = 2 };

/* --- what is configured -------------------------------------------------------------------- */

/* The value at p, or all instances of a multiple resource there; 0: nothing. */
static uint64_t value_hash(const struct client *c, const struct path *p)
{
	struct wr w = wr_grow(WRITTEN_BYTES_MAX);
	struct path at = *p;
	int32_t riid = -1;
	struct value v;
	uint64_t h = 0;

	if (!dm_get(c->dm, p, &v, NULL)) {
		item_value(&w, &v);
	} else {
		for (at.n = 4; p->n == 3 && dm_next(c->dm, p, &riid);) {
			at.id[3] = (uint16_t)riid;
			if (!dm_get(c->dm, &at, &v, NULL))
				item_value(&w, &v);
		}
	}
	if (w.len)
		h = map_hash_bytes(w.p, w.len, 1);
	wr_fini(&w);
	return h;
}

/* What configuration says of the value at p; another number when it says something else. */
static uint64_t factory(const struct client *c, const struct path *key, const struct path *p)
{
	const struct server *s;

	if (p->id[0] == OID_SERVER) {
		s = server_find(c, key->id[1]);
		return s ? conf_fingerprint(&s->conf->p.account) : 0;
	}
	if (p->id[0] == OID_ACCESS) {
		s = p->n == 4 ? server_find(c, p->id[3]) : NULL;
		return s ? 1u + s->conf->p.denied : 0;
	}
	if (note_find(c, &PATH_INST(key->id[0], key->id[1])))
		return 0; /* of an instance that a server made */
	return value_hash(c, p);
}

/* Accounts are known by their server, whichever id their instance has: the path as it is noted.
 * LGW_ENOENT: no such account. */
static int key_of(const struct client *c, const struct path *p, struct path *key)
{
	struct value v;

	*key = *p;
	if (p->id[0] != OID_SERVER || p->n < 2)
		return LGW_OK;
	if (dm_get(c->dm, &PATH_RES(OID_SERVER, p->id[1], 0), &v, NULL))
		return LGW_ENOENT;
	key->id[1] = (uint16_t)v.u.i;
	return LGW_OK;
}

/* … and back. */
static int path_of(const struct client *c, const struct path *key, struct path *p)
{
	int32_t iid = -1;
	struct value v;

	*p = *key;
	if (key->id[0] != OID_SERVER || key->n < 2)
		return LGW_OK;
	while (dm_next(c->dm, &PATH_OBJ(OID_SERVER), &iid))
		if (!dm_get(c->dm, &PATH_RES(OID_SERVER, iid, 0), &v, NULL) &&
			v.u.i == key->id[1]) {
			p->id[1] = (uint16_t)iid;
			return LGW_OK;
		}
	return LGW_ENOENT;
}

/* --- notes --------------------------------------------------------------------------------- */

static bool noting(const struct client *c)
{
	return c->loaded && c->env->store && !c->env->clients->ending;
}

int written_blocked(const struct client *c)
{
	return c->env->store && (store_failing(c->env->store) || c->env->clients->ending)
		       ? LGW_EUNAVAIL
		       : LGW_OK;
}

int written_refuses(const struct client *c, uint16_t ssid, uint16_t oid)
{
	if (!dm_keeps(c->dm, oid))
		return LGW_OK;
	return note_full(c, ssid) ? LGW_ENOMEM : written_blocked(c);
}

/* Object 2's instances keep their ids, whatever comes first in the next life. */
static void pin(struct client *c, uint16_t y)
{
	struct note n = { .key = PATH_INST(OID_ACCESS, y), .kind = NOTE_PIN };
	struct value oid, iid;

	if (note_find(c, &n.key) ||
		dm_get(c->dm, &PATH_RES(OID_ACCESS, y, RES_OBJECT), &oid, NULL) ||
		dm_get(c->dm, &PATH_RES(OID_ACCESS, y, RES_INSTANCE), &iid, NULL))
		return;
	n.oid = (uint16_t)oid.u.i;
	n.id = (uint16_t)iid.u.i;
	note_put(c, &n, NULL);
}

static void put(struct client *c, uint16_t ssid, const struct path *key, const struct path *p,
	const struct value *v)
{
	const struct note *old = note_find(c, key);
	struct note n = { .key = *key,
		.kind = !v        ? NOTE_GONE
			: v->type ? NOTE_VALUE
				  : NOTE_EMPTY,
		.id = ssid };

	n.factory = old && !old->waits ? old->factory : factory(c, key, p);
	if (p->id[0] == OID_ACCESS)
		pin(c, p->id[1]);
	if (n.kind != NOTE_VALUE)
		note_drop(c, key); /* its instances too */
	note_put(c, &n, v);
}

void written_value(struct client *c, uint16_t ssid, const struct path *p, const struct value *v)
{
	struct path key;

	if (noting(c) && !key_of(c, p, &key))
		put(c, ssid, &key, p, v);
}

void written_follow(struct client *c, const struct path *p, const struct value *v)
{
	const struct note *n;
	struct path key;

	if (!c->notes || !noting(c) || key_of(c, p, &key))
		return;
	n = note_find(c, &key);
	if (n && !n->waits && n->kind <= NOTE_GONE && !note_says(n, v))
		put(c, n->id, &key, p, v);
}

void written_kept(struct client *c, const struct path *p, const struct value *v)
{
	struct note n = { .key = *p, .kind = NOTE_KEPT };

	if (!noting(c))
		return;
	if (v)
		note_put(c, &n, v);
	else
		note_drop(c, p);
}

/* Who may do what with an instance that a server has made. */
static void note_access(struct client *c, uint16_t by, uint16_t y)
{
	struct path acl = PATH_RES(OID_ACCESS, y, RES_ACL), owner = PATH_RES(OID_ACCESS, y, 3);
	struct value v = { .type = VT_NONE };
	int32_t ssid = -1;

	put(c, by, &acl, &acl, &v); /* nobody but these */
	if (!dm_get(c->dm, &owner, &v, NULL))
		put(c, by, &owner, &owner, &v);
	while (dm_next(c->dm, &acl, &ssid)) {
		struct path entry = PATH_RI(OID_ACCESS, y, RES_ACL, ssid);

		if (!dm_get(c->dm, &entry, &v, NULL))
			put(c, by, &entry, &entry, &v);
	}
}

void written_instance(struct client *c, uint16_t ssid, const struct path *p, bool there)
{
	struct note n = { .key = *p, .kind = NOTE_MADE, .id = ssid };
	int y;

	if (!noting(c))
		return;
	if (!there) {
		if (p->id[0] != OID_SERVER) /* that is for written_account */
			note_drop(c, p);
		return;
	}
	if (ssid && p->n == 2 && dm_keeps(c->dm, p->id[0]))
		note_put(c, &n, NULL);
	y = p->n == 2 ? access_find(c->dm, p->id[0], p->id[1]) : LGW_ENOENT;
	if (y < 0)
		return;
	pin(c, (uint16_t)y);
	if (ssid)
		note_access(c, ssid, (uint16_t)y);
}

void written_account(struct client *c, uint16_t ssid)
{
	if (noting(c))
		note_drop(c, &PATH_INST(OID_SERVER, ssid));
}

/* --- the next life ------------------------------------------------------------------------- */

static int again(struct client *c, const struct note *n, const struct path *p)
{
	struct value v = { .type = VT_NONE };
	int r = LGW_OK;

	if (n->kind == NOTE_VALUE || n->kind == NOTE_KEPT)
		r = item_value_parse(n->bytes, n->len, &v);
	if (r)
		return r;
	switch (n->kind) {
	case NOTE_KEPT:
		return dm_recall(c->dm, p, &v);
	case NOTE_MADE:
		r = dm_exists(c->dm, p) ? 0 : dm_instance_add(c->dm, p->id[0], p->id[1]);
		return r < 0 ? r : LGW_OK;
	case NOTE_PIN:
		return LGW_OK;
	case NOTE_VALUE:
	case NOTE_EMPTY:
	case NOTE_GONE:
		break;
	}
	if (n->factory != factory(c, &n->key, p))
		return LGW_EEXIST;
	return dm_rewrite(c->dm, p, n->kind == NOTE_GONE ? NULL : &v);
}

/* May it be written again now: is there what it is in? */
static bool due(const struct client *c, const struct note *n, const struct path *p)
{
	return n->waits &&
	       (n->kind == NOTE_MADE ? dm_exists(c->dm, &PATH_OBJ(p->id[0]))
				     : dm_exists(c->dm, &PATH_INST(p->id[0], p->id[1])));
}

static void replay_one(struct client *c, const struct note *n, const struct path *p)
{
	char text[PATH_TEXT_MAX];
	struct path key = n->key;
	int r = again(c, n, p);

	if (!r) {
		note_settle(c, &key);
		return;
	}
	log_notice((&(struct log_ctx){ .endpoint = c->endpoint }),
		"what a server wrote to %s is not written again: %s", path_text(text, p),
		r == LGW_EEXIST ? "it is configured otherwise now" : err_text(r));
	note_drop(c, &key);
}

void written_replay(struct client *c, const struct path *below)
{
	struct path key = PATH_ROOT, p;
	const struct note *n;

	if (!c->notes || !c->notes->waiting)
		return;
	store_begin(c->env->store);
	/* Notes come and go meanwhile: each is looked for by its key. */
	while ((n = note_next(c, &key))) {
		key = n->key;
		if (!path_of(c, &key, &p) && path_contains(below, &p) && due(c, n, &p))
			replay_one(c, n, &p);
	}
	store_end(c->env->store);
}

/* The instances of object 2 come to be with the ids that they had, where these are free. */
static void replay_pins(struct client *c)
{
	uint16_t(*ids)[2] = xcalloc(c->notes->count, sizeof(*ids));
	struct access_grant g[SERVERS_MAX];
	size_t ng = server_grants(c, g), n = 0;
	struct path key = PATH_OBJ(OID_ACCESS);
	const struct note *at;
	bool moved = false;

	while ((at = note_next(c, &key)) && at->key.id[0] == OID_ACCESS) {
		int y = at->kind == NOTE_PIN
				? access_pin(c->objects, at->key.id[1], at->oid, at->id, g, ng)
				: -1;

		key = at->key;
		moved |= at->kind == NOTE_PIN && y != key.id[1];
		if (y >= 0) {
			ids[n][0] = key.id[1];
			ids[n++][1] = (uint16_t)y;
		}
	}
	if (moved)
		note_renumber(c, OID_ACCESS, (const uint16_t(*)[2])ids, n);
	free(ids);
}

/* --- attributes ---------------------------------------------------------------------------- */

static void attrs_key(struct wr *w, uint16_t ssid, const struct path *p)
{
	wr_u16(w, ssid);
	item_path(w, p);
}

void written_attrs(struct client *c, uint16_t ssid, const struct path *p, const struct attrs *a)
{
	const struct server *s = server_find(c, ssid);
	uint8_t key[16], value[80];
	struct wr k = wr_of(key, sizeof(key)), v = wr_of(value, sizeof(value));

	if (!noting(c))
		return;
	attrs_key(&k, ssid, p);
	c->env->clients->noted++;
	if (!a->set || !s) {
		store_del(c->env->store, STORE_ATTRS, c->endpoint, k.p, k.len);
		return;
	}
	wr_u64(&v, map_hash_str(s->conf->p.account.uri, 1));
	wr_u8(&v, (uint8_t)a->set);
	wr_u64(&v, (uint64_t)a->pmin);
	wr_u64(&v, (uint64_t)a->pmax);
	wr_u64(&v, (uint64_t)a->epmin);
	wr_u64(&v, (uint64_t)a->epmax);
	wr_bytes(&v, &a->gt, sizeof(a->gt));
	wr_bytes(&v, &a->lt, sizeof(a->lt));
	wr_bytes(&v, &a->st, sizeof(a->st));
	wr_u8(&v, a->con);
	store_put(c->env->store, STORE_ATTRS, c->endpoint, k.p, k.len, v.p, v.len);
}

static void take_double(struct rd *r, double *out)
{
	const uint8_t *p = rd_bytes(r, sizeof(*out));

	if (p)
		memcpy(out, p, sizeof(*out));
}

static void take_attrs(
	void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	struct client *c = ud;
	struct rd k = rd_of(key, key_len), v = rd_of(value, len);
	uint16_t ssid = rd_u16(&k);
	const struct server *s = server_find(c, ssid);
	size_t left = rd_left(&k);
	const uint8_t *path = rd_bytes(&k, left);
	uint64_t uri = rd_u64(&v);
	struct attrs a = { .set = rd_u8(&v) };
	struct path p;

	a.pmin = (int64_t)rd_u64(&v);
	a.pmax = (int64_t)rd_u64(&v);
	a.epmin = (int64_t)rd_u64(&v);
	a.epmax = (int64_t)rd_u64(&v);
	take_double(&v, &a.gt);
	take_double(&v, &a.lt);
	take_double(&v, &a.st);
	a.con = rd_u8(&v);
	if (rd_err(&k) || rd_err(&v) || !s || uri != map_hash_str(s->conf->p.account.uri, 1) ||
		item_path_parse(path, left, &p) || dm_attrs_restore(c->dm, ssid, &p, &a))
		store_del(c->env->store, STORE_ATTRS, c->endpoint, key, key_len);
}

/* --- all ----------------------------------------------------------------------------------- */

void written_load(struct client *c)
{
	struct store *store = c->env->store;

	if (!store)
		return;
	store_begin(store);
	store_adopt(store, STORE_ATTRS, c->endpoint, take_attrs, c);
	note_load(c);
	if (c->notes && dm_exists(c->dm, &PATH_OBJ(OID_ACCESS)))
		replay_pins(c);
	c->loaded = true;
	if (c->notes && dm_exists(c->dm, &PATH_OBJ(OID_ACCESS))) {
		written_replay(c, &PATH_OBJ(OID_ACCESS));
		access_tidy(c->objects);
	}
	store_end(store);
}

void written_again(struct client *c)
{
	struct path key = PATH_ROOT, p;
	const struct note *n;
	struct value v;

	if (!noting(c))
		return;
	while ((n = note_next(c, &key))) {
		bool has = !n->bytes && n->kind == NOTE_VALUE && !path_of(c, &n->key, &p) &&
			   !dm_get(c->dm, &p, &v, NULL);

		key = n->key;
		note_again(c, n, has ? &v : NULL);
	}
	dm_attrs_tell(c->dm);
}

void written_fini(struct client *c)
{
	note_fini(c);
	c->loaded = false;
}

void written_forget(struct client *c)
{
	if (!c->env->store)
		return;
	written_fini(c);
	store_begin(c->env->store);
	store_forget(c->env->store, STORE_STATE, c->endpoint);
	store_forget(c->env->store, STORE_ATTRS, c->endpoint);
	store_end(c->env->store);
}
