/* SPDX-License-Identifier: BSD-3-Clause */
/* The registration interface (LwM2M 1.0 §5.3); test names carry the OMA case they check. */
#include "stage.h"
#include "types/format.h"

#define REGISTER "/rd?ep=urn:test:1&lt=86400&lwm2m=1.0"
#define LOCATION "/rd/5a3f"
#define OBJECTS  "</1/0>,</3/0>,</3303>;ver=1.1,</3303/0>"
#define LIST     "</>;rt=\"oma.lwm2m\";ct=11543," OBJECTS

static struct server_info info(struct stage *st)
{
	struct server_info i;

	assert_true(client_server_info(st->client, 0, &i));
	return i;
}

/* Until the next attempt. */
static void wait_retry(struct stage *st)
{
	assert_int_equal(info(st).state, SERVER_RETRYING);
	script_advance(&st->sc, info(st).retry_wall_ms - timers_wall(st->sc.timers));
}

/* The exchange that was just begun finds no answer. */
static void no_answer(struct stage *st)
{
	script_advance(&st->sc, 45000);
	/* Steps shorter than the shortest pause before the next attempt. */
	for (int i = 0; i < 490 && info(st).state != SERVER_RETRYING; i++)
		script_advance(&st->sc, 100);
	script_drop_sent(st->link);
	assert_int_equal(info(st).last_error, LGW_ETIMEDOUT);
}

static void start(struct stage *st)
{
	assert_int_equal(client_start(st->client), 0);
	stage_play(st, "server");
}

/* 1.0-int-101: Initial Registration */
static void test_101_register(void **state)
{
	struct stage *st = *state;
	struct server_info i;

	start(st);
	expect_request(st, COAP_POST, REGISTER);
	assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 0), CF_LINK);
	expect_payload(st, LIST);
	assert_int_equal(info(st).state, SERVER_REGISTERING);
	assert_int_equal(clients_registered(st->env.clients), 0);
	stage_accept(st);
	i = info(st);
	assert_int_equal(i.state, SERVER_REGISTERED);
	assert_string_equal(i.location, LOCATION);
	assert_int_equal(i.lifetime, 86400);
	assert_int_equal(i.last_error, 0);
	assert_true(i.registered_wall_ms > 0);
	assert_int_equal(clients_registered(st->env.clients), 1);
	expect_quiet(st, 60000);
}

static void test_101_version_1_1(void **state)
{
	struct stage *st = *state;

	st->servers[0].version = LWM2M_1_1;
	st->servers[0].account.binding = "UQ";
	stage_client(st);
	start(st);
	expect_request(st, COAP_POST, "/rd?ep=urn:test:1&lt=86400&lwm2m=1.1&b=U&Q");
	expect_payload(st, "</>;rt=\"oma.lwm2m\";ct=\"0 42 60 110 112 11542 11543\"," OBJECTS);
}

/* A name is not percent-encoded: it is an option of its own (CR-002). */
static void test_endpoint_as_it_is(void **state)
{
	struct stage *st = *state;

	st->params.endpoint = "a&b=c%20d/\xc3\xa9";
	st->servers[0].account.binding = "UQ";
	stage_client(st);
	start(st);
	expect_request(st, COAP_POST, "/rd?ep=a&b=c%20d/\xc3\xa9&lt=86400&lwm2m=1.0&b=UQ");
}

/* 1.0-int-102: Registration Update; by a write of the lifetime, then before it ends */
static void test_102_update(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	request(st, COAP_PUT, "/1/0/1");
	request_text(st, CF_TEXT, "20");
	assert_int_equal(ask(st), COAP_204);
	expect_request(st, COAP_POST, LOCATION "?lt=20");
	assert_int_equal(st->m.payload_len, 0);
	answer(st, COAP_204);
	assert_int_equal(info(st).lifetime, 20);
	expect_quiet(st, 9000);
	script_advance(&st->sc, 2000);
	expect_request(st, COAP_POST, LOCATION);
	assert_int_equal(st->m.payload_len, 0);
	assert_null(coap_opt_find(&st->m, COAP_OPT_CONTENT_FORMAT));
	answer(st, COAP_204);
	assert_int_equal(info(st).state, SERVER_REGISTERED);
}

/* 1.0-int-103: Deregistration, here by Disable: silence for /1/x/5 seconds, then Register */
static void test_103_disable(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700");
	assert_int_equal(ask_for(st, COAP_POST, "/1/0/4"), COAP_204);
	expect_quiet(st, 999); /* so that the De-register does not overtake the answer */
	script_advance(&st->sc, 1);
	expect_request(st, COAP_DELETE, LOCATION);
	request(st, COAP_GET, "/3/0/0");
	ask_in_vain(st);
	answer(st, COAP_202);
	assert_false(script_is_open(st->link));
	assert_int_equal(info(st).state, SERVER_DISABLED);
	assert_int_equal(st->observed, 0);
	set_float(st, PATH_RES(3303, 0, 5700), 1.0);
	expect_quiet(st, 59000);
	script_advance(&st->sc, 1000);
	expect_request(st, COAP_POST, REGISTER);
}

/* A Disable whose De-register is never answered begins all the same. */
static void test_disable_silent_server(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(ask_for(st, COAP_POST, "/1/0/4"), COAP_204);
	script_advance(&st->sc, 12000);
	script_drop_sent(st->link);
	assert_int_equal(info(st).state, SERVER_DISABLED);
	expect_quiet(st, 40000);
	script_advance(&st->sc, 10000);
	expect_request(st, COAP_POST, REGISTER);
}

/* 1.0-int-104: Registration Update Trigger */
static void test_104_trigger(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(ask_for(st, COAP_POST, "/1/0/8"), COAP_204);
	expect_request(st, COAP_POST, LOCATION);
	assert_int_equal(st->m.payload_len, 0);
	answer(st, COAP_204);
	expect_quiet(st, 60000);
}

/* 1.1-int-105: Discarded Register Update */
static void test_105_forgotten(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700");
	assert_int_equal(client_update(st->client, 1), 0);
	expect_request(st, COAP_POST, LOCATION);
	answer(st, COAP_404);
	expect_request(st, COAP_POST, REGISTER);
	expect_payload(st, LIST);
	assert_int_equal(st->observed, 0);
	assert_int_equal(clients_registered(st->env.clients), 0);
	stage_accept(st);
	assert_int_equal(clients_registered(st->env.clients), 1);
}

/* 1.1-int-107: Extending the lifetime */
static void test_107_lifetime(void **state)
{
	struct stage *st = *state;

	st->servers[0].account.lifetime = 60;
	stage_client(st);
	stage_register(st);
	request(st, COAP_PUT, "/1/0/1");
	request_text(st, CF_TEXT, "120");
	assert_int_equal(ask(st), COAP_204);
	expect_request(st, COAP_POST, LOCATION "?lt=120");
	answer(st, COAP_204);
	expect_quiet(st, 55000);
	script_advance(&st->sc, 6000);
	expect_request(st, COAP_POST, LOCATION);
}

/* The same lifetime again is no change. */
static void test_same_lifetime(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	request(st, COAP_PUT, "/1/0/1");
	request_text(st, CF_TEXT, "86400");
	assert_int_equal(ask(st), COAP_204);
	expect_quiet(st, 60000);
}

/* Lifetimes of 0 and 1 cause no storm. */
static void test_tiny_lifetime(void **state)
{
	struct stage *st = *state;
	unsigned n = 0;

	st->servers[0].account.lifetime = 1;
	stage_client(st);
	start(st);
	for (int i = 0; i < 600; i++) {
		while (script_take(st->link, &st->m)) {
			n++;
			assert_int_equal(st->m.code, COAP_POST);
			stage_accept(st);
		}
		script_advance(&st->sc, 100);
	}
	assert_in_range(n, 2, 13); /* in a minute */
}

/* Objects and instances that come together are told in one Update, all of them. */
static void test_list_coalesced(void **state)
{
	struct stage *st = *state;
	struct dm *dm = client_dm(st->client);

	stage_register(st);
	assert_int_equal(dm_instance_add(dm, 3303, 1), 1);
	assert_int_equal(dm_instance_add(dm, 3303, 2), 2);
	expect_quiet(st, 100);
	assert_int_equal(dm_instance_remove(dm, 3303, 1), 0);
	script_advance(&st->sc, 100);
	expect_request(st, COAP_POST, LOCATION);
	expect_payload(st, LIST ",</3303/2>");
	answer(st, COAP_204);
	expect_quiet(st, 60000);
}

/* What changes while a request is under way follows it. */
static void test_change_during_register(void **state)
{
	struct stage *st = *state;

	start(st);
	expect_request(st, COAP_POST, REGISTER);
	assert_int_equal(dm_instance_add(client_dm(st->client), 3303, 7), 7);
	stage_accept(st);
	expect_request(st, COAP_POST, LOCATION);
	expect_payload(st, LIST ",</3303/7>");
}

/* All segments and queries of the location, byte for byte. */
static void test_TD_COAP_CORE_18_19_location(void **state)
{
	struct stage *st = *state;
	struct coap_msg a;

	start(st);
	expect_request(st, COAP_POST, REGISTER);
	script_answer_init(&a, &st->m, COAP_201);
	coap_add(&a, COAP_OPT_LOCATION_PATH, "r\0d/", 4);
	coap_add(&a, COAP_OPT_LOCATION_PATH, "", 0);
	coap_add(&a, COAP_OPT_LOCATION_PATH, "%20", 3);
	coap_add(&a, COAP_OPT_LOCATION_QUERY, "k=v", 3);
	script_recv_msg(st->link, &a);
	script_settle(&st->sc);
	assert_string_equal(info(st).location, "/r?d///%20?k=v");
	client_update(st->client, 0);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.nopts, 4);
	assert_int_equal(st->m.opts[0].len, 4);
	assert_memory_equal(st->m.opts[0].val, "r\0d/", 4);
	assert_int_equal(st->m.opts[1].len, 0);
	assert_memory_equal(st->m.opts[2].val, "%20", 3);
	assert_int_equal(st->m.opts[3].num, COAP_OPT_URI_QUERY);
	assert_memory_equal(st->m.opts[3].val, "k=v", 3);
}

/* Only 2.01 registers, and only with a location. */
static void test_not_registered(void **state)
{
	static const uint8_t codes[] = { COAP_204, COAP_205, COAP_201, COAP_400, COAP_403, COAP_412,
		COAP_500, COAP_503 };
	struct stage *st = *state;

	start(st);
	for (size_t i = 0; i < sizeof(codes); i++) {
		expect_request(st, COAP_POST, REGISTER);
		answer(st, codes[i]); /* the 2.01 has no location */
		assert_int_equal(info(st).state, SERVER_RETRYING);
		assert_int_equal(info(st).last_error, codes[i] << 8);
		assert_int_equal(clients_registered(st->env.clients), 0);
		expect_quiet(st, (int64_t)(700 << i));
		wait_retry(st);
	}
}

/* Pauses double from 1 s to 300 s, each within 20 %. */
static void test_retry_timer(void **state)
{
	struct stage *st = *state;
	int64_t pause = 1000;

	start(st);
	for (int i = 0; i < 14; i++) {
		int64_t left;

		expect_request(st, COAP_POST, REGISTER);
		answer(st, COAP_403);
		left = info(st).retry_wall_ms - timers_wall(st->sc.timers);
		assert_in_range(left, pause * 8 / 10, pause * 12 / 10);
		script_advance(&st->sc, left);
		pause = pause * 2 > 300000 ? 300000 : pause * 2;
	}
}

/* Who asks for an Update while one finds no answer does not wait for a long pause after it. */
static void test_update_wanted(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	client_update(st->client, 1);
	for (int k = 0; k < 6; k++) {
		expect_request(st, COAP_POST, LOCATION);
		no_answer(st);
		if (k < 5)
			wait_retry(st);
	}
	assert_in_range(info(st).retry_wall_ms - timers_wall(st->sc.timers), 20000, 40000);
	client_update(st->client, 1); /* in the pause: at once */
	expect_request(st, COAP_POST, LOCATION);
	client_update(st->client, 1);
	no_answer(st);
	assert_in_range(info(st).retry_wall_ms - timers_wall(st->sc.timers), 1, 1200);
}

/* A server that is not there: no answer to the Register at all, then it comes back. */
static void test_silent_server(void **state)
{
	struct stage *st = *state;

	start(st);
	expect_request(st, COAP_POST, REGISTER);
	no_answer(st);
	wait_retry(st);
	expect_request(st, COAP_POST, REGISTER);
	stage_accept(st);
	assert_int_equal(info(st).state, SERVER_REGISTERED);
}

/* The network cannot be reached: no busy loop, recovery by itself. */
static void test_no_link(void **state)
{
	struct stage *st = *state;

	st->sc.refuse_open = true;
	start(st);
	expect_quiet(st, 600000);
	assert_int_equal(info(st).state, SERVER_RETRYING);
	assert_int_equal(info(st).last_error, LGW_EUNAVAIL);
	st->sc.refuse_open = false;
	wait_retry(st);
	expect_request(st, COAP_POST, REGISTER);
	stage_accept(st);
	assert_int_equal(info(st).state, SERVER_REGISTERED);
}

/* An Update that is lost is tried again; once the lifetime has passed only a Register helps. */
static void test_update_lost(void **state)
{
	struct stage *st = *state;

	st->servers[0].account.lifetime = 300;
	stage_client(st);
	stage_register(st);
	script_advance(&st->sc, 207000);
	expect_request(st, COAP_POST, LOCATION);
	for (int i = 0; i < 5 && info(st).location; i++) {
		no_answer(st);
		wait_retry(st);
		script_settle(&st->sc);
	}
	expect_request(st, COAP_POST, "/rd?ep=urn:test:1&lt=300&lwm2m=1.0");
}

static void test_update_refused(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	client_update(st->client, 1);
	expect_request(st, COAP_POST, LOCATION);
	answer(st, COAP_500);
	assert_int_equal(info(st).state, SERVER_RETRYING);
	assert_int_equal(clients_registered(st->env.clients), 0);    /* as the state says */
	assert_int_equal(ask_for(st, COAP_GET, "/3/0/0"), COAP_205); /* yet it is served */
	script_advance(&st->sc, 1200);
	expect_request(st, COAP_POST, LOCATION);
	assert_int_equal(clients_registered(st->env.clients), 1);
	answer(st, COAP_400);
	script_advance(&st->sc, 2400);
	expect_request(st, COAP_POST, REGISTER);
}

/* RFC 9175: the request again with the Echo value, once. */
static void test_echo(void **state)
{
	struct stage *st = *state;
	struct coap_msg a;
	const struct coap_opt *o;

	start(st);
	for (int i = 0; i < 2; i++) {
		expect_request(st, COAP_POST, REGISTER);
		expect_payload(st, LIST);
		script_answer_init(&a, &st->m, COAP_401);
		coap_add(&a, COAP_OPT_ECHO, "freshness", 9);
		script_recv_msg(st->link, &a);
		if (i == 0) {
			script_settle(&st->sc);
			assert_int_equal(script_sent(st->link), 1);
		}
	}
	o = coap_opt_find(&st->m, COAP_OPT_ECHO);
	assert_non_null(o);
	assert_memory_equal(o->val, "freshness", 9);
	assert_int_equal(info(st).state, SERVER_RETRYING);
	assert_int_equal(info(st).last_error, COAP_401 << 8);
	script_advance(&st->sc, 1200);
	expect_request(st, COAP_POST, REGISTER);
	assert_null(coap_opt_find(&st->m, COAP_OPT_ECHO));
}

/* Nothing is served before the Register is acknowledged. */
static void test_ignored_before_ack(void **state)
{
	struct stage *st = *state;

	start(st);
	expect_request(st, COAP_POST, REGISTER);
	request(st, COAP_GET, "/3/0/0");
	ask_in_vain(st);
	stage_accept(st);
}

/* A device that was rebooted: a Register, though the registration stands (1.0-int-241). */
static void test_241_renew(void **state)
{
	struct stage *st = *state;

	client_renew(st->client); /* not started: nothing to renew */
	stage_register(st);
	observe(st, "/3303/0/5700");
	client_renew(st->client);
	script_advance(&st->sc, 10);
	expect_request(st, COAP_POST, REGISTER);
	expect_payload(st, LIST);
	set_float(st, PATH_RES(3303, 0, 5700), 30); /* nobody observes any more */
	stage_accept(st);
	expect_quiet(st, 60000);
	assert_int_equal(info(st).observations, 0);
	assert_int_equal(info(st).state, SERVER_REGISTERED);
}

/* The link is lost while registered: an Update tells the server where we are now. */
static void test_link_lost(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	script_event(st->link, LINK_DOWN, LGW_EIO);
	script_advance(&st->sc, 1200);
	expect_request(st, COAP_POST, LOCATION);
	answer(st, COAP_204);
	assert_int_equal(info(st).state, SERVER_REGISTERED);
}

#define DIALOGUE(fn_) cmocka_unit_test_setup_teardown(fn_, stage_setup, stage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIALOGUE(test_101_register),
		DIALOGUE(test_101_version_1_1),
		DIALOGUE(test_endpoint_as_it_is),
		DIALOGUE(test_102_update),
		DIALOGUE(test_103_disable),
		DIALOGUE(test_disable_silent_server),
		DIALOGUE(test_104_trigger),
		DIALOGUE(test_105_forgotten),
		DIALOGUE(test_107_lifetime),
		DIALOGUE(test_same_lifetime),
		DIALOGUE(test_tiny_lifetime),
		DIALOGUE(test_list_coalesced),
		DIALOGUE(test_change_during_register),
		DIALOGUE(test_TD_COAP_CORE_18_19_location),
		DIALOGUE(test_not_registered),
		DIALOGUE(test_retry_timer),
		DIALOGUE(test_update_wanted),
		DIALOGUE(test_silent_server),
		DIALOGUE(test_no_link),
		DIALOGUE(test_update_lost),
		DIALOGUE(test_update_refused),
		DIALOGUE(test_echo),
		DIALOGUE(test_ignored_before_ack),
		DIALOGUE(test_241_renew),
		DIALOGUE(test_link_lost),
	};

	return cmocka_run_group_tests_name("sim/registration", tests, NULL, NULL);
}
