/* SPDX-License-Identifier: BSD-3-Clause */
/* Pauses, a Disable's and those after failures, run on while the process is gone. */
#include "stage.h"

#define MINUTE 60000

static int setup(void **state)
{
	struct stage *st;

	stage_setup(state);
	st = *state;
	st->servers[0].account.disable_timeout = 3600;
	stage_store(st);
	return 0;
}

/* Registered, then disabled for an hour. */
static void disable(struct stage *st)
{
	stage_register(st);
	assert_int_equal(ask_for(st, COAP_POST, "/1/0/4"), COAP_204);
	script_advance(&st->sc, 1000);
	expect_request(st, COAP_DELETE, "/rd/5a3f");
	answer(st, COAP_202);
}

static void start(struct stage *st)
{
	assert_int_equal(client_start(st->client), 0);
	script_settle(&st->sc);
	st->link = script_link(&st->sc, "server");
}

static enum server_state state_of(struct stage *st)
{
	struct server_info i;

	assert_true(client_server_info(st->client, 0, &i));
	return i.state;
}

static void quiet(struct stage *st, int64_t ms)
{
	script_advance(&st->sc, ms);
	st->link = script_link(&st->sc, "server");
	assert_true(!st->link || !script_sent(st->link));
}

static void expect_register(struct stage *st)
{
	script_settle(&st->sc);
	stage_play(st, "server");
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_POST);
	stage_accept(st);
	assert_int_equal(state_of(st), SERVER_REGISTERED);
}

static void set_clock(struct stage *st, int64_t by)
{
	st->sc.wall += by;
	script_settle(&st->sc); /* it is looked at once a turn */
}

static void test_disabled(void **state)
{
	struct stage *st = *state;

	disable(st);
	for (int k = 0; k < 5; k++) { /* five minutes with a restart in each of them */
		stage_restart(st, MINUTE);
		start(st);
		assert_int_equal(state_of(st), SERVER_DISABLED);
	}
	quiet(st, 55 * MINUTE - 1000);
	script_advance(&st->sc, 2000);
	expect_register(st);
	/* It is over, also for a next life. */
	stage_restart(st, 1000);
	start(st);
	stage_play(st, "server");
	expect_request(st, COAP_POST, "/rd/5a3f");
}

static void test_over_meanwhile(void **state)
{
	struct stage *st = *state;

	disable(st);
	stage_restart(st, 61 * MINUTE);
	start(st);
	expect_register(st);
}

/* A clock that jumps back does not make it longer than it was asked for; one that jumps ahead ends
 * it. */
static void test_clock(void **state)
{
	struct stage *st = *state;

	disable(st);
	stage_restart(st, MINUTE);
	set_clock(st, -24 * 60 * MINUTE);
	start(st);
	assert_int_equal(state_of(st), SERVER_DISABLED);
	quiet(st, 59 * MINUTE);
	script_advance(&st->sc, MINUTE + 500);
	expect_register(st);
	assert_int_equal(ask_for(st, COAP_POST, "/1/0/4"), COAP_204);
	script_advance(&st->sc, 1000);
	expect_request(st, COAP_DELETE, "/rd/5a3f");
	answer(st, COAP_202);
	stage_restart(st, MINUTE);
	set_clock(st, 60 * MINUTE);
	start(st);
	expect_register(st);
}

/* Another server under this id, or the client gone for good: nothing is known of it. */
static void test_other_server(void **state)
{
	struct stage *st = *state;

	disable(st);
	st->servers[0].account.uri = "coap://other";
	stage_restart(st, MINUTE);
	start(st);
	assert_int_equal(state_of(st), SERVER_REGISTERING);
	st->servers[0].account.uri = "coap://server";
	stage_restart(st, MINUTE);
	client_forget(st->client);
	stage_restart(st, MINUTE);
	start(st);
	assert_int_equal(state_of(st), SERVER_REGISTERING);
}

/* Pauses after failures go on where they were, as long as before. */
static void test_retrying(void **state)
{
	struct stage *st = *state;
	struct server_info i;
	int64_t left;

	st->sc.refuse_open = true;
	start(st);
	for (int k = 0; k < 600 && (!client_server_info(st->client, 0, &i) || !i.retry_wall_ms ||
					   i.retry_wall_ms - timers_wall(st->sc.timers) < 200000);
		k++)
		script_advance(&st->sc, 5000);
	left = i.retry_wall_ms - timers_wall(st->sc.timers);
	assert_true(left >= 200000);
	stage_restart(st, 50000);
	st->sc.refuse_open = false;
	start(st);
	assert_int_equal(state_of(st), SERVER_RETRYING);
	quiet(st, left - 51000);
	script_advance(&st->sc, 2000);
	expect_register(st);
}

/* Who asks for it does not wait. */
static void test_asked_for(void **state)
{
	struct stage *st = *state;

	st->sc.refuse_open = true;
	start(st);
	script_advance(&st->sc, 10 * MINUTE);
	stage_restart(st, 1000);
	st->sc.refuse_open = false;
	start(st);
	assert_int_equal(state_of(st), SERVER_RETRYING);
	assert_int_equal(client_update(st->client, 1), 0);
	expect_register(st);
}

/* A registration goes on, or is over, by the clock as well. */
static void test_registration(void **state)
{
	struct stage *st = *state;

	st->servers[0].account.lifetime = 600;
	stage_client(st);
	stage_register(st);
	stage_restart(st, 9 * MINUTE);
	start(st);
	stage_play(st, "server");
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_204);
	stage_restart(st, 11 * MINUTE);
	start(st);
	expect_register(st);
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, setup, stage_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_disabled),
		TEST(test_over_meanwhile),
		TEST(test_clock),
		TEST(test_other_server),
		TEST(test_retrying),
		TEST(test_asked_for),
		TEST(test_registration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
