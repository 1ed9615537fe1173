/* SPDX-License-Identifier: BSD-3-Clause */
/* Notification attributes obeyed: which value is told when (LwM2M 1.0 §5.1.2), in virtual time. */
#include <stdio.h>
#include <stdlib.h>
#include "stage.h"
#include "util/err.h"
#include "util/log.h"

static const struct path temperature = PATH_RES(3303, 0, 5700);

/* A value a second; told: what the server hears of it, and when. */
struct row {
	const char *attrs; /* of the resource */
	const char *above; /* of its instance, or NULL */
	double values[10]; /* at 1 s, 2 s …; the same as before: no reading */
	size_t n;
	const char *told; /* "second:value …" */
};

static const struct row rows[] = {
	/* Each change, when nothing is said. The value before is 20. */
	{ "", NULL, { 21, 21, 22 }, 3, "1:21 3:22 " },
	/* gt: crossed from the last value, either way; to be at it is not to be above it. */
	{ "gt=25", NULL, { 24, 25, 26, 27, 26, 25, 24 }, 7, "3:26 6:25 " },
	{ "gt=25", NULL, { 30, 31, 20, 19, 30 }, 5, "1:30 3:20 5:30 " },
	/* lt */
	{ "lt=15", NULL, { 16, 15, 14, 13, 15, 16 }, 6, "3:14 5:15 " },
	{ "lt=25", NULL, { 19, 26, 30, 24 }, 4, "2:26 4:24 " },
	/* Both: a band */
	{ "gt=25&lt=15", NULL, { 24, 26, 24, 14, 16, 26 }, 6, "2:26 3:24 4:14 5:16 6:26 " },
	/* st: from the last value that was told, not from the last one */
	{ "st=5", NULL, { 22, 24, 25, 26, 21, 20 }, 6, "3:25 6:20 " },
	{ "st=5", NULL, { 23, 17, 23, 17, 15 }, 5, "5:15 " },
	{ "st=0.1", NULL, { 20.05, 20.1, 20.2, 20.25 }, 4, "2:20.1 3:20.2 " },
	/* Any of them is enough. */
	{ "gt=25&st=3", NULL, { 22, 23, 25, 25.5, 25.6 }, 5, "2:23 4:25.5 " },
	/* pmin: not before, and then what holds by then; crossed back meanwhile or not */
	{ "pmin=5", NULL, { 21, 22, 23, 24, 25, 26 }, 6, "5:25 " },
	{ "pmin=5", NULL, { 21, 22, 22, 22, 22, 22, 22 }, 7, "5:22 " },
	{ "pmin=4&gt=25", NULL, { 26, 24, 24, 24, 24 }, 5, "4:24 " },
	/* pmax: without a change */
	{ "pmax=3", NULL, { 20, 20, 20, 20, 20, 20 }, 6, "3:20 6:20 " },
	{ "pmax=3", NULL, { 20, 21, 21, 21, 21, 21 }, 6, "2:21 5:21 " },
	/* pmax speaks whatever the conditions say, with the value of then. */
	{ "pmax=3&gt=25", NULL, { 21, 22, 23, 24, 24, 24 }, 6, "3:23 6:24 " },
	/* pmax below pmin is ignored, 0 is none, and both may be equal. */
	{ "pmin=5&pmax=2", NULL, { 20, 20, 20, 20, 20, 21 }, 6, "6:21 " },
	{ "pmax=0", NULL, { 20, 20, 20, 20 }, 4, "" },
	{ "pmin=3&pmax=3", NULL, { 21, 22, 23, 23, 23, 23 }, 6, "3:23 6:23 " },
	/* epmin: what was there between two looks is not seen. */
	{ "epmin=3", NULL, { 21, 22, 23, 24, 24, 24, 24 }, 7, "3:23 6:24 " },
	{ "epmin=3", NULL, { 21, 20, 20, 20, 20, 20, 20 }, 7, "" },
	{ "epmin=3", NULL, { 20, 20, 20, 20, 21, 22, 22, 22, 22 }, 9, "5:21 8:22 " },
	{ "epmin=3&gt=25", NULL, { 26, 24, 24, 26, 26, 26, 26 }, 7, "6:26 " },
	{ "epmin=4&epmax=5&st=5", NULL, { 26, 24, 24, 24, 26, 26, 26, 26 }, 8, "8:26 " },
	{ "epmin=2&pmin=5", NULL, { 21, 22, 23, 24, 25, 26 }, 6, "5:25 " },
	{ "epmin=5&pmax=3", NULL, { 21, 22, 23, 24, 25 }, 5, "3:23 5:25 " },
	/* epmax looks again, and finds the same. */
	{ "epmax=2", NULL, { 20, 20, 21, 21, 21 }, 5, "3:21 " },
	{ "", "epmin=3", { 21, 22, 23, 23, 23 }, 5, "3:23 " },
	/* From the instance, and the resource's own go before. */
	{ "", "pmax=2", { 20, 20, 20, 20 }, 4, "2:20 4:20 " },
	{ "pmax=3", "pmax=1", { 20, 20, 20, 20, 20, 20 }, 6, "3:20 6:20 " },
	{ "gt=25", "pmin=3", { 26, 26, 26, 26 }, 4, "3:26 " },
	/* pmin of the instance above pmax of the resource: pmax is ignored. */
	{ "pmax=2", "pmin=4", { 20, 20, 20, 20, 20, 21 }, 6, "6:21 " },
};

static void ask_attrs(struct stage *st, const char *path, const char *query)
{
	char uri[96];

	if (!query || !*query)
		return;
	snprintf(uri, sizeof(uri), "%s?%s", path, query);
	assert_int_equal(ask_for(st, COAP_PUT, uri), COAP_204);
}

/* What came by now, into told. */
static void hear(struct stage *st, size_t second, char *told, size_t size)
{
	while (script_take(st->link, &st->m)) {
		size_t len = strlen(told);

		snprintf(told + len, size - len, "%zu:%.*s ", second, (int)st->m.payload_len,
			(const char *)st->m.payload);
	}
}

static void the_table(void **state)
{
	struct stage *st = *state;
	unsigned bad = 0;

	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		const struct row *r = &rows[k];
		char told[256] = "";
		double last = 20;

		stage_client(st);
		set_float(st, temperature, last);
		stage_register(st);
		ask_attrs(st, "/3303/0", r->above);
		ask_attrs(st, "/3303/0/5700", r->attrs);
		observe(st, "/3303/0/5700");
		for (size_t i = 0; i < r->n; i++) {
			script_advance(&st->sc, 999);
			hear(st, i + 1, told, sizeof(told));
			if (r->values[i] != last)
				set_float(st, temperature, r->values[i]);
			last = r->values[i];
			script_advance(&st->sc, 1);
			hear(st, i + 1, told, sizeof(told));
		}
		print_message("%-16s %-8s told %s%s\n", r->attrs, r->above ? r->above : "", told,
			strcmp(told, r->told) ? "!" : "");
		if (strcmp(told, r->told)) {
			print_message("%34s%s\n", "not ", r->told);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* epmax: a computed value changes without a word, and is looked at. */
static void epmax_of_a_clock(void **state)
{
	struct stage *st = *state;
	char before[32];

	stage_register(st);
	ask_attrs(st, "/3/0/13", "epmax=20");
	observe(st, "/3/0/13");
	for (int k = 0; k < 3; k++) {
		snprintf(before, sizeof(before), "%.*s", (int)st->m.payload_len,
			(const char *)st->m.payload);
		expect_quiet(st, 19999);
		script_advance(&st->sc, 1);
		assert_true(script_take(st->link, &st->m));
		assert_int_equal(st->m.payload_len, strlen(before));
		assert_true(memcmp(st->m.payload, before, st->m.payload_len) > 0);
	}
	/* Without it nobody looks. */
	ask_attrs(st, "/3/0/13", "epmax");
	expect_quiet(st, 100000);
}

static int fresh(void *ud, uint16_t ssid, const struct path *p, struct dm_op *op)
{
	struct stage *st = ud;

	assert_true(path_eq(p, &PATH_RES(3304, 0, 5700)));
	assert_int_equal(ssid, 1);
	st->op = op;
	return LGW_PENDING;
}

static const struct object_ops asked_ops = { .refresh = fresh };

/* … and a device is asked for a value that it does not tell by itself. */
static void epmax_of_a_device(void **state)
{
	struct stage *st = *state;
	struct dm *dm = client_dm(st->client);
	struct dm_op *op;

	assert_int_equal(dm_object_add(dm, objdefs_find(st->defs, 3304), &asked_ops, st), 0);
	assert_int_equal(dm_instance_add(dm, 3304, 0), 0);
	set_float(st, PATH_RES(3304, 0, 5700), 40);
	stage_register(st);
	request(st, COAP_GET, "/3304/0/5700");
	request_option(st, COAP_OPT_OBSERVE, 0);
	ask_in_vain(st);
	dm_op_done(st->op, LGW_OK);
	assert_true(script_take(st->link, &st->m));
	ask_attrs(st, "/3304/0/5700", "epmax=30");
	st->op = NULL;
	expect_quiet(st, 29999);
	assert_null(st->op);
	expect_quiet(st, 1);
	assert_non_null(st->op);
	set_float(st, PATH_RES(3304, 0, 5700), 41);
	dm_op_done(st->op, LGW_OK);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	expect_payload(st, "41");
	/* It does not answer: it is not asked again meanwhile; and the client goes. */
	st->op = NULL;
	script_advance(&st->sc, 30000);
	assert_non_null(st->op);
	op = st->op;
	st->op = NULL;
	expect_quiet(st, 300000);
	assert_null(st->op);
	st->op = op;
	client_free(st->client);
	st->client = NULL;
	dm_op_done(st->op, LGW_ETIMEDOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_table, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(epmax_of_a_clock, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(epmax_of_a_device, stage_setup, stage_teardown),
	};

	log_reset_levels(LGW_LOG_ERR);
	return cmocka_run_group_tests_name("sim/attributes", tests, NULL, NULL);
}
