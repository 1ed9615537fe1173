/* SPDX-License-Identifier: BSD-3-Clause */
/* Files in their order, merged into one; then checked as a whole. */
#include "conf/conf.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf/credentials.h"
#include "conf/oscore.h"
#include "conf/scan.h"
#include "conf/schema.h"
#include "conf/servers.h"
#include "conf/tables.h"
#include "gateway/names.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

#define FILE_MAX (4 * 1024 * 1024)

struct plugin_entry {
	char *name;
	const struct lgw_plugin *desc;
	void *conf;
};

struct conf {
	struct root_conf root;
	struct server_params *servers;
	struct oscore_conf *oscore; /* one for each; borrows from root */
	const char **whom;          /* likewise */
	struct plugin_entry *entries;
	size_t nentries;
	struct plugin_conf *plugins;
	struct objdefs *defs;
	struct creds *creds;
	bool begun;
	char *file, *plugindir, *sharedir;
};

struct loading {
	struct conf *c;
	struct conf_errors *errors;
	bool trust;
	struct lgw_list maps; /* that options name, of struct schema_map */
};

static struct schema_ctx ctx_of(struct loading *l, const char *file)
{
	return (struct schema_ctx){
		.errors = l->errors, .file = file, .trust = l->trust, .maps = &l->maps
	};
}

/* What a check says may begin with its place, "FILE:LINE: ". */
static void complain_at(struct loading *l, const char *key, const char *text)
{
	const char *end = strstr(text, ": "), *p = end;

	while (p && p > text && p[-1] >= '0' && p[-1] <= '9')
		p--;
	if (p && p < end && p > text && p[-1] == ':') {
		char *where = xasprintf("%.*s", (int)(end - text), text);

		conf_complain(l->errors, where, NULL, key, "%s", end + 2);
		free(where);
	} else {
		conf_complain(l->errors, l->c->file, NULL, key, "%s", text);
	}
}

/* The folder of a file; the caller frees it. */
static char *dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? xasprintf("%.*s", (int)(slash - path), path) : xstrdup(".");
}

/* --- one file ------------------------------------------------------------------------------ */

static struct plugin_entry *entry_of(struct conf *c, const char *name)
{
	for (size_t k = 0; k < c->nentries; k++)
		if (!strcmp(c->entries[k].name, name))
			return &c->entries[k];
	return NULL;
}

static void take_plugin(struct loading *l, const char *file, const config_setting_t *s)
{
	const char *name = config_setting_name(s);
	struct schema_ctx ctx = ctx_of(l, file);
	struct plugin_entry *e = entry_of(l->c, name);
	char text[512];
	bool fresh = !e;

	snprintf(ctx.path, sizeof(ctx.path), "plugins.%s", name);
	if (!config_setting_is_group(s)) {
		conf_complain(l->errors, file, s, ctx.path, "expected a group { … }");
		return;
	}
	if (fresh) {
		const struct lgw_plugin *desc =
			plugins_load(l->c->plugindir, name, text, sizeof(text));

		if (!desc) {
			conf_complain(l->errors, file, s, ctx.path,
				"no such plugin: %s (is its package installed?)", text);
			return;
		}
		l->c->entries =
			xreallocarray(l->c->entries, l->c->nentries + 1, sizeof(*l->c->entries));
		e = &l->c->entries[l->c->nentries++];
		*e = (struct plugin_entry){ xstrdup(name), desc, xcalloc(1, desc->conf_size) };
	}
	if (e->desc->options)
		schema_fill(&ctx, e->desc->options, e->conf, e->desc->conf_size, s, fresh);
}

static void take_root(struct loading *l, const char *file, config_t *cfg)
{
	struct schema_ctx ctx = ctx_of(l, file);
	config_setting_t *root = config_root_setting(cfg);
	config_setting_t *plugins = config_setting_get_member(root, "plugins");

	if (plugins && !config_setting_is_group(plugins))
		conf_complain(l->errors, file, plugins, "plugins", "expected a group { … }");
	for (int k = 0;
		plugins && config_setting_is_group(plugins) && k < config_setting_length(plugins);
		k++)
		take_plugin(l, file, config_setting_get_elem(plugins, (unsigned)k));
	if (plugins) /* their tables are their own */
		config_setting_remove(root, "plugins");
	schema_fill(&ctx, conf_root_table, &l->c->root, sizeof(l->c->root), root, !l->c->begun);
	l->c->begun = true;
}

static char *slurp(const char *path, size_t *len, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	char *p;

	if (!f) {
		snprintf(text, size, "%m");
		return NULL;
	}
	p = xmalloc(FILE_MAX + 1);
	*len = fread(p, 1, FILE_MAX + 1, f);
	if (ferror(f) || *len > FILE_MAX) {
		snprintf(text, size, "%s", ferror(f) ? "cannot be read" : "larger than 4 MiB");
		free(p);
		p = NULL;
	} else {
		p[*len] = '\0';
	}
	fclose(f);
	return p;
}

static void take_file(struct loading *l, const char *path)
{
	char text[256], *dir, *p;
	size_t len = 0;
	unsigned line;
	config_t cfg;

	p = slurp(path, &len, text, sizeof(text));
	if (!p) {
		conf_complain(l->errors, path, NULL, "", "%s", text);
		return;
	}
	line = scan_overflow(p, len);
	if (line) {
		char where[4200];

		snprintf(where, sizeof(where), "%s:%u", path, line);
		conf_complain(l->errors, where, NULL, "",
			"integer out of range (over 31 bits wants "
			"an L behind it)");
	}
	config_init(&cfg);
	dir = dir_of(path);
	config_set_include_dir(&cfg, dir);
	if (strlen(p) != len) {
		conf_complain(l->errors, path, NULL, "", "contains a NUL byte");
	} else if (config_read_string(&cfg, p) == CONFIG_TRUE) {
		take_root(l, path, &cfg);
	} else {
		char where[4200];

		snprintf(where, sizeof(where), "%s:%d",
			config_error_file(&cfg) ? config_error_file(&cfg) : path,
			config_error_line(&cfg));
		conf_complain(l->errors, where, NULL, "", "%s%s", config_error_text(&cfg),
			!strcmp(config_error_text(&cfg), "syntax error")
				? ", in this line or before it: expected name = value;"
				: "");
	}
	config_destroy(&cfg);
	free(dir);
	free(p);
}

static int is_conf(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 5 && !strcmp(d->d_name + n - 5, ".conf");
}

static void take_dir(struct loading *l, const char *dir)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, is_conf, alphasort);

	for (int k = 0; k < n; k++) {
		char *path = xasprintf("%s/%s", dir, names[k]->d_name);

		take_file(l, path);
		free(path);
		free(names[k]);
	}
	if (n >= 0)
		free(names);
	else if (errno != ENOENT)
		conf_complain(l->errors, dir, NULL, "", "%m");
}

/* --- the whole ----------------------------------------------------------------------------- */

static void load_defs(struct loading *l)
{
	char *own = xasprintf("%s/objects", l->c->sharedir), *dir = dir_of(l->c->file);
	char *admin = xasprintf("%s/objects", dir), text[512] = "";

	l->c->defs = objdefs_new();
	if (objdefs_load_dir(l->c->defs, own, text, sizeof(text)) < 0 ||
		objdefs_load_dir(l->c->defs, admin, text, sizeof(text)) < 0)
		conf_complain(l->errors, "object definitions", NULL, "", "%s", text);
	else if (!objdefs_find(l->c->defs, 0) || !objdefs_find(l->c->defs, 1) ||
		 !objdefs_find(l->c->defs, 3))
		conf_complain(l->errors, own, NULL, "",
			"the definitions of objects 0, 1 and 3 are not there");
	free(own);
	free(admin);
	free(dir);
}

static void check_server(struct loading *l, size_t k, struct server_conf *s)
{
	char key[32], text[512];

	snprintf(key, sizeof(key), "servers[%zu]", k);
	if (!s->name)
		s->name = xasprintf("server%zu", k + 1);
	if (!s->ssid)
		s->ssid = (int64_t)k + 1;
	if (s->retry_max_ms < s->retry_min_ms)
		conf_complain(l->errors, s->where, NULL, key, "retry_max is below retry_min");
	if (credentials_check(l->c->creds, s, l->trust, text, sizeof(text)))
		conf_complain(l->errors, s->where, NULL, key, "%s", text);
	if (servers_check(s, l->c->plugins, l->c->nentries, text, sizeof(text)))
		conf_complain(l->errors, s->where, NULL, key, "%s", text);
}

static int credentials_of(void *ud, size_t k, bool sms, const struct name_parts *parts,
	const struct cred **out, char *text, size_t size)
{
	struct conf *c = ud;
	const struct server_conf *s = c->root.servers.items;

	return sms ? credentials_get_sms(c->creds, &s[k], parts, out, text, size)
		   : credentials_get(c->creds, &s[k], parts, out, text, size);
}

static void take_servers(struct loading *l)
{
	struct conf *c = l->c;
	struct server_conf *s = c->root.servers.items;
	size_t n = c->root.servers.n;
	char text[256];

	c->servers = xcalloc(n, sizeof(*c->servers));
	c->oscore = xcalloc(n, sizeof(*c->oscore));
	c->whom = xcalloc(n, sizeof(*c->whom));
	for (size_t k = 0; k < n; k++) {
		check_server(l, k, &s[k]);
		conf_check_oscore(l->errors, s, k);
		for (size_t j = 0; j < k; j++)
			if (servers_clash(&s[j], &s[k], text, sizeof(text)))
				conf_complain(l->errors, s[k].where, NULL, "servers", "%s", text);
		servers_fill(&c->servers[k], &s[k]);
		c->whom[k] = servers_whom(&s[k]);
		c->oscore[k] = s[k].oscore;
	}
	c->root.gateway.servers = c->servers;
	c->root.gateway.oscore = c->oscore;
	c->root.gateway.whom = c->whom;
	c->root.gateway.nservers = n;
	c->root.gateway.credentials = credentials_of;
	c->root.gateway.credentials_ud = c;
	c->root.gateway.gateway_endpoint = c->root.self.endpoint;
	c->root.gateway.facts = (struct device_facts){
		.manufacturer = c->root.self.manufacturer,
		.model = c->root.self.model,
		.serial = c->root.self.serial,
		.device_type = c->root.self.device_type,
	};
	c->root.gateway.location = c->root.self.location;
	c->root.gateway.location_hook = c->root.self.location_hook;
	c->root.gateway.location_interval_ms = c->root.self.location_interval_ms;
	c->root.gateway.interface = c->root.self.interface;
}

static void list_plugins(struct loading *l)
{
	struct conf *c = l->c;

	c->plugins = xcalloc(c->nentries, sizeof(*c->plugins));
	for (size_t k = 0; k < c->nentries; k++)
		c->plugins[k] = (struct plugin_conf){ c->entries[k].desc, c->entries[k].conf };
}

static void check_plugins(struct loading *l)
{
	char key[128], text[512];

	for (size_t k = 0; k < l->c->nentries; k++) {
		const struct plugin_entry *e = &l->c->entries[k];

		snprintf(key, sizeof(key), "plugins.%s", e->name);
		if (!l->errors->n && e->desc->check && e->desc->check(e->conf, text, sizeof(text)))
			complain_at(l, key, text);
	}
}

static void check_maps(struct loading *l)
{
	const struct schema_map *m = l->maps.items;
	const struct map_conf *maps = l->c->root.gateway.maps.items;

	for (size_t k = 0; k < l->maps.n; k++) {
		size_t i = 0, n = l->c->root.gateway.maps.n;

		while (i < n && strcmp(maps[i].name, m[k].name))
			i++;
		if (i == n)
			conf_complain(l->errors, m[k].where, NULL, m[k].key,
				"there is no map \"%s\"", m[k].name);
		free(m[k].where);
		free(m[k].key);
		free(m[k].name);
	}
	free(l->maps.items);
}

/* Names that are the same for all would leave only the first device. */
static void check_endpoint(struct loading *l)
{
	static const struct name_parts one = { "a", "p", "m", "s", "n", NULL },
				       other = { "b", "p", "m", "t", "o", NULL };
	const char *template = l->c->root.gateway.endpoint;
	char a[ENDPOINT_MAX + 1], b[ENDPOINT_MAX + 1], text[512];

	if (names_endpoint(template, &one, a, sizeof(a), text, sizeof(text)) ||
		names_endpoint(template, &other, b, sizeof(b), text, sizeof(text)))
		conf_complain(l->errors, l->c->file, NULL, "devices", "%s", text);
	else if (!strcmp(a, b))
		conf_complain(l->errors, l->c->file, NULL, "devices",
			"endpoint: all devices would have the name \"%s\": {device}, {serial} or "
			"{name} has to be in it",
			a);
}

/* The manager of the system is asked over the bus. */
static void check_hooks(struct loading *l)
{
	const struct firmware_params *f = &l->c->root.gateway.firmware;
	const struct software_params *w = &l->c->root.gateway.software;

	if (f->runner == HOOK_BY_SYSTEMD && !l->c->root.bus.enabled &&
		(f->hook || f->rules.n || w->hook || w->rules.n))
		conf_complain(l->errors, l->c->file, NULL, "firmware.hook_runner",
			"\"systemd\" needs the bus (bus.enabled)");
}

struct conf *conf_load(const struct conf_paths *paths, struct conf_errors *errors)
{
	struct conf *c = xcalloc(1, sizeof(*c));
	struct loading l = { .c = c, .errors = errors, .trust = paths->check };
	char *dir, *main_dir, text[512];

	*errors = (struct conf_errors){ 0 };
	c->creds = creds_new();
	c->file = xstrdup(paths->file ? paths->file : LGW_CONFDIR "/lwm2m-gateway.conf");
	c->plugindir = xstrdup(paths->plugindir ? paths->plugindir : LGW_PLUGINDIR);
	c->sharedir = xstrdup(paths->sharedir ? paths->sharedir : LGW_SHAREDIR);
	dir = xasprintf("%s/maps", c->sharedir);
	take_dir(&l, dir);
	free(dir);
	take_file(&l, c->file);
	main_dir = dir_of(c->file);
	dir = xasprintf("%s/conf.d", main_dir);
	take_dir(&l, dir);
	free(dir);
	free(main_dir);
	load_defs(&l);
	list_plugins(&l);
	take_servers(&l);
	check_plugins(&l);
	check_hooks(&l);
	check_maps(&l);
	if (!errors->n)
		check_endpoint(&l);
	if (!errors->n && gateway_params_check(&c->root.gateway, c->defs, text, sizeof(text)))
		complain_at(&l, "", text);
	if (!errors->n)
		return c;
	conf_free(c);
	return NULL;
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	for (size_t k = 0; k < c->nentries; k++) {
		if (c->entries[k].desc->options)
			schema_release(c->entries[k].desc->options, c->entries[k].conf);
		free(c->entries[k].conf);
		free(c->entries[k].name);
	}
	free(c->entries);
	free(c->plugins);
	free(c->servers);
	free(c->oscore);
	free(c->whom);
	for (size_t k = 0; k < c->root.servers.n; k++)
		credentials_wipe(&((struct server_conf *)c->root.servers.items)[k]);
	creds_free(c->creds);
	schema_release(conf_root_table, &c->root);
	objdefs_unref(c->defs);
	free(c->file);
	free(c->plugindir);
	free(c->sharedir);
	free(c);
}

const struct gateway_params *conf_gateway(const struct conf *c)
{
	return &c->root.gateway;
}

struct gateway_params *conf_gateway_edit(struct conf *c)
{
	return &c->root.gateway;
}

const struct conf_log *conf_log(const struct conf *c)
{
	return &c->root.log;
}

const struct bus_params *conf_bus(const struct conf *c)
{
	return &c->root.bus;
}

void conf_share_objdefs(struct conf *c, const struct conf *old)
{
	if (!objdefs_same(c->defs, old->defs))
		return;
	objdefs_unref(c->defs);
	c->defs = objdefs_ref(old->defs);
}

struct objdefs *conf_objdefs(const struct conf *c)
{
	return c->defs;
}

const struct plugin_conf *conf_plugins(const struct conf *c, size_t *n)
{
	*n = c->nentries;
	return c->plugins;
}

uint32_t conf_max_concurrent(const struct conf *c)
{
	return (uint32_t)c->root.registrations_at_once;
}

uint32_t conf_tcp_keepalive_s(const struct conf *c)
{
	return (uint32_t)((c->root.tcp_keepalive_ms + 999) / 1000);
}

struct ssl_params conf_ssl(const struct conf *c)
{
	return (struct ssl_params){ .handshakes_max = (uint32_t)c->root.handshakes_at_once,
		.park_ms = (uint32_t)c->root.park_after_ms };
}

struct store_params conf_store(const struct conf *c)
{
	const struct store_conf *s = &c->root.store;

	return (struct store_params){ .file = s->file && *s->file ? s->file : NULL,
		.durability = (enum store_durability)s->durability,
		.room = (enum store_room)s->room,
		.max_records = (uint64_t)s->max_records,
		.max_bytes = (uint64_t)s->max_bytes,
		.owner_records = (uint64_t)s->device_records,
		.owner_bytes = (uint64_t)s->device_bytes,
		.max_age_ms = s->max_age_ms };
}

int64_t conf_orphan_ttl_ms(const struct conf *c)
{
	return c->root.store.orphan_ttl_ms;
}
