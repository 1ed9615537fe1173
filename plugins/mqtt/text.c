/* SPDX-License-Identifier: BSD-3-Clause */
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_reset(struct text *t)
{
	t->len = 0;
	t->bad = false;
	if (t->p)
		t->p[0] = '\0';
}

void text_free(struct text *t)
{
	free(t->p);
	*t = (struct text){ 0 };
}

static bool make_room(struct text *t, size_t len)
{
	size_t need, size;
	char *p;

	if (t->bad || len > TEXT_BYTES || t->len + len > TEXT_BYTES) {
		t->bad = true;
		return false;
	}
	need = t->len + len + 1;
	if (need <= t->size)
		return true;
	for (size = t->size ? t->size : 64; size < need;)
		size *= 2;
	p = realloc(t->p, size);
	if (!p) {
		t->bad = true;
		return false;
	}
	t->p = p;
	t->size = size;
	return true;
}

void text_add(struct text *t, const char *s, size_t len)
{
	if (!make_room(t, len))
		return;
	if (len)
		memcpy(t->p + t->len, s, len);
	t->len += len;
	t->p[t->len] = '\0';
}

void text_adds(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_add_json(struct text *t, const char *s, size_t len)
{
	char escape[8];

	for (size_t k = 0; k < len; k++) {
		unsigned char c = (unsigned char)s[k];

		if (c == '"' || c == '\\') {
			escape[0] = '\\';
			escape[1] = (char)c;
			text_add(t, escape, 2);
		} else if (c < 0x20 || c == 0x7f) {
			snprintf(escape, sizeof(escape), "\\u%04x", c);
			text_add(t, escape, 6);
		} else {
			text_add(t, s + k, 1);
		}
	}
}

/* The shortest of 15 to 17 digits that reads back the same, with a point in every locale. */
static void add_real(struct text *t, double r)
{
	char s[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(s, sizeof(s), "%.*g", digits, r);
		if (strtod(s, NULL) == r)
			break;
	}
	for (char *c = s; *c; c++)
		if (*c == ',')
			*c = '.';
	text_adds(t, s);
}

void text_add_value(struct text *t, const struct lgw_value *v)
{
	char s[24];

	switch (v->type) {
	case LGW_BOOL:
		text_adds(t, v->u.b ? "true" : "false");
		break;
	case LGW_INT:
		snprintf(s, sizeof(s), "%" PRId64, v->u.i);
		text_adds(t, s);
		break;
	case LGW_REAL:
		add_real(t, v->u.r);
		break;
	case LGW_TEXT:
		text_add(t, v->u.s.p, v->u.s.len);
		break;
	case LGW_NULL:
	case LGW_BYTES:
		break;
	}
}

const char *text_str(const struct text *t)
{
	return t->p ? t->p : "";
}

/* Length of the sequence at s, 0 if it is none. */
static size_t sequence(const unsigned char *s, size_t len)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (!n || s[0] > 0xf4 || n > len)
		return 0;
	for (size_t k = 1; k < n; k++)
		if ((s[k] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
		(s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

bool text_utf8(const char *s, size_t len)
{
	size_t n;

	for (size_t k = 0; k < len; k += n) {
		n = sequence((const unsigned char *)s + k, len - k);
		if (!n)
			return false;
	}
	return true;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

bool text_plain(const char *s, size_t len)
{
	for (size_t k = 0; k < len; k++)
		if (is_control(s[k]) && s[k] != '\t' && s[k] != '\n' && s[k] != '\r')
			return false;
	return text_utf8(s, len);
}

bool text_name(const char *s, size_t len)
{
	for (size_t k = 0; k < len; k++)
		if (is_control(s[k]))
			return false;
	return len > 0 && len <= NAME_BYTES && text_utf8(s, len);
}

void text_printable(char *out, size_t size, const char *s, size_t len)
{
	size_t n = len < size ? len : size - 1;

	for (size_t k = 0; k < n; k++)
		out[k] = (char)((unsigned char)s[k] < 0x20 || (unsigned char)s[k] > 0x7e ? '.'
											 : s[k]);
	out[n] = '\0';
	if (len >= size && size > 4)
		memcpy(out + size - 4, "...", 4);
}
