/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/str.h"

#include <string.h>
#include <lgw/status.h>

int str_copy(char *dst, size_t cap, const char *src)
{
	size_t len = strnlen(src, cap);

	if (!cap)
		return LGW_ETOOBIG;
	if (len == cap) {
		memcpy(dst, src, cap - 1);
		dst[cap - 1] = '\0';
		return LGW_ETOOBIG;
	}
	memcpy(dst, src, len + 1);
	return LGW_OK;
}

bool str_eq(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool str_starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* Length of the well-formed character at p, or 0 (RFC 3629 §4). */
static size_t utf8_char(const uint8_t *p, size_t left)
{
	uint8_t lo = 0x80, hi = 0xbf;
	size_t n;

	if (p[0] < 0x80)
		return p[0] ? 1 : 0;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (left < n || p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return n;
}

bool str_utf8_valid(const void *p, size_t len)
{
	const uint8_t *b = p;
	size_t n;

	for (; len; b += n, len -= n) {
		n = utf8_char(b, len);
		if (!n)
			return false;
	}
	return true;
}

const char *str_printable(char *dst, size_t cap, const void *p, size_t len)
{
	const uint8_t *b = p;
	size_t o = 0;

	while (len && o + 1 < cap) {
		size_t n = utf8_char(b, len);

		if (!n || b[0] < 0x20 || b[0] == 0x7f || (b[0] == 0xc2 && n == 2 && b[1] < 0xa0)) {
			dst[o++] = '?';
			n = n ? n : 1;
		} else if (o + n < cap) {
			memcpy(dst + o, b, n);
			o += n;
		} else {
			break;
		}
		b += n;
		len -= n;
	}
	if (cap)
		dst[o] = '\0';
	return dst;
}
