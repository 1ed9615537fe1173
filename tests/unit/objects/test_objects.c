/* SPDX-License-Identifier: BSD-3-Clause */
/* Objects 0, 1 and 3: accounts, what a server may write, the device's clock and errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <lgw/status.h>
#include "fixture.h"
#include "objects/account.h"
#include "objects/env.h"

#define NOW_MS 1700000000000

static struct {
	struct objdefs *defs;
	struct dm *dm;
	struct objects *o;
	unsigned changes, disables, updates, reboots;
	uint16_t rid, ssid;
} t;

static int64_t wall(void *ud)
{
	(void)ud;
	return NOW_MS;
}
static void changed(void *ud, uint16_t iid, uint16_t rid)
{
	(void)ud, (void)iid;
	t.changes++;
	t.rid = rid;
}
static int disable(void *ud, uint16_t ssid)
{
	(void)ud;
	t.disables++;
	t.ssid = ssid;
	return LGW_OK;
}
static int update(void *ud, uint16_t ssid)
{
	(void)ud;
	t.updates++;
	t.ssid = ssid;
	return LGW_OK;
}
static int reboot_(void *ud, struct dm_op *op)
{
	(void)ud, (void)op;
	t.reboots++;
	return LGW_OK;
}
static const struct obj_env env = { .wall_ms = wall,
	.server_changed = changed,
	.server_disable = disable,
	.server_update = update,
	.reboot = reboot_ };
static const struct dm_hooks hooks;

static const struct account account = { .name = "a",
	.uri = "coap://a",
	.security = SEC_NONE,
	.ssid = 42,
	.lifetime = 60,
	.pmin = -1,
	.pmax = 30,
	.disable_timeout = 100,
	.storing = true,
	.binding = "U" };

static int begin(void **state)
{
	const struct device_facts f = { .manufacturer = "ACME", .serial = "", .binding = "U" };

	(void)state;
	memset(&t, 0, sizeof(t));
	t.defs = fixture_defs();
	t.dm = dm_new(&hooks, NULL);
	t.o = objects_new(t.dm, t.defs, &env, NULL);
	return t.o && !object_device_set(t.o, &f) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	dm_free(t.dm);
	objects_free(t.o);
	objdefs_unref(t.defs);
	return 0;
}

static int64_t number(struct path p)
{
	struct value v;

	assert_int_equal(dm_get(t.dm, &p, &v, NULL), 0);
	return v.u.i;
}

static void an_account_is_a_pair_of_instances(void **state)
{
	struct account got, other = account;

	(void)state;
	assert_int_equal(account_add(t.o, &account), 0);
	assert_int_equal(number(PATH_RES(0, 0, 2)), SEC_NONE);
	assert_int_equal(number(PATH_RES(0, 0, 10)), 42);
	assert_int_equal(number(PATH_RES(1, 0, 0)), 42);
	assert_int_equal(number(PATH_RES(1, 0, 1)), 60);
	assert_false(dm_exists(t.dm, &PATH_RES(1, 0, 2)));
	assert_int_equal(number(PATH_RES(1, 0, 3)), 30);
	assert_int_equal(account_get(t.o, 42, &got), 0);
	assert_string_equal(got.uri, "coap://a");
	assert_int_equal(got.lifetime, 60);
	assert_int_equal(got.pmin, -1);
	assert_true(got.storing);
	assert_int_equal(account_add(t.o, &account), LGW_EEXIST);
	other.ssid = 43;
	assert_int_equal(account_add(t.o, &other), 1);
	assert_int_equal(account_remove(t.o, 42), 0);
	assert_int_equal(account_remove(t.o, 42), LGW_ENOENT);
	assert_int_equal(account_get(t.o, 42, &got), LGW_ENOENT);
	assert_int_equal(account_get(t.o, 43, &got), 0);
}

/* LwM2M 1.1 §7.1.2: object 21 is linked from /0, holds no secret here, and nobody sees it. */
static void an_account_with_oscore(void **state)
{
	const struct oscore_params p = { .secret = { (const uint8_t *)"secret", 6 },
		.sender = { (const uint8_t *)"C", 1 },
		.recipient = { (const uint8_t *)"S", 1 },
		.id_context = { (const uint8_t *)"house", 5 },
		.has_id_context = true };
	struct account a = account;
	const struct oscore_cred *cred;
	char text[80];
	struct value v;

	(void)state;
	assert_int_equal(oscore_cred_new(&p, &cred, text, sizeof(text)), LGW_OK);
	a.oscore = cred;
	assert_int_equal(account_add(t.o, &a), 0);
	assert_int_equal(dm_get(t.dm, &PATH_RES(0, 0, 17), &v, NULL), 0);
	assert_int_equal(v.u.link.oid, 21);
	assert_int_equal(v.u.link.iid, 0);
	assert_int_equal(dm_get(t.dm, &PATH_RES(21, 0, 0), &v, NULL), 0);
	assert_int_equal(v.u.s.len, 0);
	assert_int_equal(dm_get(t.dm, &PATH_RES(21, 0, 1), &v, NULL), 0);
	assert_int_equal(v.u.s.len, 1);
	assert_int_equal(dm_get(t.dm, &PATH_RES(21, 0, 6), &v, NULL), 0);
	assert_memory_equal(v.u.s.p, "house", 5);
	assert_int_equal(number(PATH_RES(21, 0, 3)), 10);
	assert_int_equal(number(PATH_RES(21, 0, 4)), -10);
	assert_int_equal(account_remove(t.o, 42), 0);
	assert_false(dm_exists(t.dm, &PATH_INST(21, 0)));
	oscore_cred_unref(cred);
}

static void bad_accounts(void **state)
{
	struct account a = account;

	(void)state;
	a.ssid = 0;
	assert_int_equal(account_add(t.o, &a), LGW_EINVAL);
	a.ssid = 65535;
	assert_int_equal(account_add(t.o, &a), LGW_EINVAL);
	a.ssid = 1;
	a.uri = NULL;
	assert_int_equal(account_add(t.o, &a), LGW_EINVAL);
	assert_false(dm_exists(t.dm, &PATH_INST(0, 0)));
}

static int write_value(struct path p, struct value v)
{
	struct record r = { .path = p, .value = v };
	struct dm_txn *txn;
	int e = dm_txn_begin(t.dm, 42, DM_REPLACE, &p, &txn);

	if (e)
		return e;
	e = dm_txn_add(txn, &r);
	if (e) {
		dm_txn_abort(txn);
		return e;
	}
	return dm_txn_commit(txn, NULL, NULL, NULL, NULL);
}

/* A bad value is refused, and the old one stays. */
static void what_a_server_may_write(void **state)
{
	static const char *const good[] = { "U", "UQ", "S", "SQ", "US", "UQS", "T", "UT", "N" };
	static const char *const bad[] = { "", "USQ", "UQSQ", "X", "UU", "Q", "U " };
	struct account both = account;

	(void)state;
	both.sms_number = "+1";
	assert_int_equal(account_add(t.o, &both), 0);
	assert_int_equal(write_value(PATH_RES(1, 0, 1), VALUE_INT(20)), 0);
	assert_int_equal(t.rid, 1);
	assert_int_equal(write_value(PATH_RES(1, 0, 1), VALUE_INT(-1)), LGW_EINVAL);
	assert_int_equal(write_value(PATH_RES(1, 0, 2), VALUE_INT(-5)), LGW_EINVAL);
	assert_int_equal(write_value(PATH_RES(1, 0, 3), VALUE_INT(1LL << 40)), LGW_EINVAL);
	assert_int_equal(number(PATH_RES(1, 0, 1)), 20);
	assert_int_equal(number(PATH_RES(1, 0, 3)), 30);
	assert_int_equal(write_value(PATH_RES(1, 0, 0), VALUE_INT(7)), LGW_EOP);
	for (size_t k = 0; k < sizeof(good) / sizeof(*good); k++)
		if (write_value(PATH_RES(1, 0, 7), VALUE_STR(good[k])))
			fail_msg("%s", good[k]);
	for (size_t k = 0; k < sizeof(bad) / sizeof(*bad); k++)
		if (write_value(PATH_RES(1, 0, 7), VALUE_STR(bad[k])) != LGW_EINVAL)
			fail_msg("%s", bad[k]);
	assert_int_equal(write_value(PATH_RES(0, 0, 0), VALUE_STR("coap://evil")), LGW_EACCES);
}

/* A binding for which there is no way is a bad one, too. */
static void bindings_that_lead_nowhere(void **state)
{
	struct account sms = account;

	(void)state;
	sms.ssid = 43;
	sms.uri = "sms:+1";
	sms.sms_number = "+1";
	sms.binding = "S";
	assert_int_equal(account_add(t.o, &account), 0);
	assert_int_equal(account_add(t.o, &sms), 1);
	assert_int_equal(write_value(PATH_RES(1, 0, 7), VALUE_STR("UQ")), 0);
	assert_int_equal(write_value(PATH_RES(1, 0, 7), VALUE_STR("S")), LGW_EINVAL);
	assert_int_equal(write_value(PATH_RES(1, 0, 7), VALUE_STR("US")), LGW_EINVAL);
	assert_int_equal(write_value(PATH_RES(1, 1, 7), VALUE_STR("SQ")), 0);
	assert_int_equal(write_value(PATH_RES(1, 1, 7), VALUE_STR("U")), LGW_EINVAL);
	assert_int_equal(write_value(PATH_RES(1, 1, 7), VALUE_STR("UQS")), LGW_EINVAL);
}

static int execute(struct path p)
{
	return dm_execute(t.dm, 42, &p, (const uint8_t *)"", 0, NULL, NULL);
}

static void executables(void **state)
{
	(void)state;
	assert_int_equal(account_add(t.o, &account), 0);
	assert_int_equal(execute(PATH_RES(1, 0, 4)), LGW_OK);
	assert_int_equal(t.disables, 1);
	assert_int_equal(t.ssid, 42);
	assert_int_equal(execute(PATH_RES(1, 0, 8)), LGW_OK);
	assert_int_equal(t.updates, 1);
	assert_int_equal(
		execute(PATH_RES(1, 0, 9)), LGW_ENOENT); /* no bootstrap server: not there */
	assert_int_equal(execute(PATH_RES(3, 0, 4)), LGW_OK);
	assert_int_equal(t.reboots, 1);
	assert_int_equal(execute(PATH_RES(3, 0, 5)), LGW_ENOENT);
	assert_int_equal(execute(PATH_RES(3, 0, 0)), LGW_EOP);
}

/* A written Current Time is an offset of that client, and ticks. */
static void the_clock(void **state)
{
	(void)state;
	assert_int_equal(number(PATH_RES(3, 0, 13)), NOW_MS / 1000);
	assert_int_equal(write_value(PATH_RES(3, 0, 13), VALUE_TIME(1367491215)), 0);
	assert_int_equal(number(PATH_RES(3, 0, 13)), 1367491215);
	assert_int_equal(write_value(PATH_RES(3, 0, 13), VALUE_TIME(-1)), LGW_EINVAL);
	assert_int_equal(number(PATH_RES(3, 0, 13)), 1367491215);
}

/* Error codes come and go as instances of /3/0/11; only 0 when there is none. */
static void error_codes(void **state)
{
	(void)state;
	assert_int_equal(number(PATH_RI(3, 0, 11, 0)), 0);
	object_device_error(t.o, 8, true);
	assert_int_equal(number(PATH_RI(3, 0, 11, 0)), 8);
	object_device_error(t.o, 1, true);
	object_device_error(t.o, 1, true);
	assert_int_equal(number(PATH_RI(3, 0, 11, 1)), 1);
	assert_false(dm_exists(t.dm, &PATH_RI(3, 0, 11, 2)));
	object_device_error(t.o, 8, false);
	assert_int_equal(number(PATH_RI(3, 0, 11, 0)), 1);
	assert_false(dm_exists(t.dm, &PATH_RI(3, 0, 11, 1)));
	assert_int_equal(execute(PATH_RES(3, 0, 12)), LGW_OK); /* what stands stays */
	assert_int_equal(number(PATH_RI(3, 0, 11, 0)), 1);
	object_device_error(t.o, 1, false);
	assert_int_equal(number(PATH_RI(3, 0, 11, 0)), 0);
}

static void facts_come_and_go(void **state)
{
	const struct device_facts f = {
		.serial = "77", .binding = "U", .timezone = "Europe/Paris"
	};
	struct value v;

	(void)state;
	assert_int_equal(dm_get(t.dm, &PATH_RES(3, 0, 0), &v, NULL), 0);
	assert_int_equal(v.u.s.len, 4);
	assert_false(dm_exists(t.dm, &PATH_RES(3, 0, 2)));
	assert_int_equal(object_device_set(t.o, &f), 0);
	assert_false(dm_exists(t.dm, &PATH_RES(3, 0, 0)));
	assert_int_equal(dm_get(t.dm, &PATH_RES(3, 0, 2), &v, NULL), 0);
	assert_int_equal(dm_get(t.dm, &PATH_RES(3, 0, 15), &v, NULL), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = { TEST(an_account_is_a_pair_of_instances),
		TEST(an_account_with_oscore), TEST(bad_accounts), TEST(what_a_server_may_write),
		TEST(an_account_with_oscore), TEST(bad_accounts), TEST(bindings_that_lead_nowhere),
		TEST(executables), TEST(the_clock), TEST(error_codes), TEST(facts_come_and_go) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
