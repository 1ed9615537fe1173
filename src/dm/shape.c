/* SPDX-License-Identifier: BSD-3-Clause */
#include "dm/shape.h"

#include <stdlib.h>
#include <string.h>
#include "types/path.h"
#include "util/mem.h"

#define SHARED_MAX 128 /* longer texts are hardly equal to another */

static uint64_t entries_hash(const struct shape *s)
{
	uint64_t h = s->n;

	for (unsigned i = 0; i < s->n; i++)
		h = map_hash_u64(
			(uint64_t)(uintptr_t)s->e[i].def ^ (uint64_t)s->e[i].riid << 48, h);
	return h;
}

static uint64_t shape_hash(const void *key, uint64_t seed)
{
	return map_hash_u64(((const struct shape *)key)->hash, seed);
}

static bool shape_match(const void *key, const void *item)
{
	const struct shape *a = key, *b = item;

	if (a->n != b->n || a->hash != b->hash)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (a->e[i].def != b->e[i].def || a->e[i].riid != b->e[i].riid)
			return false;
	return true;
}

static const void *itself(const void *item)
{
	return item;
}

static const struct map_ops shape_ops = { shape_hash, shape_match, itself };

static uint64_t blob_hash(const void *key, uint64_t seed)
{
	return map_hash_u64(((const struct blob *)key)->hash, seed);
}

static bool blob_match(const void *key, const void *item)
{
	const struct blob *a = key, *b = item;

	return a->hash == b->hash && a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

static const struct map_ops blob_ops = { blob_hash, blob_match, itself };

void shapes_init(struct shapes *s)
{
	map_init(&s->shapes, &shape_ops);
	map_init(&s->blobs, &blob_ops);
	map_init(&s->values, &values_map_ops);
	s->empty = xcalloc(1, sizeof(struct shape));
	s->empty->refs = 1;
	s->empty->owner = s;
	s->empty->hash = entries_hash(s->empty);
	map_put(&s->shapes, s->empty);
}

void shapes_fini(struct shapes *s)
{
	shape_unref(s->empty);
	map_fini(&s->shapes);
	map_fini(&s->blobs);
	map_fini(&s->values);
}

struct shape *shape_empty(struct shapes *s)
{
	s->empty->refs++;
	return s->empty;
}

void shape_unref(struct shape *s)
{
	if (--s->refs)
		return;
	map_take(&s->owner->shapes, s);
	free(s);
}

/* Give the candidate up for an equal one that exists, and the old one up for it. */
static struct shape *intern(struct shape *old, struct shape *s)
{
	struct shape *known;

	s->hash = entries_hash(s);
	s->owner = old->owner;
	known = map_get(&s->owner->shapes, s);
	if (known) {
		free(s);
		known->refs++;
	} else {
		s->refs = 1;
		map_put(&s->owner->shapes, s);
		known = s;
	}
	shape_unref(old);
	return known;
}

static struct shape *shape_alloc(unsigned n)
{
	struct shape *s = xcalloc(1, sizeof(*s) + n * sizeof(s->e[0]));

	s->n = (uint16_t)n;
	return s;
}

struct shape *shape_with(struct shape *s, const struct resdef *def, uint16_t riid, unsigned *at)
{
	struct shape *more = shape_alloc(s->n + 1u);
	unsigned k = 0;

	while (k < s->n &&
		(s->e[k].rid < def->id || (s->e[k].rid == def->id && s->e[k].riid < riid)))
		k++;
	memcpy(more->e, s->e, k * sizeof(s->e[0]));
	more->e[k] = (struct shape_entry){ def, def->id, riid };
	memcpy(more->e + k + 1, s->e + k, (s->n - k) * sizeof(s->e[0]));
	*at = k;
	return intern(s, more);
}

struct shape *shape_without(struct shape *s, unsigned at)
{
	struct shape *less = shape_alloc(s->n - 1u);

	memcpy(less->e, s->e, at * sizeof(s->e[0]));
	memcpy(less->e + at, s->e + at + 1, (s->n - at - 1u) * sizeof(s->e[0]));
	return intern(s, less);
}

unsigned shape_from(const struct shape *s, unsigned rid, unsigned riid)
{
	unsigned lo = 0, hi = s->n;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		const struct shape_entry *e = &s->e[mid];

		if (e->rid < rid || (e->rid == rid && e->riid < riid))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int shape_find(const struct shape *s, uint16_t rid, uint16_t riid)
{
	unsigned k = shape_from(s, rid, riid);

	return k < s->n && s->e[k].rid == rid && s->e[k].riid == riid ? (int)k : -1;
}

int shape_first(const struct shape *s, uint16_t rid)
{
	unsigned k = shape_from(s, rid, 0);

	return k < s->n && s->e[k].rid == rid ? (int)k : -1;
}

struct blob *blob_new(struct shapes *s, const void *p, size_t len)
{
	struct blob *b = xmalloc(sizeof(*b) + len + 1), *known;

	*b = (struct blob){ .refs = 1, .len = (uint32_t)len };
	if (len)
		memcpy(b->bytes, p, len);
	b->bytes[len] = '\0';
	if (len > SHARED_MAX)
		return b;
	b->hash = (uint32_t)map_hash_bytes(p, len, 0);
	known = map_get(&s->blobs, b);
	if (known) {
		free(b);
		known->refs++;
		return known;
	}
	map_put(&s->blobs, b);
	return b;
}

void blob_unref(struct shapes *s, struct blob *b)
{
	if (!b || --b->refs)
		return;
	if (b->len <= SHARED_MAX)
		map_take(&s->blobs, b);
	free(b);
}
