/* SPDX-License-Identifier: BSD-3-Clause */
#include "types/value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "util/err.h"
#include "util/hex.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/rd.h"
#include "util/str.h"

static const char *const names[] = {
	[VT_NONE] = "none",
	[VT_STRING] = "string",
	[VT_INT] = "integer",
	[VT_UINT] = "unsigned",
	[VT_FLOAT] = "float",
	[VT_BOOL] = "boolean",
	[VT_OPAQUE] = "opaque",
	[VT_TIME] = "time",
	[VT_OBJLNK] = "objlnk",
	[VT_CORELNK] = "corelnk",
	[VT_RAW_BYTES] = "raw-bytes",
	[VT_RAW_TEXT] = "raw-text",
	[VT_RAW_STRING] = "raw-string",
};

const char *value_type_name(enum value_type t)
{
	return (size_t)t < ARRAY_SIZE(names) ? names[t] : "?";
}

bool value_is_bytes(enum value_type t)
{
	switch (t) {
	case VT_STRING:
	case VT_OPAQUE:
	case VT_CORELNK:
	case VT_RAW_BYTES:
	case VT_RAW_TEXT:
	case VT_RAW_STRING:
		return true;
	default:
		return false;
	}
}

bool value_eq(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	if (value_is_bytes(a->type))
		return a->u.s.len == b->u.s.len &&
		       (!a->u.s.len || !memcmp(a->u.s.p, b->u.s.p, a->u.s.len));
	switch (a->type) {
	case VT_INT:
	case VT_TIME:
		return a->u.i == b->u.i;
	case VT_UINT:
		return a->u.u == b->u.u;
	case VT_FLOAT:
		return a->u.f == b->u.f || (isnan(a->u.f) && isnan(b->u.f));
	case VT_BOOL:
		return a->u.b == b->u.b;
	case VT_OBJLNK:
		return a->u.link.oid == b->u.link.oid && a->u.link.iid == b->u.link.iid;
	default:
		return true;
	}
}

static int objlnk_of_text(struct value *out, const char *s, size_t len)
{
	const char *colon = len ? memchr(s, ':', len) : NULL;

	if (!colon || num_parse_u16(s, (size_t)(colon - s), &out->u.link.oid) ||
		num_parse_u16(colon + 1, len - (size_t)(colon + 1 - s), &out->u.link.iid))
		return LGW_EINVAL;
	return LGW_OK;
}

static int set_bytes(struct value *out, const struct value *in)
{
	if (out->type != VT_OPAQUE && !str_utf8_valid(in->u.s.p, in->u.s.len))
		return LGW_EINVAL;
	out->u.s = in->u.s;
	return LGW_OK;
}

static int opaque_of_base64(struct value *out, const struct value *in, uint8_t *scratch, size_t cap)
{
	int n = base64_decode(scratch, cap, (const char *)in->u.s.p, in->u.s.len);

	if (n < 0)
		return n;
	out->u.s.p = scratch;
	out->u.s.len = (uint32_t)n;
	return LGW_OK;
}

static int of_text(struct value *out, const struct value *in, uint8_t *scratch, size_t cap)
{
	const char *s = (const char *)in->u.s.p;
	size_t len = in->u.s.len;

	switch (out->type) {
	case VT_STRING:
	case VT_CORELNK:
		return set_bytes(out, in);
	case VT_OPAQUE:
		return opaque_of_base64(out, in, scratch, cap);
	case VT_INT:
	case VT_TIME:
		return num_parse_i64(s, len, &out->u.i);
	case VT_UINT:
		return num_parse_u64(s, len, &out->u.u);
	case VT_FLOAT:
		return num_parse_double(s, len, &out->u.f);
	case VT_BOOL:
		if (len != 1 || (*s != '0' && *s != '1'))
			return LGW_EINVAL;
		out->u.b = *s == '1';
		return LGW_OK;
	case VT_OBJLNK:
		return objlnk_of_text(out, s, len);
	default:
		return LGW_EINVAL;
	}
}

/* Two's complement of 1, 2, 4 or 8 bytes. */
static int64_t extend(uint64_t v, size_t len)
{
	unsigned shift = (unsigned)(64 - 8 * len);

	return (int64_t)(v << shift) >> shift;
}

static int number_of_bytes(struct value *out, struct rd r)
{
	size_t len = rd_left(&r);
	uint64_t raw;
	float f32;

	if (len != 1 && len != 2 && len != 4 && len != 8)
		return LGW_EINVAL;
	raw = rd_uint(&r, len);
	switch (out->type) {
	case VT_INT:
	case VT_TIME:
		out->u.i = extend(raw, len);
		return LGW_OK;
	case VT_UINT:
		out->u.u = raw;
		return LGW_OK;
	case VT_FLOAT:
		if (len == 8) {
			memcpy(&out->u.f, &raw, 8);
		} else if (len == 4) {
			uint32_t raw32 = (uint32_t)raw;

			memcpy(&f32, &raw32, 4);
			out->u.f = (double)f32;
		} else {
			return LGW_EINVAL;
		}
		return isfinite(out->u.f) ? LGW_OK : LGW_EINVAL;
	case VT_BOOL:
		out->u.b = raw == 1;
		return len == 1 && raw < 2 ? LGW_OK : LGW_EINVAL;
	case VT_OBJLNK:
		out->u.link.oid = (uint16_t)(raw >> 16);
		out->u.link.iid = (uint16_t)raw;
		return len == 4 ? LGW_OK : LGW_EINVAL;
	default:
		return LGW_EINVAL;
	}
}

static int of_number(struct value *out, const struct value *in)
{
	int64_t i = in->type == VT_FLOAT ? 0 : in->u.i;

	if (in->type == VT_UINT && in->u.u > INT64_MAX) {
		if (out->type == VT_FLOAT && (uint64_t)(double)in->u.u == in->u.u) {
			out->u.f = (double)in->u.u;
			return LGW_OK;
		}
		return LGW_EINVAL;
	}
	if (in->type == VT_FLOAT) {
		/* Only a whole number within the range where doubles count by ones. */
		if (trunc(in->u.f) != in->u.f || fabs(in->u.f) > 9007199254740992.0)
			return LGW_EINVAL;
		i = (int64_t)in->u.f;
	}
	switch (out->type) {
	case VT_INT:
	case VT_TIME:
		out->u.i = i;
		return LGW_OK;
	case VT_UINT:
		out->u.u = (uint64_t)i;
		return i >= 0 ? LGW_OK : LGW_EINVAL;
	case VT_FLOAT:
		out->u.f = (double)i;
		return LGW_OK;
	default:
		return LGW_EINVAL;
	}
}

int value_coerce(struct value *out, const struct value *in, enum value_type type, uint8_t *scratch,
	size_t cap)
{
	struct value v = { .type = type };
	int r;

	if (in->type == type)
		v = *in;
	if (in->type == VT_RAW_TEXT)
		r = of_text(&v, in, scratch, cap);
	else if (in->type == VT_RAW_STRING)
		r = value_is_bytes(type) || type == VT_OBJLNK ? of_text(&v, in, scratch, cap)
							      : LGW_EINVAL;
	else if (in->type == VT_RAW_BYTES && value_is_bytes(type))
		r = set_bytes(&v, in);
	else if (in->type == VT_RAW_BYTES)
		r = number_of_bytes(&v, rd_of(in->u.s.p, in->u.s.len));
	else if (in->type == type && (type == VT_STRING || type == VT_CORELNK))
		r = set_bytes(&v, in);
	else if (in->type == type)
		r = type == VT_FLOAT && !isfinite(v.u.f) ? LGW_EINVAL : LGW_OK;
	else if ((in->type == VT_STRING && type == VT_CORELNK) ||
		 (in->type == VT_CORELNK && type == VT_STRING))
		r = set_bytes(&v, in);
	else if (in->type == VT_INT || in->type == VT_UINT || in->type == VT_FLOAT ||
		 in->type == VT_TIME)
		r = of_number(&v, in);
	else
		r = LGW_EINVAL;
	if (!r)
		*out = v;
	return r;
}

static int copy_text(char *buf, size_t cap, const void *p, size_t len)
{
	if (len >= cap)
		return LGW_ETOOBIG;
	if (len)
		memcpy(buf, p, len);
	buf[len] = '\0';
	return (int)len;
}

int value_text(char *buf, size_t cap, const struct value *v)
{
	char num[NUM_DOUBLE_MAX];
	int n;

	switch (v->type) {
	case VT_STRING:
	case VT_CORELNK:
	case VT_RAW_TEXT:
		return copy_text(buf, cap, v->u.s.p, v->u.s.len);
	case VT_OPAQUE:
	case VT_RAW_BYTES:
		if (BASE64_LEN((size_t)v->u.s.len) >= cap)
			return LGW_ETOOBIG;
		return (int)base64_encode(buf, v->u.s.p, v->u.s.len);
	case VT_FLOAT:
		return copy_text(buf, cap, num, num_format_double(num, v->u.f));
	case VT_INT:
	case VT_TIME:
		n = snprintf(num, sizeof(num), "%lld", (long long)v->u.i);
		break;
	case VT_UINT:
		n = snprintf(num, sizeof(num), "%llu", (unsigned long long)v->u.u);
		break;
	case VT_BOOL:
		n = snprintf(num, sizeof(num), "%d", v->u.b);
		break;
	case VT_OBJLNK:
		n = snprintf(num, sizeof(num), "%u:%u", v->u.link.oid, v->u.link.iid);
		break;
	default:
		n = 0;
		num[0] = '\0';
	}
	return copy_text(buf, cap, num, (size_t)n);
}
