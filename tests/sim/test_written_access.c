/* SPDX-License-Identifier: BSD-3-Clause */
/* Who may do what outlives the client, with the ids of object 2. */
#include <stdio.h>
#include "objects/access.h"
#include "stage.h"
#include "written.h"

/* The instance of object 2 that speaks of /oid/iid. */
static int acl_of(struct stage *st, uint16_t oid, uint16_t iid)
{
	return access_find(client_dm(st->client), oid, iid);
}

static void add_3303(struct stage *st, uint16_t iid)
{
	struct dm *dm = client_dm(st->client);

	if (!dm_exists(dm, &PATH_OBJ(3303)))
		assert_int_equal(dm_object_add(dm, objdefs_find(st->defs, 3303), NULL, NULL), 0);
	assert_int_equal(dm_instance_add(dm, 3303, iid), iid);
	set_float(st, PATH_RES(3303, iid, 5700), 1);
}

static void go_on_with_two(struct stage *st)
{
	assert_int_equal(client_start(st->client), 0);
	for (int k = 0; k < 2; k++) {
		stage_play(st, k ? "server" : "server2");
		expect_request(st, COAP_POST, "/rd/5a3f");
		answer(st, COAP_204);
	}
}

/* Entries of object 2 keep their ids and what they say, whatever comes first. */
static void test_access(void **state)
{
	struct stage *st = *state;
	char uri[40], two[8];
	int of0, of1, of16;

	st->bare = true;
	st->params.nservers = 2;
	stage_client(st);
	with_portfolio(st);
	add_3303(st, 0);
	add_3303(st, 1);
	stage_register(st);
	stage_play(st, "server2");
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	create(st, 0, "two's");
	stage_play(st, "server");
	of0 = acl_of(st, 3303, 0);
	of1 = acl_of(st, 3303, 1);
	of16 = acl_of(st, 16, 0);
	snprintf(uri, sizeof(uri), "/2/%d/2/2", of1);
	assert_int_equal(put_text(st, uri, "0"), COAP_204);
	for (int k = 0; k < 2; k++) {
		restart(st);
		add_3303(st, 1);
		with_portfolio(st);
		if (!k) /* in the second life it does not come */
			add_3303(st, 0);
		go_on_with_two(st);
		assert_int_equal(acl_of(st, 3303, 0), of0);
		assert_int_equal(acl_of(st, 3303, 1), of1);
		assert_int_equal(acl_of(st, 16, 0), of16);
		expect_text(st, uri, "0");
		assert_int_equal(ask_for(st, COAP_DELETE, "/16/0"), COAP_401);
		stage_play(st, "server2");
		assert_int_equal(ask_for(st, COAP_GET, "/3303/1/5700"), COAP_401);
		stage_play(st, "server");
	}
	/* Server 2 has other rights by configuration: its entry is what that says. */
	st->servers[1].denied = DM_W;
	restart(st);
	add_3303(st, 1);
	with_portfolio(st);
	go_on_with_two(st);
	snprintf(two, sizeof(two), "%d", ACCESS_ALL & ~DM_W & ~DM_C);
	expect_text(st, uri, two);
	/* It is configured away: what only it could reach goes, like in a reload. */
	st->params.nservers = 1;
	restart(st);
	with_portfolio(st);
	go_on(st, "/rd/5a3f");
	assert_int_equal(ask_for(st, COAP_GET, "/16/0"), COAP_205);
}

/* Other accounts make other ids: what belongs to an instance goes with it. */
static void test_access_moved(void **state)
{
	struct stage *st = *state;
	char uri[40];

	st->bare = true;
	st->params.nservers = 2;
	stage_client(st);
	add_3303(st, 0);
	add_3303(st, 1);
	stage_register(st);
	stage_play(st, "server2");
	assert_true(script_take(st->link, &st->m));
	stage_accept(st);
	stage_play(st, "server");
	snprintf(uri, sizeof(uri), "/2/%d/2/2", acl_of(st, 3303, 0));
	assert_int_equal(put_text(st, uri, "2"), COAP_204);
	snprintf(uri, sizeof(uri), "/2/%d/2/2", acl_of(st, 3303, 1));
	assert_int_equal(put_text(st, uri, "4"), COAP_204);
	st->params.nservers = 3;
	for (int k = 0; k < 2; k++) {
		restart(st);
		add_3303(st, 1);
		add_3303(st, 0);
		go_on_with_two(st);
		script_drop_sent(script_link(&st->sc, "server3"));
		for (int iid = 0; iid < 2; iid++) {
			snprintf(uri, sizeof(uri), "/2/%d/2/2", acl_of(st, 3303, (uint16_t)iid));
			expect_text(st, uri, iid ? "4" : "2");
		}
	}
}

int main(void)
{
#define TEST(f_) cmocka_unit_test_setup_teardown(f_, written_setup, stage_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_access),
		TEST(test_access_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
