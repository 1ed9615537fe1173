/* SPDX-License-Identifier: BSD-3-Clause */
/* The option's value and the replay window (RFC 8613 §6.1, §7.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "oscore/option.h"
#include "oscore/replay.h"
#include "util/hex.h"
#include "util/mem.h"

static int decode(struct oscore_option *o, uint8_t **held, const char *hex)
{
	uint8_t buf[300];
	int n = hex_decode(buf, sizeof(buf), hex, strlen(hex));

	assert_true(n >= 0);
	*held = xmemdup(buf, (size_t)n); /* exactly its size, so that a read beyond it is seen */
	return oscore_option_decode(o, *held, (size_t)n);
}

static void good_ones_go_both_ways(void **state)
{
	static const struct {
		const char *hex;
		uint8_t piv_len;
		bool kid_context, kid;
		uint8_t kid_context_len, kid_len;
	} t[] = {
		{ "", 0, false, false, 0, 0 },
		{ "0914", 1, false, true, 0, 0 },
		{ "091400", 1, false, true, 0, 1 },
		{ "19140837cbf3210017a2d3", 1, true, true, 8, 0 },
		{ "0100", 1, false, false, 0, 0 },
		{ "0dffffffffff01020304050607", 5, false, true, 0, 7 },
		{ "1002aabb", 0, true, false, 2, 0 },
		{ "1800", 0, true, true, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct oscore_option o;
		uint8_t *held, buf[64];
		char text[129];
		struct wr w = wr_of(buf, sizeof(buf));

		assert_int_equal(decode(&o, &held, t[i].hex), LGW_OK);
		assert_int_equal(o.piv_len, t[i].piv_len);
		assert_int_equal(o.has_kid, t[i].kid);
		assert_int_equal(o.has_kid_context, t[i].kid_context);
		assert_int_equal(o.kid_len, t[i].kid_len);
		assert_int_equal(o.kid_context_len, t[i].kid_context_len);
		oscore_option_encode(&w, &o);
		hex_encode(text, w.p, w.len);
		assert_string_equal(text, t[i].hex);
		free(held);
	}
}

static void bad_ones_are_refused(void **state)
{
	static const char *const t[] = {
		"00",   /* would have been empty */
		"0600", /* reserved lengths of the number */
		"07000000000000",
		"2001",
		"4001",
		"8001",       /* reserved bits */
		"0a14",       /* shorter than its number */
		"1914",       /* no length of the id context */
		"191403aabb", /* nor the id context */
		"1002aabbcc", /* more than it says */
		"0100ff",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct oscore_option o;
		uint8_t *held;

		assert_int_equal(decode(&o, &held, t[i]), LGW_EINVAL);
		free(held);
	}
}

static void a_window_takes_each_number_once(void **state)
{
	struct oscore_window w = { .valid = false };

	(void)state;
	assert_false(oscore_window_fits(&w, 0));
	oscore_window_reset(&w);
	assert_true(oscore_window_fits(&w, 0));
	oscore_window_take(&w, 0);
	assert_false(oscore_window_fits(&w, 0));
	oscore_window_take(&w, 40);
	assert_false(oscore_window_fits(&w, 40));
	assert_false(oscore_window_fits(&w, 8)); /* 32 behind */
	assert_true(oscore_window_fits(&w, 9));
	oscore_window_take(&w, 9);
	assert_false(oscore_window_fits(&w, 9));
	oscore_window_take(&w, 41);
	assert_false(oscore_window_fits(&w, 9));
	assert_false(oscore_window_fits(&w, 40));
	assert_true(oscore_window_fits(&w, 39));
	oscore_window_take(&w, 1ULL << 39);
	assert_false(oscore_window_fits(&w, 41));
	assert_true(oscore_window_fits(&w, (1ULL << 39) - 31));

	oscore_window_start(&w, 100);
	for (uint64_t i = 60; i <= 100; i++)
		assert_false(oscore_window_fits(&w, i));
	assert_true(oscore_window_fits(&w, 101));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_go_both_ways),
		cmocka_unit_test(bad_ones_are_refused),
		cmocka_unit_test(a_window_takes_each_number_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
