/* SPDX-License-Identifier: BSD-3-Clause */
#include "dm/range.h"

#include <stdlib.h>
#include <string.h>
#include "util/mem.h"
#include "util/num.h"

#define RANGES_MAX 256

struct scan {
	const char *s;
	bool enumeration; /* "1: on": the words after the numbers are names */
	bool bytes;
};

static void blanks(struct scan *c)
{
	c->s += strspn(c->s, " \t\r\n");
}

static bool number(struct scan *c, double *out)
{
	size_t len = c->s[0] == '-' || c->s[0] == '+';

	while (c->s[len] >= '0' && c->s[len] <= '9')
		len++;
	if (c->s[len] == '.' && c->s[len + 1] != '.')
		len += 1 + strspn(c->s + len + 1, "0123456789");
	if (num_parse_double(c->s, len, out))
		return false;
	c->s += len;
	return true;
}

/* Dots, a dash or a colon inside brackets between the two ends. */
static bool separator(struct scan *c, bool bracket)
{
	size_t dots = strspn(c->s, ".");

	if (dots == 2 || dots == 3) {
		c->s += dots;
		return true;
	}
	if (*c->s != '-' && !(bracket && *c->s == ':'))
		return false;
	c->s++;
	return true;
}

/* "1: on": the name ends where the next number with a colon, or a separator, begins. */
static void pass_name(struct scan *c)
{
	c->enumeration = true;
	for (c->s++; *c->s && !strchr(",;\r\n", *c->s); c->s++)
		;
}

static void unit(struct scan *c)
{
	static const char *const words[] = { "bytes", "byte" };

	blanks(c);
	for (size_t k = 0; k < ARRAY_SIZE(words); k++)
		if (!strncasecmp(c->s, words[k], strlen(words[k]))) {
			c->s += strlen(words[k]);
			c->bytes = true;
			return;
		}
}

static bool one(struct scan *c, struct range *r)
{
	bool bracket = *c->s == '[';

	c->s += bracket;
	if (!number(c, &r->min))
		return false;
	r->max = r->min;
	if (separator(c, bracket) && !number(c, &r->max))
		return false;
	if (bracket && *c->s++ != ']')
		return false;
	if (!bracket && *c->s == ':')
		pass_name(c);
	unit(c);
	return r->min <= r->max;
}

static int ascending(const void *a, const void *b)
{
	double x = ((const struct range *)a)->min, y = ((const struct range *)b)->min;

	return x < y ? -1 : x > y;
}

static unsigned scan_all(struct scan *c, struct range *out)
{
	unsigned n = 0;

	for (blanks(c); *c->s; blanks(c)) {
		if (n == RANGES_MAX || !one(c, &out[n]))
			return 0;
		n++;
		blanks(c);
		if (*c->s == ',' || *c->s == ';')
			c->s++;
		else if (*c->s && !c->enumeration)
			return 0;
	}
	return n;
}

struct range *range_parse(const char *s, enum value_type type, uint16_t *n)
{
	struct range all[RANGES_MAX], *r;
	struct scan c = { .s = s };
	unsigned count = scan_all(&c, all);
	bool alone = count == 1 && all[0].min == all[0].max && !c.enumeration;

	*n = 0;
	/* A number alone is a size, or a default: it does not say that all else is wrong. */
	if (!count || alone)
		return NULL;
	if (value_is_bytes(type) != c.bytes || (c.bytes && c.enumeration))
		return NULL;
	qsort(all, count, sizeof(all[0]), ascending);
	r = xcalloc(count, sizeof(*r));
	memcpy(r, all, count * sizeof(*r));
	*n = (uint16_t)count;
	return r;
}

bool range_holds(const struct resdef *r, const struct value *v)
{
	double x;

	switch (v->type) {
	case VT_INT:
	case VT_TIME:
		x = (double)v->u.i;
		break;
	case VT_UINT:
		x = (double)v->u.u;
		break;
	case VT_FLOAT:
		x = v->u.f;
		break;
	case VT_STRING:
	case VT_OPAQUE:
	case VT_CORELNK:
		x = (double)v->u.s.len;
		break;
	default:
		return true;
	}
	for (unsigned k = 0; k < r->nranges; k++)
		if (x >= r->ranges[k].min && x <= r->ranges[k].max)
			return true;
	return !r->nranges;
}

/* Percent has two names there. */
static const char *plain(const char *unit)
{
	return strcmp(unit, "/100") ? unit : "%";
}

bool unit_holds(const struct resdef *r, const char *unit)
{
	return !unit || !r->units || !*r->units || !strcmp(plain(r->units), plain(unit));
}
