/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/map.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/names.h"
#include "gateway/told.h"
#include "util/err.h"
#include "util/log.h"
#include "util/map.h"
#include "util/mem.h"

LOG_MODULE("gateway");

#define INHERIT_MAX 8

struct mapping {
	const char *name;
	struct map_rule *rules; /* ours, then inherited */
	size_t n;
	struct map exact;              /* key to rule */
	const struct map_rule **globs; /* in order */
	size_t nglobs;
	struct told *told; /* keys that are missing */
};

struct maps {
	struct mapping *m;
	size_t n;
	const char *dflt;
};

static uint64_t key_hash(const void *key, uint64_t seed)
{
	return map_hash_str(key, seed);
}
static bool key_match(const void *key, const void *item)
{
	return !strcmp(key, ((const struct map_rule *)item)->entry->key);
}
static const void *key_of(const void *item)
{
	return ((const struct map_rule *)item)->entry->key;
}
static const struct map_ops exact_ops = { key_hash, key_match, key_of };

struct compiler {
	const struct gateway_params *params;
	const struct objdefs *defs;
	char *text;
	size_t size;
};

static int complain(const struct compiler *c, const struct map_conf *m, const struct map_entry *e,
	const char *what)
{
	const char *where = e && e->where ? e->where : "";

	snprintf(c->text, c->size, "%s%smap \"%s\"%s%s%s: %s", where, *where ? ": " : "", m->name,
		e ? ", key \"" : "", e ? e->key : "", e ? "\"" : "", what);
	return LGW_EINVAL;
}

static const struct map_conf *conf_of(const struct gateway_params *p, const char *name)
{
	const struct map_conf *m = p->maps.items;

	for (size_t k = p->maps.n; k--;)
		if (!strcmp(m[k].name, name))
			return &m[k];
	return NULL;
}

static bool is_glob(const char *key)
{
	return strchr(key, '*') != NULL;
}

/* What of a rule can be wrong. */
static const char *fault(const struct map_entry *e, const struct map_rule *r)
{
	if (r->path.n < 3)
		return "the path must name a resource";
	if (!r->obj)
		return "no definition of this object is loaded";
	if (!r->res)
		return "the object does not define this resource";
	if (r->path.id[0] < 2 || r->path.id[0] == 21)
		return "objects 0, 1 and 21 are not a device's";
	if (!r->obj->multiple && r->path.id[1])
		return "the object has but instance 0";
	if (e->execute != ((r->res->ops & RES_E) != 0))
		return e->execute ? "the resource is no executable"
				  : "the resource is an executable: say execute = true";
	if (!e->execute && r->res->multiple != (r->path.n == 4))
		return r->res->multiple ? "a multiple resource wants its instance as well"
					: "a single resource has no instances";
	if (e->write && !(r->res->ops & RES_W))
		return "servers may not write this resource: its definition says so";
	if (e->write && r->path.id[0] == 3)
		return "resources of object 3 are not written to a device";
	if (e->write && e->scale == 0)
		return "scale = 0 has no way back";
	if (e->write && is_glob(e->key) && !e->command_key)
		return "a key with '*' needs command_key to be written";
	return NULL;
}

static int compile_entry(const struct compiler *c, const struct map_conf *m,
	const struct map_entry *e, struct map_rule *r)
{
	const char *what;

	*r = (struct map_rule){ .entry = e, .of = m };
	if (names_path(c->defs, e->path, &r->path))
		return complain(c, m, e, "the path is neither numbers nor known names");
	r->obj = r->path.n ? objdefs_find(c->defs, r->path.id[0]) : NULL;
	r->res = r->obj && r->path.n >= 3 ? objdef_res(r->obj, r->path.id[2]) : NULL;
	what = fault(e, r);
	return what ? complain(c, m, e, what) : LGW_OK;
}

static int compile_entries(const struct compiler *c, const struct map_conf *m, struct mapping *out)
{
	const struct map_entry *e = m->entries.items;

	out->rules = xreallocarray(out->rules, out->n + m->entries.n, sizeof(*out->rules));
	for (size_t k = 0; k < m->entries.n; k++)
		if (compile_entry(c, m, &e[k], &out->rules[out->n++]))
			return LGW_EINVAL;
	return LGW_OK;
}

/* Exact keys by hash, patterns in their order; of two with one key ours hides the inherited one. */
static int sort(const struct compiler *c, struct mapping *out)
{
	const struct map_rule *had;

	out->globs = xcalloc(out->n, sizeof(struct map_rule *));
	for (size_t k = 0; k < out->n; k++) {
		struct map_rule *r = &out->rules[k];

		if (is_glob(r->entry->key)) {
			out->globs[out->nglobs++] = r;
			continue;
		}
		had = map_get(&out->exact, r->entry->key);
		if (had && had->of == r->of)
			return complain(c, r->of, r->entry, "the map has this key already");
		if (!had)
			map_put(&out->exact, r);
	}
	return LGW_OK;
}

static int compile(const struct compiler *c, const struct map_conf *m, struct mapping *out)
{
	const struct map_conf *at = m;

	out->name = m->name;
	out->told = xcalloc(1, sizeof(*out->told));
	map_init(&out->exact, &exact_ops);
	for (unsigned depth = 0; at; depth++) {
		const char *inherit = at->inherit;

		if (depth == INHERIT_MAX)
			return complain(c, m, NULL, "inherits in a circle, or too deeply");
		if (compile_entries(c, at, out))
			return LGW_EINVAL;
		at = inherit ? conf_of(c->params, inherit) : NULL;
		if (inherit && !at) {
			snprintf(c->text, c->size,
				"map \"%s\": inherits \"%s\", which does not exist", m->name,
				inherit);
			return LGW_EINVAL;
		}
	}
	return sort(c, out);
}

struct maps *maps_new(
	const struct gateway_params *p, const struct objdefs *defs, char *text, size_t size)
{
	struct compiler c = { p, defs, text, size };
	struct maps *m = xcalloc(1, sizeof(*m));
	const struct map_conf *conf = p->maps.items;

	m->m = xcalloc(p->maps.n, sizeof(*m->m));
	m->dflt = p->default_map ? p->default_map : "standard";
	for (size_t k = 0; k < p->maps.n; k++) {
		m->n++;
		if (compile(&c, &conf[k], &m->m[k])) {
			maps_free(m);
			return NULL;
		}
	}
	if (!maps_find(m, NULL)) {
		snprintf(text, size, "default map \"%s\" does not exist", m->dflt);
		maps_free(m);
		return NULL;
	}
	return m;
}

void maps_free(struct maps *m)
{
	if (!m)
		return;
	for (size_t k = 0; k < m->n; k++) {
		map_fini(&m->m[k].exact);
		free(m->m[k].rules);
		free(m->m[k].globs);
		free(m->m[k].told);
	}
	free(m->m);
	free(m);
}

const struct mapping *maps_find(const struct maps *m, const char *name)
{
	name = name ? name : m->dflt;
	for (size_t k = m->n; k--;)
		if (!strcmp(m->m[k].name, name))
			return &m->m[k];
	return NULL;
}

const struct map_rule *mapping_find(const struct mapping *m, const char *key)
{
	const struct map_rule *r = map_get(&m->exact, key);

	for (size_t k = 0; !r && k < m->nglobs; k++)
		if (!fnmatch(m->globs[k]->entry->key, key, FNM_NOESCAPE))
			r = m->globs[k];
	/* What nobody maps is what people look for first. */
	if (!r && told_first(m->told, key))
		log_info(NULL, "key \"%s\" is not in map \"%s\": ignored", key, m->name);
	return r;
}

const struct map_rule *mapping_next(const struct mapping *m, size_t *it)
{
	return *it < m->n ? &m->rules[(*it)++] : NULL;
}

const struct map_rule *mapping_by_path(const struct mapping *m, const struct path *p, bool writes)
{
	for (size_t k = 0; k < m->n; k++) {
		const struct map_rule *r = &m->rules[k];

		if (path_eq(&r->path, p) && (!writes || r->entry->write || r->entry->execute))
			return r;
	}
	return NULL;
}
