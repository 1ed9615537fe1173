/* SPDX-License-Identifier: BSD-3-Clause */
#include "oscore/ram.h"

#include <stdlib.h>
#include <string.h>
#include "oscore/state.h"
#include "util/err.h"
#include "util/map.h"
#include "util/mem.h"

#define EPOCH_MS  1767225600000 /* 2026-01-01; 40 bits of milliseconds last until 2060 */
#define AHEAD_MAX 1024          /* numbers that a burst may be ahead of the clock */

struct entry {
	uint8_t name[OSCORE_NAME_BYTES];
	uint64_t below; /* numbers up to here may have been used */
};

struct oscore_ram {
	int64_t (*wall)(void *ud);
	void *ud;
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

static const struct map_ops ops = { hash, match, key_of };

struct oscore_ram *oscore_ram_new(int64_t (*wall)(void *ud), void *ud)
{
	struct oscore_ram *r = xcalloc(1, sizeof(*r));

	r->wall = wall;
	r->ud = ud;
	map_init(&r->map, &ops);
	return r;
}

void oscore_ram_free(struct oscore_ram *r)
{
	size_t it = 0;
	void *e;

	if (!r)
		return;
	while ((e = map_next(&r->map, &it)))
		free(e);
	map_fini(&r->map);
	free(r);
}

static int reserve(void *ud, const uint8_t *name, uint32_t n, uint64_t *first)
{
	struct oscore_ram *r = ud;
	struct entry *e = map_get(&r->map, name);
	int64_t now = r->wall(r->ud) - EPOCH_MS;

	if (!e && now <= 0)
		return LGW_ENOENT;
	*first = e ? e->below : (uint64_t)now;
	/* Else the next process could begin among them. */
	if ((int64_t)*first + n > now + AHEAD_MAX)
		return LGW_EUNAVAIL;
	if (!e) {
		e = xcalloc(1, sizeof(*e));
		memcpy(e->name, name, sizeof(e->name));
		map_put(&r->map, e);
	}
	e->below = *first + n;
	return LGW_OK;
}

const struct oscore_ops oscore_ops_ram = { reserve };
