/* SPDX-License-Identifier: BSD-3-Clause */
/* Other parameters for a client that runs: what did not change goes on undisturbed. */
#include "stage.h"
#include "types/format.h"

#define LOCATION "/rd/5a3f"

static struct server_info info(struct stage *st, size_t i)
{
	struct server_info out;

	assert_true(client_server_info(st->client, i, &out));
	return out;
}

static void reconfigure(struct stage *st)
{
	assert_int_equal(client_reconfigure(st->client, &st->params), 0);
	script_settle(&st->sc);
}

static void write_lifetime(struct stage *st, const char *text)
{
	request(st, COAP_PUT, "/1/0/1");
	request_text(st, CF_TEXT, text);
	assert_int_equal(ask(st), COAP_204);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	answer(st, COAP_204);
}

/* Nothing changed: what a server wrote stays, nothing is sent, observations go on. */
static void test_nothing(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700");
	write_lifetime(st, "100");
	reconfigure(st);
	assert_int_equal(info(st, 0).lifetime, 100);
	assert_int_equal(info(st, 0).observations, 1);
	expect_quiet(st, 1000);
}

/* The account's configuration changed: it wins over what was written. */
static void test_lifetime(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700");
	write_lifetime(st, "100");
	st->servers[0].account.lifetime = 7200;
	reconfigure(st);
	expect_request(st, COAP_POST, LOCATION "?lt=7200");
	answer(st, COAP_204);
	assert_int_equal(info(st, 0).lifetime, 7200);
	assert_int_equal(info(st, 0).observations, 1);
	script_advance(&st->sc, 1000);
	script_drop_sent(st->link);
	assert_int_equal(info(st, 0).state, SERVER_REGISTERED);
}

/* Another address: De-register here, Register there. */
static void test_uri(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	st->servers[0].account.uri = "coap://elsewhere";
	reconfigure(st);
	expect_request(st, COAP_DELETE, LOCATION);
	answer(st, COAP_202);
	assert_null(script_link(&st->sc, "server"));
	stage_play(st, "elsewhere");
	expect_request(st, COAP_POST, "/rd?ep=urn:test:1&lt=86400&lwm2m=1.0");
	stage_accept(st);
	assert_int_equal(info(st, 0).state, SERVER_REGISTERED);
	assert_string_equal(info(st, 0).uri, "coap://elsewhere");
}

/* A server more, and one less, its attributes and its account with it. */
static void test_more_and_less(void **state)
{
	struct stage *st = *state;
	struct server_info i;

	stage_register(st);
	st->params.nservers = 2;
	reconfigure(st);
	stage_play(st, "server2");
	expect_request(st, COAP_POST, "/rd?ep=urn:test:1&lt=86400&lwm2m=1.0");
	stage_accept(st);
	script_advance(&st->sc, 1000);
	script_drop_sent(st->link);
	st->params.servers = st->servers + 1;
	st->params.nservers = 1;
	stage_play(st, "server");
	script_drop_sent(st->link);
	reconfigure(st);
	while (script_take(st->link, &st->m) && st->m.code != COAP_DELETE)
		;
	assert_int_equal(st->m.code, COAP_DELETE);
	assert_int_equal(info(st, 0).ssid, 2);
	assert_false(client_server_info(st->client, 1, &i));
	script_advance(&st->sc, 10000); /* it does not answer */
	assert_null(script_link(&st->sc, "server"));
	assert_false(dm_exists(client_dm(st->client), &PATH_INST(1, 0)));
	assert_true(dm_exists(client_dm(st->client), &PATH_INST(1, 1)));
}

/* Facts of the device: only what is observed is told. */
static void test_facts(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3/0/3");
	st->params.facts.firmware_version = "2.0";
	reconfigure(st);
	expect_notify(st, "2.0");
	expect_quiet(st, 60000);
}

/* A stop while a server that was configured away still says good-bye. */
static void test_stop_while_retiring(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	st->servers[0].account.uri = "coap://elsewhere";
	reconfigure(st);
	client_stop(st->client, 3000, NULL, NULL);
	script_advance(&st->sc, 3000);
	assert_int_equal(info(st, 0).state, SERVER_STOPPED);
}

#define DIALOGUE(fn_) cmocka_unit_test_setup_teardown(fn_, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIALOGUE(test_nothing),
		DIALOGUE(test_lifetime),
		DIALOGUE(test_uri),
		DIALOGUE(test_more_and_less),
		DIALOGUE(test_facts),
		DIALOGUE(test_stop_while_retiring),
	};

	return cmocka_run_group_tests_name("sim/reconfigure", tests, NULL, NULL);
}
