/* SPDX-License-Identifier: BSD-3-Clause */
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include "mem.h"

#define SLOTS_FIRST 16

struct table_row {
	struct table_row *next;
	uint64_t mark;
	void *value;
	char key[];
};

/* FNV-1a with a final mix; the NUL is hashed too, so that "a","bc" and "ab","c" differ. */
uint64_t mark_of(uint64_t before, const char *s)
{
	uint64_t h = before ? before : 0xcbf29ce484222325u;

	do
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	while (*s++);
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	h ^= h >> 32;
	return h ? h : 1;
}

/* --- table --------------------------------------------------------------------------------- */

static struct table_row **find(const struct table *t, const char *key, uint64_t mark)
{
	struct table_row **at = &t->slots[mark & (t->nslots - 1)];

	while (*at && ((*at)->mark != mark || strcmp((*at)->key, key) != 0))
		at = &(*at)->next;
	return at;
}

static void table_widen(struct table *t)
{
	size_t n = t->nslots ? t->nslots * 2 : SLOTS_FIRST;
	struct table_row **slots = mem_zero(n, sizeof(struct table_row *));

	for (size_t k = 0; k < t->nslots; k++)
		for (struct table_row *row = t->slots[k], *next; row; row = next) {
			next = row->next;
			row->next = slots[row->mark & (n - 1)];
			slots[row->mark & (n - 1)] = row;
		}
	free(t->slots);
	t->slots = slots;
	t->nslots = n;
}

void **table_at(struct table *t, const char *key)
{
	uint64_t mark = mark_of(0, key);
	size_t len = strlen(key) + 1;
	struct table_row **at;

	if (t->n >= t->nslots)
		table_widen(t);
	at = find(t, key, mark);
	if (!*at) {
		*at = mem_zero(1, sizeof(**at) + len);
		(*at)->mark = mark;
		memcpy((*at)->key, key, len);
		t->n++;
	}
	return &(*at)->value;
}

void *table_get(const struct table *t, const char *key)
{
	struct table_row **at;

	if (!t->nslots)
		return NULL;
	at = find(t, key, mark_of(0, key));
	return *at ? (*at)->value : NULL;
}

void table_filter(struct table *t, bool (*keep)(void *ud, void *value), void *ud)
{
	for (size_t k = 0; k < t->nslots; k++)
		for (struct table_row **at = &t->slots[k]; *at;) {
			struct table_row *row = *at;

			if (keep(ud, row->value)) {
				at = &row->next;
				continue;
			}
			*at = row->next;
			free(row);
			t->n--;
		}
}

void table_free(struct table *t, void (*drop)(void *value))
{
	for (size_t k = 0; k < t->nslots; k++)
		for (struct table_row *row = t->slots[k], *next; row; row = next) {
			next = row->next;
			if (drop)
				drop(row->value);
			free(row);
		}
	free(t->slots);
	*t = (struct table){ 0 };
}

/* --- marks --------------------------------------------------------------------------------- */

static uint64_t *place(const struct marks *m, uint64_t mark)
{
	size_t k = mark & (m->nslots - 1);

	while (m->slots[k] && m->slots[k] != mark)
		k = (k + 1) & (m->nslots - 1);
	return &m->slots[k];
}

bool marks_has(const struct marks *m, uint64_t mark)
{
	return m->nslots && *place(m, mark) == mark;
}

void marks_add(struct marks *m, uint64_t mark)
{
	uint64_t *at;

	if (m->n * 2 >= m->nslots) {
		struct marks wide = { .nslots = m->nslots ? m->nslots * 2 : SLOTS_FIRST };

		wide.slots = mem_zero(wide.nslots, sizeof(uint64_t));
		wide.n = m->n;
		for (size_t k = 0; k < m->nslots; k++)
			if (m->slots[k])
				*place(&wide, m->slots[k]) = m->slots[k];
		free(m->slots);
		*m = wide;
	}
	at = place(m, mark);
	m->n += !*at;
	*at = mark;
}

void marks_free(struct marks *m)
{
	free(m->slots);
	*m = (struct marks){ 0 };
}
