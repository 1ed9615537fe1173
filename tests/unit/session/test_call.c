/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests of ours, in virtual time, with the cases of ETSI's CoAP plugtests by their ids. */
#include "peer.h"

static void an_answer_ends_the_call(void **state)
{
	struct coap_msg req, m;

	(void)state;
	call();
	req = took(COAP_CON, COAP_POST);
	assert_int_equal(req.tkl, 8);
	script_answer_init(&m, &req, COAP_201);
	m.token[0] ^= 1; /* another token: not ours */
	script_recv_msg(t.l, &m);
	assert_int_equal(t.calls, 0);
	m.token[0] ^= 1;
	m.mid++; /* another message id in an ACK: not ours either */
	script_recv_msg(t.l, &m);
	assert_int_equal(t.calls, 0);
	m.mid--;
	script_recv_msg(t.l, &m);
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.code, COAP_201);
	script_advance(&t.sc, 300000);
	silent();
}

/* RFC 7252 §4.2: doubling pauses, the same bytes, an end within MAX_TRANSMIT_WAIT. */
static void retransmission(void **state)
{
	int64_t start = t.sc.now, pause, before = 0;
	struct coap_msg first, again;

	(void)state;
	call();
	first = took(COAP_CON, COAP_POST);
	for (int k = 0; k < 4; k++) {
		pause = t.sc.now;
		while (!script_sent(t.l))
			script_advance(&t.sc, 10);
		pause = t.sc.now - pause;
		again = took(COAP_CON, COAP_POST);
		assert_int_equal(again.mid, first.mid);
		assert_memory_equal(again.token, first.token, 8);
		if (k)
			assert_true(pause >= before * 2 - 20 && pause <= before * 2 + 20);
		else
			assert_true(pause >= 2000 && pause <= 3010);
		before = pause;
	}
	while (!t.calls)
		script_advance(&t.sc, 10);
	assert_int_equal(t.status, LGW_ETIMEDOUT);
	assert_true(t.sc.now - start <= 93000);
	silent();
	assert_int_equal(t.sc.sessions.count.retransmits, 4);
}

static void a_separate_answer(void **state)
{
	struct coap_msg req, m;

	(void)state;
	call();
	req = took(COAP_CON, COAP_POST);
	coap_msg_init(&m, COAP_ACK, COAP_EMPTY);
	m.mid = req.mid;
	script_recv_msg(t.l, &m);
	script_advance(&t.sc, 60000);
	silent(); /* acknowledged: not sent again */
	script_answer_init(&m, &req, COAP_204);
	m.type = COAP_CON;
	m.mid = 4711;
	script_recv_msg(t.l, &m);
	assert_int_equal(took(COAP_ACK, COAP_EMPTY).mid, 4711);
	assert_int_equal(t.code, COAP_204);
}

/* The answer came, the ACK before it was lost (RFC 7252 §5.2.2). */
static void TD_COAP_CORE_16_an_answer_stands_for_the_lost_ack(void **state)
{
	struct coap_msg req, m;

	(void)state;
	call();
	req = took(COAP_CON, COAP_POST);
	script_answer_init(&m, &req, COAP_204);
	m.type = COAP_CON;
	m.mid = 1;
	script_recv_msg(t.l, &m);
	took(COAP_ACK, COAP_EMPTY);
	assert_int_equal(t.code, COAP_204);
	script_advance(&t.sc, 300000);
	silent();
}

static void no_answer_after_the_ack(void **state)
{
	struct coap_msg req, m;

	(void)state;
	call();
	req = took(COAP_CON, COAP_POST);
	coap_msg_init(&m, COAP_ACK, COAP_EMPTY);
	m.mid = req.mid;
	script_recv_msg(t.l, &m);
	script_advance(&t.sc, t.params.response_timeout_ms + 10);
	assert_int_equal(t.status, LGW_ETIMEDOUT);
}

static void a_reset_ends_the_call(void **state)
{
	struct coap_msg req, m;

	(void)state;
	call();
	req = took(COAP_CON, COAP_POST);
	coap_msg_init(&m, COAP_RST, COAP_EMPTY);
	m.mid = req.mid;
	script_recv_msg(t.l, &m);
	assert_int_equal(t.status, LGW_ERESET);
}

/* NSTART is 1: the second one waits for the first (RFC 7252 §4.7). */
static void one_request_at_a_time(void **state)
{
	struct coap_msg req, m;

	(void)state;
	call();
	call();
	req = took(COAP_CON, COAP_POST);
	silent();
	script_answer_init(&m, &req, COAP_204);
	script_recv_msg(t.l, &m);
	took(COAP_CON, COAP_POST);
	assert_int_equal(t.calls, 1);
}

/* Unexpected answers: a CON is reset, the rest ignored; with an unknown critical option as if it
 * had not come. */
static void answered(const struct coap_msg *req)
{
	struct coap_msg m;

	script_answer_init(&m, req, COAP_201);
	script_recv_msg(t.l, &m);
}

/* NSTART is 2: the third one waits for any of them, and the answers come in any order. */
static void two_requests_at_a_time(void **state)
{
	struct coap_msg a, b, c;

	(void)state;
	t.params.nstart = 2;
	for (int k = 0; k < 4; k++)
		call();
	a = took(COAP_CON, COAP_POST);
	b = took(COAP_CON, COAP_POST);
	silent();
	answered(&b);
	assert_int_equal(t.calls, 1);
	c = took(COAP_CON, COAP_POST);
	silent();
	script_event(t.l, LINK_ERROR, LGW_EUNAVAIL); /* of both, not of the one that waits */
	assert_int_equal(t.calls, 3);
	b = took(COAP_CON, COAP_POST);
	answered(&c); /* too late */
	answered(&a);
	assert_int_equal(t.calls, 3);
	answered(&b);
	assert_int_equal(t.calls, 4);
	silent();
}

/* Each has a time of its own for the answer that was promised. */
static void two_requests_that_are_not_answered(void **state)
{
	struct coap_msg req, m;

	(void)state;
	t.params.nstart = 2;
	coap_msg_init(&m, COAP_ACK, COAP_EMPTY);
	for (int k = 0; k < 3; k++) {
		call();
		if (k == 2)
			break;
		req = took(COAP_CON, COAP_POST);
		m.mid = req.mid;
		script_recv_msg(t.l, &m);
		script_advance(&t.sc, 10000);
	}
	script_advance(&t.sc, 99999);
	assert_int_equal(t.calls, 0);
	script_advance(&t.sc, 1);
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.status, LGW_ETIMEDOUT);
	req = took(COAP_CON, COAP_POST);
	script_advance(&t.sc, 1000);
	answered(&req);
	assert_int_equal(t.calls, 2);
	script_advance(&t.sc, 8999);
	assert_int_equal(t.calls, 2);
	script_advance(&t.sc, 1);
	assert_int_equal(t.calls, 3);
}

static void answers_of_nobody(void **state)
{
	struct coap_msg req, m;

	(void)state;
	coap_msg_init(&m, COAP_CON, COAP_205);
	m.mid = 5;
	script_recv_msg(t.l, &m);
	took(COAP_RST, COAP_EMPTY);
	m.type = COAP_NON;
	script_recv_msg(t.l, &m);
	m.type = COAP_ACK;
	script_recv_msg(t.l, &m);
	silent();
	assert_int_equal(t.sc.sessions.count.unmatched, 3);
	call();
	req = took(COAP_CON, COAP_POST);
	script_answer_init(&m, &req, COAP_201);
	coap_add(&m, 65001, "x", 1);
	script_recv_msg(t.l, &m);
	assert_int_equal(t.calls, 0);
}

static void freed_in_an_answer(void **state)
{
	struct coap_msg req, m;

	(void)state;
	t.free_in_call = true;
	call();
	call(); /* ends with the session */
	req = took(COAP_CON, COAP_POST);
	script_answer_init(&m, &req, COAP_201);
	script_recv_msg(t.l, &m);
	assert_int_equal(t.calls, 2);
	assert_null(t.s);
}

static void a_lost_link_ends_all(void **state)
{
	(void)state;
	t.hold = true;
	ask(COAP_CON, COAP_GET, 1);
	call();
	call();
	script_event(t.l, LINK_DOWN, LGW_EIO);
	assert_int_equal(t.calls, 2);
	assert_int_equal(t.status, LGW_EIO);
	assert_int_equal(t.canceled, 1);
	assert_int_equal(t.downs, 1);
	assert_false(session_is_up(t.s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_ends_the_call),
		TEST(retransmission),
		TEST(a_separate_answer),
		TEST(TD_COAP_CORE_16_an_answer_stands_for_the_lost_ack),
		TEST(no_answer_after_the_ack),
		TEST(a_reset_ends_the_call),
		TEST(one_request_at_a_time),
		TEST(two_requests_at_a_time),
		TEST(two_requests_that_are_not_answered),
		TEST(answers_of_nobody),
		TEST(freed_in_an_answer),
		TEST(a_lost_link_ends_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
