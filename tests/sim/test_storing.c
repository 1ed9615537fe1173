/* SPDX-License-Identifier: BSD-3-Clause */
/* Notification Storing When Disabled or Offline (LwM2M 1.0 E.2): nothing of what is wanted is lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include "stage.h"
#include "store/store.h"

#define SENML_JSON 110
#define T0         1700000000000

static const struct path temperature = { { 3303, 0, 5700 }, 3 };

static int setup(void **state)
{
	struct store_params p = store_params_default;
	struct stage *st;
	char text[64];

	stage_setup(state);
	st = *state;
	p.owner_records = 100;
	assert_int_equal(
		store_new(&p, NULL, st->sc.timers, NULL, NULL, &st->env.store, text, sizeof(text)),
		0);
	st->env.orphan_ttl_ms = 7 * 86400000ll;
	st->servers[0].account.storing = true;
	st->servers[0].version = LWM2M_1_1;
	stage_client(st);
	return 0;
}

static int teardown(void **state)
{
	struct stage *st = *state;
	struct store *store = st->env.store;

	client_free(st->client);
	st->client = NULL;
	store_free(store);
	st->env.store = NULL;
	return stage_teardown(state);
}

static void reading(struct stage *st, double v, int64_t t)
{
	struct value f = VALUE_FLOAT(v);

	assert_int_equal(dm_set(client_dm(st->client), &temperature, &f, T0 + t), 0);
	script_settle(&st->sc);
}

static uint64_t waiting(struct stage *st)
{
	struct store_status s;

	store_status(st->env.store, &s);
	return s.records;
}

static void observe_senml(struct stage *st)
{
	request(st, COAP_GET, "/3303/0/5700");
	request_option(st, COAP_OPT_OBSERVE, 0);
	request_option(st, COAP_OPT_ACCEPT, SENML_JSON);
	assert_int_equal(ask(st), COAP_205);
}

static void acknowledge(struct stage *st)
{
	struct coap_msg ack;

	assert_int_equal(st->m.type, COAP_CON);
	coap_msg_init(&ack, COAP_ACK, COAP_EMPTY);
	ack.mid = st->m.mid;
	script_recv_msg(st->link, &ack);
	script_settle(&st->sc);
}

/* The next notification, confirmable, with these readings: "v@t v@t". */
static void expect_history(struct stage *st, const char *want)
{
	char got[1024] = "", body[1200];
	const char *at = body;

	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_205);
	assert_int_equal(st->m.type, COAP_CON);
	snprintf(body, sizeof(body), "%.*s", (int)st->m.payload_len, (const char *)st->m.payload);
	while ((at = strstr(at, "{\""))) {
		const char *v = strstr(at, "\"v\":"), *t = strstr(at, "\"t\":");
		const char *bt = strstr(at, "\"bt\":");
		double time = (t ? strtod(t + 4, NULL) : 0) + (bt ? strtod(bt + 5, NULL) : 0);

		assert_non_null(v);
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%g@%g", *got ? " " : "",
			strtod(v + 4, NULL), (time - T0 / 1000) * 1000 + 0.0);
		at = strchr(at, '}');
	}
	assert_string_equal(got, want);
}

/* While the server answers each reading goes out confirmable and is forgotten when acknowledged. */
static void test_acknowledged(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe_senml(st);
	reading(st, 20, 0);
	assert_int_equal(waiting(st), 1);
	expect_history(st, "20@0");
	/* What comes meanwhile waits for its turn, then goes out together. */
	reading(st, 21, 1500);
	reading(st, 22, 2001);
	expect_quiet(st, 0);
	acknowledge(st);
	assert_int_equal(waiting(st), 2);
	expect_history(st, "21@1500 22@2001");
	acknowledge(st);
	assert_int_equal(waiting(st), 0);
	expect_quiet(st, 60000);
}

/* A reading from before the one that is there: it goes out with its time, and replaces nothing. */
static void test_late(void **state)
{
	struct stage *st = *state;
	struct value v;

	stage_register(st);
	client_late(st->client, &temperature, &VALUE_FLOAT(18), T0 - 9000); /* nobody observes */
	assert_int_equal(waiting(st), 0);
	observe_senml(st);
	reading(st, 20, 0);
	expect_history(st, "20@0");
	client_late(st->client, &temperature, &VALUE_FLOAT(19), T0 - 5000);
	acknowledge(st);
	expect_history(st, "19@-5000");
	acknowledge(st);
	assert_int_equal(waiting(st), 0);
	assert_int_equal(dm_get(client_dm(st->client), &temperature, &v, NULL), 0);
	assert_true(v.u.f > 19.9);
	/* A step is one from a value to the next. */
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0/5700?st=0.5"), COAP_204);
	client_late(st->client, &temperature, &VALUE_FLOAT(12), T0 - 4000);
	assert_int_equal(waiting(st), 0);
	expect_quiet(st, 60000);
}

/* A format without times, or only the newest value: what is late has no place. */
static void test_late_without_times(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe(st, "/3303/0/5700"); /* TLV */
	client_late(st->client, &temperature, &VALUE_FLOAT(19), T0 - 5000);
	assert_int_equal(waiting(st), 0);
	expect_quiet(st, 60000);
}

/* epmin is about one value: of an instance each reading counts, since another value's would stand
 * for it. */
static void test_epmin_above(void **state)
{
	const struct path least = PATH_RES(3303, 0, 5601);
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(dm_set(client_dm(st->client), &least, &VALUE_FLOAT(19), T0), 0);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0?epmin=10"), COAP_204);
	request(st, COAP_GET, "/3303/0");
	request_option(st, COAP_OPT_OBSERVE, 0);
	request_option(st, COAP_OPT_ACCEPT, SENML_JSON);
	assert_int_equal(ask(st), COAP_205);
	script_advance(&st->sc, 20000);
	reading(st, 20, 0);
	expect_history(st, "20@0");
	script_advance(&st->sc, 1000);
	assert_int_equal(dm_set(client_dm(st->client), &least, &VALUE_FLOAT(18), T0 + 1000), 0);
	acknowledge(st);
	expect_history(st, "18@1000");
	acknowledge(st);
	expect_quiet(st, 60000);
}

static void test_server_gone(void **state)
{
	struct stage *st = *state;
	char want[1024] = "";

	stage_register(st);
	observe_senml(st);
	for (int k = 0; k < 30; k++) {
		reading(st, 20 + k, k * 1000);
		script_advance(&st->sc, 30000);
		script_drop_sent(st->link); /* repeated, then Updates in vain */
	}
	assert_int_equal(waiting(st), 30);
	/* The server is back, and answers the next Update. */
	for (int k = 0; k < 1000 && !script_sent(st->link); k++)
		script_advance(&st->sc, 1000);
	expect_request(st, COAP_POST, "/rd/5a3f");
	expect_quiet(st, 0); /* nothing before it is answered */
	answer(st, COAP_204);
	for (int k = 0; k < 1000 && waiting(st); k++) {
		script_settle(&st->sc);
		assert_true(script_take(st->link, &st->m));
		for (const char *v = (const char *)st->m.payload, *end = v + st->m.payload_len;
			v && v < end;) {
			v = memmem(v, (size_t)(end - v), "\"v\":", 4);
			if (!v)
				break;
			snprintf(want + strlen(want), sizeof(want) - strlen(want), "%d ",
				(int)strtod(v + 4, NULL));
			v++;
		}
		acknowledge(st);
	}
	assert_string_equal(want, "20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 "
				  "41 42 43 44 45 46 47 48 49 ");
	expect_quiet(st, 0);
}

/* The server has lost all: Register, and the readings wait for its next Observe. */
static void test_server_without_memory(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe_senml(st);
	reading(st, 20, 0);
	expect_history(st, "20@0");
	acknowledge(st);
	reading(st, 21, 1000);
	script_advance(&st->sc, 100000);
	script_drop_sent(st->link);
	for (int k = 0; k < 1000 && !script_sent(st->link); k++)
		script_advance(&st->sc, 1000);
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_404);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_POST);
	stage_accept(st);
	reading(st, 22, 2000);
	expect_quiet(st, 60000);
	assert_int_equal(waiting(st), 2);
	observe_senml(st);
	expect_history(st, "21@1000 22@2000");
	acknowledge(st);
	assert_int_equal(waiting(st), 0);
}

/* A new life of the client over the same store, and a server that does not know it any more. */
static void test_restart(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe_senml(st);
	reading(st, 20, 0);
	expect_history(st, "20@0");
	client_free(st->client);
	st->client = NULL;
	stage_client(st);
	reading(st, 21, 1000); /* before it is registered */
	assert_int_equal(client_start(st->client), 0);
	stage_play(st, "server");
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_404);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_POST);
	stage_accept(st);
	expect_quiet(st, 60000);
	observe_senml(st);
	expect_history(st, "20@0 20.5@1e+06 21@1000"); /* 20.5 is how it comes to be */
	acknowledge(st);
	assert_int_equal(waiting(st), 0);
}

/* A new life within the lifetime: an Update, and the observation goes on. */
static void test_resumed(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe_senml(st);
	reading(st, 20, 0);
	expect_history(st, "20@0");
	client_free(st->client);
	st->client = NULL;
	stage_client(st);
	assert_int_equal(client_start(st->client), 0);
	stage_play(st, "server");
	reading(st, 21, 1000);
	expect_request(st, COAP_POST, "/rd/5a3f");
	expect_quiet(st, 0);
	answer(st, COAP_204);
	expect_history(st, "20@0 20.5@1e+06 21@1000");
	acknowledge(st);
	assert_int_equal(waiting(st), 0);
	reading(st, 22, 2000);
	expect_history(st, "22@2000");
	acknowledge(st);
	/* Another one, in which the server has forgotten us. */
	client_free(st->client);
	st->client = NULL;
	stage_client(st);
	assert_int_equal(client_start(st->client), 0);
	stage_play(st, "server");
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_404);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_POST);
	stage_accept(st);
	reading(st, 23, 3000);
	expect_quiet(st, 0);
	observe_senml(st);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
}

static void test_cancel_and_ttl(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe_senml(st);
	reading(st, 20, 0);
	expect_history(st, "20@0");
	request(st, COAP_GET, "/3303/0/5700");
	request_option(st, COAP_OPT_OBSERVE, 1);
	st->req.token[1] = 2;
	assert_int_equal(ask(st), COAP_205);
	/* Another token: not canceled. */
	assert_int_equal(waiting(st), 1);
	client_forget(st->client);
	assert_int_equal(waiting(st), 0);
	reading(st, 21, 1000);
	assert_int_equal(waiting(st), 0);
}

/* /1/x/6 = false: what waits is dropped, and only the current state is told. */
static void test_switched_off(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	observe_senml(st);
	reading(st, 20, 0);
	expect_history(st, "20@0");
	reading(st, 21, 1000);
	request(st, COAP_PUT, "/1/0/6");
	request_text(st, 0, "0");
	assert_int_equal(ask(st), COAP_204);
	assert_int_equal(waiting(st), 0);
	reading(st, 22, 2000);
	assert_int_equal(waiting(st), 0);
	request(st, COAP_PUT, "/1/0/6");
	request_text(st, 0, "1");
	script_drop_sent(st->link);
	assert_int_equal(ask(st), COAP_204);
	reading(st, 23, 3000);
	assert_int_equal(waiting(st), 1);
}

/* What was kept is not told to a server that may not read it any more, now or later. */
static void test_right_withdrawn(void **state)
{
	struct stage *st = *state;
	struct dm *dm;
	struct value oid, iid, none = VALUE_INT(DM_W), all = VALUE_INT(DM_R);
	struct path acl = PATH_RI(2, 0, 2, 1);
	int32_t y = -1;

	st->servers[1].account.storing = true;
	st->params.nservers = 2;
	stage_client(st);
	dm = client_dm(st->client);
	stage_register(st);
	stage_play(st, "server2");
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	stage_play(st, "server");
	while (dm_next(dm, &PATH_OBJ(2), &y)) {
		assert_int_equal(dm_get(dm, &PATH_RES(2, y, 0), &oid, NULL), 0);
		assert_int_equal(dm_get(dm, &PATH_RES(2, y, 1), &iid, NULL), 0);
		if (oid.u.i == 3303 && iid.u.i == 0)
			acl.id[1] = (uint16_t)y;
	}
	observe_senml(st);
	reading(st, 20, 0);
	expect_history(st, "20@0");
	reading(st, 21, 1000);
	assert_int_equal(dm_set(dm, &acl, &none, 0), 0);
	reading(st, 22, 2000);
	acknowledge(st);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_int_equal(st->m.code, COAP_401);
	assert_int_equal(st->m.payload_len, 0);
	assert_int_equal(waiting(st), 0);
	assert_int_equal(dm_set(dm, &acl, &all, 0), 0);
	observe_senml(st);
	expect_quiet(st, 1000);
	reading(st, 23, 3000);
	expect_history(st, "23@3000");
}

/* A format without times: the newest stands for all. */
static void test_latest(void **state)
{
	struct stage *st = *state;

	st->servers[0].history = HISTORY_LATEST;
	stage_client(st);
	stage_register(st);
	observe_senml(st);
	reading(st, 20, 0);
	assert_true(script_take(st->link, &st->m));
	reading(st, 21, 1000);
	reading(st, 22, 2000);
	assert_int_equal(waiting(st), 1);
	acknowledge(st);
	assert_int_equal(waiting(st), 1);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	assert_non_null(memmem(st->m.payload, st->m.payload_len, "22", 2));
	acknowledge(st);
	assert_int_equal(waiting(st), 0);
	expect_quiet(st, 1000);
}

/* What is never observed is never stored; beyond the limit the oldest go. */
/* What is not observed any more stays wanted for a time, which a step of the clock does not end. */
static void test_ttl(void **state)
{
	struct stage *st = *state;
	struct coap_msg reset;

	stage_register(st);
	observe_senml(st);
	reading(st, 20, 0);
	expect_history(st, "20@0");
	coap_msg_init(&reset, COAP_RST, COAP_EMPTY);
	reset.mid = st->m.mid;
	script_recv_msg(st->link, &reset);
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_204);
	st->sc.wall += 30 * 86400000ll;
	reading(st, 21, 1000);
	assert_int_equal(waiting(st), 2);
	script_advance(&st->sc, 6 * 86400000ll);
	reading(st, 22, 2000);
	assert_int_equal(waiting(st), 3);
	script_advance(&st->sc, 2 * 86400000ll);
	script_drop_sent(st->link);
	reading(st, 23, 3000);
	assert_int_equal(waiting(st), 0);
}

static void test_limits(void **state)
{
	struct stage *st = *state;

	for (int k = 0; k < 10; k++)
		reading(st, k, k);
	assert_int_equal(waiting(st), 0);
	stage_register(st);
	observe_senml(st);
	for (int k = 0; k < 500; k++)
		reading(st, 100 + k, k);
	script_drop_sent(st->link);
	assert_true(waiting(st) <= 100);
	assert_true(waiting(st) > 30);
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_acknowledged),
		TEST(test_late),
		TEST(test_late_without_times),
		TEST(test_epmin_above),
		TEST(test_server_gone),
		TEST(test_server_without_memory),
		TEST(test_restart),
		TEST(test_resumed),
		TEST(test_cancel_and_ttl),
		TEST(test_switched_off),
		TEST(test_right_withdrawn),
		TEST(test_latest),
		TEST(test_limits),
		TEST(test_ttl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
