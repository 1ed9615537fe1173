/* SPDX-License-Identifier: BSD-3-Clause */
/* Read-Composite and Write-Composite (LwM2M 1.1 §6.3.8, §6.3.9), and the formats that carry them;
 * test names carry the OMA case they check. */
#include "stage.h"
#include "types/format.h"

static void fetch(struct stage *st, int accept, const char *paths)
{
	request(st, COAP_FETCH, "/");
	request_text(st, CF_SENML_ETCH_JSON, paths);
	if (accept != CF_NONE)
		request_option(st, COAP_OPT_ACCEPT, (uint32_t)accept);
}

static void ipatch(struct stage *st, const char *records)
{
	request(st, COAP_IPATCH, "/");
	request_text(st, CF_SENML_ETCH_JSON, records);
}

/* 1.1-int-280: Successful Read-Composite */
static void test_280_read_composite(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	fetch(st, CF_SENML_JSON, "[{\"n\":\"/3303/0\"},{\"n\":\"/3/0/2\"},{\"n\":\"/3/0/11/0\"}]");
	assert_int_equal(ask(st), COAP_205);
	assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 0), CF_SENML_JSON);
	expect_payload(st, "[{\"n\":\"/3/0/2\",\"vs\":\"345000123\"},{\"n\":\"/3/0/11/0\",\"v\":0},"
			   "{\"n\":\"/3303/0/5700\",\"v\":20.5},"
			   "{\"n\":\"/3303/0/5701\",\"vs\":\"Cel\"}]");
	fetch(st, CF_SENML_CBOR, "[{\"n\":\"/3/0/11\"}]");
	assert_int_equal(ask(st), COAP_205);
	assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 0), CF_SENML_CBOR);
	expect_payload_hex(st, "9fa200692f332f302f31312f300200ff");
}

/* 1.1-int-281, 1.1-int-236: what cannot be read, or is not there, is left out. */
static void test_281_236_partial(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	fetch(st, CF_NONE,
		"[{\"n\":\"/1/0/1\"},{\"n\":\"/1/0/7\"},{\"n\":\"/1/0/8\"},"
		"{\"n\":\"/3339/0/5522\"},{\"n\":\"/3/7\"},{\"n\":\"/0/0/0\"}]");
	assert_int_equal(ask(st), COAP_205);
	assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 0), CF_SENML_JSON);
	expect_payload(st, "[{\"n\":\"/1/0/1\",\"v\":86400},{\"n\":\"/1/0/7\",\"vs\":\"U\"}]");
	fetch(st, CF_NONE, "[{\"n\":\"/3339/0/5522\"}]");
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, "[]");
}

/* 1.1-int-235: the root is all that can be read, without /0 and /21. */
static void test_235_root(void **state)
{
	struct stage *st = *state;
	char text[4096];

	stage_register(st);
	fetch(st, CF_SENML_JSON, "[{\"n\":\"/\"},{\"n\":\"/3/0\"}]");
	assert_int_equal(ask(st), COAP_205);
	assert_true(st->m.payload_len < sizeof(text));
	memcpy(text, st->m.payload, st->m.payload_len);
	text[st->m.payload_len] = '\0';
	assert_null(strstr(text, "\"/0/"));
	assert_non_null(strstr(text, "\"/1/0/1\""));
	assert_non_null(strstr(text, "\"/3303/0/5700\""));
	/* Each value once, though its path was named twice. */
	assert_ptr_equal(strstr(text, "\"/3/0/2\""), strstr(text, "/3/0/2\"") - 1);
	assert_null(strstr(strstr(text, "\"/3/0/2\"") + 1, "\"/3/0/2\""));
}

static void test_read_refused(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	fetch(st, CF_TLV, "[{\"n\":\"/3/0\"}]");
	assert_int_equal(ask(st), COAP_406);
	fetch(st, CF_NONE, "[{\"n\":\"/3/0\",\"v\":1}]");
	assert_int_equal(ask(st), COAP_400);
	fetch(st, CF_NONE, "[]");
	assert_int_equal(ask(st), COAP_400);
	request(st, COAP_FETCH, "/");
	request_text(st, CF_TLV, "");
	assert_int_equal(ask(st), COAP_415);
	request(st, COAP_FETCH, "/");
	assert_int_equal(ask(st), COAP_400);
	request(st, COAP_FETCH, "/3");
	request_text(st, CF_SENML_JSON, "[{\"n\":\"/3/0\"}]");
	assert_int_equal(ask(st), COAP_405);
	assert_int_equal(ask_for(st, COAP_GET, "/"), COAP_405);
}

/* 1.1-int-230, 1.1-int-257: several instances at once; an Update follows the new lifetime. */
static void test_230_257_write_composite(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	ipatch(st, "[{\"n\":\"/1/0/1\",\"v\":120},{\"n\":\"/1/0/6\",\"vb\":false},"
		   "{\"n\":\"/3/0/13\",\"v\":1567000000}]");
	assert_int_equal(ask(st), COAP_204);
	script_settle(&st->sc);
	expect_request(st, COAP_POST, "/rd/5a3f?lt=120");
	answer(st, COAP_204);
	fetch(st, CF_SENML_JSON, "[{\"n\":\"/1/0/1\"},{\"n\":\"/1/0/6\"},{\"n\":\"/3/0/13\"}]");
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, "[{\"n\":\"/1/0/1\",\"v\":120},{\"n\":\"/1/0/6\",\"vb\":false},"
			   "{\"n\":\"/3/0/13\",\"v\":1567000000}]");
}

/* One part that cannot be, and nothing is written. */
static void test_all_or_nothing(void **state)
{
	static const struct {
		const char *body;
		uint8_t code;
	} t[] = {
		{ "[{\"n\":\"/1/0/1\",\"v\":120},{\"n\":\"/1/0/2\",\"v\":-5}]", COAP_400 },
		{ "[{\"n\":\"/1/0/1\",\"v\":120},{\"n\":\"/3/0/0\",\"vs\":\"x\"}]", COAP_405 },
		{ "[{\"n\":\"/1/0/1\",\"v\":120},{\"n\":\"/3/0/13\",\"v\":-1}]", COAP_400 },
		{ "[{\"n\":\"/1/0/1\",\"v\":120},{\"n\":\"/9999/0/0\",\"v\":1}]", COAP_404 },
		{ "[{\"n\":\"/1/0/1\",\"v\":120},{\"n\":\"/1/7/1\",\"v\":1}]", COAP_404 },
		{ "[{\"n\":\"/1/0/1\",\"v\":120},{\"n\":\"/0/0/0\",\"vs\":\"coap://evil\"}]",
			COAP_401 },
		{ "[{\"n\":\"/1/0/1\",\"v\":120},{\"n\":\"/1/0/1\",\"v\":121}]", COAP_400 },
		{ "[{\"n\":\"/1/0/1\",\"vs\":\"120\"}]", COAP_400 },
		{ "[{\"n\":\"/1/0/1\",\"v\":120.5}]", COAP_400 },
		{ "[{\"n\":\"/1/0/1\",\"v\":120}", COAP_400 },
	};
	struct stage *st = *state;

	stage_register(st);
	for (size_t k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
		ipatch(st, t[k].body);
		if (ask(st) != t[k].code)
			fail_msg("%s: %02x", t[k].body, st->m.code);
		assert_int_equal(ask_for(st, COAP_GET, "/1/0/1"), COAP_205);
		expect_payload(st, "86400");
	}
	ipatch(st, "[{\"n\":\"/1/0/1\",\"v\":120},{\"n\":\"/3/0/14\",\"v\":7}]");
	assert_int_equal(ask(st), COAP_400); /* which, and why */
	expect_payload(st, "/3/0/14: not a string");
	request(st, COAP_IPATCH, "/");
	request_text(st, CF_TEXT, "1");
	assert_int_equal(ask(st), COAP_415);
	request(st, COAP_IPATCH, "/1/0");
	request_text(st, CF_SENML_JSON, "[{\"n\":\"/1/0/1\",\"v\":120}]");
	assert_int_equal(ask(st), COAP_405);
	expect_quiet(st, 1000);
}

static void get_json(struct stage *st, const char *uri, const char *want)
{
	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_ACCEPT, CF_JSON);
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, want);
}

static void link_to(struct stage *st, struct path p, uint16_t oid, uint16_t iid)
{
	struct value v = { VT_OBJLNK, { .link = { oid, iid } } };

	assert_int_equal(dm_set(client_dm(st->client), &p, &v, 0), 0);
}

/* 1.0 §6.4.4: linked instances come along breadth-first, each once, where a server is to have them.
 */
static void test_linked_instances(void **state)
{
	struct stage *st = *state;
	struct value name = VALUE_STR("x");

	for (int linked = 0; linked < 2; linked++) {
		struct dm *dm;

		st->servers[0].linked = linked;
		stage_client(st);
		dm = client_dm(st->client);
		assert_int_equal(dm_object_add(dm, objdefs_find(st->defs, 9), NULL, NULL), 0);
		for (uint16_t k = 0; k < 4; k++) {
			assert_int_equal(dm_instance_add(dm, 9, k), k);
			assert_int_equal(dm_set(dm, &PATH_RES(9, k, 0), &name, 0), 0);
		}
		link_to(st, PATH_RES(9, 0, 5), 9, 2);
		link_to(st, PATH_RES(9, 0, 13), 9, 1);
		link_to(st, PATH_RES(9, 2, 5), 9, 3);
		link_to(st, PATH_RES(9, 2, 13), 9, 0); /* back to where it began */
		link_to(st, PATH_RES(9, 1, 5), 0, 0);  /* nobody reads that one */
		link_to(st, PATH_RES(9, 1, 13), 65535, 65535);
		link_to(st, PATH_RES(9, 3, 5), 4711, 0); /* nor one that is not there */
		link_to(st, PATH_RES(9, 3, 13), 9, 1);
		stage_register(st);
		get_json(st, "/9/0",
			linked ? "{\"bn\":\"/\",\"e\":[{\"n\":\"9/0/0\",\"sv\":\"x\"},"
				 "{\"n\":\"9/0/5\",\"ov\":\"9:2\"},{\"n\":\"9/0/"
				 "13\",\"ov\":\"9:1\"},"
				 "{\"n\":\"9/2/0\",\"sv\":\"x\"},"
				 "{\"n\":\"9/2/5\",\"ov\":\"9:3\"},{\"n\":\"9/2/"
				 "13\",\"ov\":\"9:0\"},"
				 "{\"n\":\"9/1/0\",\"sv\":\"x\"},{\"n\":\"9/1/"
				 "5\",\"ov\":\"0:0\"},"
				 "{\"n\":\"9/1/13\",\"ov\":\"65535:65535\"},"
				 "{\"n\":\"9/3/0\",\"sv\":\"x\"},"
				 "{\"n\":\"9/3/5\",\"ov\":\"4711:0\"},"
				 "{\"n\":\"9/3/13\",\"ov\":\"9:1\"}]}"
			       : "{\"bn\":\"/9/0/\",\"e\":[{\"n\":\"0\",\"sv\":\"x\"},"
				 "{\"n\":\"5\",\"ov\":\"9:2\"},{\"n\":\"13\",\"ov\":\"9:1\"}]}");
		get_json(st, "/9/0/5", "{\"bn\":\"/9/0/5\",\"e\":[{\"ov\":\"9:2\"}]}");
		get_json(st, "/3303/0",
			"{\"bn\":\"/3303/0/\",\"e\":[{\"n\":\"5700\",\"v\":20.5},"
			"{\"n\":\"5701\",\"sv\":\"Cel\"}]}");
	}
}

/* Nothing is converted: a value in another unit than the definition's is refused. */
static void test_units(void **state)
{
	static const struct {
		const char *body, *why; /* NULL: taken */
	} t[] = {
		{ "[{\"n\":\"/1/0/2\",\"u\":\"s\",\"v\":7}]", NULL },
		{ "[{\"n\":\"/1/0/2\",\"u\":\"ms\",\"v\":7000}]", "/1/0/2: of another unit" },
		{ "[{\"bn\":\"/1/0/\",\"bu\":\"min\"},{\"n\":\"2\",\"v\":7}]",
			"/1/0/2: of another unit" },
		/* Its own unit counts before that of the pack. */
		{ "[{\"bn\":\"/1/0/\",\"bu\":\"min\"},{\"n\":\"2\",\"v\":7,\"u\":\"s\"}]", NULL },
		{ "[{\"n\":\"/1/0/"
		  "2\",\"u\":\"seconds-are-meant-but-nobody-can-know-that\",\"v\":7}]",
			"/1/0/2: of another unit" },
		{ "[{\"n\":\"/1/0/2\",\"u\":1,\"v\":7}]", "" },
		/* The definition says none. */
		{ "[{\"n\":\"/1/0/6\",\"u\":\"Cel\",\"vb\":true}]", NULL },
	};
	struct stage *st = *state;

	stage_register(st);
	for (size_t k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
		ipatch(st, t[k].body);
		if (ask(st) != (t[k].why ? COAP_400 : COAP_204))
			fail_msg("%s: %02x", t[k].body, st->m.code);
		if (t[k].why)
			expect_payload(st, t[k].why);
	}
	/* In CBOR: [{-2: "/1/0/2", 1: "ms", 2: 7}], and with -4: "s". */
	request(st, COAP_PUT, "/1/0/2");
	request_hex(st, CF_SENML_CBOR, "81a321662f312f302f3201626d730207");
	assert_int_equal(ask(st), COAP_400);
	request(st, COAP_PUT, "/1/0/2");
	request_hex(st, CF_SENML_CBOR, "81a321662f312f302f322361730207");
	assert_int_equal(ask(st), COAP_204);
}

static int slow_apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	((struct stage *)ud)->op = op;
	return LGW_PENDING;
}

static const struct object_ops slow_ops = { .apply = slow_apply };

/* /3311/0 and /3311/1 belong to a device that answers when the test says so. */
static void slow_object(struct stage *st)
{
	struct dm *dm = client_dm(st->client);
	struct value off = VALUE_BOOL(false);

	assert_int_equal(dm_object_add(dm, objdefs_find(st->defs, 3311), &slow_ops, st), 0);
	for (int k = 0; k < 2; k++) {
		assert_int_equal(dm_instance_add(dm, 3311, PATH_ID_NONE), k);
		assert_int_equal(dm_set(dm, &PATH_RES(3311, k, 5850), &off, 0), 0);
	}
}

static void expect_values(struct stage *st, const char *lifetime, const char *on)
{
	assert_int_equal(ask_for(st, COAP_GET, "/1/0/1"), COAP_205);
	expect_payload(st, lifetime);
	assert_int_equal(ask_for(st, COAP_GET, "/3311/0/5850"), COAP_205);
	expect_payload(st, on);
}

static void composite_with_device(struct stage *st, int status, uint8_t code)
{
	ipatch(st, "[{\"n\":\"/1/0/2\",\"v\":7},{\"n\":\"/3311/0/5850\",\"vb\":true},"
		   "{\"n\":\"/1/0/3\",\"v\":8}]");
	script_recv_msg(st->link, &st->req);
	expect_quiet(st, 500);
	assert_non_null(st->op);
	dm_op_done(st->op, status);
	st->op = NULL;
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, code);
}

/* What a device has to agree to, together with the client's own: all of it or nothing. */
static void test_with_a_device(void **state)
{
	struct stage *st = *state;

	slow_object(st);
	stage_register(st);
	composite_with_device(st, LGW_ETIMEDOUT, COAP_504);
	assert_int_equal(ask_for(st, COAP_GET, "/1/0/2"), COAP_404);
	expect_values(st, "86400", "0");
	composite_with_device(st, LGW_OK, COAP_204);
	assert_int_equal(ask_for(st, COAP_GET, "/1/0/2"), COAP_205);
	expect_payload(st, "7");
	expect_values(st, "86400", "1");
	/* Two that may each refuse cannot be one. */
	ipatch(st, "[{\"n\":\"/3311/0/5850\",\"vb\":false},{\"n\":\"/3311/1/5850\",\"vb\":true}]");
	assert_int_equal(ask(st), COAP_400);
	assert_null(st->op);
	/* An instance that goes while the device thinks takes the rest with it. */
	ipatch(st, "[{\"n\":\"/1/0/2\",\"v\":9},{\"n\":\"/3311/0/5850\",\"vb\":false}]");
	script_recv_msg(st->link, &st->req);
	script_settle(&st->sc);
	assert_non_null(st->op);
	dm_instance_remove(client_dm(st->client), 3311, 0);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_503);
	dm_op_done(st->op, LGW_OK);
	assert_int_equal(ask_for(st, COAP_GET, "/1/0/2"), COAP_205);
	expect_payload(st, "7");
}

static int slow_refresh(void *ud, uint16_t ssid, const struct path *p, struct dm_op *op)
{
	((struct stage *)ud)->op = op;
	return LGW_PENDING;
}

static const struct object_ops asking_ops = { .refresh = slow_refresh };

/* Devices are asked first, one object after the other. */
static void test_read_that_waits(void **state)
{
	struct stage *st = *state;
	struct dm *dm = client_dm(st->client);

	for (uint16_t oid = 3304; oid <= 3305; oid++) {
		assert_int_equal(
			dm_object_add(dm, objdefs_find(st->defs, oid), &asking_ops, st), 0);
		assert_int_equal(dm_instance_add(dm, oid, 0), 0);
	}
	set_float(st, PATH_RES(3304, 0, 5700), 39);
	stage_register(st);
	fetch(st, CF_NONE, "[{\"n\":\"/3304/0/5700\"},{\"n\":\"/3/0/2\"},{\"n\":\"/3305\"}]");
	ask_in_vain(st);
	set_float(st, PATH_RES(3304, 0, 5700), 40);
	dm_op_done(st->op, LGW_OK);
	script_settle(&st->sc);
	assert_int_equal(script_sent(st->link), 0); /* the other one is asked */
	set_float(st, PATH_RES(3305, 0, 5800), 2.5);
	dm_op_done(st->op, LGW_OK);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_205);
	expect_payload(st, "[{\"n\":\"/3/0/2\",\"vs\":\"345000123\"},"
			   "{\"n\":\"/3304/0/5700\",\"v\":40},{\"n\":\"/3305/0/5800\",\"v\":2.5}]");
	fetch(st, CF_NONE, "[{\"n\":\"/3304/0/5700\"}]");
	ask_in_vain(st);
	dm_op_done(st->op, LGW_ETIMEDOUT);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_504);
	fetch(st, CF_NONE, "[{\"n\":\"/\"}]"); /* the asker goes before the answer comes */
	ask_in_vain(st);
	client_free(st->client);
	st->client = NULL;
	dm_op_done(st->op, LGW_OK);
}

/* 1.1-int-231 to 234, 211, 212, 204, 220: one resource in every format, both ways. */
static void test_formats_both_ways(void **state)
{
	static const struct {
		int format;
		const char *body, *answer; /* hex where not JSON */
	} t[] = {
		{ CF_SENML_JSON, "[{\"bn\":\"/1/0/1\",\"v\":63}]", NULL },
		{ CF_JSON, "{\"bn\":\"/1/0/1\",\"e\":[{\"v\":64}]}", NULL },
		{ CF_SENML_CBOR, "81a221662f312f302f31021841", "9fa221662f312f302f31021841ff" },
		{ CF_CBOR, "1842", "1842" },
		/* The numbers of drafts, which the enabler of 1.0 names, too. */
		{ CF_TLV_OLD, "c10143", "c10143" },
		{ CF_JSON_OLD, "{\"bn\":\"/1/0/1\",\"e\":[{\"v\":68}]}", NULL },
	};
	struct stage *st = *state;

	stage_register(st);
	for (size_t k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
		request(st, COAP_PUT, "/1/0/1");
		if (t[k].answer)
			request_hex(st, t[k].format, t[k].body);
		else
			request_text(st, t[k].format, t[k].body);
		assert_int_equal(ask(st), COAP_204);
		script_settle(&st->sc);
		assert_true(script_take(st->link, &st->m)); /* the Update with lt= */
		answer(st, COAP_204);
		request(st, COAP_GET, "/1/0/1");
		request_option(st, COAP_OPT_ACCEPT, (uint32_t)t[k].format);
		assert_int_equal(ask(st), COAP_205);
		assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 0), t[k].format);
		if (t[k].answer)
			expect_payload_hex(st, t[k].answer);
		else
			expect_payload(st, t[k].body);
	}
}

/* 1.1-int-226: Write (partial update) of an instance in SenML. */
static void test_226_partial_update(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	request(st, COAP_POST, "/1/0");
	request_text(st, CF_SENML_JSON,
		"[{\"bn\":\"/1/0/\",\"n\":\"1\",\"v\":300},{\"n\":\"6\",\"vb\":true}]");
	assert_int_equal(ask(st), COAP_204);
	script_settle(&st->sc);
	expect_request(st, COAP_POST, "/rd/5a3f?lt=300");
	answer(st, COAP_204);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, stage_setup, stage_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_280_read_composite),
		TEST(test_281_236_partial), TEST(test_235_root), TEST(test_read_refused),
		TEST(test_230_257_write_composite), TEST(test_all_or_nothing), TEST(test_units),
		TEST(test_linked_instances), TEST(test_with_a_device), TEST(test_read_that_waits),
		TEST(test_formats_both_ways), TEST(test_226_partial_update) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
