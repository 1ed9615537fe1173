/* SPDX-License-Identifier: BSD-3-Clause */
/* The few items of CBOR (RFC 8949 §3) that keys and additional data are made of. */
#ifndef OSCORE_CBOR_H
#define OSCORE_CBOR_H

#include "util/wr.h"

enum cbor_major { CBOR_UINT = 0, CBOR_BYTES = 2, CBOR_TEXT = 3, CBOR_ARRAY = 4 };
#define CBOR_NULL 0xf6

/* Numbers up to 255 are all that is needed. */
static inline void wr_cbor_head(struct wr *w, enum cbor_major major, size_t n)
{
	wr_u8(w, (uint8_t)(major << 5 | (n < 24 ? n : 24)));
	if (n >= 24)
		wr_u8(w, (uint8_t)n);
}

static inline void wr_cbor_bytes(struct wr *w, const uint8_t *p, size_t len)
{
	wr_cbor_head(w, CBOR_BYTES, len);
	wr_bytes(w, p, len);
}

#endif
