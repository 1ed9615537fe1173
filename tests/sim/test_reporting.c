/* SPDX-License-Identifier: BSD-3-Clause */
/* Information reporting (LwM2M 1.0 §5.5, §5.1.2); test names carry the OMA case they check. */
#include <stdio.h>
#include "stage.h"

static const struct path temperature = { { 3303, 0, 5700 }, 3 };

static struct server_info info(struct stage *st)
{
	struct server_info i;

	assert_true(client_server_info(st->client, 0, &i));
	return i;
}

static void attributes(struct stage *st, const char *uri)
{
	assert_int_equal(ask_for(st, COAP_PUT, uri), COAP_204);
}

/* 1.0-int-301: Observation and Notification, two resources with windows of their own */
static void test_301_windows(void **state)
{
	struct stage *st = *state;
	struct value v = VALUE_INT(3800), a = VALUE_INT(125);
	struct dm *dm = client_dm(st->client);

	assert_int_equal(dm_set(dm, &PATH_RI(3, 0, 7, 0), &v, 0), 0);
	assert_int_equal(dm_set(dm, &PATH_RI(3, 0, 8, 0), &a, 0), 0);
	stage_register(st);
	attributes(st, "/3/0/7?pmin=5&pmax=15");
	attributes(st, "/3/0/8?pmin=10&pmax=20");
	observe(st, "/3/0/7");
	expect_payload_hex(st, "840742000ed8");
	observe(st, "/3/0/8");
	assert_int_equal(info(st).observations, 2);
	assert_int_equal(st->observed, 2);
	/* Without a change: at pmax. */
	expect_quiet(st, 14999);
	script_advance(&st->sc, 1);
	assert_int_equal(script_sent(st->link), 1);
	script_drop_sent(st->link);
	expect_quiet(st, 4999);
	script_advance(&st->sc, 1);
	assert_int_equal(script_sent(st->link), 1);
	script_drop_sent(st->link);
	/* With one: at pmin after the last message. */
	v = VALUE_INT(3700);
	assert_int_equal(dm_set(dm, &PATH_RI(3, 0, 7, 0), &v, 0), 0);
	script_settle(&st->sc); /* 5 s have passed since */
	assert_int_equal(script_sent(st->link), 1);
	script_drop_sent(st->link);
	a = VALUE_INT(130);
	assert_int_equal(dm_set(dm, &PATH_RI(3, 0, 8, 0), &a, 0), 0);
	expect_quiet(st, 9999);
	script_advance(&st->sc, 1);
	assert_int_equal(script_sent(st->link), 1);
	script_drop_sent(st->link);
	assert_int_equal(info(st).notifications, 4);
}

/* 1.0-int-302: Cancel by Reset */
static void test_302_reset(void **state)
{
	struct stage *st = *state;
	struct coap_msg rst;

	stage_register(st);
	observe(st, "/3303/0/5700");
	observe(st, "/3303/0");
	st->token--;
	set_float(st, temperature, 21.5);
	script_settle(&st->sc);
	assert_int_equal(script_sent(st->link), 2);
	while (script_take(st->link, &st->m))
		if (st->m.token[1] == st->token)
			break;
	coap_msg_init(&rst, COAP_RST, COAP_EMPTY);
	rst.mid = st->m.mid;
	script_recv_msg(st->link, &rst);
	script_drop_sent(st->link);
	assert_int_equal(info(st).observations, 1);
	set_float(st, temperature, 22.5);
	script_settle(&st->sc);
	assert_int_equal(script_sent(st->link), 1); /* the other one */
	script_drop_sent(st->link);
}

/* 1.0-int-303: Cancel with Observe = 1 */
static void test_303_cancel(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700");
	request(st, COAP_GET, "/3303/0/5700");
	st->req.token[1] = --st->token;
	request_option(st, COAP_OPT_OBSERVE, 1);
	assert_int_equal(ask(st), COAP_205);
	assert_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
	assert_int_equal(info(st).observations, 0);
	assert_int_equal(st->observed, 0);
	set_float(st, temperature, 21.5);
	expect_quiet(st, 60000);
}

/* Values other than 0 and 1, and a path that is not there, begin nothing. */
static void test_no_observation(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	request(st, COAP_GET, "/3303/0/5700");
	request_option(st, COAP_OPT_OBSERVE, 7);
	assert_int_equal(ask(st), COAP_205);
	assert_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
	request(st, COAP_GET, "/3303/5");
	request_option(st, COAP_OPT_OBSERVE, 0);
	assert_int_equal(ask(st), COAP_404);
	assert_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
	request(st, COAP_GET, "/0/0");
	request_option(st, COAP_OPT_OBSERVE, 0);
	assert_int_equal(ask(st), COAP_401);
	assert_int_equal(info(st).observations, 0);
}

static void acknowledge(struct stage *st)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_ACK, COAP_EMPTY);
	m.mid = st->m.mid;
	script_recv_msg(st->link, &m);
}

/* Without attributes: every change, no repetition of an equal value. */
static void test_every_change(void **state)
{
	struct stage *st = *state;
	uint32_t seq, last = 0;

	stage_register(st);
	observe(st, "/3303/0/5700");
	set_float(st, temperature, 20.5);
	expect_quiet(st, 1000);
	for (int i = 0; i < 50; i++) {
		char text[32];

		snprintf(text, sizeof(text), "%d.25", i);
		set_float(st, temperature, i + 0.25);
		expect_notify(st, text);
		seq = coap_opt_uint(&st->m, COAP_OPT_OBSERVE, 0);
		assert_true(i == 0 || seq > last);
		last = seq;
	}
	expect_quiet(st, 4999);
	script_advance(&st->sc, 1);
	expect_notify(st, "49.25"); /* confirmable: the burst is over */
	acknowledge(st);
	expect_quiet(st, 60000);
}

/* Several values of one batch are one notification of their instance. */
static void test_batch(void **state)
{
	struct stage *st = *state;
	struct value f = VALUE_STR("F");

	stage_register(st);
	observe(st, "/3303/0");
	set_float(st, temperature, 70.5);
	assert_int_equal(dm_set(client_dm(st->client), &PATH_RES(3303, 0, 5701), &f, 0), 0);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	expect_payload_hex(st, "e41644428d0000e1164546");
	expect_quiet(st, 1000);
}

/* Default periods of the account, and their change by the server. */
static void test_default_periods(void **state)
{
	struct stage *st = *state;

	st->servers[0].account.pmin = 10;
	st->servers[0].account.pmax = 60;
	stage_client(st);
	stage_register(st);
	observe(st, "/3303/0/5700");
	set_float(st, temperature, 21.5);
	expect_quiet(st, 9999);
	script_advance(&st->sc, 1);
	expect_notify(st, "21.5");
	expect_quiet(st, 59999);
	script_advance(&st->sc, 1);
	expect_notify(st, "21.5");
	request(st, COAP_PUT, "/1/0/3");
	request_text(st, 0, "20");
	assert_int_equal(ask(st), COAP_204);
	st->token--;
	expect_quiet(st, 19999);
	script_advance(&st->sc, 1);
	expect_notify(st, "21.5");
	/* The observation's own pmax wins, and 0 is none. */
	attributes(st, "/3303/0/5700?pmax=0");
	expect_quiet(st, 300000);
}

/* pmax below pmin is kept and ignored. */
static void test_pmax_below_pmin(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	attributes(st, "/3303/0/5700?pmin=20&pmax=5");
	observe(st, "/3303/0/5700");
	expect_quiet(st, 100000);
	set_float(st, temperature, 1.5);
	expect_notify(st, "1.5");
	set_float(st, temperature, 2.5);
	expect_quiet(st, 19000);
	set_float(st, temperature, 3.5);
	script_advance(&st->sc, 1000);
	expect_notify(st, "3.5");
}

/* gt and lt are crossed in both directions, from the last value. */
static void test_gt_lt(void **state)
{
	static const struct {
		double v;
		const char *notify;
	} t[] = { { 24, NULL }, { 25, NULL }, { 25.5, "25.5" }, { 30, NULL }, { 25, "25" },
		{ 16, NULL }, { 15, NULL }, { 14.5, "14.5" }, { 10, NULL }, { 15, "15" },
		{ 40.5, "40.5" }, { 1.5, "1.5" } };
	struct stage *st = *state;

	stage_register(st);
	attributes(st, "/3303/0/5700?gt=25&lt=15");
	observe(st, "/3303/0/5700");
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		set_float(st, temperature, t[i].v);
		if (t[i].notify)
			expect_notify(st, t[i].notify);
		else
			expect_quiet(st, 1000);
	}
}

/* st counts from the last notified value; a crossing within pmin is told at its end. */
static void test_st(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700"); /* 20.5 */
	attributes(st, "/3303/0/5700?st=0.5");
	st->token--;
	set_float(st, temperature, 20.75);
	expect_quiet(st, 1000);
	set_float(st, temperature, 20.9);
	expect_quiet(st, 1000);
	set_float(st, temperature, 21);
	expect_notify(st, "21");
	set_float(st, temperature, 20.5);
	expect_notify(st, "20.5");
	attributes(st, "/3303/0/5700?pmin=30&st=0.1");
	st->token--;
	script_advance(&st->sc, 10000);
	set_float(st, temperature, 20.6); /* 0.1 and a bit less in binary */
	set_float(st, temperature, 20.5);
	expect_quiet(st, 19000);
	script_advance(&st->sc, 1000);
	expect_notify(st, "20.5");
}

/* Conditions and pmax together: pmax speaks whatever the value does. */
static void test_condition_and_pmax(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	attributes(st, "/3303/0/5700?gt=100&pmax=30");
	observe(st, "/3303/0/5700");
	script_advance(&st->sc, 10000);
	set_float(st, temperature, 50.5);
	expect_quiet(st, 19999);
	script_advance(&st->sc, 1);
	expect_notify(st, "50.5");
}

/* Attributes of the instance hold for its resources; those of a resource not above it. */
static void test_levels(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	attributes(st, "/3303/0/5700?pmin=10&pmax=20");
	observe(st, "/3303/0");
	set_float(st, temperature, 1.5);
	script_settle(&st->sc);
	assert_int_equal(script_sent(st->link), 1);
	script_drop_sent(st->link);
	expect_quiet(st, 60000);
	attributes(st, "/3303?pmax=30");
	script_settle(&st->sc);
	assert_int_equal(script_sent(st->link), 1); /* overdue by now */
	script_drop_sent(st->link);
	expect_quiet(st, 29999);
}

/* An observed instance that goes ends with one 4.04. */
static void test_deleted(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700");
	assert_int_equal(dm_instance_remove(client_dm(st->client), 3303, 0), 0);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_404);
	assert_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
	assert_int_equal(st->m.token[1], st->token);
	assert_int_equal(info(st).observations, 0);
	script_advance(&st->sc, 1000);
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_204);
	expect_quiet(st, 60000);
}

/* The same while a confirmable notification waits for its acknowledgement, and is reset. */
static void test_deleted_in_flight(void **state)
{
	struct stage *st = *state;
	struct coap_msg rst;

	st->servers[0].notify_con = true;
	stage_client(st);
	stage_register(st);
	observe(st, "/3303/0/5700");
	set_float(st, temperature, 1.5);
	expect_notify(st, "1.5");
	assert_int_equal(st->m.type, COAP_CON);
	coap_msg_init(&rst, COAP_RST, COAP_EMPTY);
	rst.mid = st->m.mid;
	assert_int_equal(dm_instance_remove(client_dm(st->client), 3303, 0), 0);
	script_settle(&st->sc);
	assert_int_equal(info(st).observations, 0);
	script_recv_msg(st->link, &rst);
	script_settle(&st->sc);
	script_drop_sent(st->link);
}

/* An observed object: instances that come and go change it. */
static void test_object(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303");
	assert_int_equal(dm_instance_add(client_dm(st->client), 3303, 1), 1);
	script_settle(&st->sc);
	assert_int_equal(script_sent(st->link), 1);
	script_drop_sent(st->link);
	assert_int_equal(dm_instance_remove(client_dm(st->client), 3303, 1), 0);
	script_settle(&st->sc);
	assert_int_equal(script_sent(st->link), 1);
	assert_true(script_take(st->link, &st->m));
	expect_payload_hex(st, "08000de4164441a40000e3164543656c");
}

/* A confirmable notification that nobody acknowledges: the observation is forgotten, so the client
 * registers anew. */
static void test_con_unanswered(void **state)
{
	struct stage *st = *state;

	st->servers[0].notify_con = true;
	stage_client(st);
	stage_register(st);
	observe(st, "/3303/0/5700");
	set_float(st, temperature, 1.5);
	expect_notify(st, "1.5");
	script_advance(&st->sc, 93000);
	assert_int_equal(info(st).observations, 0);
	while (script_take(st->link, &st->m))
		;
	assert_int_equal(st->m.code, COAP_POST);
	assert_int_equal(info(st).state, SERVER_REGISTERING);
}

static void test_con_acknowledged(void **state)
{
	struct stage *st = *state;
	struct coap_msg ack;

	st->servers[0].notify_con = true;
	stage_client(st);
	stage_register(st);
	observe(st, "/3303/0/5700");
	for (int i = 1; i < 4; i++) {
		char text[16];

		snprintf(text, sizeof(text), "%d.5", i);
		set_float(st, temperature, i + 0.5);
		expect_notify(st, text);
		coap_msg_init(&ack, COAP_ACK, COAP_EMPTY);
		ack.mid = st->m.mid;
		script_recv_msg(st->link, &ack);
	}
	expect_quiet(st, 60000);
}

/* A change while the link is away is told when it is back. */
static void test_link_away(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700");
	script_event(st->link, LINK_DOWN, LGW_EIO);
	set_float(st, temperature, 1.5);
	set_float(st, temperature, 2.5);
	expect_quiet(st, 500);
	script_advance(&st->sc, 1000);
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_204);
	expect_notify(st, "2.5");
	expect_quiet(st, 60000);
}

/* Tokens without end: memory stays bounded, further ones are answered without Observe. */
static void test_many(void **state)
{
	struct stage *st = *state;
	unsigned refused = 0;

	st->servers[0].session.observers_max = 16;
	stage_client(st);
	stage_register(st);
	for (unsigned i = 0; i < 64; i++) {
		request(st, COAP_GET, "/3303/0/5700");
		request_option(st, COAP_OPT_OBSERVE, 0);
		assert_int_equal(ask(st), COAP_205);
		refused += !coap_opt_find(&st->m, COAP_OPT_OBSERVE);
	}
	assert_int_equal(refused, 48);
	assert_int_equal(info(st).observations, 16);
	set_float(st, temperature, 1.5);
	script_settle(&st->sc);
	assert_int_equal(script_sent(st->link), 16);
	script_drop_sent(st->link);
}

/* What does not fit a message is told by its first block, the rest is fetched. */
static void test_larger_than_a_block(void **state)
{
	struct stage *st = *state;
	struct path unit = PATH_RES(3303, 0, 5701);
	char text[2000];
	struct value v = { VT_STRING, { .s = { (const uint8_t *)text, sizeof(text) } } };
	size_t n;

	memset(text, 'x', sizeof(text));
	stage_register(st);
	observe(st, "/3303/0/5701");
	assert_int_equal(dm_set(client_dm(st->client), &unit, &v, 0), 0);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.payload_len, 1024);
	assert_non_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
	n = st->m.payload_len;
	request(st, COAP_GET, "/3303/0/5701");
	request_option(st, COAP_OPT_BLOCK2, 0x16);
	assert_int_equal(ask(st), COAP_205);
	assert_int_equal(n + st->m.payload_len, sizeof(text));
	assert_int_equal(info(st).observations, 1);
	v = VALUE_STR("K");
	assert_int_equal(dm_set(client_dm(st->client), &unit, &v, 0), 0);
	st->token--;
	expect_notify(st, "K");
}

/* RFC 7641 §4.5: after a burst of NON notifications the last state goes confirmable, once, until it
 * is acknowledged. */
static void test_burst(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700");
	for (int i = 0; i < 10; i++) {
		set_float(st, temperature, i);
		script_settle(&st->sc);
		assert_true(script_take(st->link, &st->m));
		assert_int_equal(st->m.type, COAP_NON);
		expect_quiet(st, 1000);
	}
	expect_quiet(st, 3999);
	script_advance(&st->sc, 1);
	expect_notify(st, "9"); /* lost: repeated */
	assert_int_equal(st->m.type, COAP_CON);
	script_advance(&st->sc, 3000);
	expect_notify(st, "9");
	acknowledge(st);
	expect_quiet(st, 1000000);
	set_float(st, temperature, 1); /* a single one is not confirmed */
	expect_notify(st, "1");
	assert_int_equal(st->m.type, COAP_NON);
	expect_quiet(st, 1000000);
}

/* The same token again replaces. */
static void test_same_token(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700");
	request(st, COAP_GET, "/3303/0");
	st->req.token[1] = --st->token;
	request_option(st, COAP_OPT_OBSERVE, 0);
	assert_int_equal(ask(st), COAP_205);
	assert_int_equal(info(st).observations, 1);
	assert_int_equal(st->observed, 1);
}

/* Two servers observe the same; each gets its own. */
static void test_two_servers(void **state)
{
	struct stage *st = *state;

	st->params.nservers = 2;
	stage_client(st);
	stage_register(st);
	observe(st, "/3303/0/5700");
	stage_play(st, "server2");
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	observe(st, "/3303/0/5700");
	set_float(st, temperature, 1.5);
	expect_notify(st, "1.5");
	stage_play(st, "server");
	st->token--;
	expect_notify(st, "1.5");
	assert_int_equal(st->observed, 2);
}

#define DIALOGUE(fn_) cmocka_unit_test_setup_teardown(fn_, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIALOGUE(test_301_windows),
		DIALOGUE(test_302_reset),
		DIALOGUE(test_303_cancel),
		DIALOGUE(test_no_observation),
		DIALOGUE(test_every_change),
		DIALOGUE(test_batch),
		DIALOGUE(test_default_periods),
		DIALOGUE(test_pmax_below_pmin),
		DIALOGUE(test_gt_lt),
		DIALOGUE(test_st),
		DIALOGUE(test_condition_and_pmax),
		DIALOGUE(test_levels),
		DIALOGUE(test_deleted),
		DIALOGUE(test_deleted_in_flight),
		DIALOGUE(test_object),
		DIALOGUE(test_con_unanswered),
		DIALOGUE(test_con_acknowledged),
		DIALOGUE(test_link_away),
		DIALOGUE(test_many),
		DIALOGUE(test_larger_than_a_block),
		DIALOGUE(test_burst),
		DIALOGUE(test_same_token),
		DIALOGUE(test_two_servers),
	};

	return cmocka_run_group_tests_name("sim/reporting", tests, NULL, NULL);
}
