/* SPDX-License-Identifier: BSD-3-Clause */
/* DTLS over scripted carriers in virtual time, against a server of OpenSSL in memory. */
#include "securestage.h"
#include "util/log.h"

#define CCM8 "TLS_PSK_WITH_AES_128_CCM_8"

static struct ssl_counters *count(struct stage *st)
{
	return ssl_counters(st->sc.links.ssl);
}

/* --- pre-shared keys ----------------------------------------------------------------------- */

/* OMA 1.1-int-401 */
static void TD_COAP_DTLS_01_psk_both_ways(void **state)
{
	struct stage *st = *state;

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	open_link(st);
	expect_up(st, CCM8);
	assert_int_equal(SSL_get_extms_support(sslpeer_ssl(st->peer)), 1);
	say(st, "register");
	hear(st, "read");
	hear(st, "again");
	assert_int_equal(count(st)->handshakes, 1);
	assert_int_equal(count(st)->resumed, 0);
}

static void psk_suites(void **state)
{
	static const char *const names[][2] = {
		{ "PSK-AES128-CCM8:@SECLEVEL=0", CCM8 },
		{ "PSK-AES128-CBC-SHA256", "TLS_PSK_WITH_AES_128_CBC_SHA256" },
		{ "PSK-AES128-GCM-SHA256", "TLS_PSK_WITH_AES_128_GCM_SHA256" },
	};
	struct stage *st = *state;

	for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
		use_psk(st, names[k][0]);
		make_link(st, "coaps://server");
		open_link(st);
		expect_up(st, names[k][1]);
		say(st, "hello");
		link_free(st->link);
		st->link = NULL;
	}
}

/* /0/x/16 narrows the offer. */
static void suites_as_asked_for(void **state)
{
	struct stage *st = *state;
	struct cred_params p;

	use_psk(st, NULL);
	p = st->cred->p;
	p.suites[0] = 0x00ae;
	p.nsuites = 1;
	use_cred(st, &p);
	make_link(st, "coaps://server");
	open_link(st);
	expect_up(st, "TLS_PSK_WITH_AES_128_CBC_SHA256");
	link_free(st->link);
	st->link = NULL;
	/* One that belongs to certificates is none for a key. */
	p = st->cred->p;
	p.suites[0] = 0xc0ae;
	use_cred(st, &p);
	make_link(st, "coaps://server");
	open_link(st);
	assert_int_equal(st->downs, 1);
	assert_int_equal(st->down_err, LGW_ENOTSUP);
}

static void TD_COAP_DTLS_02_unknown_identity(void **state)
{
	struct stage *st = *state;

	use_psk(st, NULL);
	st->conf.psk_identity = "somebody";
	restart_peer(st);
	make_link(st, "coaps://server");
	open_link(st);
	carry(st);
	assert_int_equal(st->ups, 0);
	assert_int_equal(st->downs, 1);
	assert_int_equal(st->down_err, LGW_EREFUSED);
	assert_int_equal(st->alert, 115); /* unknown_psk_identity */
	assert_int_equal(count(st)->failed, 1);
	assert_false(script_is_open(st->under));
}

static void find_hint(void *ud, const struct log_line *l)
{
	*(bool *)ud |= strstr(l->text, "fell silent: has it the same key?") != NULL;
}

/* Records under another key are dropped, the peer is not told: the journal says what it may be. */
static void TD_COAP_DTLS_02_wrong_key(void **state)
{
	static const uint8_t other[16] = "another key here";
	struct stage *st = *state;
	bool hint = false;

	log_set_sink(find_hint, &hint);
	use_psk(st, NULL);
	st->conf.psk = other;
	restart_peer(st);
	make_link(st, "coaps://server");
	open_link(st);
	for (int k = 0; k < 40 && !st->downs; k++) {
		carry(st);
		script_advance(&st->sc, 1000);
	}
	log_set_sink(NULL, NULL);
	assert_int_equal(st->ups, 0);
	assert_int_equal(st->downs, 1);
	assert_true(hint);
}

/* --- small and slow carriers ----------------------------------------------------------------- */

static void psk_in_140_bytes(void **state)
{
	struct stage *st = *state;

	st->conf.mtu = 140;
	st->conf.tickets = false;
	use_psk(st, NULL);
	make_link(st, "coaps+slow://server");
	open_link(st);
	expect_up(st, CCM8);
	assert_true(st->largest <= 140);
	assert_true(st->c2s <= 3);
	assert_int_equal(link_mtu(st->link), 111);
	say(st, "a message of one datagram");
	assert_int_equal(st->link->ops->send(st->link, st->got, 112), LGW_ETOOBIG);
	/* Resumed: no more datagrams, a round trip less. */
	st->link->ops->close(st->link);
	reconnect_peer(st);
	open_link(st);
	expect_up(st, CCM8);
	assert_int_equal(count(st)->resumed, 1);
	assert_true(st->largest <= 140);
}

static void slow_carriers_are_not_hurried(void **state)
{
	struct stage *st = *state;

	use_psk(st, NULL);
	make_link(st, "coaps+slow://server");
	open_link(st);
	assert_int_equal(script_sent(st->under), 1);
	script_drop_sent(st->under);
	script_advance(&st->sc, 29999);
	assert_int_equal(script_sent(st->under), 0);
	script_advance(&st->sc, 1);
	assert_int_equal(script_sent(st->under), 1);
}

/* --- loss ---------------------------------------------------------------------------------- */

static void flights_are_repeated_and_given_up(void **state)
{
	static const int at[] = { 1000, 2000, 4000, 8000 };
	struct stage *st = *state;

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	open_link(st);
	for (size_t k = 0; k < ARRAY_SIZE(at); k++) {
		assert_int_equal(script_sent(st->under), 1);
		script_drop_sent(st->under);
		script_advance(&st->sc, at[k] - 1);
		assert_int_equal(script_sent(st->under), 0);
		script_advance(&st->sc, 1);
	}
	script_advance(&st->sc, 15999);
	assert_int_equal(st->downs, 0);
	script_advance(&st->sc, 1);
	assert_int_equal(st->downs, 1);
	assert_int_equal(st->down_err, LGW_ETIMEDOUT);
	assert_int_equal(timers_next(st->sc.timers), -1);
	/* And yet another attempt goes well. */
	script_drop_sent(st->under);
	open_link(st);
	expect_up(st, CCM8);
}

static void TD_COAP_DTLS_03_a_lost_flight_does_no_harm(void **state)
{
	struct stage *st = *state;

	for (int lost = 1; lost <= 4; lost++) {
		use_psk(st, NULL);
		make_link(st, "coaps://server");
		open_link(st);
		st->lose = lost;
		for (int k = 0; k < 20 && !st->ups; k++) {
			carry(st);
			script_advance(&st->sc, 1000);
		}
		expect_up(st, CCM8);
		say(st, "hello");
		link_free(st->link);
		st->link = NULL;
	}
}

/* The server's last flight is lost: ours is repeated, and it answers again. */
static void the_last_flight_of_the_server_is_lost(void **state)
{
	struct stage *st = *state;
	const uint8_t *p;
	size_t len;

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	open_link(st);
	while (!sslpeer_done(st->peer)) {
		while ((p = script_take_bytes(st->under, &len)))
			sslpeer_input(st->peer, p, len);
		if (sslpeer_done(st->peer))
			break;
		while ((p = sslpeer_output(st->peer, &len)))
			script_recv(st->under, p, len);
	}
	while (sslpeer_output(st->peer, &len))
		;
	assert_int_equal(st->ups, 0);
	script_advance(&st->sc, 1000);
	expect_up(st, CCM8);
	hear(st, "welcome");
}

static void icmp_does_not_end_a_handshake(void **state)
{
	struct stage *st = *state;

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	open_link(st);
	script_drop_sent(st->under);
	script_event(st->under, LINK_ERROR, LGW_EREFUSED);
	assert_int_equal(st->errors + st->downs, 0);
	script_advance(&st->sc, 1000);
	expect_up(st, CCM8);
	script_event(st->under, LINK_ERROR, LGW_EREFUSED);
	assert_int_equal(st->errors, 1);
	assert_int_equal(st->downs, 0);
}

static void garbage_is_ignored(void **state)
{
	struct stage *st = *state;
	uint8_t junk[64];

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	open_link(st);
	for (unsigned k = 0; k < 300; k++) {
		for (size_t i = 0; i < sizeof(junk); i++)
			junk[i] = (uint8_t)(k * 31 + i * 7);
		script_recv(st->under, junk, k % sizeof(junk));
	}
	expect_up(st, CCM8);
	for (unsigned k = 0; k < 300; k++) {
		junk[0] = (uint8_t)(20 + k % 6);
		junk[1] = 0xfe;
		junk[2] = 0xfd;
		script_recv(st->under, junk, k % sizeof(junk));
	}
	assert_int_equal(st->downs, 0);
	say(st, "still here");
}

/* --- resumption ---------------------------------------------------------------------------- */

static void resumed_with_tickets_and_ids(void **state)
{
	struct stage *st = *state;

	for (int tickets = 0; tickets < 2; tickets++) {
		st->conf.tickets = tickets;
		use_psk(st, NULL);
		make_link(st, "coaps://server");
		open_link(st);
		expect_up(st, CCM8);
		for (unsigned k = 0; k < 3; k++) {
			uint64_t before = count(st)->resumed;

			st->link->ops->close(st->link);
			reconnect_peer(st);
			open_link(st);
			expect_up(st, CCM8);
			assert_int_equal(count(st)->resumed, before + 1);
			assert_int_equal(SSL_session_reused(sslpeer_ssl(st->peer)), 1);
			say(st, "back again");
		}
		link_free(st->link);
		st->link = NULL;
	}
}

static void a_server_without_memory_gets_a_full_handshake(void **state)
{
	struct stage *st = *state;

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	open_link(st);
	expect_up(st, CCM8);
	script_event(st->under, LINK_DOWN, LGW_EIO);
	assert_int_equal(st->downs, 1);
	restart_peer(st);
	open_link(st);
	expect_up(st, CCM8);
	assert_int_equal(count(st)->resumed, 0);
	assert_int_equal(count(st)->handshakes, 2);
}

/* The cipher of the session is not wanted any more: alert 47, then once in full. */
static void a_refused_session_is_tried_once_in_full(void **state)
{
	struct stage *st = *state;

	use_psk(st, NULL);
	make_link(st, "coaps://server");
	open_link(st);
	expect_up(st, CCM8);
	st->link->ops->close(st->link);
	reconnect_peer(st);
	open_link(st);
	/* The server's answer to a resumption that it does not like. */
	script_drop_sent(st->under);
	script_recv(st->under, "\x15\xfe\xfd\0\0\0\0\0\0\0\0\0\2\2\x2f", 15);
	assert_int_equal(st->alert, 47);
	assert_int_equal(st->downs, 0);
	expect_up(st, CCM8);
	assert_int_equal(count(st)->resumed, 0);
}

struct box {
	uint8_t bytes[SSL_SESSION_BYTES_MAX];
	size_t len;
	unsigned loads, saves;
};

static size_t box_load(void *ud, const uint8_t key[32], uint8_t *buf, size_t cap)
{
	struct box *b = ud;

	b->loads++;
	memcpy(buf, b->bytes, b->len);
	return b->len;
}

static void box_save(void *ud, const uint8_t key[32], const uint8_t *p, size_t len)
{
	struct box *b = ud;

	b->saves++;
	b->len = len;
	if (len)
		memcpy(b->bytes, p, len);
}

static const struct ssl_store_ops box_ops = { box_load, box_save };

static void resumed_after_a_restart(void **state)
{
	struct stage *st = *state;
	struct box box = { .len = 0 };

	ssl_shared_store(st->sc.links.ssl, &box_ops, &box);
	use_psk(st, NULL);
	for (unsigned k = 0; k < 2; k++) {
		make_link(st, "coaps://server");
		open_link(st);
		expect_up(st, CCM8);
		assert_int_equal(count(st)->resumed, k);
		link_free(st->link);
		st->link = NULL;
		reconnect_peer(st);
	}
	assert_true(box.len > 0);
	/* What is stored is damaged: as if it were not there. */
	memset(box.bytes, 0x30, box.len);
	make_link(st, "coaps://server");
	open_link(st);
	expect_up(st, CCM8);
	assert_int_equal(count(st)->resumed, 1);
}

/* --- misuse -------------------------------------------------------------------------------- */

static void no_credentials_no_link(void **state)
{
	struct stage *st = *state;
	struct link *l = NULL;

	use_psk(st, NULL);
	assert_int_equal(
		link_new(&st->sc.links, "coaps://server", NULL, NULL, NULL, &l), LGW_ENOTSUP);
	assert_null(l);
}

static void freed_from_within(void **state)
{
	struct stage *st = *state;

	use_psk(st, NULL);
	st->free_on_up = true;
	make_link(st, "coaps://server");
	open_link(st);
	carry(st);
	assert_null(st->link);
	st->free_on_up = false;
	st->free_on_recv = true;
	restart_peer(st);
	make_link(st, "coaps://server");
	open_link(st);
	expect_up(st, CCM8);
	sslpeer_send(st->peer, "bye", 3);
	carry(st);
	assert_null(st->link);
	st->free_on_down = true;
	restart_peer(st);
	make_link(st, "coaps://server");
	open_link(st);
	script_advance(&st->sc, 31000);
	assert_null(st->link);
}

#define T(f) cmocka_unit_test_setup_teardown(f, securestage_setup, securestage_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(TD_COAP_DTLS_01_psk_both_ways),
		T(psk_suites),
		T(suites_as_asked_for),
		T(TD_COAP_DTLS_02_unknown_identity),
		T(TD_COAP_DTLS_02_wrong_key),
		T(psk_in_140_bytes),
		T(slow_carriers_are_not_hurried),
		T(flights_are_repeated_and_given_up),
		T(TD_COAP_DTLS_03_a_lost_flight_does_no_harm),
		T(the_last_flight_of_the_server_is_lost),
		T(icmp_does_not_end_a_handshake),
		T(garbage_is_ignored),
		T(resumed_with_tickets_and_ids),
		T(a_server_without_memory_gets_a_full_handshake),
		T(a_refused_session_is_tried_once_in_full),
		T(resumed_after_a_restart),
		T(no_credentials_no_link),
		T(freed_from_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
