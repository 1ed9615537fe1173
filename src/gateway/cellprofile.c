/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects 10, 11 and 13 of the gateway's own client, with the plugin behind them: writes and reads
 * of servers go up as settings, and what the plugin sets sinks into the tree.
 */
#include <stdlib.h>
#include <string.h>
#include "gateway/map.h"
#include "gateway/state.h"
#include "lwm2m/client.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/str.h"

LOG_MODULE("gateway");

struct cellular_op {
	LIST_ENTRY(cellular_op) next;
	uint64_t id;
	struct dm_op *op;
};

/* --- up: what servers ask for --------------------------------------------------------------- */

static const struct lgw_cellular_ops *behind(const struct gateway *g, void **state)
{
	const struct source *s = g->way.source;

	return s ? s->ops->cellular(s->ud, state) : NULL;
}

/* To be freed. */
static struct lgw_setting *settings_of(const struct dm_change *c, size_t n)
{
	struct lgw_setting *s = xreallocarray(NULL, n ? n : 1, sizeof(*s));

	for (size_t k = 0; k < n; k++) {
		const struct path *p = &c[k].path;

		s[k] = (struct lgw_setting){ p->id[0], p->id[1], p->id[2],
			p->n == 4 ? p->id[3] : LGW_SINGLE, { .type = LGW_NULL } };
		if (c[k].kind == DM_SET)
			s[k].value = map_plain(&c[k].value);
	}
	return s;
}

static int on_check(void *ud, uint16_t ssid, const struct dm_change *c, size_t n)
{
	void *state;
	const struct lgw_cellular_ops *ops = behind(ud, &state);
	struct lgw_setting *s;
	int r;

	(void)ssid;
	if (!ops)
		return LGW_EUNAVAIL;
	if (!ops->check || !ops->apply)
		return LGW_EOP;
	s = settings_of(c, n);
	r = ops->check(state, s, n);
	free(s);
	return r;
}

/* It is under way if r says so. */
static int keep(struct gateway *g, uint64_t id, int r, struct dm_op *op)
{
	struct cellular_op *o;

	if (r != LGW_PENDING)
		return r;
	o = xcalloc(1, sizeof(*o));
	o->id = id;
	o->op = op;
	LIST_INSERT_HEAD(&g->way.ops, o, next);
	return r;
}

static int on_apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	struct gateway *g = ud;
	void *state;
	const struct lgw_cellular_ops *ops = behind(g, &state);
	struct lgw_setting *s;
	uint64_t id = ++g->way.next_id;
	int r;

	(void)ssid;
	if (!ops || !ops->apply)
		return LGW_EUNAVAIL;
	s = settings_of(c, n);
	r = ops->apply(state, id, s, n);
	free(s);
	return keep(g, id, r, op);
}

static int on_refresh(void *ud, uint16_t ssid, const struct path *p, struct dm_op *op)
{
	struct gateway *g = ud;
	void *state;
	const struct lgw_cellular_ops *ops = behind(g, &state);
	uint64_t id = ++g->way.next_id;

	(void)ssid;
	if (!ops || !ops->refresh)
		return LGW_OK;
	return keep(g, id,
		ops->refresh(
			state, id, p->id[0], p->n > 1 ? p->id[1] : -1, p->n > 2 ? p->id[2] : -1),
		op);
}

static int on_create(void *ud, uint16_t ssid, uint16_t iid)
{
	void *state;
	const struct lgw_cellular_ops *ops = behind(ud, &state);

	(void)ssid;
	return ops && ops->profile_create ? ops->profile_create(state, iid) : LGW_EOP;
}

static int on_remove(void *ud, uint16_t ssid, uint16_t iid)
{
	void *state;
	const struct lgw_cellular_ops *ops = behind(ud, &state);

	(void)ssid;
	return ops && ops->profile_remove ? ops->profile_remove(state, iid) : LGW_EOP;
}

static void on_gone(void *ud, uint16_t iid)
{
	struct gateway *g = ud;
	void *state;
	const struct lgw_cellular_ops *ops = behind(g, &state);

	if (ops && ops->profile_gone && !g->way.removing)
		ops->profile_gone(state, iid);
}

static const struct cellular_backend backend = { on_check, on_apply, on_refresh, on_create,
	on_remove, on_gone };

/* --- its begin and end ------------------------------------------------------------------------ */

bool gateway_cellular_begin(struct source *s)
{
	struct gateway *g = s->gateway;
	int r;

	if (!g->self || g->way.source)
		return false;
	r = object_cellular_add(client_objects(g->self->client), &backend, g);
	if (r)
		log_warning((&(struct log_ctx){ .endpoint = client_endpoint(g->self->client) }),
			"objects 10, 11, 13 not made: %s", err_text(r));
	else
		g->way.source = s;
	return !r;
}

static void op_end(struct cellular_op *o, int status)
{
	struct dm_op *op = o->op;

	LIST_REMOVE(o, next);
	free(o);
	dm_op_done(op, status);
}

void cellular_ops_end(struct gateway *g, int status)
{
	while (!LIST_EMPTY(&g->way.ops))
		op_end(LIST_FIRST(&g->way.ops), status);
}

void gateway_cellular_end(struct source *s)
{
	struct gateway *g = s->gateway;

	if (g->way.source != s)
		return;
	g->way.source = NULL;
	memset(g->way.bearers, 0, sizeof(g->way.bearers));
	cellular_ops_end(g, LGW_EUNAVAIL);
	if (g->self)
		object_cellular_remove(client_objects(g->self->client));
}

/* --- down: what the plugin tells -------------------------------------------------------------- */

static struct value value_down(const struct lgw_value *v)
{
	struct value out = { .type = VT_NONE };

	switch (v->type) {
	case LGW_BOOL:
		return VALUE_BOOL(v->u.b);
	case LGW_INT:
		return VALUE_INT(v->u.i);
	case LGW_REAL:
		return VALUE_FLOAT(v->u.r);
	case LGW_TEXT:
	case LGW_BYTES:
		out.type = v->type == LGW_TEXT ? VT_RAW_STRING : VT_RAW_BYTES;
		out.u.s.p = (const uint8_t *)v->u.s.p;
		out.u.s.len = (uint32_t)v->u.s.len;
		break;
	default:
		break;
	}
	return out;
}

static int set(struct dm *dm, const struct lgw_setting *s)
{
	struct path p = PATH_RES(s->object, s->instance, s->resource);
	struct value v = value_down(&s->value);

	if (s->object != LGW_APN_PROFILE && s->object != LGW_CELLULAR_CONNECTIVITY &&
		s->object != LGW_BEARER_SELECTION)
		return LGW_EINVAL;
	if (s->index >= 0)
		p = PATH_RI(s->object, s->instance, s->resource, s->index);
	if (v.type == VT_NONE)
		return dm_unset(dm, &p) == LGW_EINVAL ? LGW_EINVAL : LGW_OK;
	if (!dm_exists(dm, &PATH_INST(p.id[0], p.id[1]))) {
		int r = p.id[0] == LGW_APN_PROFILE ? dm_instance_add(dm, p.id[0], p.id[1])
						   : LGW_EINVAL;

		if (r < 0)
			return r;
	}
	return dm_set(dm, &p, &v, 0);
}

int gateway_cellular_set(struct source *s, const struct lgw_setting *v, size_t n)
{
	struct gateway *g = s->gateway;
	int r = LGW_OK;

	if (!g->self || g->way.source != s)
		return LGW_ENOENT;
	for (size_t k = 0; k < n; k++)
		if (set(client_dm(g->self->client), &v[k]))
			r = LGW_EINVAL;
	return r;
}

void gateway_cellular_remove(struct source *s, uint16_t profile)
{
	struct gateway *g = s->gateway;

	if (!g->self || g->way.source != s)
		return;
	g->way.removing = true;
	dm_instance_remove(client_dm(g->self->client), LGW_APN_PROFILE, profile);
	g->way.removing = false;
}

/* --- which interface a profile's data connection is on -----------------------------------------
 */

const char *cellular_bearer(const struct gateway *g, uint16_t profile)
{
	for (size_t k = 0; k < CELLULAR_BEARERS_MAX; k++)
		if (g->way.bearers[k].there && g->way.bearers[k].profile == profile)
			return *g->way.bearers[k].interface ? g->way.bearers[k].interface : NULL;
	return g->way.expected ? "" : NULL;
}

void gateway_cellular_expect(struct gateway *g, bool expected)
{
	if (g->way.expected == expected)
		return;
	g->way.expected = expected;
	if (g->self)
		client_bearer_changed(g->self->client, PATH_ID_NONE);
}

int gateway_cellular_bearer(struct source *s, uint16_t profile, const char *interface)
{
	struct gateway *g = s->gateway;
	struct cellular_bearer *b = NULL, *unused = NULL, old = { 0 };

	if (!g->self || g->way.source != s)
		return LGW_ENOENT;
	for (size_t k = 0; k < CELLULAR_BEARERS_MAX; k++) {
		if (g->way.bearers[k].there && g->way.bearers[k].profile == profile)
			b = &g->way.bearers[k];
		else if (!g->way.bearers[k].there)
			unused = &g->way.bearers[k];
	}
	if (!b && !interface)
		return LGW_OK;
	b = b ? b : unused;
	if (!b)
		return LGW_ENOMEM;
	old = *b;
	b->there = interface != NULL;
	b->profile = profile;
	/* A name that the kernel would not have is none. */
	str_copy(b->interface, sizeof(b->interface),
		interface && strlen(interface) < sizeof(b->interface) ? interface : "");
	if (old.there != b->there || strcmp(old.interface, b->interface) != 0)
		client_bearer_changed(g->self->client, profile);
	return LGW_OK;
}

void gateway_cellular_done(struct source *s, uint64_t id, int status)
{
	struct cellular_op *o;

	LIST_FOREACH(o, &s->gateway->way.ops, next)
		if (o->id == id)
			break;
	if (o)
		op_end(o, status);
}
