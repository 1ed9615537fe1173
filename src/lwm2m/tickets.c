/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/tickets.h"
#include <stdlib.h>
#include <string.h>
#include "store/item.h"
#include "store/store.h"
#include "util/map.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/wr.h"

#define KEY_BYTES 32
#define OWNER     "tickets"

/* One of an earlier life that nobody has taken yet. */
struct ticket {
	uint8_t key[KEY_BYTES];
	size_t len;
	uint8_t bytes[];
};

struct tickets {
	struct store *store;
	struct timers *timers;
	struct map map;
	uint32_t n; /* taken over */
};

static uint64_t hash(const void *key, uint64_t seed)
{
	return map_hash_bytes(key, KEY_BYTES, seed);
}

static bool match(const void *key, const void *item)
{
	return !memcmp(key, ((const struct ticket *)item)->key, KEY_BYTES);
}

static const void *key_of(const void *item)
{
	return ((const struct ticket *)item)->key;
}

static const struct map_ops map_ops = { hash, match, key_of };

static void ticket_free(struct ticket *k)
{
	if (k)
		mem_wipe(k->bytes, k->len);
	free(k);
}

static void adopt(void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	struct tickets *t = ud;
	struct rd r = rd_of(value, len);
	int64_t age = timers_wall(t->timers) - item_ms(&r);
	size_t left = rd_left(&r);
	const uint8_t *bytes = rd_bytes(&r, left);
	struct ticket *k;

	if (rd_err(&r) || key_len != KEY_BYTES || !left || left > SSL_SESSION_BYTES_MAX ||
		age < 0 || age > TICKET_TTL_MS || t->n == TICKETS_MAX) {
		store_del(t->store, STORE_TICKET, OWNER, key, key_len);
		return;
	}
	k = xcalloc(1, sizeof(*k) + left);
	memcpy(k->key, key, KEY_BYTES);
	memcpy(k->bytes, bytes, left);
	k->len = left;
	map_put(&t->map, k);
	t->n++;
}

struct tickets *tickets_new(struct store *s, struct timers *ts)
{
	struct tickets *t = xcalloc(1, sizeof(*t));

	t->store = s;
	t->timers = ts;
	map_init(&t->map, &map_ops);
	store_begin(s);
	store_adopt(s, STORE_TICKET, OWNER, adopt, t);
	store_end(s);
	return t;
}

void tickets_free(struct tickets *t)
{
	size_t it = 0;
	void *k;

	if (!t)
		return;
	while ((k = map_next(&t->map, &it)))
		ticket_free(k);
	map_fini(&t->map);
	free(t);
}

static size_t load(void *ud, const uint8_t key[KEY_BYTES], uint8_t *buf, size_t cap)
{
	struct tickets *t = ud;
	struct ticket *k = map_take(&t->map, key);
	size_t n = k && k->len <= cap ? k->len : 0;

	if (n)
		memcpy(buf, k->bytes, n);
	ticket_free(k);
	return n;
}

static void save(void *ud, const uint8_t key[KEY_BYTES], const uint8_t *p, size_t len)
{
	struct tickets *t = ud;
	uint8_t bytes[8 + SSL_SESSION_BYTES_MAX];
	struct wr w = wr_of(bytes, sizeof(bytes));

	ticket_free(map_take(&t->map, key));
	if (!len || len > SSL_SESSION_BYTES_MAX) {
		store_del(t->store, STORE_TICKET, OWNER, key, KEY_BYTES);
		return;
	}
	wr_u64(&w, (uint64_t)timers_wall(t->timers));
	wr_bytes(&w, p, len);
	store_put(t->store, STORE_TICKET, OWNER, key, KEY_BYTES, w.p, w.len);
	mem_wipe(bytes, sizeof(bytes));
}

const struct ssl_store_ops tickets_ops = { load, save };
