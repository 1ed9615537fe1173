/* SPDX-License-Identifier: BSD-3-Clause */
/* Facts: those of an earlier life wait in memory until somebody adopts them. */
#include <stdlib.h>
#include <string.h>
#include "store/state.h"
#include "util/mem.h"

static struct kept *kept_find(
	struct owner *o, enum store_fact kind, const void *key, size_t key_len)
{
	struct kept *k;

	LIST_FOREACH(k, &o->kept, next)
		if (k->kind == kind && k->key_len == key_len &&
			(!key_len || !memcmp(k->bytes, key, key_len)))
			return k;
	return NULL;
}

void fact_keep(struct store *s, enum store_fact kind, const char *owner, const uint8_t *key,
	size_t key_len, const uint8_t *value, size_t len)
{
	struct owner *o = store_owner(s, owner, true);
	struct kept *k = xcalloc(1, offsetof(struct kept, bytes) + key_len + len);

	k->kind = kind;
	k->key_len = (uint32_t)key_len;
	k->len = (uint32_t)len;
	if (key_len)
		memcpy(k->bytes, key, key_len);
	if (len)
		memcpy(k->bytes + key_len, value, len);
	LIST_INSERT_HEAD(&o->kept, k, next);
}

void fact_unkeep(struct kept *k)
{
	LIST_REMOVE(k, next);
	mem_wipe(k->bytes, k->key_len + k->len);
	free(k);
}

/* What is known of it in memory. */
static void forget(
	struct store *s, enum store_fact kind, const char *owner, const void *key, size_t key_len)
{
	struct owner *o = store_owner(s, owner, false);
	struct kept *k = o ? kept_find(o, kind, key, key_len) : NULL;

	if (k) {
		fact_unkeep(k);
		store_owner_release(o);
	}
}

void store_put(struct store *s, enum store_fact kind, const char *owner, const void *key,
	size_t key_len, const void *value, size_t len)
{
	forget(s, kind, owner, key, key_len);
	if (!s->writer) {
		fact_keep(s, kind, owner, key, key_len, value, len);
		return;
	}
	store_begin(s);
	store_change(s, CHANGE_FACT, owner, key, key_len, value, len)->fact = kind;
	store_end(s);
}

void store_del(
	struct store *s, enum store_fact kind, const char *owner, const void *key, size_t key_len)
{
	forget(s, kind, owner, key, key_len);
	store_begin(s);
	store_change(s, CHANGE_NO_FACT, owner, key, key_len, NULL, 0)->fact = kind;
	store_end(s);
}

void store_adopt(
	struct store *s, enum store_fact kind, const char *owner, store_fact_fn fn, void *ud)
{
	struct owner *o = store_owner(s, owner, false);
	LIST_HEAD(, kept) taken = LIST_HEAD_INITIALIZER(taken);
	struct kept *k, *next;

	for (k = o ? LIST_FIRST(&o->kept) : NULL; k; k = next) {
		next = LIST_NEXT(k, next);
		if (k->kind != kind)
			continue;
		LIST_REMOVE(k, next);
		LIST_INSERT_HEAD(&taken, k, next);
	}
	if (o)
		store_owner_release(o);
	while ((k = LIST_FIRST(&taken))) {
		if (fn)
			fn(ud, k->bytes, k->key_len, k->bytes + k->key_len, k->len);
		fact_unkeep(k);
	}
}

void store_forget(struct store *s, enum store_fact kind, const char *owner)
{
	store_adopt(s, kind, owner, NULL, NULL);
	store_begin(s);
	store_change(s, CHANGE_FORGET, owner, NULL, 0, NULL, 0)->fact = kind;
	store_end(s);
}

void facts_again(struct store *s)
{
	struct owner *o;
	struct kept *k;
	size_t it = 0;

	while ((o = map_next(&s->owners, &it)))
		LIST_FOREACH(k, &o->kept, next)
			store_change(s, CHANGE_FACT, o->name, k->bytes, k->key_len,
				k->bytes + k->key_len, k->len)
				->fact = k->kind;
}
