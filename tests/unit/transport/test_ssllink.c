/* SPDX-License-Identifier: BSD-3-Clause */
/* Parking, turns, and what a server may do to a connection that is up. */
#include "securestage.h"

#define CCM8 "TLS_PSK_WITH_AES_128_CCM_8"

static struct ssl_counters *count(struct stage *st)
{
	return ssl_counters(st->sc.links.ssl);
}

/* --- parking ------------------------------------------------------------------------------- */

static void park(struct stage *st)
{
	use_psk(st, NULL);
	make_link(st, "coaps://server");
	open_link(st);
	expect_up(st, CCM8);
	script_advance(&st->sc, 30000);
	say(st, "not idle");
	script_advance(&st->sc, 59999);
	assert_false(ssllink_is_parked(st->link));
	script_advance(&st->sc, 1);
	assert_true(ssllink_is_parked(st->link));
	assert_int_equal(script_sent(st->under), 0); /* the server is told nothing */
	assert_int_equal(st->downs, 0);
	reconnect_peer(st);
}

static void set_parking(struct stage *st)
{
	ssl_shared_free(st->sc.links.ssl);
	st->params.park_ms = 60000;
	st->sc.links.ssl = ssl_shared_new(st->sc.timers, &st->params);
}

static void parked_and_woken_by_a_message(void **state)
{
	struct stage *st = *state;

	set_parking(st);
	park(st);
	say(st, "awake");
	assert_int_equal(st->ups, 1); /* the owner saw nothing of it */
	assert_int_equal(count(st)->resumed, 1);
	assert_int_equal(count(st)->parked, 1);
	hear(st, "good morning");
}

/* Sent to rest by its owner, without any parameter. */
static void at_rest(void **state)
{
	struct stage *st = *state;

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	st->link->ops->rest(st->link); /* nothing is there yet */
	open_link(st);
	expect_up(st, CCM8);
	st->link->ops->rest(st->link);
	assert_true(ssllink_is_parked(st->link));
	assert_int_equal(script_sent(st->under), 0);
	assert_int_equal(st->downs, 0);
	reconnect_peer(st);
	say(st, "awake");
	assert_int_equal(count(st)->resumed, 1);
	assert_false(ssllink_is_parked(st->link));
	hear(st, "good morning");
}

/* The carrier takes the way that is named. */
static void over_an_interface(void **state)
{
	struct stage *st = *state;

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	st->under = script_link(&st->sc, "server");
	assert_true(link_bind(st->link, "wwan0"));
	assert_false(link_bind(st->link, "wwan0"));
	assert_string_equal(script_interface(st->under), "wwan0");
	assert_true(link_bind(st->link, NULL));
	assert_null(script_interface(st->under));
}

static void parked_and_the_server_speaks(void **state)
{
	struct stage *st = *state;

	set_parking(st);
	park(st);
	script_recv(st->under, "a record of the old connection", 30);
	carry(st);
	assert_true(sslpeer_done(st->peer));
	assert_false(ssllink_is_parked(st->link));
	hear(st, "as I said");
}

static void parked_and_the_server_is_gone(void **state)
{
	struct stage *st = *state;

	set_parking(st);
	park(st);
	for (int k = 0; k < 20; k++) /* more than the line holds */
		assert_int_equal(st->link->ops->send(st->link, "x", 1), 0);
	script_advance(&st->sc, 31000);
	assert_int_equal(st->downs, 1);
	assert_int_equal(st->down_err, LGW_ETIMEDOUT);
	assert_int_equal(st->link->ops->send(st->link, "x", 1), LGW_EUNAVAIL);
}

/* --- the peer's acts ----------------------------------------------------------------------- */

static void close_notify(void **state)
{
	struct stage *st = *state;

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	open_link(st);
	expect_up(st, CCM8);
	SSL_shutdown(sslpeer_ssl(st->peer));
	carry(st);
	assert_int_equal(st->alert, 0);
	assert_int_equal(st->downs, 1);
	assert_int_equal(st->down_err, LGW_ERESET);
	assert_int_equal(st->link->ops->send(st->link, "x", 1), LGW_EUNAVAIL);
	assert_false(script_is_open(st->under));
}

static void our_close_is_told(void **state)
{
	struct stage *st = *state;

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	open_link(st);
	expect_up(st, CCM8);
	st->link->ops->close(st->link);
	carry(st);
	assert_true(SSL_get_shutdown(sslpeer_ssl(st->peer)) & SSL_RECEIVED_SHUTDOWN);
	assert_int_equal(st->downs, 0);
}

static void renegotiation_is_refused(void **state)
{
	struct stage *st = *state;
	SSL *ssl;

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	open_link(st);
	expect_up(st, CCM8);
	ssl = sslpeer_ssl(st->peer);
	assert_int_equal(SSL_renegotiate(ssl), 1);
	SSL_do_handshake(ssl);
	carry(st);
	assert_int_equal(count(st)->handshakes, 1);
}

/* --- turns --------------------------------------------------------------------------------- */

static unsigned ups_of[3];

static void turn_event(void *ud, enum link_event ev, int err)
{
	ups_of[(uintptr_t)ud] += ev == LINK_UP;
}

static void no_recv(void *ud, const uint8_t *p, size_t len)
{
}

static size_t sent_by(struct stage *st)
{
	return script_sent(script_link(&st->sc, "a")) + script_sent(script_link(&st->sc, "b")) +
	       script_sent(script_link(&st->sc, "c"));
}

static void handshakes_take_turns(void **state)
{
	static const struct link_handler h = { no_recv, turn_event };
	static const char *const uris[] = { "coaps://a", "coaps://b", "coaps://c" };
	struct stage *st = *state;
	struct link *l[3];

	use_psk(st, NULL);
	for (uintptr_t k = 0; k < 3; k++) {
		assert_int_equal(
			link_new(&st->sc.links, uris[k], st->cred, &h, (void *)k, &l[k]), 0);
		l[k]->ops->open(l[k]);
	}
	script_settle(&st->sc);
	assert_int_equal(sent_by(st), 2);
	script_advance(&st->sc, 999);
	assert_int_equal(sent_by(st), 2);
	/* Those two get no answer for a second: both repeat, and the third begins. */
	script_advance(&st->sc, 1);
	assert_int_equal(sent_by(st), 5);
	link_free(l[0]);
	link_free(l[1]);
	link_free(l[2]);
}

#define T(f) cmocka_unit_test_setup_teardown(f, securestage_setup, securestage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(parked_and_woken_by_a_message),
		T(at_rest),
		T(over_an_interface),
		T(parked_and_the_server_speaks),
		T(parked_and_the_server_is_gone),
		T(close_notify),
		T(our_close_is_told),
		T(renegotiation_is_refused),
		T(handshakes_take_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
