/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include "util/err.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/map.h"
#include "util/mem.h"
#include "util/num.h"
#include "util/pool.h"
#include "util/rd.h"
#include "util/str.h"
#include "util/texts.h"
#include "util/wr.h"

LOG_MODULE("test");

static void every_status_has_a_text(void **state)
{
	(void)state;
	for (int s = LGW_EINTERNAL; s <= LGW_PENDING; s++)
		assert_string_not_equal(err_text(s), "unknown error");
	assert_string_equal(err_text(7), "unknown error");
	assert_string_equal(err_text(-1000), "unknown error");
	assert_string_equal(err_text(INT32_MIN), "unknown error");
	assert_int_equal(err_from_errno(ECONNREFUSED), LGW_EREFUSED);
	assert_int_equal(err_from_errno(EXDEV), LGW_EIO);
}

static void a_cursor_fails_once_and_stays_failed(void **state)
{
	const uint8_t b[] = { 1, 2, 3, 4, 5 };
	struct rd r = rd_of(b, sizeof(b)), sub;

	(void)state;
	assert_int_equal(rd_peek(&r), 1);
	assert_int_equal(rd_u16(&r), 0x0102);
	sub = rd_sub(&r, 2);
	assert_int_equal(rd_left(&sub), 2);
	assert_int_equal(rd_uint(&sub, 3), 0);
	assert_int_equal(rd_err(&sub), LGW_EINVAL);
	assert_int_equal(rd_left(&r), 1);
	assert_null(rd_bytes(&r, SIZE_MAX));
	assert_int_equal(rd_u8(&r), 0);
	assert_int_equal(rd_left(&r), 0);
	assert_int_equal(rd_peek(&r), -1);
	rd_fail(&r, LGW_ETOOBIG);
	assert_int_equal(rd_err(&r), LGW_EINVAL);
}

static void a_writer_stops_at_its_bound(void **state)
{
	uint8_t b[4];
	struct wr w = wr_of(b, sizeof(b)), g = wr_grow(300);
	size_t len;
	uint8_t *p;

	(void)state;
	wr_u16(&w, 0x0102);
	wr_u32(&w, 7);
	assert_int_equal(wr_err(&w), LGW_ETOOBIG);
	wr_u8(&w, 1);
	assert_int_equal(w.len, 2);
	for (int i = 0; i < 100; i++)
		wr_printf(&g, "%d;", i % 10);
	assert_int_equal(wr_err(&g), 0);
	assert_int_equal(g.len, 200);
	wr_insert(&g, 2, "xy", 2);
	assert_memory_equal(g.p, "0;xy1;", 6);
	p = wr_steal(&g, &len);
	assert_int_equal(len, 202);
	free(p);
	assert_null(wr_space(&g, 301));
	assert_int_equal(wr_err(&g), LGW_ETOOBIG);
	wr_fini(&g);
}

static void kept(const struct wr *w, size_t at, const char *text)
{
	size_t from, len;
	const uint8_t *p = wr_kept(w, &from, &len);

	assert_true(from <= at && at + strlen(text) <= from + len);
	assert_memory_equal(p + (at - from), text, strlen(text));
}

/* "0123…" of 1000 digits, of which the window keeps a few; then something comes before it. */
static void a_window_keeps_a_part(void **state)
{
	struct wr w = wr_grow(100);
	char text[1001];

	(void)state;
	for (size_t k = 0; k < 1000; k++)
		text[k] = (char)('0' + k % 10);
	text[1000] = '\0';
	wr_window(&w, 503, 5);
	wr_str(&w, text);
	assert_int_equal(wr_err(&w), 0);
	assert_int_equal(w.len, 1000);
	kept(&w, 503, "34567");
	assert_true(w.cap <= 100);
	wr_insert(&w, 10, "abcdef", 6);
	wr_insert(&w, 0, "x", 1);
	assert_int_equal(w.len, 1007);
	kept(&w, 503, "67890");
	wr_insert(&w, 505, "yz", 2);
	kept(&w, 503, "67yz8");
	assert_true(wr_pass(&w, 100));
	assert_int_equal(w.len, 1109);

	/* What is inserted when the window has not begun yet. */
	wr_window(&w, 20, 4);
	wr_bytes(&w, text, 7);
	wr_insert(&w, 2, "abcd", 4);
	wr_bytes(&w, text, 100);
	kept(&w, 20, "9012");
	wr_reset(&w);
	wr_str(&w, "again");
	kept(&w, 0, "again");
	assert_false(wr_pass(&w, 100));
	wr_fini(&w);
}

struct item {
	uint64_t id;
};
static uint64_t item_hash(const void *key, uint64_t seed)
{
	return map_hash_u64(*(const uint64_t *)key, seed) % 16; /* many collisions */
}
static bool item_match(const void *key, const void *item)
{
	return *(const uint64_t *)key == ((const struct item *)item)->id;
}
static const void *item_key(const void *item)
{
	return &((const struct item *)item)->id;
}
static const struct map_ops item_ops = { item_hash, item_match, item_key };

static void a_map_finds_what_was_put(void **state)
{
	struct item items[200];
	struct map m;
	size_t it = 0, n = 0;

	(void)state;
	map_init(&m, &item_ops);
	for (uint64_t i = 0; i < 200; i++) {
		items[i].id = i;
		assert_null(map_put(&m, &items[i]));
	}
	assert_ptr_equal(map_put(&m, &items[7]), &items[7]);
	for (uint64_t i = 0; i < 200; i += 2)
		assert_ptr_equal(map_take(&m, &i), &items[i]);
	for (uint64_t i = 0; i < 200; i++)
		assert_ptr_equal(map_get(&m, &i), i % 2 ? &items[i] : NULL);
	while (map_next(&m, &it))
		n++;
	assert_int_equal(n, 100);
	assert_int_equal(map_count(&m), 100);
	map_fini(&m);
	assert_null(map_get(&m, &n));
	assert_null(map_take(&m, &n));
}

static void a_pool_is_bounded_and_reuses(void **state)
{
	struct pool p;
	void *o[3], *again;

	(void)state;
	pool_init(&p, 24, 3);
	for (int i = 0; i < 3; i++)
		assert_non_null(o[i] = pool_get(&p));
	assert_null(pool_get(&p));
	memset(o[1], 0xff, 24);
	pool_put(&p, o[1]);
	again = pool_get(&p);
	assert_ptr_equal(again, o[1]);
	assert_int_equal(*(int *)again, 0);
	for (int i = 0; i < 3; i++)
		pool_put(&p, o[i]);
	assert_int_equal(p.peak, 3);
	pool_fini(&p);
}

static int i64(const char *s, int64_t *v)
{
	return num_parse_i64(s, strlen(s), v);
}

static void numbers_are_read_strictly(void **state)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "01", "-01", "1.0", "0x1",
		"9223372036854775808", "-9223372036854775809", "1e3", "\xd9\xa1" };
	static const char *const bad_real[] = { "", "-", ".5", "5.", "1e", "nan", "inf", "0x1p3",
		"1,5", "1e999", "--1", "1.2.3" };
	int64_t v;
	uint16_t id;
	uint64_t u;
	double d;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(i64(bad[i], &v), LGW_EINVAL);
	assert_int_equal(i64("-9223372036854775808", &v), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(i64("9223372036854775807", &v), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(num_parse_u64("18446744073709551615", 20, &u), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(num_parse_u64("18446744073709551616", 20, &u), LGW_EINVAL);
	assert_int_equal(num_parse_u16("65535", 5, &id), 0);
	assert_int_equal(num_parse_u16("65536", 5, &id), LGW_EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(bad_real); i++)
		assert_int_equal(
			num_parse_double(bad_real[i], strlen(bad_real[i]), &d), LGW_EINVAL);
	assert_int_equal(num_parse_double("-1.5e-3xx", 7, &d), 0);
	assert_true(d == -1.5e-3);
}

static void doubles_read_back_the_same(void **state)
{
	static const char *const text[] = { "0", "-0", "21.5", "-0.05", "0.000001", "20", "1e-07",
		"999999999.999999", "-100", "123.456", "0.1", "1e+15" };
	static const double v[] = { 0.0, 0.1, 21.5, 1e300, -1.0 / 3, 123456789.123, 5e-324, 1e15 };
	char buf[NUM_DOUBLE_MAX];
	int64_t i;
	double d;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(v); k++) {
		size_t len = num_format_double(buf, v[k]);

		assert_int_equal(num_parse_double(buf, len, &d), 0);
		assert_true(d == v[k]);
	}
	for (size_t k = 0; k < ARRAY_SIZE(text); k++) {
		assert_int_equal(num_parse_double(text[k], strlen(text[k]), &d), 0);
		assert_int_equal(num_format_double(buf, d), strlen(text[k]));
		assert_string_equal(buf, text[k]);
	}
	assert_int_equal(num_round(2.5, 0, 100, &i), 0);
	assert_int_equal(i, 3);
	assert_int_equal(num_round(-2.5, -100, 100, &i), 0);
	assert_int_equal(i, -3);
	num_round(1e300, 0, 100, &i);
	assert_int_equal(i, 100);
	num_round(-1e300, INT64_MIN, INT64_MAX, &i);
	assert_true(i == INT64_MIN);
	assert_int_equal(num_round((double)NAN, 0, 1, &i), LGW_EINVAL);
}

static void hex_and_base64(void **state)
{
	static const char *const vec[] = { "", "", "f", "Zg==", "fo", "Zm8=", "foo", "Zm9v", "foob",
		"Zm9vYg==", "fooba", "Zm9vYmE=", "foobar", "Zm9vYmFy" }; /* RFC 4648 §10 */
	static const char *const bad[] = { "Zg=", "Zg", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Zm 8",
		"====" };
	char text[32];
	uint8_t out[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vec); i += 2) {
		base64_encode(text, vec[i], strlen(vec[i]));
		assert_string_equal(text, vec[i + 1]);
		assert_int_equal(
			base64_decode(out, sizeof(out), text, strlen(text)), (int)strlen(vec[i]));
		assert_memory_equal(out, vec[i], strlen(vec[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(
			base64_decode(out, sizeof(out), bad[i], strlen(bad[i])), LGW_EINVAL);
	assert_int_equal(base64_decode(out, 2, "Zm9v", 4), LGW_ETOOBIG);
	hex_encode(text, "\x01\xaf", 2);
	assert_string_equal(text, "01af");
	assert_int_equal(hex_decode(out, sizeof(out), "01AF", 4), 2);
	assert_int_equal(out[1], 0xaf);
	assert_int_equal(hex_decode(out, sizeof(out), "1", 1), LGW_EINVAL);
	assert_int_equal(hex_decode(out, sizeof(out), "0g", 2), LGW_EINVAL);
	assert_int_equal(hex_decode(out, 1, "0011", 4), LGW_ETOOBIG);
}

static void equal_texts_are_one(void **state)
{
	struct texts t = { 0 };
	char again[] = "sim", name[16];
	const char *many[1000], *a = texts_get(&t, "sim"), *b = texts_get(&t, again);

	(void)state;
	assert_ptr_equal(a, b);
	assert_null(texts_get(&t, NULL));
	texts_put(&t, NULL);
	for (int k = 0; k < 1000; k++) {
		snprintf(name, sizeof(name), "%d", k);
		many[k] = texts_get(&t, name);
		assert_ptr_not_equal(many[k], name);
		assert_string_equal(many[k], name);
	}
	texts_put(&t, a);
	assert_string_equal(b, "sim"); /* it has an owner */
	assert_ptr_equal(texts_get(&t, "sim"), b);
	texts_put(&t, b);
	texts_put(&t, b);
	for (int k = 0; k < 1000; k++)
		texts_put(&t, many[k]);
	assert_null(t.map.slots);
	a = texts_get(&t, "anew");
	assert_string_equal(a, "anew");
	texts_put(&t, a);
}

static void utf8_is_checked(void **state)
{
	static const char *const good[] = { "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
	static const char *const bad[] = { "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xe2\x82", "\x80", "\xff" };
	char out[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(str_utf8_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(str_utf8_valid(bad[i], strlen(bad[i])));
	assert_false(str_utf8_valid("a\0b", 3));
	assert_string_equal(str_printable(out, sizeof(out), "a\nb\x1b\xff", 5), "a?b??");
	assert_string_equal(str_printable(out, 4, "ab\xe2\x82\xac", 5), "ab");
	assert_int_equal(str_copy(out, 4, "abc"), 0);
	assert_int_equal(str_copy(out, 3, "abc"), LGW_ETOOBIG);
	assert_string_equal(out, "ab");
}

static char last[256];
static unsigned lines;
static void sink(void *ud, const struct log_line *l)
{
	(void)ud;
	lines++;
	str_copy(last, sizeof(last), l->text);
}

static void log_levels_by_module(void **state)
{
	(void)state;
	log_set_sink(sink, NULL);
	log_reset_levels(LGW_LOG_WARNING);
	log_info(NULL, "unseen");
	assert_int_equal(lines, 0);
	assert_int_equal(log_set_level("test", LGW_LOG_DEBUG), 0);
	log_debug(NULL, "value %d\nforged", 7);
	assert_int_equal(lines, 1);
	assert_string_equal(last, "value 7?forged");
	assert_int_equal(log_level("test"), LGW_LOG_DEBUG);
	assert_int_equal(log_level("other"), LGW_LOG_WARNING);
	assert_int_equal(log_level_parse("notice"), LGW_LOG_NOTICE);
	assert_int_equal(log_level_parse("loud"), LGW_EINVAL);
	log_reset_levels(LGW_LOG_ERR);
	log_warning(NULL, "unseen");
	assert_int_equal(lines, 1);
	log_set_sink(NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_has_a_text),
		cmocka_unit_test(a_cursor_fails_once_and_stays_failed),
		cmocka_unit_test(a_writer_stops_at_its_bound),
		cmocka_unit_test(a_window_keeps_a_part),
		cmocka_unit_test(a_map_finds_what_was_put),
		cmocka_unit_test(a_pool_is_bounded_and_reuses),
		cmocka_unit_test(numbers_are_read_strictly),
		cmocka_unit_test(doubles_read_back_the_same),
		cmocka_unit_test(hex_and_base64),
		cmocka_unit_test(equal_texts_are_one),
		cmocka_unit_test(utf8_is_checked),
		cmocka_unit_test(log_levels_by_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
