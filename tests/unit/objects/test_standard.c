/* SPDX-License-Identifier: BSD-3-Clause */
/* Objects 4, 6, 7, 16, 19 and the back end of 10, 11, 13. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "fixture.h"
#include "objects/standard.h"
#include "util/err.h"
#include "util/mem.h"

struct house {
	struct objdefs *defs;
	struct dm *dm;
	struct objects *o;
	struct obj_env env;
	int64_t wall_ms;
	unsigned changes;
	struct dm_op *op; /* of the cellular back end */
	unsigned gone;    /* profiles */
	int may;
	unsigned done;
	int status;
};

static int64_t wall(void *ud)
{
	return ((struct house *)ud)->wall_ms;
}

static void on_value(void *ud, const struct path *p, const struct value *v, int64_t t, bool changed)
{
	(void)p, (void)v, (void)t;
	((struct house *)ud)->changes += changed;
}

static const struct dm_hooks hooks = { .value = on_value };

static int set_up(void **state)
{
	struct house *h = xcalloc(1, sizeof(*h));

	h->defs = fixture_defs();
	h->dm = dm_new(&hooks, h);
	h->env = (struct obj_env){ .wall_ms = wall };
	h->o = objects_new(h->dm, h->defs, &h->env, h);
	*state = h;
	return 0;
}

static int tear_down(void **state)
{
	struct house *h = *state;

	dm_free(h->dm);
	objects_free(h->o);
	objdefs_unref(h->defs);
	free(h);
	return 0;
}

static int64_t num(struct house *h, struct path p)
{
	struct value v;

	assert_int_equal(dm_get(h->dm, &p, &v, NULL), 0);
	return v.u.i;
}

static void is_text(struct house *h, struct path p, const char *want)
{
	struct value v;

	assert_int_equal(dm_get(h->dm, &p, &v, NULL), 0);
	assert_string_equal((const char *)v.u.s.p, want);
}

static int put(struct house *h, enum dm_write_mode mode, struct path base, struct path at,
	const char *text)
{
	struct record r = { .path = at, .value = { .type = VT_RAW_TEXT } };
	struct dm_txn *t;
	int e = dm_txn_begin(h->dm, 1, mode, &base, &t);

	if (e)
		return e;
	r.value.u.s.p = (const uint8_t *)text;
	r.value.u.s.len = (uint32_t)strlen(text);
	e = dm_txn_add(t, &r);
	if (e) {
		dm_txn_abort(t);
		return e;
	}
	return dm_txn_commit(t, NULL, NULL, NULL, NULL);
}

/* --- 4 ------------------------------------------------------------------------------------- */

static void connectivity(void **state)
{
	struct house *h = *state;
	struct connectivity c = { .cell = -1,
		.area = -1,
		.mcc = 262,
		.mnc = 1,
		.bearer = BEARER_WLAN,
		.available = { BEARER_ETHERNET, BEARER_WLAN },
		.navailable = 2,
		.signal_dbm = -61,
		.addresses = { "192.168.0.100", "2001:db8::1" },
		.naddresses = 2,
		.routers = { "192.168.0.1" },
		.nrouters = 1 };

	assert_int_equal(object_connectivity_set(h->o, &c), 0);
	assert_int_equal(num(h, PATH_RES(4, 0, 0)), BEARER_WLAN);
	assert_int_equal(num(h, PATH_RI(4, 0, 1, 1)), BEARER_WLAN);
	assert_int_equal(num(h, PATH_RES(4, 0, 2)), -61);
	is_text(h, PATH_RI(4, 0, 4, 1), "2001:db8::1");
	assert_int_equal(num(h, PATH_RES(4, 0, 10)), 262);
	assert_false(dm_exists(h->dm, &PATH_RES(4, 0, 8)));
	h->changes = 0;
	assert_int_equal(object_connectivity_set(h->o, &c), 0);
	assert_int_equal(h->changes, 0);
	/* An address goes: its instance goes; with the last router the resource stays, empty. */
	c.naddresses = 1;
	c.nrouters = 0;
	c.mcc = -1;
	assert_int_equal(object_connectivity_set(h->o, &c), 0);
	assert_false(dm_exists(h->dm, &PATH_RI(4, 0, 4, 1)));
	assert_true(dm_exists(h->dm, &PATH_RES(4, 0, 5)));
	assert_false(dm_exists(h->dm, &PATH_RI(4, 0, 5, 0)));
	assert_false(dm_exists(h->dm, &PATH_RES(4, 0, 6)));
	assert_false(dm_exists(h->dm, &PATH_RES(4, 0, 10)));
	/* A mobile network: what is not measured is not there, below zero or not. */
	assert_false(dm_exists(h->dm, &PATH_RES(4, 0, 3)));
	c.has_quality = true;
	c.quality = -11;
	c.apns[0] = "internet";
	c.apns[1] = "iot";
	c.napns = 2;
	assert_int_equal(object_connectivity_set(h->o, &c), 0);
	assert_int_equal(num(h, PATH_RES(4, 0, 3)), -11);
	assert_false(dm_exists(h->dm, &PATH_RES(4, 0, 11)));
	is_text(h, PATH_RI(4, 0, 7, 1), "iot");
	c.napns = 1;
	assert_int_equal(object_connectivity_set(h->o, &c), 0);
	assert_false(dm_exists(h->dm, &PATH_RI(4, 0, 7, 1)));
	c.napns = 0;
	assert_int_equal(object_connectivity_set(h->o, &c), 0);
	assert_false(dm_exists(h->dm, &PATH_RES(4, 0, 7)));
}

/* --- 6 ------------------------------------------------------------------------------------- */

static void velocity_by_23_032(void **state)
{
	static const struct {
		double speed, heading, climb;
		const char *want;
	} rows[] = {
		{ 0, 0, NAN, "00000000" },
		{ 10, 90, NAN, "005a0024" },    /* 36 km/h East */
		{ 10, 359.4, NAN, "01670024" }, /* nine bits of bearing */
		{ 10, 359.6, NAN, "00000024" }, /* rounded: North */
		{ 10, -90, NAN, "010e0024" },
		{ 100000, 1, NAN, "0001ffff" },  /* as far as it goes */
		{ 10, 90, 1, "105a002404" },     /* 3.6 km/h up */
		{ 10, 270, -100, "130e0024ff" }, /* down, as far as it goes */
		{ NAN, 90, NAN, "" },
		{ 10, NAN, NAN, "" },
		{ -1, 90, NAN, "" },
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		struct location l = {
			.speed = rows[k].speed, .heading = rows[k].heading, .climb = rows[k].climb
		};
		uint8_t v[5];
		char hex[16] = "";
		size_t n = location_velocity(v, &l);

		for (size_t i = 0; i < n; i++)
			snprintf(hex + 2 * i, 3, "%02x", v[i]);
		if (strcmp(hex, rows[k].want))
			fail_msg("row %zu: %s", k, hex);
	}
}

static void location(void **state)
{
	struct house *h = *state;
	struct location l = { 48.8584, 2.2945, 35, NAN, NAN, NAN, NAN, 1367491215000 };
	struct value v;

	assert_int_equal(object_location_set(h->o, &l), 0);
	assert_int_equal(dm_get(h->dm, &PATH_RES(6, 0, 0), &v, NULL), 0);
	assert_true(v.u.f == 48.8584);
	assert_int_equal(num(h, PATH_RES(6, 0, 5)), 1367491215);
	assert_true(dm_exists(h->dm, &PATH_RES(6, 0, 2)));
	assert_false(dm_exists(h->dm, &PATH_RES(6, 0, 3)));
	assert_false(dm_exists(h->dm, &PATH_RES(6, 0, 4)));
	l.speed = 10;
	l.heading = 90;
	l.altitude = NAN;
	assert_int_equal(object_location_set(h->o, &l), 0);
	assert_int_equal(dm_get(h->dm, &PATH_RES(6, 0, 4), &v, NULL), 0);
	assert_memory_equal(v.u.s.p, "\x00\x5a\x00\x24", 4);
	assert_false(dm_exists(h->dm, &PATH_RES(6, 0, 2)));
	l.latitude = 91;
	assert_int_equal(object_location_set(h->o, &l), LGW_EINVAL);
	l.latitude = NAN;
	assert_int_equal(object_location_set(h->o, &l), LGW_EINVAL);
}

/* --- 7 ------------------------------------------------------------------------------------- */

static void expect_counts(struct house *h, int tx, int rx, int max, int average)
{
	const int want[] = { tx, rx, max, average };

	for (uint16_t k = 0; k < 4; k++)
		assert_int_equal(num(h, PATH_RES(7, 0, 2 + k)), want[k]);
}

static void statistics(void **state)
{
	struct house *h = *state;

	assert_false(object_statistics_on(h->o));
	object_statistics_count(h->o, true, 100);
	assert_int_equal(object_statistics_add(h->o), 0);
	assert_int_equal(object_statistics_add(h->o), 0);
	expect_counts(h, 0, 0, 0, 0);
	object_statistics_count(h->o, true, 1000);
	object_statistics_count(h->o, false, 3000);
	expect_counts(h, 0, 2, 3000, 2000);
	h->changes = 0;
	object_statistics_count(h->o, true, 10); /* no whole kilobyte more: no change is told */
	assert_int_equal(h->changes, 0);
	object_statistics_count(h->o, true, 14);
	assert_int_equal(h->changes, 4);
	expect_counts(h, 1, 2, 3000, 1006);
	/* Stop holds the values, Start resets them. */
	assert_int_equal(dm_execute(h->dm, 1, &PATH_RES(7, 0, 7), NULL, 0, NULL, NULL), 0);
	object_statistics_count(h->o, true, 5000);
	expect_counts(h, 1, 2, 3000, 1006);
	assert_int_equal(dm_execute(h->dm, 1, &PATH_RES(7, 0, 6), NULL, 0, NULL, NULL), 0);
	expect_counts(h, 0, 0, 0, 0);
	/* With a period it stops by itself; 0 again: never. */
	assert_int_equal(put(h, DM_REPLACE, PATH_RES(7, 0, 8), PATH_RES(7, 0, 8), "60"), 0);
	assert_int_equal(
		put(h, DM_REPLACE, PATH_RES(7, 0, 8), PATH_RES(7, 0, 8), "-1"), LGW_EINVAL);
	assert_int_equal(dm_execute(h->dm, 1, &PATH_RES(7, 0, 6), NULL, 0, NULL, NULL), 0);
	h->wall_ms += 59999;
	object_statistics_count(h->o, true, 2048);
	h->wall_ms += 1;
	object_statistics_count(h->o, true, 2048);
	expect_counts(h, 2, 0, 2048, 2048);
	assert_int_equal(put(h, DM_REPLACE, PATH_RES(7, 0, 8), PATH_RES(7, 0, 8), "0"), 0);
	assert_int_equal(dm_execute(h->dm, 1, &PATH_RES(7, 0, 6), NULL, 0, NULL, NULL), 0);
	h->wall_ms += 86400000000;
	object_statistics_count(h->o, true, 2048);
	expect_counts(h, 2, 0, 2048, 2048);
	/* Counters of SMS are not there without a modem. */
	assert_false(dm_exists(h->dm, &PATH_RES(7, 0, 0)));
	dm_object_remove(h->dm, 7);
	assert_false(object_statistics_on(h->o));
}

/* --- 16, 19 -------------------------------------------------------------------------------- */

static void servers_fill_portfolio_and_data(void **state)
{
	struct house *h = *state;

	assert_int_equal(object_add(h->o, 16), 0);
	assert_int_equal(object_add(h->o, 19), 0);
	assert_int_equal(object_add(h->o, 999), LGW_ENOENT);
	assert_int_equal(put(h, DM_CREATE, PATH_OBJ(16), PATH_RI(16, 3, 0, 0), "a"), 0);
	assert_int_equal(put(h, DM_CREATE, PATH_OBJ(16), PATH_RI(16, 3, 0, 0), "a"), LGW_EINVAL);
	assert_int_equal(dm_delete(h->dm, 1, &PATH_INST(16, 3)), 0);
	assert_int_equal(put(h, DM_CREATE, PATH_OBJ(19), PATH_RI(19, 0, 0, 0), "AQID"), 0);
	assert_int_equal(put(h, DM_REPLACE, PATH_RES(19, 0, 1), PATH_RES(19, 0, 1), "255"), 0);
	assert_int_equal(
		put(h, DM_REPLACE, PATH_RES(19, 0, 1), PATH_RES(19, 0, 1), "256"), LGW_EINVAL);
	assert_int_equal(put(h, DM_REPLACE, PATH_RES(19, 0, 5), PATH_RES(19, 0, 5), "65535"), 0);
	assert_int_equal(
		put(h, DM_REPLACE, PATH_RES(19, 0, 5), PATH_RES(19, 0, 5), "65536"), LGW_EINVAL);
	assert_int_equal(put(h, DM_REPLACE, PATH_RES(19, 0, 3), PATH_RES(19, 0, 3),
				 "123456789012345678901234567890123"),
		LGW_EINVAL);
}

/* --- 10, 11, 13 ---------------------------------------------------------------------------- */

static int cell_apply(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	struct house *h = ud;

	(void)ssid, (void)c, (void)n;
	h->op = op;
	return h->may;
}

static int cell_profile(void *ud, uint16_t ssid, uint16_t iid)
{
	(void)ud, (void)ssid;
	return iid < 2 ? LGW_OK : LGW_ENOMEM;
}

static int cell_refresh(void *ud, uint16_t ssid, const struct path *p, struct dm_op *op)
{
	struct house *h = ud;

	(void)ssid, (void)p;
	h->op = op;
	return LGW_PENDING;
}

static void cell_gone(void *ud, uint16_t iid)
{
	struct house *h = ud;

	(void)iid;
	h->gone++;
}

static void finished(void *ud, int status)
{
	struct house *h = ud;

	h->done++;
	h->status = status;
}

static int create_profile(struct house *h)
{
	static const char *const texts[][2] = { { "0", "internet" }, { "4", "3" } };
	struct dm_txn *t;
	int e = dm_txn_begin(h->dm, 1, DM_CREATE, &PATH_OBJ(11), &t);

	if (e)
		return e;
	for (size_t k = 0; k < 2; k++) {
		struct record r = { .path = PATH_RES(11, PATH_ID_NONE, k ? 4 : 0),
			.value = { .type = VT_RAW_TEXT } };

		r.value.u.s.p = (const uint8_t *)texts[k][1];
		r.value.u.s.len = (uint32_t)strlen(texts[k][1]);
		assert_int_equal(dm_txn_add(t, &r), 0);
	}
	return dm_txn_commit(t, finished, h, NULL, NULL);
}

static void a_back_end_of_cellular_data(void **state)
{
	static const struct cellular_backend be = { .apply = cell_apply,
		.refresh = cell_refresh,
		.profile_create = cell_profile,
		.profile_remove = cell_profile,
		.profile_gone = cell_gone };
	struct house *h = *state;
	struct value v;

	assert_int_equal(object_cellular_add(h->o, &be, h), 0);
	assert_int_equal(object_cellular_add(h->o, &be, h), LGW_EEXIST);
	assert_int_equal(create_profile(h), 0);
	h->may = LGW_PENDING;
	assert_int_equal(create_profile(h), LGW_PENDING);
	assert_false(dm_exists(h->dm, &PATH_INST(11, 1)));
	dm_op_done(h->op, LGW_OK);
	assert_int_equal(h->done, 1);
	assert_int_equal(dm_get(h->dm, &PATH_RES(11, 1, 0), &v, NULL), 0);
	/* Which ones are connected is the back end's to say; the secret is told to nobody. */
	assert_true(dm_exists(h->dm, &PATH_RES(10, 0, 11)));
	assert_false(dm_exists(h->dm, &PATH_RI(10, 0, 11, 1)));
	h->may = LGW_OK;
	assert_int_equal(put(h, DM_REPLACE, PATH_RES(11, 1, 6), PATH_RES(11, 1, 6), "hush"), 0);
	assert_false(dm_exists(h->dm, &PATH_RES(11, 1, 6)));
	h->may = LGW_PENDING;
	assert_int_equal(create_profile(h), LGW_ENOMEM);
	assert_int_equal(dm_delete(h->dm, 1, &PATH_INST(11, 0)), 0);
	assert_int_equal(h->gone, 1);
	/* Refused by what is behind it: nothing changed. */
	h->may = LGW_EIO;
	assert_int_equal(put(h, DM_REPLACE, PATH_RES(10, 0, 1), PATH_RES(10, 0, 1), "5"), LGW_EIO);
	assert_false(dm_exists(h->dm, &PATH_RES(10, 0, 1)));
	/* A read that waits for the modem. */
	assert_int_equal(dm_refresh(h->dm, 1, &PATH_INST(13, 0), finished, h), LGW_PENDING);
	dm_set(h->dm, &PATH_RES(13, 0, 8), &VALUE_STR("26201"), 0);
	dm_op_done(h->op, LGW_OK);
	assert_true(h->done == 2 && h->status == LGW_OK);
	assert_int_equal(dm_refresh(h->dm, 1, &PATH_INST(13, 7), finished, h), LGW_OK);
	object_cellular_remove(h->o);
	assert_false(dm_exists(h->dm, &PATH_OBJ(11)));
	assert_int_equal(object_cellular_add(h->o, &be, h), 0);
}

int main(void)
{
#define T(f_) cmocka_unit_test_setup_teardown(f_, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(connectivity),
		T(velocity_by_23_032),
		T(location),
		T(statistics),
		T(servers_fill_portfolio_and_data),
		T(a_back_end_of_cellular_data),
	};

	return cmocka_run_group_tests_name("standard objects", tests, NULL, NULL);
}
