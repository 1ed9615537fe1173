/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/num.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>

/* Digits to a number; leading zeros are refused, "0" is not. */
static int digits(const char *s, size_t len, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (!len || (len > 1 && s[0] == '0'))
		return LGW_EINVAL;
	for (size_t i = 0; i < len; i++) {
		unsigned d = (unsigned)(s[i] - '0');

		if (d > 9 || v > (max - d) / 10)
			return LGW_EINVAL;
		v = v * 10 + d;
	}
	*out = v;
	return LGW_OK;
}

int num_parse_u64(const char *s, size_t len, uint64_t *out)
{
	return digits(s, len, UINT64_MAX, out);
}

int num_parse_u16(const char *s, size_t len, uint16_t *out)
{
	uint64_t v;

	if (digits(s, len, UINT16_MAX, &v))
		return LGW_EINVAL;
	*out = (uint16_t)v;
	return LGW_OK;
}

int num_parse_i64(const char *s, size_t len, int64_t *out)
{
	bool neg = len && s[0] == '-';
	uint64_t v;

	if (digits(s + neg, len - neg, (uint64_t)INT64_MAX + neg, &v))
		return LGW_EINVAL;
	if (!neg)
		*out = (int64_t)v;
	else
		*out = v ? -(int64_t)(v - 1) - 1 : 0;
	return LGW_OK;
}

static size_t skip_digits(const char *s, size_t len, size_t i)
{
	while (i < len && s[i] >= '0' && s[i] <= '9')
		i++;
	return i;
}

/* [-]digits[.digits][e[+-]digits] over the whole text. */
static bool is_decimal(const char *s, size_t len)
{
	size_t i = len && s[0] == '-', j = skip_digits(s, len, i);

	if (j == i)
		return false;
	if (j < len && s[j] == '.') {
		i = j + 1;
		j = skip_digits(s, len, i);
		if (j == i)
			return false;
	}
	if (j < len && (s[j] == 'e' || s[j] == 'E')) {
		i = j + 1;
		i += i < len && (s[i] == '+' || s[i] == '-');
		j = skip_digits(s, len, i);
		if (j == i)
			return false;
	}
	return j == len;
}

int num_parse_double(const char *s, size_t len, double *out)
{
	char buf[512];
	locale_t c, old;
	double v;

	if (len >= sizeof(buf) || !is_decimal(s, len))
		return LGW_EINVAL;
	memcpy(buf, s, len);
	buf[len] = '\0';
	/* strtod reads the decimal point of the locale, and a library may have set one. */
	c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
	if (!c)
		return LGW_EINTERNAL;
	old = uselocale(c);
	v = strtod(buf, NULL);
	uselocale(old);
	freelocale(c);
	if (!isfinite(v))
		return LGW_EINVAL;
	*out = v;
	return LGW_OK;
}

/*
 * What sensors say: up to six decimals, below 10^9. Both n and the power of ten are exact doubles
 * and their quotient is rounded correctly, so where n / 10^k gives v the text reads back as v; the
 * first such k gives the shortest. Returns 0 for all other values.
 */
static size_t format_short(char *buf, double v)
{
	static const uint32_t pow10[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
	double a = fabs(v);
	char digits_[20];
	unsigned k = 0, n = 0, len = 0;
	uint64_t u;

	if (!(a < 1e9) || (!(a > 0) && signbit(v)))
		return 0;
	while (k < sizeof(pow10) / sizeof(pow10[0]) && nearbyint(a * pow10[k]) / pow10[k] != a)
		k++;
	if (k == sizeof(pow10) / sizeof(pow10[0]))
		return 0;
	for (u = (uint64_t)nearbyint(a * pow10[k]); u || n <= k; u /= 10)
		digits_[n++] = (char)('0' + u % 10);
	if (v < 0)
		buf[len++] = '-';
	while (n) {
		if (n-- == k)
			buf[len++] = '.';
		buf[len++] = digits_[n];
	}
	buf[len] = '\0';
	return len;
}

size_t num_format_double(char *buf, double v)
{
	locale_t c, old = (locale_t)0;
	int n = (int)format_short(buf, v);

	if (n)
		return (size_t)n;
	c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
	if (c)
		old = uselocale(c);
	for (int digits_ = 15; digits_ <= 17; digits_++) {
		n = snprintf(buf, NUM_DOUBLE_MAX, "%.*g", digits_, v);
		if (strtod(buf, NULL) == v)
			break;
	}
	if (c) {
		uselocale(old);
		freelocale(c);
	}
	return n > 0 ? (size_t)n : 0;
}

int num_round(double v, int64_t min, int64_t max, int64_t *out)
{
	double r = round(v); /* half away from zero */

	if (isnan(v))
		return LGW_EINVAL;
	/* 2^63 itself is a double, INT64_MAX is not: compare before converting. */
	if (r >= 9223372036854775808.0)
		*out = max;
	else if (r < -9223372036854775808.0)
		*out = min;
	else
		*out = (int64_t)r < min ? min : (int64_t)r > max ? max : (int64_t)r;
	return LGW_OK;
}
