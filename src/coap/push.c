/* SPDX-License-Identifier: BSD-3-Clause */
#include "coap/push.h"

#include <string.h>
#include "util/err.h"
#include "util/rd.h"

#define PDU_PUSH       0x06
#define APPLICATION_ID 0xaf /* X-Wap-Application-Id, short */
#define LWM2M_DM       0x9a /* x-wap-application:lwm2m.dm, short */

/* Seven bits a byte, the highest first, at most five bytes (WSP §8.1.2). */
static uint32_t uintvar(struct rd *r)
{
	uint32_t v = 0;

	for (int k = 0; k < 5 && !rd_err(r); k++) {
		uint8_t b = rd_u8(r);

		if (v >> 25)
			break;
		v = v << 7 | (b & 0x7f);
		if (!(b & 0x80))
			return v;
	}
	rd_fail(r, LGW_EINVAL);
	return 0;
}

/* A text up to its NUL. */
static struct rd text(struct rd *r)
{
	const uint8_t *p = r->p, *end = memchr(p, 0, rd_left(r));

	if (!end) {
		rd_fail(r, LGW_EINVAL);
		return rd_of(p, 0);
	}
	rd_bytes(r, (size_t)(end - p) + 1);
	return rd_of(p, (size_t)(end - p));
}

/* A value in any of its forms (WSP §8.4.1.2): one byte, so many bytes, or a text. */
static struct rd value(struct rd *r)
{
	int b = rd_peek(r);

	if (b < 0 || b >= 0x80)
		return rd_sub(r, 1);
	if (b >= 0x20)
		return text(r);
	rd_u8(r);
	return rd_sub(r, b == 0x1f ? uintvar(r) : (uint32_t)b);
}

static bool is_lwm2m(struct rd *v)
{
	static const char urn[] = "x-wap-application:lwm2m.dm";

	if (rd_left(v) == 1)
		return rd_u8(v) == LWM2M_DM;
	return rd_left(v) == strlen(urn) && !memcmp(v->p, urn, strlen(urn));
}

bool coap_push_decode(const uint8_t *p, size_t len, const uint8_t **msg, size_t *msg_len)
{
	struct rd r = rd_of(p, len), headers;
	bool ours = false;

	rd_u8(&r); /* the transaction id, of no use here */
	if (rd_u8(&r) != PDU_PUSH)
		return false;
	headers = rd_sub(&r, uintvar(&r));
	value(&headers); /* the content type: what is inside is known by the application */
	while (rd_left(&headers)) {
		int name = rd_peek(&headers);
		struct rd v;

		if (name < 0x80)
			text(&headers);
		else
			rd_u8(&headers);
		v = value(&headers);
		ours = ours || (name == APPLICATION_ID && is_lwm2m(&v));
	}
	if (rd_err(&r) || rd_err(&headers) || !ours)
		return false;
	*msg_len = rd_left(&r);
	*msg = rd_bytes(&r, *msg_len);
	return true;
}
