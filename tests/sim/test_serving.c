/* SPDX-License-Identifier: BSD-3-Clause */
/* Device management (LwM2M 1.0 §5.4); test names carry the OMA case they check. */
#include "stage.h"
#include "types/format.h"

/* 1.0-int-201: Query, Plain Text */
static void test_201_text(void **state)
{
	static const char *const want[][2] = { { "/3/0/0", "Open Mobile Alliance" },
		{ "/3/0/1", "Lightweight M2M Client" }, { "/3/0/2", "345000123" } };
	struct stage *st = *state;

	stage_register(st);
	for (size_t i = 0; i < 3; i++) {
		request(st, COAP_GET, want[i][0]);
		request_option(st, COAP_OPT_ACCEPT, CF_TEXT);
		assert_int_equal(ask(st), COAP_205);
		assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 99), CF_TEXT);
		expect_payload(st, want[i][1]);
	}
}

/* 1.0-int-203: Query, TLV */
static void test_203_tlv(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	request(st, COAP_GET, "/3303/0");
	request_option(st, COAP_OPT_ACCEPT, CF_TLV);
	assert_int_equal(ask(st), COAP_205);
	assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 0), CF_TLV);
	expect_payload_hex(st, "e4164441a40000e3164543656c");
	request(st, COAP_GET, "/3303");
	request_option(st, COAP_OPT_ACCEPT, CF_TLV_OLD); /* answered with the number asked for */
	assert_int_equal(ask(st), COAP_205);
	assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 0), CF_TLV_OLD);
	expect_payload_hex(st, "08000de4164441a40000e3164543656c");
}

static void expect_format(struct stage *st, const char *path, uint32_t format)
{
	uint32_t got;

	assert_int_equal(ask_for(st, COAP_GET, path), COAP_205);
	got = coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 99);
	if (got != format)
		fail_msg("%s: %u, not %u", path, got, format);
}

/* 1.1-int-237: without Accept the client picks the format: by the version, or as it is told. */
static void test_237_default_format(void **state)
{
	static const struct {
		const char *path;
		uint32_t v10, v11;
	} t[] = { { "/3303/0/5700", CF_TEXT, CF_TEXT }, { "/3/0/11/0", CF_TEXT, CF_TEXT },
		{ "/3/0/11", CF_TLV, CF_SENML_CBOR }, { "/3303/0", CF_TLV, CF_SENML_CBOR },
		{ "/3303", CF_TLV, CF_SENML_CBOR } };
	static const int told[] = { CF_TLV, CF_JSON, CF_SENML_JSON, CF_SENML_CBOR };
	struct stage *st = *state;

	stage_register(st);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		expect_format(st, t[i].path, t[i].v10);
	st->servers[0].version = LWM2M_1_1;
	stage_client(st);
	stage_register(st);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		expect_format(st, t[i].path, t[i].v11);
	for (size_t f = 0; f < sizeof(told) / sizeof(told[0]); f++) {
		st->servers[0].format = told[f];
		stage_client(st);
		stage_register(st);
		for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
			expect_format(st, t[i].path, (uint32_t)told[f]);
	}
}

static void put_text(struct stage *st, const char *uri, const char *text, uint8_t code)
{
	request(st, COAP_PUT, uri);
	request_text(st, CF_TEXT, text);
	assert_int_equal(ask(st), code);
}

static void expect_text(struct stage *st, const char *uri, const char *text)
{
	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_ACCEPT, CF_TEXT);
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, text);
}

/* 1.0-int-205: Set, Plain Text */
static void test_205_set_text(void **state)
{
	struct stage *st = *state;

	st->servers[0].account.pmin = 1;
	st->servers[0].account.pmax = 10;
	stage_client(st);
	stage_register(st);
	put_text(st, "/1/0/2", "101", COAP_204);
	put_text(st, "/1/0/3", "1010", COAP_204);
	put_text(st, "/1/0/5", "2000", COAP_204);
	expect_text(st, "/1/0/2", "101");
	expect_text(st, "/1/0/3", "1010");
	expect_text(st, "/1/0/5", "2000");
	expect_quiet(st, 1000); /* none of them is told in an Update */
}

/* 1.0-int-215: Set, TLV, partial and replace */
static void test_215_set_tlv(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	request(st, COAP_POST, "/1/0");
	request_hex(st, CF_TLV, "c10265c20303f2c20507d0c10601c10755");
	assert_int_equal(ask(st), COAP_204);
	expect_text(st, "/1/0/2", "101");
	expect_text(st, "/1/0/1", "86400");
	request(st, COAP_PUT, "/1/0");
	request_hex(st, CF_TLV_OLD, "c40100015180c10201c1030ac40500015180c10601c10755");
	assert_int_equal(ask(st), COAP_204);
	expect_text(st, "/1/0/2", "1");
	expect_text(st, "/1/0/3", "10");
}

/* 1.0-int-241: Reboot; 2.04 comes first */
static void test_241_reboot(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(ask_for(st, COAP_POST, "/3/0/4"), COAP_204);
	script_settle(&st->sc);
	assert_int_equal(st->reboots, 1);
}

/* 1.1-int-256: Write failure */
static void test_256_write_failure(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	put_text(st, "/1/0/0", "123", COAP_405);
	expect_text(st, "/1/0/0", "1");
	put_text(st, "/1/0/1", "+5", COAP_400);
	put_text(st, "/1/0/1", "-5", COAP_400);
	put_text(st, "/1/0/1", "", COAP_400);
	expect_text(st, "/1/0/1", "86400");
}

static void discover(struct stage *st, const char *uri, const char *want)
{
	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_ACCEPT, CF_LINK);
	assert_int_equal(ask(st), COAP_205);
	assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 0), CF_LINK);
	expect_payload(st, want);
}

/* 1.0-int-260: Discover, with attributes assigned and inherited */
static void test_260_discover(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	discover(st, "/3303", "</3303>;ver=1.1,</3303/0>,</3303/0/5700>,</3303/0/5701>");
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0?pmin=10&pmax=200"), COAP_204);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0/5700?lt=1&gt=6&st=1"), COAP_204);
	discover(st, "/3303/0",
		"</3303/0>;pmin=10;pmax=200,</3303/0/5700>;gt=6;lt=1;st=1,</3303/0/5701>");
	discover(st, "/3303/0/5700", "</3303/0/5700>;pmin=10;pmax=200;gt=6;lt=1;st=1");
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0?pmin"), COAP_204);
	discover(st, "/3303/0/5700", "</3303/0/5700>;pmax=200;gt=6;lt=1;st=1");
}

/* One bad attribute: none is set. */
static void test_bad_attributes(void **state)
{
	static const char *const bad[] = { "/3303/0/5700?pmin=1&dim=3",
		"/3303/0/5700?pmin=1&pmin=2", "/3303/0/5700?pmin=-1", "/3303/0/5700?pmin=1x",
		"/3303/0/5700?gt=1&lt=2", "/3303/0?gt=5", "/3303/0/5700?=" };
	struct stage *st = *state;

	stage_register(st);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ask_for(st, COAP_PUT, bad[i]), COAP_400);
	request(st, COAP_PUT, "/3303/0/5700?pmin=1");
	request_text(st, CF_TEXT, "5");
	assert_int_equal(ask(st), COAP_400);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/9?pmin=1"), COAP_404);
	assert_int_equal(ask_for(st, COAP_PUT, "/3/0/4?pmin=1"), COAP_405);
	discover(st, "/3303/0/5700", "</3303/0/5700>");
}

/* 1.0-int-680, 685: neither Create nor Delete of the Device instance */
static void test_680_685_device(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	request(st, COAP_POST, "/3");
	request_hex(st, CF_TLV, "c10b00");
	assert_int_equal(ask(st), COAP_405);
	assert_int_equal(ask_for(st, COAP_DELETE, "/3/0"), COAP_405);
	assert_int_equal(ask_for(st, COAP_GET, "/3/0/0"), COAP_205);
}

/* Unknown paths, operations that are not there, what no server may touch. */
static void test_codes(void **state)
{
	static const struct {
		uint8_t method;
		const char *uri;
		uint8_t code;
	} t[] = {
		{ COAP_GET, "/.well-known/core", COAP_404 },
		{ COAP_GET, "/99", COAP_404 },
		{ COAP_GET, "/3/1", COAP_404 },
		{ COAP_GET, "/3/0/99", COAP_404 },
		{ COAP_GET, "/3/0/11/7", COAP_404 },
		{ COAP_GET, "/3/0/11/0/0", COAP_404 },
		{ COAP_GET, "/3/00/0", COAP_404 },
		{ COAP_GET, "/+3/0/0", COAP_404 },
		{ COAP_GET, "/3//0", COAP_404 },
		{ COAP_GET, "/65536", COAP_404 },
		{ COAP_GET, "/3/65535", COAP_404 },
		{ COAP_GET, "/3/0/0/65535", COAP_404 },
		{ COAP_PUT, "/1/0/1/65535?pmin=1", COAP_404 },
		{ COAP_GET, "/", COAP_405 },
		{ COAP_GET, "/3/0/4", COAP_405 },
		{ COAP_GET, "/3/0?x=1", COAP_400 },
		{ COAP_GET, "/0", COAP_401 },
		{ COAP_GET, "/0/0/0", COAP_401 },
		{ COAP_PUT, "/0?pmin=1", COAP_401 },
		{ COAP_DELETE, "/0/0", COAP_401 },
		{ COAP_DELETE, "/1/0", COAP_405 },
		{ COAP_DELETE, "/3/0/0", COAP_405 },
		{ COAP_DELETE, "/3", COAP_405 },
		{ COAP_DELETE, "/", COAP_405 },
		{ COAP_DELETE, "/3/5", COAP_404 },
		{ COAP_DELETE, "/99", COAP_404 },
		{ COAP_DELETE, "/99/0/0", COAP_404 },
		{ COAP_PUT, "/99", COAP_404 },
		{ COAP_PUT, "/99/0", COAP_404 },
		{ COAP_PUT, "/99?pmin=1", COAP_404 },
		{ COAP_POST, "/99", COAP_404 },
		{ COAP_POST, "/99/0", COAP_404 },
		{ COAP_POST, "/99/0/0", COAP_404 },
		{ COAP_PUT, "/3", COAP_405 },
		{ COAP_GET, "/21", COAP_404 },
		{ COAP_POST, "/bs", COAP_404 },
		{ COAP_POST, "/3/0/0", COAP_405 },
		{ COAP_POST, "/3/0/11/0", COAP_405 },
		{ COAP_PUT, "/3/0", COAP_400 },
		{ COAP_FETCH, "/3", COAP_405 },
		{ COAP_IPATCH, "/3", COAP_405 },
		{ 31, "/3", COAP_405 },
	};
	struct stage *st = *state;

	stage_register(st);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint8_t code = ask_for(st, t[i].method, t[i].uri);

		if (code != t[i].code)
			fail_msg("%u %s: %u.%02u", t[i].method, t[i].uri, code >> 5, code & 31);
	}
}

/* Each format where it can say what is asked for, and else 4.06; the numbers of old servers too. */
static void test_accept(void **state)
{
	enum { ONE = 1, LIST = 2 };
	static const struct {
		uint32_t format;
		unsigned can; /* a number; many values */
	} f[] = { { CF_TEXT, ONE }, { CF_CBOR, ONE }, { CF_OPAQUE, 0 }, { CF_TLV, ONE | LIST },
		{ CF_TLV_OLD, ONE | LIST }, { CF_JSON, ONE | LIST }, { CF_JSON_OLD, ONE | LIST },
		{ CF_SENML_JSON, ONE | LIST }, { CF_SENML_CBOR, ONE | LIST } };
	static const char *const paths[] = { "/3303/0/5700", "/3/0/11/0", "/3/0/11", "/3303/0",
		"/3303" };
	struct stage *st = *state;

	stage_register(st);
	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++)
		for (size_t p = 0; p < sizeof(paths) / sizeof(paths[0]); p++) {
			bool can = f[i].can & (p < 2 ? ONE : LIST);

			request(st, COAP_GET, paths[p]);
			request_option(st, COAP_OPT_ACCEPT, f[i].format);
			if (ask(st) != (can ? COAP_205 : COAP_406))
				fail_msg("%u %s", f[i].format, paths[p]);
			if (can) /* answered with the number that was asked for */
				assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 99),
					f[i].format);
		}
}

static void test_formats(void **state)
{
	static const int unknown[] = { 41, 50, 111, CF_SENML_ETCH_JSON, CF_SENML_ETCH_CBOR, 11544,
		65535 }; /* or not for this */
	struct stage *st = *state;

	stage_register(st);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		request(st, COAP_GET, "/3/0");
		request_option(st, COAP_OPT_ACCEPT, (uint32_t)unknown[i]);
		assert_int_equal(ask(st), COAP_406);
		request(st, COAP_GET, "/3/9");
		request_option(st, COAP_OPT_ACCEPT, (uint32_t)unknown[i]);
		assert_int_equal(ask(st), COAP_404);
		request(st, COAP_PUT, "/1/0/1");
		request_text(st, unknown[i], "20");
		assert_int_equal(ask(st), COAP_415);
	}
	request(st, COAP_GET, "/3/0");
	request_option(st, COAP_OPT_ACCEPT, CF_TEXT);
	assert_int_equal(ask(st), COAP_406);
	request(st, COAP_GET, "/3/0/11");
	request_option(st, COAP_OPT_ACCEPT, CF_TEXT);
	assert_int_equal(ask(st), COAP_406);
	request(st, COAP_GET, "/3/0/0");
	request_option(st, COAP_OPT_ACCEPT, CF_OPAQUE);
	assert_int_equal(ask(st), COAP_406);
	request(st, COAP_POST, "/3/0/4");
	request_hex(st, CF_TLV, "00");
	assert_int_equal(ask(st), COAP_415);
}

/* Bad bodies are 4.00, never 5.xx, and change nothing. */
static void test_malformed(void **state)
{
	static const char *const bad[] = { "c1", "c101", "c1016400", "e1ffff05", "c10105c10106",
		"0301c10114", "ffffffffff" };
	struct stage *st = *state;

	stage_register(st);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		request(st, COAP_POST, "/1/0");
		request_hex(st, CF_TLV, bad[i]);
		assert_int_equal(ask(st), COAP_400);
	}
	request(st, COAP_POST, "/1/0");
	request_hex(st, CF_TLV, "c10105c10063"); /* one that may be written, one that may not */
	assert_int_equal(ask(st), COAP_405);
	expect_text(st, "/1/0/1", "86400");
	request(st, COAP_POST, "/1/0");
	request_hex(st, CF_TLV, "0300c10278"); /* the instance named again (OMA 452) */
	assert_int_equal(ask(st), COAP_204);
	expect_text(st, "/1/0/2", "120");
}

static void test_execute_arguments(void **state)
{
	static const struct {
		const char *args;
		uint8_t code;
	} t[] = { { "5", COAP_204 }, { "2='10.3'", COAP_204 }, { "7,0='x'", COAP_204 },
		{ "0,1,2,3,4", COAP_204 }, { "10", COAP_400 }, { "x", COAP_400 },
		{ "1='", COAP_400 }, { ",", COAP_400 }, { "1,1", COAP_400 } };
	struct stage *st = *state;

	stage_register(st);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		request(st, COAP_POST, "/3/0/4");
		request_text(st, CF_TEXT, t[i].args);
		if (ask(st) != t[i].code)
			fail_msg("%s: %u", t[i].args, st->m.code);
	}
}

/* Options that change what a request means are not passed over. */
static void test_options(void **state)
{
	static const struct {
		uint16_t num;
		uint32_t value;
		uint8_t code;
	} t[] = {
		{ COAP_OPT_BLOCK2, 0x06, COAP_205 }, /* NUM 0, 1024 bytes: whole */
		{ COAP_OPT_BLOCK2, 0x16, COAP_400 }, /* NUM 1: beyond the end */
		{ COAP_OPT_BLOCK2, 0x07, COAP_400 }, /* SZX 7 */
		{ COAP_OPT_IF_MATCH, 5, COAP_402 },
		{ COAP_OPT_IF_NONE_MATCH, 0, COAP_402 },
		{ COAP_OPT_PROXY_URI, 5, COAP_402 },
		{ COAP_OPT_URI_PORT, 1234, COAP_205 },
		{ COAP_OPT_SIZE2, 0, COAP_205 },
	};
	struct stage *st = *state;

	stage_register(st);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint8_t code;

		request(st, COAP_GET, "/3/0/0");
		request_option(st, t[i].num, t[i].value);
		code = ask(st);
		if (code != t[i].code && !(t[i].code == COAP_402 && code == COAP_505))
			fail_msg("option %u: %u.%02u", t[i].num, code >> 5, code & 31);
	}
	request(st, COAP_PUT, "/1/0/1");
	request_text(st, CF_TEXT, "100");
	request_option(st, COAP_OPT_BLOCK1, 0x08);
	assert_int_equal(ask(st), COAP_400); /* a block of 3 bytes is no block */
	request(st, COAP_PUT, "/1/0/1");
	request_text(st, CF_TEXT, "100");
	request_option(st, COAP_OPT_BLOCK1, 0x10);
	assert_int_equal(ask(st), COAP_408);
	expect_text(st, "/1/0/1", "86400");
}

/* A repeated CON is answered the same and not done again (RFC 7252 §4.5). */
static void test_duplicate(void **state)
{
	struct stage *st = *state;
	uint8_t code;

	stage_register(st);
	code = ask_for(st, COAP_POST, "/3/0/4");
	assert_int_equal(code, COAP_204);
	assert_int_equal(ask(st), COAP_204);
	script_settle(&st->sc);
	assert_int_equal(st->reboots, 1);
}

/* Garbage on the wire: silence, and the client goes on. */
static void test_garbage(void **state)
{
	static const uint8_t g[][8] = { { 0x6e, 0x8d }, { 0 }, { 0x00, 1, 2, 3 },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 0x60, 0x45, 0, 1, 0xff, 0, 0, 0 } };
	struct stage *st = *state;

	stage_register(st);
	for (size_t i = 0; i < sizeof(g) / sizeof(g[0]); i++)
		for (size_t len = 0; len <= sizeof(g[0]); len++)
			script_recv(st->link, g[i], len);
	script_drop_sent(st->link);
	assert_int_equal(ask_for(st, COAP_GET, "/3/0/0"), COAP_205);
}

/* --- answers that come later --------------------------------------------------------------- */

static int slow_apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	struct stage *st = ud;

	st->op = op;
	return LGW_PENDING;
}

static const struct object_ops slow_ops = { .apply = slow_apply };

static void slow_object(struct stage *st)
{
	struct dm *dm = client_dm(st->client);
	struct value off = VALUE_BOOL(false);

	assert_int_equal(dm_object_add(dm, objdefs_find(st->defs, 3311), &slow_ops, st), 0);
	assert_int_equal(dm_instance_add(dm, 3311, 0), 0);
	assert_int_equal(dm_set(dm, &PATH_RES(3311, 0, 5850), &off, 0), 0);
	stage_register(st);
	request(st, COAP_PUT, "/3311/0/5850");
	request_text(st, CF_TEXT, "1");
	script_recv_msg(st->link, &st->req);
	expect_quiet(st, 500);
	assert_non_null(st->op);
}

/* A device confirms: an empty ACK after a second, then the answer. */
static void test_deferred(void **state)
{
	struct stage *st = *state;

	slow_object(st);
	script_advance(&st->sc, 500);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_EMPTY);
	assert_int_equal(st->m.type, COAP_ACK);
	dm_op_done(st->op, LGW_ETIMEDOUT);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.type, COAP_CON);
	assert_int_equal(st->m.code, COAP_504);
	assert_memory_equal(st->m.token, st->req.token, 2);
}

/* The client goes while a device still thinks; and the asker goes. */
static void test_deferred_free(void **state)
{
	struct stage *st = *state;

	slow_object(st);
	client_free(st->client);
	st->client = NULL;
	dm_op_done(st->op, LGW_OK); /* whoever holds it need not know */
}

static void test_deferred_link_lost(void **state)
{
	struct stage *st = *state;

	slow_object(st);
	script_event(st->link, LINK_DOWN, LGW_EIO);
	dm_op_done(st->op, LGW_OK);
	script_settle(&st->sc);
}

/* --- several servers ----------------------------------------------------------------------- */

/* 1.0-int-951: attributes are each server's own */
static void test_951_attributes_per_server(void **state)
{
	struct stage *st = *state;

	st->params.nservers = 2;
	stage_client(st);
	stage_register(st);
	stage_play(st, "server2");
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0/5700?pmin=10"), COAP_204);
	discover(st, "/3303/0/5700", "</3303/0/5700>;pmin=10");
	stage_play(st, "server");
	discover(st, "/3303/0/5700", "</3303/0/5700>");
}

#define DIALOGUE(fn_) cmocka_unit_test_setup_teardown(fn_, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIALOGUE(test_201_text),
		DIALOGUE(test_203_tlv),
		DIALOGUE(test_237_default_format),
		DIALOGUE(test_205_set_text),
		DIALOGUE(test_215_set_tlv),
		DIALOGUE(test_241_reboot),
		DIALOGUE(test_256_write_failure),
		DIALOGUE(test_260_discover),
		DIALOGUE(test_bad_attributes),
		DIALOGUE(test_680_685_device),
		DIALOGUE(test_codes),
		DIALOGUE(test_accept),
		DIALOGUE(test_formats),
		DIALOGUE(test_malformed),
		DIALOGUE(test_execute_arguments),
		DIALOGUE(test_options),
		DIALOGUE(test_duplicate),
		DIALOGUE(test_garbage),
		DIALOGUE(test_deferred),
		DIALOGUE(test_deferred_free),
		DIALOGUE(test_deferred_link_lost),
		DIALOGUE(test_951_attributes_per_server),
	};

	return cmocka_run_group_tests_name("sim/serving", tests, NULL, NULL);
}
