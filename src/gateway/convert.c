/* SPDX-License-Identifier: BSD-3-Clause */
/* Values of devices to values of resources and back. */
#include <math.h>
#include <string.h>
#include "gateway/map.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/str.h"

static bool text_is(const struct lgw_value *v, const char *s, size_t len)
{
	return v->type == LGW_TEXT && v->u.s.len == len && !memcmp(v->u.s.p, s, len);
}

/* A number in any of its shapes: also a text that is one ("21.5"), no other. */
static int number(const struct lgw_value *v, double *out)
{
	switch (v->type) {
	case LGW_INT:
		*out = (double)v->u.i;
		return LGW_OK;
	case LGW_REAL:
		*out = v->u.r;
		return isfinite(v->u.r) ? LGW_OK : LGW_EINVAL;
	case LGW_TEXT:
		return num_parse_double(v->u.s.p, v->u.s.len, out);
	default:
		return LGW_EINVAL;
	}
}

/* Equal in value and in kind: true is not "true", 1 is 1.0. */
static bool word_eq(const struct lgw_value *a, const struct lgw_value *b)
{
	double x, y;

	if (a->type == LGW_TEXT || b->type == LGW_TEXT)
		return b->type == LGW_TEXT && text_is(a, b->u.s.p, b->u.s.len);
	if (a->type == LGW_BOOL || b->type == LGW_BOOL)
		return a->type == b->type && a->u.b == b->u.b;
	return !number(a, &x) && !number(b, &y) && x == y;
}

static const struct map_word *word_from(const struct map_entry *e, const struct lgw_value *v)
{
	const struct map_word *w = e->words.items;

	for (size_t k = 0; k < e->words.n; k++)
		if (word_eq(v, &w[k].from))
			return &w[k];
	return NULL;
}

/* Without a word map a boolean knows true, false and the numbers 1 and 0. */
static int boolean(const struct lgw_value *v, bool *out)
{
	double d;

	if (v->type == LGW_BOOL) {
		*out = v->u.b;
		return LGW_OK;
	}
	if (v->type == LGW_TEXT && (text_is(v, "true", 4) || text_is(v, "false", 5))) {
		*out = v->u.s.len == 4;
		return LGW_OK;
	}
	if (number(v, &d) || (d != 0 && d != 1))
		return LGW_EINVAL;
	*out = d == 1;
	return LGW_OK;
}

static int bounded(const struct map_rule *r, double d, int64_t min, int64_t max, int64_t *out)
{
	const struct range *all = r->res->ranges;
	unsigned n = r->res->nranges;

	if (n && all[0].min > (double)min)
		min = (int64_t)ceil(all[0].min);
	if (n && all[n - 1].max < (double)max)
		max = (int64_t)floor(all[n - 1].max);
	return num_round(d, min, max, out);
}

static int text(const struct lgw_value *v, struct value *out, char buf[MAP_BUF])
{
	char num[NUM_DOUBLE_MAX];
	int64_t i;

	switch (v->type) {
	case LGW_TEXT:
		out->u.s.p = (const uint8_t *)v->u.s.p;
		out->u.s.len = (uint32_t)v->u.s.len;
		return str_utf8_valid(v->u.s.p, v->u.s.len) ? LGW_OK : LGW_EINVAL;
	case LGW_BOOL:
		str_copy(buf, MAP_BUF, v->u.b ? "true" : "false");
		break;
	case LGW_INT:
		i = v->u.i;
		value_text(buf, MAP_BUF, &VALUE_INT(i));
		break;
	case LGW_REAL:
		num_format_double(num, v->u.r);
		str_copy(buf, MAP_BUF, num);
		break;
	default:
		return LGW_EINVAL;
	}
	out->u.s.p = (const uint8_t *)buf;
	out->u.s.len = (uint32_t)strlen(buf);
	return LGW_OK;
}

static int numeric(const struct map_rule *r, const struct lgw_value *v, struct value *out)
{
	double d;
	int64_t i;

	/* Whole numbers stay exact where nothing is scaled. */
	if (v->type == LGW_INT && r->entry->scale == 1 && r->entry->offset == 0 &&
		!r->res->nranges && (out->type == VT_INT || out->type == VT_TIME)) {
		out->u.i = v->u.i;
		return LGW_OK;
	}
	if (v->type == LGW_BOOL) /* a contact that counts as a number */
		d = v->u.b;
	else if (number(v, &d))
		return LGW_EINVAL;
	d = d * r->entry->scale + r->entry->offset;
	if (!isfinite(d))
		return LGW_EINVAL;
	switch (out->type) {
	case VT_FLOAT:
		out->u.f = d;
		return LGW_OK;
	case VT_UINT:
		if (bounded(r, d, 0, INT64_MAX, &i))
			return LGW_EINVAL;
		out->u.u = (uint64_t)i;
		return LGW_OK;
	default:
		return bounded(r, d, INT64_MIN, INT64_MAX, &out->u.i);
	}
}

int map_value(
	const struct map_rule *r, const struct lgw_value *in, struct value *out, char buf[MAP_BUF])
{
	const struct map_word *w = word_from(r->entry, in);
	struct map_entry plain = *r->entry;
	struct map_rule unscaled = *r;

	/* Booleans and texts with words know only these; a number may have words for some of its
	 * values ("off" is 0). */
	if (!w && r->entry->words.n && (r->res->type == VT_BOOL || in->type == LGW_TEXT))
		return LGW_EINVAL;
	if (w) { /* a word's value is final: not scaled */
		plain.scale = 1;
		plain.offset = 0;
		unscaled.entry = &plain;
		r = &unscaled;
		in = &w->to;
	}
	*out = (struct value){ .type = (enum value_type)r->res->type };
	switch (out->type) {
	case VT_BOOL:
		return boolean(in, &out->u.b);
	case VT_STRING:
	case VT_CORELNK:
		return text(in, out, buf);
	case VT_OPAQUE:
		if (in->type != LGW_BYTES && in->type != LGW_TEXT)
			return LGW_EINVAL;
		out->u.s.p = (const uint8_t *)in->u.s.p;
		out->u.s.len = (uint32_t)in->u.s.len;
		return LGW_OK;
	case VT_INT:
	case VT_UINT:
	case VT_FLOAT:
	case VT_TIME:
		return numeric(r, in, out);
	default:
		return LGW_EINVAL;
	}
}

/* --- the way back -------------------------------------------------------------------------- */

static int real_of(const struct value *v, double *out)
{
	switch (v->type) {
	case VT_INT:
	case VT_TIME:
		*out = (double)v->u.i;
		return LGW_OK;
	case VT_UINT:
		*out = (double)v->u.u;
		return LGW_OK;
	case VT_FLOAT:
		*out = v->u.f;
		return LGW_OK;
	default:
		return LGW_EINVAL;
	}
}

struct lgw_value map_plain(const struct value *v)
{
	struct lgw_value out = { .type = LGW_NULL };

	switch (v->type) {
	case VT_BOOL:
		out.type = LGW_BOOL;
		out.u.b = v->u.b;
		break;
	case VT_STRING:
	case VT_CORELNK:
	case VT_OPAQUE:
		out.type = v->type == VT_OPAQUE ? LGW_BYTES : LGW_TEXT;
		out.u.s.p = (const char *)v->u.s.p;
		out.u.s.len = v->u.s.len;
		break;
	case VT_INT:
	case VT_TIME:
		out.type = LGW_INT;
		out.u.i = v->u.i;
		break;
	case VT_UINT:
		out.type = LGW_INT;
		out.u.i = v->u.u > INT64_MAX ? INT64_MAX : (int64_t)v->u.u;
		break;
	case VT_FLOAT:
		out.type = LGW_REAL;
		out.u.r = v->u.f;
		break;
	default:
		break;
	}
	return out;
}

int map_back(const struct map_rule *r, const struct value *in, struct lgw_value *out)
{
	const struct map_entry *e = r->entry;
	const struct map_word *w = e->words.items;
	struct lgw_value plain = map_plain(in);
	double d;

	for (size_t k = 0; k < e->words.n; k++)
		if (word_eq(&plain, &w[k].to)) {
			*out = w[k].from;
			return LGW_OK;
		}
	if (e->words.n && (in->type == VT_BOOL || in->type == VT_STRING))
		return LGW_EINVAL;
	*out = plain;
	if (real_of(in, &d) || (e->scale == 1 && e->offset == 0))
		return plain.type == LGW_NULL ? LGW_EINVAL : LGW_OK;
	d = (d - e->offset) / e->scale;
	if (!isfinite(d))
		return LGW_EINVAL;
	out->type = LGW_REAL;
	out->u.r = d;
	/* 25.0 of a whole number of ours is said as one: 25. */
	if (trunc(d) == d && fabs(d) < 9007199254740992.0 && in->type != VT_FLOAT) {
		out->type = LGW_INT;
		out->u.i = (int64_t)d;
	}
	return LGW_OK;
}
