/* SPDX-License-Identifier: BSD-3-Clause */
/* Begin and end of clients: stop, free inside of hooks, paced starts, parameters refused. */
#include "stage.h"

#define REGISTER "/rd?ep=urn:test:1&lt=86400&lwm2m=1.0"
#define LOCATION "/rd/5a3f"

static struct server_info info(struct stage *st)
{
	struct server_info i;

	assert_true(client_server_info(st->client, 0, &i));
	return i;
}

static void start(struct stage *st)
{
	assert_int_equal(client_start(st->client), 0);
	stage_play(st, "server");
}

/* --- the end ------------------------------------------------------------------------------- */

static void stopped(void *ud)
{
	struct stage *st = ud;

	st->stopped++;
}

static void stopped_free(void *ud)
{
	struct stage *st = ud;

	st->stopped++;
	client_free(st->client);
	st->client = NULL;
}

static void test_stop(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	client_stop(st->client, 10000, stopped, st);
	assert_int_equal(st->stopped, 0);
	expect_request(st, COAP_DELETE, LOCATION);
	request(st, COAP_GET, "/3/0/0");
	ask_in_vain(st);
	answer(st, COAP_202);
	assert_int_equal(st->stopped, 1);
	assert_int_equal(info(st).state, SERVER_STOPPED);
	assert_int_equal(clients_registered(st->env.clients), 0);
	assert_int_equal(client_start(st->client), 0);
	expect_request(st, COAP_POST, REGISTER);
}

static void test_stop_keep(void **state)
{
	struct stage *st = *state;

	st->servers[0].deregister_on_stop = false;
	stage_client(st);
	stage_register(st);
	client_stop(st->client, 10000, stopped_free, st);
	assert_non_null(st->client);
	script_settle(&st->sc);
	assert_int_equal(st->stopped, 1);
	assert_null(st->client);
}

static void test_stop_dead_server(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	client_stop(st->client, 5000, stopped_free, st);
	script_advance(&st->sc, 4999);
	assert_int_equal(st->stopped, 0);
	script_advance(&st->sc, 1);
	assert_int_equal(st->stopped, 1);
}

static void test_stop_while_registering(void **state)
{
	struct stage *st = *state;

	start(st);
	expect_request(st, COAP_POST, REGISTER);
	client_stop(st->client, 5000, stopped, st);
	script_settle(&st->sc);
	assert_int_equal(st->stopped, 1);
	expect_quiet(st, 600000);
}

/* The owner frees the client when it hears of a state, whichever it is. */
static void test_free_in_hook(void **state)
{
	struct stage *st = *state;

	for (int when = 0; when < 4; when++) {
		stage_client(st);
		st->free_in_hook = when == 0;
		start(st);
		script_settle(&st->sc);
		if (when == 0) {
			assert_null(st->client);
			continue;
		}
		st->free_in_hook = when == 1;
		expect_request(st, COAP_POST, REGISTER);
		stage_accept(st);
		if (when == 1) {
			assert_null(st->client);
			continue;
		}
		st->free_in_hook = true;
		if (when == 2)
			script_event(st->link, LINK_DOWN, LGW_EIO);
		else
			assert_int_equal(ask_for(st, COAP_POST, "/1/0/4"), COAP_204);
		script_advance(&st->sc, 1000);
		assert_null(st->client);
	}
	st->free_in_hook = false;
}

/* --- several ------------------------------------------------------------------------------- */

/* At most max_concurrent at a time; a dead server gives its place up after a while. */
static void test_paced(void **state)
{
	struct stage *st = *state;
	struct scripted_link *l[3];
	size_t sent = 0;

	st->params.nservers = 3;
	st->env.max_concurrent = 2;
	stage_client(st);
	assert_int_equal(client_start(st->client), 0);
	script_settle(&st->sc);
	l[0] = script_link(&st->sc, "server");
	l[1] = script_link(&st->sc, "server2");
	l[2] = script_link(&st->sc, "server3");
	for (int i = 0; i < 3; i++)
		sent += script_sent(l[i]);
	assert_int_equal(sent, 2);
	assert_int_equal(script_sent(l[2]), 0);
	st->link = l[0];
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	assert_int_equal(script_sent(l[2]), 1);
}

static void test_place_given_up(void **state)
{
	struct stage *st = *state;

	st->params.nservers = 2;
	st->env.max_concurrent = 1;
	stage_client(st);
	assert_int_equal(client_start(st->client), 0);
	stage_play(st, "server2");
	expect_quiet(st, 4999);
	script_advance(&st->sc, 1);
	assert_int_equal(script_sent(st->link), 1);
}

static void test_parameters_refused(void **state)
{
	struct stage *st = *state;
	char name[254];
	int err;

	memset(name, 'x', sizeof(name) - 1);
	name[253] = '\0';
	st->params.endpoint = name;
	assert_null(client_new(&st->env, &st->params, NULL, NULL, &err));
	assert_int_equal(err, LGW_EINVAL);
	st->params.endpoint = "";
	assert_null(client_new(&st->env, &st->params, NULL, NULL, &err));
	assert_int_equal(err, LGW_EINVAL);
	st->params.endpoint = "urn:test:1";
	assert_null(client_new(&st->env, &st->params, NULL, NULL, &err));
	assert_int_equal(err, LGW_EEXIST);
	st->params.endpoint = "urn:test:2";
	st->params.nservers = 2;
	st->servers[1].account.ssid = 1;
	assert_null(client_new(&st->env, &st->params, NULL, NULL, &err));
	assert_int_equal(err, LGW_EEXIST);
	assert_int_equal(clients_count(st->env.clients), 1);
}

#define DIALOGUE(fn_) cmocka_unit_test_setup_teardown(fn_, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIALOGUE(test_stop),
		DIALOGUE(test_stop_keep),
		DIALOGUE(test_stop_dead_server),
		DIALOGUE(test_stop_while_registering),
		DIALOGUE(test_free_in_hook),
		DIALOGUE(test_paced),
		DIALOGUE(test_place_given_up),
		DIALOGUE(test_parameters_refused),
	};

	return cmocka_run_group_tests_name("sim/lifecycle", tests, NULL, NULL);
}
