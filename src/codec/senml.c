/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/senml.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "util/err.h"
#include "util/str.h"

#define BVER 10 /* the version of RFC 8428 */

static void unit(char out[SENML_UNIT + 1], const uint8_t *p, uint32_t len)
{
	str_printable(out, SENML_UNIT + 1, (const char *)p, len);
}

static int take_base(struct senml *s, const struct senml_labels *l)
{
	if (l->has_bn) {
		if (l->bn_len >= sizeof(s->bn))
			return LGW_EINVAL;
		memcpy(s->bn, l->bn, l->bn_len);
		s->bn_len = l->bn_len;
	}
	if (l->has_bu)
		unit(s->bu, l->bu, l->bu_len);
	if (l->has_bv)
		s->bv = l->bv;
	if (!l->has_bver)
		return LGW_OK;
	/* The same in all records of a pack, and not above ours (§4.4). */
	if (l->bver.type == VT_FLOAT || l->bver.u.i < 1 || l->bver.u.i > BVER ||
		(s->bver && s->bver != l->bver.u.i) || (!s->bver && s->count > 1))
		return LGW_EINVAL;
	s->bver = l->bver.u.i;
	return LGW_OK;
}

/* bn and n joined; names of LwM2M begin with a slash. */
static int resolve(const struct senml *s, const struct senml_labels *l, struct path *out)
{
	char name[2 * SENML_NAME];
	size_t len = s->bn_len;

	if (l->n_len >= SENML_NAME)
		return LGW_EINVAL;
	memcpy(name, s->bn, len);
	if (l->n_len)
		memcpy(name + len, l->n, l->n_len);
	len += l->n_len;
	if (!len || name[0] != '/')
		return LGW_EINVAL;
	return path_parse(out, name, len);
}

/* 65535 is the id of nothing (LwM2M 1.0 §6.3). */
static bool reserved(const struct path *p)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->id[i] == PATH_ID_NONE)
			return true;
	return false;
}

static int as_double(const struct value *v, double *out)
{
	*out = v->type == VT_FLOAT ? v->u.f : v->type == VT_UINT ? (double)v->u.u : (double)v->u.i;
	return isfinite(*out) ? LGW_OK : LGW_EINVAL;
}

static bool is_number(const struct value *v)
{
	return v->type == VT_INT || v->type == VT_UINT || v->type == VT_FLOAT;
}

/* v + bv; whole numbers stay whole (§4.6). */
static int sum(struct value *v, const struct value *bv)
{
	double a, b;

	if (v->type == VT_INT && bv->type == VT_INT)
		return __builtin_add_overflow(v->u.i, bv->u.i, &v->u.i) ? LGW_EINVAL : LGW_OK;
	if (as_double(v, &a) || as_double(bv, &b) || !isfinite(a + b))
		return LGW_EINVAL;
	*v = VALUE_FLOAT(a + b);
	return LGW_OK;
}

static int take_path(struct senml *s, const struct senml_labels *l)
{
	struct path p;

	if (l->values)
		return LGW_EINVAL;
	/* "/3/0/" alone is a base for what follows. */
	if (!l->has_n && (!l->has_bn || (s->bn_len > 1 && s->bn[s->bn_len - 1] == '/')))
		return l->has_bn ? LGW_OK : LGW_EINVAL;
	return resolve(s, l, &p) ? LGW_EINVAL : s->paths(s->ud, &p);
}

int senml_take(struct senml *s, const struct senml_labels *l)
{
	struct record r = { .value = l->v };
	char u[SENML_UNIT + 1] = "";
	double d;

	if (l->refused || l->values > 1 || ++s->count > SENML_RECORDS || take_base(s, l))
		return LGW_EINVAL;
	if (s->paths)
		return take_path(s, l);
	if (!l->values && s->bv.type != VT_NONE && l->has_n)
		r.value = s->bv;
	else if (!l->values)
		return l->has_bn && !l->has_n ? LGW_OK : LGW_EINVAL;
	else if (is_number(&r.value) && s->bv.type != VT_NONE && sum(&r.value, &s->bv))
		return LGW_EINVAL;
	if (is_number(&r.value) && as_double(&r.value, &d))
		return LGW_EINVAL;
	if (resolve(s, l, &r.path) || r.path.n < 3 || reserved(&r.path) ||
		!path_contains(s->base, &r.path))
		return LGW_EINVAL;
	if (l->has_u)
		unit(u, l->u, l->u_len);
	if (*u || *s->bu)
		r.unit = *u ? u : s->bu;
	return s->fn(s->ud, &r);
}

int senml_end(const struct senml *s)
{
	return s->count ? LGW_OK : LGW_EINVAL;
}

int senml_link(struct value *out, const uint8_t *p, uint32_t len)
{
	struct value text = { .type = VT_RAW_TEXT };

	text.u.s.p = p;
	text.u.s.len = len;
	return value_coerce(out, &text, VT_OBJLNK, NULL, 0);
}

int senml_name(struct encoder *e, const struct record *r, struct senml_name *out)
{
	char base[PATH_TEXT_MAX], full[PATH_TEXT_MAX];
	size_t skip = 0;

	out->bn[0] = out->n[0] = '\0';
	if (!path_contains(&e->base, &r->path))
		return LGW_EINTERNAL;
	path_text(full, &r->path);
	path_text(base, &e->base);
	if (path_eq(&e->base, &r->path)) {
		/* The base name stays; further values of the one resource differ by their times. */
		if (!e->count++)
			snprintf(out->bn, sizeof(out->bn), "%s", full);
		return e->count == 1 || e->times ? LGW_OK : LGW_EINTERNAL;
	}
	if (e->base.n) {
		skip = strlen(base) + 1;
		if (!e->count)
			snprintf(out->bn, sizeof(out->bn), "%s/", base);
	}
	e->count++;
	snprintf(out->n, sizeof(out->n), "%s", full + skip);
	return LGW_OK;
}
