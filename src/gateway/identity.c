/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/identity.h"
#include <stdlib.h>
#include <string.h>
#include "gateway/remember.h"
#include "store/item.h"
#include "store/store.h"
#include "util/map.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/wr.h"

#define OWNER      "devices"
#define RENEW_MS   86400000ll /* how old the note of a device that speaks may get */
#define WHOSE_MAX  600        /* bytes of source, NUL, device */
#define ENDPOINT_B 255
#define UNSET_MS   1577836800000 /* before 2020 no clock is right */

/* A device of an earlier life that has not spoken in this one. */
struct identity {
	int64_t seen_ms; /* wall clock */
	char *whose;     /* source, NUL, device */
	size_t len;
	char endpoint[];
};

struct identities {
	struct store *store;
	struct timers *timers;
	struct map map;
	int64_t start_ms; /* monotonic */
	int64_t ttl_ms;
};

static uint64_t hash(const void *key, uint64_t seed)
{
	return map_hash_str(key, seed);
}

static bool match(const void *key, const void *item)
{
	return !strcmp(key, ((const struct identity *)item)->endpoint);
}

static const void *key_of(const void *item)
{
	return ((const struct identity *)item)->endpoint;
}

static const struct map_ops map_ops = { hash, match, key_of };

static void identity_free(struct identity *k)
{
	if (k)
		free(k->whose);
	free(k);
}

static void adopt(void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	struct identities *i = ud;
	struct rd r = rd_of(value, len);
	int64_t seen = item_ms(&r), now = timers_wall(i->timers);
	size_t left = rd_left(&r);
	const uint8_t *whose = rd_bytes(&r, left);
	struct identity *k;

	if (rd_err(&r) || !left || left > WHOSE_MAX || !key_len || key_len > ENDPOINT_B ||
		memchr(key, '\0', key_len)) {
		store_del(i->store, STORE_DEVICE, OWNER, key, key_len);
		return;
	}
	if (now >= UNSET_MS && (seen < UNSET_MS || seen > now))
		seen = now; /* noted by a clock that was wrong */
	k = xcalloc(1, sizeof(*k) + key_len + 1);
	memcpy(k->endpoint, key, key_len);
	if (seen < now - i->ttl_ms || map_count(&i->map) == IDENTITIES_MAX) {
		identity_forget(i, k->endpoint);
		remember_forget(i->store, k->endpoint);
		identity_free(k);
		return;
	}
	k->seen_ms = seen;
	k->whose = xmemdup(whose, left);
	k->len = left;
	map_put(&i->map, k);
}

struct identities *identities_new(struct store *s, struct timers *ts, int64_t ttl_ms)
{
	struct identities *i = xcalloc(1, sizeof(*i));

	i->store = s && store_survives(s) ? s : NULL;
	i->timers = ts;
	i->start_ms = timers_now(ts);
	i->ttl_ms = ttl_ms > IDENTITY_TTL_MS ? ttl_ms : IDENTITY_TTL_MS;
	map_init(&i->map, &map_ops);
	if (!i->store)
		return i;
	store_begin(s);
	store_adopt(s, STORE_DEVICE, OWNER, adopt, i);
	store_end(s);
	return i;
}

void identities_free(struct identities *i)
{
	size_t it = 0;
	void *k;

	if (!i)
		return;
	while ((k = map_next(&i->map, &it)))
		identity_free(k);
	map_fini(&i->map);
	free(i);
}

/* Is it a device of the same source, which may still be heard of? */
static bool in_the_way(const struct identities *i, const struct identity *k, const char *source)
{
	size_t len = strlen(source) + 1;

	return k->len >= len && !memcmp(k->whose, source, len) &&
	       timers_now(i->timers) - i->start_ms < IDENTITY_WAIT_MS;
}

static void note(struct wr *w, int64_t seen_ms, const char *source, const char *device)
{
	wr_u64(w, (uint64_t)(seen_ms > 0 ? seen_ms : 0));
	wr_str(w, source);
	wr_u8(w, 0);
	wr_str(w, device);
}

static void keep(struct identities *i, const char *endpoint, const struct wr *w)
{
	if (i->store && !wr_err(w))
		store_put(i->store, STORE_DEVICE, OWNER, endpoint, strlen(endpoint), w->p, w->len);
}

bool identity_claim(struct identities *i, const char *endpoint, const char *source,
	const char *device, int64_t seen_ms)
{
	struct identity *k = map_get(&i->map, endpoint);
	struct wr w = wr_grow(WHOSE_MAX + 8);
	bool same, ours;

	note(&w, seen_ms, source, device);
	same = k && k->len == w.len - 8 && !memcmp(k->whose, w.p + 8, k->len);
	ours = !k || same || !in_the_way(i, k, source);
	if (ours && !(same && seen_ms - k->seen_ms < RENEW_MS))
		keep(i, endpoint, &w);
	if (ours)
		identity_free(map_take(&i->map, endpoint));
	wr_fini(&w);
	return ours;
}

void identity_renew(struct identities *i, const char *endpoint, const char *source,
	const char *device, int64_t seen_ms)
{
	struct wr w = wr_grow(WHOSE_MAX + 8);

	note(&w, seen_ms, source, device);
	keep(i, endpoint, &w);
	wr_fini(&w);
}

void identities_again(struct identities *i)
{
	const struct identity *k;
	size_t it = 0;

	while ((k = map_next(&i->map, &it))) {
		struct wr w = wr_grow(WHOSE_MAX + 8);

		wr_u64(&w, (uint64_t)k->seen_ms);
		wr_bytes(&w, k->whose, k->len);
		keep(i, k->endpoint, &w);
		wr_fini(&w);
	}
}

void identity_forget(struct identities *i, const char *endpoint)
{
	identity_free(map_take(&i->map, endpoint));
	if (i->store)
		store_del(i->store, STORE_DEVICE, OWNER, endpoint, strlen(endpoint));
}

void identities_each(struct identities *i, const char *source, identity_fn fn, void *ud)
{
	size_t len = strlen(source) + 1, n = 0, it = 0;
	char **endpoints = xcalloc(map_count(&i->map), sizeof(*endpoints));
	struct identity *k;

	while ((k = map_next(&i->map, &it)))
		if (k->len >= len && !memcmp(k->whose, source, len))
			endpoints[n++] = xstrdup(k->endpoint);
	for (size_t at = 0; at < n; at++) {
		k = map_get(&i->map, endpoints[at]);
		if (k) {
			char *device = xasprintf("%.*s", (int)(k->len - len), k->whose + len);

			fn(ud, endpoints[at], device, k->seen_ms);
			free(device);
		}
		free(endpoints[at]);
	}
	free(endpoints);
}
