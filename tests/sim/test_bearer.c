/* SPDX-License-Identifier: BSD-3-Clause */
/* /1/x/10: the data connection that carries a server's traffic. */
#include "stage.h"
#include "objects/standard.h"
#include "types/format.h"

#define LOCATION "/rd/5a3f"

static int may(void *ud, uint16_t ssid, uint16_t iid)
{
	(void)ud, (void)ssid, (void)iid;
	return LGW_OK;
}

static const struct cellular_backend backend = { .profile_remove = may };

/* Registered, with profile 3 on wwan0. */
static void begin(struct stage *st)
{
	assert_int_equal(object_cellular_add(client_objects(st->client), &backend, st), 0);
	assert_int_equal(dm_instance_add(client_dm(st->client), 11, 3), 3);
	st->interface = "wwan0";
	stage_register(st);
}

static uint8_t put_link(struct stage *st, const char *link)
{
	request(st, COAP_PUT, "/1/0/10");
	request_text(st, CF_TEXT, link);
	return ask(st);
}

static void an_unknown_profile(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(put_link(st, "11:3"), COAP_400); /* there is no object 11 */
	assert_int_equal(object_cellular_add(client_objects(st->client), &backend, st), 0);
	script_advance(&st->sc, 200); /* objects that come together are told together */
	expect_request(st, COAP_POST, LOCATION);
	answer(st, COAP_204);
	assert_int_equal(put_link(st, "11:3"), COAP_400);
	assert_int_equal(put_link(st, "3:0"), COAP_400);
	assert_int_equal(put_link(st, "65535:65535"), COAP_204);
	assert_null(script_interface(st->link));
}

/* The answer leaves over the old way; the server hears from the new address at once. */
static void another_way(void **state)
{
	struct stage *st = *state;

	begin(st);
	assert_int_equal(put_link(st, "11:3"), COAP_204);
	expect_request(st, COAP_POST, LOCATION);
	assert_string_equal(script_interface(st->link), "wwan0");
	answer(st, COAP_204);
	/* The connection comes back on another interface. */
	st->interface = "wwan1";
	client_bearer_changed(st->client, 2);
	expect_quiet(st, 1000);
	client_bearer_changed(st->client, 3);
	expect_request(st, COAP_POST, LOCATION);
	assert_string_equal(script_interface(st->link), "wwan1");
	answer(st, COAP_204);
	assert_int_equal(put_link(st, "65535:65535"), COAP_204);
	expect_request(st, COAP_POST, LOCATION);
	assert_null(script_interface(st->link));
}

/* Nothing goes another way meanwhile; and then at once. */
static void it_is_not_there(void **state)
{
	struct stage *st = *state;

	begin(st);
	assert_int_equal(put_link(st, "11:3"), COAP_204);
	expect_request(st, COAP_POST, LOCATION);
	answer(st, COAP_204);
	st->interface = "";
	client_bearer_changed(st->client, 3);
	expect_quiet(st, 3600000);
	st->interface = "wwan0";
	client_bearer_changed(st->client, 3);
	expect_request(st, COAP_POST, LOCATION);
	answer(st, COAP_204);
	/* Connected, on an interface that nobody knows: whichever. */
	st->interface = NULL;
	client_bearer_changed(st->client, 3);
	expect_request(st, COAP_POST, LOCATION);
	assert_null(script_interface(st->link));
}

/* A server that removes the profile that it is reached by: any way is better than none. */
static void its_profile_goes(void **state)
{
	struct stage *st = *state;

	begin(st);
	assert_int_equal(put_link(st, "11:3"), COAP_204);
	expect_request(st, COAP_POST, LOCATION);
	answer(st, COAP_204);
	assert_int_equal(ask_for(st, COAP_DELETE, "/11/3"), COAP_202);
	assert_false(dm_exists(client_dm(st->client), &PATH_RES(1, 0, 10)));
	expect_request(st, COAP_POST, LOCATION);
	assert_null(script_interface(st->link));
}

int main(void)
{
#define T(f_) cmocka_unit_test_setup_teardown(f_, stage_setup, stage_teardown)
	const struct CMUnitTest tests[] = {
		T(an_unknown_profile),
		T(another_way),
		T(it_is_not_there),
		T(its_profile_goes),
	};

	return cmocka_run_group_tests_name("bearer of a server", tests, NULL, NULL);
}
