/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dbus/state.h"
#include "util/err.h"

/* A value as a variant, in GLib's text. */
static void out(const struct value *v, const char *want)
{
	GVariant *g = g_variant_ref_sink(variant_of(v));
	char *s = g_variant_print(g, TRUE);

	assert_string_equal(s, want);
	g_free(s);
	g_variant_unref(g);
}

static void test_out(void **state)
{
	static const uint8_t bytes[] = { 0, 255 };

	(void)state;
	out(&VALUE_INT(-5), "int64 -5");
	out(&VALUE_TIME(1700000000), "int64 1700000000");
	out(&VALUE_FLOAT(21.5), "21.5");
	out(&VALUE_BOOL(true), "true");
	out(&VALUE_STR("Gr\xc3\xbc\xc3\x9f"), "'Gr\xc3\xbc\xc3\x9f'");
	out(&VALUE_STR("\xff"), "''");
	out(&(struct value){ VT_UINT, { .u = UINT64_MAX } }, "uint64 18446744073709551615");
	out(&(struct value){ VT_OPAQUE, { .s = { bytes, 2 } } }, "[byte 0x00, 0xff]");
	out(&(struct value){ VT_OPAQUE, { .s = { NULL, 0 } } }, "@ay []");
	out(&(struct value){ VT_OBJLNK, { .link = { 3, 1 } } }, "'3:1'");
	out(&(struct value){ .type = VT_NONE }, "''");
}

/* The other way: the type and the status. */
static int in(const char *text, struct value *v)
{
	static GVariant *last; /* values are loans */

	if (last)
		g_variant_unref(last);
	last = g_variant_parse(NULL, text, NULL, NULL, NULL);
	assert_non_null(last);
	return variant_value(last, v);
}

static void test_in(void **state)
{
	struct value v;

	(void)state;
	assert_int_equal(in("byte 7", &v), 0);
	assert_true(value_eq(&v, &VALUE_INT(7)));
	assert_int_equal(in("int16 -7", &v), 0);
	assert_true(value_eq(&v, &VALUE_INT(-7)));
	assert_int_equal(in("uint32 4294967295", &v), 0);
	assert_true(value_eq(&v, &VALUE_INT(4294967295)));
	assert_int_equal(in("uint64 18446744073709551615", &v), 0);
	assert_int_equal(v.type, VT_UINT);
	assert_int_equal(in("1.5", &v), 0);
	assert_true(value_eq(&v, &VALUE_FLOAT(1.5)));
	assert_int_equal(in("false", &v), 0);
	assert_true(value_eq(&v, &VALUE_BOOL(false)));
	assert_int_equal(in("'21'", &v), 0);
	assert_int_equal(v.type, VT_RAW_TEXT);
	assert_int_equal(v.u.s.len, 2);
	assert_memory_equal(v.u.s.p, "21", 2);
	assert_int_equal(in("[byte 1, 2]", &v), 0);
	assert_int_equal(v.type, VT_OPAQUE);
	assert_int_equal(v.u.s.len, 2);
}

static void test_refused(void **state)
{
	struct value v;

	(void)state;
	assert_int_equal(in("['a']", &v), LGW_EINVAL);
	assert_int_equal(in("('a', 1)", &v), LGW_EINVAL);
	assert_int_equal(in("{'a': 1}", &v), LGW_EINVAL);
	assert_int_equal(in("objectpath '/a'", &v), LGW_EINVAL);
}

/* Any endpoint name is one object path and back is the bus's business; distinct ones stay so. */
static void test_path(void **state)
{
	char *a = device_path("urn:dev:a_b"), *b = device_path("\xc3\xa4");

	(void)state;
	assert_string_equal(a, BUS_DEVICES "/urn_3adev_3aa_5fb");
	assert_string_equal(b, BUS_DEVICES "/_c3_a4");
	assert_true(g_variant_is_object_path(a));
	free(a);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_out),
		cmocka_unit_test(test_in),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests_name("dbus/variant", tests, NULL, NULL);
}
