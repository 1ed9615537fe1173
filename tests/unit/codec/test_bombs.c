/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Inputs that try to make a decoder work or allocate more than their size allows: deep, wide, with
 * counts beyond the input, in bad order. What is done and what is allocated is counted (the linker
 * puts the counters in between), for inputs of one, two and four times the size: both are linear.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "codec/cborr.h"
#include "codec/codec.h"
#include "codec/link.h"
#include "codec/senml.h"
#include "util/err.h"
#include "util/mem.h"
#include "util/rd.h"

/* --- counting ------------------------------------------------------------------------------ */

static struct {
	size_t steps, allocations, bytes;
} count;

static void allocated(size_t bytes)
{
	count.allocations++;
	count.bytes += bytes;
}

#define WRAP(type_, name_, ...)            \
	type_ __real_##name_(__VA_ARGS__); \
	type_ __wrap_##name_(__VA_ARGS__); \
	type_ __wrap_##name_(__VA_ARGS__)

WRAP(void *, malloc, size_t n)
{
	allocated(n);
	return __real_malloc(n);
}
WRAP(void *, calloc, size_t n, size_t size)
{
	allocated(n * size);
	return __real_calloc(n, size);
}
WRAP(void *, reallocarray, void *p, size_t n, size_t size)
{
	allocated(n * size);
	return __real_reallocarray(p, n, size);
}
WRAP(uint8_t, rd_u8, struct rd *r)
{
	count.steps++;
	return __real_rd_u8(r);
}
WRAP(uint64_t, rd_uint, struct rd *r, size_t len)
{
	count.steps++;
	return __real_rd_uint(r, len);
}
WRAP(bool, cborr_next, struct cborr *r, struct cborr_item *item)
{
	count.steps++;
	return __real_cborr_next(r, item);
}
WRAP(int, senml_take, struct senml *s, const struct senml_labels *l)
{
	count.steps++;
	return __real_senml_take(s, l);
}
WRAP(json_t *, json_object_get, const json_t *j, const char *key)
{
	count.steps++;
	return __real_json_object_get(j, key);
}

static void *json_malloc(size_t n)
{
	return __wrap_malloc(n);
}

/* --- bombs --------------------------------------------------------------------------------- */

static void times(struct wr *w, const char *s, size_t n)
{
	while (n--)
		wr_str(w, s);
}

static void hex_times(struct wr *w, const char *bytes, size_t len, size_t n)
{
	while (n--)
		wr_bytes(w, bytes, len);
}

static void json_deep(struct wr *w, size_t n)
{
	times(w, "[", n);
	times(w, "]", n);
}

static void json_deep_objects(struct wr *w, size_t n)
{
	wr_str(w, "[{\"n\":\"/3/0/9\",\"v\":1,\"x\":");
	times(w, "{\"a\":", n);
}

static void json_wide(struct wr *w, size_t n)
{
	wr_str(w, "[{\"bn\":\"/3/0/\",\"n\":\"9\",\"v\":1}");
	times(w, ",{\"n\":\"9\",\"v\":1}", n);
	wr_str(w, "]");
}

static void json_members(struct wr *w, size_t n)
{
	wr_str(w, "[{\"n\":\"/3/0/9\",\"v\":1");
	for (size_t k = 0; k < n; k++)
		wr_printf(w, ",\"x%zu\":[1,2]", k);
	wr_str(w, "}]");
}

static void json_numbers(struct wr *w, size_t n)
{
	wr_str(w, "[{\"n\":\"/3/0/9\",\"v\":1,\"x\":[1");
	times(w, ",18446744073709551615", n);
	wr_str(w, "]}]");
}

static void json_text(struct wr *w, size_t n)
{
	wr_str(w, "[{\"n\":\"/3/0/9\",\"vs\":\"");
	times(w, "\\\\\\\"", n);
	wr_str(w, "\"}]");
}

static void cbor_deep(struct wr *w, size_t n)
{
	hex_times(w, "\x81", 1, n);
}

static void cbor_deep_unknown(struct wr *w, size_t n)
{
	wr_bytes(w, "\x81\xa1\x61x", 4);
	hex_times(w, "\xc6\x9f\xbf", 3, n); /* tags, arrays and maps without an end */
}

static void cbor_counts(struct wr *w, size_t n)
{
	wr_bytes(w, "\x81\xbb\xff\xff\xff\xff\xff\xff\xff\xff", 10);
	hex_times(w, "\x61x\x01", 3, n); /* a map of 2^64 - 1 pairs: the same label */
}

static void cbor_wide(struct wr *w, size_t n)
{
	wr_bytes(w, "\x9f", 1);
	hex_times(w, "\xa2\x00\x66/3/0/9\x02\x01", 11, n);
	wr_bytes(w, "\xff", 1);
}

static void cbor_unknown_wide(struct wr *w, size_t n)
{
	wr_bytes(w, "\x81\xa1\x61x\x9f", 5);
	hex_times(w, "\x81\x01", 2, n);
	wr_bytes(w, "\xff", 1);
}

static void tlv_ascending(struct wr *w, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		wr_u8(w, 0xe1);
		wr_u16(w, (uint16_t)k);
		wr_u8(w, 1);
	}
}

static void tlv_descending(struct wr *w, size_t n)
{
	for (size_t k = n; k--;) {
		wr_u8(w, 0xe1);
		wr_u16(w, (uint16_t)k);
		wr_u8(w, 1);
	}
}

static void tlv_empty(struct wr *w, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		wr_u8(w, 0xa0); /* multiple resources without instances */
		wr_u16(w, (uint16_t)k);
	}
}

static void links(struct wr *w, size_t n)
{
	wr_str(w, "</1>");
	times(w, ",</3/0/9>;dim=1;pmin=1;x=\"\\\"\"", n);
}

static void link_params(struct wr *w, size_t n)
{
	wr_str(w, "</1>");
	times(w, ";x=y", n);
}

/* --- measuring ----------------------------------------------------------------------------- */

static int pass(void *ud, const struct record *r)
{
	count.steps++;
	return LGW_OK;
}

static int pass_link(void *ud, const struct weblink *l)
{
	count.steps++;
	return LGW_OK;
}

static size_t measure(void (*make)(struct wr *, size_t), int format, size_t n)
{
	struct path base = PATH_INST(3, 0);
	struct wr w = wr_grow(1 << 20);

	make(&w, n);
	assert_int_equal(wr_err(&w), 0);
	memset(&count, 0, sizeof(count));
	if (format == CF_LINK)
		link_parse(w.p, w.len, pass_link, NULL);
	else
		codec_find(format)->decode(&base, w.p, w.len, pass, NULL);
	n = w.len;
	wr_fini(&w);
	return n;
}

static void test_linear(void **state)
{
	static const struct {
		const char *name;
		void (*make)(struct wr *w, size_t n);
		int format;
		size_t bytes; /* of memory for each one of input, at most */
	} t[] = {
		{ "json deep", json_deep, CF_SENML_JSON, 0 },
		{ "json deep objects", json_deep_objects, CF_SENML_JSON, 0 },
		{ "json wide", json_wide, CF_SENML_JSON, 64 },
		{ "json members", json_members, CF_SENML_JSON, 64 },
		{ "json numbers", json_numbers, CF_SENML_JSON, 64 },
		{ "json text", json_text, CF_SENML_JSON, 64 },
		{ "oma json deep", json_deep, CF_JSON, 0 },
		{ "cbor deep", cbor_deep, CF_SENML_CBOR, 0 },
		{ "cbor deep, unknown", cbor_deep_unknown, CF_SENML_CBOR, 0 },
		{ "cbor counts", cbor_counts, CF_SENML_CBOR, 0 },
		{ "cbor wide", cbor_wide, CF_SENML_CBOR, 0 },
		{ "cbor wide, unknown", cbor_unknown_wide, CF_SENML_CBOR, 0 },
		{ "cbor alone, deep", cbor_deep, CF_CBOR, 0 },
		{ "tlv ascending", tlv_ascending, CF_TLV, 0 },
		{ "tlv descending", tlv_descending, CF_TLV, 0 },
		{ "tlv empty", tlv_empty, CF_TLV, 0 },
		{ "links", links, CF_LINK, 0 },
		{ "link parameters", link_params, CF_LINK, 0 },
	};

	(void)state;
	json_set_alloc_funcs(json_malloc, free);
	for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
		size_t steps[3], allocations[3], len = 0;

		for (size_t i = 0; i < 3; i++) {
			len = measure(t[k].make, t[k].format, (size_t)2000 << i);
			steps[i] = count.steps;
			allocations[i] = count.allocations;
			if (count.bytes > t[k].bytes * len + 256)
				fail_msg("%s: %zu bytes for %zu", t[k].name, count.bytes, len);
		}
		print_message("%-20s %7zu bytes %8zu steps %7zu allocations\n", t[k].name, len,
			steps[2], allocations[2]);
		/* Four times as long: hardly more than four times as much, twice than twice. */
		if (steps[2] > 9 * steps[1] / 4 + 100 || steps[1] > 9 * steps[0] / 4 + 100 ||
			allocations[2] > 9 * allocations[1] / 4 + 100)
			fail_msg("%s is not linear: %zu %zu %zu", t[k].name, steps[0], steps[1],
				steps[2]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_linear) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
