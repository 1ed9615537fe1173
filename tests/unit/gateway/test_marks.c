/* SPDX-License-Identifier: BSD-3-Clause */
/* Which messages had their effect: of each broker the latest batches, over the end of the process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <lgw/device.h>
#include "gateway/marks.h"
#include "store/store.h"
#include "util/mem.h"

struct life {
	char dir[32], file[64];
	struct loop *loop;
	struct store *store;
	struct marks marks;
};

static void begin(struct life *l)
{
	struct store_params p = store_params_default;
	char text[100] = "";

	p.file = l->file;
	l->loop = loop_new();
	if (store_new(&p, l->loop, loop_timers(l->loop), NULL, NULL, &l->store, text, sizeof(text)))
		fail_msg("%s", text);
	marks_init(&l->marks, l->store, "mqtt");
}

static void end(struct life *l)
{
	marks_fini(&l->marks);
	store_free(l->store);
	loop_free(l->loop);
}

static int set_up(void **state)
{
	struct life *l = xcalloc(1, sizeof(*l));

	snprintf(l->dir, sizeof(l->dir), "/tmp/lwm2m-marks.XXXXXX");
	assert_non_null(mkdtemp(l->dir));
	snprintf(l->file, sizeof(l->file), "%s/store", l->dir);
	begin(l);
	*state = l;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const ends[] = { "", "-lock", "-wal", "-shm" };
	struct life *l = *state;
	char file[80];

	end(l);
	for (size_t k = 0; k < ARRAY_SIZE(ends); k++) {
		snprintf(file, sizeof(file), "%s%s", l->file, ends[k]);
		unlink(file);
	}
	assert_int_equal(rmdir(l->dir), 0);
	free(l);
	return 0;
}

static void again(struct life *l)
{
	end(l);
	begin(l);
}

static uint64_t mark(uint8_t from, unsigned batch, unsigned k)
{
	return (uint64_t)from << 56 | batch << 8 | k;
}

static void add(struct life *l, uint8_t from, unsigned batch)
{
	uint64_t m[] = { mark(from, batch, 1), mark(from, batch, 2) };

	marks_add(&l->marks, m, ARRAY_SIZE(m));
}

static bool known(const struct life *l, uint8_t from, unsigned batch)
{
	bool one = marks_known(&l->marks, mark(from, batch, 1));

	assert_int_equal(one, marks_known(&l->marks, mark(from, batch, 2)));
	return one;
}

static void the_oldest_batch_goes(void **state)
{
	struct life *l = *state;

	assert_false(marks_known(&l->marks, 0));
	for (unsigned k = 1; k <= 6; k++) {
		add(l, 7, k);
		again(l); /* it is the oldest also where another life noted it */
	}
	for (unsigned k = 1; k <= 6; k++)
		assert_int_equal(known(l, 7, k), k > 6 - MARK_BATCHES);
}

static void brokers_do_not_know_each_other(void **state)
{
	struct life *l = *state;

	add(l, 1, 1);
	for (unsigned k = 1; k <= 100; k++)
		add(l, 2, k);
	again(l);
	for (unsigned k = 101; k <= 200; k++)
		add(l, 2, k);
	assert_true(known(l, 1, 1));
	assert_true(known(l, 2, 200));
	marks_forget(&l->marks, 2);
	assert_false(known(l, 2, 200));
	again(l);
	assert_true(known(l, 1, 1));
	assert_false(known(l, 2, 200));
}

static void slots_are_bounded(void **state)
{
	struct life *l = *state;

	for (unsigned from = 0; from < 256; from++)
		add(l, (uint8_t)from, 1);
	assert_int_equal(map_count(&l->marks.known), 2 * MARK_SLOTS);
	for (unsigned from = 0; from < 256; from++)
		assert_int_equal(known(l, (uint8_t)from, 1), from >= 256 - MARK_SLOTS);
}

/* The file was lost. */
static void noted_again(void **state)
{
	struct life *l = *state;

	add(l, 1, 1);
	store_forget(l->store, STORE_MARKS, "mqtt");
	marks_again(&l->marks);
	again(l);
	assert_true(known(l, 1, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_oldest_batch_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(brokers_do_not_know_each_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(slots_are_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(noted_again, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
