/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes of a server to a device that takes some of them only: all of it or the old state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base.h"

/* A device that does what it is told, but for the keys that it refuses, or does not hear. */
struct house {
	struct base b;
	struct dm *dm;
	const char *refuses, *deaf;
	char told[256]; /* "on=1 level=50 " … */
	unsigned done;
	int status;
};

static void report(struct house *h, const char *key, double v)
{
	base_report(&h->b, "lamp", key, v, 0);
}

static double number(const struct lgw_value *v)
{
	return v->type == LGW_BOOL ? v->u.b : v->type == LGW_INT ? (double)v->u.i : v->u.r;
}

static int on_command(void *ud, const struct lgw_command *c)
{
	struct house *h = ud;
	size_t len = strlen(h->told);

	snprintf(h->told + len, sizeof(h->told) - len, "%s=%g ", c->key, number(&c->value));
	if (!strcmp(c->key, h->refuses))
		return LGW_EREFUSED;
	if (strcmp(c->key, h->deaf))
		report(h, c->key, number(&c->value));
	return LGW_OK;
}

static const struct source_ops source_ops = { .command = on_command };

#define WRITABLE .write = true, .confirm_ms = 5000
static struct map_entry entries[] = { ENTRY("on", "3311/0/5850", WRITABLE),
	ENTRY("level", "3311/0/5851", WRITABLE), ENTRY("night", "3311/1/5850", WRITABLE),
	ENTRY("alpha", "3311/2/5850", WRITABLE), ENTRY("beta", "3311/2/5850", WRITABLE) };
static struct map_conf standard = { .name = (char *)"standard",
	.entries = { entries, ARRAY_SIZE(entries) } };

static int set_up(void **state)
{
	struct house *h = xcalloc(1, sizeof(*h));

	base_init(&h->b, &standard);
	base_open(&h->b, &source_ops, h);
	h->refuses = h->deaf = "";
	report(h, "on", 0);
	report(h, "level", 10);
	report(h, "night", 0);
	h->dm = client_dm(device_client(gateway_find(h->b.gateway, "lamp")));
	*state = h;
	return 0;
}

static int tear_down(void **state)
{
	struct house *h = *state;

	base_fini(&h->b);
	free(h);
	return 0;
}

static void done(void *ud, int status)
{
	struct house *h = ud;

	h->status = status;
	h->done++;
}

static void add(struct dm_batch *b, struct path p, const char *text)
{
	struct record r = { .path = p,
		.value = {
			VT_RAW_TEXT, { .s = { (const uint8_t *)text, (uint32_t)strlen(text) } } } };

	assert_int_equal(dm_batch_add(b, &r), 0);
}

static int write_all(struct house *h)
{
	struct dm_batch *b = dm_batch_new(h->dm, 1);
	int r;

	h->done = 0;
	*h->told = '\0';
	add(b, PATH_RES(3311, 0, 5850), "1");
	add(b, PATH_RES(3311, 0, 5851), "50");
	add(b, PATH_RES(3311, 1, 5850), "1");
	r = dm_batch_commit(b, done, h);
	if (r != LGW_PENDING)
		return r;
	script_advance(&h->b.sc, 30000);
	assert_int_equal(h->done, 1);
	return h->status;
}

static void expect(struct house *h, int on, int level, int night)
{
	struct value v;

	assert_int_equal(dm_get(h->dm, &PATH_RES(3311, 0, 5850), &v, NULL), 0);
	assert_int_equal(v.u.b, on);
	assert_int_equal(dm_get(h->dm, &PATH_RES(3311, 0, 5851), &v, NULL), 0);
	assert_int_equal(v.u.i, level);
	assert_int_equal(dm_get(h->dm, &PATH_RES(3311, 1, 5850), &v, NULL), 0);
	assert_int_equal(v.u.b, night);
}

static void all_of_it(void **state)
{
	struct house *h = *state;

	assert_int_equal(write_all(h), LGW_OK);
	assert_string_equal(h->told, "on=1 level=50 night=1 ");
	expect(h, 1, 50, 1);
}

static void refused_in_the_middle(void **state)
{
	struct house *h = *state;

	h->refuses = "level";
	assert_int_equal(write_all(h), LGW_EREFUSED);
	assert_string_equal(h->told, "on=1 level=50 on=0 ");
	expect(h, 0, 10, 0);
}

static void refused_by_the_second_instance(void **state)
{
	struct house *h = *state;

	h->refuses = "night";
	assert_int_equal(write_all(h), LGW_EREFUSED);
	assert_string_equal(h->told, "on=1 level=50 night=1 on=0 level=10 ");
	expect(h, 0, 10, 0);
}

static void not_heard(void **state)
{
	struct house *h = *state;

	h->deaf = "night";
	assert_int_equal(write_all(h), LGW_ETIMEDOUT);
	assert_string_equal(h->told, "on=1 level=50 night=1 on=0 level=10 ");
	expect(h, 0, 10, 0);
}

/* It goes while a write waits for it. */
static void gone(void **state)
{
	struct house *h = *state;
	struct dm_batch *b = dm_batch_new(h->dm, 1);

	h->deaf = "night";
	h->done = 0;
	add(b, PATH_RES(3311, 0, 5850), "1");
	add(b, PATH_RES(3311, 1, 5850), "1");
	assert_int_equal(dm_batch_commit(b, done, h), LGW_PENDING);
	gateway_device_remove(h->b.source, "lamp");
	script_advance(&h->b.sc, 30000);
	assert_int_equal(h->done, 1);
	assert_int_equal(h->status, LGW_ECANCELED);
}

/* Of two keys with one path the one that came first is commanded, however many others there are. */
static void first_of_two(void **state)
{
	static const char *const order[][2] = { { "alpha", "beta" }, { "beta", "alpha" } };
	struct house *h = *state;

	for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
		const char *device = k ? "right" : "left";
		char key[32];
		struct dm_batch *b;

		base_report(&h->b, device, order[k][0], 0, 0);
		for (int i = 0; i < 1000; i++) {
			snprintf(key, sizeof(key), "other%d", i);
			base_report(&h->b, device, key, i, 0);
		}
		base_report(&h->b, device, order[k][1], 0, 0);
		b = dm_batch_new(client_dm(device_client(gateway_find(h->b.gateway, device))), 1);
		h->deaf = order[k][0];
		*h->told = '\0';
		add(b, PATH_RES(3311, 2, 5850), "1");
		assert_int_equal(dm_batch_commit(b, done, h), LGW_PENDING);
		snprintf(key, sizeof(key), "%s=1 ", order[k][0]);
		assert_string_equal(h->told, key);
		base_report(&h->b, device, order[k][0], 1, 0); /* found again, and confirms it */
		assert_int_equal(h->done, k + 1);
		assert_int_equal(h->status, LGW_OK);
	}
	assert_int_equal(gateway_counters(h->b.gateway)->unmapped, 2000);
}

#define TEST(f_) cmocka_unit_test_setup_teardown(f_, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_of_it),
		TEST(refused_in_the_middle),
		TEST(refused_by_the_second_instance),
		TEST(not_heard),
		TEST(gone),
		TEST(first_of_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
