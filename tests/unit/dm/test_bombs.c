/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Definitions, attributes and arguments that try to cost more than their size allows. What is
 * compared, read and allocated, by libxml2 too, is counted for inputs of one, two and four times
 * the size: all of it is linear.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>
#include "dm/args.h"
#include "dm/dm.h"
#include "types/attr.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"
#include "util/wr.h"

/* --- counting ------------------------------------------------------------------------------ */

static struct {
	size_t steps, allocations, bytes;
} count;

static void *counted(void *p, size_t n)
{
	count.allocations++;
	count.bytes += n;
	return p;
}

#define WRAP(type_, name_, ...)            \
	type_ __real_##name_(__VA_ARGS__); \
	type_ __wrap_##name_(__VA_ARGS__); \
	type_ __wrap_##name_(__VA_ARGS__)

WRAP(void *, malloc, size_t n)
{
	return counted(__real_malloc(n), n);
}
WRAP(void *, calloc, size_t n, size_t size)
{
	return counted(__real_calloc(n, size), n * size);
}
WRAP(void *, reallocarray, void *p, size_t n, size_t size)
{
	return counted(__real_reallocarray(p, n, size), n * size);
}
WRAP(char *, strdup, const char *s)
{
	return counted(__real_strdup(s), strlen(s) + 1);
}
WRAP(int, strcmp, const char *a, const char *b)
{
	count.steps++;
	return __real_strcmp(a, b);
}
WRAP(uint8_t, rd_u8, struct rd *r)
{
	count.steps++;
	return __real_rd_u8(r);
}
WRAP(int, rd_peek, const struct rd *r)
{
	count.steps++;
	return __real_rd_peek(r);
}

static void *xml_malloc(size_t n)
{
	return counted(__real_malloc(n), n);
}

static void *xml_realloc(void *p, size_t n)
{
	return counted(realloc(p, n), n);
}

/* --- making -------------------------------------------------------------------------------- */

static void times(struct wr *w, const char *s, size_t n)
{
	while (n--)
		wr_str(w, s);
}

#define HEAD                                                      \
	"<LWM2M><Object><Name>X</Name><ObjectID>32000</ObjectID>" \
	"<MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory>"
#define TAIL "</Object></LWM2M>"
#define PARTS                                                                          \
	"<Name>R</Name><Operations>R</Operations>"                                     \
	"<MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory>" \
	"<Type>Integer</Type><RangeEnumeration/><Units/>"

static void xml_deep(struct wr *w, size_t n)
{
	times(w, "<a>", n);
	times(w, "</a>", n);
}

static void xml_deep_name(struct wr *w, size_t n)
{
	wr_str(w, "<LWM2M><Object><Name>");
	times(w, "<a>", n);
	times(w, "</a>", n);
	wr_str(w, "</Name></Object></LWM2M>");
}

static void xml_open(struct wr *w, size_t n)
{
	wr_str(w, HEAD "<Resources>");
	times(w, "<Item>", n);
}

static void xml_items(struct wr *w, size_t n)
{
	wr_str(w, HEAD "<Resources>");
	for (size_t k = 0; k < n; k++)
		wr_printf(w, "<Item ID=\"%zu\"><Operations>R</Operations></Item>", k);
	wr_str(w, "</Resources>" TAIL);
}

static void xml_unknown(struct wr *w, size_t n)
{
	wr_str(w, HEAD "<Resources><Item ID=\"1\">");
	times(w, "<Strange/>", n); /* before what is looked for */
	wr_str(w, PARTS "</Item></Resources>" TAIL);
}

static void xml_objects(struct wr *w, size_t n)
{
	wr_str(w, "<LWM2M>");
	times(w, "<Object><Name>X</Name></Object>", n);
	wr_str(w, "</LWM2M>");
}

static void xml_text(struct wr *w, size_t n)
{
	wr_str(w, "<LWM2M><Object><Name>");
	times(w, "x &amp; ", n);
	wr_str(w, "</Name></Object></LWM2M>");
}

static void xml_range(struct wr *w, size_t n)
{
	wr_str(w, HEAD "<Resources><Item ID=\"1\"><RangeEnumeration>");
	times(w, "1,", n);
	wr_str(w, "</RangeEnumeration></Item></Resources>" TAIL);
}

/* Each entity is ten times the one before it. */
static void xml_entities(struct wr *w, size_t n)
{
	wr_str(w, "<!DOCTYPE LWM2M [<!ENTITY a0 \"aaaaaaaaaaaaaaaaaaaa\">");
	for (unsigned k = 1; k < 10; k++) {
		wr_printf(w, "<!ENTITY a%u \"", k);
		for (unsigned i = 0; i < 10; i++)
			wr_printf(w, "&a%u;", k - 1);
		wr_str(w, "\">");
	}
	wr_str(w, "]><LWM2M><Object><Name>");
	times(w, "&a9;", n);
	wr_str(w, "</Name></Object></LWM2M>");
}

static void args_value(struct wr *w, size_t n)
{
	wr_str(w, "0='");
	times(w, "a", n);
	wr_str(w, "',1");
}

static void args_many(struct wr *w, size_t n)
{
	times(w, "0,1,2,3,", n);
}

static void args_quotes(struct wr *w, size_t n)
{
	times(w, "0=''", n);
}

static void attr_number(struct wr *w, size_t n)
{
	wr_str(w, "gt=1");
	times(w, "0", n);
}

static void attr_equals(struct wr *w, size_t n)
{
	times(w, "pmin=", n);
}

/* --- measuring ----------------------------------------------------------------------------- */

static void read_xml(const uint8_t *p, size_t len)
{
	struct objdefs *s = objdefs_new();
	char text[256];

	objdefs_load_mem(s, "bomb.xml", p, len, text, sizeof(text));
	objdefs_unref(s);
}

static void read_args(const uint8_t *p, size_t len)
{
	struct dm_arg out[DM_ARGS_MAX];
	size_t n;

	dm_args_parse(p, len, out, &n);
}

static void read_attr(const uint8_t *p, size_t len)
{
	struct attrs_change c = { 0 };

	attr_parse(&c, (const char *)p, len);
}

static size_t measure(
	void (*make)(struct wr *, size_t), void (*read)(const uint8_t *, size_t), size_t n)
{
	struct wr w = wr_grow(1 << 20);

	make(&w, n);
	assert_int_equal(wr_err(&w), 0);
	memset(&count, 0, sizeof(count));
	read(w.p, w.len);
	n = w.len;
	wr_fini(&w);
	return n;
}

static void test_linear(void **state)
{
	static const struct {
		const char *name;
		void (*make)(struct wr *w, size_t n);
		void (*read)(const uint8_t *p, size_t len);
		size_t bytes; /* of memory for each one of input, at most */
	} t[] = {
		{ "xml deep", xml_deep, read_xml, 64 },
		{ "xml deep name", xml_deep_name, read_xml, 64 },
		{ "xml open", xml_open, read_xml, 64 },
		{ "xml items", xml_items, read_xml, 64 },
		{ "xml unknown elements", xml_unknown, read_xml, 64 },
		{ "xml objects", xml_objects, read_xml, 64 },
		{ "xml text", xml_text, read_xml, 64 },
		{ "xml range", xml_range, read_xml, 64 },
		{ "xml entities", xml_entities, read_xml, 128 },
		{ "arguments, long", args_value, read_args, 0 },
		{ "arguments, many", args_many, read_args, 0 },
		{ "arguments, quotes", args_quotes, read_args, 0 },
		{ "attributes, long", attr_number, read_attr, 0 },
		{ "attributes, equals", attr_equals, read_attr, 0 },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		size_t steps[3], allocations[3], len = 0;

		for (size_t i = 0; i < 3; i++) {
			len = measure(t[k].make, t[k].read, (size_t)2000 << i);
			steps[i] = count.steps;
			allocations[i] = count.allocations;
			/* What a parser takes for itself: 128 KiB. */
			if (count.bytes > t[k].bytes * len + (t[k].bytes ? 131072 : 0))
				fail_msg("%s: %zu bytes for %zu", t[k].name, count.bytes, len);
		}
		print_message("%-22s %7zu bytes %8zu steps %7zu allocations\n", t[k].name, len,
			steps[2], allocations[2]);
		if (steps[2] > 9 * steps[1] / 4 + 100 || steps[1] > 9 * steps[0] / 4 + 100 ||
			allocations[2] > 9 * allocations[1] / 4 + 100)
			fail_msg("%s is not linear: %zu %zu %zu", t[k].name, steps[0], steps[1],
				steps[2]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_linear) };

	/* Before libxml2 has anything. */
	if (xmlMemSetup(free, xml_malloc, xml_realloc, __wrap_strdup))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
