/* SPDX-License-Identifier: BSD-3-Clause */
/* SenML CBOR (RFC 8428 §6; LwM2M 1.1 §7.4.5) and, for lists of paths, SenML-ETCH CBOR (RFC 8790).
 */
#include <math.h>
#include <string.h>
#include "codec/cborr.h"
#include "codec/cborw.h"
#include "codec/formats.h"
#include "codec/senml.h"
#include "util/err.h"

/* Labels (RFC 8428 §6, table 4); "vlo" is a text. */
enum label {
	L_BVER = -1,
	L_BN = -2,
	L_BT = -3,
	L_BU = -4,
	L_BV = -5,
	L_BS = -6,
	L_N = 0,
	L_U = 1,
	L_V = 2,
	L_VS = 3,
	L_VB = 4,
	L_S = 5,
	L_T = 6,
	L_UT = 7,
	L_VD = 8,
	L_VLO = 9, /* ours: not a number on the wire */
	L_UNKNOWN = 10
};

#define TAG_DECIMAL 4 /* a decimal fraction: [exponent, mantissa] */

static int any(const struct path *base)
{
	(void)base;
	return LGW_OK;
}

/* --- encoding ------------------------------------------------------------------------------ */

static int begin(struct encoder *e)
{
	cborw_endless_array(e->w);
	return LGW_OK;
}

static int put_value(struct wr *w, const struct value *v)
{
	switch (v->type) {
	case VT_STRING:
	case VT_CORELNK:
		cborw_int(w, L_VS);
		cborw_text(w, v->u.s.p, v->u.s.len);
		return LGW_OK;
	case VT_INT:
	case VT_UINT:
	case VT_TIME:
	case VT_FLOAT:
		cborw_int(w, L_V);
		cborw_number(w, v);
		return LGW_OK;
	case VT_BOOL:
		cborw_int(w, L_VB);
		cborw_bool(w, v->u.b);
		return LGW_OK;
	case VT_OPAQUE:
		cborw_int(w, L_VD);
		cborw_bytes(w, v->u.s.p, v->u.s.len);
		return LGW_OK;
	case VT_OBJLNK:
		cborw_text(w, "vlo", 3);
		cborw_link(w, v);
		return LGW_OK;
	default:
		return LGW_EINTERNAL;
	}
}

static int add(struct encoder *e, const struct record *r)
{
	bool timed = e->times && r->time_ms;
	struct senml_name name;
	int status;

	if (r->value.type == VT_NONE)
		return LGW_OK;
	status = senml_name(e, r, &name);
	if (status)
		return status;
	cborw_map(e->w, 1u + (*name.bn != '\0') + (*name.n != '\0') + timed);
	if (*name.bn) {
		cborw_int(e->w, L_BN);
		cborw_text(e->w, name.bn, strlen(name.bn));
	}
	if (*name.n) {
		cborw_int(e->w, L_N);
		cborw_text(e->w, name.n, strlen(name.n));
	}
	status = put_value(e->w, &r->value);
	if (timed) {
		cborw_int(e->w, L_T);
		if (r->time_ms % 1000)
			cborw_double(e->w, (double)r->time_ms / 1000);
		else
			cborw_int(e->w, r->time_ms / 1000);
	}
	return status;
}

static int end(struct encoder *e)
{
	cborw_break(e->w);
	return LGW_OK;
}

/* --- decoding ------------------------------------------------------------------------------ */

static bool whole(const struct cborr_item *i, int64_t *out)
{
	if (i->u > INT64_MAX || (i->kind != CBORR_UINT && i->kind != CBORR_NINT))
		return false;
	*out = i->kind == CBORR_UINT ? (int64_t)i->u : -1 - (int64_t)i->u;
	return true;
}

static bool decimal(struct cborr *r, struct value *out)
{
	struct cborr_item array, e, m;
	int64_t exponent, mantissa;

	if (!cborr_next(r, &array) || array.kind != CBORR_ARRAY || array.endless || array.u != 2 ||
		!cborr_next(r, &e) || !cborr_next(r, &m) || !whole(&e, &exponent) ||
		!whole(&m, &mantissa) || exponent < -400 || exponent > 400)
		return false;
	*out = VALUE_FLOAT((double)mantissa * pow(10, (double)exponent));
	return true;
}

static bool number(struct cborr *r, const struct cborr_item *i, struct value *out)
{
	int64_t v;

	switch (i->kind) {
	case CBORR_FLOAT:
		*out = VALUE_FLOAT(i->f);
		return true;
	case CBORR_TAG:
		return i->u == TAG_DECIMAL && decimal(r, out);
	default:
		break;
	}
	if (whole(i, &v))
		*out = VALUE_INT(v);
	else if (i->kind == CBORR_UINT)
		*out = (struct value){ .type = VT_UINT, .u.u = i->u };
	else
		return false;
	return true;
}

static bool text(const struct cborr_item *i, const uint8_t **p, uint32_t *len)
{
	*p = i->p;
	*len = (uint32_t)i->len;
	return i->kind == CBORR_TEXT && i->len <= UINT32_MAX;
}

/* A text label of an extension that must be understood ends in '_' (§4.4). */
static int label_of(const struct cborr_item *i, bool *refused)
{
	int64_t v;

	if (whole(i, &v))
		return v >= L_BS && v <= L_VD ? (int)v : L_UNKNOWN;
	if (i->kind != CBORR_TEXT)
		*refused = true;
	else if (i->len && i->p[i->len - 1] == '_')
		*refused = true;
	else if (i->len == 3 && !memcmp(i->p, "vlo", 3))
		return L_VLO;
	return L_UNKNOWN;
}

static bool member(struct cborr *r, struct senml_labels *l, int label, const struct cborr_item *i)
{
	struct value ignored;
	const uint8_t *p;
	uint32_t len;

	switch (label) {
	case L_BVER:
		return l->has_bver = number(r, i, &l->bver);
	case L_BN:
		return l->has_bn = text(i, &l->bn, &l->bn_len);
	case L_BV:
		return l->has_bv = number(r, i, &l->bv);
	case L_N:
		return l->has_n = text(i, &l->n, &l->n_len);
	case L_BT:
	case L_T:
	case L_UT:
		return number(r, i, &ignored);
	case L_BU:
		return l->has_bu = text(i, &l->bu, &l->bu_len);
	case L_U:
		return l->has_u = text(i, &l->u, &l->u_len);
	case L_V:
		l->values++;
		return number(r, i, &l->v);
	case L_VS:
		l->values++;
		l->v.type = VT_STRING;
		return text(i, &l->v.u.s.p, &l->v.u.s.len);
	case L_VB:
		l->values++;
		l->v = VALUE_BOOL(i->b);
		return i->kind == CBORR_BOOL;
	case L_VD:
		l->values++;
		l->v.type = VT_OPAQUE;
		l->v.u.s.p = i->p;
		l->v.u.s.len = (uint32_t)i->len;
		return i->kind == CBORR_BYTES && i->len <= UINT32_MAX;
	case L_VLO:
		l->values++;
		return text(i, &p, &len) && !senml_link(&l->v, p, len);
	case L_UNKNOWN:
		return cborr_skip(r, i);
	default: /* sums are not LwM2M's */
		return false;
	}
}

static bool labels_of(struct cborr *r, const struct cborr_item *map, struct senml_labels *l)
{
	struct cborr_item key, value;
	uint64_t n = map->u;

	while (map->endless || n--) {
		int label;

		if (!cborr_next(r, &key))
			return false;
		if (map->endless && key.kind == CBORR_BREAK)
			return true;
		label = label_of(&key, &l->refused);
		if (l->refused || !cborr_next(r, &value))
			return false;
		if (label != L_UNKNOWN && l->seen & 1u << (label - L_BS))
			return false; /* twice */
		l->seen |= 1u << (label - L_BS);
		if (!member(r, l, label, &value))
			return false;
	}
	return true;
}

static int pack(struct senml *s, const uint8_t *p, size_t len)
{
	struct cborr r = { .p = p, .end = p + len };
	struct cborr_item array, map;
	int status = LGW_OK;
	uint64_t n;

	if (!cborr_next(&r, &array) || array.kind != CBORR_ARRAY)
		return LGW_EINVAL;
	n = array.u;
	while (!status && (array.endless || n--)) {
		struct senml_labels l = { .refused = false };

		if (!cborr_next(&r, &map))
			return LGW_EINVAL;
		if (array.endless && map.kind == CBORR_BREAK)
			break;
		if (map.kind != CBORR_MAP || !labels_of(&r, &map, &l))
			return LGW_EINVAL;
		status = senml_take(s, &l);
	}
	if (!status && r.p != r.end)
		status = LGW_EINVAL;
	return status ? status : senml_end(s);
}

static int decode(const struct path *base, const uint8_t *p, size_t len, record_fn fn, void *ud)
{
	struct senml s = { .base = base, .fn = fn, .ud = ud };

	return pack(&s, p, len);
}

static int paths(const uint8_t *p, size_t len, path_fn fn, void *ud)
{
	struct senml s = { .paths = fn, .ud = ud };

	return pack(&s, p, len);
}

const struct codec_ops codec_ops_senml_cbor = {
	.formats = { CF_SENML_CBOR, CF_SENML_ETCH_CBOR },
	.timed = true,
	.name = "senml-cbor",
	.can = any,
	.begin = begin,
	.add = add,
	.end = end,
	.decode = decode,
	.paths = paths,
};
