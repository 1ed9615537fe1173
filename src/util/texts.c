/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/texts.h"

#include <stdlib.h>
#include <string.h>
#include "util/mem.h"

struct text {
	uint32_t refs;
	char s[];
};

static uint64_t hash(const void *key, uint64_t seed)
{
	return map_hash_str(key, seed);
}

static bool match(const void *key, const void *item)
{
	return !strcmp(key, ((const struct text *)item)->s);
}

static const void *key_of(const void *item)
{
	return ((const struct text *)item)->s;
}

static const struct map_ops ops = { hash, match, key_of };

const char *texts_get(struct texts *t, const char *s)
{
	struct text *x;

	if (!s)
		return NULL;
	if (!t->map.ops)
		map_init(&t->map, &ops);
	x = map_get(&t->map, s);
	if (!x) {
		size_t size = strlen(s) + 1;

		x = xmalloc(sizeof(*x) + size);
		x->refs = 0;
		memcpy(x->s, s, size);
		map_put(&t->map, x);
	}
	x->refs++;
	return x->s;
}

void texts_put(struct texts *t, const char *s)
{
	struct text *x = s ? map_get(&t->map, s) : NULL;

	if (!x || --x->refs)
		return;
	free(map_take(&t->map, s));
	if (!map_count(&t->map))
		map_fini(&t->map);
}
