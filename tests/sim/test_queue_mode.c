/* SPDX-License-Identifier: BSD-3-Clause */
/* Queue mode (LwM2M 1.0 §8.4; OMA 1.1-int-108, 109): awake for a while after each message. */
#include "stage.h"

#define WINDOW_MS 93000 /* MAX_TRANSMIT_WAIT with the default timers */

static const struct path temperature = { { 3303, 0, 5700 }, 3 };

static bool asleep(struct stage *st)
{
	struct server_info i;

	assert_true(client_server_info(st->client, 0, &i));
	assert_int_equal(i.state, SERVER_REGISTERED);
	return i.asleep;
}

/* Nothing is said, and the client falls asleep after this time, not before. */
static void falls_asleep(struct stage *st, int64_t window_ms)
{
	assert_false(asleep(st));
	expect_quiet(st, window_ms - 1);
	assert_false(asleep(st));
	expect_quiet(st, 1);
	assert_true(asleep(st));
}

static void begin(struct stage *st, const char *binding)
{
	st->servers[0].account.binding = binding;
	st->servers[0].account.storing = false;
	stage_client(st);
	assert_int_equal(client_start(st->client), 0);
	script_settle(&st->sc);
	stage_play(st, "server");
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	script_settle(&st->sc);
}

/* After the registration, an answer, a notification and an Update; the next of them wakes it. */
static void awake_after_each_message(void **state)
{
	struct stage *st = *state;

	begin(st, "UQ");
	falls_asleep(st, WINDOW_MS);
	set_float(st, temperature, 20);
	expect_quiet(st, 100000); /* nobody observes */
	assert_true(asleep(st));
	assert_int_equal(client_update(st->client, 1), 0);
	script_settle(&st->sc);
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_204);
	expect_quiet(st, 50000);
	observe(st, "/3303/0/5700"); /* what the server had kept */
	falls_asleep(st, WINDOW_MS);
	set_float(st, temperature, 21);
	expect_notify(st, "21");
	falls_asleep(st, WINDOW_MS);
}

/* The server that is mistaken about it is answered, and the window begins anew. */
static void heard_while_asleep(void **state)
{
	struct stage *st = *state;

	begin(st, "UQ");
	falls_asleep(st, WINDOW_MS);
	assert_int_equal(ask_for(st, COAP_GET, "/3303/0/5700"), COAP_205);
	falls_asleep(st, WINDOW_MS);
}

/* An Update that is not answered keeps it awake until it is given up. */
static void awake_while_it_waits(void **state)
{
	struct stage *st = *state;
	struct server_info i;

	st->servers[0].awake_ms = 1000;
	begin(st, "UQ");
	falls_asleep(st, 1000);
	assert_int_equal(client_update(st->client, 1), 0);
	script_settle(&st->sc);
	for (int k = 0; k < 30; k++) {
		assert_true(client_server_info(st->client, 0, &i));
		assert_int_equal(i.state, SERVER_UPDATING);
		assert_false(i.asleep);
		script_advance(&st->sc, 1000);
	}
	script_drop_sent(st->link);
}

static void window_by_parameter(void **state)
{
	struct stage *st = *state;

	st->servers[0].session.ack_timeout_ms = 1000;
	st->servers[0].session.max_retransmit = 2;
	begin(st, "UQ");
	falls_asleep(st, 1000 * 7 * 3 / 2);
	st->servers[0].awake_ms = 20000;
	begin(st, "UQ");
	falls_asleep(st, 20000);
}

/* /1/x/7 counts from the Update that told the server. */
static void server_switches_it(void **state)
{
	struct stage *st = *state;

	begin(st, "U");
	expect_quiet(st, WINDOW_MS + 1);
	assert_false(asleep(st));
	request(st, COAP_PUT, "/1/0/7");
	request_text(st, 0, "UQ");
	assert_int_equal(ask(st), COAP_204);
	script_settle(&st->sc);
	expect_request(st, COAP_POST, "/rd/5a3f?b=UQ");
	answer(st, COAP_204);
	falls_asleep(st, WINDOW_MS);
	request(st, COAP_PUT, "/1/0/7");
	request_text(st, 0, "U");
	assert_int_equal(ask(st), COAP_204);
	script_settle(&st->sc);
	expect_request(st, COAP_POST, "/rd/5a3f?b=U");
	answer(st, COAP_204);
	expect_quiet(st, WINDOW_MS + 1);
	assert_false(asleep(st));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(awake_after_each_message),
		T(heard_while_asleep),
		T(awake_while_it_waits),
		T(window_by_parameter),
		T(server_switches_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
