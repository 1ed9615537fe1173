/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/hex.h"

#include <string.h>
#include <lgw/status.h>
#include "util/wr.h"

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void hex_encode(char *out, const void *p, size_t len)
{
	static const char d[] = "0123456789abcdef";
	const uint8_t *b = p;

	for (size_t i = 0; i < len; i++) {
		*out++ = d[b[i] >> 4];
		*out++ = d[b[i] & 15];
	}
	*out = '\0';
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_decode(uint8_t *out, size_t cap, const char *s, size_t len)
{
	if (len % 2)
		return LGW_EINVAL;
	if (len / 2 > cap)
		return LGW_ETOOBIG;
	for (size_t i = 0; i < len; i += 2) {
		int hi = nibble(s[i]), lo = nibble(s[i + 1]);

		if (hi < 0 || lo < 0)
			return LGW_EINVAL;
		*out++ = (uint8_t)(hi << 4 | lo);
	}
	return (int)(len / 2);
}

size_t base64_encode(char *out, const void *p, size_t len)
{
	const uint8_t *b = p;
	char *o = out;

	for (; len >= 3; b += 3, len -= 3) {
		*o++ = b64[b[0] >> 2];
		*o++ = b64[(b[0] & 3) << 4 | b[1] >> 4];
		*o++ = b64[(b[1] & 15) << 2 | b[2] >> 6];
		*o++ = b64[b[2] & 63];
	}
	if (len) {
		*o++ = b64[b[0] >> 2];
		*o++ = b64[(b[0] & 3) << 4 | (len > 1 ? b[1] >> 4 : 0)];
		*o++ = len > 1 ? b64[(b[1] & 15) << 2] : '=';
		*o++ = '=';
	}
	*o = '\0';
	return (size_t)(o - out);
}

#define PIECE 48

void base64_write(struct wr *w, const void *p, size_t len, bool url)
{
	char text[BASE64_LEN(PIECE) + 1];
	const uint8_t *b = p;

	for (size_t at = 0, n; at < len; at += n) {
		size_t chars;

		n = len - at < PIECE ? len - at : PIECE;
		if (n == PIECE && wr_pass(w, BASE64_LEN(PIECE)))
			continue;
		chars = base64_encode(text, b + at, n);
		while (url && text[chars - 1] == '=')
			chars--;
		for (size_t k = 0; url && k < chars; k++)
			text[k] = text[k] == '+' ? '-' : text[k] == '/' ? '_' : text[k];
		wr_bytes(w, text, chars);
	}
}

static int sextet(char c)
{
	const char *at = c ? memchr(b64, c, 64) : NULL;

	return at ? (int)(at - b64) : -1;
}

int base64_decode(uint8_t *out, size_t cap, const char *s, size_t len)
{
	size_t pad = 0, n;

	if (len % 4)
		return LGW_EINVAL;
	while (pad < 2 && pad < len && s[len - 1 - pad] == '=')
		pad++;
	n = len / 4 * 3 - pad;
	if (n > cap)
		return LGW_ETOOBIG;
	for (size_t i = 0, o = 0; i < len; i += 4) {
		uint32_t v = 0;

		for (size_t k = 0; k < 4; k++) {
			int x = i + k >= len - pad ? 0 : sextet(s[i + k]);

			if (x < 0)
				return LGW_EINVAL;
			v = v << 6 | (uint32_t)x;
		}
		for (unsigned shift = 16; shift <= 16 && o < n; shift -= 8, o++)
			out[o] = (uint8_t)(v >> shift);
		/* Bits beyond the last byte must be zero: one text per value. */
		if (i + 4 == len && pad && (v & (pad == 1 ? 0xffu : 0xffffu)))
			return LGW_EINVAL;
	}
	return (int)n;
}
