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
		{ "endpoint", parts->endpoint },
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

/* A part of the device, made harmless; the template's own characters are taken as they are. */
static int append(char *out, size_t cap, size_t *n, const char *s, size_t len, bool part)
{
	if (*n + len >= cap)
		return LGW_ETOOBIG;
	if (part && (!strcmp(s, ".") || !strcmp(s, "..")))
		return LGW_EINVAL;
	for (size_t k = 0; k < len; k++)
		out[(*n)++] = !part || plain((unsigned char)s[k]) ? s[k] : '-';
	return LGW_OK;
}

int names_fill(const char *what, const char *template, const struct name_parts *parts, char *out,
	size_t cap, char *text, size_t size)
{
	size_t n = 0;
	int r = LGW_OK;

	for (const char *s = template; *s && !r;) {
		const char *value = s, *close;
		size_t len = strcspn(s, "{");
		bool part = *s == '{';

		if (part) {
			close = strchr(s, '}');
			value = close ? part_of(parts, s + 1, (size_t)(close - s - 1)) : NULL;
			if (!value) {
				snprintf(text, size,
					"%s: a template with %s \"%.*s\", expected {device}, "
					"{plugin}, {machine}, {serial}, {name} or {endpoint}",
					what, close ? "an unknown part" : "an open brace",
					close ? (int)(close - s + 1) : 1, s);
				return LGW_EINVAL;
			}
			s = close + 1;
			len = strlen(value);
		} else {
			s += len;
		}
		r = append(out, cap, &n, value, len, part);
	}
	out[r ? 0 : n] = '\0';
	if (r)
		snprintf(text, size, "%s: longer than %zu bytes, or a name that is none", what,
			cap - 1);
	return r;
}

int names_endpoint(const char *template, const struct name_parts *parts, char *out, size_t cap,
	char *text, size_t size)
{
	char whole[ENDPOINT_MAX + 1] = "";
	int r = names_fill("endpoint", template, parts, whole, sizeof(whole), text, size);
	size_t n = strlen(whole);

	if (!r && (!n || n >= cap)) {
		snprintf(text, size, "endpoint: the template makes an empty name");
		r = LGW_EINVAL;
	}
	for (size_t k = 0; !r && k <= n; k++)
		out[k] = !whole[k] || plain((unsigned char)whole[k]) ? whole[k] : '-';
	return r;
}
