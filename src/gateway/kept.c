/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/kept.h"

#include <stdlib.h>
#include <string.h>
#include <lgw/plugin.h>
#include "store/store.h"
#include "util/err.h"
#include "util/mem.h"

struct kept {
	LIST_ENTRY(kept) next;
	char *source, *name;
	void *p;
	size_t len;
};

static struct kept *find(const struct kept_list *l, const char *source, const char *name)
{
	struct kept *k;

	LIST_FOREACH(k, l, next)
		if (!strcmp(k->source, source) && !strcmp(k->name, name))
			break;
	return k;
}

static size_t count(const struct kept_list *l, const char *source)
{
	const struct kept *k;
	size_t n = 0;

	LIST_FOREACH(k, l, next)
		n += !strcmp(k->source, source);
	return n;
}

/* It may be a secret: the password of a data connection. */
static void wipe(struct kept *k)
{
	if (k->p)
		mem_wipe(k->p, k->len);
	free(k->p);
}

static void drop(struct kept *k)
{
	LIST_REMOVE(k, next);
	wipe(k);
	free(k->source);
	free(k->name);
	free(k);
}

static void set(
	struct kept_list *l, const char *source, const char *name, const void *p, size_t len)
{
	struct kept *k = find(l, source, name);

	if (!k) {
		k = xcalloc(1, sizeof(*k));
		k->source = xstrdup(source);
		k->name = xstrdup(name);
		LIST_INSERT_HEAD(l, k, next);
	}
	wipe(k);
	k->p = xmemdup(p, len);
	k->len = len;
}

/* --- what an earlier life left --------------------------------------------------------------- */

struct loading {
	struct kept_list *list;
	const char *source;
};

static void loaded(void *ud, const uint8_t *key, size_t key_len, const uint8_t *value, size_t len)
{
	const struct loading *l = ud;
	char name[LGW_KEEP_NAME_MAX];

	if (key_len >= sizeof(name) || len > LGW_KEEP_MAX ||
		count(l->list, l->source) == LGW_KEEP_NAMES)
		return;
	memcpy(name, key, key_len);
	name[key_len] = '\0';
	set(l->list, l->source, name, value, len);
}

void kept_load(struct kept_list *l, struct store *store, const char *source)
{
	struct loading loading = { l, source };

	if (store)
		store_adopt(store, STORE_KEPT, source, loaded, &loading);
}

void kept_free(struct kept_list *l)
{
	while (!LIST_EMPTY(l))
		drop(LIST_FIRST(l));
}

/* --- now ------------------------------------------------------------------------------------- */

int kept_put(struct kept_list *l, struct store *store, const char *source, const char *name,
	const void *p, size_t len)
{
	size_t name_len = strlen(name);
	struct kept *k = find(l, source, name);

	if (!name_len || name_len >= LGW_KEEP_NAME_MAX)
		return LGW_EINVAL;
	if (len > LGW_KEEP_MAX)
		return LGW_ETOOBIG;
	if (!k && p && count(l, source) == LGW_KEEP_NAMES)
		return LGW_ENOMEM;
	if (p)
		set(l, source, name, p, len);
	else if (k)
		drop(k);
	if (store && p)
		store_put(store, STORE_KEPT, source, name, name_len, p, len);
	else if (store)
		store_del(store, STORE_KEPT, source, name, name_len);
	return LGW_OK;
}

void kept_again(const struct kept_list *l, struct store *store)
{
	const struct kept *k;

	LIST_FOREACH(k, l, next)
		store_put(store, STORE_KEPT, k->source, k->name, strlen(k->name), k->p, k->len);
}

int kept_get(
	const struct kept_list *l, const char *source, const char *name, void *buf, size_t size)
{
	const struct kept *k = find(l, source, name);

	if (!k)
		return LGW_ENOENT;
	if (k->len > size)
		return LGW_ETOOBIG;
	memcpy(buf, k->p, k->len);
	return (int)k->len;
}
