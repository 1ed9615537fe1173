/* SPDX-License-Identifier: BSD-3-Clause */
/* A map of texts to pointers, and a set of fingerprints where the texts are not needed again. */
#ifndef MQTT_TABLE_H
#define MQTT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is an empty table. */
struct table {
	struct table_row **slots;
	size_t nslots, n;
};
/* The place of key's value, made (as NULL) if there was none. Good until the next change. */
void **table_at(struct table *t, const char *key);
void *table_get(const struct table *t, const char *key); /* NULL: not there */
/* Asks for each value whether it stays; who says no has freed it. */
void table_filter(struct table *t, bool (*keep)(void *ud, void *value), void *ud);
/* drop (may be NULL) is called for each value. */
void table_free(struct table *t, void (*drop)(void *value));

/* 64-bit fingerprints; two texts that share one are taken for the same (1 in 2^64). */
struct marks {
	uint64_t *slots;
	size_t nslots, n;
};
uint64_t mark_of(uint64_t before, const char *s); /* chained; before of the first is 0 */
bool marks_has(const struct marks *m, uint64_t mark);
void marks_add(struct marks *m, uint64_t mark);
void marks_free(struct marks *m);

#endif
