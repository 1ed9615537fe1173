/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests of ours that take more than one message: bodies in blocks (RFC 7959, client side), their
 * answers in blocks, and those that a server wants to see repeated (RFC 9175).
 */
#include <stdlib.h>
#include <string.h>
#include "coap/block.h"
#include "crypto/rand.h"
#include "session/state.h"
#include "util/err.h"
#include "util/mem.h"

static struct call_blocks *blocks_of(struct call *c)
{
	struct call_blocks *b = c->blocks;

	if (b)
		return b;
	b = c->blocks = xcalloc(1, sizeof(*b));
	b->szx = b->szx2 = block_szx(c->session);
	b->body = wr_grow(c->session->params->body_max);
	return b;
}

void call_resume(struct call *c, uint64_t offset, const uint8_t *etag, size_t etag_len)
{
	struct call_blocks *b = blocks_of(c);

	b->fetching = true;
	b->got = offset;
	b->etag_len = (uint8_t)(etag_len < sizeof(b->etag) ? etag_len : sizeof(b->etag));
	memcpy(b->etag, etag, b->etag_len);
}

void call_blocks_free(struct call_blocks *b)
{
	if (b)
		wr_fini(&b->body);
	free(b);
}

/* --- requests ------------------------------------------------------------------------------ */

#define HEADER_BYTES 36 /* header, token, Block1, Size1, Request-Tag, payload marker */

/* Smaller blocks where the request's own options leave less room in what goes as one. */
static uint8_t fitting_szx(const struct call *c, size_t payload_len)
{
	size_t room = session_unit(c->session), used = c->request_len - payload_len + HEADER_BYTES;

	return room > used + 16 ? coap_block_szx(room - used) : 0;
}

/* From the first block on, under a tag of its own (RFC 9175 §3.3). */
static void upload_begin(struct call_blocks *b)
{
	b->sent = 0;
	rand_bytes(b->tag, sizeof(b->tag));
}

static int upload_block(struct call *c, struct call_blocks *b, struct coap_msg *m)
{
	size_t left = m->payload_len - b->sent, size = block_chunk(c->session, b->szx);
	struct coap_block v = { b->sent / (uint32_t)coap_block_size(b->szx), b->szx, left > size };
	int r = coap_block_add(m, COAP_OPT_BLOCK1, &v);

	if (!r)
		r = coap_add(m, COAP_OPT_REQUEST_TAG, b->tag, sizeof(b->tag));
	if (!r && !b->sent)
		r = coap_add_uint(m, COAP_OPT_SIZE1, (uint32_t)m->payload_len);
	m->payload += b->sent;
	m->payload_len = v.more ? size : left;
	b->sending = (uint32_t)m->payload_len;
	b->last = !v.more;
	return r;
}

/* The next block of the answer: the request without its body (RFC 7959 §3.3). */
static int fetch_block(const struct call_blocks *b, struct coap_msg *m)
{
	struct coap_block v = { .szx = b->szx2 };
	uint64_t num = b->got / coap_block_size(b->szx2);

	if (num > COAP_NUM_MAX)
		return LGW_ETOOBIG;
	v.num = (uint32_t)num;
	m->payload_len = 0;
	return coap_block_add(m, COAP_OPT_BLOCK2, &v);
}

int call_build(struct call *c, struct coap_msg *m)
{
	struct call_blocks *b = c->blocks;
	int r;

	coap_msg_init(m, COAP_CON, c->code);
	r = coap_body_decode(m, c->request, c->request_len);
	if (!r && !b && m->payload_len > block_chunk(c->session, block_szx(c->session))) {
		b = blocks_of(c);
		upload_begin(b);
		if (b->szx != COAP_SZX_BERT && fitting_szx(c, m->payload_len) < b->szx)
			b->szx = fitting_szx(c, m->payload_len);
	}
	if (!r && b && b->fetching)
		r = fetch_block(b, m);
	else if (!r && b && m->payload_len > block_chunk(c->session, b->szx))
		r = upload_block(c, b, m);
	if (!r && c->echo_len)
		r = coap_add(m, COAP_OPT_ECHO, c->echo, c->echo_len);
	c->echo_len = 0; /* once */
	return r;
}

/* --- answers ------------------------------------------------------------------------------- */

static bool wants_echo(struct call *c, const struct coap_msg *m)
{
	const struct coap_opt *echo = coap_opt_find(m, COAP_OPT_ECHO);

	if (m->code != COAP_401 || !echo || c->echoed)
		return false;
	c->echoed = true;
	c->echo_len = (uint8_t)echo->len; /* 1 to 40, coap_opts_check saw to it */
	memcpy(c->echo, echo->val, echo->len);
	return true;
}

/* Where an answer to one block of the request leaves us. */
static int upload_progress(struct call *c, const struct coap_msg *m)
{
	struct call_blocks *b = c->blocks;
	struct coap_block v;
	bool has = coap_block_get(m, COAP_OPT_BLOCK1, &v);

	if (m->code == COAP_413 && has && v.szx < (b ? b->szx : block_szx(c->session))) {
		b = blocks_of(c);
		b->szx = v.szx;
		upload_begin(b);
		return LGW_PENDING;
	}
	if (!b || b->fetching || !b->sending)
		return LGW_OK;
	if (m->code == COAP_408 && !b->restarted) {
		b->restarted = true;
		upload_begin(b);
		return LGW_PENDING;
	}
	if (m->code != COAP_231 || b->last || !has)
		return LGW_OK;
	b->sent += b->sending;
	if (v.szx < b->szx)
		b->szx = v.szx;
	c->echoed = false;
	return LGW_PENDING;
}

static bool same_etag(const struct call_blocks *b, const struct coap_msg *m)
{
	const struct coap_opt *o = coap_opt_find(m, COAP_OPT_ETAG);

	return o ? o->len == b->etag_len && !memcmp(o->val, b->etag, o->len) : !b->etag_len;
}

static void keep_etag(struct call_blocks *b, const struct coap_msg *m)
{
	const struct coap_opt *o = coap_opt_find(m, COAP_OPT_ETAG);

	b->etag_len = o ? (uint8_t)o->len : 0;
	if (o)
		memcpy(b->etag, o->val, o->len);
}

/* What it holds became another thing: from its begin, once. */
static int fetch_again(struct call_blocks *b, bool streamed)
{
	if (b->restarted || streamed)
		return LGW_EINCOMPLETE;
	b->restarted = true;
	b->got = 0;
	wr_reset(&b->body);
	return LGW_PENDING;
}

static int take(struct call *c, struct call_blocks *b, const struct coap_msg *m)
{
	uint64_t at = b->got;

	b->got += m->payload_len;
	if (c->data)
		return c->data(c->ud, at, m->payload, m->payload_len, m);
	wr_bytes(&b->body, m->payload, m->payload_len);
	return wr_err(&b->body);
}

static int fetch_progress(struct call *c, struct coap_msg *m)
{
	struct coap_block v;
	bool has = coap_block_get(m, COAP_OPT_BLOCK2, &v);
	struct call_blocks *b = c->blocks;
	size_t size = coap_block_size(v.szx);
	int r;

	if (COAP_CODE_CLASS(m->code) != 2 || (!c->data && !(b && b->fetching) && !(has && v.more)))
		return LGW_OK;
	b = blocks_of(c);
	if (!has)
		v = (struct coap_block){ .szx = b->szx2 };
	if (b->fetching && b->got && !same_etag(b, m))
		return fetch_again(b, c->data != NULL);
	if (coap_block_offset(&v) != b->got ||
		(v.more && (!m->payload_len || m->payload_len % size)) ||
		(v.szx == COAP_SZX_BERT && !wire_bert(c->session)))
		return LGW_EINVAL;
	if (!b->got)
		keep_etag(b, m);
	r = take(c, b, m);
	if (r || !v.more) {
		m->payload = c->data ? NULL : b->body.p;
		m->payload_len = c->data ? 0 : b->body.len;
		return r;
	}
	b->fetching = true;
	b->szx2 = v.szx < b->szx2 ? v.szx : b->szx2;
	c->echoed = false;
	return LGW_PENDING;
}

int call_progress(struct call *c, struct coap_msg *m)
{
	int r;

	if (wants_echo(c, m))
		return LGW_PENDING;
	r = upload_progress(c, m);
	return r ? r : fetch_progress(c, m);
}
