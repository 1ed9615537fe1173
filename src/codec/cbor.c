/* SPDX-License-Identifier: BSD-3-Clause */
/* CBOR: the value of one resource or resource instance (LwM2M 1.1 §7.4.3, Appendix C). */
#include "codec/cborr.h"
#include "codec/cborw.h"
#include "codec/formats.h"
#include "codec/senml.h"
#include "util/err.h"

#define TAG_TIME 1

static int one(const struct path *base)
{
	return base->n >= 3 ? LGW_OK : LGW_EACCEPT;
}

static int add(struct encoder *e, const struct record *r)
{
	const struct value *v = &r->value;

	if (e->count++ || !path_eq(&r->path, &e->base))
		return LGW_EACCEPT;
	switch (v->type) {
	case VT_STRING:
	case VT_CORELNK:
		cborw_text(e->w, v->u.s.p, v->u.s.len);
		return LGW_OK;
	case VT_OPAQUE:
		cborw_bytes(e->w, v->u.s.p, v->u.s.len);
		return LGW_OK;
	case VT_BOOL:
		cborw_bool(e->w, v->u.b);
		return LGW_OK;
	case VT_OBJLNK:
		cborw_link(e->w, v);
		return LGW_OK;
	case VT_INT:
	case VT_UINT:
	case VT_TIME:
	case VT_FLOAT:
		cborw_number(e->w, v);
		return LGW_OK;
	default:
		return LGW_EACCEPT;
	}
}

static int end(struct encoder *e)
{
	return e->count ? LGW_OK : LGW_EACCEPT;
}

/* A text stays open to what it means: "66:0" is a link where a link is due. */
static int value_of(const struct cborr_item *i, struct value *v)
{
	switch (i->kind) {
	case CBORR_UINT:
		*v = (struct value){ .type = VT_UINT, .u.u = i->u };
		if (i->u <= INT64_MAX)
			v->type = VT_INT;
		return LGW_OK;
	case CBORR_NINT:
		*v = VALUE_INT(-1 - (int64_t)i->u);
		return i->u <= INT64_MAX ? LGW_OK : LGW_EINVAL;
	case CBORR_FLOAT:
		*v = VALUE_FLOAT(i->f);
		return LGW_OK;
	case CBORR_BOOL:
		*v = VALUE_BOOL(i->b);
		return LGW_OK;
	case CBORR_TEXT:
	case CBORR_BYTES:
		v->type = i->kind == CBORR_BYTES ? VT_OPAQUE : VT_RAW_STRING;
		v->u.s.p = i->p;
		v->u.s.len = (uint32_t)i->len;
		return i->len <= UINT32_MAX ? LGW_OK : LGW_EINVAL;
	default:
		return LGW_EINVAL;
	}
}

static int decode(const struct path *base, const uint8_t *p, size_t len, record_fn fn, void *ud)
{
	struct cborr r = { .p = p, .end = p + len };
	struct record out = { .path = *base };
	struct cborr_item item;
	bool ok;

	if (base->n < 3)
		return LGW_EINVAL;
	ok = cborr_next(&r, &item);
	if (ok && item.kind == CBORR_TAG && item.u == TAG_TIME)
		ok = cborr_next(&r, &item);
	if (!ok || r.p != r.end || value_of(&item, &out.value))
		return LGW_EINVAL;
	return fn(ud, &out);
}

const struct codec_ops codec_ops_cbor = {
	.formats = { CF_CBOR, CF_NONE },
	.name = "cbor",
	.can = one,
	.add = add,
	.end = end,
	.decode = decode,
};
