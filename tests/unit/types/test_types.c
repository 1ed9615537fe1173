/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "types/attr.h"
#include "types/path.h"
#include "types/value.h"
#include "util/err.h"
#include "util/mem.h"

static void paths_are_canonical(void **state)
{
	static const char *const good[] = { "/", "/3", "/3/0", "/3303/0/5700", "/3/0/11/65534" };
	static const char *const bad[] = { "", "//", "/3/", "/03", "/+3", "/-1", "/3//0", "/65536",
		"/1/2/3/4/5", "/a", "/3 ", "/3/0x1" };
	char text[PATH_TEXT_MAX];
	struct path p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(path_parse(&p, good[i], strlen(good[i])), 0);
		assert_int_equal(p.n, i);
		assert_string_equal(path_text(text, &p), good[i]);
	}
	assert_int_equal(path_parse(&p, "3/0", 3), 0);
	assert_int_equal(p.n, 2);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(path_parse(&p, bad[i], strlen(bad[i])), LGW_EINVAL);
	assert_int_equal(path_parse(&p, "/3\0/0", 5), LGW_EINVAL);
}

static void paths_contain_and_order(void **state)
{
	struct path o = PATH_OBJ(3), i = PATH_INST(3, 0), r = PATH_RES(3, 0, 9),
		    s = PATH_INST(3, 1);

	(void)state;
	assert_true(
		path_contains(&o, &r) && path_contains(&PATH_ROOT, &o) && path_contains(&r, &r));
	assert_false(path_contains(&s, &r));
	assert_false(path_contains(&r, &i));
	assert_true(path_cmp(&o, &i) < 0 && path_cmp(&i, &r) < 0 && path_cmp(&r, &s) < 0);
	assert_true(path_eq(&i, &PATH_INST(3, 0)));
}

struct row {
	enum value_type type;
	const char *in;
	size_t len;
	int result;
	const char *text;
};

static void check_rows(enum value_type raw, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct value v, in = { .type = raw };
		uint8_t scratch[64];
		char text[128];

		in.u.s.p = (const uint8_t *)rows[i].in;
		in.u.s.len = (uint32_t)rows[i].len;
		if (value_coerce(&v, &in, rows[i].type, scratch, sizeof(scratch)) != rows[i].result)
			fail_msg("row %zu: %s", i, value_type_name(rows[i].type));
		if (rows[i].result)
			continue;
		assert_true(value_text(text, sizeof(text), &v) >= 0);
		assert_string_equal(text, rows[i].text);
	}
}

#define GOOD(type, in, text)                      \
	{                                         \
		type, in, sizeof(in) - 1, 0, text \
	}
#define BAD(type, in)                                      \
	{                                                  \
		type, in, sizeof(in) - 1, LGW_EINVAL, NULL \
	}

static void text_becomes_values(void **state)
{
	static const struct row rows[] = {
		GOOD(VT_INT, "-5", "-5"),
		BAD(VT_INT, "05"),
		BAD(VT_INT, "5.0"),
		BAD(VT_INT, ""),
		GOOD(VT_UINT, "18446744073709551615", "18446744073709551615"),
		BAD(VT_UINT, "-1"),
		GOOD(VT_FLOAT, "21.50", "21.5"),
		BAD(VT_FLOAT, "NaN"),
		BAD(VT_FLOAT, "21,5"),
		GOOD(VT_BOOL, "1", "1"),
		GOOD(VT_BOOL, "0", "0"),
		BAD(VT_BOOL, "true"),
		BAD(VT_BOOL, "2"),
		GOOD(VT_STRING, "", ""),
		GOOD(VT_STRING, "caf\xc3\xa9", "caf\xc3\xa9"),
		BAD(VT_STRING, "\xff"),
		BAD(VT_STRING, "a\0b"),
		GOOD(VT_OPAQUE, "aGk=", "aGk="),
		BAD(VT_OPAQUE, "aGk"),
		GOOD(VT_OBJLNK, "3:0", "3:0"),
		GOOD(VT_OBJLNK, "65535:65535", "65535:65535"),
		BAD(VT_OBJLNK, "3"),
		BAD(VT_OBJLNK, "3:"),
		BAD(VT_OBJLNK, "3:0:1"),
		GOOD(VT_TIME, "1367491215", "1367491215"),
		BAD(VT_NONE, "x"),
	};

	(void)state;
	check_rows(VT_RAW_TEXT, rows, ARRAY_SIZE(rows));
}

static void tlv_bytes_become_values(void **state)
{
	static const struct row rows[] = {
		GOOD(VT_INT, "\xff", "-1"),
		GOOD(VT_INT, "\x00\x80", "128"),
		GOOD(VT_INT, "\x80\0\0\0", "-2147483648"),
		GOOD(VT_INT, "\x7f\xff\xff\xff\xff\xff\xff\xff", "9223372036854775807"),
		BAD(VT_INT, ""),
		BAD(VT_INT, "\1\2\3"),
		GOOD(VT_UINT, "\xff", "255"),
		GOOD(VT_FLOAT, "\x40\x48\xf5\xc3", "3.140000104904175"),
		GOOD(VT_FLOAT, "\x3f\xf8\0\0\0\0\0\0", "1.5"),
		BAD(VT_FLOAT, "\x7f\xc0\0\0"),
		BAD(VT_FLOAT, "\0\0"),
		GOOD(VT_BOOL, "\1", "1"),
		BAD(VT_BOOL, "\2"),
		BAD(VT_BOOL, "\0\1"),
		GOOD(VT_OBJLNK, "\0\x42\0\0", "66:0"),
		BAD(VT_OBJLNK, "\0\x42"),
		GOOD(VT_STRING, "abc", "abc"),
		BAD(VT_STRING, "\xc3"),
		GOOD(VT_OPAQUE, "\0\1", "AAE="),
	};

	(void)state;
	check_rows(VT_RAW_BYTES, rows, ARRAY_SIZE(rows));
}

static void typed_numbers_convert_without_loss(void **state)
{
	struct value v, f = VALUE_FLOAT(7.0), half = VALUE_FLOAT(7.5), i = VALUE_INT(-7),
			b = VALUE_BOOL(true), s = VALUE_STR("x");

	(void)state;
	assert_int_equal(value_coerce(&v, &f, VT_INT, NULL, 0), 0);
	assert_int_equal(v.u.i, 7);
	assert_int_equal(value_coerce(&v, &half, VT_INT, NULL, 0), LGW_EINVAL);
	assert_int_equal(value_coerce(&v, &i, VT_FLOAT, NULL, 0), 0);
	assert_true(v.u.f == -7.0);
	assert_int_equal(value_coerce(&v, &i, VT_UINT, NULL, 0), LGW_EINVAL);
	assert_int_equal(value_coerce(&v, &b, VT_INT, NULL, 0), LGW_EINVAL);
	assert_int_equal(value_coerce(&v, &s, VT_BOOL, NULL, 0), LGW_EINVAL);
	assert_int_equal(value_coerce(&v, &b, VT_BOOL, NULL, 0), 0);
}

static int parse(struct attrs_change *c, const char *s)
{
	return attr_parse(c, s, strlen(s));
}

static void attributes_are_read_and_shown(void **state)
{
	static const char *const bad[] = { "pmin=-1", "pmin=1.5", "pmin=x", "gt=", "foo=1", "",
		"=1", "st=-1", "con=2", "gt=nan", "pmin=99999999999" };
	struct attrs_change c = { 0 };
	char text[128];

	(void)state;
	assert_int_equal(parse(&c, "pmin=10"), 0);
	assert_int_equal(parse(&c, "gt=-2.5"), 0);
	assert_int_equal(parse(&c, "lt"), 0);
	assert_int_equal(c.unset, ATTR_LT);
	assert_int_equal(parse(&c, "pmin=11"), LGW_EINVAL);
	assert_int_equal(parse(&c, "lt=3"), LGW_EINVAL);
	assert_true(attr_text(text, sizeof(text), &c.to) > 0);
	assert_string_equal(text, ";pmin=10;gt=-2.5");
	assert_int_equal(attr_text(text, 5, &c.to), LGW_ETOOBIG);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct attrs_change x = { 0 };
		int r = parse(&x, bad[i]);

		if (!strcmp(bad[i], "gt="))
			assert_int_equal(x.unset, ATTR_GT); /* an empty value takes it back */
		else
			assert_int_equal(r, LGW_EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_canonical),
		cmocka_unit_test(paths_contain_and_order),
		cmocka_unit_test(text_becomes_values),
		cmocka_unit_test(tlv_bytes_become_values),
		cmocka_unit_test(typed_numbers_convert_without_loss),
		cmocka_unit_test(attributes_are_read_and_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
