/* SPDX-License-Identifier: BSD-3-Clause */
/* Devices and their clients: names that would be the same do not change places by a restart, nor do
 * ids of instances, whatever comes first; a reset leaves nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base.h"
#include "gateway/identity.h"
#include "objects/access.h"
#include "store/store.h"
#include "until.h"

struct house {
	struct base b;
	char dir[32], file[64];
	struct loop *loop;
	struct server_params servers[2];
	uint64_t command; /* the last one */
};

static int on_command(void *ud, const struct lgw_command *c)
{
	assert_string_equal(c->key, "reset");
	((struct house *)ud)->command = c->id;
	return LGW_OK;
}

static struct map_entry entries[] = { ENTRY("t", "3303/0/5700"), ENTRY("u", "3303/1/5700"),
	ENTRY("v", "3303/2/5700"), ENTRY("reset", "3/0/5", .execute = true) };
static struct map_conf standard = { .name = (char *)"standard",
	.entries = { entries, ARRAY_SIZE(entries) } };
static const struct source_ops source_ops = { .command = on_command };

static void open_house(struct house *h)
{
	struct store_params p = store_params_default;
	char text[256];

	p.file = h->file;
	assert_int_equal(store_new(&p, h->loop, h->b.sc.timers, NULL, NULL, &h->b.env.store, text,
				 sizeof(text)),
		LGW_OK);
	base_open(&h->b, &source_ops, h);
}

static void close_house(struct house *h)
{
	gateway_free(h->b.gateway);
	h->b.gateway = NULL;
	store_free(h->b.env.store);
}

static void restart(struct house *h, int64_t ms)
{
	close_house(h);
	script_advance(&h->b.sc, ms);
	open_house(h);
}

static int set_up(void **state)
{
	struct house *h = xcalloc(1, sizeof(*h));

	snprintf(h->dir, sizeof(h->dir), "/tmp/lgw-identity-XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	snprintf(h->file, sizeof(h->file), "%s/store.db", h->dir);
	base_init(&h->b, &standard);
	h->loop = loop_new();
	for (int k = 0; k < 2; k++) {
		h->servers[k] = base_server(k ? "coap://two" : "coap://one", (uint16_t)(k + 1));
		h->servers[k].account.storing = true;
		h->servers[k].deregister_on_stop = true;
	}
	h->b.params.servers = h->servers;
	h->b.params.nservers = 2;
	h->b.params.stop_timeout_ms = 10000;
	open_house(h);
	*state = h;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-lock" };
	struct house *h = *state;
	char name[80];

	close_house(h);
	base_fini(&h->b);
	loop_free(h->loop);
	for (size_t k = 0; k < ARRAY_SIZE(ends); k++) {
		snprintf(name, sizeof(name), "%s%s", h->file, ends[k]);
		unlink(name);
	}
	assert_int_equal(rmdir(h->dir), 0);
	free(h);
	return 0;
}

static void report(struct house *h, const char *device, const char *key, double v)
{
	base_report(&h->b, device, key, v, 0);
}

static void expect_owner(struct house *h, const char *endpoint, const char *device)
{
	struct device *d = gateway_find(h->b.gateway, endpoint);

	assert_non_null(d);
	assert_string_equal(device_id(d), device);
}

static void test_names(void **state)
{
	struct house *h = *state;

	report(h, "a b", "t", 1);
	report(h, "a-b", "t", 2);
	expect_owner(h, "a-b", "a b");
	for (int k = 0; k < 2; k++) { /* also when two days pass */
		restart(h, 86400000);
		report(h, "a-b", "t", 2);
		assert_null(gateway_find(h->b.gateway, "a-b"));
		report(h, "a b", "t", 1);
		report(h, "a-b", "t", 2);
		expect_owner(h, "a-b", "a b");
	}
	/* It does not come within a day. */
	restart(h, 1000);
	script_advance(&h->b.sc, IDENTITY_WAIT_MS - 1000);
	report(h, "a-b", "t", 2);
	assert_null(gateway_find(h->b.gateway, "a-b"));
	script_advance(&h->b.sc, 2000);
	report(h, "a-b", "t", 2);
	expect_owner(h, "a-b", "a-b");
	/* It is gone for good: the name is free. */
	gateway_device_remove(h->b.source, "a-b");
	script_advance(&h->b.sc, 20000); /* it has left */
	restart(h, 1000);
	report(h, "a b", "t", 2);
	expect_owner(h, "a-b", "a b");
	/* It was not heard of for a month. */
	restart(h, IDENTITY_TTL_MS + 1000);
	report(h, "a-b", "t", 2);
	expect_owner(h, "a-b", "a-b");
}

/* A daemon that runs for longer than a month has heard of its devices all the while. */
static void test_long_run(void **state)
{
	struct house *h = *state;

	report(h, "a b", "t", 1);
	for (int64_t day = 0; day < 2 * IDENTITY_TTL_MS / 86400000; day++)
		script_advance(&h->b.sc, 86400000);
	restart(h, 1000);
	report(h, "a-b", "t", 2);
	assert_null(gateway_find(h->b.gateway, "a-b"));
	report(h, "a b", "t", 1);
	expect_owner(h, "a-b", "a b");
}

/* Instances of object 2 have the ids that servers know, in whatever order sensors come. */
static void test_instances(void **state)
{
	static const char *const keys[] = { "t", "u", "v" };
	struct house *h = *state;
	int y[3];

	for (int k = 0; k < 3; k++)
		report(h, "box", keys[k], k);
	for (uint16_t k = 0; k < 3; k++)
		y[k] = access_find(
			client_dm(device_client(gateway_find(h->b.gateway, "box"))), 3303, k);
	for (int from = 0; from < 3; from++) {
		restart(h, 1000);
		for (int k = 0; k < 3; k++)
			report(h, "box", keys[(from + 2 - k + 3) % 3], k);
		for (uint16_t k = 0; k < 3; k++)
			assert_int_equal(access_find(client_dm(device_client(
							     gateway_find(h->b.gateway, "box"))),
						 3303, k),
				y[k]);
	}
}

/* The server's next answer to us, or the device's to the server; its code. */
static uint8_t take(struct house *h, struct coap_msg *m)
{
	struct scripted_link *l = script_link(&h->b.sc, "one");

	UNTIL(h->loop, (script_settle(&h->b.sc), script_sent(l)));
	assert_true(script_take(l, m));
	return m->code;
}

static void answer(struct house *h, const struct coap_msg *to, uint8_t code)
{
	struct coap_msg m;

	script_answer_init(&m, to, code);
	if (code == COAP_201)
		coap_add_str(&m, COAP_OPT_LOCATION_PATH, "rd");
	script_recv_msg(script_link(&h->b.sc, "one"), &m);
	script_settle(&h->b.sc);
}

static void ask(struct house *h, uint8_t code, const char *a, const char *b, const char *c,
	const char *query)
{
	static uint16_t mid;
	const char *const path[] = { a, b, c };
	struct coap_msg m;

	coap_msg_init(&m, COAP_CON, code);
	m.mid = ++mid;
	for (size_t k = 0; k < ARRAY_SIZE(path) && path[k]; k++)
		coap_add_str(&m, COAP_OPT_URI_PATH, path[k]);
	if (query)
		coap_add_str(&m, COAP_OPT_URI_QUERY, query);
	script_recv_msg(script_link(&h->b.sc, "one"), &m);
}

/* LwM2M 1.0 E.4, Factory Reset: what servers wrote is gone, and the device registers anew. */
static void test_reset(void **state)
{
	struct house *h = *state;
	struct coap_msg m;
	struct attrs a;

	h->b.params.nservers = 1;
	restart(h, 0);
	report(h, "box", "t", 1);
	script_advance(&h->b.sc, 500);
	assert_int_equal(take(h, &m), COAP_POST);
	answer(h, &m, COAP_201);
	ask(h, COAP_PUT, "3303", NULL, NULL, "pmin=5");
	assert_int_equal(take(h, &m), COAP_204);
	ask(h, COAP_POST, "3", "0", "5", NULL);
	gateway_command_done(h->b.source, h->command, LGW_OK);
	assert_int_equal(take(h, &m), COAP_204);
	assert_non_null(gateway_find(h->b.gateway, "box"));
	script_advance(&h->b.sc, 500);
	assert_int_equal(take(h, &m), COAP_DELETE);
	answer(h, &m, COAP_202);
	assert_null(gateway_find(h->b.gateway, "box"));
	for (int k = 0; k < 2; k++) { /* nothing comes back by a restart either */
		report(h, "box", "t", 1);
		dm_attrs_own(client_dm(device_client(gateway_find(h->b.gateway, "box"))), 1,
			&PATH_OBJ(3303), &a);
		assert_int_equal(a.set, 0);
		script_advance(&h->b.sc, 500);
		assert_int_equal(take(h, &m), COAP_POST);
		assert_non_null(coap_opt_find(&m, COAP_OPT_CONTENT_FORMAT)); /* Register */
		restart(h, 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_run, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_instances, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reset, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
