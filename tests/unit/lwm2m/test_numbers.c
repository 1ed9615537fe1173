/* SPDX-License-Identifier: BSD-3-Clause */
/* OSCORE's sequence numbers never repeat: over a restart, with a clock that goes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "lwm2m/numbers.h"
#include "store/store.h"
#include "util/err.h"

struct fixture {
	int64_t now, wall;
	struct oscore_cred cred;
	struct timers *timers;
	struct store *store;
	struct numbers *numbers;
};

static int64_t mono(void *ud)
{
	return ((struct fixture *)ud)->now;
}

static int64_t wall(void *ud)
{
	return ((struct fixture *)ud)->wall;
}

static const struct clock_ops clock_ops = { mono, wall };

static void begin(struct fixture *f)
{
	char text[64];

	f->wall = 1800000000000;
	f->timers = timers_new(&clock_ops, f);
	assert_int_equal(store_new(&store_params_default, NULL, f->timers, NULL, NULL, &f->store,
				 text, sizeof(text)),
		LGW_OK);
	f->numbers = numbers_new(f->store, f->timers);
}

static void end(struct fixture *f)
{
	store_free(f->store);
	numbers_free(f->numbers);
	timers_free(f->timers);
}

static void settle(struct fixture *f)
{
	f->now++;
	timers_update(f->timers);
	timers_run(f->timers);
}

static uint64_t take(struct fixture *f, uint32_t n)
{
	uint64_t first = 0;

	assert_int_equal(numbers_ops.reserve(f->numbers, &f->cred, n, &first), LGW_OK);
	return first;
}

static void rising(void **state)
{
	struct fixture f = { 0 };
	uint64_t last, first;

	(void)state;
	begin(&f);
	last = take(&f, 10);
	assert_true(take(&f, 1) == last + 10);
	settle(&f);
	for (int k = 0; k < 5000; k++) { /* far ahead of the clock, since it is noted */
		last = take(&f, 1);
		settle(&f);
	}
	/* A new life, the clock an hour back. */
	numbers_free(f.numbers);
	f.numbers = numbers_new(f.store, f.timers);
	f.wall -= 3600000;
	timers_update(f.timers);
	settle(&f);
	/* Not before the next range is noted. */
	assert_int_equal(numbers_ops.reserve(f.numbers, &f.cred, 1, &first), LGW_EUNAVAIL);
	settle(&f);
	assert_true(take(&f, 1) > last);
	end(&f);
}

/* The clock has not reached what is noted, and a message need not wait for it. */
static void restarted_at_once(void **state)
{
	struct fixture f = { 0 };
	uint64_t last;

	(void)state;
	begin(&f);
	for (int k = 0; k < 20; k++) {
		last = take(&f, 32) + 31;
		settle(&f);
		numbers_free(f.numbers);
		f.numbers = numbers_new(f.store, f.timers);
		f.wall += 1000;
		assert_true(take(&f, 32) > last);
	}
	end(&f);
}

/* For servers that know no long ones: 31 bits for two years, and after a loss of all notes they go
 * on with the clock. */
static void short_ones(void **state)
{
	struct fixture f = { .cred.p.since_ms = 1800000000000 - 730 * 86400000LL };
	uint64_t last;

	(void)state;
	begin(&f);
	last = take(&f, 32) + 31;
	assert_true(last == 730 * 86400000LL / 32 + 31 && last < 1ULL << 31);
	f.cred.p.since_ms = 0; /* the same keys with long ones meanwhile */
	assert_true(take(&f, 32) >= 1ULL << 31);
	f.cred.p.since_ms = 1800000000000 - 730 * 86400000LL;
	for (int k = 0; k < 100; k++) {
		settle(&f);
		assert_true(take(&f, 32) == last + 1);
		last += 32;
	}
	end(&f);
	begin(&f);
	f.wall += 120000;
	timers_update(f.timers);
	assert_true(take(&f, 32) > last);
	end(&f);
	/* Used up. */
	f.cred.p.since_ms = 1800000000000 - 800 * 86400000LL;
	begin(&f);
	assert_int_equal(numbers_ops.reserve(f.numbers, &f.cred, 32, &last), LGW_EUNAVAIL);
	end(&f);
}

static void without_a_clock(void **state)
{
	struct fixture f = { 0 };
	uint64_t first;

	(void)state;
	begin(&f);
	for (int k = 0; k < 2; k++) {
		f.wall = k ? 1767225600000 + 86400000 : 0; /* a number would be a short one */
		settle(&f);
		assert_int_equal(numbers_ops.reserve(f.numbers, &f.cred, 1, &first), LGW_ENOENT);
	}
	end(&f);
}

static void not_yet_durable(void **state)
{
	struct fixture f = { 0 };
	uint64_t first;

	(void)state;
	begin(&f);
	take(&f, 1000);
	assert_int_equal(numbers_ops.reserve(f.numbers, &f.cred, 1000, &first), LGW_EUNAVAIL);
	settle(&f);
	take(&f, 1000);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rising),
		cmocka_unit_test(restarted_at_once),
		cmocka_unit_test(short_ones),
		cmocka_unit_test(without_a_clock),
		cmocka_unit_test(not_yet_durable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
