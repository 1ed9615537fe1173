/* SPDX-License-Identifier: BSD-3-Clause */
#include "store/item.h"
#include <string.h>
#include "util/err.h"
#include "util/rd.h"

int64_t item_ms(struct rd *r)
{
	uint64_t v = rd_u64(r);

	if (v > 1ull << 50)
		rd_fail(r, LGW_EINVAL);
	return rd_err(r) ? 0 : (int64_t)v;
}

void item_path(struct wr *w, const struct path *p)
{
	wr_u8(w, p->n);
	for (unsigned i = 0; i < p->n; i++)
		wr_u16(w, p->id[i]);
}

static int end_of(const struct rd *r)
{
	return rd_err(r) || rd_left(r) ? LGW_EINVAL : LGW_OK;
}

static void path_read(struct rd *r, struct path *p)
{
	*p = PATH_ROOT;
	p->n = rd_u8(r);
	if (p->n > 4)
		rd_fail(r, LGW_EINVAL);
	for (unsigned i = 0; !rd_err(r) && i < p->n; i++)
		p->id[i] = rd_u16(r);
}

int item_path_parse(const uint8_t *b, size_t len, struct path *p)
{
	struct rd r = rd_of(b, len);

	path_read(&r, p);
	return end_of(&r);
}

static uint64_t bits(const struct value *v)
{
	uint64_t u = 0;

	switch (v->type) {
	case VT_NONE:
		return 0;
	case VT_BOOL:
		return v->u.b;
	case VT_OBJLNK:
		return (uint64_t)v->u.link.oid << 16 | v->u.link.iid;
	case VT_FLOAT:
		memcpy(&u, &v->u.f, sizeof(u));
		return u;
	default:
		return v->u.u;
	}
}

static void set_bits(struct value *v, uint64_t u)
{
	switch (v->type) {
	case VT_BOOL:
		v->u.b = u != 0;
		break;
	case VT_OBJLNK:
		v->u.link.oid = (uint16_t)(u >> 16);
		v->u.link.iid = (uint16_t)u;
		break;
	case VT_FLOAT:
		memcpy(&v->u.f, &u, sizeof(u));
		break;
	default:
		v->u.u = u;
	}
}

void item_value(struct wr *w, const struct value *v)
{
	wr_u8(w, (uint8_t)v->type);
	if (value_is_bytes(v->type))
		wr_bytes(w, v->u.s.p, v->u.s.len);
	else
		wr_u64(w, bits(v));
}

static void value_read(struct rd *r, struct value *v)
{
	uint8_t type = rd_u8(r);

	*v = (struct value){ .type = VT_NONE };
	if (type > VT_CORELNK)
		rd_fail(r, LGW_EINVAL);
	if (rd_err(r))
		return;
	v->type = type;
	if (value_is_bytes(type)) {
		v->u.s.len = (uint32_t)rd_left(r);
		v->u.s.p = rd_bytes(r, rd_left(r));
	} else {
		set_bits(v, rd_u64(r));
	}
}

int item_value_parse(const uint8_t *b, size_t len, struct value *v)
{
	struct rd r = rd_of(b, len);

	value_read(&r, v);
	return end_of(&r);
}

int item_encode(struct wr *w, const struct record *r)
{
	if (value_is_bytes(r->value.type) && r->value.u.s.len > ITEM_VALUE_MAX)
		return LGW_ETOOBIG;
	item_path(w, &r->path);
	item_value(w, &r->value);
	return wr_err(w);
}

int item_decode(const uint8_t *b, size_t len, struct record *out)
{
	struct rd r = rd_of(b, len);

	*out = (struct record){ .time_ms = 0 };
	path_read(&r, &out->path);
	value_read(&r, &out->value);
	return end_of(&r);
}
