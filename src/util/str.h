/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of bounded length, and UTF-8. */
#ifndef UTIL_STR_H
#define UTIL_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copy at most cap - 1 bytes and terminate; LGW_ETOOBIG if it was cut. */
int str_copy(char *dst, size_t cap, const char *src);
bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
bool str_starts(const char *s, const char *prefix);
/* Well-formed UTF-8 without surrogates, overlong forms and NUL (RFC 3629). */
bool str_utf8_valid(const void *p, size_t len);
/* Replace control characters and ill-formed UTF-8 by '?', for log lines; returns dst. */
const char *str_printable(char *dst, size_t cap, const void *p, size_t len);

#endif
