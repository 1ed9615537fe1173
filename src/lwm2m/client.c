/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/client.h"
#include <stdlib.h>
#include <string.h>
#include "lwm2m/announce.h"
#include "lwm2m/clients.h"
#include "lwm2m/observe.h"
#include "lwm2m/regist.h"
#include "lwm2m/report.h"
#include "lwm2m/resume.h"
#include "lwm2m/server.h"
#include "lwm2m/shared.h"
#include "lwm2m/stop.h"
#include "lwm2m/written.h"
#include "objects/access.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

#define ANSWER_MS \
	100 /* the answer to a Write, which waits for the disk, leaves before the Update */
#define BEARER_MS        1000 /* and before its way is closed, which would lose it */
#define DISABLE_PAUSE_MS 1000
#define LIST_DELAY_MS    200 /* objects and instances that come together are told together */

/* --- what the model tells ------------------------------------------------------------------ */

static void model_value(
	void *ud, const struct path *p, const struct value *v, int64_t time_ms, bool changed)
{
	struct client *c = ud;

	if (!c->quiet)
		report_value(c, p, v, time_ms, changed);
	if (c->notes && changed)
		written_follow(c, p, v);
	if (c->hooks->value)
		c->hooks->value(c->ud, c, p, v, time_ms, changed);
}

static void model_structure(void *ud)
{
	struct client *c = ud;

	for (struct server *s = c->servers; s; s = s->next)
		regist_want(s, WANT_UPDATE | WANT_LIST, LIST_DELAY_MS);
	report_structure(c);
}

static int model_access(void *ud, uint16_t ssid, const struct path *p, enum dm_right right)
{
	return access_may(((struct client *)ud)->dm, ssid, p, right);
}

static void model_instance(void *ud, uint16_t ssid, const struct path *p, bool there)
{
	struct client *c = ud;
	struct access_grant g[SERVERS_MAX];

	/* With one server nothing is kept (§7.3). */
	if (c->objects && dm_exists(c->dm, &PATH_OBJ(2)))
		access_instance(c->objects, ssid, p, there, g, server_grants(c, g));
	written_instance(c, ssid, p, there);
}

static void model_written(void *ud, uint16_t ssid, const struct path *p, const struct value *v)
{
	written_value(ud, ssid, p, v);
}

static void model_attrs(void *ud, uint16_t ssid, const struct path *p, const struct attrs *a)
{
	written_attrs(ud, ssid, p, a);
}

static const struct dm_hooks model_hooks = {
	.value = model_value,
	.structure = model_structure,
	.access = model_access,
	.instance = model_instance,
	.written = model_written,
	.attrs = model_attrs,
};

/* --- what objects need --------------------------------------------------------------------- */

static int64_t env_wall(void *ud)
{
	struct client *c = ud;

	return timers_wall(client_timers(c));
}

static void env_server_changed(void *ud, uint16_t iid, uint16_t rid)
{
	struct client *c = ud;
	struct path ssid = PATH_RES(1, iid, 0);
	struct account a;
	struct value v;
	int64_t delay = c->env->store ? ANSWER_MS : 0;
	struct server *s;

	if (dm_get(c->dm, &ssid, &v, NULL))
		return;
	s = server_find(c, (uint16_t)v.u.i);
	if (!s || server_account(s, &a))
		return;
	if (rid == 1 && a.lifetime != s->lifetime)
		regist_want(s, WANT_UPDATE, delay);
	else if (rid == 6)
		observe_storing(s);
	else if (rid == 7)
		regist_want(s, WANT_UPDATE | WANT_BINDING, delay);
	else if (rid == 10)
		bearer_changed(s, delay ? BEARER_MS : 0);
	server_periods(s);
	report_replan(s, NULL);
}

static int env_want(void *ud, uint16_t ssid, unsigned want)
{
	struct server *s = server_find(ud, ssid);

	if (!s)
		return LGW_ENOENT;
	/* A De-register that overtook the answer to the Disable would end that for some servers. */
	regist_want(s, want, want & WANT_DISABLE ? DISABLE_PAUSE_MS : 0);
	return LGW_OK;
}

static int env_disable(void *ud, uint16_t ssid)
{
	return env_want(ud, ssid, WANT_DISABLE);
}

static int env_update(void *ud, uint16_t ssid)
{
	return env_want(ud, ssid, WANT_UPDATE);
}

static void env_keep(void *ud, const struct path *p, const struct value *v)
{
	written_kept(ud, p, v);
}

static int env_reboot(void *ud, struct dm_op *op)
{
	struct client *c = ud;

	return c->hooks->reboot(c->ud, c, op);
}

static int env_factory_reset(void *ud, struct dm_op *op)
{
	struct client *c = ud;

	return c->hooks->factory_reset(c->ud, c, op);
}

static const struct client_hooks no_hooks = { 0 };

#define OBJ_ENV(reboot_, factory_reset_)                                                      \
	{                                                                                     \
		.wall_ms = env_wall, .server_changed = env_server_changed,                    \
		.server_disable = env_disable, .server_update = env_update, .keep = env_keep, \
		.reboot = (reboot_), .factory_reset = (factory_reset_)                        \
	}
/* By what the owner offers: reboot, factory reset. */
static const struct obj_env obj_envs[2][2] = {
	{ OBJ_ENV(NULL, NULL), OBJ_ENV(NULL, env_factory_reset) },
	{ OBJ_ENV(env_reboot, NULL), OBJ_ENV(env_reboot, env_factory_reset) },
};

/* --- life ---------------------------------------------------------------------------------- */

int client_params_check(const struct client_params *p)
{
	size_t len = p->endpoint ? strlen(p->endpoint) : 0;

	if (len < 1 || len > ENDPOINT_MAX || !str_utf8_valid(p->endpoint, len))
		return LGW_EINVAL;
	if (p->nservers > SERVERS_MAX)
		return LGW_ETOOBIG;
	for (size_t i = 0; i < p->nservers; i++)
		for (size_t k = 0; k < i; k++)
			if (p->servers[k].account.ssid == p->servers[i].account.ssid)
				return LGW_EEXIST;
	return LGW_OK;
}

static int fill(struct client *c, const struct client_params *p)
{
	const struct obj_env *env =
		&obj_envs[c->hooks->reboot != NULL][c->hooks->factory_reset != NULL];
	int r;

	c->objects = objects_new(c->dm, c->env->defs, env, c);
	if (!c->objects)
		return LGW_ENOENT; /* definitions of the objects 0, 1, 3 are missing */
	for (size_t i = 0; i < p->nservers; i++) {
		r = server_add(c, conf_get(c->env->clients, &p->servers[i]));
		if (r)
			return r;
	}
	return object_device_set(c->objects, &p->facts);
}

struct client *client_new(struct lwm2m_env *env, const struct client_params *p,
	const struct client_hooks *hooks, void *ud, int *err)
{
	struct client *c;

	*err = client_params_check(p);
	if (*err)
		return NULL;
	c = xcalloc(1, offsetof(struct client, endpoint) + strlen(p->endpoint) + 1);
	memcpy(c->endpoint, p->endpoint, strlen(p->endpoint) + 1);
	c->env = env;
	c->hooks = hooks ? hooks : &no_hooks;
	c->ud = ud;
	c->main = p->main;
	*err = shared_add(c);
	if (*err) {
		free(c);
		return NULL;
	}
	c->dm = dm_new(&model_hooks, c);
	*err = fill(c, p);
	if (*err < 0) {
		client_free(c);
		return NULL;
	}
	*err = LGW_OK;
	observe_load(c);
	written_load(c);
	return c;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	stop_free(c);
	while (c->servers)
		server_free(c->servers);
	written_fini(c);
	dm_free(c->dm);
	objects_free(c->objects);
	bearer_looked(c);
	shared_remove(c);
	pace_run(c->env);
	free(c);
}

int client_start(struct client *c)
{
	size_t started = 0;
	int r = LGW_OK, one;

	stop_free(c);
	c->running = true;
	written_replay(c, &PATH_ROOT);
	for (struct server *s = c->servers; s; s = s->next) {
		one = server_start(s);
		if (one)
			r = one;
		else
			started++;
	}
	return started ? LGW_OK : r;
}

/* --- what the owner asks ------------------------------------------------------------------- */

struct dm *client_dm(struct client *c)
{
	return c->dm;
}

const char *client_endpoint(const struct client *c)
{
	return c->endpoint;
}

void *client_ud(const struct client *c)
{
	return c->ud;
}

void client_late(struct client *c, const struct path *p, const struct value *v, int64_t time_ms)
{
	report_late(c, p, v, time_ms);
}

struct objects *client_objects(struct client *c)
{
	return c->objects;
}

const struct server_params *client_server(const struct client *c, uint16_t ssid)
{
	const struct server *s = server_find(c, ssid);

	return s ? &s->conf->p : NULL;
}

void client_error(struct client *c, uint8_t code, bool present)
{
	object_device_error(c->objects, code, present);
}

static void update_now(struct server *s)
{
	s->pause_ms = 0; /* where an attempt is under way, the next one follows it soon */
	if (s->state == SERVER_RETRYING)
		s->due_ms = client_now(s->client);
	regist_want(s, WANT_UPDATE, 0);
}

int client_update(struct client *c, uint16_t ssid)
{
	int r = ssid ? LGW_ENOENT : LGW_OK;

	for (struct server *s = c->servers; s; s = s->next) {
		if (s->retiring || (ssid && s->ssid != ssid))
			continue;
		update_now(s);
		r = LGW_OK;
	}
	return r;
}

void client_renew(struct client *c)
{
	for (struct server *s = c->servers; s; s = s->next)
		if (!s->retiring && s->registered)
			regist_want(s, WANT_REGISTER, 0);
}

void client_quiet(struct client *c, bool quiet)
{
	c->quiet = quiet;
}

void client_recall(struct client *c, const struct path *p)
{
	written_replay(c, p);
}

void client_forget(struct client *c)
{
	written_forget(c);
	for (struct server *s = c->servers; s; s = s->next) {
		observe_purge(s);
		resume_forget(s);
	}
}

bool client_server_info(const struct client *c, size_t i, struct server_info *out)
{
	const struct server *s = c->servers;

	while (s && (i || s->retiring)) {
		i -= !s->retiring;
		s = s->next;
	}
	if (s)
		server_info(s, out);
	return s != NULL;
}
