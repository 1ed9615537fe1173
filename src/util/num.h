/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers and text, strictly and without regard to the locale. Nothing here needs a NUL. */
#ifndef UTIL_NUM_H
#define UTIL_NUM_H

#include <stddef.h>
#include <stdint.h>

/* [-]digits, whole text, in range; else LGW_EINVAL. No sign +, no space, no leading zeros other
 * than "0" unless stated. */
int num_parse_i64(const char *s, size_t len, int64_t *out);
int num_parse_u64(const char *s, size_t len, uint64_t *out);
/* An identifier 0..65535 in canonical decimal (no leading zero). */
int num_parse_u16(const char *s, size_t len, uint16_t *out);
/* Decimal floating point: [-]digits[.digits][e[+-]digits]; no hex, no NaN, no infinity. */
int num_parse_double(const char *s, size_t len, double *out);
/* Shortest text that reads back as the same double; buf of NUM_DOUBLE_MAX. Returns its length. */
#define NUM_DOUBLE_MAX 32
size_t num_format_double(char *buf, double v);
/* Round half away from zero and clamp to [min, max]; NaN gives LGW_EINVAL. */
int num_round(double v, int64_t min, int64_t max, int64_t *out);

#endif
