/* SPDX-License-Identifier: BSD-3-Clause */
#include "codec/cborw.h"

#include <cbor.h>
#include <stdio.h>
#include <string.h>

#define HEAD 9 /* the longest one */

static void cborw_uint(struct wr *w, uint64_t v)
{
	uint8_t b[HEAD];

	wr_bytes(w, b, cbor_encode_uint(v, b, sizeof(b)));
}

void cborw_int(struct wr *w, int64_t v)
{
	uint8_t b[HEAD];

	if (v >= 0)
		cborw_uint(w, (uint64_t)v);
	else
		wr_bytes(w, b, cbor_encode_negint((uint64_t)(-1 - v), b, sizeof(b)));
}

void cborw_double(struct wr *w, double v)
{
	uint8_t b[HEAD];
	float f;

	/* Out of range it would be undefined behaviour to convert. */
	if (v >= -3.4e38 && v <= 3.4e38) {
		f = (float)v;
		if ((double)f >= v && (double)f <= v) {
			wr_bytes(w, b, cbor_encode_single(f, b, sizeof(b)));
			return;
		}
	}
	wr_bytes(w, b, cbor_encode_double(v, b, sizeof(b)));
}

void cborw_text(struct wr *w, const void *p, size_t len)
{
	uint8_t b[HEAD];

	wr_bytes(w, b, cbor_encode_string_start(len, b, sizeof(b)));
	wr_bytes(w, p, len);
}

void cborw_bytes(struct wr *w, const void *p, size_t len)
{
	uint8_t b[HEAD];

	wr_bytes(w, b, cbor_encode_bytestring_start(len, b, sizeof(b)));
	wr_bytes(w, p, len);
}

void cborw_bool(struct wr *w, bool v)
{
	uint8_t b[HEAD];

	wr_bytes(w, b, cbor_encode_bool(v, b, sizeof(b)));
}

void cborw_map(struct wr *w, size_t pairs)
{
	uint8_t b[HEAD];

	wr_bytes(w, b, cbor_encode_map_start(pairs, b, sizeof(b)));
}

void cborw_endless_array(struct wr *w)
{
	uint8_t b[HEAD];

	wr_bytes(w, b, cbor_encode_indef_array_start(b, sizeof(b)));
}

void cborw_break(struct wr *w)
{
	uint8_t b[HEAD];

	wr_bytes(w, b, cbor_encode_break(b, sizeof(b)));
}

void cborw_number(struct wr *w, const struct value *v)
{
	if (v->type == VT_FLOAT)
		cborw_double(w, v->u.f);
	else if (v->type == VT_UINT)
		cborw_uint(w, v->u.u);
	else
		cborw_int(w, v->u.i);
}

void cborw_link(struct wr *w, const struct value *v)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u:%u", v->u.link.oid, v->u.link.iid);

	cborw_text(w, text, (size_t)n);
}
