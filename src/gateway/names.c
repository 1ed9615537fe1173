/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway/names.h"

#include <stdio.h>
#include <string.h>
#include "util/err.h"
#include "util/mem.h"
#include "util/num.h"

static int level(
	const struct objdefs *defs, const struct path *p, const char *s, size_t len, uint16_t *id)
{
	const struct objdef *d;
	const struct resdef *r;

	if (!num_parse_u16(s, len, id))
		return LGW_OK;
	if (p->n == 0) {
		d = objdefs_find_name(defs, s, len);
		if (!d)
			return LGW_EINVAL;
		*id = d->id;
		return LGW_OK;
	}
	d = p->n == 2 ? objdefs_find(defs, p->id[0]) : NULL;
	r = d ? objdef_res_by_name(d, s, len) : NULL;
	if (!r)
		return LGW_EINVAL;
	*id = r->id;
	return LGW_OK;
}

int names_path(const struct objdefs *defs, const char *text, struct path *out)
{
	struct path p = { .n = 0 };

	if (*text == '/')
		text++;
	while (*text) {
		size_t len = strcspn(text, "/");

		if (p.n == ARRAY_SIZE(p.id) || level(defs, &p, text, len, &p.id[p.n]))
			return LGW_EINVAL;
		p.n++;
		text += len;
		if (*text == '/' && !*++text)
			return LGW_EINVAL;
	}
	*out = p;
	return LGW_OK;
}

static const char *part_of(const struct name_parts *parts, const char *name, size_t len)
{
	const struct {
		const char *name, *value;
	} table[] = {
		{ "device", parts->device },
		{ "plugin", parts->plugin },
		{ "machine", parts->machine },
		{ "serial", parts->serial },
		{ "name", parts->name },
	};

	for (size_t k = 0; k < ARRAY_SIZE(table); k++)
		if (strlen(table[k].name) == len && !memcmp(table[k].name, name, len))
			return table[k].value ? table[k].value : "";
	return NULL;
}

static bool plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("-._:", c) || c >= 0x80;
}

static int append(char *out, size_t cap, size_t *n, const char *s, size_t len)
{
	if (*n + len >= cap || *n + len > ENDPOINT_MAX)
		return LGW_ETOOBIG;
	for (size_t k = 0; k < len; k++)
		out[(*n)++] = s[k] && plain((unsigned char)s[k]) ? s[k] : '-';
	return LGW_OK;
}

int names_endpoint(const char *template, const struct name_parts *parts, char *out, size_t cap,
	char *text, size_t size)
{
	size_t n = 0;
	int r = LGW_OK;

	for (const char *s = template; *s && !r;) {
		const char *value = s, *close;
		size_t len = strcspn(s, "{");

		if (*s == '{') {
			close = strchr(s, '}');
			value = close ? part_of(parts, s + 1, (size_t)(close - s - 1)) : NULL;
			if (!value) {
				snprintf(text, size,
					"endpoint template \"%s\": %s, expected {device}, "
					"{plugin}, "
					"{machine}, {serial} or {name}",
					template, close ? "unknown part" : "open brace");
				return LGW_EINVAL;
			}
			s = close + 1;
			len = strlen(value);
		} else {
			s += len;
		}
		r = append(out, cap, &n, value, len);
	}
	if (r || !n) {
		snprintf(text, size, "endpoint template \"%s\": the name would be %s", template,
			r ? "longer than 252 bytes" : "empty");
		return r ? r : LGW_EINVAL;
	}
	out[n] = '\0';
	return LGW_OK;
}
