/* SPDX-License-Identifier: BSD-3-Clause */
/* Ten mebibytes that a server reads block by block, while hardly more than a block of them is held
 * twice: representations are made from an offset on, their ETag is the generation of the object. */
#include "stage.h"
#include <stdlib.h>
#include "codec/codec.h"
#include "lwm2m/state.h"
#include "session/state.h"
#include "types/format.h"
#include "util/mem.h"

#define PIECES 10
#define PIECE  (1u << 20)
#define HELD   (3u * EXCHANGE_PART) /* at most, of what is on its way out */

static const struct path object = PATH_OBJ(19);

static uint8_t pattern(unsigned piece, size_t at)
{
	return (uint8_t)(at * 31 + (at >> 8) * 7 + piece);
}

static void fill(struct stage *st, unsigned piece, uint8_t plus)
{
	uint8_t *bytes = xmalloc(PIECE);
	struct value v = { VT_OPAQUE, { .s = { bytes, PIECE } } };

	for (size_t k = 0; k < PIECE; k++)
		bytes[k] = (uint8_t)(pattern(piece, k) + plus);
	assert_int_equal(dm_set(client_dm(st->client), &PATH_RI(19, 0, 0, piece), &v, 0), 0);
	free(bytes);
}

static void large_setup(struct stage *st)
{
	struct dm *dm = client_dm(st->client);

	assert_int_equal(dm_object_add(dm, objdefs_find(st->defs, 19), NULL, NULL), 0);
	assert_int_equal(dm_instance_add(dm, 19, 0), 0);
	for (unsigned k = 0; k < PIECES; k++)
		fill(st, k, 0);
	stage_register(st);
}

static void held_little(const struct stage *st)
{
	assert_true(st->env.clients->body.cap <= HELD);
	assert_true(st->sc.sessions.pools->transfer_bytes <= HELD);
}

/* Block num of 1024 bytes; its code. */
static uint8_t block(struct stage *st, const char *uri, int format, uint32_t num)
{
	uint8_t code;

	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_ACCEPT, (uint32_t)format);
	request_option(st, COAP_OPT_BLOCK2, num << 4 | 6);
	code = ask(st);
	held_little(st);
	return code;
}

static uint64_t etag(const struct stage *st)
{
	const struct coap_opt *o = coap_opt_find(&st->m, COAP_OPT_ETAG);
	uint64_t v = 0;

	assert_non_null(o);
	memcpy(&v, o->val, o->len < sizeof(v) ? o->len : sizeof(v));
	return v;
}

/* All of it from block num on, behind what w has. */
static void read_on(struct stage *st, const char *uri, int format, uint32_t num, struct wr *w)
{
	uint64_t tag = 0;
	bool more = true;

	for (; more; num++) {
		assert_int_equal(block(st, uri, format, num), COAP_205);
		more = coap_opt_uint(&st->m, COAP_OPT_BLOCK2, 0) & 8;
		if (tag)
			assert_true(etag(st) == tag);
		tag = etag(st);
		if (more)
			assert_int_equal(st->m.payload_len, 1024);
		wr_bytes(w, st->m.payload, st->m.payload_len);
	}
	assert_int_equal(wr_err(w), 0);
}

static int compare(void *ud, const struct record *r)
{
	unsigned *n = ud;
	struct value v;
	uint8_t *scratch = xmalloc(PIECE);

	assert_true(path_eq(&r->path, &PATH_RI(19, 0, 0, *n)));
	assert_int_equal(value_coerce(&v, &r->value, VT_OPAQUE, scratch, PIECE), 0);
	assert_int_equal(v.u.s.len, PIECE);
	for (size_t k = 0; k < PIECE; k++)
		if (v.u.s.p[k] != pattern(*n, k))
			fail_msg("piece %u differs at %zu", *n, k);
	++*n;
	free(scratch);
	return 0;
}

static void same_as_written(int format, const struct wr *w)
{
	unsigned n = 0;

	assert_int_equal(codec_find(format)->decode(&object, w->p, w->len, compare, &n), 0);
	assert_int_equal(n, PIECES);
}

static void reads(struct stage *st, int format)
{
	struct wr w = wr_grow(32u << 20);

	read_on(st, "/19", format, 0, &w);
	assert_true(w.len > PIECES * PIECE);
	same_as_written(format, &w);
	wr_fini(&w);
}

static void test_read_tlv(void **state)
{
	large_setup(*state);
	reads(*state, CF_TLV);
}

static void test_read_senml_cbor(void **state)
{
	large_setup(*state);
	reads(*state, CF_SENML_CBOR);
}

/* Any block, in any order, as if it came out of one piece. */
static void test_any_block(void **state)
{
	static const uint32_t order[] = { 9000, 3, 5000, 5001, 63, 64, 65, 127, 128, 10239, 1 };
	struct stage *st = *state;
	struct wr w = wr_grow(32u << 20);

	large_setup(st);
	read_on(st, "/19", CF_SENML_JSON, 0, &w);
	same_as_written(CF_SENML_JSON, &w);
	for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
		assert_int_equal(block(st, "/19", CF_SENML_JSON, order[k]), COAP_205);
		assert_memory_equal(st->m.payload, w.p + 1024 * order[k], 1024);
	}
	assert_int_equal(block(st, "/19", CF_SENML_JSON, 14000), COAP_400); /* beyond the end */
	wr_fini(&w);
}

/* A change in between: another ETag. The next attempt gives the new state, whole. */
static void test_change_in_between(void **state)
{
	struct stage *st = *state;
	struct wr w = wr_grow(32u << 20);
	uint64_t before;

	large_setup(st);
	fill(st, 9, 1);
	assert_int_equal(block(st, "/19", CF_TLV, 0), COAP_205);
	before = etag(st);
	assert_int_equal(block(st, "/19", CF_TLV, 4000), COAP_205);
	assert_true(etag(st) == before);
	set_float(st, PATH_RES(3303, 0, 5700), 1); /* another object */
	assert_int_equal(block(st, "/19", CF_TLV, 5000), COAP_205);
	assert_true(etag(st) == before);
	fill(st, 9, 0);
	assert_int_equal(block(st, "/19", CF_TLV, 6000), COAP_205);
	assert_true(etag(st) != before);
	read_on(st, "/19", CF_TLV, 0, &w);
	same_as_written(CF_TLV, &w);
	wr_fini(&w);
}

/* A notification brings the first block and the ETag; the rest is fetched, not observed. */
static void test_notification(void **state)
{
	struct stage *st = *state;
	struct wr w = wr_grow(32u << 20);
	uint64_t tag;

	large_setup(st);
	fill(st, 4, 1);
	request(st, COAP_GET, "/19");
	request_option(st, COAP_OPT_ACCEPT, CF_TLV);
	request_option(st, COAP_OPT_OBSERVE, 0);
	assert_int_equal(ask(st), COAP_205);
	assert_int_equal(st->m.payload_len, 1024);
	fill(st, 4, 0);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_non_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
	assert_int_equal(st->m.payload_len, 1024);
	held_little(st);
	tag = etag(st);
	wr_bytes(&w, st->m.payload, st->m.payload_len);
	read_on(st, "/19", CF_TLV, 1, &w);
	assert_true(etag(st) == tag);
	same_as_written(CF_TLV, &w);
	wr_fini(&w);
}

/* One value, in the formats that hold just that. */
static void test_one_value(void **state)
{
	struct stage *st = *state;
	static const int formats[] = { CF_OPAQUE, CF_TEXT, CF_CBOR, CF_TLV };

	large_setup(st);
	for (size_t f = 0; f < ARRAY_SIZE(formats); f++) {
		struct wr w = wr_grow(2 * PIECE);
		struct path p = PATH_RI(19, 0, 0, 0);
		unsigned n = 0;

		read_on(st, "/19/0/0/0", formats[f], 0, &w);
		assert_int_equal(codec_find(formats[f])->decode(&p, w.p, w.len, compare, &n), 0);
		assert_int_equal(n, 1);
		wr_fini(&w);
	}
}

static void test_composite(void **state)
{
	struct stage *st = *state;
	struct wr w = wr_grow(32u << 20);
	bool more = true;

	large_setup(st);
	for (uint32_t num = 0; more; num++) {
		request(st, COAP_FETCH, "/");
		request_text(st, CF_SENML_ETCH_JSON, "[{\"n\":\"/19\"}]");
		request_option(st, COAP_OPT_ACCEPT, CF_SENML_CBOR);
		request_option(st, COAP_OPT_BLOCK2, num << 4 | 6);
		assert_int_equal(ask(st), COAP_205);
		held_little(st);
		more = coap_opt_uint(&st->m, COAP_OPT_BLOCK2, 0) & 8;
		wr_bytes(&w, st->m.payload, st->m.payload_len);
	}
	same_as_written(CF_SENML_CBOR, &w);
	wr_fini(&w);
}

/* The list of paths in blocks as well; the rest of the answer is asked for without it. */
static void test_composite_in_blocks(void **state)
{
	static const char body[] = "[{\"n\":\"/19/0/0\"},{\"n\":\"/999\"}]";
	struct stage *st = *state;
	struct wr w = wr_grow(32u << 20);
	bool more = true;
	uint64_t tag = 0;

	large_setup(st);
	for (uint32_t at = 0, num = 0; more; at += 16, num++) {
		more = sizeof(body) - 1 > at + 16;
		request(st, COAP_FETCH, "/");
		request_option(st, COAP_OPT_CONTENT_FORMAT, CF_SENML_ETCH_JSON);
		request_option(st, COAP_OPT_ACCEPT, CF_SENML_CBOR);
		request_option(st, COAP_OPT_BLOCK1, num << 4 | (more ? 8 : 0));
		st->req.payload = (const uint8_t *)body + at;
		st->req.payload_len = more ? 16 : sizeof(body) - 1 - at;
		assert_int_equal(ask(st), more ? COAP_231 : COAP_205);
	}
	wr_bytes(&w, st->m.payload, st->m.payload_len);
	more = true;
	for (uint32_t num = 1; more; num++) {
		request(st, COAP_FETCH, "/");
		request_option(st, COAP_OPT_ACCEPT, CF_SENML_CBOR);
		request_option(st, COAP_OPT_BLOCK2, num << 4 | 6);
		assert_int_equal(ask(st), COAP_205);
		held_little(st);
		assert_true(!tag || etag(st) == tag);
		tag = etag(st);
		more = coap_opt_uint(&st->m, COAP_OPT_BLOCK2, 0) & 8;
		wr_bytes(&w, st->m.payload, st->m.payload_len);
	}
	assert_true(w.len > PIECES * PIECE);
	same_as_written(CF_SENML_CBOR, &w);
	wr_fini(&w);
	/* Nobody knows any more what was asked for. */
	script_advance(&st->sc, 300000);
	while (script_take(st->link, &st->m))
		;
	request(st, COAP_FETCH, "/");
	request_option(st, COAP_OPT_ACCEPT, CF_SENML_CBOR);
	request_option(st, COAP_OPT_BLOCK2, 5000 << 4 | 6);
	assert_int_equal(ask(st), COAP_408);
}

#define DIALOGUE(f_) cmocka_unit_test_setup_teardown(f_, stage_setup, stage_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		DIALOGUE(test_read_tlv),
		DIALOGUE(test_read_senml_cbor),
		DIALOGUE(test_any_block),
		DIALOGUE(test_change_in_between),
		DIALOGUE(test_notification),
		DIALOGUE(test_one_value),
		DIALOGUE(test_composite),
		DIALOGUE(test_composite_in_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
