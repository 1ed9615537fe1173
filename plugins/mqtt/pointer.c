/* SPDX-License-Identifier: BSD-3-Clause */
#include "pointer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>

/* RFC 6901 §3, §4: "~1" is '/', "~0" is '~', any other '~' is an error. */
static int unescape(struct pointer *p, const char *s, size_t len, char *why, size_t size)
{
	char *out = p->text;

	for (size_t k = 0; k < len; k++) {
		char c = s[k];

		if (c == '/') {
			if (p->n == POINTER_TOKENS) {
				snprintf(why, size, "a pointer of more than %d parts",
					POINTER_TOKENS);
				return LGW_EINVAL;
			}
			*out++ = '\0';
			p->token[p->n++] = out;
			continue;
		}
		if (c == '~') {
			k++;
			if (k == len || (s[k] != '0' && s[k] != '1')) {
				snprintf(why, size, "after '~' a pointer has 0 or 1");
				return LGW_EINVAL;
			}
			c = s[k] == '0' ? '~' : '/';
		}
		*out++ = c;
	}
	*out = '\0';
	return LGW_OK;
}

int pointer_parse(struct pointer *p, const char *s, size_t len, char *why, size_t size)
{
	int e;

	*p = (struct pointer){ 0 };
	if ((len && s[0] != '/') || memchr(s, '\0', len)) {
		snprintf(why, size, "a JSON pointer begins with '/'");
		return LGW_EINVAL;
	}
	p->text = malloc(len + 1);
	if (!p->text)
		return LGW_ENOMEM;
	e = unescape(p, s, len, why, size);
	if (e)
		pointer_fini(p);
	return e;
}

void pointer_fini(struct pointer *p)
{
	free(p->text);
	*p = (struct pointer){ 0 };
}

static json_t *element(const json_t *array, const char *token)
{
	size_t n = strlen(token), index = 0;

	if (!n || n > 9 || (token[0] == '0' && n > 1))
		return NULL;
	for (size_t k = 0; k < n; k++) {
		if (token[k] < '0' || token[k] > '9')
			return NULL;
		index = index * 10 + (size_t)(token[k] - '0');
	}
	return json_array_get(array, index);
}

json_t *pointer_get(const struct pointer *p, json_t *root)
{
	json_t *at = root;

	for (size_t k = 0; at && k < p->n; k++)
		at = json_is_array(at) ? element(at, p->token[k])
				       : json_object_get(at, p->token[k]);
	return at;
}
