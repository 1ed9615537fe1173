/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hash map of borrowed items (open addressing, robust against chosen keys by a random seed). An
 * empty one owns no memory. Items are found by a key that the ops read out of them.
 */
#ifndef UTIL_MAP_H
#define UTIL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_ops {
	uint64_t (*hash)(const void *key, uint64_t seed);
	bool (*match)(const void *key, const void *item);
	const void *(*key)(const void *item);
};

struct map {
	const struct map_ops *ops;
	void **slots;
	uint32_t n, cap;
	uint64_t seed;
};

void map_init(struct map *m, const struct map_ops *ops);
/* Frees the table, not the items. */
void map_fini(struct map *m);
void *map_get(const struct map *m, const void *key);
/* Adds an item; returns the item with an equal key that it replaced, or NULL. */
void *map_put(struct map *m, void *item);
/* Removes and returns the item with this key, or NULL. */
void *map_take(struct map *m, const void *key);
static inline size_t map_count(const struct map *m)
{
	return m->n;
}
/* Iterate: start with *it = 0; NULL at the end. The map must not be added to meanwhile; the item
 * just returned may not be removed either (collect, then remove). */
void *map_next(const struct map *m, size_t *it);

uint64_t map_hash_bytes(const void *p, size_t len, uint64_t seed);
uint64_t map_hash_str(const char *s, uint64_t seed);
uint64_t map_hash_u64(uint64_t v, uint64_t seed);

#endif
