/* SPDX-License-Identifier: BSD-3-Clause */
#include "fetch/locator.h"

#include <string.h>
#include "util/err.h"
#include "util/mem.h"

static int nibble(int c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* One segment or parameter: its bytes to *at. */
static int add(struct locator *l, uint16_t num, const char *s, size_t len, size_t *at)
{
	struct coap_opt *o = &l->opts[l->n];

	if (l->n == ARRAY_SIZE(l->opts))
		return LGW_EINVAL;
	*o = (struct coap_opt){ .num = num, .val = l->bytes + *at };
	for (size_t k = 0; k < len; k++) {
		int c = (unsigned char)s[k];

		if (c == '%') {
			int hi = k + 2 < len ? nibble(s[k + 1]) : -1;
			int lo = k + 2 < len ? nibble(s[k + 2]) : -1;

			if (hi < 0 || lo < 0)
				return LGW_EINVAL;
			c = hi << 4 | lo;
			k += 2;
		}
		l->bytes[(*at)++] = (uint8_t)c; /* never more than the URI has */
		o->len++;
	}
	l->n++;
	return LGW_OK;
}

/* Parts between separators, up to the end. */
static int split(
	struct locator *l, uint16_t num, char sep, const char *s, const char *end, size_t *at)
{
	int r = LGW_OK;

	while (!r) {
		const char *stop = memchr(s, sep, (size_t)(end - s));

		stop = stop ? stop : end;
		r = add(l, num, s, (size_t)(stop - s), at);
		if (stop == end)
			break;
		s = stop + 1;
	}
	return r;
}

int locator_parse(struct locator *l, const char *uri)
{
	const char *host = strstr(uri, "://"), *path, *query, *end;
	size_t at = 0;
	int r = LGW_OK;

	l->n = 0;
	if (!host || strlen(uri) > FETCH_URI_MAX)
		return LGW_EINVAL;
	host += 3;
	end = host + strcspn(host, "#");
	path = host + strcspn(host, "/?#");
	query = memchr(path, '?', (size_t)(end - path));
	if (path == host)
		return LGW_EINVAL;
	memcpy(l->server, uri, (size_t)(path - uri));
	l->server[path - uri] = '\0';
	if (path < end && *path == '/' && (query ? query : end) > path + 1)
		r = split(l, COAP_OPT_URI_PATH, '/', path + 1, query ? query : end, &at);
	if (!r && query)
		r = split(l, COAP_OPT_URI_QUERY, '&', query + 1, end, &at);
	return r;
}

int locator_options(const struct locator *l, struct coap_msg *m)
{
	int r = LGW_OK;

	for (unsigned k = 0; !r && k < l->n; k++)
		r = coap_add(m, l->opts[k].num, l->opts[k].val, l->opts[k].len);
	return r;
}
