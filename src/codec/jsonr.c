/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/jsonr.h"

#include <string.h>
#include "util/num.h"
#include "util/wr.h"

/*
 * What jansson cannot say about a text is seen before it sees it: how deep it is (its own limit is
 * 2048), and integers above INT64_MAX, which it knows not. Those become texts that begin with a
 * NUL; other texts that begin so are refused.
 */
#define WIDE_MARK "\\u0000"

static size_t number_len(const uint8_t *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] && strchr("0123456789+-.eE", s[n]))
		n++;
	return n;
}

/* Where the text that begins at s ends: the index of its quote. */
static size_t text_end(const uint8_t *s, size_t len)
{
	size_t k = 1;

	for (; k < len && s[k] != '"'; k++)
		k += s[k] == '\\';
	return k;
}

static bool marked(const uint8_t *s, size_t len)
{
	return len > strlen(WIDE_MARK) && !memcmp(s + 1, WIDE_MARK, strlen(WIDE_MARK));
}

/* Into out with wide integers as texts; *wide: there are any. */
static bool scan(const uint8_t *s, size_t len, struct wr *out, bool *wide)
{
	unsigned depth = 0;
	size_t from = 0, n;
	uint64_t u;

	for (size_t k = 0; k < len; k += n) {
		n = number_len(s + k, len - k);
		if (n && !num_parse_u64((const char *)s + k, n, &u) && u > INT64_MAX) {
			wr_bytes(out, s + from, k - from);
			wr_printf(out, "\"" WIDE_MARK "%llu\"", (unsigned long long)u);
			from = k + n;
			*wide = true;
		}
		if (n)
			continue;
		n = s[k] == '"' ? text_end(s + k, len - k) + 1 : 1;
		if (s[k] == '"' && marked(s + k, len - k))
			return false;
		if ((s[k] == '{' || s[k] == '[') && ++depth > JSONR_DEPTH)
			return false;
		if ((s[k] == '}' || s[k] == ']') && depth)
			depth--;
	}
	if (*wide)
		wr_bytes(out, s + from, len - from);
	return !wr_err(out);
}

json_t *jsonr_load(const uint8_t *p, size_t len)
{
	struct wr copy = wr_grow(2 * len + 1); /* such an integer gets eight more characters */
	json_t *j = NULL;
	json_error_t e;
	bool wide = false;

	if (scan(p, len, &copy, &wide))
		j = json_loadb(wide ? (const char *)copy.p : (const char *)p, wide ? copy.len : len,
			JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &e);
	wr_fini(&copy);
	return j;
}

static bool wide_number(const json_t *j, struct value *out)
{
	const char *s = json_string_value(j);
	size_t len = json_string_length(j);

	out->type = VT_UINT;
	return s && len && !*s && !num_parse_u64(s + 1, len - 1, &out->u.u);
}

bool jsonr_number(const json_t *j, struct value *out)
{
	if (json_is_integer(j))
		*out = VALUE_INT(json_integer_value(j));
	else if (json_is_real(j))
		*out = VALUE_FLOAT(json_real_value(j));
	else
		return wide_number(j, out);
	return true;
}

bool jsonr_text(const json_t *j, const uint8_t **p, uint32_t *len)
{
	struct value wide;

	if (!json_is_string(j) || wide_number(j, &wide))
		return false;
	*p = (const uint8_t *)json_string_value(j);
	*len = (uint32_t)json_string_length(j);
	return true;
}
