/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/cborr.h"

#include <cbor.h>
#include "util/err.h"

#define SKIP_DEPTH 4

static void on_u8(void *ud, uint8_t v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_UINT, .u = v };
}
static void on_u16(void *ud, uint16_t v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_UINT, .u = v };
}
static void on_u32(void *ud, uint32_t v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_UINT, .u = v };
}
static void on_u64(void *ud, uint64_t v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_UINT, .u = v };
}
static void on_n8(void *ud, uint8_t v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_NINT, .u = v };
}
static void on_n16(void *ud, uint16_t v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_NINT, .u = v };
}
static void on_n32(void *ud, uint32_t v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_NINT, .u = v };
}
static void on_n64(void *ud, uint64_t v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_NINT, .u = v };
}
static void on_bytes(void *ud, cbor_data p, size_t len)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_BYTES, .p = p, .len = len };
}
static void on_text(void *ud, cbor_data p, size_t len)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_TEXT, .p = p, .len = len };
}
static void on_array(void *ud, size_t n)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_ARRAY, .u = n };
}
static void on_endless_array(void *ud)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_ARRAY, .endless = true };
}
static void on_map(void *ud, size_t n)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_MAP, .u = n };
}
static void on_endless_map(void *ud)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_MAP, .endless = true };
}
static void on_tag(void *ud, uint64_t v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_TAG, .u = v };
}
static void on_float(void *ud, float v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_FLOAT, .f = (double)v };
}
static void on_double(void *ud, double v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_FLOAT, .f = v };
}
static void on_bool(void *ud, bool v)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_BOOL, .b = v };
}
static void on_null(void *ud)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_NULL };
}
static void on_break(void *ud)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_BREAK };
}
static void on_other(void *ud)
{
	*(struct cborr_item *)ud = (struct cborr_item){ .kind = CBORR_NONE };
}

static const struct cbor_callbacks callbacks = {
	.uint8 = on_u8,
	.uint16 = on_u16,
	.uint32 = on_u32,
	.uint64 = on_u64,
	.negint8 = on_n8,
	.negint16 = on_n16,
	.negint32 = on_n32,
	.negint64 = on_n64,
	.byte_string_start = on_other,
	.byte_string = on_bytes,
	.string_start = on_other,
	.string = on_text,
	.indef_array_start = on_endless_array,
	.array_start = on_array,
	.indef_map_start = on_endless_map,
	.map_start = on_map,
	.tag = on_tag,
	.float2 = on_float,
	.float4 = on_float,
	.float8 = on_double,
	.undefined = on_other,
	.null = on_null,
	.boolean = on_bool,
	.indef_break = on_break,
};

bool cborr_next(struct cborr *r, struct cborr_item *item)
{
	struct cbor_decoder_result d;

	if (r->err || r->p == r->end)
		return false;
	d = cbor_stream_decode(r->p, (size_t)(r->end - r->p), &callbacks, item);
	if (d.status != CBOR_DECODER_FINISHED || !d.read) {
		r->err = LGW_EINVAL;
		return false;
	}
	r->p += d.read;
	return true;
}

static bool skip(struct cborr *r, const struct cborr_item *item, unsigned depth)
{
	uint64_t n = item->kind == CBORR_TAG ? 1 : item->kind == CBORR_MAP ? item->u * 2 : item->u;
	struct cborr_item next;

	if (item->kind == CBORR_NONE || item->kind == CBORR_BREAK)
		return false;
	if (item->kind != CBORR_ARRAY && item->kind != CBORR_MAP && item->kind != CBORR_TAG)
		return true;
	/* Each item has a byte at least: a count beyond the input is none. */
	if (depth == SKIP_DEPTH || (!item->endless && item->u > (uint64_t)(r->end - r->p)))
		return false;
	while (item->endless || n--) {
		if (!cborr_next(r, &next))
			return false;
		if (item->endless && next.kind == CBORR_BREAK)
			return true;
		if (!skip(r, &next, depth + 1))
			return false;
	}
	return true;
}

bool cborr_skip(struct cborr *r, const struct cborr_item *item)
{
	return skip(r, item, 0);
}
