/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/marks.h"
#include <stdlib.h>
#include <string.h>
#include "store/store.h"
#include "util/mem.h"

static uint64_t hash(const void *key, uint64_t seed)
{
	return map_hash_u64(*(const uint64_t *)key, seed);
}

static bool match(const void *key, const void *item)
{
	return *(const uint64_t *)key == *(const uint64_t *)item;
}

static const void *key_of(const void *item)
{
	return item;
}

static const struct map_ops ops = { hash, match, key_of };

static void drop(struct marks *m, unsigned k)
{
	struct mark_batch *b = &m->batch[k];

	for (size_t i = 0; i < b->n; i++)
		if (map_get(&m->known, &b->marks[i]) == &b->marks[i])
			map_take(&m->known, &b->marks[i]);
	free(b->marks);
	*b = (struct mark_batch){ 0 };
}

static void take(struct marks *m, unsigned k, const void *marks, size_t n)
{
	struct mark_batch *b = &m->batch[k];

	drop(m, k);
	b->marks = xmemdup(marks, n * sizeof(*b->marks));
	b->n = n;
	for (size_t i = 0; i < n; i++)
		map_put(&m->known, &b->marks[i]);
}

static void loaded(void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	if (key_len == 1 && *key < MARK_BATCHES)
		take(ud, *key, value, len / sizeof(uint64_t));
}

void marks_init(struct marks *m, struct store *store, const char *source)
{
	*m = (struct marks){ .store = store, .source = source };
	map_init(&m->known, &ops);
	if (store)
		store_adopt(store, STORE_MARKS, source, loaded, m);
}

void marks_fini(struct marks *m)
{
	for (unsigned k = 0; k < MARK_BATCHES; k++)
		drop(m, k);
	map_fini(&m->known);
}

bool marks_known(const struct marks *m, uint64_t mark)
{
	return mark && map_get(&m->known, &mark);
}

static void note(struct marks *m, unsigned k)
{
	uint8_t key = (uint8_t)k;

	if (m->store)
		store_put(m->store, STORE_MARKS, m->source, &key, 1, m->batch[k].marks,
			m->batch[k].n * sizeof(uint64_t));
}

void marks_again(struct marks *m)
{
	for (unsigned k = 0; k < MARK_BATCHES; k++)
		if (m->batch[k].n)
			note(m, k);
}

void marks_add(struct marks *m, const uint64_t *marks, size_t n)
{
	take(m, m->next, marks, n);
	note(m, m->next);
	m->next = (m->next + 1) % MARK_BATCHES;
}

void marks_forget(struct marks *m)
{
	for (unsigned k = 0; k < MARK_BATCHES; k++)
		drop(m, k);
	if (m->store)
		store_forget(m->store, STORE_MARKS, m->source);
}
