/* SPDX-License-Identifier: BSD-3-Clause */
#include "types/path.h"

#include <stdio.h>
#include <string.h>
#include "util/err.h"
#include "util/mem.h"
#include "util/num.h"

int path_parse(struct path *out, const char *s, size_t len)
{
	struct path p = { .n = 0 };
	const char *end = s + len;

	if (len && *s == '/')
		s++;
	while (s < end) {
		const char *slash = memchr(s, '/', (size_t)(end - s));
		const char *stop = slash ? slash : end;

		if (p.n == ARRAY_SIZE(p.id) || num_parse_u16(s, (size_t)(stop - s), &p.id[p.n]))
			return LGW_EINVAL;
		p.n++;
		if (slash && slash + 1 == end)
			return LGW_EINVAL; /* empty last segment */
		s = slash ? slash + 1 : end;
	}
	if (!p.n && !len)
		return LGW_EINVAL;
	*out = p;
	return LGW_OK;
}

const char *path_text(char *buf, const struct path *p)
{
	size_t at = 0;

	buf[0] = '/';
	buf[1] = '\0';
	for (unsigned i = 0; i < p->n && i < ARRAY_SIZE(p->id); i++)
		at += (size_t)snprintf(buf + at, PATH_TEXT_MAX - at, "/%u", p->id[i]);
	return buf;
}

int path_cmp(const struct path *a, const struct path *b)
{
	for (unsigned i = 0; i < a->n && i < b->n; i++)
		if (a->id[i] != b->id[i])
			return a->id[i] < b->id[i] ? -1 : 1;
	return a->n == b->n ? 0 : a->n < b->n ? -1 : 1;
}

bool path_eq(const struct path *a, const struct path *b)
{
	return path_cmp(a, b) == 0;
}

bool path_contains(const struct path *a, const struct path *b)
{
	if (a->n > b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (a->id[i] != b->id[i])
			return false;
	return true;
}
