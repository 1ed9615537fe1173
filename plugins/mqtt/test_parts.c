/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts, times, pointers, templates, payloads: what rules are made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "payload.h"
#include "pointer.h"
#include "stamp.h"
#include "table.h"
#include "text.h"
#include "tmpl.h"

#define COUNT(a_) (sizeof(a_) / sizeof((a_)[0]))

static char why[200];

static void times(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = { { "2024-05-01T12:00:00Z", 1714564800000 },
		{ "2024-05-01T12:00:00.250+02:00", 1714557600250 },
		{ "2024-05-01 12:00:00+0200", 1714557600000 },
		{ "2024-02-29T00:00:00Z", 1709164800000 }, { "1714564800", 1714564800000 },
		{ "1714564800250", 1714564800250 }, { "1714564800.25", 1714564800250 } };
	static const char *const bad[] = { "", "now", "2024-05-01T12:00:00", "2024-05-01",
		"2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-05-01T24:00:00Z",
		"2024-05-01T12:60:00Z", "2024-05-01T12:00:00+25:00", "2024-05-01T12:00:00Zx", "-5",
		"0", "1e400", "NaN", "2024-05-01T12:00:00.+02:00" };
	int64_t ms;

	(void)state;
	for (size_t k = 0; k < COUNT(good); k++) {
		if (stamp_text(&ms, good[k].text, strlen(good[k].text)))
			fail_msg("%s", good[k].text);
		if (ms != good[k].ms)
			fail_msg("%s gave %lld", good[k].text, (long long)ms);
	}
	for (size_t k = 0; k < COUNT(bad); k++)
		if (stamp_text(&ms, bad[k], strlen(bad[k])) != LGW_EINVAL)
			fail_msg("\"%s\" gave %lld", bad[k], (long long)ms);
}

/* RFC 6901 §5, and what is none. */
static void pointers(void **state)
{
	static const char doc[] = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"m~n\":8,"
				  "\" \":7,\"deep\":{\"x\":{\"y\":9}}}";
	static const struct {
		const char *pointer;
		int value;
	} found[] = { { "/", 0 }, { "/a~1b", 1 }, { "/c%d", 2 }, { "/m~0n", 8 }, { "/ ", 7 },
		{ "/deep/x/y", 9 } };
	static const char *const nothing[] = { "/nobody", "/foo/2", "/foo/-", "/foo/01", "/foo/bar",
		"/deep/x/y/z", "/foo/99999999999999999999" };
	static const char *const bad[] = { "foo", "/a~", "/a~2", "/~" };
	json_t *j = json_loads(doc, 0, NULL);
	struct pointer p = { 0 };

	(void)state;
	for (size_t k = 0; k < COUNT(found); k++) {
		assert_int_equal(pointer_parse(&p, found[k].pointer, strlen(found[k].pointer), why,
					 sizeof(why)),
			0);
		assert_int_equal(json_integer_value(pointer_get(&p, j)), found[k].value);
		pointer_fini(&p);
	}
	for (size_t k = 0; k < COUNT(nothing); k++) {
		assert_int_equal(
			pointer_parse(&p, nothing[k], strlen(nothing[k]), why, sizeof(why)), 0);
		assert_null(pointer_get(&p, j));
		pointer_fini(&p);
	}
	for (size_t k = 0; k < COUNT(bad); k++) {
		assert_int_equal(
			pointer_parse(&p, bad[k], strlen(bad[k]), why, sizeof(why)), LGW_EINVAL);
		pointer_fini(&p);
	}
	assert_int_equal(pointer_parse(&p, "", 0, why, sizeof(why)), 0);
	assert_ptr_equal(pointer_get(&p, j), j);
	pointer_fini(&p);
	json_decref(j);
}

static int parse(struct payload *p, const char *s, size_t len)
{
	/* Exactly its bytes: a read beyond them is seen. */
	char *copy = malloc(len ? len : 1);
	int r;

	memcpy(copy, s, len);
	r = payload_parse(p, copy, len, why, sizeof(why));
	payload_fini(p);
	free(copy);
	return r;
}

static void payloads(void **state)
{
	struct payload p;
	char deep[JSON_DEPTH * 2 + 3];

	(void)state;
	assert_int_equal(parse(&p, "21.5", 4), 0);
	assert_int_equal(parse(&p, "", 0), 0);
	assert_true(p.empty);
	assert_int_equal(parse(&p, " \n", 2), 0);
	assert_true(p.empty);
	assert_int_equal(parse(&p, "open", 4), 0);
	assert_int_equal(parse(&p, "{\"a\":1", 6), LGW_EINVAL);
	assert_non_null(strstr(why, "line 1"));
	assert_int_equal(parse(&p, "[1,]", 4), LGW_EINVAL);
	assert_int_equal(parse(&p, "\xff\xfe", 2), LGW_EINVAL);
	assert_int_equal(parse(&p, "a\0b", 3), LGW_EINVAL);
	assert_int_equal(parse(&p, "{\"a\":18446744073709551616}", 26), 0);
	memset(deep, '[', JSON_DEPTH);
	memset(deep + JSON_DEPTH, ']', JSON_DEPTH);
	assert_int_equal(parse(&p, deep, JSON_DEPTH * 2), 0);
	memset(deep, '[', JSON_DEPTH + 1);
	memset(deep + JSON_DEPTH + 1, ']', JSON_DEPTH + 1);
	assert_int_equal(parse(&p, deep, JSON_DEPTH * 2 + 2), LGW_EINVAL);
	assert_int_equal(parse(&p, "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"", 39), 0);
}

/* What a template makes of a topic and a payload; NULL: why says that something is missing. */
static const char *render(const char *t, const char *topic, const char *json, unsigned allowed)
{
	static struct text out;
	const struct lgw_value on = { .type = LGW_TEXT, .u.s = { "a\"b", 3 } };
	struct levels levels;
	struct tmpl tmpl = { 0 };
	struct tmpl_input in = { .levels = &levels,
		.json = json ? json_loads(json, JSON_DECODE_ANY, NULL) : NULL,
		.device = "kitchen",
		.key = "state",
		.value = &on,
		.id = 42 };
	int r;

	why[0] = '\0';
	text_reset(&out);
	assert_int_equal(levels_split(&levels, topic), 0);
	r = tmpl_parse(&tmpl, t, allowed, levels.n, false, why, sizeof(why));
	if (!r)
		r = tmpl_render(&out, &tmpl, &in, why, sizeof(why));
	tmpl_fini(&tmpl);
	json_decref(in.json);
	if (!t[0])
		text_free(&out);
	return r ? NULL : text_str(&out);
}

static void templates(void **state)
{
	const unsigned in = TMPL_LEVELS | TMPL_POINTERS,
		       cmd = TMPL_DEVICE | TMPL_KEY | TMPL_VALUE | TMPL_ID;

	(void)state;
	assert_string_equal(render("{2}", "a/b/c", NULL, in), "b");
	assert_string_equal(render("{2-}", "a/b/c", NULL, in), "b/c");
	assert_string_equal(render("x-{1}.{3}", "a/b/c", NULL, in), "x-a.c");
	assert_string_equal(render("{/sn}", "a", "{\"sn\":17}", in), "17");
	assert_string_equal(render("{/d/id}-{1}", "a", "{\"d\":{\"id\":\"q\"}}", in), "q-a");
	assert_null(render("{/sn}", "a", "{}", in));
	assert_non_null(strstr(why, "sn"));
	assert_null(render("{/sn}", "a", NULL, in));
	assert_null(render("{4}", "a/b/c", NULL, in));
	assert_null(render("{0}", "a/b/c", NULL, in));
	assert_null(render("{word}", "a", NULL, in));
	assert_null(render("{device}", "a", NULL, in)); /* not in a rule for readings */
	assert_string_equal(render("cmnd/{device}/{key}", "a", NULL, cmd), "cmnd/kitchen/state");
	assert_string_equal(render("{text} {id}", "a", NULL, cmd), "a\"b 42");
	assert_string_equal(
		render("{\"{key}\": {value}}", "a", NULL, cmd), "{\"state\": \"a\\\"b\"}");
	assert_string_equal(render("", "a", NULL, cmd), "");
}

static void names(void **state)
{
	char big[NAME_BYTES + 2], out[16];

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_true(text_name("kitchen", 7));
	assert_true(text_name("K\xc3\xbc"
			      "che",
		6));
	assert_false(text_name("", 0));
	assert_false(text_name("a\nb", 3));
	assert_false(text_name("\xff", 1));
	assert_true(text_name(big, NAME_BYTES));
	assert_false(text_name(big, NAME_BYTES + 1));
	assert_false(text_utf8("\xc0\x80", 2));         /* overlong */
	assert_false(text_utf8("\xed\xa0\x80", 3));     /* surrogate */
	assert_false(text_utf8("\xf4\x90\x80\x80", 4)); /* beyond U+10FFFF */
	text_printable(out, sizeof(out),
		"a\x01"
		"b\xff"
		"c",
		5);
	assert_string_equal(out, "a.b.c");
	text_printable(out, 8, "0123456789", 10);
	assert_string_equal(out + strlen(out) - 3, "...");
}

static bool keep_even(void *ud, void *value)
{
	(void)ud;
	return ((uintptr_t)value & 1) == 0;
}

static void tables(void **state)
{
	struct table t = { 0 };
	struct marks m = { 0 };
	char key[16];

	(void)state;
	for (uintptr_t k = 1; k <= 1000; k++) {
		snprintf(key, sizeof(key), "k%u", (unsigned)k);
		*table_at(&t, key) = (void *)k;
		marks_add(&m, mark_of(0, key));
	}
	assert_int_equal(t.n, 1000);
	assert_ptr_equal(table_get(&t, "k500"), (void *)500);
	assert_null(table_get(&t, "k1001"));
	table_filter(&t, keep_even, NULL);
	assert_int_equal(t.n, 500);
	assert_null(table_get(&t, "k501"));
	assert_true(marks_has(&m, mark_of(0, "k7")));
	assert_false(marks_has(&m, mark_of(0, "k7x")));
	table_free(&t, NULL);
	marks_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(pointers),
		cmocka_unit_test(payloads),
		cmocka_unit_test(templates),
		cmocka_unit_test(names),
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
