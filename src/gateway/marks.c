/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/marks.h"
#include <stdlib.h>
#include <string.h>
#include <lgw/device.h>
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

static void take(struct marks *m, unsigned k, uint64_t number, const void *marks, size_t n)
{
	struct mark_batch *b = &m->batch[k];

	drop(m, k);
	b->marks = xmemdup(marks, n * sizeof(*b->marks));
	b->n = n;
	b->number = number;
	for (size_t i = 0; i < n; i++)
		map_put(&m->known, &b->marks[i]);
	if (m->number < number)
		m->number = number;
}

static void loaded(void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	uint64_t number;

	if (key_len != 1 || *key >= MARK_SLOTS || len < 2 * sizeof(number))
		return;
	memcpy(&number, value, sizeof(number));
	take(ud, *key, number, value + sizeof(number), len / sizeof(number) - 1);
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
	for (unsigned k = 0; k < MARK_SLOTS; k++)
		drop(m, k);
	map_fini(&m->known);
}

bool marks_known(const struct marks *m, uint64_t mark)
{
	return mark && map_get(&m->known, &mark);
}

static bool is_from(const struct mark_batch *b, uint8_t from)
{
	return b->n && LGW_MARK_FROM(b->marks[0]) == from;
}

static void note(struct marks *m, unsigned k)
{
	const struct mark_batch *b = &m->batch[k];
	uint8_t key = (uint8_t)k;
	uint64_t *value;

	if (!m->store)
		return;
	value = xreallocarray(NULL, b->n + 1, sizeof(*value));
	value[0] = b->number;
	memcpy(value + 1, b->marks, b->n * sizeof(*value));
	store_put(m->store, STORE_MARKS, m->source, &key, 1, value, (b->n + 1) * sizeof(*value));
	free(value);
}

void marks_again(struct marks *m)
{
	for (unsigned k = 0; k < MARK_SLOTS; k++)
		if (m->batch[k].n)
			note(m, k);
}

/* An empty slot, or that of the oldest batch: of this broker where it has its share already. */
static unsigned slot_for(const struct marks *m, uint8_t from)
{
	unsigned mine = 0, oldest = 0, oldest_mine = 0;

	for (unsigned k = 0; k < MARK_SLOTS; k++) {
		if (m->batch[k].number < m->batch[oldest].number)
			oldest = k; /* an empty one has 0 */
		if (!is_from(&m->batch[k], from))
			continue;
		if (!mine++ || m->batch[k].number < m->batch[oldest_mine].number)
			oldest_mine = k;
	}
	return mine < MARK_BATCHES ? oldest : oldest_mine;
}

void marks_add(struct marks *m, const uint64_t *marks, size_t n)
{
	unsigned k = slot_for(m, LGW_MARK_FROM(marks[0]));

	take(m, k, m->number + 1, marks, n);
	note(m, k);
}

void marks_forget(struct marks *m, uint8_t from)
{
	for (unsigned k = 0; k < MARK_SLOTS; k++) {
		uint8_t key = (uint8_t)k;

		if (!is_from(&m->batch[k], from))
			continue;
		drop(m, k);
		if (m->store)
			store_del(m->store, STORE_MARKS, m->source, &key, 1);
	}
}
