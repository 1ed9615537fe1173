/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cases of ETSI's CoAP plugtests by their ids, where the whole client plays the server of the case:
 * what its resources answer, and whether nothing happened where nothing may. Those that are about
 * messages alone are in tests/unit/session, those of DTLS in tests/unit/transport.
 */
#include "stage.h"
#include "types/format.h"

static const struct path temperature = { { 3303, 0, 5700 }, 3 };

static void get_text(struct stage *st, const char *uri, const char *text)
{
	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_ACCEPT, CF_TEXT);
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, text);
}

static size_t observations(struct stage *st)
{
	struct server_info i;

	assert_true(client_server_info(st->client, 0, &i));
	return i.observations;
}

/* As many Uri-Path options as a path has segments, each of which counts. */
static void TD_COAP_CORE_13_several_uri_paths(void **state)
{
	static const char *const none[] = { "/3303/0/5700/0", "/3303/5700/0", "/0/3303/5700",
		"/3303/0/5702" };
	struct stage *st = *state;

	stage_register(st);
	get_text(st, "/3303/0/5700", "20.5");
	for (size_t k = 0; k < sizeof(none) / sizeof(none[0]); k++)
		assert_int_not_equal(ask_for(st, COAP_GET, none[k]) >> 5, 2);
}

/* Each Uri-Query option is an attribute: all of them are set. */
static void TD_COAP_CORE_14_several_uri_queries(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0/5700?pmin=10&pmax=60&gt=30"), COAP_204);
	request(st, COAP_GET, "/3303/0/5700");
	request_option(st, COAP_OPT_ACCEPT, CF_LINK);
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, "</3303/0/5700>;pmin=10;pmax=60;gt=30");
}

static void TD_COAP_CORE_20_accept(void **state)
{
	static const uint32_t formats[] = { CF_TEXT, CF_TLV };
	struct stage *st = *state;

	stage_register(st);
	for (size_t k = 0; k < 2; k++) {
		request(st, COAP_GET, "/3303/0/5700");
		request_option(st, COAP_OPT_ACCEPT, formats[k]);
		assert_int_equal(ask(st), COAP_205);
		assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 99), formats[k]);
	}
	request(st, COAP_GET, "/3303/0/5700");
	request_option(st, COAP_OPT_ACCEPT, 41); /* XML */
	assert_int_equal(ask(st), COAP_406);
}

/* No tags are kept for what fits a message: a request with one gets the value, never a wrong 2.03.
 */
static void TD_COAP_CORE_21_etag(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	for (int k = 0; k < 2; k++) {
		request(st, COAP_GET, "/3303/0/5700");
		request_option(st, COAP_OPT_ETAG, 0x1234);
		assert_int_equal(ask(st), COAP_205);
		expect_payload(st, k ? "21.5" : "20.5");
		set_float(st, temperature, 21.5);
	}
}

static void write_if(struct stage *st, uint16_t condition, uint32_t value)
{
	request(st, COAP_PUT, "/1/0/1");
	request_text(st, CF_TEXT, "100");
	request_option(st, condition, value);
	assert_int_equal(ask(st), COAP_402);
	get_text(st, "/1/0/1", "86400");
}

/* Conditions are critical, and none of ours: refused, and nothing is written. */
static void TD_COAP_CORE_22_if_match(void **state)
{
	stage_register(*state);
	write_if(*state, COAP_OPT_IF_MATCH, 0x1234);
	write_if(*state, COAP_OPT_IF_MATCH, 0); /* empty: if there is anything */
}

static void TD_COAP_CORE_23_if_none_match(void **state)
{
	stage_register(*state);
	write_if(*state, COAP_OPT_IF_NONE_MATCH, 0);
}

/* A client of LwM2M lists its resources when it registers, and does not serve this. */
static void TD_COAP_LINK_01_to_09_well_known_core(void **state)
{
	static const char *const uris[] = { "/.well-known/core", "/.well-known/core?rt=Type1",
		"/.well-known/core?rt=*", "/.well-known/core?href=/3*" };
	struct stage *st = *state;

	stage_register(st);
	for (size_t k = 0; k < sizeof(uris) / sizeof(uris[0]); k++)
		assert_int_equal(ask_for(st, COAP_GET, uris[k]), COAP_404);
}

/* Who leaves does it silently, and comes back when nothing fresh was heard for Max-Age: with its
 * old token it is the same observer. What we send is never stale before the next one is due. */
static void TD_COAP_OBS_04_leaving_by_max_age(void **state)
{
	struct stage *st = *state;
	uint32_t before;

	stage_register(st);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0/5700?pmax=300"), COAP_204);
	observe(st, "/3303/0/5700");
	expect_quiet(st, 299999);
	script_advance(&st->sc, 1);
	expect_notify(st, "20.5");
	assert_true(coap_opt_uint(&st->m, COAP_OPT_MAX_AGE, 300) >= 300);
	before = coap_opt_uint(&st->m, COAP_OPT_OBSERVE, 0);
	st->token--;
	observe(st, "/3303/0/5700");
	assert_int_equal(observations(st), 1);
	assert_true(coap_opt_uint(&st->m, COAP_OPT_OBSERVE, 0) > before);
}

/* The format stays that of the first answer, whatever others ask for meanwhile (RFC 7641 §4.2). */
static void TD_COAP_OBS_08_the_content_format_stays(void **state)
{
	struct stage *st = *state;
	uint8_t token;

	stage_register(st);
	observe(st, "/3303/0/5700");
	assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 99), CF_TEXT);
	token = st->token;
	request(st, COAP_GET, "/3303/0/5700");
	request_option(st, COAP_OPT_ACCEPT, CF_TLV);
	assert_int_equal(ask(st), COAP_205);
	assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 99), CF_TLV);
	st->token = token;
	set_float(st, temperature, 21.5);
	expect_notify(st, "21.5");
	assert_int_equal(coap_opt_uint(&st->m, COAP_OPT_CONTENT_FORMAT, 99), CF_TEXT);
}

/* What the server itself writes is told to it like any change. */
static void TD_COAP_OBS_09_a_put_updates_the_observed(void **state)
{
	struct stage *st = *state;
	struct coap_msg changed = { 0 };
	uint8_t token;

	stage_register(st);
	observe(st, "/1/0/6");
	token = st->token;
	request(st, COAP_PUT, "/1/0/6");
	request_text(st, CF_TEXT, "0");
	script_recv_msg(st->link, &st->req);
	script_settle(&st->sc);
	for (int k = 0; k < 2; k++) {
		assert_true(script_take(st->link, &st->m));
		changed.code |= st->m.code == COAP_204;
		if (st->m.code != COAP_205)
			continue;
		expect_payload(st, "0");
		assert_int_equal(st->m.token[1], token);
		assert_non_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
	}
	assert_true(changed.code);
}

static void TD_COAP_OBS_12_observe_1_ends_it(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700");
	request(st, COAP_GET, "/3303/0/5700");
	request_option(st, COAP_OPT_OBSERVE, 1); /* with another token: not ours */
	assert_int_equal(ask(st), COAP_205);
	assert_int_equal(observations(st), 1);
	request(st, COAP_GET, "/3303/0/5700");
	st->req.token[1] = st->token = (uint8_t)(st->token - 2);
	request_option(st, COAP_OPT_OBSERVE, 1);
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, "20.5");
	assert_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
	assert_int_equal(observations(st), 0);
	set_float(st, temperature, 21.5);
	expect_quiet(st, 60000);
}

static void set_unit(struct stage *st, uint32_t len)
{
	static const struct path unit = { { 3303, 0, 5701 }, 3 };
	static uint8_t text[3000];
	struct value v = { VT_STRING, { .s = { text, len } } };

	memset(text, 'x', sizeof(text));
	assert_int_equal(dm_set(client_dm(st->client), &unit, &v, 0), 0);
	script_settle(&st->sc);
}

/* A notification by its first block, the rest fetched; smaller and larger again. */
static void TD_COAP_OBS_13_14_blocks_and_a_change_of_size(void **state)
{
	static const uint32_t sizes[] = { 2000, 3, 3000, 1024 };
	struct stage *st = *state;
	uint8_t token;

	stage_register(st);
	observe(st, "/3303/0/5701");
	token = st->token;
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		size_t have;

		set_unit(st, sizes[k]);
		assert_true(script_take(st->link, &st->m));
		assert_int_equal(st->m.token[1], token);
		assert_non_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
		for (have = st->m.payload_len; have < sizes[k]; have += st->m.payload_len) {
			request(st, COAP_GET, "/3303/0/5701");
			request_option(st, COAP_OPT_BLOCK2, (uint32_t)(have / 1024 << 4 | 6));
			assert_int_equal(ask(st), COAP_205);
			assert_null(coap_opt_find(&st->m, COAP_OPT_OBSERVE));
		}
		assert_int_equal(have, sizes[k]);
		script_advance(&st->sc, 1000);
		script_drop_sent(st->link);
	}
	assert_int_equal(observations(st), 1);
}

#define DIALOGUE(fn_) cmocka_unit_test_setup_teardown(fn_, stage_setup, stage_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		DIALOGUE(TD_COAP_CORE_13_several_uri_paths),
		DIALOGUE(TD_COAP_CORE_14_several_uri_queries),
		DIALOGUE(TD_COAP_CORE_20_accept),
		DIALOGUE(TD_COAP_CORE_21_etag),
		DIALOGUE(TD_COAP_CORE_22_if_match),
		DIALOGUE(TD_COAP_CORE_23_if_none_match),
		DIALOGUE(TD_COAP_LINK_01_to_09_well_known_core),
		DIALOGUE(TD_COAP_OBS_04_leaving_by_max_age),
		DIALOGUE(TD_COAP_OBS_08_the_content_format_stays),
		DIALOGUE(TD_COAP_OBS_09_a_put_updates_the_observed),
		DIALOGUE(TD_COAP_OBS_12_observe_1_ends_it),
		DIALOGUE(TD_COAP_OBS_13_14_blocks_and_a_change_of_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
