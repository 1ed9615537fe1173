/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "codec/codec.h"
#include "util/hex.h"
#include "util/mem.h"

#define RECORDS_MAX 64

struct vector {
	struct path base;
	uint8_t bytes[512];
	size_t len;
	struct record rec[RECORDS_MAX];
	char text[RECORDS_MAX][64];
	size_t n;
};

static enum value_type type_of(const char *name)
{
	static const struct {
		const char *name;
		enum value_type type;
	} t[] = { { "none", VT_NONE }, { "string", VT_STRING }, { "int", VT_INT },
		{ "float", VT_FLOAT }, { "bool", VT_BOOL }, { "time", VT_TIME },
		{ "objlnk", VT_OBJLNK } };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		if (strcmp(t[i].name, name) == 0)
			return t[i].type;
	fail_msg("unknown type %s", name);
	return VT_NONE;
}

static void record_line(struct vector *v, const char *line)
{
	struct record *r = &v->rec[v->n];
	char path[32], type[16];
	int at = 0;

	assert_int_equal(sscanf(line, "record %31s %15s %n", path, type, &at), 2);
	assert_int_equal(path_parse(&r->path, path, strlen(path)), 0);
	memset(&r->value, 0, sizeof(r->value));
	if (type_of(type) != VT_NONE) {
		struct value raw = { VT_RAW_TEXT, { .i = 0 } };

		snprintf(v->text[v->n], sizeof(v->text[0]), "%s", line + at);
		raw.u.s.p = (const uint8_t *)v->text[v->n];
		raw.u.s.len = (uint32_t)strlen(v->text[v->n]);
		assert_int_equal(value_coerce(&r->value, &raw, type_of(type), NULL, 0), 0);
	}
	v->n++;
}

static void load(struct vector *v, const char *name)
{
	const char *src = getenv("srcdir");
	char file[512], line[2048];
	FILE *f;
	int n;

	memset(v, 0, sizeof(*v));
	snprintf(file, sizeof(file), "%s/tests/vectors/tlv/%s.txt", src ? src : ".", name);
	f = fopen(file, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "path ", 5) == 0)
			assert_int_equal(path_parse(&v->base, line + 5, strlen(line + 5)), 0);
		else if (strncmp(line, "hex ", 4) == 0) {
			n = hex_decode(v->bytes, sizeof(v->bytes), line + 4, strlen(line + 4));
			assert_true(n > 0);
			v->len = (size_t)n;
		} else if (strncmp(line, "record ", 7) == 0)
			record_line(v, line);
	}
	fclose(f);
	assert_true(v->n > 0);
}

struct expect {
	const struct vector *v;
	size_t at;
};

static int expect_record(void *ud, const struct record *r)
{
	struct expect *x = ud;
	const struct record *want = &x->v->rec[x->at];
	struct value got;

	assert_true(x->at < x->v->n);
	assert_true(path_eq(&r->path, &want->path));
	if (want->value.type == VT_NONE) {
		assert_int_equal(r->value.type, VT_NONE);
	} else {
		assert_int_equal(r->value.type, VT_RAW_BYTES);
		assert_int_equal(value_coerce(&got, &r->value, want->value.type, NULL, 0), 0);
		assert_true(value_eq(&got, &want->value));
	}
	x->at++;
	return 0;
}

/* Bytes to records and records to bytes. */
static void both_ways(const char *name)
{
	const struct codec_ops *ops = codec_find(CF_TLV);
	struct vector v;
	struct expect x = { &v, 0 };
	uint8_t out[512];
	struct wr w = wr_of(out, sizeof(out));
	struct encoder e;

	load(&v, name);
	assert_int_equal(ops->decode(&v.base, v.bytes, v.len, expect_record, &x), 0);
	assert_int_equal(x.at, v.n);
	assert_int_equal(codec_begin(&e, ops, CF_TLV, &v.base, &w), 0);
	for (size_t i = 0; i < v.n; i++)
		assert_int_equal(codec_add(&e, &v.rec[i]), 0);
	assert_int_equal(codec_end(&e), 0);
	assert_int_equal(w.len, v.len);
	assert_memory_equal(out, v.bytes, v.len);
}

static void test_vectors(void **state)
{
	static const char *const names[] = { "read-1", "read-2", "read-3", "read-3-0", "read-65-0",
		"read-66", "ets-215", "ets-651", "ets-1202", "ets-1630", "empty" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		both_ways(names[i]);
}

static int count_record(void *ud, const struct record *r)
{
	(*(unsigned *)ud)++;
	return 0;
}

static int decode_hex(const char *base, const char *hex, unsigned *n)
{
	uint8_t b[256];
	struct path p;
	int len = hex_decode(b, sizeof(b), hex, strlen(hex));

	*n = 0;
	assert_true(len >= 0);
	assert_int_equal(path_parse(&p, base, strlen(base)), 0);
	return codec_find(CF_TLV)->decode(&p, b, (size_t)len, count_record, n);
}

static void test_tolerated(void **state)
{
	static const struct {
		const char *base, *hex;
		unsigned n;
	} ok[] = {
		{ "/3/0", "cf0204313233 34", 1 },   /* bits 2-0 ignored where a length follows */
		{ "/1/0", "0300c10265", 1 },        /* the same instance named (OMA 452) */
		{ "/3/0/11", "830b410000", 1 },     /* multiple resource */
		{ "/3/0/11", "410000410101", 2 },   /* its instances, bare */
		{ "/3/0/11", "800b", 1 },           /* emptied */
		{ "/3/0/11/0", "410005", 1 },       /* one resource instance */
		{ "/3/0", "e10010 55", 1 },         /* a small id in 16 bits */
		{ "/3/0", "", 0 },                  /* nothing at all */
		{ "/3/0", "c10955c10155c10055", 3 } /* in any order */
	};
	unsigned n;

	for (size_t i = 0; i < ARRAY_SIZE(ok); i++) {
		char hex[64], *o = hex;

		for (const char *c = ok[i].hex; *c; c++)
			if (*c != ' ')
				*o++ = *c;
		*o = '\0';
		assert_int_equal(decode_hex(ok[i].base, hex, &n), 0);
		assert_int_equal(n, ok[i].n);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *base, *hex;
	} bad[] = {
		{ "/1/0", "0301c10265" },         /* another instance than the path says */
		{ "/1/0", "0300c102650300c102" }, /* two instances */
		{ "/1/0", "c102650300c10265" },   /* an instance among resources */
		{ "/1/0", "c10265c10265" },       /* a resource twice */
		{ "/1/0", "c10365c10265c10365" },
		{ "/3/0", "860b410000410000" }, /* a resource instance twice */
		{ "/3", "0000 0000" },
		{ "/3/0", "410005" },   /* a resource instance without its resource */
		{ "/3/0/0", "c10155" }, /* another resource */
		{ "/3/0/0", "c10055c10155" },
		{ "/3/0/0", "" },
		{ "/3/0/11/0", "410105" },
		{ "/3/0/11/0", "c10055" },
		{ "/3/0", "830bc10055" },     /* a resource inside of a resource */
		{ "/3", "0500030003c10055" }, /* an instance inside of an instance */
		{ "/3/0", "c1" },
		{ "/3/0", "c109" }, /* value missing */
		{ "/3/0", "c80014 4f" },
		{ "/3/0", "d8000014" },
		{ "/3/0", "e100" },
		{ "/3/0", "e1ffff05" }, /* id 65535 */
		{ "/3/0", "c1096400" }, /* a byte too many */
		{ "/", "c10964" },
	};
	unsigned n;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char hex[64], *o = hex;

		for (const char *c = bad[i].hex; *c; c++)
			if (*c != ' ')
				*o++ = *c;
		*o = '\0';
		assert_int_equal(decode_hex(bad[i].base, hex, &n), LGW_EINVAL);
	}
}

/* Every truncation of a good body is refused or ends between two entries, and nothing crashes. */
static void test_truncated(void **state)
{
	struct vector v;
	unsigned n, whole = 0;

	load(&v, "read-3-0");
	for (size_t len = 0; len < v.len; len++) {
		uint8_t *p = xmalloc(len ? len : 1);

		memcpy(p, v.bytes, len);
		n = 0;
		if (codec_find(CF_TLV)->decode(&v.base, p, len, count_record, &n) == 0)
			whole++;
		free(p);
	}
	assert_int_equal(whole, 13); /* one before each of the resources */
}

static void test_limits(void **state)
{
	static const struct path base = { { 3, 0 }, 2 };
	size_t len = 0, cap = 3 * 20000;
	uint8_t *p = xmalloc(cap);
	unsigned n = 0;

	/* 20,000 ascending resources: more than a body may have. */
	for (unsigned id = 0; id < 20000; id++) {
		p[len++] = 0xe0;
		p[len++] = (uint8_t)(id >> 8);
		p[len++] = (uint8_t)id;
	}
	assert_int_equal(codec_find(CF_TLV)->decode(&base, p, len, count_record, &n), LGW_EINVAL);
	/* 5,000 descending ones: would cost a search each. */
	len = 0;
	for (unsigned id = 5000; id > 0; id--) {
		p[len++] = 0xe0;
		p[len++] = (uint8_t)(id >> 8);
		p[len++] = (uint8_t)id;
	}
	assert_int_equal(codec_find(CF_TLV)->decode(&base, p, len, count_record, &n), LGW_EINVAL);
	free(p);
}

static int stop_after_one(void *ud, const struct record *r)
{
	return LGW_EOP;
}

static void test_consumer_stops(void **state)
{
	static const struct path base = { { 3, 0 }, 2 };
	static const uint8_t b[] = { 0xc1, 9, 1, 0xc1, 10, 1 };

	assert_int_equal(
		codec_find(CF_TLV)->decode(&base, b, sizeof(b), stop_after_one, NULL), LGW_EOP);
}

static void encode_one(const struct value *v, const char *want)
{
	struct record r = { .path = PATH_RES(9, 0, 1), .value = *v };
	struct path base = PATH_INST(9, 0);
	uint8_t out[64];
	char hex[129];
	struct wr w = wr_of(out, sizeof(out));
	struct encoder e;

	assert_int_equal(codec_begin(&e, codec_find(CF_TLV_OLD), CF_TLV_OLD, &base, &w), 0);
	assert_int_equal(codec_add(&e, &r), 0);
	assert_int_equal(codec_end(&e), 0);
	hex_encode(hex, out, w.len);
	assert_string_equal(hex, want);
}

static void test_numbers(void **state)
{
	struct value v = { VT_UINT, { .u = 255 } };

	encode_one(&VALUE_INT(0), "c10100");
	encode_one(&VALUE_INT(-128), "c10180");
	encode_one(&VALUE_INT(128), "c2010080");
	encode_one(&VALUE_INT(-32769), "c401ffff7fff");
	encode_one(&VALUE_INT(INT64_MIN), "c801088000000000000000");
	encode_one(&VALUE_FLOAT(21.5), "c40141ac0000");
	encode_one(&VALUE_FLOAT(0.1), "c801083fb999999999999a");
	encode_one(&VALUE_FLOAT(1e300), "c801087e37e43c8800759c");
	encode_one(&VALUE_BOOL(true), "c10101");
	encode_one(&v, "c101ff");
}

static void test_too_big(void **state)
{
	struct record r = { .path = PATH_RES(9, 0, 1),
		.value = VALUE_STR("longer than the space") };
	struct path base = PATH_INST(9, 0);
	uint8_t out[8];
	struct wr w = wr_of(out, sizeof(out));
	struct encoder e;

	assert_int_equal(codec_begin(&e, codec_find(CF_TLV), CF_TLV, &base, &w), 0);
	assert_int_equal(codec_add(&e, &r), LGW_ETOOBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_tolerated),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_consumer_stops),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_too_big),
	};

	return cmocka_run_group_tests_name("codec/tlv", tests, NULL, NULL);
}
