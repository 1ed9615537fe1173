/* SPDX-License-Identifier: BSD-3-Clause */
/* Definitions: the files of OMA's two schemas, ranges, versions; our own against the registry's. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "dm/range.h"
#include "fixture.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/str.h"

/* --- ranges -------------------------------------------------------------------------------- */

static void ranges_are_parsed(void **state)
{
	static const struct {
		const char *text;
		enum value_type type;
		const char *want; /* min:max … */
	} rows[] = {
		{ "", VT_INT, "" },
		{ "0..100", VT_INT, "0:100 " },
		{ "0-7", VT_INT, "0:7 " },
		{ "-30..46", VT_INT, "-30:46 " },
		{ "-1..1", VT_FLOAT, "-1:1 " },
		{ "0.000001..1.0", VT_FLOAT, "1e-06:1 " },
		{ "1...63", VT_INT, "1:63 " },
		{ "[1:4]", VT_INT, "1:4 " },
		{ "0..3, 99", VT_INT, "0:3 99:99 " },
		{ "99, 0..3", VT_INT, "0:3 99:99 " },
		{ "0; 3.8..20.5", VT_FLOAT, "0:0 3.8:20.5 " },
		{ "0,1,2", VT_INT, "0:0 1:1 2:2 " },
		{ "0: RELEASED\n\t\t1: PRESSED\n\t\t255: STUCK", VT_UINT, "0:0 1:1 255:255 " },
		{ "1..64 bytes", VT_STRING, "1:64 " },
		{ "0-255 Bytes", VT_OPAQUE, "0:255 " },
		{ "0..9223372036854775807", VT_INT, "0:9.22337e+18 " },
		/* Texts that bind nobody. */
		{ "0..255", VT_STRING, "" },
		{ "0..64 bytes", VT_INT, "" },
		{ "255", VT_INT, "" },
		{ "32 bytes", VT_STRING, "" },
		{ "16-bit", VT_INT, "" },
		{ "2 Instances", VT_INT, "" },
		{ "<7 to >12.5", VT_INT, "" },
		{ "-30..-120", VT_INT, "" },
		{ "0..", VT_INT, "" },
		{ "[1:4", VT_INT, "" },
		{ "..3", VT_INT, "" },
		{ "0..3 and more", VT_INT, "" },
		{ "ON;OFF", VT_FLOAT, "" },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		char got[256] = "";
		size_t len = 0;
		uint16_t n;
		struct range *r = range_parse(rows[k].text, rows[k].type, &n);

		for (unsigned i = 0; i < n; i++)
			len += (size_t)snprintf(
				got + len, sizeof(got) - len, "%g:%g ", r[i].min, r[i].max);
		free(r);
		if (strcmp(got, rows[k].want))
			fail_msg("\"%s\": \"%s\", not \"%s\"", rows[k].text, got, rows[k].want);
	}
}

static void ranges_hold(void **state)
{
	static const struct range gap[] = { { 0, 3 }, { 99, 99 } };
	struct resdef r = { .nranges = 2, .ranges = gap }, free_ = { 0 };

	(void)state;
	assert_true(range_holds(&r, &VALUE_INT(0)));
	assert_true(range_holds(&r, &VALUE_INT(3)));
	assert_false(range_holds(&r, &VALUE_INT(4)));
	assert_true(range_holds(&r, &VALUE_FLOAT(99)));
	assert_false(range_holds(&r, &VALUE_FLOAT(-0.5)));
	assert_true(range_holds(&r, &VALUE_STR("abc")));
	assert_false(range_holds(&r, &VALUE_STR("abcd")));
	assert_true(range_holds(&r, &VALUE_BOOL(true)));
	assert_true(range_holds(&free_, &VALUE_INT(INT64_MIN)));
}

/* --- files --------------------------------------------------------------------------------- */

#define OBJECT(body_)                                                                          \
	"<LWM2M><Object ObjectType=\"MODefinition\"><Name>X</Name><ObjectID>32000</ObjectID>"  \
	"<MultipleInstances>Multiple</MultipleInstances><Mandatory>Optional</Mandatory>" body_ \
	"</Object></LWM2M>"
#define ITEM(id_, ops_, type_)                                                         \
	"<Item ID=\"" id_ "\"><Name>R</Name><Operations>" ops_ "</Operations>"         \
	"<MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory>" \
	"<Type>" type_ "</Type><RangeEnumeration/><Units/></Item>"

static void bad_files_are_told(void **state)
{
	static const struct {
		const char *xml, *told;
	} rows[] = {
		{ "", "" },
		{ "no xml", "" },
		{ "<LWM2M/>", "no <Object>" },
		{ "<DDF/>", "root element" },
		{ "<!DOCTYPE LWM2M [<!ENTITY a \"b\">]>" OBJECT(""), "document type" },
		{ "<!DOCTYPE LWM2M SYSTEM \"file:///etc/passwd\">" OBJECT(""), "document type" },
		{ OBJECT("<ObjectVersion>1</ObjectVersion>"), "ObjectVersion" },
		{ OBJECT("<ObjectVersion>1.256</ObjectVersion>"), "ObjectVersion" },
		{ OBJECT("<Resources>" ITEM("65535", "R", "String") "</Resources>"), "65534" },
		{ OBJECT("<Resources>" ITEM("-1", "R", "String") "</Resources>"), "65534" },
		{ OBJECT("<Resources>" ITEM("1", "Q", "String") "</Resources>"), "Operations" },
		{ OBJECT("<Resources>" ITEM("1", "R", "Strange") "</Resources>"), "Type" },
		{ OBJECT("<Resources>" ITEM("1", "R", "Time")
				  ITEM("1", "R", "Time") "</Resources>"),
			"twice" },
	};
	char text[256];

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		struct objdefs *s = objdefs_new();

		text[0] = '\0';
		assert_true(objdefs_load_mem(s, "f.xml", rows[k].xml, strlen(rows[k].xml), text,
				    sizeof(text)) < 0);
		assert_int_equal(strncmp(text, "f.xml:", 6), 0);
		if (!strstr(text, rows[k].told))
			fail_msg("row %zu: %s", k, text);
		assert_null(objdefs_find(s, 32000));
		objdefs_unref(s);
	}
}

/* What is wrong with an encoding is told by us, and not printed by libxml2. */
static void nothing_is_printed(void **state)
{
	static const char *const bad[] = { "<?xml version=\"1.0\" encoding=\"no-such\"?><LWM2M/>",
		"<?xml version=\"1.0\" encoding=\"SHIFT_JIS\"?><LWM2M>\x81\xff\xff</LWM2M>",
		"<?xml version=\"1.0\" encoding=\"EUC-JP\"?><LWM2M>\xff\xff\xff</LWM2M>",
		"<LWM2M>\xff\xfe</LWM2M>", "<" };
	int kept = dup(2), fds[2];
	char text[512], printed[512];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], 2);
	for (size_t k = 0; k < ARRAY_SIZE(bad); k++) {
		struct objdefs *s = objdefs_new();

		assert_true(objdefs_load_mem(
				    s, "x.xml", bad[k], strlen(bad[k]), text, sizeof(text)) < 0);
		objdefs_unref(s);
	}
	dup2(kept, 2);
	close(kept);
	close(fds[1]);
	assert_int_equal(read(fds[0], printed, sizeof(printed)), 0);
	close(fds[0]);
}

static void both_schemas_and_all_types(void **state)
{
	static const char xml[] = OBJECT(
		"<LWM2MVersion>1.1</LWM2MVersion><ObjectVersion>2.3</ObjectVersion>"
		"<Description1><![CDATA[a & b]]></Description1><Resources>" ITEM("9", "", "String")
			ITEM("8", "RW", "Corelnk") ITEM("7", "W", "Unsigned Integer") ITEM(
				"0", "E", "") ITEM("1", "R", "") "</Resources><Description2/>");
	struct objdefs *s = objdefs_new();
	const struct objdef *d;
	char text[256];

	(void)state;
	assert_int_equal(objdefs_load_mem(s, "f", xml, strlen(xml), text, sizeof(text)), 1);
	d = objdefs_find(s, 32000);
	assert_true(d->ver_major == 2 && d->ver_minor == 3 && d->nres == 5 && d->res[0].id == 0);
	assert_int_equal(objdef_res(d, 0)->ops, RES_E);
	assert_int_equal(objdef_res(d, 1)->type, VT_OPAQUE);
	assert_int_equal(objdef_res(d, 7)->type, VT_UINT);
	assert_int_equal(objdef_res(d, 8)->ops, RES_R | RES_W);
	assert_int_equal(objdef_res(d, 9)->ops, 0);
	objdefs_unref(s);
}

static void versions_stand_side_by_side(void **state)
{
	static const char v10[] = OBJECT(""), v11[] = OBJECT("<ObjectVersion>1.1</ObjectVersion>");
	struct objdefs *s = objdefs_new();
	char text[256];

	(void)state;
	assert_int_equal(objdefs_load_mem(s, "b", v11, strlen(v11), text, sizeof(text)), 1);
	assert_int_equal(objdefs_load_mem(s, "a", v10, strlen(v10), text, sizeof(text)), 1);
	assert_int_equal(objdefs_find(s, 32000)->ver_minor, 1);
	assert_int_equal(objdefs_find_version(s, 32000, 1, 0)->ver_minor, 0);
	assert_null(objdefs_find_version(s, 32000, 2, 0));
	objdefs_unref(s);
}

static void the_same_files_make_the_same_set(void **state)
{
	static const char v10[] = OBJECT(""), v11[] = OBJECT("<ObjectVersion>1.1</ObjectVersion>");
	struct objdefs *a = objdefs_new(), *b = objdefs_new();
	char text[256];

	(void)state;
	assert_true(objdefs_same(a, b));
	objdefs_load_mem(a, "x", v10, strlen(v10), text, sizeof(text));
	assert_false(objdefs_same(a, b));
	objdefs_load_mem(b, "x", v10, strlen(v10), text, sizeof(text));
	assert_true(objdefs_same(a, b));
	objdefs_load_mem(b, "x", v11, strlen(v11), text, sizeof(text));
	assert_false(objdefs_same(a, b));
	objdefs_unref(a);
	objdefs_unref(b);
}

/* --- the registry -------------------------------------------------------------------------- */

/* OMA's registry is not part of this tree: LGW_REGISTRY names its folder. */
static const char *registry(char *buf, size_t size)
{
	const char *dir = getenv("LGW_REGISTRY"), *srcdir = getenv("srcdir");

	snprintf(buf, size, "%s/../shared/registry", srcdir ? srcdir : ".");
	dir = dir ? dir : buf;
	if (access(dir, R_OK)) {
		print_message("no registry of OMA: neither LGW_REGISTRY nor %s\n", buf);
		return NULL;
	}
	return dir;
}

/* Each one, but those that are no definitions of objects. */
static unsigned load_each(struct objdefs *s, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	unsigned n = 0;

	assert_non_null(d);
	while ((e = readdir(d))) {
		char path[4096], text[512];
		int r;

		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		r = objdefs_load_file(s, path, text, sizeof(text));
		if (r < 1)
			fail_msg("%s", text);
		n += (unsigned)r;
	}
	closedir(d);
	return n;
}

static void all_files_of_the_registry_load(void **state)
{
	struct objdefs *s = objdefs_new();
	char buf[4096], old[4200];
	const char *dir = registry(buf, sizeof(buf));

	(void)state;
	if (!dir) {
		objdefs_unref(s);
		skip();
	}
	snprintf(old, sizeof(old), "%s/version_history", dir);
	print_message("%u definitions", load_each(s, dir));
	print_message(" and %u older ones\n", load_each(s, old));
	assert_int_equal(objdefs_find(s, 3)->ver_minor, 2);
	assert_non_null(objdefs_find_version(s, 3, 1, 0));
	objdefs_unref(s);
}

/* Where OMA says none, ours may (the bits of an ACL). */
static bool same_limits(const struct resdef *a, const struct resdef *b)
{
	if ((b->nranges && a->nranges != b->nranges) ||
		!str_eq(a->units ? a->units : "", b->units ? b->units : ""))
		return false;
	for (unsigned k = 0; k < b->nranges; k++)
		if (a->ranges[k].min != b->ranges[k].min || a->ranges[k].max != b->ranges[k].max)
			return false;
	return true;
}

static void same_facts(const struct objdef *own, const struct objdef *oma)
{
	assert_true(own->multiple == oma->multiple && own->mandatory == oma->mandatory);
	for (unsigned k = 0; k < own->nres; k++) {
		const struct resdef *a = &own->res[k], *b = objdef_res(oma, a->id);

		if (!b || a->ops != b->ops || a->type != b->type || a->multiple != b->multiple ||
			a->mandatory != b->mandatory || !same_limits(a, b))
			fail_msg("/%u/%u is not as OMA defines it", own->id, a->id);
	}
	assert_int_equal(own->nres, oma->nres);
}

static void our_own_are_as_the_registry_says(void **state)
{
	static const uint16_t ids[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
		19, 21, 25, 26 };
	struct objdefs *own = fixture_defs(), *oma = objdefs_new();
	char buf[4096], old[4200];
	const char *dir = registry(buf, sizeof(buf));

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(ids); k++)
		assert_non_null(objdefs_find(own, ids[k]));
	if (dir) {
		snprintf(old, sizeof(old), "%s/version_history", dir);
		load_each(oma, dir);
		load_each(oma, old);
	}
	for (size_t it = 0; dir;) {
		const struct objdef *d = objdefs_next(own, &it), *o;

		if (!d)
			break;
		o = objdefs_find_version(oma, d->id, d->ver_major, d->ver_minor);
		if (o)
			same_facts(d, o);
		else
			fail_msg("/%u %u.%u is not in the registry", d->id, d->ver_major,
				d->ver_minor);
	}
	objdefs_unref(own);
	objdefs_unref(oma);
	if (!dir)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_parsed),
		cmocka_unit_test(ranges_hold),
		cmocka_unit_test(bad_files_are_told),
		cmocka_unit_test(nothing_is_printed),
		cmocka_unit_test(both_schemas_and_all_types),
		cmocka_unit_test(versions_stand_side_by_side),
		cmocka_unit_test(the_same_files_make_the_same_set),
		cmocka_unit_test(all_files_of_the_registry_load),
		cmocka_unit_test(our_own_are_as_the_registry_says),
	};

	return cmocka_run_group_tests_name("definitions", tests, NULL, NULL);
}
