/* SPDX-License-Identifier: BSD-3-Clause */
#include "stamp.h"

#include <math.h>
#include <stdbool.h>
#include <lgw/status.h>

#define MS_FROM 1e11
#define MS_MAX  253402300800000.0 /* the year 10000 */

/* Reads on while ok; after an error nothing more is taken. */
struct cursor {
	const char *s;
	size_t left;
	bool ok;
};

static char peek(const struct cursor *c)
{
	return c->ok && c->left ? *c->s : '\0';
}

static void skip(struct cursor *c)
{
	c->s++;
	c->left--;
}

static bool take(struct cursor *c, char what)
{
	if (!what || peek(c) != what)
		return false;
	skip(c);
	return true;
}

static void need(struct cursor *c, char what)
{
	c->ok = take(c, what) && c->ok;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int digits(struct cursor *c, int n, int min, int max)
{
	int v = 0;

	for (; n; n--) {
		if (!is_digit(peek(c))) {
			c->ok = false;
			return min;
		}
		v = v * 10 + (*c->s - '0');
		skip(c);
	}
	c->ok = c->ok && v >= min && v <= max;
	return v;
}

/* Milliseconds of the digits after a point or comma; further digits are cut off. */
static int fraction(struct cursor *c)
{
	int ms = 0, unit = 100;

	if (!take(c, '.') && !take(c, ','))
		return 0;
	c->ok = c->ok && is_digit(peek(c));
	for (; is_digit(peek(c)); skip(c), unit /= 10)
		ms += (*c->s - '0') * unit;
	return ms;
}

/* Minutes east of Greenwich. */
static int zone(struct cursor *c)
{
	int sign = 1, minutes;

	if (take(c, 'Z') || take(c, 'z'))
		return 0;
	if (take(c, '-'))
		sign = -1;
	else
		need(c, '+');
	minutes = digits(c, 2, 0, 23) * 60;
	take(c, ':');
	return sign * (minutes + digits(c, 2, 0, 59));
}

/* Days since 1970-01-01 in the Gregorian calendar; March is taken as the first month. */
static int64_t days(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + in_year - 719468;
}

static int days_of_month(int year, int month)
{
	static const int n[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return n[month - 1] + (month == 2 && leap);
}

static int iso(int64_t *ms, struct cursor *c)
{
	int year, month, day, h, min, sec, frac, east;

	year = digits(c, 4, 1970, 9999);
	need(c, '-');
	month = digits(c, 2, 1, 12);
	need(c, '-');
	day = digits(c, 2, 1, days_of_month(year, month < 1 || month > 12 ? 1 : month));
	if (!take(c, 'T') && !take(c, 't'))
		need(c, ' ');
	h = digits(c, 2, 0, 23);
	need(c, ':');
	min = digits(c, 2, 0, 59);
	need(c, ':');
	sec = digits(c, 2, 0, 60); /* a leap second is the next one's beginning */
	frac = fraction(c);
	east = zone(c);
	if (!c->ok || c->left)
		return LGW_EINVAL;
	*ms = ((days(year, month, day) * 24 + h) * 60 + min - east) * 60000 + sec * 1000 + frac;
	return *ms > 0 ? LGW_OK : LGW_EINVAL;
}

int stamp_number(int64_t *ms, double number)
{
	double v = number >= MS_FROM ? number : number * 1000;

	if (!(v >= 1 && v < MS_MAX))
		return LGW_EINVAL;
	*ms = (int64_t)llround(v);
	return LGW_OK;
}

static int unix_text(int64_t *ms, struct cursor *c)
{
	double v = 0;

	while (is_digit(peek(c))) {
		v = v * 10 + (*c->s - '0');
		skip(c);
	}
	if (peek(c) == '.')
		v += fraction(c) / 1000.0;
	return c->ok && !c->left ? stamp_number(ms, v) : LGW_EINVAL;
}

int stamp_text(int64_t *ms, const char *s, size_t len)
{
	struct cursor c = { s, len, len > 0 && len <= 40 };

	if (!c.ok)
		return LGW_EINVAL;
	return len > 4 && s[4] == '-' ? iso(ms, &c) : unix_text(ms, &c);
}
