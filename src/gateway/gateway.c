/* SPDX-License-Identifier: BSD-3-Clause */
/* The whole: sources, start and end, reload, and what the bus asks. */
#include "gateway/gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/firmware.h"
#include "gateway/hook.h"
#include "gateway/identity.h"
#include "gateway/keys.h"
#include "gateway/names.h"
#include "gateway/remember.h"
#include "gateway/residue.h"
#include "gateway/state.h"
#include "lwm2m/clients.h"
#include "store/store.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/str.h"

LOG_MODULE("gateway");

static void start_due(struct timer *t, void *ud)
{
	(void)t;
	starts_begin(ud);
}

int gateway_params_check(
	const struct gateway_params *p, const struct objdefs *defs, char *text, size_t size)
{
	static const struct name_parts example = { .device = "device",
		.plugin = "plugin",
		.machine = "machine",
		.serial = "serial",
		.name = "name" };
	struct maps *m = maps_new(p, defs, text, size);
	char out[ENDPOINT_MAX + 1];
	int r = m ? standard_check(p, text, size) : LGW_EINVAL;

	if (!r)
		r = firmware_check("firmware", p->firmware.hook, &p->firmware.rules, text, size);
	if (!r)
		r = firmware_check("software", p->software.hook, &p->software.rules, text, size);
	if (!r && p->location_hook && *p->location_hook && !hook_name_valid(p->location_hook)) {
		snprintf(text, size, "gateway.location_hook: \"%s\" is no name of a hook",
			p->location_hook);
		r = LGW_EINVAL;
	}
	if (!r)
		r = names_endpoint(p->endpoint, &example, out, sizeof(out), text, size);
	if (!r && p->gateway_endpoint && *p->gateway_endpoint)
		r = names_endpoint(p->gateway_endpoint, &example, out, sizeof(out), text, size);
	maps_free(m);
	return r;
}

struct gateway *gateway_new(struct lwm2m_env *env, const struct gateway_params *params,
	const char *machine_id, int *err, char *text, size_t size)
{
	struct gateway *g = xcalloc(1, sizeof(*g));

	g->env = env;
	g->params = params;
	str_copy(g->machine_id, sizeof(g->machine_id), machine_id);
	g->network.bearer = g->bearer = -1;
	LIST_INIT(&g->commands);
	LIST_INIT(&g->kept);
	LIST_INIT(&g->way.ops);
	TAILQ_INIT(&g->starts);
	TAILQ_INIT(&g->leaving);
	timer_init(&g->start_timer, start_due, g);
	remember_begin(g);
	g->maps = maps_new(params, env->defs, text, size);
	if (!g->maps) {
		*err = LGW_EINVAL;
		free(g);
		return NULL;
	}
	g->identities = identities_new(env->store, env->timers, params->remember_ms);
	*err = LGW_OK;
	return g;
}

void gateway_set_hooks(struct gateway *g, const struct gateway_hooks *hooks, void *ud)
{
	g->hooks = hooks;
	g->hooks_ud = ud;
}

void gateway_set_parcels(struct gateway *g, const struct parcel_env *env)
{
	g->parcels = env;
}

int gateway_start(struct gateway *g)
{
	char text[512];
	int r = device_make_self(g, text, sizeof(text));

	if (r) {
		log_err(NULL, "the gateway's own client: %s", text);
		return r;
	}
	g->started = true;
	residue_begin(g);
	if (g->self) {
		g->self->started = true;
		client_start(g->self->client);
		position_begin(g);
	}
	return LGW_OK;
}

/* --- reload -------------------------------------------------------------------------------- */

static void renew(struct gateway *g, struct device *d)
{
	const char *endpoint = client_endpoint(d->client);
	struct server_params servers[SERVERS_MAX];
	struct client_params cp;
	struct name_parts names;
	char text[512];

	if (d->source) {
		d->mapping = maps_find(g->maps, d->map);
		if (!d->mapping) /* its map is gone from the configuration: the default one */
			d->mapping = maps_find(g->maps, NULL);
		d->nkeys = 0; /* the rules behind them are gone */
	}
	client_params_of(d, &cp, endpoint);
	cp.servers = servers;
	device_names(d, endpoint, &names);
	if (keys_make(g->params, &names, !d->source, servers, &cp.nservers, text, sizeof(text))) {
		log_err((&(struct log_ctx){ .endpoint = endpoint }), "not changed: %s", text);
	} else {
		client_reconfigure(d->client, &cp);
		keys_drop(servers, cp.nservers);
	}
	device_standard(d);
	device_tell(d);
}

int gateway_reload(struct gateway *g, const struct gateway_params *params)
{
	char text[512];
	struct maps *maps = maps_new(params, g->env->defs, text, sizeof(text)), *old = g->maps;
	size_t it = 0;
	struct device *d;

	if (!maps) {
		log_err(NULL, "maps not changed: %s", text);
		return LGW_EINVAL;
	}
	commands_drop_all(g, LGW_EUNAVAIL);
	remember_all(g); /* by the rules that its values came by */
	g->params = params;
	g->refused.n = 0;
	g->maps = maps;
	while ((d = gateway_next(g, &it)))
		renew(g, d);
	position_begin(g);
	maps_free(old);
	return LGW_OK;
}

/* --- the end ------------------------------------------------------------------------------- */

void gateway_stop(struct gateway *g, void (*done)(void *ud), void *ud)
{
	struct source *s;

	g->is_stopping = true;
	g->stopped = done;
	g->stopped_ud = ud;
	commands_drop_all(g, LGW_EUNAVAIL);
	remember_all(g);
	g->stopping++; /* until all are told */
	for (s = g->sources; s; s = s->next) {
		struct device *d;
		size_t it = 0;

		while ((d = map_next(&s->devices, &it))) {
			device_leave(d);
			it = 0; /* the map moved */
		}
	}
	if (g->self)
		device_leave(g->self);
	if (!--g->stopping) {
		g->stopped = NULL;
		done(ud);
	}
}

static void source_free(struct source *s)
{
	struct source **at = &s->gateway->sources;
	struct device *d;
	size_t it = 0;

	gateway_cellular_end(s);
	while ((d = map_next(&s->devices, &it))) {
		device_free(d);
		it = 0;
	}
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	marks_fini(&s->marks);
	map_fini(&s->devices);
	free(s->name);
	free(s);
}

void gateway_free(struct gateway *g)
{
	struct group *gr;
	struct device *d;

	if (!g)
		return;
	commands_drop_all(g, LGW_ECANCELED);
	cellular_ops_end(g, LGW_ECANCELED);
	position_free(g);
	while (g->sources)
		source_free(g->sources);
	if (g->self)
		device_free(g->self);
	while ((d = TAILQ_FIRST(&g->leaving))) {
		TAILQ_REMOVE(&g->leaving, d, next_start);
		device_free(d);
	}
	while ((gr = g->groups)) {
		g->groups = gr->next;
		free(gr->name);
		free(gr);
	}
	timer_del(g->env->timers, &g->start_timer);
	remember_end(g);
	if (g->started)
		residue_end(g);
	maps_free(g->maps);
	kept_free(&g->kept);
	identities_free(g->identities);
	free(g);
}

/* --- sources ------------------------------------------------------------------------------- */

struct source *gateway_source_add(
	struct gateway *g, const char *name, const struct source_ops *ops, void *ud)
{
	struct source *s = xcalloc(1, sizeof(*s));

	s->gateway = g;
	s->name = xstrdup(name);
	s->ops = ops;
	s->ud = ud;
	map_init(&s->devices, &device_map_ops);
	marks_init(&s->marks, g->env->store, s->name);
	kept_load(&g->kept, g->env->store, s->name);
	s->next = g->sources;
	g->sources = s;
	return s;
}

void gateway_source_ready(struct source *s)
{
	revive_all(s);
}

void gateway_source_remove(struct source *s)
{
	struct device *d;
	size_t it = 0;

	remember_all(s->gateway);
	while ((d = map_next(&s->devices, &it))) {
		device_leave(d);
		it = 0;
	}
	source_free(s);
}

int gateway_keep(struct source *s, const char *name, const void *p, size_t len)
{
	struct lwm2m_env *env = s->gateway->env;
	int r = kept_put(&s->gateway->kept, env->store, s->name, name, p, len);

	/* A server's write that led to this is answered when it is durable. */
	if (!r && env->store && !store_failing(env->store))
		clients_noted(env->clients);
	return r;
}

int gateway_kept(struct source *s, const char *name, void *buf, size_t size)
{
	return kept_get(&s->gateway->kept, s->name, name, buf, size);
}

void gateway_note_again(struct gateway *g)
{
	struct device *d;
	size_t it = 0;

	identities_again(g->identities);
	while ((d = gateway_next(g, &it))) {
		device_renew(d);
		if (d->source)
			remember_again(d);
	}
	for (struct source *s = g->sources; s; s = s->next)
		marks_again(&s->marks);
	kept_again(&g->kept, g->env->store);
}

struct batch_done {
	lgw_batch_fn done;
	void *ud;
};

static void batch_durable(void *ud, int status)
{
	struct batch_done *b = ud;

	b->done(b->ud, status);
	free(b);
}

/* Marks are kept where the batch had an effect that is stored. */
static void apply_batch(struct source *s, const struct lgw_reading *r, size_t n, uint64_t before)
{
	struct store *store = s->gateway->env->store;
	uint64_t *marks = xreallocarray(NULL, n + 1, sizeof(*marks));
	size_t nmarks = 0;

	for (size_t k = 0; k < n; k++) {
		if (marks_known(&s->marks, r[k].mark)) {
			s->gateway->count.repeated++;
			continue;
		}
		if (r[k].mark)
			marks[nmarks++] = r[k].mark;
		reading_apply(s, &r[k]);
	}
	if (nmarks && store && store_changes(store) != before)
		marks_add(&s->marks, marks, nmarks);
	free(marks);
}

void gateway_forget_marks(struct source *s, uint8_t from)
{
	marks_forget(&s->marks, from);
}

void gateway_submit(
	struct source *s, const struct lgw_reading *r, size_t n, lgw_batch_fn done, void *ud)
{
	struct store *store = s->gateway->env->store;
	uint64_t before = store ? store_changes(store) : 0;
	struct batch_done *b;

	if (store)
		store_begin(store);
	apply_batch(s, r, n, before);
	if (store)
		store_end(store);
	if (!done)
		return;
	if (!store || store_changes(store) == before) {
		done(ud, LGW_OK); /* nobody waits for them */
		return;
	}
	b = xcalloc(1, sizeof(*b));
	b->done = done;
	b->ud = ud;
	store_barrier(store, batch_durable, b);
}

/* --- for the bus --------------------------------------------------------------------------- */

void gateway_alarm(struct gateway *g, const char *name, const char *text)
{
	log_warning(NULL, "%s", text);
	if (g->hooks && g->hooks->alarm)
		g->hooks->alarm(g->hooks_ud, name, text);
}

const struct gateway_counters *gateway_counters(const struct gateway *g)
{
	return &g->count;
}

struct device *gateway_find(struct gateway *g, const char *endpoint)
{
	struct client *c = clients_find(g->env->clients, endpoint);
	struct device *d = c ? client_ud(c) : NULL;

	return d && !d->gone ? d : NULL;
}

struct device *gateway_next(struct gateway *g, size_t *it)
{
	struct client *c;

	while ((c = clients_next(g->env->clients, it))) {
		struct device *d = client_ud(c);

		if (!d->gone)
			return d;
	}
	return NULL;
}

size_t gateway_registered(const struct gateway *g)
{
	return clients_registered(g->env->clients);
}

struct store *gateway_store(const struct gateway *g)
{
	return g->env->store;
}

const struct objdefs *gateway_defs(const struct gateway *g)
{
	return g->env->defs;
}

size_t gateway_count(const struct gateway *g)
{
	size_t n = g->self ? 1 : 0;

	for (const struct source *s = g->sources; s; s = s->next)
		n += map_count(&s->devices);
	return n;
}

struct client *device_client(struct device *d)
{
	return d->client;
}

const char *device_id(const struct device *d)
{
	return d->id;
}

const char *device_source(const struct device *d)
{
	return d->source ? d->source->name : "gateway";
}

const char *device_name(const struct device *d)
{
	return d->info.name ? d->info.name : d->id;
}

bool device_online(const struct device *d)
{
	return d->online;
}

int64_t device_last_reading(const struct device *d)
{
	return d->last_reading;
}

int device_write(
	struct device *d, const struct path *p, const struct value *v, dm_done_fn done, void *ud)
{
	struct dm *dm = client_dm(d->client);
	const struct objdef *o = p->n >= 3 ? dm_object_def(dm, p->id[0]) : NULL;
	const struct resdef *r = o ? objdef_res(o, p->id[2]) : NULL;
	struct record rec = { .path = *p, .value = *v };
	struct dm_txn *t;
	int e;

	if (r && !(r->ops & RES_W))
		return LGW_EOP;
	e = dm_txn_begin(dm, 0, DM_UPDATE, p, &t);
	if (e)
		return e;
	e = dm_txn_add(t, &rec);
	if (e) {
		dm_txn_abort(t);
		return e;
	}
	return dm_txn_commit(t, done, ud, NULL, NULL);
}

int device_execute(
	struct device *d, const struct path *p, const char *args, dm_done_fn done, void *ud)
{
	return dm_execute(client_dm(d->client), 0, p, (const uint8_t *)args,
		args ? strlen(args) : 0, done, ud);
}

void gateway_self_memory(struct gateway *g, int64_t free_kb, int64_t total_kb)
{
	struct dm *dm = g->self ? client_dm(g->self->client) : NULL;

	if (!dm)
		return;
	dm_set(dm, &PATH_RES(3, 0, 10), &VALUE_INT(free_kb), 0);
	dm_set(dm, &PATH_RES(3, 0, 21), &VALUE_INT(total_kb), 0);
}
