/* SPDX-License-Identifier: BSD-3-Clause */
#include "coap/wire_tcp.h"

#include <string.h>
#include "util/err.h"
#include "util/rd.h"

#define LEN_8  13u
#define LEN_16 269u
#define LEN_32 65805u

/* Len of the header: bytes of options, marker and payload. */
static uint64_t read_len(struct rd *r, unsigned nibble)
{
	switch (nibble) {
	case 13:
		return rd_u8(r) + (uint64_t)LEN_8;
	case 14:
		return rd_u16(r) + (uint64_t)LEN_16;
	case 15:
		return rd_u32(r) + (uint64_t)LEN_32;
	default:
		return nibble;
	}
}

int coap_tcp_frame(const void *p, size_t len, size_t max, size_t *total)
{
	struct rd r = rd_of(p, len);
	unsigned head = rd_u8(&r);
	uint64_t body = read_len(&r, head >> 4);

	if (len && (head & 15) > COAP_TOKEN_MAX)
		return LGW_EINVAL;
	if (rd_err(&r))
		return LGW_EINCOMPLETE;
	body += (uint64_t)(r.p - (const uint8_t *)p) + 1 + (head & 15);
	if (body > max)
		return LGW_ETOOBIG;
	*total = (size_t)body;
	return LGW_OK;
}

int coap_tcp_decode(struct coap_msg *m, const void *p, size_t len)
{
	struct rd r = rd_of(p, len);
	unsigned head = rd_u8(&r);
	uint64_t body = read_len(&r, head >> 4);
	const uint8_t *token;

	coap_msg_init(m, COAP_NON, rd_u8(&r));
	m->tkl = head & 15;
	if (m->tkl > COAP_TOKEN_MAX) {
		m->tkl = 0;
		return LGW_EINVAL;
	}
	token = rd_bytes(&r, m->tkl);
	if (token)
		memcpy(m->token, token, m->tkl);
	if (rd_err(&r) || rd_left(&r) != body)
		return LGW_EINVAL;
	return coap_body_decode(m, r.p, rd_left(&r));
}

static uint32_t ext_len(uint32_t v)
{
	return v < 13 ? 0 : v < 269 ? 1 : 2;
}

static uint32_t body_len(const struct coap_msg *m)
{
	uint32_t n = 0, num = 0;

	for (unsigned i = 0; i < m->nopts; i++) {
		n += 1 + ext_len(m->opts[i].num - num) + ext_len(m->opts[i].len) + m->opts[i].len;
		num = m->opts[i].num;
	}
	return m->payload_len ? n + 1 + (uint32_t)m->payload_len : n;
}

void coap_tcp_encode(struct wr *w, const struct coap_msg *m)
{
	uint32_t len = body_len(m);
	unsigned nibble = len < LEN_8 ? len : len < LEN_16 ? 13 : len < LEN_32 ? 14 : 15;

	wr_u8(w, (uint8_t)(nibble << 4 | m->tkl));
	if (nibble == 13)
		wr_u8(w, (uint8_t)(len - LEN_8));
	else if (nibble == 14)
		wr_u16(w, (uint16_t)(len - LEN_16));
	else if (nibble == 15)
		wr_u32(w, len - LEN_32);
	wr_u8(w, m->code);
	wr_bytes(w, m->token, m->tkl);
	coap_body_encode(w, m);
}
