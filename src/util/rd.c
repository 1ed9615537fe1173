/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/rd.h"

#include <lgw/status.h>

void rd_fail(struct rd *r, int status)
{
	if (!r->err)
		r->err = status;
}

const uint8_t *rd_bytes(struct rd *r, size_t len)
{
	const uint8_t *p = r->p;

	if (len > rd_left(r) || r->err) {
		rd_fail(r, LGW_EINVAL);
		return NULL;
	}
	r->p += len;
	return p;
}

uint64_t rd_uint(struct rd *r, size_t len)
{
	const uint8_t *p;
	uint64_t v = 0;

	if (len > 8)
		rd_fail(r, LGW_EINVAL);
	p = rd_bytes(r, len);
	for (size_t i = 0; p && i < len; i++)
		v = v << 8 | p[i];
	return v;
}

uint8_t rd_u8(struct rd *r)
{
	return (uint8_t)rd_uint(r, 1);
}

uint16_t rd_u16(struct rd *r)
{
	return (uint16_t)rd_uint(r, 2);
}

uint32_t rd_u32(struct rd *r)
{
	return (uint32_t)rd_uint(r, 4);
}

uint64_t rd_u64(struct rd *r)
{
	return rd_uint(r, 8);
}

struct rd rd_sub(struct rd *r, size_t len)
{
	const uint8_t *p = rd_bytes(r, len);
	struct rd sub = rd_of(p, p ? len : 0);

	sub.err = r->err;
	return sub;
}

int rd_peek(const struct rd *r)
{
	return rd_left(r) ? *r->p : -1;
}
