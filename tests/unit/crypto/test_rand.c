/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "crypto/rand.h"

static void bytes_differ(void **state)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	rand_bytes(a, sizeof(a));
	rand_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	rand_bytes(NULL, 0);
}

static void below_covers_its_range_and_no_more(void **state)
{
	unsigned seen = 0;

	(void)state;
	assert_int_equal(rand_below(0), 0);
	assert_int_equal(rand_below(1), 0);
	for (int i = 0; i < 1000; i++) {
		uint32_t v = rand_below(5);

		assert_true(v < 5);
		seen |= 1u << v;
	}
	assert_int_equal(seen, 0x1f);
}

static void a_stock_is_filled_again(void **state)
{
	struct rand_stock stock = { .n = 0 };
	unsigned seen[4] = { 0 };

	(void)state;
	assert_int_equal(rand_stock_below(&stock, 1), 0);
	assert_int_equal(stock.n, 0);
	for (int i = 0; i < 1000; i++)
		seen[rand_stock_below(&stock, 4)]++;
	for (int i = 0; i < 4; i++)
		assert_in_range(seen[i], 100, 500); /* 250 at a deviation of 14 */
}

static void all_bits_of_a_u16_are_used(void **state)
{
	uint16_t any = 0, all = UINT16_MAX;

	(void)state;
	for (int i = 0; i < 200; i++) {
		uint16_t v = rand_u16();

		any |= v;
		all &= v;
	}
	assert_int_equal(any, UINT16_MAX);
	assert_int_equal(all, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_differ),
		cmocka_unit_test(below_covers_its_range_and_no_more),
		cmocka_unit_test(a_stock_is_filled_again),
		cmocka_unit_test(all_bits_of_a_u16_are_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
