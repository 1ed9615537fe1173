/* SPDX-License-Identifier: BSD-3-Clause */
#include "lwm2m/numbers.h"
#include <stdlib.h>
#include <string.h>
#include "store/store.h"
#include "util/err.h"
#include "util/hex.h"
#include "util/map.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/wr.h"

#define EPOCH_MS  1767225600000 /* 2026-01-01; a number each millisecond lasts until 2060 */
#define SHORT_MS  32            /* a number in this time: 31 bits last two years */
#define LONG_FROM (1LL << 31)   /* below are the short ones, whichever the clock says */
#define AHEAD_MS  1024          /* numbers before the clock that are not durable yet */
#define RANGE     64            /* noted ahead; a next life begins beyond it */

struct entry {
	struct numbers *all;
	uint8_t name[OSCORE_NAME_BYTES];
	uint64_t below; /* numbers up to here may have been used */
	uint64_t noted; /* … may be, says the store */
	uint64_t durable;
};

struct numbers {
	struct store *store;
	struct timers *timers;
	struct map map;
};

static uint64_t hash(const void *key, uint64_t seed)
{
	return map_hash_bytes(key, OSCORE_NAME_BYTES, seed);
}

static bool match(const void *key, const void *item)
{
	return !memcmp(key, ((const struct entry *)item)->name, OSCORE_NAME_BYTES);
}

static const void *key_of(const void *item)
{
	return ((const struct entry *)item)->name;
}

static const struct map_ops map_ops = { hash, match, key_of };

struct numbers *numbers_new(struct store *s, struct timers *ts)
{
	struct numbers *n = xcalloc(1, sizeof(*n));

	n->store = s;
	n->timers = ts;
	map_init(&n->map, &map_ops);
	return n;
}

void numbers_free(struct numbers *n)
{
	size_t it = 0;
	void *e;

	if (!n)
		return;
	while ((e = map_next(&n->map, &it)))
		free(e);
	map_fini(&n->map);
	free(n);
}

static void adopt(void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	struct rd r = rd_of(value, len);

	(void)key;
	(void)key_len;
	*(uint64_t *)ud = rd_u64(&r);
}

/* A note that is on its way, and what it says. */
struct note {
	struct entry *entry;
	uint64_t value;
};

static void durable(void *ud, int status)
{
	struct note *n = ud;

	if (!status)
		n->entry->durable = n->value;
	free(n);
}

static void owner_of(const struct entry *e, char text[2 * OSCORE_NAME_BYTES + 1])
{
	hex_encode(text, e->name, sizeof(e->name));
}

static void note(struct entry *e, uint64_t value)
{
	char owner[2 * OSCORE_NAME_BYTES + 1];
	struct note *n = xcalloc(1, sizeof(*n));
	uint8_t bytes[8];
	struct wr w = wr_of(bytes, sizeof(bytes));

	owner_of(e, owner);
	wr_u64(&w, value);
	e->noted = n->value = value;
	n->entry = e;
	store_begin(e->all->store);
	store_put(e->all->store, STORE_NUMBERS, owner, NULL, 0, w.p, w.len);
	store_barrier(e->all->store, durable, n);
	store_end(e->all->store);
}

void numbers_again(struct numbers *n)
{
	struct entry *e;
	size_t it = 0;

	while ((e = map_next(&n->map, &it))) {
		e->durable = 0;
		note(e, e->noted);
	}
}

static struct entry *entry_new(struct numbers *n, const uint8_t *name, int64_t now)
{
	char owner[2 * OSCORE_NAME_BYTES + 1];
	struct entry *e = xcalloc(1, sizeof(*e));
	uint64_t stored = 0;

	e->all = n;
	memcpy(e->name, name, sizeof(e->name));
	owner_of(e, owner);
	store_adopt(n->store, STORE_NUMBERS, owner, adopt, &stored);
	if (!stored && now <= 0) {
		free(e);
		return NULL;
	}
	e->below = now > 0 && (uint64_t)now > stored ? (uint64_t)now : stored;
	map_put(&n->map, e);
	return e;
}

/* What the clock says: a number, or one below 1 when it has not been set. */
static int64_t clock_of(const struct numbers *n, int64_t since)
{
	int64_t wall = timers_wall(n->timers), now = wall - EPOCH_MS;

	return since ? (wall - since) / SHORT_MS : now < LONG_FROM ? 0 : now;
}

/* Short and long ones do not meet, and are noted apart: keys may come to the other kind. */
static struct entry *entry_of(struct numbers *n, const struct oscore_cred *cred, int64_t now)
{
	uint8_t name[OSCORE_NAME_BYTES];
	struct entry *e;

	memcpy(name, cred->name, sizeof(name));
	name[0] ^= cred->p.since_ms ? 1 : 0;
	e = map_get(&n->map, name);
	return e ? e : entry_new(n, name, now);
}

static int reserve(void *ud, const struct oscore_cred *cred, uint32_t count, uint64_t *first)
{
	struct numbers *n = ud;
	int64_t since = cred->p.since_ms, now = clock_of(n, since);
	int64_t ahead = since ? AHEAD_MS / SHORT_MS : AHEAD_MS;
	struct entry *e = entry_of(n, cred, now);
	uint64_t end;

	if (!e)
		return LGW_ENOENT;
	end = e->below + count;
	if (since && end > LONG_FROM)
		return LGW_EUNAVAIL; /* used up */
	/* The next range while there is still half of this one. */
	if (end + RANGE / 2 > e->noted)
		note(e, end + RANGE);
	if (end > e->durable && (int64_t)end > now + ahead)
		return LGW_EUNAVAIL;
	*first = e->below;
	e->below = end;
	return LGW_OK;
}

const struct oscore_ops numbers_ops = { reserve };
