/* SPDX-License-Identifier: BSD-3-Clause */
/* After a restart devices are there again with their last values, before they speak. */
#include <stdio.h>
#include <string.h>
#include "gateway/remember.h"
#include "gateway/state.h"
#include "house.h"
#include "store/store.h"
#include "util/err.h"
#include "util/str.h"

#define T1 1700001060000 /* a minute after the clock of the script begins */

static int set_up(void **state)
{
	house_set_up(state);
	((struct house *)*state)->begun = true;
	((struct house *)*state)->b.params.nservers = 1;
	((struct house *)*state)->servers[0].version = LWM2M_1_1;
	return 0;
}

static void done(void *ud, int status)
{
	(void)ud;
	(void)status;
}

static void expect(struct house *h, const char *endpoint, const struct path *p, double want)
{
	struct dm *dm = house_dm(h, endpoint);
	struct value v;

	assert_non_null(dm);
	assert_int_equal(dm_get(dm, p, &v, NULL), LGW_OK);
	assert_true((v.type == VT_BOOL ? v.u.b : v.u.f) == want);
}

#define T(inst_, rid_) (&PATH_RES(3303, inst_, rid_))

static void expect_text(struct house *h, const char *endpoint, const struct path *p, const char *s)
{
	struct value v;

	assert_int_equal(dm_get(house_dm(h, endpoint), p, &v, NULL), LGW_OK);
	assert_int_equal(v.u.s.len, strlen(s));
	assert_memory_equal(v.u.s.p, s, strlen(s));
}

static struct device *find(struct house *h, const char *endpoint)
{
	return gateway_find(h->b.gateway, endpoint);
}

/* A graceful end keeps all: values, their times, extremes, names of keys, facts. */
static void test_end(void **state)
{
	const struct lgw_device_info info = { .model = "M1", .firmware_version = "2" };
	struct house *h = *state;
	int64_t time, last;

	house_report(h, "box", "t", 30);
	house_report(h, "box", "t", 10);
	house_report_at(h, "box", "t", 20, T1, 0);
	house_report(h, "box", "p1", 5);
	house_report(h, "box", "power", 1);
	house_report(h, "other", "u", 7);
	gateway_device_info(h->b.source, "box", &info);
	last = device_last_reading(find(h, "box"));
	for (int k = 0; k < 3; k++) {
		house_stop(h, 1000);
		expect(h, "box", T(0, 5700), 20);
		expect(h, "box", T(0, 5601), 10);
		expect(h, "box", T(0, 5602), 30);
		expect_text(h, "box", T(0, 5750), "t");
		assert_int_equal(
			dm_get(house_dm(h, "box"), T(0, 5700), &(struct value){ 0 }, &time),
			LGW_OK);
		assert_int_equal(time, T1);
		expect(h, "box", &PATH_RES(3305, 0, 5800), 5);
		expect(h, "box", &PATH_RES(3311, 0, 5850), 1);
		expect_text(h, "box", &PATH_RES(3, 0, 1), "M1");
		expect_text(h, "box", &PATH_RES(3, 0, 3), "2");
		expect(h, "other", T(1, 5700), 7);
		assert_in_range(device_last_reading(find(h, "box")), last, T1);
		assert_int_equal(gateway_count(h->b.gateway), 2);
	}
	assert_int_equal(gateway_counters(h->b.gateway)->readings, 0);
}

/* After a crash: the first value of each key at least, later ones when they had been kept. */
static void test_crash(void **state)
{
	struct house *h = *state;

	house_report(h, "box", "t", 1);
	house_report(h, "box", "t", 2);
	house_restart(h, 1000);
	expect(h, "box", T(0, 5700), 1);
	house_report(h, "box", "u", 3);
	house_restart(h, 1000);
	expect(h, "box", T(1, 5700), 3);
	house_report(h, "box", "t", 4);
	script_advance(&h->b.sc, REMEMBER_MS + 1000);
	house_report(h, "box", "u", 5);
	house_restart(h, 1000);
	expect(h, "box", T(0, 5700), 4);
	expect(h, "box", T(1, 5700), 3);
}

/* It speaks before its source is said to be ready: what it does not say is there all the same. */
static void test_speaks_first(void **state)
{
	struct house *h = *state;

	house_report(h, "box", "t", 1);
	house_report(h, "box", "u", 2);
	h->begun = false;
	house_restart(h, 1000);
	assert_null(find(h, "box"));
	house_report(h, "box", "u", 3);
	expect(h, "box", T(0, 5700), 1);
	expect(h, "box", T(1, 5700), 3);
	gateway_source_ready(h->b.source);
	assert_int_equal(gateway_count(h->b.gateway), 1);
	expect(h, "box", T(1, 5700), 3);
}

/* What is older than what is known, or says the same again, is no news. */
static void test_stale(void **state)
{
	struct house *h = *state;

	house_report_at(h, "box", "t", 20, T1, 0);
	house_report_at(h, "box", "p1", 4, T1, 0);
	house_restart(h, 1000);
	house_report_at(h, "box", "t", 10, T1 - 1, 0);
	house_report_at(h, "box", "t", 20, 0, LGW_READING_RETAINED);
	house_report_at(h, "box", "p1", 3, T1 - 1, 0);
	assert_int_equal(gateway_counters(h->b.gateway)->stale, 3);
	expect(h, "box", T(0, 5700), 20);
	house_report_at(h, "box", "t", 11, T1 + 1, 0);
	house_report_at(h, "box", "p2", 5, T1 - 2, 0); /* another key */
	expect(h, "box", T(0, 5700), 11);
	expect(h, "box", &PATH_RES(3305, 0, 5800), 5);
}

/* A command goes to the key that the device has, of those that feed the resource. */
static void test_command(void **state)
{
	struct house *h = *state;

	house_report(h, "box", "on", 0);
	house_restart(h, 1000);
	assert_int_equal(device_write(find(h, "box"), &PATH_RES(3311, 0, 5850), &VALUE_BOOL(true),
				 done, NULL),
		LGW_PENDING);
	assert_string_equal(h->key, "on");
}

static void gone(struct house *h, int64_t ms)
{
	house_restart(h, ms);
	assert_null(find(h, "box"));
	assert_int_equal(gateway_count(h->b.gateway), 0);
}

/* Those that nobody has any more are not there again. */
static void test_gone(void **state)
{
	struct house *h = *state;

	house_report(h, "box", "t", 1);
	gone(h, h->b.params.remember_ms + 1000); /* silent for long */
	house_report(h, "box", "t", 1);
	h->unknown = "fake"; /* its source has it no more */
	gone(h, 1000);
	h->unknown = NULL;
	gone(h, 1000); /* forgotten */
	house_report(h, "box", "t", 1);
	assert_int_equal(device_forget(find(h, "box")), LGW_OK);
	script_advance(&h->b.sc, 20000);
	gone(h, 1000);
	h->b.params.remember_ms = 0;
	house_report(h, "box", "t", 1);
	gone(h, 1000);
}

/* None of its values has a place in the map that is configured now. */
static void test_map(void **state)
{
	static struct map_entry entries[] = {
		{ .key = (char *)"x", .path = (char *)"3303/1/5700", .scale = 1 },
	};
	static struct map_conf other = { .name = (char *)"standard", .entries = { entries, 1 } };
	struct lgw_list maps = { &other, 1 };
	struct house *h = *state;

	house_report(h, "box", "t", 1);
	house_report(h, "other", "t", 1);
	house_report(h, "other", "u", 2);
	h->b.params.maps = maps;
	house_restart(h, 1000);
	assert_null(find(h, "box"));
	expect(h, "other", T(1, 5700), 2);
	assert_false(dm_exists(house_dm(h, "other"), &PATH_INST(3303, 0)));
}

/* Endpoint names are made otherwise now: each device is there once. */
static void test_renamed(void **state)
{
	struct house *h = *state;

	house_report(h, "box", "t", 1);
	for (int k = 0; k < 3; k++) {
		h->b.params.endpoint = (char *)(k & 1 ? "{device}" : "x-{device}");
		house_restart(h, 1000);
		assert_int_equal(gateway_count(h->b.gateway), 1);
		expect(h, k & 1 ? "box" : "x-box", T(0, 5700), 1);
	}
}

/* They were there before there was a limit of so many. */
static void test_many(void **state)
{
	struct house *h = *state;
	char name[16];

	for (int k = 0; k < 8; k++) {
		snprintf(name, sizeof(name), "box%d", k);
		house_report(h, name, "t", k);
	}
	h->b.params.max_devices = 4;
	house_restart(h, 1000);
	assert_int_equal(gateway_count(h->b.gateway), 8);
	house_report(h, "new", "t", 1);
	assert_null(find(h, "new"));
}

/* The store begins a new file in the place of a damaged one. */
static void test_lost(void **state)
{
	struct house *h = *state;

	house_report(h, "box", "t", 1);
	house_report(h, "box", "t", 2);
	remember_forget(h->b.env.store, "box");
	gateway_note_again(h->b.gateway);
	house_restart(h, 1000);
	expect(h, "box", T(0, 5700), 2);
	expect_text(h, "box", T(0, 5750), "t");
}

/* --- what waits for a server -------------------------------------------------------------------
 */

static uint64_t waiting(struct house *h)
{
	struct store_status s;

	store_status(h->b.env.store, &s);
	return s.records;
}

static void registered(struct house *h)
{
	struct coap_msg m;

	script_advance(&h->b.sc, 500);
	assert_int_equal(house_take(h, &m), COAP_POST);
	house_answer(h, &m, COAP_201);
}

static void observed(struct house *h)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_CON, COAP_GET);
	m.mid = 1;
	coap_add_uint(&m, COAP_OPT_OBSERVE, 0);
	coap_add_str(&m, COAP_OPT_URI_PATH, "3303");
	coap_add_uint(&m, COAP_OPT_ACCEPT, 110); /* SenML JSON: each with its time */
	script_recv_msg(script_link(&h->b.sc, "one"), &m);
	assert_int_equal(house_take(h, &m), COAP_205);
}

/* The newest of what waits is the device's last value, though it had not been kept; nothing is
 * appended by that. */
static void test_waiting(void **state)
{
	struct house *h = *state;
	int64_t time;
	uint64_t n;

	h->servers[0].deregister_on_stop = false;
	house_restart(h, 0);
	house_report(h, "box", "t", 1);
	house_report(h, "box", "u", 2);
	registered(h);
	observed(h);
	script_drop_sent(script_link(&h->b.sc, "one"));
	for (int k = 0; k < 2; k++) { /* numbers of readings go on where all was delivered */
		house_report_at(h, "box", "t", 10 + k, T1 + k, 0);
		house_report_at(h, "box", "u", 20 + k, T1 + k, 0);
		house_report_at(h, "box", "u", 30 + k, T1 + 10 + k, 0);
		n = waiting(h);
		assert_true(n >= 3); /* with their extremes */
		house_restart(h, 1000);
		assert_int_equal(waiting(h), n);
		expect(h, "box", T(0, 5700), 10 + k);
		expect(h, "box", T(1, 5700), 30 + k);
		assert_int_equal(
			dm_get(house_dm(h, "box"), T(1, 5700), &(struct value){ 0 }, &time),
			LGW_OK);
		assert_int_equal(time, T1 + 10 + k);
		store_drop(h->b.env.store, NULL);
		house_restart(h, 1000);
		assert_int_equal(waiting(h), 0);
		expect(h, "box", T(0, 5700), 10 + k); /* kept by then */
	}
}

/* It goes out though the device says nothing any more, to the observation of before. */
static void test_silent(void **state)
{
	struct house *h = *state;
	struct coap_msg m;

	h->servers[0].deregister_on_stop = false;
	house_restart(h, 0);
	house_report(h, "box", "t", 1);
	registered(h);
	observed(h);
	house_report(h, "box", "t", 2);
	assert_int_equal(waiting(h), 2); /* with 5602 */
	house_restart(h, 1000);
	assert_int_equal(waiting(h), 2);
	script_advance(&h->b.sc, 500);
	assert_int_equal(house_take(h, &m), COAP_POST); /* an Update: the port may be another one */
	house_answer(h, &m, COAP_204);
	assert_int_equal(house_take(h, &m), COAP_205);
	assert_int_equal(m.type, COAP_CON);
	assert_non_null(coap_opt_find(&m, COAP_OPT_OBSERVE));
}

/* What waits counts from when the value of its own key was kept, whatever else was kept later. */
static void test_other_key(void **state)
{
	struct house *h = *state;

	h->servers[0].deregister_on_stop = false;
	house_restart(h, 0);
	house_report(h, "box", "t", 1);
	registered(h);
	observed(h);
	house_report(h, "box", "t", 2);
	house_report(h, "box", "p1", 5); /* its first one is kept at once */
	house_restart(h, 1000);
	expect(h, "box", T(0, 5700), 2);
	expect(h, "box", &PATH_RES(3305, 0, 5800), 5);
}

/* Facts of an earlier life are no news for who observes them. */
static void test_observed_facts(void **state)
{
	const struct lgw_device_info info = { .model = "M1", .firmware_version = "2" };
	struct house *h = *state;
	struct coap_msg m;

	h->servers[0].deregister_on_stop = false;
	house_restart(h, 0);
	house_report(h, "box", "t", 1);
	gateway_device_info(h->b.source, "box", &info);
	registered(h);
	coap_msg_init(&m, COAP_CON, COAP_GET);
	m.mid = 1;
	coap_add_uint(&m, COAP_OPT_OBSERVE, 0);
	coap_add_str(&m, COAP_OPT_URI_PATH, "3");
	coap_add_uint(&m, COAP_OPT_ACCEPT, 110);
	script_recv_msg(script_link(&h->b.sc, "one"), &m);
	assert_int_equal(house_take(h, &m), COAP_205);
	assert_int_equal(waiting(h), 0);
	house_restart(h, 1000);
	expect_text(h, "box", &PATH_RES(3, 0, 1), "M1");
	assert_int_equal(waiting(h), 0);
}

/* It speaks all the time, which is noted seldom. */
static void test_seen(void **state)
{
	struct house *h = *state;

	h->b.params.remember_ms = 3600000;
	house_restart(h, 0);
	for (int k = 0; k < 12; k++) {
		house_report(h, "box", "t", k);
		script_advance(&h->b.sc, 1200000);
	}
	house_restart(h, 1000);
	expect(h, "box", T(0, 5700), 11);
	assert_true(device_last_reading(find(h, "box")) > T1);
}

/* It spoke before the clock was set. */
static void test_clock(void **state)
{
	struct house *h = *state;
	int64_t offset = h->b.sc.wall;

	h->b.sc.wall = 0;
	house_restart(h, 0);
	house_report(h, "box", "t", 1);
	h->b.sc.wall = offset;
	house_restart(h, 1000);
	expect(h, "box", T(0, 5700), 1);
	house_report_at(h, "box", "t", 2, h->b.sc.now + offset - 500, 0);
	expect(h, "box", T(0, 5700), 2);
}

/* The clock was ahead: readings with times of their own are no old ones. */
static void test_ahead(void **state)
{
	struct house *h = *state;
	int64_t offset = h->b.sc.wall;

	h->b.sc.wall += 40000000000;
	house_restart(h, 0);
	house_report(h, "box", "t", 1);
	h->b.sc.wall = offset;
	house_restart(h, 1000);
	expect(h, "box", T(0, 5700), 1);
	house_report_at(h, "box", "t", 2, T1 + 1, 0);
	expect(h, "box", T(0, 5700), 2);
}

/* It has another endpoint name now, and spoke under it before its source was ready. */
static void test_renamed_early(void **state)
{
	struct house *h = *state;

	house_report(h, "box", "t", 1);
	h->begun = false;
	h->b.params.endpoint = (char *)"x-{device}";
	house_restart(h, 1000);
	house_report(h, "box", "u", 2);
	gateway_source_ready(h->b.source);
	assert_int_equal(gateway_count(h->b.gateway), 1);
	assert_int_equal(gateway_counters(h->b.gateway)->devices_refused, 0);
	h->begun = true;
	house_restart(h, 1000);
	assert_int_equal(gateway_count(h->b.gateway), 1);
	expect(h, "x-box", T(1, 5700), 2);
}

/* The maps are read again before it speaks. */
static void test_reload(void **state)
{
	struct house *h = *state;

	house_report(h, "box", "t", 1);
	house_report(h, "box", "p1", 5);
	house_restart(h, 1000);
	assert_int_equal(gateway_reload(h->b.gateway, &h->b.params), LGW_OK);
	expect(h, "box", T(0, 5700), 1);
	house_report(h, "box", "p1", 6);
	script_advance(&h->b.sc, REMEMBER_MS + 1000);
	assert_int_equal(gateway_reload(h->b.gateway, &h->b.params), LGW_OK);
	house_restart(h, 1000);
	expect(h, "box", T(0, 5700), 1);
	expect(h, "box", &PATH_RES(3305, 0, 5800), 6);
}

/* Its plugin goes and comes in one life. */
static void test_source(void **state)
{
	struct house *h = *state;

	house_report(h, "box", "t", 1);
	house_report(h, "box", "u", 2);
	house_restart(h, 1000);
	gateway_source_remove(h->b.source);
	script_advance(&h->b.sc, 20000);
	assert_int_equal(gateway_count(h->b.gateway), 0);
	h->b.source = gateway_source_add(h->b.gateway, "fake", h->ops, h);
	gateway_source_ready(h->b.source);
	house_report(h, "box", "t", 3);
	expect(h, "box", T(0, 5700), 3);
	house_restart(h, 1000);
	expect(h, "box", T(0, 5700), 3);
	expect(h, "box", T(1, 5700), 2);
}

/* It is forgotten, or reset by a server, while values of it are still to be kept. */
static void test_forgotten(void **state)
{
	struct house *h = *state;

	for (int k = 0; k < 2; k++) {
		house_report(h, "box", "t", 1);
		house_report(h, "box", "t", 2);
		if (k)
			device_reset(find(h, "box"));
		else
			assert_int_equal(device_forget(find(h, "box")), LGW_OK);
		script_advance(&h->b.sc, REMEMBER_MS + 1000);
		house_report(h, "box", "u", 5);
		assert_false(dm_exists(house_dm(h, "box"), &PATH_INST(3303, 0)));
		house_restart(h, 1000);
		expect(h, "box", T(1, 5700), 5);
		assert_false(dm_exists(house_dm(h, "box"), &PATH_INST(3303, 0)));
	}
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, set_up, house_tear_down)
	const struct CMUnitTest tests[] = { TEST(test_end), TEST(test_crash),
		TEST(test_speaks_first), TEST(test_stale), TEST(test_command), TEST(test_gone),
		TEST(test_map), TEST(test_renamed), TEST(test_many), TEST(test_lost),
		TEST(test_waiting), TEST(test_silent), TEST(test_other_key),
		TEST(test_observed_facts), TEST(test_seen), TEST(test_clock), TEST(test_ahead),
		TEST(test_renamed_early), TEST(test_reload), TEST(test_source),
		TEST(test_forgotten) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
