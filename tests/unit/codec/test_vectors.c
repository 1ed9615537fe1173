/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files of tests/vectors/senml and tests/vectors/values, in both directions. A vector is a
 * path, bytes in several formats and the records that they mean; an empty line ends it:
 *
 *   path /3/0
 *   text 110 [...]     is decoded; "hex" for bytes
 *   =text 110 [...]    is what the records are encoded to
 *   record /3/0/9 int 100
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "codec/codec.h"
#include "util/err.h"
#include "util/hex.h"
#include "util/mem.h"

#define RECORDS_MAX 32
#define FORMATS_MAX 8
#define BYTES_MAX   1024

struct vector {
	struct path base;
	struct form {
		int format;
		bool encode;
		uint8_t bytes[BYTES_MAX];
		size_t len;
	} form[FORMATS_MAX];
	struct record r[RECORDS_MAX];
	uint8_t text[RECORDS_MAX][128], raw[RECORDS_MAX][128];
	size_t nforms, n, taken;
	char title[128];
};

static enum value_type type_of(const char *name)
{
	for (int t = VT_STRING; t <= VT_CORELNK; t++)
		if (!strcmp(value_type_name((enum value_type)t), name))
			return (enum value_type)t;
	fail_msg("unknown type %s", name);
	return VT_NONE;
}

static void form_line(struct vector *v, bool encode, bool hex, char *rest)
{
	struct form *f = &v->form[v->nforms++];
	int n;

	assert_true(v->nforms <= FORMATS_MAX);
	f->format = (int)strtol(rest, &rest, 10);
	f->encode = encode;
	rest += *rest == ' ';
	n = (int)strlen(rest);
	assert_true(n < BYTES_MAX);
	if (hex)
		n = hex_decode(f->bytes, BYTES_MAX, rest, strlen(rest));
	else
		memcpy(f->bytes, rest, strlen(rest));
	assert_true(n >= 0);
	f->len = (size_t)n;
}

static void record_line(struct vector *v, const char *line)
{
	struct record *r = &v->r[v->n];
	struct value raw = { .type = VT_RAW_TEXT };
	char path[32], type[16];
	int at = 0;

	assert_true(v->n < RECORDS_MAX);
	assert_int_equal(sscanf(line, "%31s %15s%n", path, type, &at), 2);
	at += line[at] == ' ';
	assert_int_equal(path_parse(&r->path, path, strlen(path)), 0);
	raw.u.s.len = (uint32_t)strlen(line + at);
	raw.u.s.p = v->raw[v->n];
	memcpy(v->raw[v->n], line + at, raw.u.s.len);
	assert_int_equal(value_coerce(&r->value, &raw, type_of(type), v->text[v->n], 128), 0);
	v->n++;
}

static int compare(void *ud, const struct record *r)
{
	struct vector *v = ud;
	const struct record *want = &v->r[v->taken];
	uint8_t scratch[256];
	struct value got;

	if (v->taken++ >= v->n || !path_eq(&want->path, &r->path) ||
		value_coerce(&got, &r->value, want->value.type, scratch, sizeof(scratch)) ||
		!value_eq(&got, &want->value))
		fail_msg("%s: record %zu", v->title, v->taken);
	return LGW_OK;
}

static void decodes(struct vector *v, const struct form *f)
{
	uint8_t *copy = xmemdup(f->bytes, f->len ? f->len : 1); /* of exactly its size */

	v->taken = 0;
	if (codec_find(f->format)->decode(&v->base, copy, f->len, compare, v))
		fail_msg("%s: refused in format %d", v->title, f->format);
	assert_int_equal(v->taken, v->n);
	free(copy);
}

static void encodes(const struct vector *v, const struct form *f)
{
	uint8_t bytes[BYTES_MAX];
	struct wr w = wr_of(bytes, sizeof(bytes));
	struct encoder e;

	assert_int_equal(codec_begin(&e, codec_find(f->format), f->format, &v->base, &w), 0);
	for (size_t k = 0; k < v->n; k++)
		assert_int_equal(codec_add(&e, &v->r[k]), 0);
	assert_int_equal(codec_end(&e), 0);
	if (w.len != f->len || memcmp(bytes, f->bytes, w.len))
		fail_msg("%s: format %d gives %.*s", v->title, f->format, (int)w.len,
			(const char *)bytes);
}

/* All that an empty line ends, and the next one begins anew. */
static unsigned done(struct vector *v)
{
	unsigned n = v->nforms != 0;

	for (size_t k = 0; k < v->nforms; k++)
		if (v->form[k].encode)
			encodes(v, &v->form[k]);
		else
			decodes(v, &v->form[k]);
	memset(v, 0, sizeof(*v));
	return n;
}

static void line_of(struct vector *v, char *line)
{
	bool encode = *line == '=';
	char *rest = strchr(line, ' ');

	assert_non_null(rest);
	*rest++ = '\0';
	line += encode;
	if (*line == '#')
		snprintf(v->title, sizeof(v->title), "%s", rest);
	else if (!strcmp(line, "path"))
		assert_int_equal(path_parse(&v->base, rest, strlen(rest)), 0);
	else if (!strcmp(line, "record"))
		record_line(v, rest);
	else if (!strcmp(line, "text") || !strcmp(line, "hex"))
		form_line(v, encode, *line == 'h', rest);
	else
		fail_msg("unknown line %s", line);
}

static unsigned file(const char *name)
{
	const char *src = getenv("srcdir");
	struct vector *v = xcalloc(1, sizeof(*v));
	char path[512], line[4096];
	unsigned n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/vectors/%s", src ? src : ".", name);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			line_of(v, line);
		else
			n += done(v);
	}
	n += done(v);
	fclose(f);
	free(v);
	return n;
}

static void test_rfc_8428(void **state)
{
	(void)state;
	assert_int_equal(file("senml/rfc8428.txt"), 8);
}

static void test_senml_of_lwm2m(void **state)
{
	(void)state;
	assert_int_equal(file("senml/lwm2m.txt"), 5);
}

static void test_json(void **state)
{
	(void)state;
	assert_int_equal(file("values/json.txt"), 5);
}

static void test_single_values(void **state)
{
	(void)state;
	assert_true(file("values/single.txt") > 25);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_rfc_8428),
		cmocka_unit_test(test_senml_of_lwm2m), cmocka_unit_test(test_json),
		cmocka_unit_test(test_single_values) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
