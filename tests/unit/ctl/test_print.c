/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "ctl/print.h"

/* The variant that this text of GLib's format stands for, as JSON. */
static void json(const char *type, const char *text, const char *want)
{
	GVariant *v = g_variant_parse(G_VARIANT_TYPE(type), text, NULL, NULL, NULL);
	GString *out = g_string_new(NULL);

	assert_non_null(v);
	print_json(out, v);
	assert_string_equal(out->str, want);
	g_string_free(out, TRUE);
	g_variant_unref(v);
}

static void test_json(void **state)
{
	(void)state;
	json("b", "true", "true");
	json("x", "-9223372036854775808", "-9223372036854775808");
	json("t", "18446744073709551615", "18446744073709551615");
	json("d", "0.1", "0.1");
	json("d", "21.5", "21.5");
	json("s", "'a\"b\\\\c\\n\\u007f\\u00e9'", "\"a\\\"b\\\\c\\u000a\\u007f\xc3\xa9\"");
	json("ay", "[byte 1, 2, 255]", "\"AQL/\"");
	json("a{sv}", "{'a': <1>, 'b': <['x']>}", "{\"a\":1,\"b\":[\"x\"]}");
	json("a{sv}", "{}", "{}");
	json("a(sb)", "[('x', true), ('y', false)]", "[[\"x\",true],[\"y\",false]]");
	json("o", "'/a/b'", "\"/a/b\"");
}

static void test_json_not_a_number(void **state)
{
	GString *out = g_string_new(NULL);
	GVariant *v = g_variant_ref_sink(g_variant_new_double(NAN));

	(void)state;
	print_json(out, v);
	assert_string_equal(out->str, "null");
	g_variant_unref(v);
	g_string_free(out, TRUE);
}

static void test_json_struct(void **state)
{
	static const char *const names[] = { NULL, "path", "value" };
	GVariant *v = g_variant_parse(
		G_VARIANT_TYPE("a(osv)"), "[('/x', '/3/0', <true>)]", NULL, NULL, NULL);
	GString *out = g_string_new(NULL);

	(void)state;
	print_json_structs(out, v, names);
	assert_string_equal(out->str, "[{\"path\":\"/3/0\",\"value\":true}]");
	g_string_free(out, TRUE);
	g_variant_unref(v);
}

static void value(const char *text, const char *want)
{
	GVariant *v = g_variant_parse(NULL, text, NULL, NULL, NULL);
	char *s;

	assert_non_null(v);
	s = print_value(v);
	assert_string_equal(s, want);
	g_free(s);
	g_variant_unref(v);
}

static void test_value(void **state)
{
	(void)state;
	value("21.5", "21.5");
	value("true", "true");
	value("int64 7", "7");
	value("[byte 0, 171]", "00ab");
	value("'\\u001b[31mred\\n'", "?[31mred?");
}

static void span(gint64 ms, const char *want)
{
	char *s = print_span(ms);

	assert_string_equal(s, want);
	g_free(s);
}

static void test_span(void **state)
{
	(void)state;
	span(-5, "0 s");
	span(59999, "59 s");
	span(60000, "1 min 0 s");
	span(3600000, "1 h 0 min");
	span(90000000, "1 d 1 h");
}

static void test_time(void **state)
{
	char *s = print_time(0);

	(void)state;
	assert_string_equal(s, "-");
	g_free(s);
	g_setenv("TZ", "UTC", TRUE);
	s = print_time(1767225600000);
	assert_string_equal(s, "2026-01-01 00:00:00");
	g_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_not_a_number),
		cmocka_unit_test(test_json_struct),
		cmocka_unit_test(test_value),
		cmocka_unit_test(test_span),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests_name("ctl/print", tests, NULL, NULL);
}
