/* SPDX-License-Identifier: BSD-3-Clause */
/* Linear probing, load at most 3/4, deletion by shifting back: no tombstones. */
#include "util/map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "util/mem.h"

#define FIRST_CAP 8u

void map_init(struct map *m, const struct map_ops *ops)
{
	*m = (struct map){ .ops = ops };
}

void map_fini(struct map *m)
{
	free(m->slots);
	m->slots = NULL;
	m->n = m->cap = 0;
}

static uint32_t home(const struct map *m, const void *key)
{
	return (uint32_t)m->ops->hash(key, m->seed) & (m->cap - 1);
}

/* The slot of the key, or the empty one where it would go. */
static uint32_t find(const struct map *m, const void *key)
{
	uint32_t i = home(m, key);

	while (m->slots[i] && !m->ops->match(key, m->slots[i]))
		i = (i + 1) & (m->cap - 1);
	return i;
}

void *map_get(const struct map *m, const void *key)
{
	return m->cap ? m->slots[find(m, key)] : NULL;
}

static void resize(struct map *m, uint32_t cap)
{
	void **old = m->slots;
	uint32_t old_cap = m->cap;

	m->slots = xcalloc(cap, sizeof(*m->slots));
	m->cap = cap;
	for (uint32_t i = 0; i < old_cap; i++)
		if (old[i])
			m->slots[find(m, m->ops->key(old[i]))] = old[i];
	free(old);
}

static void seed(struct map *m)
{
	/* Without entropy at early boot chosen keys could only slow us down. */
	if (getrandom(&m->seed, sizeof(m->seed), GRND_NONBLOCK) != sizeof(m->seed))
		m->seed = (uint64_t)(uintptr_t)m * 0x9e3779b97f4a7c15u;
}

void *map_put(struct map *m, void *item)
{
	uint32_t i;
	void *old;

	if (!m->cap)
		seed(m);
	if (m->n + 1 > m->cap / 4 * 3)
		resize(m, m->cap ? m->cap * 2 : FIRST_CAP);
	i = find(m, m->ops->key(item));
	old = m->slots[i];
	m->slots[i] = item;
	if (!old)
		m->n++;
	return old;
}

void *map_take(struct map *m, const void *key)
{
	uint32_t mask = m->cap - 1, hole, i;
	void *item;

	if (!m->cap)
		return NULL;
	hole = find(m, key);
	item = m->slots[hole];
	if (!item)
		return NULL;
	m->n--;
	for (i = (hole + 1) & mask; m->slots[i]; i = (i + 1) & mask) {
		uint32_t h = home(m, m->ops->key(m->slots[i]));

		if (((i - h) & mask) >= ((i - hole) & mask)) {
			m->slots[hole] = m->slots[i];
			hole = i;
		}
	}
	m->slots[hole] = NULL;
	return item;
}

void *map_next(const struct map *m, size_t *it)
{
	while (*it < m->cap) {
		void *item = m->slots[(*it)++];

		if (item)
			return item;
	}
	return NULL;
}

/* The finalizer of splitmix64: full avalanche over 64 bits. */
static uint64_t mix(uint64_t v)
{
	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9u;
	v = (v ^ v >> 27) * 0x94d049bb133111ebu;
	return v ^ v >> 31;
}

uint64_t map_hash_u64(uint64_t v, uint64_t seed_)
{
	return mix(v ^ mix(seed_ + 0x9e3779b97f4a7c15u));
}

uint64_t map_hash_bytes(const void *p, size_t len, uint64_t seed_)
{
	const uint8_t *b = p;
	uint64_t h = mix(seed_ ^ len), w = 0;

	for (; len >= 8; b += 8, len -= 8) {
		memcpy(&w, b, 8);
		h = mix(h ^ w) + seed_;
	}
	w = 0;
	if (len)
		memcpy(&w, b, len);
	return mix(h ^ w);
}

uint64_t map_hash_str(const char *s, uint64_t seed_)
{
	return map_hash_bytes(s, strlen(s), seed_);
}
