/* SPDX-License-Identifier: BSD-3-Clause */
/* One device: its client, what is known of it, how it comes and goes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/absent.h"
#include "gateway/firmware.h"
#include "gateway/identity.h"
#include "gateway/keys.h"
#include "gateway/names.h"
#include "gateway/remember.h"
#include "gateway/residue.h"
#include "gateway/software.h"
#include "gateway/state.h"
#include "lwm2m/clients.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/str.h"

LOG_MODULE("gateway");

#define GATHER_MS 300 /* in which the first keys of a new device come */
#define ID_MAX    255

static uint64_t id_hash(const void *key, uint64_t seed)
{
	return map_hash_str(key, seed);
}
static bool id_match(const void *key, const void *item)
{
	return !strcmp(key, ((const struct device *)item)->id);
}
static const void *id_key(const void *item)
{
	return ((const struct device *)item)->id;
}
const struct map_ops device_map_ops = { id_hash, id_match, id_key };

struct device *device_find(struct source *s, const char *id)
{
	return map_get(&s->devices, id);
}

void device_tell(struct device *d)
{
	struct gateway *g = d->gateway;

	if (g->hooks && g->hooks->device_changed && d->client && !d->gone)
		g->hooks->device_changed(g->hooks_ud, d);
}

void device_spoke(struct device *d)
{
	if (!d->rebooting)
		return;
	d->rebooting = false;
	log_info((&(struct log_ctx){ .endpoint = client_endpoint(d->client) }),
		"device is back from its reboot, registering anew");
	client_renew(d->client);
}

/* --- hooks of its client ------------------------------------------------------------------- */

static void on_server_state(void *ud, struct client *c, uint16_t ssid)
{
	(void)c;
	(void)ssid;
	device_tell(ud);
}

static void on_value(void *ud, struct client *c, const struct path *p, const struct value *v,
	int64_t time_ms, bool changed)
{
	struct device *d = ud;
	struct gateway *g = d->gateway;

	(void)c;
	(void)changed;
	/* Not while the client is being made. */
	if (v && d->client && g->hooks && g->hooks->value)
		g->hooks->value(g->hooks_ud, d, p, v, time_ms);
}

static int on_reboot(void *ud, struct client *c, struct dm_op *op)
{
	(void)c;
	return command_execute(ud, &PATH_RES(3, 0, 4), NULL, 0, op);
}

static int on_factory_reset(void *ud, struct client *c, struct dm_op *op)
{
	(void)c;
	return command_execute(ud, &PATH_RES(3, 0, 5), NULL, 0, op);
}

static void on_bootstrap_trigger(void *ud, struct client *c, uint16_t ssid)
{
	struct device *d = ud;
	char text[400];

	snprintf(text, sizeof(text), "Server %u asks %s by SMS for a bootstrap.", ssid,
		client_endpoint(c));
	gateway_alarm(d->gateway, "bootstrap-trigger", text);
}

static const char *on_bearer(void *ud, struct client *c, uint16_t profile)
{
	const struct device *d = ud;

	(void)c;
	return cellular_bearer(d->gateway, profile);
}

/* What a device can be told is known when it comes to be: one table for each case. */
#define HOOKS                                               \
	.server_state = on_server_state, .value = on_value, \
	.bootstrap_trigger = on_bootstrap_trigger, .bearer = on_bearer
static const struct client_hooks hooks_plain = { HOOKS };
static const struct client_hooks hooks_reboot = { HOOKS, .reboot = on_reboot };
static const struct client_hooks hooks_reset = { HOOKS, .factory_reset = on_factory_reset };
static const struct client_hooks hooks_both = { HOOKS, .reboot = on_reboot,
	.factory_reset = on_factory_reset };

static const struct client_hooks *hooks_for(const struct mapping *m)
{
	bool reboot = m && mapping_by_path(m, &PATH_RES(3, 0, 4), true);
	bool reset = m && mapping_by_path(m, &PATH_RES(3, 0, 5), true);

	return reboot ? (reset ? &hooks_both : &hooks_reboot) : reset ? &hooks_reset : &hooks_plain;
}

/* --- facts --------------------------------------------------------------------------------- */

/* /3/0/16: the transports in use (LwM2M 1.1 E.4). */
static const char *binding_of(const struct gateway_params *p)
{
	static const char *const texts[] = { "U", "U", "T", "UT", "S", "US", "TS", "UTS" };
	unsigned used = 0;

	for (size_t k = 0; k < p->nservers; k++) {
		const struct account *a = &p->servers[k].account;

		if (a->sms_number)
			used |= 4;
		if (!str_starts(a->uri, "sms:"))
			used |= strstr(a->uri, "+tcp://") ? 2 : 1;
	}
	return texts[used];
}

void client_params_of(const struct device *d, struct client_params *out, const char *endpoint)
{
	const struct gateway_params *p = d->gateway->params;
	const struct lgw_device_info *i = &d->info;

	*out = (struct client_params){
		.endpoint = endpoint, .servers = p->servers, .nservers = p->nservers
	};
	if (!d->source) {
		out->facts = p->facts;
		out->main = true;
	} else {
		out->facts = (struct device_facts){
			.manufacturer = i->manufacturer,
			.model = i->model,
			.serial = i->serial ? i->serial : d->id,
			.hardware_version = i->hardware_version,
			.firmware_version = i->firmware_version,
			.timezone = p->facts.timezone,
			.utc_offset = p->facts.utc_offset,
		};
	}
	if (fw_version(d))
		out->facts.firmware_version = fw_version(d);
	if (!out->facts.binding)
		out->facts.binding = binding_of(p);
}

void device_show_facts(struct device *d)
{
	struct client_params cp;

	client_params_of(d, &cp, client_endpoint(d->client));
	object_device_set(client_objects(d->client), &cp.facts);
}

void device_texts(struct lgw_device_info *i, const char **out[DEVICE_TEXTS])
{
	out[0] = &i->manufacturer;
	out[1] = &i->model;
	out[2] = &i->serial;
	out[3] = &i->hardware_version;
	out[4] = &i->firmware_version;
	out[5] = &i->name;
}

void gateway_device_info(struct source *s, const char *id, const struct lgw_device_info *info)
{
	struct device *d = device_find(s, id);
	struct lgw_device_info news = *info;
	const char **to[DEVICE_TEXTS], **from[DEVICE_TEXTS];
	bool changed = false;

	if (!d)
		return;
	if (info->firmware_version && !str_eq(d->info.firmware_version, info->firmware_version))
		fw_told_version(d);
	device_texts(&d->info, to);
	device_texts(&news, from);
	for (size_t k = 0; k < DEVICE_TEXTS; k++) {
		if (!*from[k] || str_eq(*to[k], *from[k]))
			continue;
		texts_put(&d->gateway->texts, *to[k]);
		*to[k] = texts_get(&d->gateway->texts, *from[k]);
		changed = true;
	}
	device_show_facts(d);
	if (changed)
		remember_facts(d);
	device_tell(d);
}

void gateway_device_online(struct source *s, const char *id, bool online)
{
	struct device *d = device_find(s, id);
	int64_t code = s->gateway->params->offline_error;

	if (!d || d->online == online)
		return;
	d->online = online;
	if (online)
		device_spoke(d);
	log_info((&(struct log_ctx){ .endpoint = client_endpoint(d->client) }), "device is %s",
		online ? "back" : "offline; its last values stay");
	if (code > 0 && code <= UINT8_MAX)
		client_error(d->client, (uint8_t)code, !online);
	device_tell(d);
}

/* --- coming and going ---------------------------------------------------------------------- */

static struct group *group_of(struct gateway *g, const char *name)
{
	struct group *gr = g->groups;

	while (gr && strcmp(gr->name, name))
		gr = gr->next;
	if (gr)
		return gr;
	gr = xcalloc(1, sizeof(*gr));
	gr->name = xstrdup(name);
	gr->next = g->groups;
	g->groups = gr;
	return gr;
}

static bool group_full(struct gateway *g, struct group *gr, uint32_t own_max)
{
	int64_t max = own_max ? own_max : g->params->max_devices;
	char text[512];

	if (gr->count < max) {
		gr->alarmed = false;
		return false;
	}
	g->count.devices_refused++;
	if (!gr->alarmed) {
		gr->alarmed = true;
		snprintf(text, sizeof(text),
			"\"%s\" has %lld devices, its limit: new ones are refused (max_devices)",
			gr->name, (long long)max);
		gateway_alarm(g, "max-devices", text);
	}
	return true;
}

void device_names(const struct device *d, const char *endpoint, struct name_parts *out)
{
	*out = (struct name_parts){
		.device = d->id,
		.plugin = d->source ? d->source->name : "gateway",
		.machine = d->gateway->machine_id,
		.serial = d->info.serial ? d->info.serial : d->id,
		.name = d->info.name ? d->info.name : d->id,
		.endpoint = endpoint,
	};
}

static int endpoint_of(
	const struct device *d, const char *template, char *out, char *text, size_t size)
{
	struct name_parts parts;

	device_names(d, NULL, &parts);
	return names_endpoint(template, &parts, out, ENDPOINT_MAX + 1, text, size);
}

/* When it spoke last; the gateway itself always does. */
static int64_t seen(const struct device *d)
{
	return d->source ? d->last_reading : timers_wall(d->gateway->env->timers);
}

static int make_client(struct device *d, const char *template, char *text, size_t size)
{
	struct gateway *g = d->gateway;
	char endpoint[ENDPOINT_MAX + 1];
	struct server_params servers[SERVERS_MAX];
	struct client_params cp;
	struct name_parts names;
	int r;

	if (strlen(d->id) > ID_MAX) {
		snprintf(text, size, "device \"%.40s...\" has an id of more than %d bytes", d->id,
			ID_MAX);
		return LGW_ETOOBIG;
	}
	r = endpoint_of(d, template, endpoint, text, size);
	if (r)
		return r;
	if (clients_find(g->env->clients, endpoint)) {
		snprintf(text, size, "endpoint name \"%s\" is taken by another device", endpoint);
		return LGW_EEXIST;
	}
	device_names(d, endpoint, &names);
	if (!identity_claim(g->identities, endpoint, names.plugin, d->id, seen(d))) {
		snprintf(text, size,
			"endpoint name \"%s\" is kept for another device, which had it before",
			endpoint);
		return LGW_EEXIST;
	}
	client_params_of(d, &cp, endpoint);
	r = keys_make(g->params, &names, !d->source, servers, &cp.nservers, text, size);
	if (r)
		return r;
	cp.servers = servers;
	d->client = client_new(g->env, &cp, hooks_for(d->mapping), d, &r);
	keys_drop(servers, cp.nservers);
	if (!d->client)
		snprintf(text, size, "%s: client not made: %s", endpoint, err_text(r));
	else
		device_standard(d);
	return r;
}

void device_renew(const struct device *d)
{
	const char *endpoint = client_endpoint(d->client);
	struct name_parts names;

	device_names(d, endpoint, &names);
	identity_renew(d->gateway->identities, endpoint, names.plugin, d->id, seen(d));
}

static void device_release(struct device *d)
{
	struct texts *texts = &d->gateway->texts;
	const char **facts[DEVICE_TEXTS];

	fw_free(d->fw);
	sw_free(d->sw);
	absent_free(d);
	if (d->leftover)
		residue_remove(d->leftover);
	free(d->leftover);
	free(d->keys);
	texts_put(texts, d->map);
	device_texts(&d->info, facts);
	for (size_t k = 0; k < DEVICE_TEXTS; k++)
		texts_put(texts, *facts[k]);
	free(d);
}

static void wait_for_start(struct device *d)
{
	struct gateway *g = d->gateway;

	if (!d->waits)
		TAILQ_INSERT_TAIL(&g->starts, d, next_start);
	d->waits = true;
	if (!timer_armed(&g->start_timer))
		timer_set(g->env->timers, &g->start_timer, timers_now(g->env->timers) + GATHER_MS);
}

void device_reset(struct device *d)
{
	d->reset = true;
	wait_for_start(d);
}

static struct device *device_new(struct gateway *g, const char *id)
{
	size_t size = strlen(id) + 1;
	struct device *d = xcalloc(1, offsetof(struct device, id) + size);

	memcpy(d->id, id, size);
	d->gateway = g;
	d->online = true;
	return d;
}

struct device *device_make(struct source *s, const struct lgw_reading *r, int64_t seen_ms)
{
	struct gateway *g = s->gateway;
	struct group *gr = group_of(g, r->group ? r->group : s->name);
	struct device *d;
	char text[512];

	if (g->is_stopping || (!seen_ms && group_full(g, gr, r->max_devices)))
		return NULL;
	d = device_new(g, r->device);
	d->source = s;
	d->map = texts_get(&g->texts, r->map);
	d->mapping = maps_find(g->maps, r->map);
	d->optimistic = r->optimistic;
	d->last_reading = seen_ms ? seen_ms : timers_wall(g->env->timers);
	if (make_client(d, g->params->endpoint, text, sizeof(text))) {
		g->count.devices_refused++;
		if (told_first(&g->refused, d->id))
			gateway_alarm(g, "device-refused", text);
		device_release(d);
		return NULL;
	}
	d->group = gr;
	gr->count++;
	map_put(&s->devices, d);
	log_info((&(struct log_ctx){ .endpoint = client_endpoint(d->client) }),
		"device \"%s\" of %s %s", d->id, s->name, seen_ms ? "is remembered" : "found");
	if (!seen_ms) {
		revive(d);
		remember_facts(d);
	}
	if (g->hooks && g->hooks->device_added)
		g->hooks->device_added(g->hooks_ud, d);
	wait_for_start(d);
	return d;
}

int device_make_self(struct gateway *g, char *text, size_t size)
{
	const char *template = g->params->gateway_endpoint;
	struct device *d;
	int r;

	if (!template || !*template)
		return LGW_OK;
	d = device_new(g, "");
	r = make_client(d, template, text, size);
	if (r) {
		device_release(d);
		return r;
	}
	g->self = d;
	if (g->hooks && g->hooks->device_added)
		g->hooks->device_added(g->hooks_ud, d);
	return LGW_OK;
}

void starts_begin(struct gateway *g)
{
	double pace = g->params->new_devices_per_s > 0 ? g->params->new_devices_per_s : 50;
	struct device *d = TAILQ_FIRST(&g->starts);
	int64_t gap = (int64_t)(1000 / pace);

	/* Faster than one a millisecond: several at once. */
	for (unsigned n = pace > 1000 ? (unsigned)(pace / 1000) + 1 : 1; n && d; n--) {
		TAILQ_REMOVE(&g->starts, d, next_start);
		d->waits = false;
		if (d->reset) {
			log_notice((&(struct log_ctx){ .endpoint = client_endpoint(d->client) }),
				"reset by a server: nothing of before is kept");
			client_forget(d->client);
			remember_forget(g->env->store, client_endpoint(d->client));
			device_leave(d);
		} else {
			d->started = true;
			client_start(d->client);
		}
		d = TAILQ_FIRST(&g->starts);
	}
	if (d)
		timer_set(g->env->timers, &g->start_timer,
			timers_now(g->env->timers) + (gap > 1 ? gap : 1));
}

/* Out of all lists; nobody finds it any more. */
static void detach(struct device *d)
{
	struct gateway *g = d->gateway;

	if (d->gone)
		return;
	if (g->hooks && g->hooks->device_removed)
		g->hooks->device_removed(g->hooks_ud, d);
	d->gone = true;
	remember_leave(d);
	commands_drop(d, LGW_ECANCELED);
	if (d->waits)
		TAILQ_REMOVE(&g->starts, d, next_start);
	d->waits = false;
	if (d->source)
		map_take(&d->source->devices, d->id);
	if (d->group)
		d->group->count--;
	d->source = NULL;
	if (g->self == d)
		g->self = NULL;
}

void device_free(struct device *d)
{
	detach(d);
	client_free(d->client);
	device_release(d);
}

static void left(void *ud)
{
	struct device *d = ud;
	struct gateway *g = d->gateway;

	TAILQ_REMOVE(&g->leaving, d, next_start);
	client_free(d->client);
	device_release(d);
	if (!--g->stopping && g->stopped) {
		void (*stopped)(void *) = g->stopped;

		g->stopped = NULL;
		stopped(g->stopped_ud);
	}
}

void device_leave(struct device *d)
{
	struct gateway *g = d->gateway;

	detach(d);
	g->stopping++;
	TAILQ_INSERT_TAIL(&g->leaving, d, next_start);
	client_stop(d->client, g->params->stop_timeout_ms, left, d);
}

int device_forget(struct device *d)
{
	const char *endpoint = client_endpoint(d->client);
	struct gateway *g = d->gateway;

	if (!d->source)
		return LGW_EOP;
	log_info((&(struct log_ctx){ .endpoint = endpoint }), "device is gone for good");
	client_forget(d->client);
	identity_forget(g->identities, endpoint);
	remember_forget(g->env->store, endpoint);
	if (g->params->firmware.directory)
		d->leftover = residue_dir(d);
	device_leave(d);
	return LGW_OK;
}

void gateway_device_remove(struct source *s, const char *id)
{
	struct device *d = device_find(s, id);

	if (d)
		device_forget(d);
}
