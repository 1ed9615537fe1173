/* SPDX-License-Identifier: BSD-3-Clause */
/* text/plain, application/octet-stream, link format, and the registry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <lgw/status.h>
#include "codec/codec.h"
#include "codec/link.h"

static const struct path res = { { 3, 0, 9 }, 3 };
static const struct path inst = { { 3, 0 }, 2 };

static int encode(
	int format, const struct path *base, const struct record *r, char *out, size_t cap)
{
	struct wr w = wr_of(out, cap - 1);
	struct encoder e;
	int s = codec_begin(&e, codec_find(format), format, base, &w);

	s = s ? s : codec_add(&e, r);
	s = s ? s : codec_end(&e);
	out[w.len] = '\0';
	return s;
}

static void test_text_encode(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4 };
	struct record r = { .path = res, .value = VALUE_INT(-5) };
	char out[64];

	assert_int_equal(encode(CF_TEXT, &res, &r, out, sizeof(out)), 0);
	assert_string_equal(out, "-5");
	r.value = VALUE_STR("Open Mobile Alliance");
	assert_int_equal(encode(CF_TEXT, &res, &r, out, sizeof(out)), 0);
	assert_string_equal(out, "Open Mobile Alliance");
	r.value = VALUE_FLOAT(21.5);
	assert_int_equal(encode(CF_TEXT, &res, &r, out, sizeof(out)), 0);
	assert_string_equal(out, "21.5");
	r.value = VALUE_BOOL(true);
	assert_int_equal(encode(CF_TEXT, &res, &r, out, sizeof(out)), 0);
	assert_string_equal(out, "1");
	r.value = (struct value){ VT_OBJLNK, { .link = { 66, 1 } } };
	assert_int_equal(encode(CF_TEXT, &res, &r, out, sizeof(out)), 0);
	assert_string_equal(out, "66:1");
	r.value = (struct value){ VT_OPAQUE, { .s = { bytes, 4 } } };
	assert_int_equal(encode(CF_TEXT, &res, &r, out, sizeof(out)), 0);
	assert_string_equal(out, "AQIDBA==");
	assert_int_equal(encode(CF_TEXT, &res, &r, out, 5), LGW_ETOOBIG);
}

static void test_text_one_value_only(void **state)
{
	struct record r = { .path = PATH_RI(3, 0, 9, 0), .value = VALUE_INT(1) };
	struct path object = PATH_OBJ(3);
	struct wr w;
	struct encoder e;
	char out[16];

	assert_int_equal(encode(CF_TEXT, &res, &r, out, sizeof(out)), LGW_EACCEPT);
	r = (struct record){ .path = res };
	assert_int_equal(encode(CF_TEXT, &res, &r, out, sizeof(out)), LGW_EACCEPT);
	assert_int_equal(encode(CF_TEXT, &inst, &r, out, sizeof(out)), LGW_EACCEPT);
	assert_int_equal(encode(CF_OPAQUE, &object, &r, out, sizeof(out)), LGW_EACCEPT);
	w = wr_of(out, sizeof(out));
	assert_int_equal(codec_begin(&e, codec_find(CF_TEXT), CF_TEXT, &res, &w), 0);
	assert_int_equal(codec_end(&e), LGW_EACCEPT);
}

static int keep(void *ud, const struct record *r)
{
	*(struct record *)ud = *r;
	return 0;
}

static void test_text_decode(void **state)
{
	struct record r;

	assert_int_equal(codec_find(CF_TEXT)->decode(&res, (const uint8_t *)"12", 2, keep, &r), 0);
	assert_int_equal(r.value.type, VT_RAW_TEXT);
	assert_int_equal(r.value.u.s.len, 2);
	assert_true(path_eq(&r.path, &res));
	assert_int_equal(codec_find(CF_TEXT)->decode(&res, NULL, 0, keep, &r), 0);
	assert_int_equal(r.value.u.s.len, 0);
	assert_int_equal(
		codec_find(CF_TEXT)->decode(&inst, (const uint8_t *)"1", 1, keep, &r), LGW_EINVAL);
}

static void test_opaque(void **state)
{
	static const uint8_t bytes[] = { 0, 'a', 0xff };
	struct record r = { .path = res, .value = { VT_OPAQUE, { .s = { bytes, 3 } } } };
	char out[16];

	assert_int_equal(encode(CF_OPAQUE, &res, &r, out, sizeof(out)), 0);
	assert_memory_equal(out, bytes, 3);
	r.value = VALUE_STR("text");
	assert_int_equal(encode(CF_OPAQUE, &res, &r, out, sizeof(out)), LGW_EACCEPT);
	assert_int_equal(codec_find(CF_OPAQUE)->decode(&res, bytes, 3, keep, &r), 0);
	assert_int_equal(r.value.type, VT_OPAQUE);
	assert_int_equal(codec_find(CF_OPAQUE)->decode(&inst, bytes, 3, keep, &r), LGW_EINVAL);
}

static void test_registry(void **state)
{
	assert_ptr_equal(codec_find(CF_TLV), codec_find(CF_TLV_OLD));
	assert_non_null(codec_find(CF_TEXT));
	assert_non_null(codec_find(CF_OPAQUE));
	assert_null(codec_find(CF_NONE));
	assert_null(codec_find(65535));
	assert_null(codec_find(CF_LINK));
}

static void test_list(void **state)
{
	char out[32];
	struct wr w = wr_of(out, sizeof(out) - 1);

	codec_list(&w);
	out[w.len] = '\0';
	assert_string_equal(out, "0 42 60 110 112 11542 11543");
}

static void test_link(void **state)
{
	struct attrs a = { .set = ATTR_PMIN | ATTR_GT, .pmin = 10, .gt = 23.5 };
	struct attrs none = { 0 };
	struct path root = PATH_ROOT;
	char out[128];
	struct wr w = wr_of(out, sizeof(out) - 1);
	struct link_writer lw = { &w, 0 };

	link_add(&lw, &root);
	link_param(&lw, "rt", "oma.lwm2m", true);
	link_param_int(&lw, "ct", 11542);
	link_add(&lw, &inst);
	link_param(&lw, "ver", "1.1", false);
	link_attrs(&lw, &none);
	link_add(&lw, &res);
	link_attrs(&lw, &a);
	link_param(&lw, "x", "a\"b", true);
	assert_int_equal(wr_err(&w), 0);
	out[w.len] = '\0';
	assert_string_equal(out, "</>;rt=\"oma.lwm2m\";ct=11542,</3/0>;ver=1.1,"
				 "</3/0/9>;pmin=10;gt=23.5;x=\"a\\\"b\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_encode),
		cmocka_unit_test(test_text_one_value_only),
		cmocka_unit_test(test_text_decode),
		cmocka_unit_test(test_opaque),
		cmocka_unit_test(test_registry),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_link),
	};

	return cmocka_run_group_tests_name("codec/text", tests, NULL, NULL);
}
