/* SPDX-License-Identifier: BSD-3-Clause */
/* A reading on its way into the tree (what changes nothing is counted, never guessed). */
#include <stdlib.h>
#include <string.h>
#include "gateway/absent.h"
#include "gateway/remember.h"
#include "gateway/state.h"
#include "lwm2m/clients.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("gateway");

/* Resources that the gateway keeps beside a reading where the object defines them. */
static bool has(const struct map_rule *r, uint16_t rid, enum value_type type)
{
	const struct resdef *d = objdef_res(r->obj, rid);

	return d && d->type == type && !d->multiple;
}

static void put(struct dm *dm, const struct map_rule *r, uint16_t rid, struct value v)
{
	dm_set(dm, &PATH_RES(r->path.id[0], r->path.id[1], rid), &v, 0);
}

/* What of this instance the device can be told to do. */
static void declare_executables(struct device *d, const struct path *inst)
{
	const struct map_rule *r;
	size_t it = 0;

	while ((r = mapping_next(d->mapping, &it)))
		if (r->entry->execute && path_contains(inst, &r->path))
			dm_declare(client_dm(d->client), &r->path);
}

/* The object and its instance come to be, with what is said of them once. label: or NULL. */
static int make_instance(struct device *d, const struct map_rule *r, const struct value *label)
{
	struct dm *dm = client_dm(d->client);
	int e;

	if (!dm_exists(dm, &PATH_OBJ(r->obj->id))) {
		e = dm_object_add(dm, r->obj, &device_object_ops, d);
		if (e)
			return e;
	}
	if (dm_exists(dm, &PATH_INST(r->path.id[0], r->path.id[1])))
		return LGW_OK;
	e = dm_instance_add(dm, r->path.id[0], r->path.id[1]);
	if (e < 0)
		return e;
	if (label && has(r, RES_LABEL, VT_STRING))
		put(dm, r, RES_LABEL, *label);
	if (r->entry->unit && has(r, RES_UNITS, VT_STRING))
		put(dm, r, RES_UNITS, VALUE_STR(r->entry->unit));
	if (has(r, RES_RESET_EXTREMES, VT_NONE) && has(r, RES_MIN, VT_FLOAT))
		dm_declare(dm, &PATH_RES(r->path.id[0], r->path.id[1], RES_RESET_EXTREMES));
	declare_executables(d, &PATH_INST(r->path.id[0], r->path.id[1]));
	client_recall(d->client, &PATH_INST(r->path.id[0], r->path.id[1]));
	return LGW_OK;
}

/* 5601 and 5602: the least and the greatest value measured (IPSO). */
static void keep_extremes(struct dm *dm, const struct map_rule *r, const struct value *v)
{
	struct value old;

	if (r->path.id[2] != RES_VALUE || v->type != VT_FLOAT || !has(r, RES_MIN, VT_FLOAT))
		return;
	if (dm_get(dm, &PATH_RES(r->path.id[0], r->path.id[1], RES_MIN), &old, NULL) ||
		v->u.f < old.u.f)
		put(dm, r, RES_MIN, *v);
	if (dm_get(dm, &PATH_RES(r->path.id[0], r->path.id[1], RES_MAX), &old, NULL) ||
		v->u.f > old.u.f)
		put(dm, r, RES_MAX, *v);
}

/* Where it is, or would be. */
static uint16_t key_place(const struct device *d, uint64_t hash)
{
	uint32_t lo = 0, hi = d->nkeys;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (d->keys[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (uint16_t)lo;
}

static struct key *key_add(struct device *d, uint64_t hash)
{
	struct key *k;

	if (d->nkeys == UINT16_MAX)
		return NULL;
	d->keys = xreallocarray(d->keys, d->nkeys + 1u, sizeof(*d->keys));
	k = &d->keys[key_place(d, hash & KEY_HASH)];
	memmove(k + 1, k, (size_t)(&d->keys[d->nkeys] - k) * sizeof(*k));
	*k = (struct key){ .hash = hash & KEY_HASH, .nth = d->nkeys++ };
	return k;
}

uint64_t reading_key(const char *text)
{
	return map_hash_str(text, 0) & KEY_HASH;
}

static struct key *key_find(struct device *d, const char *text)
{
	uint64_t h = reading_key(text);
	uint16_t at = key_place(d, h);
	struct key *k = at < d->nkeys && d->keys[at].hash == h ? &d->keys[at] : NULL;

	if (!k)
		k = key_add(d, h);
	else if (!k->again)
		return k;
	if (k) {
		k->again = false;
		k->rule = mapping_find(d->mapping, text);
	}
	return k;
}

/* A time of its own that can be true: after 2015, and hardly ahead of us if our clock can be. */
static int64_t plausible(const struct gateway *g, int64_t t)
{
	int64_t now = timers_wall(g->env->timers), past = 1420070400000;

	return t > past && (t < now + 300000 || now < past) ? t : now;
}

/* Its first one: an instance without a label of its own is called as the key. */
static int make_room(struct device *d, const struct map_rule *r, const char *key)
{
	const struct value label = VALUE_STR(r->entry->label ? r->entry->label : key);
	struct path p = PATH_RES(r->path.id[0], r->path.id[1], RES_LABEL);
	bool named = !r->entry->label && !dm_exists(client_dm(d->client), &p);
	int e = make_instance(d, r, &label);

	if (!e && named && dm_exists(client_dm(d->client), &p))
		remember_path(d, &p, &label);
	return e;
}

static void apply(struct device *d, const struct lgw_reading *in)
{
	struct gateway *g = d->gateway;
	struct key *k = key_find(d, in->key);
	const struct map_rule *r = k ? k->rule : NULL;
	struct dm *dm = client_dm(d->client);
	int64_t t = plausible(g, in->time_ms);
	struct value v, old;
	char buf[MAP_BUF];
	bool known, first;

	if (!r || r->entry->execute || in->value.type == LGW_NULL) {
		g->count.unmapped++;
		return;
	}
	if (map_value(r, &in->value, &v, buf)) {
		g->count.refused++;
		log_debug((&(struct log_ctx){ .endpoint = client_endpoint(d->client) }),
			"value of \"%s\" does not fit %s, ignored", in->key, r->entry->path);
		return;
	}
	known = !dm_get(dm, &r->path, &old, NULL);
	if (in->time_ms && t < (int64_t)k->time_ms) {
		g->count.stale++;
		if (!(in->flags & LGW_READING_RETAINED))
			client_late(d->client, &r->path, &v, t);
		return;
	}
	if (in->flags & LGW_READING_RETAINED && !in->time_ms && known && value_eq(&old, &v)) {
		g->count.stale++;
		return;
	}
	if (!known && absent_is(d, &r->path)) {
		if (in->flags & LGW_READING_RETAINED) { /* of the time before an update */
			g->count.stale++;
			return;
		}
		absent_back(d, &r->path);
	}
	first = !k->time_ms;
	k->time_ms = (uint64_t)t & KEY_TIME;
	d->last_reading = timers_wall(g->env->timers);
	if (!known && r->path.id[0] != 3 && make_room(d, r, in->key)) {
		g->count.refused++;
		return;
	}
	if (dm_set(dm, &r->path, &v, t)) {
		g->count.refused++;
		return;
	}
	g->count.readings++;
	keep_extremes(dm, r, &v);
	remember_key(d, k, first);
	commands_confirm(d, &r->path, &v);
}

int reading_again(struct device *d, const struct map_rule *r, const struct record *rec,
	uint64_t hash, const struct value *label)
{
	struct dm *dm = client_dm(d->client);
	const struct value own = VALUE_STR(r->entry->label ? r->entry->label : "");
	struct key *k = key_add(d, hash);
	int e = LGW_OK;

	if (k) {
		k->again = reading_key(r->entry->key) != hash; /* a pattern */
		k->rule = k->again ? NULL : r;
		/* By a clock that was wrong it says nothing about what comes. */
		if (plausible(d->gateway, rec->time_ms) == rec->time_ms)
			k->time_ms = (uint64_t)rec->time_ms & KEY_TIME;
	}
	if (r->path.id[0] != 3)
		e = make_instance(d, r, r->entry->label ? &own : label);
	e = e ? e : dm_set(dm, &r->path, &rec->value, rec->time_ms);
	if (!e)
		keep_extremes(dm, r, &rec->value);
	return e;
}

/* Would this reading make a device? One that cannot be read does not. */
static bool readable(struct source *s, const struct lgw_reading *r)
{
	const struct mapping *m = maps_find(s->gateway->maps, r->map);
	const struct map_rule *rule = m ? mapping_find(m, r->key) : NULL;
	struct value v;
	char buf[MAP_BUF];

	if (!rule || rule->entry->execute) {
		s->gateway->count.unmapped++;
		return false;
	}
	if (map_value(rule, &r->value, &v, buf)) {
		s->gateway->count.refused++;
		return false;
	}
	return true;
}

void reading_apply(struct source *s, const struct lgw_reading *r)
{
	struct device *d = device_find(s, r->device);

	if (!d && !readable(s, r))
		return;
	if (!d)
		d = device_make(s, r, 0);
	if (!d)
		return;
	d->optimistic = r->optimistic;
	if (!(r->flags & LGW_READING_RETAINED))
		device_spoke(d);
	apply(d, r);
}
