/* SPDX-License-Identifier: BSD-3-Clause */
/* A device's words to values of resources and back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <lgw/status.h>
#include "fixture.h"
#include "gateway/map.h"
#include "util/log.h"
#include "util/mem.h"

#define TEXT(s_)  ((struct lgw_value){ .type = LGW_TEXT, .u.s = { s_, sizeof(s_) - 1 } })
#define BOOL_(b_) ((struct lgw_value){ .type = LGW_BOOL, .u.b = b_ })
#define INT_(i_)  ((struct lgw_value){ .type = LGW_INT, .u.i = i_ })
#define REAL_(r_) ((struct lgw_value){ .type = LGW_REAL, .u.r = r_ })
#define NULL_     ((struct lgw_value){ .type = LGW_NULL })

static struct objdefs *defs;
static char text[512];
static unsigned told; /* lines of the log */

static void count_line(void *ud, const struct log_line *l)
{
	(void)ud;
	told += strstr(l->text, "\"linkquality\" is not in map \"base\"") != NULL;
}

static struct map_word contact[] = { { BOOL_(false), BOOL_(true) }, { BOOL_(true), BOOL_(false) } };
static struct map_word on_off[] = { { TEXT("ON"), BOOL_(true) }, { TEXT("OFF"), BOOL_(false) } };
static struct map_word levels[] = { { TEXT("low"), INT_(1) }, { TEXT("high"), INT_(3) },
	{ TEXT("low"), INT_(2) } };
static struct map_word off_is_zero[] = { { TEXT("off"), INT_(0) } };

#define WORDS(w_)                                \
	{                                        \
		w_, sizeof(w_) / sizeof((w_)[0]) \
	}
static struct map_entry entries[] = {
	{ .key = (char *)"t", .path = (char *)"3303/0/5700", .scale = 1 },
	{ .key = (char *)"f",
		.path = (char *)"3303/1/5700",
		.scale = 5.0 / 9,
		.offset = -160.0 / 9 },
	{ .key = (char *)"open",
		.path = (char *)"3200/0/5500",
		.scale = 1,
		.words = WORDS(contact) },
	{ .key = (char *)"plain", .path = (char *)"3200/1/5500", .scale = 1 },
	{ .key = (char *)"state",
		.path = (char *)"3306/0/5850",
		.scale = 1,
		.write = true,
		.words = WORDS(on_off) },
	{ .key = (char *)"brightness",
		.path = (char *)"3306/0/5851",
		.scale = 100.0 / 254,
		.write = true },
	{ .key = (char *)"battery", .path = (char *)"3/0/9", .scale = 1 },
	{ .key = (char *)"mv", .path = (char *)"3/0/7/0", .scale = 1000 },
	{ .key = (char *)"level", .path = (char *)"3/0/20", .scale = 10, .words = WORDS(levels) },
	{ .key = (char *)"dim",
		.path = (char *)"3306/1/5851",
		.scale = 2,
		.words = WORDS(off_is_zero) },
	{ .key = (char *)"app", .path = (char *)"3303/0/5750", .scale = 1 },
	{ .key = (char *)"s*.temp", .path = (char *)"3303/2/5700", .scale = 1 },
	{ .key = (char *)"s1.temp", .path = (char *)"3303/3/5700", .scale = 1 },
};
static struct map_entry child_entries[] = {
	{ .key = (char *)"t", .path = (char *)"3303/7/5700", .scale = 1 },
};
static struct map_conf confs[] = {
	{ .name = (char *)"base", .entries = WORDS(entries) },
	{ .name = (char *)"child", .inherit = (char *)"base", .entries = WORDS(child_entries) },
};
static struct gateway_params params = { .default_map = (char *)"base", .maps = WORDS(confs) };
static struct maps *maps;

static const struct map_rule *rule(const char *key)
{
	const struct map_rule *r = mapping_find(maps_find(maps, NULL), key);

	assert_non_null(r);
	return r;
}

static int value(const char *key, struct lgw_value in, struct value *out)
{
	static char buf[MAP_BUF];

	return map_value(rule(key), &in, out, buf);
}

static void floats(const char *key, struct lgw_value in, double want)
{
	struct value v;

	assert_int_equal(value(key, in, &v), 0);
	assert_int_equal(v.type, VT_FLOAT);
	assert_true(fabs(v.u.f - want) < 1e-9);
}

static void ints(const char *key, struct lgw_value in, int64_t want)
{
	struct value v;

	assert_int_equal(value(key, in, &v), 0);
	assert_true(v.u.i == want);
}

static void bools(const char *key, struct lgw_value in, int want) /* -1: refused */
{
	struct value v;
	int r = value(key, in, &v);

	assert_int_equal(r, want < 0 ? LGW_EINVAL : 0);
	if (!r)
		assert_int_equal(v.u.b, want);
}

/* A numeric string is a number; NaN, hexadecimal and a comma are not. */
static void numbers(void **state)
{
	struct value v;

	(void)state;
	floats("t", REAL_(21.5), 21.5);
	floats("t", INT_(-3), -3);
	floats("t", TEXT("21.5"), 21.5);
	floats("t", TEXT("1e2"), 100);
	assert_int_equal(value("t", TEXT("NaN"), &v), LGW_EINVAL);
	assert_int_equal(value("t", TEXT("0x10"), &v), LGW_EINVAL);
	assert_int_equal(value("t", TEXT("21,5"), &v), LGW_EINVAL);
	assert_int_equal(value("t", TEXT("21.5 C"), &v), LGW_EINVAL);
	assert_int_equal(value("t", TEXT(""), &v), LGW_EINVAL);
	assert_int_equal(value("t", NULL_, &v), LGW_EINVAL);
	assert_int_equal(value("t", REAL_(INFINITY), &v), LGW_EINVAL);
}

static void scale_and_offset(void **state)
{
	(void)state;
	floats("f", REAL_(212), 100);
	floats("f", INT_(32), 0);
	floats("f", TEXT("-40"), -40);
}

/* Integers round half away from zero and clamp to the range of the definition. */
static void integers(void **state)
{
	(void)state;
	ints("battery", REAL_(49.5), 50);
	ints("battery", REAL_(0.4), 0);
	ints("battery", REAL_(250), 100);
	ints("battery", INT_(-5), 0);
	ints("mv", REAL_(3.0005), 3001);
	ints("mv", REAL_(-3.0005), -3001);
}

/* What the words do not name changes nothing: it is never taken for false. */
static void booleans(void **state)
{
	(void)state;
	bools("open", BOOL_(false), 1);
	bools("open", BOOL_(true), 0);
	bools("open", TEXT("false"), -1);
	bools("open", INT_(0), -1);
	bools("state", TEXT("ON"), 1);
	bools("state", TEXT("OFF"), 0);
	bools("state", TEXT("on"), -1);
	bools("state", TEXT("TOGGLE"), -1);
	bools("state", BOOL_(true), -1);
	bools("plain", BOOL_(true), 1);
	bools("plain", TEXT("false"), 0);
	bools("plain", INT_(1), 1);
	bools("plain", TEXT("0"), 0);
	bools("plain", INT_(2), -1);
	bools("plain", TEXT("yes"), -1);
	bools("plain", NULL_, -1);
}

/* A word's value is final; numbers beside words are scaled as ever. */
static void words_of_numbers(void **state)
{
	struct value v;

	(void)state;
	ints("level", TEXT("low"), 1);
	ints("level", TEXT("high"), 3);
	assert_int_equal(value("level", TEXT("medium"), &v), LGW_EINVAL);
	assert_int_equal(value("dim", TEXT("off"), &v), 0);
	assert_int_equal(value("dim", INT_(20), &v), 0);
}

static void texts(void **state)
{
	struct value v;

	(void)state;
	assert_int_equal(value("app", TEXT("kitchen"), &v), 0);
	assert_memory_equal(v.u.s.p, "kitchen", 7);
	assert_int_equal(value("app", INT_(-7), &v), 0);
	assert_memory_equal(v.u.s.p, "-7", 2);
	assert_int_equal(value("app", REAL_(0.1), &v), 0);
	assert_int_equal(v.u.s.len, 3);
	assert_int_equal(value("app", TEXT("\xff"), &v), LGW_EINVAL);
}

static void keys_and_inheritance(void **state)
{
	const struct mapping *child = maps_find(maps, "child");

	(void)state;
	assert_null(maps_find(maps, "nobody"));
	assert_int_equal(rule("s2.temp")->path.id[1], 2);
	assert_int_equal(rule("s1.temp")->path.id[1], 3); /* exact before a pattern */
	assert_null(mapping_find(maps_find(maps, NULL), "temp"));
	assert_int_equal(mapping_find(child, "t")->path.id[1], 7); /* ours before inherited */
	assert_int_equal(mapping_find(child, "battery")->path.id[2], 9);
	assert_ptr_equal(mapping_by_path(maps_find(maps, NULL), &PATH_RES(3306, 0, 5850), true),
		rule("state"));
	assert_null(mapping_by_path(maps_find(maps, NULL), &PATH_RES(3303, 0, 5700), true));
}

static void the_way_back(void **state)
{
	struct lgw_value out;

	(void)state;
	assert_int_equal(map_back(rule("state"), &VALUE_BOOL(true), &out), 0);
	assert_int_equal(out.type, LGW_TEXT);
	assert_memory_equal(out.u.s.p, "ON", 2);
	assert_int_equal(map_back(rule("brightness"), &VALUE_INT(100), &out), 0);
	assert_true((out.type == LGW_INT ? (double)out.u.i : out.u.r) > 253.9);
	assert_int_equal(map_back(rule("level"), &VALUE_INT(1), &out), 0);
	assert_memory_equal(out.u.s.p, "low", 3);
	assert_int_equal(map_back(rule("plain"), &VALUE_BOOL(false), &out), 0);
	assert_int_equal(out.type, LGW_BOOL);
}

static void refused(struct map_entry e, const char *inherit, const char *word)
{
	struct map_conf c = {
		.name = (char *)"wrong", .inherit = (char *)inherit, .entries = { &e, 1 }
	};
	struct gateway_params p = { .default_map = (char *)"wrong", .maps = { &c, 1 } };

	text[0] = '\0';
	assert_null(maps_new(&p, defs, text, sizeof(text)));
	if (!strstr(text, word))
		fail_msg("\"%s\" does not say \"%s\"", text, word);
}

/* A mistake names the map, the key, and what is wrong. */
static void mistakes(void **state)
{
	(void)state;
	refused((struct map_entry){ .key = (char *)"k", .path = (char *)"9999/0/1", .scale = 1 },
		NULL, "wrong");
	refused((struct map_entry){ .key = (char *)"k", .path = (char *)"3303/0/9999", .scale = 1 },
		NULL, "k");
	refused((struct map_entry){ .key = (char *)"k", .path = (char *)"3303/0", .scale = 1 },
		NULL, "k");
	refused((struct map_entry){ .key = (char *)"k", .path = (char *)"0/0/0", .scale = 1 }, NULL,
		"k");
	refused(
		(struct map_entry){
			.key = (char *)"k", .path = (char *)"3306/0/5851", .write = true },
		NULL, "scale");
	refused((struct map_entry){ .key = (char *)"k", .path = (char *)"3303/0/5700", .scale = 1 },
		"nobody", "nobody");
	refused((struct map_entry){ .key = (char *)"k", .path = (char *)"3303/0/5700", .scale = 1 },
		"wrong", "wrong");
	refused((struct map_entry){ .key = (char *)"k",
			.path = (char *)"3303/0/5700",
			.scale = 1,
			.execute = true },
		NULL, "k");
}

static int setup(void **state)
{
	(void)state;
	defs = fixture_defs();
	maps = maps_new(&params, defs, text, sizeof(text));
	if (!maps)
		print_error("%s\n", text);
	return maps ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	maps_free(maps);
	objdefs_unref(defs);
	return 0;
}

/* Each key that nobody mapped is told once, and no flood of keys tells more than some. */
static void told_once(void **state)
{
	const struct mapping *m = maps_find(maps, NULL);
	char key[32];

	(void)state;
	log_set_sink(count_line, NULL);
	told = 0;
	for (int k = 0; k < 3; k++)
		assert_null(mapping_find(m, "linkquality"));
	assert_int_equal(told, 1);
	for (int k = 0; k < 1000; k++) {
		snprintf(key, sizeof(key), "flood%d", k);
		assert_null(mapping_find(m, key));
	}
	assert_null(mapping_find(m, "linkquality"));
	log_set_sink(NULL, NULL);
	assert_int_equal(told, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(scale_and_offset),
		cmocka_unit_test(integers),
		cmocka_unit_test(booleans),
		cmocka_unit_test(words_of_numbers),
		cmocka_unit_test(texts),
		cmocka_unit_test(keys_and_inheritance),
		cmocka_unit_test(the_way_back),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(told_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
