/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/jsonr.h"

/* Seen before the parser sees it: jansson's own limit is 2048. */
static bool too_deep(const uint8_t *s, size_t len)
{
	bool in_text = false;
	unsigned depth = 0;

	for (size_t k = 0; k < len; k++) {
		if (in_text && s[k] == '\\')
			k++;
		else if (s[k] == '"')
			in_text = !in_text;
		else if (!in_text && (s[k] == '{' || s[k] == '[') && ++depth > JSONR_DEPTH)
			return true;
		else if (!in_text && (s[k] == '}' || s[k] == ']') && depth)
			depth--;
	}
	return false;
}

json_t *jsonr_load(const uint8_t *p, size_t len)
{
	json_error_t e;

	if (too_deep(p, len))
		return NULL;
	return json_loadb((const char *)p, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &e);
}

bool jsonr_number(const json_t *j, struct value *out)
{
	if (json_is_integer(j))
		*out = VALUE_INT(json_integer_value(j));
	else if (json_is_real(j))
		*out = VALUE_FLOAT(json_real_value(j));
	else
		return false;
	return true;
}

bool jsonr_text(const json_t *j, const uint8_t **p, uint32_t *len)
{
	if (!json_is_string(j))
		return false;
	*p = (const uint8_t *)json_string_value(j);
	*len = (uint32_t)json_string_length(j);
	return true;
}
