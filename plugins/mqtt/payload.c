/* SPDX-License-Identifier: BSD-3-Clause */
#include "payload.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <lgw/status.h>
#include "text.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Seen before the parser sees it: jansson's own limit of 2048 is far beyond any sensor. */
static bool too_deep(const char *s, size_t len)
{
	bool in_string = false;
	int depth = 0;

	for (size_t k = 0; k < len; k++) {
		if (in_string) {
			if (s[k] == '\\')
				k++;
			else
				in_string = s[k] != '"';
		} else if (s[k] == '"') {
			in_string = true;
		} else if (s[k] == '{' || s[k] == '[') {
			if (++depth > JSON_DEPTH)
				return true;
		} else if (s[k] == '}' || s[k] == ']') {
			depth--;
		}
	}
	return false;
}

static json_t *parse(const char *s, size_t len, json_error_t *error)
{
	const size_t flags = JSON_DECODE_ANY;
	json_t *j = json_loadb(s, len, flags, error);

	/* Counters may be beyond 63 bits. */
	if (!j && json_error_code(error) == json_error_numeric_overflow)
		j = json_loadb(s, len, flags | JSON_DECODE_INT_AS_REAL, error);
	return j;
}

int payload_parse(struct payload *p, const char *data, size_t len, char *why, size_t size)
{
	json_error_t error;

	while (len && is_blank(data[0])) {
		data++;
		len--;
	}
	while (len && is_blank(data[len - 1]))
		len--;
	*p = (struct payload){ .text = data, .len = len, .empty = !len };
	if (!len)
		return LGW_OK;
	if (too_deep(data, len)) {
		snprintf(why, size, "JSON deeper than %d", JSON_DEPTH);
		return LGW_EINVAL;
	}
	p->json = parse(data, len, &error);
	if (p->json)
		return LGW_OK;
	if (data[0] == '{' || data[0] == '[') {
		snprintf(why, size, "broken JSON in line %d, column %d: %s", error.line,
			error.column, error.text);
		return LGW_EINVAL;
	}
	if (!text_plain(data, len)) {
		snprintf(why, size, "neither JSON nor UTF-8 text");
		return LGW_EINVAL;
	}
	return LGW_OK;
}

void payload_fini(struct payload *p)
{
	json_decref(p->json);
	p->json = NULL;
}

bool payload_scalar(struct lgw_value *v, const json_t *j)
{
	switch (json_typeof(j)) {
	case JSON_TRUE:
	case JSON_FALSE:
		v->type = LGW_BOOL;
		v->u.b = json_is_true(j);
		return true;
	case JSON_INTEGER:
		v->type = LGW_INT;
		v->u.i = json_integer_value(j);
		return true;
	case JSON_REAL:
		v->type = LGW_REAL;
		v->u.r = json_real_value(j);
		return isfinite(v->u.r);
	case JSON_STRING:
		v->type = LGW_TEXT;
		v->u.s.p = json_string_value(j);
		v->u.s.len = json_string_length(j);
		return true;
	default:
		return false;
	}
}
