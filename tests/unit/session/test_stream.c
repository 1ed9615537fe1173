/* SPDX-License-Identifier: BSD-3-Clause */
/* Sessions over a connection: RFC 8323 by its sections. */
#include "coap/wire_tcp.h"
#include "peer.h"

static struct coap_msg signal_of(uint8_t code)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_NON, code);
	return m;
}

static void say(uint8_t code)
{
	struct coap_msg m = signal_of(code);

	script_recv_msg(t.l, &m);
}

static int begin_connected(void **state)
{
	(void)state;
	return begin_at("coap+tcp://server");
}

/* The peer's CSM, after ours was looked at. */
static int begin_greeted(void **state)
{
	int r = begin_connected(state);

	script_drop_sent(t.l);
	say(COAP_CSM);
	return r;
}

static void csm_goes_first(void **state)
{
	struct coap_msg m;

	(void)state;
	call();
	m = took(COAP_NON, COAP_CSM);
	assert_int_equal(coap_opt_uint(&m, COAP_CSM_MAX_MESSAGE_SIZE, 0), 16384);
	assert_non_null(coap_opt_find(&m, COAP_CSM_BLOCK_WISE));
	took(COAP_NON, COAP_POST);
}

static void ignored(void *ud, int status, const struct coap_msg *resp)
{
}

/* In blocks of 1024 bytes before it, in as many of them as fit (BERT) after it. */
static void nothing_large_before_the_peers_csm(void **state)
{
	static uint8_t body[8000];
	struct coap_msg m, greeting = signal_of(COAP_CSM);
	struct call *c;

	(void)state;
	coap_msg_init(&m, COAP_CON, COAP_POST);
	m.payload = body;
	m.payload_len = sizeof(body);
	took(COAP_NON, COAP_CSM);
	assert_int_equal(session_call(t.s, &m, ignored, NULL, &c), LGW_OK);
	assert_int_equal(took(COAP_NON, COAP_POST).payload_len, 1024);
	coap_add_uint(&greeting, COAP_CSM_MAX_MESSAGE_SIZE, 6000);
	coap_add(&greeting, COAP_CSM_BLOCK_WISE, NULL, 0);
	script_recv_msg(t.l, &greeting);
	call_cancel(c);
	assert_int_equal(session_call(t.s, &m, ignored, NULL, NULL), LGW_OK);
	m = took(COAP_NON, COAP_POST);
	assert_int_equal(m.payload_len, 5 * 1024);
	assert_int_equal(coap_opt_uint(&m, COAP_OPT_BLOCK1, 0), 0x0f); /* NUM 0, more, SZX 7 */
	script_answer_init(&greeting, &m, COAP_231);
	coap_add_uint(&greeting, COAP_OPT_BLOCK1, 0x0f);
	script_recv_msg(t.l, &greeting);
	m = took(COAP_NON, COAP_POST);
	assert_int_equal(m.payload_len, 8000 - 5 * 1024);
	assert_int_equal(coap_opt_uint(&m, COAP_OPT_BLOCK1, 0), 0x57); /* NUM 5, the last */
}

static void the_first_message_must_be_a_csm(void **state)
{
	(void)state;
	script_drop_sent(t.l);
	ask(COAP_NON, COAP_GET, 0);
	took(COAP_NON, COAP_ABORT);
	assert_int_equal(t.downs, 1);
	assert_int_equal(t.requests, 0);
	assert_false(script_is_open(t.l));
}

static void requests_and_answers(void **state)
{
	struct coap_msg req, m;

	(void)state;
	ask(COAP_NON, COAP_GET, 0);
	m = took(COAP_NON, COAP_205);
	assert_memory_equal(m.token, "tk", 2);
	ask(COAP_NON, COAP_PUT, 0); /* twice the same is twice a request: there are no duplicates */
	ask(COAP_NON, COAP_PUT, 0);
	assert_int_equal(t.requests, 3);
	script_drop_sent(t.l);
	call();
	req = took(COAP_NON, COAP_POST);
	script_advance(&t.sc, 60000);
	silent(); /* never sent again */
	script_answer_init(&m, &req, COAP_201);
	script_recv_msg(t.l, &m);
	assert_int_equal(t.code, COAP_201);
}

/* Both directions are counted, framing and all. */
static void traffic(void **state)
{
	const size_t sent = t.sent_bytes, received = t.received_bytes;

	(void)state;
	ask(COAP_NON, COAP_GET, 0);
	assert_int_equal(t.sent_bytes - sent, 2 + 2 + 1 + 2);     /* header, token, marker, "ok" */
	assert_int_equal(t.received_bytes - received, 2 + 2 + 2); /* and the path */
}

static void no_answer_in_time(void **state)
{
	(void)state;
	call();
	script_advance(&t.sc, t.params.response_timeout_ms + 10);
	assert_int_equal(t.status, LGW_ETIMEDOUT);
}

/* Cut into pieces of every size, and joined. */
static void pieces(void **state)
{
	uint8_t bytes[600];
	struct wr w = wr_of(bytes, sizeof(bytes));
	struct coap_msg m;

	(void)state;
	for (int k = 0; k < 5; k++) {
		coap_msg_init(&m, COAP_NON, COAP_GET);
		coap_add_str(&m, COAP_OPT_URI_PATH, "3303");
		coap_tcp_encode(&w, &m);
	}
	for (size_t size = 1; size <= w.len; size++) {
		t.requests = 0;
		for (size_t at = 0; at < w.len; at += size)
			script_recv(t.l, bytes + at, w.len - at < size ? w.len - at : size);
		assert_int_equal(t.requests, 5);
		script_drop_sent(t.l);
	}
}

/* Byte by byte, with pauses: it takes as long as it may; then the peer counts as stuck. */
static void half_a_message(void **state)
{
	static const uint8_t large[] = { 0xe0, 0x20, 0x00, COAP_PUT, 0xff, 'x', 'y' };
	const uint64_t timeouts = t.sc.sessions.count.timeouts;

	(void)state;
	for (size_t k = 0; k < sizeof(large); k++) {
		script_recv(t.l, large + k, 1);
		script_advance(&t.sc, 10000);
		silent();
	}
	script_advance(&t.sc, t.params.response_timeout_ms - 10000 * sizeof(large) - 1);
	assert_int_equal(t.downs, 0);
	script_advance(&t.sc, 1);
	took(COAP_NON, COAP_ABORT);
	assert_int_equal(t.downs, 1);
	assert_int_equal(t.sc.sessions.count.timeouts, timeouts + 1);
	session_open(t.s); /* what was held is forgotten with its connection */
	script_settle(&t.sc);
	took(COAP_NON, COAP_CSM);
	say(COAP_CSM);
	ask(COAP_NON, COAP_GET, 0);
	took(COAP_NON, COAP_205);
	script_advance(&t.sc, 2 * (int64_t)t.params.response_timeout_ms);
	assert_int_equal(t.downs, 1);
}

static void ping_and_pong(void **state)
{
	struct coap_msg m = signal_of(COAP_PING);

	(void)state;
	m.tkl = 1;
	m.token[0] = 0x42;
	script_recv_msg(t.l, &m);
	m = took(COAP_NON, COAP_PONG);
	assert_int_equal(m.token[0], 0x42);
	assert_null(coap_opt_find(&m, COAP_PING_CUSTODY));
	m = signal_of(COAP_PING);
	coap_add(&m, COAP_PING_CUSTODY, NULL, 0);
	script_recv_msg(t.l, &m);
	m = took(COAP_NON, COAP_PONG);
	assert_non_null(coap_opt_find(&m, COAP_PING_CUSTODY));
	t.hold = true;
	ask(COAP_NON, COAP_GET, 0);
	m = signal_of(COAP_PING);
	coap_add(&m, COAP_PING_CUSTODY, NULL, 0);
	script_recv_msg(t.l, &m);
	m = took(COAP_NON, COAP_PONG);
	assert_null(coap_opt_find(&m, COAP_PING_CUSTODY)); /* one is still being done */
}

static void release(void **state)
{
	struct coap_msg m;

	(void)state;
	t.hold = true;
	ask(COAP_NON, COAP_GET, 0);
	say(COAP_RELEASE);
	assert_int_equal(t.downs, 0); /* what is under way is finished */
	coap_msg_init(&m, COAP_ACK, COAP_205);
	exchange_reply(t.held, &m);
	took(COAP_NON, COAP_205);
	assert_int_equal(session_call(t.s, &m, NULL, NULL, NULL), LGW_EUNAVAIL); /* nothing new */
	script_settle(&t.sc);
	assert_int_equal(t.downs, 1);
	session_open(t.s);
	script_settle(&t.sc);
	assert_int_equal(t.ups, 2);
	took(COAP_NON, COAP_CSM);
	say(COAP_CSM);
	say(COAP_RELEASE); /* nothing under way: at once */
	assert_int_equal(t.downs, 2);
}

/* Lost before what is under way is finished: nothing is due any more. */
/* Hold-Off: not before so many seconds, and not after a day. */
static void released_for_a_while(void **state)
{
	static const uint32_t said[] = { 30, 16777215 }, kept[] = { 30, 86400 };
	struct coap_msg m;

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		m = signal_of(COAP_RELEASE);
		coap_add_uint(&m, COAP_RELEASE_HOLD_OFF, said[k]);
		script_recv_msg(t.l, &m);
		assert_int_equal(t.downs, k + 1);
		assert_int_equal(session_open(t.s), LGW_OK);
		assert_int_equal(session_open_limit_ms(t.s), (60 + kept[k]) * 1000);
		script_advance(&t.sc, kept[k] * 1000 - 1);
		assert_false(script_is_open(t.l));
		assert_int_equal(t.ups, k + 1);
		script_advance(&t.sc, 1);
		script_settle(&t.sc);
		assert_int_equal(t.ups, k + 2);
		took(COAP_NON, COAP_CSM);
		say(COAP_CSM);
	}
	script_recv_msg(t.l, &m);
	session_open(t.s);
	session_close(t.s); /* nothing comes later */
	script_advance(&t.sc, 100000);
	assert_int_equal(t.ups, 3);
}

static void lost_while_released(void **state)
{
	(void)state;
	t.hold = true;
	ask(COAP_NON, COAP_GET, 0);
	say(COAP_RELEASE);
	script_event(t.l, LINK_DOWN, LGW_ERESET);
	script_advance(&t.sc, 60000);
	assert_int_equal(t.downs, 1);
	assert_int_equal(t.canceled, 1);
}

static void abort_of_the_peer(void **state)
{
	(void)state;
	call();
	say(COAP_ABORT);
	assert_int_equal(t.downs, 1);
	assert_int_equal(t.calls, 1);
	assert_int_not_equal(t.status, LGW_OK);
}

static void critical_options_of_signals(void **state)
{
	struct coap_msg m = signal_of(COAP_CSM);

	(void)state;
	coap_add_uint(&m, 6, 1); /* elective: ignored */
	script_recv_msg(t.l, &m);
	silent();
	m = signal_of(COAP_CSM);
	coap_add_uint(&m, 7, 1);
	script_recv_msg(t.l, &m);
	m = took(COAP_NON, COAP_ABORT);
	assert_int_equal(coap_opt_uint(&m, COAP_ABORT_BAD_CSM_OPTION, 0), 7);
	assert_int_equal(t.downs, 1);
}

static void unknown_signals_and_empty_messages(void **state)
{
	(void)state;
	say(COAP_CODE(7, 9));
	say(COAP_EMPTY);
	say(COAP_PONG);
	silent();
	assert_int_equal(t.downs, 0);
}

static void too_large_or_malformed(void **state)
{
	static const uint8_t large[] = { 0xe0, 0xff, 0xff, 1 }, token[] = { 0x0f, 1 };

	(void)state;
	script_recv(t.l, large, sizeof(large));
	took(COAP_NON, COAP_ABORT);
	assert_int_equal(t.downs, 1);
	session_open(t.s);
	script_settle(&t.sc);
	script_drop_sent(t.l);
	say(COAP_CSM);
	script_recv(t.l, token, sizeof(token));
	took(COAP_NON, COAP_ABORT);
	assert_int_equal(t.downs, 2);
}

static void observations_end_with_the_connection(void **state)
{
	struct coap_msg m;

	(void)state;
	t.observe = true;
	ask(COAP_NON, COAP_GET, 0);
	m = took(COAP_NON, COAP_205);
	assert_non_null(coap_opt_find(&m, COAP_OPT_OBSERVE));
	coap_msg_init(&m, COAP_NON, COAP_205);
	assert_int_equal(observer_notify(t.o, &m, NOTIFY_CON), LGW_OK);
	assert_int_equal(observer_notify(t.o, &m, NOTIFY_CON), LGW_OK);
	took(COAP_NON, COAP_205); /* no message waits for an acknowledgement */
	took(COAP_NON, COAP_205);
	script_event(t.l, LINK_DOWN, LGW_ERESET);
	assert_int_equal(t.ended, 1);
	assert_int_equal(t.why, OBSERVE_LOST);
}

static void the_connection_is_released_by_us(void **state)
{
	(void)state;
	session_close(t.s);
	took(COAP_NON, COAP_RELEASE);
	assert_false(script_is_open(t.l));
	assert_int_equal(t.downs, 0);
}

static void freed_in_a_piece(void **state)
{
	static const uint8_t two[] = { 0x00, 1, 0x00, 1, 0x50 };

	(void)state;
	t.free_in_request = true;
	script_recv(t.l, two, sizeof(two));
	assert_null(t.s);
}

#define GREETED(fn) cmocka_unit_test_setup_teardown(fn, begin_greeted, end)
#define FRESH(fn)   cmocka_unit_test_setup_teardown(fn, begin_connected, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(csm_goes_first),
		FRESH(nothing_large_before_the_peers_csm),
		FRESH(the_first_message_must_be_a_csm),
		GREETED(requests_and_answers),
		GREETED(traffic),
		GREETED(no_answer_in_time),
		GREETED(pieces),
		GREETED(half_a_message),
		GREETED(ping_and_pong),
		GREETED(release),
		GREETED(released_for_a_while),
		GREETED(lost_while_released),
		GREETED(abort_of_the_peer),
		GREETED(critical_options_of_signals),
		GREETED(unknown_signals_and_empty_messages),
		GREETED(too_large_or_malformed),
		GREETED(observations_end_with_the_connection),
		GREETED(the_connection_is_released_by_us),
		GREETED(freed_in_a_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
