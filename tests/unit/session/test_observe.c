/* SPDX-License-Identifier: BSD-3-Clause */
/* Observations that the peer holds, in virtual time, with the cases of ETSI's CoAP plugtests by
 * their ids. */
#include "peer.h"

static void observed(void)
{
	t.observe = true;
	ask(COAP_CON, COAP_GET, 50);
	script_drop_sent(t.l);
	assert_non_null(t.o);
}

static void notify(unsigned flags, const char *text)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_NON, COAP_205);
	m.payload = (const uint8_t *)text;
	m.payload_len = strlen(text);
	assert_int_equal(observer_notify(t.o, &m, flags), LGW_OK);
}

/* RFC 7641 §3.4, §4.4: numbers rise, however fast, and over the end of 24 bits. */
static void TD_COAP_OBS_02_numbers_rise(void **state)
{
	uint32_t before = 0;

	(void)state;
	observed();
	for (int k = 0; k < 300; k++) {
		struct coap_msg m;
		uint32_t seq;

		notify(0, "x");
		m = took(COAP_NON, COAP_205);
		seq = coap_opt_uint(&m, COAP_OPT_OBSERVE, 0);
		if (k)
			assert_true(seq != before && ((seq - before) & 0xffffff) < 1u << 23);
		before = seq;
		script_advance(&t.sc, k % 3 ? 0 : 100000);
		script_drop_sent(t.l);
	}
}

static void TD_COAP_OBS_06_a_reset_ends_it(void **state)
{
	struct coap_msg n, m;

	(void)state;
	observed();
	notify(0, "x");
	n = took(COAP_NON, COAP_205);
	coap_msg_init(&m, COAP_RST, COAP_EMPTY);
	m.mid = n.mid;
	script_recv_msg(t.l, &m);
	assert_int_equal(t.ended, 1);
	assert_int_equal(t.why, OBSERVE_RESET);
}

/* One CON in flight, the newest state replaces what waits behind it (RFC 7641 §4.5.2). */
static void TD_COAP_OBS_01_the_newest_replaces_what_waits(void **state)
{
	struct coap_msg n, m;

	(void)state;
	observed();
	notify(NOTIFY_CON, "1");
	n = took(COAP_CON, COAP_205);
	notify(0, "2");
	notify(0, "3");
	silent();
	coap_msg_init(&m, COAP_ACK, COAP_EMPTY);
	m.mid = n.mid;
	script_recv_msg(t.l, &m);
	n = took(COAP_CON, COAP_205);
	assert_int_equal(n.payload[0], '3');
	silent();
}

static void TD_COAP_OBS_05_an_unanswered_con_ends_it(void **state)
{
	(void)state;
	observed();
	notify(NOTIFY_CON, "1");
	script_advance(&t.sc, 100000);
	assert_int_equal(t.ended, 1);
	assert_int_equal(t.why, OBSERVE_TIMEOUT);
}

static void TD_COAP_OBS_07_the_last_one_is_an_error(void **state)
{
	struct coap_msg m;

	(void)state;
	observed();
	coap_msg_init(&m, COAP_NON, COAP_404);
	assert_int_equal(observer_notify(t.o, &m, NOTIFY_LAST), LGW_OK);
	m = took(COAP_NON, COAP_404);
	assert_null(coap_opt_find(&m, COAP_OPT_OBSERVE));
	assert_int_equal(t.ended, 0); /* nobody need be told */
}

/* Without the option, and with the same token: the observation goes on. */
static void TD_COAP_OBS_10_a_plain_get_does_not_cancel(void **state)
{
	(void)state;
	observed();
	t.observe = false;
	ask(COAP_CON, COAP_GET, 60);
	took(COAP_ACK, COAP_205);
	notify(0, "x");
	took(COAP_NON, COAP_205);
	assert_int_equal(t.ended, 0);
}

/* A CON notification is lost twice: the same bytes again; what came meanwhile follows. */
static void TD_COAP_OBS_11_lossy(void **state)
{
	struct coap_msg first, again, ack;

	(void)state;
	observed();
	notify(NOTIFY_CON, "1");
	first = took(COAP_CON, COAP_205);
	script_advance(&t.sc, 3000);
	again = took(COAP_CON, COAP_205);
	assert_int_equal(again.mid, first.mid);
	notify(0, "2");
	script_advance(&t.sc, 6000);
	again = took(COAP_CON, COAP_205);
	assert_int_equal(again.payload[0], '1');
	coap_msg_init(&ack, COAP_ACK, COAP_EMPTY);
	ack.mid = again.mid;
	script_recv_msg(t.l, &ack);
	again = took(COAP_CON, COAP_205);
	assert_int_equal(again.payload[0], '2');
	assert_int_not_equal(again.mid, first.mid);
}

/* RFC 7641 §4.5: at least one CON in 24 hours. */
static void a_con_every_day(void **state)
{
	(void)state;
	observed();
	script_advance(&t.sc, 86400000 - 1);
	notify(0, "x");
	took(COAP_NON, COAP_205);
	script_advance(&t.sc, 1);
	notify(0, "x");
	took(COAP_CON, COAP_205);
}

static void too_many_observations(void **state)
{
	(void)state;
	t.params.observers_max = 1;
	observed();
	t.requests = 0;
	{
		struct coap_msg m;

		coap_msg_init(&m, COAP_CON, COAP_GET);
		m.mid = 51;
		m.tkl = 1;
		m.token[0] = 0x51;
		script_recv_msg(t.l, &m);
		assert_true(script_take(t.l, &m));
		assert_int_equal(m.code, COAP_205);
		assert_null(coap_opt_find(&m, COAP_OPT_OBSERVE));
	}
}

static void observe_token(uint16_t n)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_CON, COAP_GET);
	m.mid = n;
	m.tkl = 2;
	m.token[0] = (uint8_t)(n >> 8);
	m.token[1] = (uint8_t)n;
	coap_add_uint(&m, COAP_OPT_OBSERVE, 0);
	script_recv_msg(t.l, &m);
}

/* Ten thousand tokens: those up to observers_max are kept, the rest gets a plain answer. */
static void ten_thousand_tokens(void **state)
{
	struct coap_msg m;
	unsigned observed_ = 0;

	(void)state;
	t.observe = true;
	for (uint16_t n = 0; n < 10000; n++) {
		observe_token(n);
		m = took(COAP_ACK, COAP_205);
		observed_ += coap_opt_find(&m, COAP_OPT_OBSERVE) != NULL;
	}
	assert_int_equal(observed_, t.params.observers_max);
	assert_int_equal(t.ended, 0);
}

/* A reset names one of the last messages of one among many; all others go on. */
static void a_reset_among_many(void **state)
{
	struct observer *o[100];
	struct coap_msg m;
	uint16_t mid = 0;

	(void)state;
	t.observe = true;
	for (uint16_t n = 0; n < 100; n++) {
		observe_token(n);
		o[n] = t.o;
	}
	script_drop_sent(t.l);
	for (int k = 0; k < 300; k++) {
		t.o = o[k % 100];
		notify(0, "x");
		m = took(COAP_NON, COAP_205);
		if (k == 142) /* not the last one of observer 42, and not the newest of all */
			mid = m.mid;
	}
	coap_msg_init(&m, COAP_RST, COAP_EMPTY);
	m.mid = (uint16_t)(mid - 1000); /* never sent, or long ago */
	script_recv_msg(t.l, &m);
	assert_int_equal(t.ended, 0);
	m.mid = mid;
	script_recv_msg(t.l, &m);
	assert_int_equal(t.ended, 1);
	script_recv_msg(t.l, &m);
	assert_int_equal(t.ended, 1);
}

static void the_same_token_replaces(void **state)
{
	struct observer *first;

	(void)state;
	observed();
	first = t.o;
	ask(COAP_CON, COAP_GET, 52);
	assert_int_equal(t.ended, 1);
	assert_int_equal(t.why, OBSERVE_REPLACED);
	(void)first;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(TD_COAP_OBS_02_numbers_rise),
		TEST(TD_COAP_OBS_06_a_reset_ends_it),
		TEST(TD_COAP_OBS_01_the_newest_replaces_what_waits),
		TEST(TD_COAP_OBS_05_an_unanswered_con_ends_it),
		TEST(a_con_every_day),
		TEST(too_many_observations),
		TEST(TD_COAP_OBS_07_the_last_one_is_an_error),
		TEST(TD_COAP_OBS_10_a_plain_get_does_not_cancel),
		TEST(TD_COAP_OBS_11_lossy),
		TEST(ten_thousand_tokens),
		TEST(a_reset_among_many),
		TEST(the_same_token_replaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
