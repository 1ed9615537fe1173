/* SPDX-License-Identifier: BSD-3-Clause */
/* Devices and their clients: names that would be the same do not change places by a restart, nor do
 * ids of instances, whatever comes first; a reset leaves nothing. */
#include <string.h>
#include "gateway/identity.h"
#include "house.h"
#include "objects/access.h"
#include "util/err.h"

static void expect_owner(struct house *h, const char *endpoint, const char *device)
{
	struct device *d = gateway_find(h->b.gateway, endpoint);

	assert_non_null(d);
	assert_string_equal(device_id(d), device);
}

static void test_names(void **state)
{
	struct house *h = *state;

	house_report(h, "a b", "t", 1);
	house_report(h, "a-b", "t", 2);
	expect_owner(h, "a-b", "a b");
	for (int k = 0; k < 2; k++) { /* also when two days pass */
		house_restart(h, 86400000);
		house_report(h, "a-b", "t", 2);
		assert_null(gateway_find(h->b.gateway, "a-b"));
		house_report(h, "a b", "t", 1);
		house_report(h, "a-b", "t", 2);
		expect_owner(h, "a-b", "a b");
	}
	/* It does not come within a day. */
	house_restart(h, 1000);
	script_advance(&h->b.sc, IDENTITY_WAIT_MS - 1000);
	house_report(h, "a-b", "t", 2);
	assert_null(gateway_find(h->b.gateway, "a-b"));
	script_advance(&h->b.sc, 2000);
	house_report(h, "a-b", "t", 2);
	expect_owner(h, "a-b", "a-b");
	/* It is gone for good: the name is free. */
	gateway_device_remove(h->b.source, "a-b");
	script_advance(&h->b.sc, 20000); /* it has left */
	house_restart(h, 1000);
	house_report(h, "a b", "t", 2);
	expect_owner(h, "a-b", "a b");
	/* It was not heard of for a month. */
	house_restart(h, IDENTITY_TTL_MS + 1000);
	house_report(h, "a-b", "t", 2);
	expect_owner(h, "a-b", "a-b");
}

/* Said once for each device, not for each reading. */
static void on_alarm(void *ud, const char *name, const char *text)
{
	int *n = ud;

	assert_string_equal(name, "device-refused");
	assert_non_null(strstr(text, *n % 2 ? "has an id of more than 255 bytes" : "is taken"));
	++*n;
}

static void test_refused(void **state)
{
	static const struct gateway_hooks hooks = { .alarm = on_alarm };
	struct house *h = *state;
	char id[257];
	int n = 0;

	memset(id, 'x', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	gateway_set_hooks(h->b.gateway, &hooks, &n);
	house_report(h, "a b", "t", 1);
	for (int life = 0; life < 2; life++) {
		for (int k = 0; k < 3; k++) {
			house_report(h, "a-b", "t", 2);
			house_report(h, id, "t", 3);
			house_report(h, "other", "t", 4); /* one that is not refused */
		}
		assert_int_equal(n, 2 * (life + 1));
		assert_int_equal(gateway_reload(h->b.gateway, &h->b.params), 0);
	}
	assert_int_equal(gateway_counters(h->b.gateway)->devices_refused, 12);
	gateway_set_hooks(h->b.gateway, NULL, NULL);
}

/* A device that speaks keeps its name, also when the daemon runs for longer than a month. */
static void test_long_run(void **state)
{
	struct house *h = *state;

	for (int64_t day = 0; day < 2 * IDENTITY_TTL_MS / 86400000; day++) {
		house_report(h, "a b", "t", 1);
		script_advance(&h->b.sc, 86400000);
	}
	house_restart(h, 1000);
	house_report(h, "a-b", "t", 2);
	assert_null(gateway_find(h->b.gateway, "a-b"));
	house_report(h, "a b", "t", 1);
	expect_owner(h, "a-b", "a b");
}

/* Instances of object 2 have the ids that servers know, in whatever order sensors come. */
static void test_instances(void **state)
{
	static const char *const keys[] = { "t", "u", "v" };
	struct house *h = *state;
	int y[3];

	for (int k = 0; k < 3; k++)
		house_report(h, "box", keys[k], k);
	for (uint16_t k = 0; k < 3; k++)
		y[k] = access_find(
			client_dm(device_client(gateway_find(h->b.gateway, "box"))), 3303, k);
	for (int from = 0; from < 3; from++) {
		house_restart(h, 1000);
		for (int k = 0; k < 3; k++)
			house_report(h, "box", keys[(from + 2 - k + 3) % 3], k);
		for (uint16_t k = 0; k < 3; k++)
			assert_int_equal(access_find(client_dm(device_client(
							     gateway_find(h->b.gateway, "box"))),
						 3303, k),
				y[k]);
	}
}

/* LwM2M 1.0 E.4, Factory Reset: what servers wrote is gone, and the device registers anew. */
static void test_reset(void **state)
{
	struct house *h = *state;
	struct coap_msg m;
	struct attrs a;

	h->b.params.nservers = 1;
	house_restart(h, 0);
	house_report(h, "box", "t", 1);
	script_advance(&h->b.sc, 500);
	assert_int_equal(house_take(h, &m), COAP_POST);
	house_answer(h, &m, COAP_201);
	house_ask(h, COAP_PUT, "3303", NULL, NULL, "pmin=5");
	assert_int_equal(house_take(h, &m), COAP_204);
	house_ask(h, COAP_POST, "3", "0", "5", NULL);
	gateway_command_done(h->b.source, h->command, LGW_OK);
	assert_int_equal(house_take(h, &m), COAP_204);
	assert_non_null(gateway_find(h->b.gateway, "box"));
	script_advance(&h->b.sc, 500);
	assert_int_equal(house_take(h, &m), COAP_DELETE);
	house_answer(h, &m, COAP_202);
	assert_null(gateway_find(h->b.gateway, "box"));
	for (int k = 0; k < 2; k++) { /* nothing comes back by a restart either */
		house_report(h, "box", "t", 1);
		dm_attrs_own(client_dm(device_client(gateway_find(h->b.gateway, "box"))), 1,
			&PATH_OBJ(3303), &a);
		assert_int_equal(a.set, 0);
		script_advance(&h->b.sc, 500);
		assert_int_equal(house_take(h, &m), COAP_POST);
		assert_non_null(coap_opt_find(&m, COAP_OPT_CONTENT_FORMAT)); /* Register */
		house_restart(h, 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, house_set_up, house_tear_down),
		cmocka_unit_test_setup_teardown(test_refused, house_set_up, house_tear_down),
		cmocka_unit_test_setup_teardown(test_long_run, house_set_up, house_tear_down),
		cmocka_unit_test_setup_teardown(test_instances, house_set_up, house_tear_down),
		cmocka_unit_test_setup_teardown(test_reset, house_set_up, house_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
