/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * OMA TLV (LwM2M 1.0 §6.4.3). An entry is a type byte, an id of 8 or 16 bits, a length of 0 to 24
 * bits and the value; entries nest: object instance, multiple resource, resource instance.
 */
#include "util/err.h"
#include "codec/formats.h"
#include "util/rd.h"

enum tlv_kind { TLV_INST = 0, TLV_RI = 1, TLV_MULTI = 2, TLV_RES = 3 };

#define TLV_LEN_MAX  0xffffffu
#define TLV_ENTRIES  10000u /* of a body; the smallest ones have two bytes */
#define TLV_UNSORTED 1024u  /* entries of a body whose id is not above those before it */

static int tlv_can(const struct path *base)
{
	return base->n >= 1 ? LGW_OK : LGW_EACCEPT;
}

/* --- encoding ------------------------------------------------------------------------------ */

enum { OPEN_INST = 1u << 0, OPEN_MULTI = 1u << 1 };

static size_t tlv_header(uint8_t out[6], enum tlv_kind kind, uint16_t id, size_t len)
{
	struct wr w = wr_of(out, 6);
	unsigned type = (unsigned)kind << 6;
	size_t lenlen = len < 8 ? 0 : len <= 0xff ? 1 : len <= 0xffff ? 2 : 3;

	if (id > 0xff)
		type |= 0x20;
	type |= lenlen ? (unsigned)lenlen << 3 : (unsigned)len;
	wr_u8(&w, (uint8_t)type);
	wr_uint(&w, id, id > 0xff ? 2 : 1);
	wr_uint(&w, len, lenlen);
	return w.len;
}

static int tlv_put(struct wr *w, enum tlv_kind kind, uint16_t id, const void *p, size_t len)
{
	uint8_t head[6];

	if (len > TLV_LEN_MAX)
		return LGW_ETOOBIG;
	wr_bytes(w, head, tlv_header(head, kind, id, len));
	wr_bytes(w, p, len);
	return LGW_OK;
}

static int tlv_put_num(struct wr *w, enum tlv_kind kind, uint16_t id, uint64_t bits, size_t size)
{
	uint8_t b[8];
	struct wr n = wr_of(b, sizeof(b));

	wr_uint(&n, bits, size);
	return tlv_put(w, kind, id, b, size);
}

static size_t tlv_int_size(int64_t v)
{
	if (v >= INT8_MIN && v <= INT8_MAX)
		return 1;
	if (v >= INT16_MIN && v <= INT16_MAX)
		return 2;
	return v >= INT32_MIN && v <= INT32_MAX ? 4 : 8;
}

static size_t tlv_uint_size(uint64_t v)
{
	return v <= UINT8_MAX ? 1 : v <= UINT16_MAX ? 2 : v <= UINT32_MAX ? 4 : 8;
}

static int tlv_put_float(struct wr *w, enum tlv_kind kind, uint16_t id, double v)
{
	union {
		float f;
		uint32_t u;
	} f;
	union {
		double d;
		uint64_t u;
	} d = { .d = v };

	/* Out of range it would be undefined behaviour to convert; then eight bytes are due. */
	if (v >= -3.4e38 && v <= 3.4e38) {
		f.f = (float)v;
		if ((double)f.f >= v && (double)f.f <= v)
			return tlv_put_num(w, kind, id, f.u, 4);
	}
	return tlv_put_num(w, kind, id, d.u, 8);
}

static int tlv_value(struct wr *w, enum tlv_kind kind, uint16_t id, const struct value *v)
{
	switch (v->type) {
	case VT_INT:
	case VT_TIME:
		return tlv_put_num(w, kind, id, (uint64_t)v->u.i, tlv_int_size(v->u.i));
	case VT_UINT:
		return tlv_put_num(w, kind, id, v->u.u, tlv_uint_size(v->u.u));
	case VT_FLOAT:
		return tlv_put_float(w, kind, id, v->u.f);
	case VT_BOOL:
		return tlv_put_num(w, kind, id, v->u.b, 1);
	case VT_OBJLNK:
		return tlv_put_num(w, kind, id, (uint64_t)v->u.link.oid << 16 | v->u.link.iid, 4);
	case VT_STRING:
	case VT_OPAQUE:
	case VT_CORELNK:
	case VT_RAW_BYTES:
		return tlv_put(w, kind, id, v->u.s.p, v->u.s.len);
	case VT_NONE:
	case VT_RAW_TEXT:
	case VT_RAW_STRING:
		break;
	}
	return LGW_EINTERNAL;
}

/* Put the header before what was written since mark. */
static int tlv_close(struct encoder *e, enum tlv_kind kind, uint16_t id, size_t mark)
{
	uint8_t head[6];
	size_t len;

	if (wr_err(e->w))
		return wr_err(e->w);
	len = e->w->len - mark;
	if (len > TLV_LEN_MAX)
		return LGW_ETOOBIG;
	wr_insert(e->w, mark, head, tlv_header(head, kind, id, len));
	return LGW_OK;
}

/* Close the containers that p (NULL: nothing) is not inside of. */
static int tlv_leave(struct encoder *e, const struct path *p)
{
	bool inst = p && p->id[1] == e->last.id[1];
	bool res = inst && p->n >= 3 && p->id[2] == e->last.id[2];
	int r = LGW_OK;

	if ((e->state & OPEN_MULTI) && !res) {
		r = tlv_close(e, TLV_MULTI, e->last.id[2], e->mark[1]);
		e->state &= ~(unsigned)OPEN_MULTI;
	}
	if (!r && (e->state & OPEN_INST) && !inst) {
		r = tlv_close(e, TLV_INST, e->last.id[1], e->mark[0]);
		e->state &= ~(unsigned)OPEN_INST;
	}
	return r;
}

static void tlv_enter(struct encoder *e, unsigned what, size_t mark_index)
{
	if (e->state & what)
		return;
	e->state |= what;
	e->mark[mark_index] = e->w->len;
}

static int tlv_add(struct encoder *e, const struct record *r)
{
	const struct path *p = &r->path;
	int status;

	if (p->n < 2 || !path_contains(&e->base, p))
		return LGW_EINTERNAL;
	status = tlv_leave(e, p);
	if (status)
		return status;
	e->last = *p;
	if (e->base.n < 2)
		tlv_enter(e, OPEN_INST, 0);
	if (p->n == 2)
		return LGW_OK; /* an empty instance */
	if (p->n == 4 && e->base.n < 4)
		tlv_enter(e, OPEN_MULTI, 1);
	if (r->value.type == VT_NONE)
		return p->n == 3 ? tlv_put(e->w, TLV_MULTI, p->id[2], NULL, 0) : LGW_EINTERNAL;
	return tlv_value(e->w, p->n == 4 ? TLV_RI : TLV_RES, p->id[p->n - 1], &r->value);
}

static int tlv_end(struct encoder *e)
{
	return tlv_leave(e, NULL);
}

/* --- decoding ------------------------------------------------------------------------------ */

struct tlv {
	enum tlv_kind kind;
	uint16_t id;
	struct rd value;
};

struct tlv_dec {
	record_fn fn;
	void *ud;
	unsigned entries, unsorted;
};

static void tlv_next(struct rd *r, struct tlv *t)
{
	uint8_t type = rd_u8(r);
	size_t len;

	t->kind = (enum tlv_kind)(type >> 6);
	t->id = (uint16_t)rd_uint(r, type & 0x20 ? 2 : 1);
	/* Bits 2-0 count only where no length field follows. */
	len = type & 0x18 ? rd_uint(r, (type >> 3) & 3) : type & 7u;
	t->value = rd_sub(r, len);
	if (t->id == PATH_ID_NONE)
		rd_fail(r, LGW_EINVAL);
}

/* The entries of one container, one after the other: its ids may come in any order, but once. */
struct tlv_walk {
	struct rd begin, rd;
	int32_t highest; /* id so far */
	unsigned n;
};

static int tlv_unique(struct tlv_dec *d, const struct tlv_walk *w, uint16_t id)
{
	struct rd r = w->begin;
	struct tlv t;

	if (++d->unsorted > TLV_UNSORTED)
		return LGW_EINVAL;
	for (unsigned i = 0; i < w->n; i++) {
		tlv_next(&r, &t);
		if (t.id == id)
			return LGW_EINVAL;
	}
	return LGW_OK;
}

static bool tlv_more(const struct tlv_walk *w)
{
	return rd_left(&w->rd) > 0;
}

static int tlv_step(struct tlv_dec *d, struct tlv_walk *w, struct tlv *t)
{
	int status = LGW_OK;

	tlv_next(&w->rd, t);
	if (rd_err(&w->rd) || ++d->entries > TLV_ENTRIES)
		return LGW_EINVAL;
	if (t->id > w->highest)
		w->highest = t->id;
	else
		status = tlv_unique(d, w, t->id);
	w->n++;
	return status;
}

static struct tlv_walk tlv_walk(struct rd r)
{
	return (struct tlv_walk){ r, r, -1, 0 };
}

static int tlv_emit(struct tlv_dec *d, const struct path *p, const struct rd *v)
{
	struct record r = { .path = *p };

	if (v) {
		r.value.type = VT_RAW_BYTES;
		r.value.u.s.p = v->p;
		r.value.u.s.len = (uint32_t)rd_left(v);
	}
	return d->fn(d->ud, &r);
}

/* Resource instances of the resource p. */
static int tlv_instances(struct tlv_dec *d, struct path p, struct rd r)
{
	struct tlv_walk w = tlv_walk(r);
	struct tlv t;
	int status;

	if (!tlv_more(&w))
		return tlv_emit(d, &p, NULL);
	p.n = 4;
	while (tlv_more(&w)) {
		status = tlv_step(d, &w, &t);
		if (status)
			return status;
		if (t.kind != TLV_RI)
			return LGW_EINVAL;
		p.id[3] = t.id;
		status = tlv_emit(d, &p, &t.value);
		if (status)
			return status;
	}
	return LGW_OK;
}

/* Resources of the instance p. */
static int tlv_resources(struct tlv_dec *d, struct path p, struct rd r)
{
	struct tlv_walk w = tlv_walk(r);
	struct tlv t;
	int status;

	p.n = 3;
	while (tlv_more(&w)) {
		status = tlv_step(d, &w, &t);
		if (status)
			return status;
		p.id[2] = t.id;
		if (t.kind == TLV_RES)
			status = tlv_emit(d, &p, &t.value);
		else
			status = t.kind == TLV_MULTI ? tlv_instances(d, p, t.value) : LGW_EINVAL;
		if (status)
			return status;
	}
	return LGW_OK;
}

/* Object instances of the object p. */
static int tlv_objects(struct tlv_dec *d, struct path p, struct rd r)
{
	struct tlv_walk w = tlv_walk(r);
	struct tlv t;
	int status;

	p.n = 2;
	while (tlv_more(&w)) {
		status = tlv_step(d, &w, &t);
		if (status)
			return status;
		if (t.kind != TLV_INST)
			return LGW_EINVAL;
		p.id[1] = t.id;
		status = rd_left(&t.value) ? tlv_resources(d, p, t.value) : tlv_emit(d, &p, NULL);
		if (status)
			return status;
	}
	return LGW_OK;
}

/* One entry and nothing behind it. */
static int tlv_only(struct tlv_dec *d, struct rd r, struct tlv *t)
{
	struct tlv_walk w = tlv_walk(r);
	int status = tlv_step(d, &w, t);

	return status ? status : tlv_more(&w) ? LGW_EINVAL : LGW_OK;
}

static int tlv_to_object(struct tlv_dec *d, const struct path *base, struct rd r)
{
	struct path p = { { base->id[0], PATH_ID_NONE }, 2 };

	if (rd_left(&r) && rd_peek(&r) >> 6 == TLV_INST)
		return tlv_objects(d, *base, r);
	return tlv_resources(d, p, r);
}

/* Bare resources; or, tolerated, one object instance entry that names the same instance (OMA
 * issue 452). */
static int tlv_to_instance(struct tlv_dec *d, const struct path *base, struct rd r)
{
	struct tlv t;
	int status;

	if (!rd_left(&r) || rd_peek(&r) >> 6 != TLV_INST)
		return tlv_resources(d, *base, r);
	status = tlv_only(d, r, &t);
	if (status)
		return status;
	return t.id == base->id[1] ? tlv_resources(d, *base, t.value) : LGW_EINVAL;
}

static int tlv_to_resource(struct tlv_dec *d, const struct path *base, struct rd r)
{
	struct tlv t;
	int status;

	if (rd_left(&r) && rd_peek(&r) >> 6 == TLV_RI)
		return tlv_instances(d, *base, r);
	status = tlv_only(d, r, &t);
	if (status)
		return status;
	if (t.id != base->id[2] || t.kind == TLV_INST || t.kind == TLV_RI)
		return LGW_EINVAL;
	return t.kind == TLV_RES ? tlv_emit(d, base, &t.value) : tlv_instances(d, *base, t.value);
}

static int tlv_to_ri(struct tlv_dec *d, const struct path *base, struct rd r)
{
	struct tlv t;
	int status = tlv_only(d, r, &t);

	if (status)
		return status;
	if (t.kind != TLV_RI || t.id != base->id[3])
		return LGW_EINVAL;
	return tlv_emit(d, base, &t.value);
}

static int tlv_decode(const struct path *base, const uint8_t *p, size_t len, record_fn fn, void *ud)
{
	struct tlv_dec d = { .fn = fn, .ud = ud };
	struct rd r = rd_of(p, len);

	switch (base->n) {
	case 1:
		return tlv_to_object(&d, base, r);
	case 2:
		return tlv_to_instance(&d, base, r);
	case 3:
		return tlv_to_resource(&d, base, r);
	case 4:
		return tlv_to_ri(&d, base, r);
	default:
		return LGW_EINVAL;
	}
}

const struct codec_ops codec_ops_tlv = {
	.formats = { CF_TLV, CF_TLV_OLD },
	.name = "tlv",
	.can = tlv_can,
	.add = tlv_add,
	.end = tlv_end,
	.decode = tlv_decode,
};
