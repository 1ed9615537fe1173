/* SPDX-License-Identifier: BSD-3-Clause */
/* Several servers on the wire: what each may be told, and when (LwM2M 1.0 §7.3.2.5, §5.1). */
#include "stage.h"
#include "types/format.h"

static const struct path temperature = PATH_RES(3303, 0, 5700);

/* The instance of object 2 that speaks of /oid/iid. */
static uint16_t acl_of(struct stage *st, uint16_t oid, uint16_t iid)
{
	struct dm *dm = client_dm(st->client);
	int32_t y = -1;
	struct value a, b;

	while (dm_next(dm, &PATH_OBJ(2), &y)) {
		assert_int_equal(dm_get(dm, &PATH_RES(2, y, 0), &a, NULL), 0);
		assert_int_equal(dm_get(dm, &PATH_RES(2, y, 1), &b, NULL), 0);
		if (a.u.i == oid && b.u.i == iid)
			return (uint16_t)y;
	}
	fail_msg("no entry for /%u/%u", oid, iid);
	return 0;
}

static void set_right(struct stage *st, uint16_t oid, uint16_t iid, uint16_t ssid, int64_t v)
{
	struct path p = PATH_RI(2, acl_of(st, oid, iid), 2, ssid);

	assert_int_equal(dm_set(client_dm(st->client), &p, &VALUE_INT(v), 0), 0);
}

/* Two servers, both registered; the first one is played. */
static void two_servers(struct stage *st)
{
	st->params.nservers = 2;
	stage_client(st);
	stage_register(st);
	stage_play(st, "server2");
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	stage_play(st, "server");
}

/* 7.3.2.5: no value after the right is gone, but one last 4.01. */
static void test_right_withdrawn(void **state)
{
	struct stage *st = *state;

	two_servers(st);
	observe(st, "/3303/0/5700");
	set_float(st, temperature, 1.5);
	expect_notify(st, "1.5");
	set_right(st, 3303, 0, 1, DM_W);
	set_float(st, temperature, 2.5);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_401);
	assert_int_equal(st->m.payload_len, 0);
	assert_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
	set_float(st, temperature, 3.5);
	expect_quiet(st, 1000);
	/* It comes back with a new observation only. */
	set_right(st, 3303, 0, 1, DM_R);
	set_float(st, temperature, 4.5);
	expect_quiet(st, 1000);
	observe(st, "/3303/0/5700");
	set_float(st, temperature, 5.5);
	expect_notify(st, "5.5");
}

/* An observed object is told without what may not be read, and not told of its changes. */
static void test_object_with_a_hidden_instance(void **state)
{
	struct stage *st = *state;
	struct dm *dm;

	two_servers(st);
	dm = client_dm(st->client);
	assert_int_equal(dm_instance_add(dm, 3303, 1), 1);
	set_float(st, PATH_RES(3303, 1, 5700), 7);
	set_right(st, 3303, 1, 1, 0);
	script_advance(&st->sc, 1000);
	expect_request(st, COAP_POST, "/rd/5a3f"); /* an instance more */
	answer(st, COAP_204);
	observe(st, "/3303");
	expect_payload_hex(st, "08000de4164441a40000e3164543656c");
	set_float(st, PATH_RES(3303, 1, 5700), 8);
	expect_quiet(st, 1000);
	set_float(st, temperature, 20.75);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	expect_payload_hex(st, "08000de4164441a60000e3164543656c");
	/* With nothing left to read it is empty, and yet no error. */
	set_right(st, 3303, 0, 1, 0);
	assert_int_equal(ask_for(st, COAP_GET, "/3303"), COAP_205);
	assert_int_equal(st->m.payload_len, 0);
}

/* Another address of a server is no other server: what it owns stays its own. */
static void test_owner_moves_house(void **state)
{
	struct stage *st = *state;
	struct value v;

	two_servers(st);
	set_right(st, 3, 0, 2, DM_R | DM_X);
	st->servers[0].account.uri = "coap://elsewhere";
	assert_int_equal(client_reconfigure(st->client, &st->params), 0);
	assert_int_equal(
		dm_get(client_dm(st->client), &PATH_RES(2, acl_of(st, 3, 0), 3), &v, NULL), 0);
	assert_int_equal(v.u.i, 1);
	assert_int_equal(
		dm_get(client_dm(st->client), &PATH_RI(2, acl_of(st, 3, 0), 2, 2), &v, NULL), 0);
	assert_int_equal(v.u.i, DM_R | DM_X);
	/* A server less is. */
	st->servers[0] = st->servers[1];
	st->params.nservers = 1;
	assert_int_equal(client_reconfigure(st->client, &st->params), 0);
	assert_int_equal(
		dm_get(client_dm(st->client), &PATH_RES(2, acl_of(st, 3, 0), 3), &v, NULL), 0);
	assert_int_equal(v.u.i, 2);
}

static void discover(struct stage *st, const char *uri, const char *want)
{
	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_ACCEPT, CF_LINK);
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, want);
}

/* 1.0-int-951: attributes are each server's own, and its reports go by them. */
static void test_951_attributes(void **state)
{
	struct stage *st = *state;
	uint8_t first;

	two_servers(st);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0/5700?pmin=10&pmax=60"), COAP_204);
	discover(st, "/3303/0/5700", "</3303/0/5700>;pmin=10;pmax=60");
	observe(st, "/3303/0/5700");
	first = st->token;
	stage_play(st, "server2");
	discover(st, "/3303/0/5700", "</3303/0/5700>");
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0?pmax=5"), COAP_204);
	discover(st, "/3303/0/5700", "</3303/0/5700>;pmax=5");
	observe(st, "/3303/0/5700");
	set_float(st, temperature, 1.5);
	expect_notify(st, "1.5"); /* at once: it has no pmin */
	stage_play(st, "server");
	expect_quiet(st, 9000);
	script_advance(&st->sc, 1000);
	st->token = first;
	expect_notify(st, "1.5");
	discover(st, "/3303/0", "</3303/0>,</3303/0/5700>;pmin=10;pmax=60,</3303/0/5701>");
}

/* Depth of a Discover. */
static void test_264_266_depth(void **state)
{
	static const struct {
		const char *uri, *want;
	} rows[] = {
		{ "/3303?depth=0", "</3303>;ver=1.1" },
		{ "/3303?depth=1", "</3303>;ver=1.1,</3303/0>" },
		{ "/3303?depth=2", "</3303>;ver=1.1,</3303/0>,</3303/0/5700>,</3303/0/5701>" },
		{ "/3303/0?depth=0", "</3303/0>" },
		{ "/3303/0?depth=1", "</3303/0>,</3303/0/5700>,</3303/0/5701>" },
		{ "/3/0/11?depth=0", "</3/0/11>;dim=1" },
		{ "/3/0/11?depth=1", "</3/0/11>;dim=1,</3/0/11/0>" },
	};
	static const char *const bad[] = { "/3303?depth=4", "/3303?depth=", "/3303?depth=01",
		"/3303?depth=1&depth=1", "/3303?deep=1" };
	struct stage *st = *state;

	stage_register(st);
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
		discover(st, rows[k].uri, rows[k].want);
	request(st, COAP_GET, "/3?depth=3");
	request_option(st, COAP_OPT_ACCEPT, CF_LINK);
	assert_int_equal(ask(st), COAP_205);
	assert_non_null(memmem(st->m.payload, st->m.payload_len, "</3/0/11/0>", 11));
	for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
		request(st, COAP_GET, bad[k]);
		request_option(st, COAP_OPT_ACCEPT, CF_LINK);
		assert_int_equal(ask(st), COAP_400);
	}
}

/* What is wrong with a body, and where. */
static void test_refusals_say_why(void **state)
{
	static const struct {
		uint8_t method;
		const char *uri, *tlv;
		uint8_t code;
		const char *want;
	} rows[] = {
		{ COAP_PUT, "/1/0/1", "e100000001ff", COAP_400, "" }, /* no TLV at all */
		{ COAP_POST, "/1/0", "c30261626c", COAP_400, "/1/0/2: not an integer" },
		{ COAP_POST, "/1/0", "c10602", COAP_400, "/1/0/6: neither 0 nor 1" },
		{ COAP_POST, "/1/0", "c10201c10000", COAP_405, "/1/0/0: may not be written" },
		{ COAP_POST, "/1/0", "e103e701", COAP_404, "/1/0/999: not defined" },
		{ COAP_POST, "/1/0", "c10201c10202", COAP_400, "" }, /* twice */
		{ COAP_POST, "/4/0", "c10001", COAP_404, "" },
	};
	struct stage *st = *state;

	stage_register(st);
	for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		request(st, rows[k].method, rows[k].uri);
		request_hex(st, CF_TLV, rows[k].tlv);
		assert_int_equal(ask(st), rows[k].code);
		expect_payload(st, rows[k].want);
	}
}

/* --- values that a device is asked for ------------------------------------------------------ */

static int slow_refresh(void *ud, uint16_t ssid, const struct path *p, struct dm_op *op)
{
	struct stage *st = ud;

	assert_int_equal(ssid, 1);
	assert_int_equal(p->id[0], 3304);
	st->op = op;
	return LGW_PENDING;
}

static const struct object_ops asking_ops = { .refresh = slow_refresh };

static void test_read_that_waits(void **state)
{
	struct stage *st = *state;
	struct path p = PATH_RES(3304, 0, 5700);
	struct dm *dm = client_dm(st->client);

	assert_int_equal(dm_object_add(dm, objdefs_find(st->defs, 3304), &asking_ops, st), 0);
	assert_int_equal(dm_instance_add(dm, 3304, 0), 0);
	set_float(st, p, 40);
	stage_register(st);
	request(st, COAP_GET, "/3304/0/5700");
	ask_in_vain(st);
	set_float(st, p, 41.5);
	dm_op_done(st->op, LGW_OK);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_205);
	expect_payload(st, "41.5");
	/* A device that does not answer. */
	request(st, COAP_GET, "/3304/0/5700");
	ask_in_vain(st);
	dm_op_done(st->op, LGW_ETIMEDOUT);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_504);
	/* Nobody is asked for what is not there. */
	assert_int_equal(ask_for(st, COAP_GET, "/3304/0/5999"), COAP_404);
	/* The asker goes before the answer comes. */
	request(st, COAP_GET, "/3304/0/5700");
	ask_in_vain(st);
	client_free(st->client);
	st->client = NULL;
	dm_op_done(st->op, LGW_OK);
}

#define DIALOGUE(fn_) cmocka_unit_test_setup_teardown(fn_, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIALOGUE(test_right_withdrawn),
		DIALOGUE(test_object_with_a_hidden_instance),
		DIALOGUE(test_owner_moves_house),
		DIALOGUE(test_951_attributes),
		DIALOGUE(test_264_266_depth),
		DIALOGUE(test_refusals_say_why),
		DIALOGUE(test_read_that_waits),
	};

	return cmocka_run_group_tests_name("sim/rights", tests, NULL, NULL);
}
