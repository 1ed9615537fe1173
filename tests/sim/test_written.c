/* SPDX-License-Identifier: BSD-3-Clause */
/* What servers wrote outlives the client, until it is configured otherwise. */
#include <stdio.h>
#include <sqlite3.h>
#include "loop/loop.h"
#include "objects/standard.h"
#include "stage.h"
#include "store/store.h"
#include "types/format.h"
#include "until.h"
#include "util/mem.h"
#include "written.h"

static const struct path temperature = PATH_RES(3303, 0, 5700);

static void expect_links(struct stage *st, const char *uri, const char *text)
{
	request(st, COAP_GET, uri);
	request_option(st, COAP_OPT_ACCEPT, CF_LINK);
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, text);
}

static void test_attributes(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303?pmax=600"), COAP_204);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0?pmin=7"), COAP_204);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0/5700?gt=30&st=2.5"), COAP_204);
	assert_int_equal(ask_for(st, COAP_PUT, "/3/0?pmin=3"), COAP_204);
	assert_int_equal(ask_for(st, COAP_PUT, "/3/0?pmin"), COAP_204);
	observe(st, "/3303/0/5700");
	restart(st);
	go_on(st, "/rd/5a3f");
	expect_links(st, "/3303/0/5700", "</3303/0/5700>;pmin=7;pmax=600;gt=30;st=2.5");
	expect_links(st, "/3/0/0", "</3/0/0>");
	/* The observation goes on with them. */
	set_float(st, temperature, 21); /* the first one, since nobody knows what was told last */
	script_advance(&st->sc, 10000);
	assert_true(script_take(st->link, &st->m));
	expect_payload(st, "21");
	set_float(st, temperature, 22);
	expect_quiet(st, 20000);
	set_float(st, temperature, 31);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	expect_payload(st, "31");
	/* They go with what they are about, and with their server. */
	assert_int_equal(dm_instance_remove(client_dm(st->client), 3303, 0), 0);
	restart(st);
	go_on(st, "/rd/5a3f");
	script_drop_sent(st->link);
	expect_links(st, "/3303/0/5700", "</3303/0/5700>;pmax=600");
	st->servers[0].account.uri = "coap://elsewhere";
	restart(st);
	assert_int_equal(client_start(st->client), 0);
	stage_play(st, "elsewhere");
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	expect_links(st, "/3303/0/5700", "</3303/0/5700>");
}

static void test_account(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(put_text(st, "/1/0/1", "3000"), COAP_204);
	expect_quiet(st, 0); /* the answer leaves first */
	script_advance(&st->sc, 100);
	expect_request(st, COAP_POST, "/rd/5a3f?lt=3000");
	answer(st, COAP_204);
	assert_int_equal(put_text(st, "/1/0/2", "4"), COAP_204);
	assert_int_equal(put_text(st, "/1/0/6", "1"), COAP_204);
	assert_int_equal(put_text(st, "/1/0/7", "UQ"), COAP_204);
	script_advance(&st->sc, 100);
	expect_request(st, COAP_POST, "/rd/5a3f?b=UQ");
	answer(st, COAP_204);
	restart(st);
	go_on(st, "/rd/5a3f");
	expect_text(st, "/1/0/1", "3000");
	expect_text(st, "/1/0/2", "4");
	expect_text(st, "/1/0/6", "1");
	expect_text(st, "/1/0/7", "UQ");
	/* It is the server's account, whichever instance it is. */
	st->servers[1] = st->servers[0];
	st->servers[0].account.ssid = 9;
	st->servers[0].account.uri = "coap://first";
	st->params.nservers = 2;
	restart(st);
	go_on(st, "/rd/5a3f");
	script_drop_sent(script_link(&st->sc, "first"));
	expect_text(st, "/1/1/1", "3000");
	/* Configured otherwise meanwhile: all of it goes. */
	st->servers[1].account.lifetime = 7200;
	restart(st);
	go_on(st, "/rd/5a3f?lt=7200");
	script_drop_sent(script_link(&st->sc, "first"));
	expect_text(st, "/1/1/1", "7200");
	expect_text(st, "/1/1/7", "U");
	st->servers[1].account.lifetime = 86400; /* and does not come back */
	restart(st);
	go_on(st, "/rd/5a3f?lt=86400");
	script_drop_sent(script_link(&st->sc, "first"));
	expect_text(st, "/1/1/1", "86400");
}

/* A reload that changes an account ends what was written to it, also for the next life. */
static void test_account_reloaded(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(put_text(st, "/1/0/2", "4"), COAP_204);
	st->servers[0].account.pmax = 50;
	assert_int_equal(client_reconfigure(st->client, &st->params), 0);
	script_settle(&st->sc);
	script_drop_sent(st->link);
	assert_int_equal(ask_for(st, COAP_GET, "/1/0/2"), COAP_404);
	assert_int_equal(put_text(st, "/1/0/2", "5"), COAP_204);
	restart(st);
	go_on(st, "/rd/5a3f");
	expect_text(st, "/1/0/2", "5");
	expect_text(st, "/1/0/3", "50");
}

static void test_device(void **state)
{
	struct stage *st = *state;
	int64_t now;
	char text[24];

	st->params.facts.timezone = "Europe/Berlin";
	stage_client(st);
	stage_register(st);
	assert_int_equal(put_text(st, "/3/0/14", "+05"), COAP_204);
	assert_int_equal(put_text(st, "/3/0/15", "Asia/Tashkent"), COAP_204);
	assert_int_equal(put_text(st, "/3/0/13", "1000000000"), COAP_204);
	now = timers_now(st->sc.timers);
	/* The same facts told again, as when a device says its version: a server's own stay. */
	assert_int_equal(client_reconfigure(st->client, &st->params), 0);
	restart(st);
	go_on(st, "/rd/5a3f");
	expect_text(st, "/3/0/14", "+05");
	expect_text(st, "/3/0/15", "Asia/Tashkent");
	snprintf(text, sizeof(text), "%lld",
		1000000000 + (long long)(timers_now(st->sc.timers) - now) / 1000);
	expect_text(st, "/3/0/13", text);
	st->params.facts.timezone = "Europe/Paris"; /* configured anew: that one wins */
	restart(st);
	go_on(st, "/rd/5a3f");
	expect_text(st, "/3/0/14", "+05");
	expect_text(st, "/3/0/15", "Europe/Paris");
}

static void test_instances(void **state)
{
	struct stage *st = *state;

	with_portfolio(st);
	stage_register(st);
	create(st, 3, "a");
	create(st, 4, "b");
	script_advance(&st->sc, 1000);
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_204);
	request(st, COAP_PUT, "/16/3/0/2");
	request_text(st, CF_TEXT, "late");
	assert_int_equal(ask(st), COAP_204);
	assert_int_equal(ask_for(st, COAP_DELETE, "/16/4"), COAP_202);
	script_advance(&st->sc, 1000);
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_204);
	restart(st);
	with_portfolio(st);
	go_on(st, "/rd/5a3f");
	expect_text(st, "/16/3/0/0", "a");
	expect_text(st, "/16/3/0/2", "late");
	assert_int_equal(ask_for(st, COAP_GET, "/16/4"), COAP_404);
	assert_int_equal(ask_for(st, COAP_DELETE, "/16/3"), COAP_202);
	restart(st);
	with_portfolio(st);
	go_on(st, "/rd/5a3f");
	assert_int_equal(ask_for(st, COAP_GET, "/16/3"), COAP_404);
}

static void with_statistics(struct stage *st)
{
	assert_int_equal(object_statistics_add(client_objects(st->client)), 0);
	assert_int_equal(object_add(client_objects(st->client), 19), 0);
}

/* A collection period, and the data of an application. */
static void test_standard(void **state)
{
	struct stage *st = *state;

	with_statistics(st);
	stage_register(st);
	assert_int_equal(put_text(st, "/7/0/8", "60"), COAP_204);
	request(st, COAP_POST, "/19");
	request_text(st, CF_SENML_JSON,
		"[{\"bn\":\"/19/7/\",\"n\":\"0/0\",\"vd\":\"AP8A\"},{\"n\":\"1\",\"v\":9}]");
	assert_int_equal(ask(st), COAP_201);
	for (int k = 0; k < 2; k++) {
		restart(st);
		with_statistics(st);
		go_on(st, "/rd/5a3f");
		expect_text(st, "/7/0/8", "60");
		expect_text(st, "/19/7/0/0", "AP8A");
		expect_text(st, "/19/7/1", "9");
	}
}

/* The object that an instance is of comes later than the start. */
static void test_late(void **state)
{
	static const char *const labels[] = { "kitchen", "kitchen", "cellar" };
	static const char *const wanted[] = { "attic", "attic", "cellar" };
	const struct path p = PATH_RES(3303, 0, 5750);
	struct stage *st = *state;
	struct dm *dm = client_dm(st->client);

	assert_int_equal(dm_set(dm, &p, &VALUE_STR("kitchen"), 0), 0);
	stage_register(st);
	assert_int_equal(put_text(st, "/3303/0/5750", "attic"), COAP_204);
	st->bare = true;
	for (int k = 0; k < 3; k++) {
		restart(st);
		dm = client_dm(st->client);
		go_on(st, "/rd/5a3f");
		assert_int_equal(dm_object_add(dm, objdefs_find(st->defs, 3303), NULL, NULL), 0);
		assert_int_equal(dm_instance_add(dm, 3303, 0), 0);
		assert_int_equal(dm_set(dm, &p, &VALUE_STR(labels[k]), 0), 0);
		client_recall(st->client, &PATH_INST(3303, 0));
		script_advance(&st->sc, 1000);
		script_drop_sent(st->link);
		expect_text(st, "/3303/0/5750", wanted[k]);
	}
}

/* What a server is told to be done is durable by then. */
static void test_answer_waits(void **state)
{
	static const struct {
		uint8_t code;
		const char *uri;
	} requests[] = { { COAP_PUT, "/3/0/15" }, { COAP_PUT, "/3/0?pmin=5" },
		{ COAP_DELETE, "/16/0" } };
	struct stage *st = *state;

	with_portfolio(st);
	stage_register(st);
	create(st, 0, "a");
	script_advance(&st->sc, 1000);
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_204);
	for (size_t k = 0; k < ARRAY_SIZE(requests); k++) {
		struct store_status s;

		request(st, requests[k].code, requests[k].uri);
		if (!k)
			request_text(st, CF_TEXT, "UTC");
		script_recv_msg(st->link, &st->req);
		script_settle(&st->sc);
		assert_int_equal(script_sent(st->link), 0);
		UNTIL(st->loop, script_sent(st->link));
		store_status(st->env.store, &s);
		assert_int_equal(s.pending, 0);
		assert_true(script_take(st->link, &st->m));
		assert_int_equal(st->m.mid, st->req.mid);
		assert_int_equal(st->m.code >> 5, 2);
	}
	/* Whoever asked may be gone by then. */
	request(st, COAP_PUT, "/3/0/15");
	request_text(st, CF_TEXT, "CET");
	script_recv_msg(st->link, &st->req);
	restart(st);
	with_portfolio(st);
	go_on(st, "/rd/5a3f");
	expect_text(st, "/3/0/15", "CET");
}

/* What goes because the process ends is not gone; nothing new is taken by then. */
static void test_ending(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0?pmin=5"), COAP_204);
	assert_int_equal(put_text(st, "/3/0/15", "CET"), COAP_204);
	clients_ending(st->env.clients);
	dm_object_remove(client_dm(st->client), 3303);
	assert_int_equal(put_text(st, "/3/0/15", "UTC"), COAP_503);
	client_free(st->client); /* and all clients, as another process has them */
	st->client = NULL;
	clients_free(st->env.clients);
	st->env.clients = clients_new();
	restart(st);
	go_on(st, "/rd/5a3f");
	expect_links(st, "/3303/0/5700", "</3303/0/5700>;pmin=5");
	expect_text(st, "/3/0/15", "CET");
}

static void test_forgotten(void **state)
{
	struct stage *st = *state;

	stage_register(st);
	assert_int_equal(put_text(st, "/3/0/15", "CET"), COAP_204);
	assert_int_equal(ask_for(st, COAP_PUT, "/3/0?pmin=5"), COAP_204);
	client_forget(st->client);
	restart(st);
	assert_int_equal(client_start(st->client), 0);
	stage_play(st, "server");
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	assert_int_equal(ask_for(st, COAP_GET, "/3/0/15"), COAP_404);
	expect_links(st, "/3/0/0", "</3/0/0>");
}

/* A multiple resource is replaced, emptied, and merged. */
static void test_multiple(void **state)
{
	struct stage *st = *state;

	with_portfolio(st);
	stage_register(st);
	create(st, 0, "a");
	request(st, COAP_POST, "/16/0");
	request_text(st, CF_SENML_JSON, "[{\"bn\":\"/16/0/\",\"n\":\"0/2\",\"vs\":\"c\"}]");
	assert_int_equal(ask(st), COAP_204);
	request(st, COAP_PUT, "/16/0/0");
	request_text(st, CF_SENML_JSON,
		"[{\"bn\":\"/16/0/0/\",\"n\":\"1\",\"vs\":\"b\"},{\"n\":\"2\",\"vs\":\"C\"}]");
	assert_int_equal(ask(st), COAP_204);
	for (int k = 0; k < 2; k++) {
		restart(st);
		with_portfolio(st);
		go_on(st, "/rd/5a3f");
		assert_int_equal(ask_for(st, COAP_GET, "/16/0/0/0"), COAP_404);
		expect_text(st, "/16/0/0/1", "b");
		expect_text(st, "/16/0/0/2", "C");
	}
	request(st, COAP_PUT, "/16/0/0");
	request_hex(st, CF_TLV, "8000");
	assert_int_equal(ask(st), COAP_204);
	restart(st);
	with_portfolio(st);
	go_on(st, "/rd/5a3f");
	assert_int_equal(ask_for(st, COAP_GET, "/16/0/0/1"), COAP_404);
	assert_int_equal(ask_for(st, COAP_GET, "/16/0/0"), COAP_205);
}

/* As much as one write brings, on top of what there was: all of it is there again. */
static void test_many(void **state)
{
	enum { MANY = 4096 };
	struct stage *st = *state;
	struct dm *dm;
	struct dm_txn *t;

	with_portfolio(st);
	stage_register(st);
	create(st, 0, "a");
	assert_int_equal(put_text(st, "/3/0/15", "CET"), COAP_204);
	dm = client_dm(st->client);
	assert_int_equal(dm_txn_begin(dm, 1, DM_UPDATE, &PATH_INST(16, 0), &t), 0);
	for (int k = 0; k < MANY; k++)
		assert_int_equal(dm_txn_add(t, &(struct record){ .path = PATH_RI(16, 0, 0, k),
						       .value = VALUE_STR("x") }),
			0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, NULL, NULL), 0);
	/* Now there is no room for more. */
	assert_int_equal(put_text(st, "/3/0/14", "+05"), COAP_503);
	for (int life = 0; life < 2; life++) {
		restart(st);
		with_portfolio(st);
		go_on(st, "/rd/5a3f");
		dm = client_dm(st->client);
		expect_text(st, "/3/0/15", "CET");
		for (int k = 0; k < MANY; k++)
			assert_true(dm_exists(dm, &PATH_RI(16, 0, 0, k)));
	}
}

static int by_a_device(void *ud, uint16_t ssid, struct dm_change *c, size_t n, struct dm_op *op)
{
	(void)ud, (void)ssid, (void)c, (void)n, (void)op;
	return LGW_OK;
}

static const struct object_ops device_ops = { .apply = by_a_device };

/* While the disk fails nothing is promised that could not be kept, attributes included. */
static void test_failing_disk(void **state)
{
	struct stage *st = *state;
	struct dm *dm = client_dm(st->client);
	sqlite3 *db;

	assert_int_equal(dm_object_add(dm, objdefs_find(st->defs, 3304), &device_ops, st), 0);
	assert_int_equal(dm_instance_add(dm, 3304, 0), 0);
	assert_int_equal(dm_set(dm, &PATH_RES(3304, 0, 5750), &VALUE_STR("x"), 0), 0);
	stage_register(st);
	assert_int_equal(sqlite3_open(st->file, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 60000); /* for what the store is just writing */
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	store_put(st->env.store, STORE_KEPT, "x", "y", 1, "z", 1);
	UNTIL(st->loop, store_failing(st->env.store));
	assert_int_equal(put_text(st, "/3/0/15", "CET"), COAP_503);
	assert_int_equal(ask_for(st, COAP_PUT, "/3/0?pmin=5"), COAP_503);
	assert_int_equal(ask_for(st, COAP_PUT, "/3304/0?pmin=5"), COAP_503);
	assert_int_equal(put_text(st, "/3304/0/5750", "attic"), COAP_503);
	assert_int_equal(ask_for(st, COAP_GET, "/3303/0/5700"), COAP_205);
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(db);
	UNTIL(st->loop, !store_failing(st->env.store));
	assert_int_equal(ask_for(st, COAP_PUT, "/3/0?pmin=5"), COAP_204);
}

static void registers(struct stage *st, const char *host)
{
	stage_play(st, host);
	script_settle(&st->sc);
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
}

static void updates(struct stage *st, const char *host)
{
	stage_play(st, host);
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_204);
}

/* A server that writes without end is in nobody else's way. */
static void test_shares(void **state)
{
	enum { SHARE = 2048 };
	struct stage *st = *state;
	struct dm_txn *t;

	st->params.nservers = 2;
	st->servers[1].account.storing = false;
	stage_client(st);
	with_portfolio(st);
	assert_int_equal(client_start(st->client), 0);
	registers(st, "server2");
	registers(st, "server");
	create(st, 0, "a");
	script_advance(&st->sc, 1000);
	updates(st, "server2");
	updates(st, "server");
	assert_int_equal(
		dm_txn_begin(client_dm(st->client), 1, DM_UPDATE, &PATH_INST(16, 0), &t), 0);
	for (int k = 0; k < SHARE; k++)
		assert_int_equal(dm_txn_add(t, &(struct record){ .path = PATH_RI(16, 0, 0, k),
						       .value = VALUE_STR("x") }),
			0);
	assert_int_equal(dm_txn_commit(t, NULL, NULL, NULL, NULL), 0);
	assert_int_equal(put_text(st, "/3/0/14", "+05"), COAP_503);
	stage_play(st, "server2");
	assert_int_equal(put_text(st, "/3/0/14", "+05"), COAP_204);
}

static bool settled(struct stage *st)
{
	struct store_status s;

	store_status(st->env.store, &s);
	return !s.pending && !s.failing;
}

/* The file is damaged while the client lives: all of it is in the new one. */
static void test_damaged_file(void **state)
{
	struct stage *st = *state;
	sqlite3 *db;

	with_portfolio(st);
	stage_register(st);
	assert_int_equal(put_text(st, "/1/0/2", "4"), COAP_204);
	assert_int_equal(put_text(st, "/3/0/14", "+02:00"), COAP_204);
	assert_int_equal(put_text(st, "/3/0/13", "1000000000"), COAP_204);
	assert_int_equal(ask_for(st, COAP_PUT, "/3303/0/5700?st=2.5"), COAP_204);
	create(st, 7, "made");
	script_advance(&st->sc, 1000);
	expect_request(st, COAP_POST, "/rd/5a3f");
	answer(st, COAP_204);
	observe(st, "/3303/0/5700");
	assert_int_equal(sqlite3_open(st->file, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 60000);
	assert_int_equal(sqlite3_exec(db, "DROP TABLE fact", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(put_text(st, "/3/0/15", "CET"), COAP_204);
	UNTIL(st->loop, settled(st));
	restart(st);
	with_portfolio(st);
	go_on(st, "/rd/5a3f");
	expect_text(st, "/1/0/2", "4");
	expect_text(st, "/3/0/14", "+02:00");
	expect_text(st, "/3/0/13", "1000000006");
	expect_text(st, "/3/0/15", "CET");
	expect_text(st, "/16/7/0/0", "made");
	expect_links(st, "/3303/0/5700", "</3303/0/5700>;st=2.5");
	set_float(st, temperature, 30);
	script_advance(&st->sc, 4000);
	assert_true(script_take(st->link, &st->m));
	expect_payload(st, "30");
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, written_setup, stage_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_attributes),
		TEST(test_account),
		TEST(test_account_reloaded),
		TEST(test_device),
		TEST(test_instances),
		TEST(test_standard),
		TEST(test_late),
		TEST(test_answer_waits),
		TEST(test_ending),
		TEST(test_forgotten),
		TEST(test_multiple),
		TEST(test_many),
		TEST(test_shares),
		TEST(test_failing_disk),
		TEST(test_damaged_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
