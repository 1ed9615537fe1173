/* SPDX-License-Identifier: BSD-3-Clause */
/* Hexadecimal and base64 text. */
#ifndef UTIL_HEX_H
#define UTIL_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lower case; out has 2 * len + 1 bytes. */
void hex_encode(char *out, const void *p, size_t len);
/* Exactly pairs of hex digits; returns the number of bytes or LGW_EINVAL / LGW_ETOOBIG. */
int hex_decode(uint8_t *out, size_t cap, const char *s, size_t len);
/* Standard alphabet with padding (RFC 4648 §4); out has BASE64_LEN(len) + 1 bytes. */
#define BASE64_LEN(n) (((n) + 2) / 3 * 4)
size_t base64_encode(char *out, const void *p, size_t len);
/* The same into w, piece by piece; url: the alphabet for URLs, without padding (§5). */
struct wr;
void base64_write(struct wr *w, const void *p, size_t len, bool url);
/* Strict: padding required, no white space; returns the number of bytes or an error. */
int base64_decode(uint8_t *out, size_t cap, const char *s, size_t len);

#endif
