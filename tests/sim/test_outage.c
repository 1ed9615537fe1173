/* SPDX-License-Identifier: BSD-3-Clause */
/* A network that is away for ten minutes: what the client sends meanwhile is bounded, and it comes
 * back by itself with what it has now. */
#include "stage.h"

#define OUTAGE_S 600

static const struct path temperature = { { 3303, 0, 5700 }, 3 };

static struct server_info info(struct stage *st)
{
	struct server_info i;

	assert_true(client_server_info(st->client, 0, &i));
	return i;
}

static int begin(void **state)
{
	struct stage *st;

	if (stage_setup(state))
		return -1;
	st = *state;
	st->servers[0].account.lifetime = 60;
	st->servers[0].account.storing = false;
	stage_client(st);
	stage_register(st);
	observe(st, "/3303/0/5700");
	return 0;
}

/* Each second a new value; nothing of what is sent arrives. How many messages that were. */
static size_t outage(struct stage *st, bool told)
{
	size_t sent = 0;

	for (int k = 1; k <= OUTAGE_S; k++) {
		set_float(st, temperature, k);
		script_advance(&st->sc, 1000);
		if (told && script_sent(st->link))
			script_event(st->link, LINK_ERROR, LGW_EUNAVAIL);
		sent += script_sent(st->link);
		script_drop_sent(st->link);
	}
	return sent;
}

/* The network is back: the next Register is answered, and all is as before. */
static void comes_back(struct stage *st)
{
	int64_t end = st->sc.now + 400000; /* the longest pause is 300 s and a fifth */

	st->sc.refuse_open = false;
	do {
		while (!script_sent(st->link) && st->sc.now < end)
			script_advance(&st->sc, 100);
		assert_true(script_take(st->link, &st->m));
	} while (st->m.code != COAP_POST);
	assert_int_equal(info(st).state, SERVER_REGISTERING);
	stage_accept(st);
	script_settle(&st->sc);
	assert_int_equal(info(st).state, SERVER_REGISTERED);
	script_drop_sent(st->link);
	request(st, COAP_GET, "/3303/0/5700");
	assert_int_equal(ask(st), COAP_205);
	expect_payload(st, "600");
	script_drop_sent(st->link);
	observe(st, "/3303/0/5700");
	set_float(st, temperature, 21.5);
	expect_notify(st, "21.5");
}

/* Everything is swallowed: one notification a second at most, and Updates and Registers repeated
 * with growing pauses. */
static void silence(void **state)
{
	struct stage *st = *state;

	assert_in_range(outage(st, false), 10, OUTAGE_S + 100);
	comes_back(st);
}

/* Each datagram brings "network is unreachable". */
static void unreachable(void **state)
{
	struct stage *st = *state;

	assert_in_range(outage(st, true), 10, OUTAGE_S + 200);
	comes_back(st);
}

/* The interface takes the link down with it, and it cannot be opened. */
static void link_down(void **state)
{
	struct stage *st = *state;

	st->sc.refuse_open = true;
	script_event(st->link, LINK_DOWN, LGW_EUNAVAIL);
	script_drop_sent(st->link);
	assert_int_equal(outage(st, false), 0);
	assert_int_not_equal(info(st).state, SERVER_REGISTERED);
	comes_back(st);
}

/* A link that does not come up: given up after a minute, over a slow carrier only after several of
 * its pauses. */
static void gives_up(struct stage *st, char *uri, int64_t limit_ms)
{
	st->servers[0].account.uri = uri;
	st->sc.never_open = true;
	stage_client(st);
	assert_int_equal(client_start(st->client), 0);
	script_advance(&st->sc, limit_ms - 1);
	assert_int_equal(info(st).state, SERVER_CONNECTING);
	script_advance(&st->sc, 1);
	assert_int_equal(info(st).state, SERVER_RETRYING);
}

static void links_that_stay_away(void **state)
{
	gives_up(*state, "coap://server", 60000);
	gives_up(*state, "coap+slow://server", 240000);
}

#define DIALOGUE(fn_) cmocka_unit_test_setup_teardown(fn_, begin, stage_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		DIALOGUE(silence), DIALOGUE(unreachable), DIALOGUE(link_down),
		cmocka_unit_test_setup_teardown(links_that_stay_away, stage_setup, stage_teardown)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
