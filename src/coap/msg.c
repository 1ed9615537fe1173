/* SPDX-License-Identifier: BSD-3-Clause */
#include "coap/msg.h"

#include <stdio.h>
#include <string.h>
#include "util/err.h"
#include "util/rd.h"

#define PAYLOAD_MARKER 0xff

void coap_msg_init(struct coap_msg *m, enum coap_type type, uint8_t code)
{
	m->type = (uint8_t)type;
	m->code = code;
	m->mid = 0;
	m->tkl = 0;
	m->nopts = 0;
	m->small_used = 0;
	m->payload = NULL;
	m->payload_len = 0;
	m->body_at = m->body_len = 0;
}

void coap_msg_answer(
	struct coap_msg *m, enum coap_type type, uint8_t code, const struct coap_msg *req)
{
	coap_msg_init(m, type, code);
	m->mid = req->mid;
	m->tkl = req->tkl;
	memcpy(m->token, req->token, sizeof(m->token));
}

/* Extended delta or length (RFC 7252 §3.1); 15 is reserved. */
static uint32_t read_ext(struct rd *r, unsigned nibble)
{
	switch (nibble) {
	case 13:
		return rd_u8(r) + 13u;
	case 14:
		return rd_u16(r) + 269u;
	case 15:
		rd_fail(r, LGW_EINVAL);
		return 0;
	default:
		return nibble;
	}
}

static void read_options(struct coap_msg *m, struct rd *r)
{
	uint32_t num = 0;

	while (rd_left(r) && rd_peek(r) != PAYLOAD_MARKER) {
		unsigned head = rd_u8(r);
		uint32_t delta = read_ext(r, head >> 4), len = read_ext(r, head & 15);
		const uint8_t *val = rd_bytes(r, len);

		num += delta;
		if (num > UINT16_MAX || len > UINT16_MAX)
			rd_fail(r, LGW_EINVAL);
		if (rd_err(r))
			return;
		if (m->nopts == COAP_OPTS_MAX) {
			rd_fail(r, LGW_ETOOBIG);
			return;
		}
		m->opts[m->nopts++] = (struct coap_opt){ (uint16_t)num, (uint16_t)len, val };
	}
}

static void read_body(struct coap_msg *m, struct rd *r)
{
	read_options(m, r);
	if (rd_left(r)) { /* the marker, and then at least one byte */
		rd_u8(r);
		m->payload_len = rd_left(r);
		m->payload = rd_bytes(r, m->payload_len);
		if (!m->payload_len)
			rd_fail(r, LGW_EINVAL);
	}
}

int coap_body_decode(struct coap_msg *m, const void *p, size_t len)
{
	struct rd r = rd_of(p, len);

	read_body(m, &r);
	return rd_err(&r);
}

int coap_udp_decode(struct coap_msg *m, const void *p, size_t len)
{
	struct rd r = rd_of(p, len);
	const uint8_t *token;
	uint8_t head = rd_u8(&r);

	coap_msg_init(m, (enum coap_type)(head >> 4 & 3), rd_u8(&r));
	m->mid = rd_u16(&r);
	if (rd_err(&r) || head >> 6 != 1)
		return LGW_ENOTSUP;
	m->tkl = head & 15;
	if (m->tkl > COAP_TOKEN_MAX) {
		m->tkl = 0;
		return LGW_EINVAL;
	}
	if (m->code == COAP_EMPTY)
		return len == 4 && !m->tkl ? LGW_OK : LGW_EINVAL; /* RFC 7252 §4.1 */
	token = rd_bytes(&r, m->tkl);
	if (token)
		memcpy(m->token, token, m->tkl);
	read_body(m, &r);
	return rd_err(&r);
}

static unsigned ext_nibble(uint32_t v)
{
	return v < 13 ? v : v < 269 ? 13 : 14;
}

static void write_ext(struct wr *w, uint32_t v)
{
	if (v >= 269)
		wr_u16(w, (uint16_t)(v - 269));
	else if (v >= 13)
		wr_u8(w, (uint8_t)(v - 13));
}

void coap_body_encode(struct wr *w, const struct coap_msg *m)
{
	uint32_t num = 0;

	for (unsigned i = 0; i < m->nopts; i++) {
		const struct coap_opt *o = &m->opts[i];
		uint32_t delta = o->num - num;

		wr_u8(w, (uint8_t)(ext_nibble(delta) << 4 | ext_nibble(o->len)));
		write_ext(w, delta);
		write_ext(w, o->len);
		wr_bytes(w, o->val, o->len);
		num = o->num;
	}
	if (m->payload_len) {
		wr_u8(w, PAYLOAD_MARKER);
		wr_bytes(w, m->payload, m->payload_len);
	}
}

void coap_udp_encode(struct wr *w, const struct coap_msg *m)
{
	wr_u8(w, (uint8_t)(1 << 6 | m->type << 4 | m->tkl));
	wr_u8(w, m->code);
	wr_u16(w, m->mid);
	wr_bytes(w, m->token, m->tkl);
	coap_body_encode(w, m);
}

int coap_add(struct coap_msg *m, uint16_t num, const void *val, size_t len)
{
	unsigned at = m->nopts;

	if (m->nopts == COAP_OPTS_MAX)
		return LGW_ENOMEM;
	if (len > UINT16_MAX)
		return LGW_ETOOBIG;
	for (; at && m->opts[at - 1].num > num; at--)
		m->opts[at] = m->opts[at - 1];
	m->opts[at] = (struct coap_opt){ num, (uint16_t)len, val };
	m->nopts++;
	return LGW_OK;
}

int coap_add_str(struct coap_msg *m, uint16_t num, const char *s)
{
	return coap_add(m, num, s, strlen(s));
}

int coap_add_copy(struct coap_msg *m, uint16_t num, const void *val, size_t len)
{
	uint8_t *p = m->small + m->small_used;

	if (len > sizeof(m->small) - m->small_used)
		return LGW_ENOMEM;
	if (len)
		memcpy(p, val, len);
	m->small_used = (uint8_t)(m->small_used + len);
	return coap_add(m, num, p, len);
}

int coap_add_uint(struct coap_msg *m, uint16_t num, uint32_t v)
{
	uint8_t p[4];
	size_t len = v > 0xffffff ? 4 : v > 0xffff ? 3 : v > 0xff ? 2 : v ? 1 : 0;

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(v >> 8 * (len - 1 - i));
	return coap_add_copy(m, num, p, len);
}

void coap_drop(struct coap_msg *m, uint16_t num)
{
	unsigned keep = 0;

	for (unsigned i = 0; i < m->nopts; i++)
		if (m->opts[i].num != num)
			m->opts[keep++] = m->opts[i];
	m->nopts = (uint8_t)keep;
}

const struct coap_opt *coap_opt_next(const struct coap_msg *m, uint16_t num, unsigned *it)
{
	while (*it < m->nopts) {
		const struct coap_opt *o = &m->opts[(*it)++];

		if (o->num == num)
			return o;
	}
	return NULL;
}

const struct coap_opt *coap_opt_find(const struct coap_msg *m, uint16_t num)
{
	unsigned it = 0;

	return coap_opt_next(m, num, &it);
}

uint32_t coap_opt_uint(const struct coap_msg *m, uint16_t num, uint32_t dflt)
{
	const struct coap_opt *o = coap_opt_find(m, num);
	uint32_t v = 0;

	if (!o || o->len > 4)
		return dflt;
	for (unsigned i = 0; i < o->len; i++)
		v = v << 8 | o->val[i];
	return v;
}

const char *coap_code_text(char *buf, uint8_t code)
{
	snprintf(buf, 8, "%u.%02u", COAP_CODE_CLASS(code), code & 31u);
	return buf;
}
