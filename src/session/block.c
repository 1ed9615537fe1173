/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests with bodies in blocks, and answers in blocks (RFC 7959, server side). A body that comes
 * is put together here, or handed to a sink; nothing of it is done before its last block. An answer
 * larger than a block is kept as it was when its first block left, so that its parts fit together
 * however fast the values change meanwhile; the ETag is a hash of it. Of a very large one only a
 * part is made and kept at a time: by its ETag the peer sees when it changed in between.
 */
#include "coap/block.h"

#include <stdlib.h>
#include "session/state.h"
#include "util/err.h"
#include "util/mem.h"

uint8_t block_szx(const struct session *s)
{
	size_t size = s->params->block_size, room = session_unit(s);

	if (wire_bert(s) && size >= 1024)
		return COAP_SZX_BERT;
	if (room && size + BLOCK_HEADER_ROOM > room)
		size = room > BLOCK_HEADER_ROOM ? room - BLOCK_HEADER_ROOM : 16;
	return coap_block_szx(size);
}

size_t block_chunk(const struct session *s, uint8_t szx)
{
	return szx == COAP_SZX_BERT ? wire_bert(s) * 1024 : coap_block_size(szx);
}

/*
 * What a request is about: method and all options but those that differ from block to block, or
 * that are no part of a cache key (RFC 7252 §5.4.6, RFC 9175 §3.3: Request-Tag is one).
 */
static uint64_t key_of(const struct coap_msg *m)
{
	uint64_t key = m->code;

	for (unsigned i = 0; i < m->nopts; i++) {
		const struct coap_opt *o = &m->opts[i];

		if ((o->num & 0x1e) == 0x1c || o->num == COAP_OPT_BLOCK1 ||
			o->num == COAP_OPT_BLOCK2 || o->num == COAP_OPT_OBSERVE ||
			o->num == COAP_OPT_CONTENT_FORMAT)
			continue;
		key = map_hash_bytes(o->val, o->len, key + o->num);
	}
	return key;
}

static void reply(struct exchange *x, uint8_t code)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_ACK, code);
	exchange_reply(x, &m);
}

/* --- answers ------------------------------------------------------------------------------- */

static void become(struct coap_msg *m, uint8_t code)
{
	m->code = code;
	m->nopts = m->small_used = 0;
	m->payload_len = m->body_at = m->body_len = 0;
}

static bool is_part(const struct coap_msg *m)
{
	return m->body_len > m->payload_len;
}

static size_t offset_of(const struct block_wish *wish)
{
	return (size_t)coap_block_offset(
		&(struct coap_block){ .num = wish->num, .szx = wish->szx });
}

size_t exchange_offset(const struct exchange *x)
{
	return offset_of(&x->wish);
}

/* The block that was asked for of a body; another code where there is none. */
static void slice(const struct session *s, const struct block_wish *wish, struct coap_msg *m)
{
	struct coap_block b = { .num = wish->num, .szx = wish->szx };
	size_t offset = offset_of(wish), size = block_chunk(s, wish->szx);
	size_t total = is_part(m) ? m->body_len : m->payload_len, left, here;

	if (offset < m->body_at || (offset && offset >= total)) {
		become(m, COAP_400);
		return;
	}
	left = total - offset;
	here = m->payload_len - (offset - m->body_at);
	if (size > here && here < left) /* of a large part of a body a whole number of units */
		size = here - here % 1024;
	b.more = left > size;
	coap_block_add(m, COAP_OPT_BLOCK2, &b);
	if (wish->size_asked || (!wish->num && b.more))
		coap_add_uint(m, COAP_OPT_SIZE2, (uint32_t)total);
	m->payload = total ? m->payload + (offset - m->body_at) : m->payload;
	m->payload_len = b.more ? size : left;
}

/* Keep the answer, or the part that was made; what follows is fetched from it. */
static void keep(struct session *s, const struct block_wish *wish, const struct coap_msg *whole)
{
	struct transfer *t = transfer_new(s, wish->key, wish->query, true);
	struct coap_msg m = *whole;

	coap_drop(&m, COAP_OPT_OBSERVE);
	coap_drop(&m, COAP_OPT_BLOCK1);
	t->code = m.code;
	t->at = m.body_at;
	t->end = m.body_at + m.payload_len;
	t->total = is_part(&m) ? m.body_len : m.payload_len;
	t->body = wr_grow(m.payload_len + SCRATCH_BYTES);
	coap_body_encode(&t->body, &m);
	transfer_touch(s, t, t->body.len);
}

void block_cut(struct session *s, const struct block_wish *wish, struct coap_msg *m)
{
	bool larger = is_part(m) || m->payload_len > block_chunk(s, wish->szx);
	uint64_t etag;

	if (wish->has_block1)
		coap_add_uint(m, COAP_OPT_BLOCK1, wish->block1);
	if (wish->cut || COAP_CODE_CLASS(m->code) != 2 ||
		!(larger || wish->asked || wish->size_asked))
		return;
	if (larger && !is_part(m)) {
		etag = map_hash_bytes(m->payload, m->payload_len, m->code);
		coap_add_copy(m, COAP_OPT_ETAG, &etag, sizeof(etag));
	}
	if (larger)
		keep(s, wish, m);
	slice(s, wish, m);
}

/* Is the block that is asked for in the part of the answer that is kept? */
static bool kept(const struct session *s, const struct block_wish *wish, const struct transfer *t)
{
	size_t offset = offset_of(wish);

	return offset >= t->at &&
	       (t->end == t->total || offset + block_chunk(s, wish->szx) <= t->end);
}

/* A later block of an answer that is kept. */
static void answer_kept(struct exchange *x, struct transfer *t)
{
	struct session *s = x->session;
	struct coap_block b;
	struct coap_msg m;
	bool again;

	coap_msg_init(&m, COAP_ACK, t->code);
	coap_body_decode(&m, t->body.p, t->body.len);
	m.body_at = t->at;
	m.body_len = t->total;
	slice(s, &x->wish, &m);
	x->wish.cut = true;
	/* With the last block it is done; one that can be made again need not be kept. */
	again = x->code != COAP_GET || !coap_block_get(&m, COAP_OPT_BLOCK2, &b) || b.more;
	exchange_reply(x, &m);
	if (again)
		transfer_touch(s, t, 0);
	else
		transfer_drop(s, t);
}

/* --- bodies -------------------------------------------------------------------------------- */

/* 4.13 with what would be taken (RFC 7959 §2.9.3). Block1 in it would mean: in smaller blocks. */
static void too_large(struct exchange *x)
{
	struct coap_msg m;

	x->wish.has_block1 = false;
	coap_msg_init(&m, COAP_ACK, COAP_413);
	coap_add_uint(&m, COAP_OPT_SIZE1, x->session->params->body_max);
	exchange_reply(x, &m);
}

/* The first block: NULL when it was answered already. */
static struct transfer *body_begin(struct session *s, struct exchange *x, const struct coap_msg *m)
{
	struct body_sink sink = { 0 };
	struct transfer *t;

	transfer_drop(s, transfer_find(s, x->wish.key, 0, false));
	if (s->h->body && !s->h->body(s->ud, m, &sink)) {
		exchange_ignore(x);
		return NULL;
	}
	if (!sink.write && coap_opt_uint(m, COAP_OPT_SIZE1, 0) > s->params->body_max) {
		too_large(x);
		return NULL;
	}
	t = transfer_new(s, x->wish.key, 0, false);
	t->sink = sink;
	t->body = wr_grow(s->params->body_max);
	return t;
}

/* 0, or the code that ends it. */
static uint8_t body_add(struct session *s, struct transfer *t, const struct coap_msg *m)
{
	uint8_t code = 0;

	if (t->sink.write)
		code = t->sink.write(t->sink.ud, m->payload, m->payload_len);
	else
		wr_bytes(&t->body, m->payload, m->payload_len);
	t->have += m->payload_len;
	transfer_touch(s, t, wr_err(&t->body) || t->sink.write ? 0 : m->payload_len);
	return wr_err(&t->body) ? COAP_413 : code;
}

/*
 * The body of a FETCH that came in blocks: who fetches a large answer does not send it again, and
 * of the answer only a part is kept.
 */
static uint64_t request_key(uint64_t key)
{
	return map_hash_bytes("request", 7, key);
}

static void keep_request(struct session *s, uint64_t key, const struct coap_msg *m)
{
	struct transfer *t = transfer_new(s, request_key(key), 0, true);

	t->at = coap_opt_uint(m, COAP_OPT_CONTENT_FORMAT, UINT32_MAX);
	t->body = wr_grow(m->payload_len);
	wr_bytes(&t->body, m->payload, m->payload_len);
	transfer_touch(s, t, t->body.len);
}

/* What a FETCH asks for is said by its body: the answers to several of them are kept apart. */
static uint64_t query_of(const struct coap_msg *m)
{
	return m->code == COAP_FETCH && m->payload_len
		       ? map_hash_bytes(m->payload, m->payload_len, 1)
		       : 0;
}

/* As if it had come with this request; bytes: to be freed. NULL: it is not there. */
static uint8_t *recall_request(struct session *s, uint64_t key, struct coap_msg *m)
{
	struct transfer *t = transfer_find(s, request_key(key), 0, true);
	uint8_t *bytes;

	if (!t)
		return NULL;
	transfer_touch(s, t, 0);
	bytes = xmemdup(t->body.p, t->body.len);
	m->payload = bytes;
	m->payload_len = t->body.len;
	if (t->at != UINT32_MAX && !coap_opt_find(m, COAP_OPT_CONTENT_FORMAT))
		coap_add_uint(m, COAP_OPT_CONTENT_FORMAT, (uint32_t)t->at);
	return bytes;
}

static void body_end(struct session *s, struct exchange *x, struct coap_msg *m, struct transfer *t)
{
	struct body_sink sink = t->sink;
	uint8_t *bytes;

	transfer_unlink(s, t);
	bytes = wr_steal(&t->body, &m->payload_len);
	m->payload = bytes;
	transfer_put(s, t);
	x->wish.query = query_of(m);
	if (x->wish.query)
		keep_request(s, x->wish.key, m);
	if (sink.write)
		sink.end(sink.ud, x, m);
	else
		s->h->request(s->ud, x, m);
	free(bytes);
}

/* The payload of each block but the last is as long as its size says. */
static bool fits(const struct coap_block *b, size_t len)
{
	size_t size = coap_block_size(b->szx);

	if (b->szx == COAP_SZX_BERT)
		return !b->more || (len && len % size == 0);
	return b->more ? len == size : len <= size;
}

static void body_block(
	struct session *s, struct exchange *x, struct coap_msg *m, struct coap_block *b)
{
	struct transfer *t = transfer_find(s, x->wish.key, 0, false);
	uint8_t code;

	if (!fits(b, m->payload_len)) {
		transfer_drop(s, t);
		reply(x, COAP_400);
		return;
	}
	if (!b->num)
		t = body_begin(s, x, m);
	if (!b->num && !t)
		return;
	if (!t || t->have != coap_block_offset(b)) {
		reply(x, COAP_408);
		return;
	}
	code = body_add(s, t, m);
	if (code) {
		transfer_drop(s, t);
		if (code == COAP_413)
			too_large(x);
		else
			reply(x, code);
	} else if (b->more) {
		reply(x, COAP_231);
	} else {
		body_end(s, x, m, t);
	}
}

/* --- requests ------------------------------------------------------------------------------ */

/* Our Block1 in the answer: the same block, a smaller size for the next ones where we want it. */
static void wish_block1(struct session *s, struct block_wish *wish, const struct coap_block *b)
{
	uint8_t szx = block_szx(s) < b->szx ? block_szx(s) : b->szx;

	wish->has_block1 = true;
	wish->block1 = b->num << 4 | (b->more ? 8u : 0) | szx;
}

static bool bad_szx(const struct session *s, const struct coap_block *b)
{
	return b->szx == COAP_SZX_BERT && !wire_bert(s);
}

/* Of an answer that is not kept, to a request whose body may be. */
static void later_block(struct session *s, struct exchange *x, struct coap_msg *m)
{
	uint8_t *bytes = recall_request(s, x->wish.key, m);

	x->wish.query = query_of(m);
	if (bytes)
		s->h->request(s->ud, x, m);
	else
		reply(x, COAP_408);
	free(bytes);
}

void block_request(struct session *s, struct exchange *x, struct coap_msg *m)
{
	struct coap_block b1, b2;
	bool has1 = coap_block_get(m, COAP_OPT_BLOCK1, &b1);
	bool has2 = coap_block_get(m, COAP_OPT_BLOCK2, &b2);
	struct transfer *t;

	x->wish.key = key_of(m);
	x->wish.query = has1 && (b1.more || b1.num) ? 0 : query_of(m);
	x->wish.szx = block_szx(s);
	x->wish.size_asked = coap_opt_find(m, COAP_OPT_SIZE2) != NULL;
	if ((has1 && bad_szx(s, &b1)) || (has2 && bad_szx(s, &b2))) {
		reply(x, COAP_400);
		return;
	}
	if (has2) {
		x->wish.asked = true;
		x->wish.num = b2.num;
		if (b2.szx < x->wish.szx)
			x->wish.szx = b2.szx;
		else /* an offset in larger blocks than ours */
			x->wish.num =
				(uint32_t)(coap_block_offset(&b2) / coap_block_size(x->wish.szx));
	}
	if (has2 && b2.num) {
		coap_drop(m, COAP_OPT_OBSERVE); /* the rest is fetched, not observed */
		t = has1 && b1.more ? NULL : transfer_find(s, x->wish.key, x->wish.query, true);
		if (t && kept(s, &x->wish, t)) {
			answer_kept(x, t);
			return;
		}
		/* What is not only read is not done for the sake of an answer's later part. */
		if (m->code != COAP_GET && (m->code != COAP_FETCH || (!m->payload_len && !has1))) {
			later_block(s, x, m);
			return;
		}
	}
	if (has1)
		wish_block1(s, &x->wish, &b1);
	if (has1 && (b1.more || b1.num))
		body_block(s, x, m, &b1);
	else
		s->h->request(s->ud, x, m);
}
