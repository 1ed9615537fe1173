/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests of the peer, in virtual time, with the cases of ETSI's CoAP plugtests by their ids. */
#include "peer.h"

static void TD_COAP_CORE_01_con_get_is_answered_by_its_ack(void **state)
{
	struct coap_msg m;

	(void)state;
	ask(COAP_CON, COAP_GET, 7);
	m = took(COAP_ACK, COAP_205);
	assert_int_equal(m.mid, 7);
	assert_int_equal(m.tkl, 2);
	assert_memory_equal(m.token, "tk", 2);
	silent();
}

static void TD_COAP_CORE_05_non_get_is_answered_by_a_non(void **state)
{
	(void)state;
	ask(COAP_NON, COAP_GET, 7);
	took(COAP_NON, COAP_205);
	silent();
}

/* GET, DELETE, PUT, POST, each as CON and as NON; tokens of every length (10, 12). */
static void TD_COAP_CORE_01_to_08_10_12_methods_and_tokens(void **state)
{
	static const uint8_t methods[] = { COAP_GET, COAP_DELETE, COAP_PUT, COAP_POST, COAP_FETCH,
		COAP_PATCH, COAP_IPATCH };
	struct coap_msg req, m;
	uint16_t mid = 100;

	(void)state;
	for (size_t i = 0; i < sizeof(methods); i++)
		for (uint8_t tkl = 0; tkl <= COAP_TOKEN_MAX; tkl++)
			for (int type = COAP_CON; type <= COAP_NON; type++) {
				coap_msg_init(&req, (enum coap_type)type, methods[i]);
				req.mid = ++mid;
				req.tkl = tkl;
				memcpy(req.token, "\0\1\2\3\4\5\6\7", 8);
				script_recv_msg(t.l, &req);
				m = took(type == COAP_CON ? COAP_ACK : COAP_NON, COAP_205);
				assert_int_equal(m.tkl, tkl);
				assert_memory_equal(m.token, req.token, tkl);
				if (type == COAP_CON)
					assert_int_equal(m.mid, mid);
			}
	assert_int_equal(t.requests, 7 * 9 * 2);
}

static void TD_COAP_CORE_17_a_late_answer_to_a_non(void **state)
{
	struct coap_msg late;

	(void)state;
	t.hold = true;
	ask(COAP_NON, COAP_GET, 17);
	script_advance(&t.sc, 20000);
	silent(); /* a NON is never acknowledged */
	coap_msg_init(&late, COAP_ACK, COAP_205);
	exchange_reply(t.held, &late);
	assert_memory_equal(took(COAP_NON, COAP_205).token, "tk", 2);
}

static void TD_COAP_CORE_09_11_a_late_answer_is_separate(void **state)
{
	struct coap_msg m, late;

	(void)state;
	t.hold = true;
	ask(COAP_CON, COAP_GET, 9);
	silent();
	script_advance(&t.sc, 1000);
	m = took(COAP_ACK, COAP_EMPTY);
	assert_int_equal(m.mid, 9);
	ask(COAP_CON, COAP_GET, 9); /* a duplicate meanwhile: acknowledged, not done again */
	took(COAP_ACK, COAP_EMPTY);
	coap_msg_init(&late, COAP_ACK, COAP_205);
	exchange_reply(t.held, &late);
	m = took(COAP_CON, COAP_205);
	assert_memory_equal(m.token, "tk", 2);
	script_advance(&t.sc, 3000); /* lost: sent again */
	assert_int_equal(took(COAP_CON, COAP_205).mid, m.mid);
	coap_msg_init(&late, COAP_ACK, COAP_EMPTY);
	late.mid = m.mid;
	script_recv_msg(t.l, &late);
	script_advance(&t.sc, 300000);
	silent();
	assert_int_equal(t.requests, 1);
}

static void TD_COAP_CORE_15_a_duplicate_gets_the_same_answer(void **state)
{
	(void)state;
	ask(COAP_CON, COAP_POST, 15);
	took(COAP_ACK, COAP_205);
	script_advance(&t.sc, 246000);
	ask(COAP_CON, COAP_POST, 15);
	took(COAP_ACK, COAP_205);
	assert_int_equal(t.requests, 1);
	script_advance(&t.sc, 2000); /* EXCHANGE_LIFETIME is over: a new request */
	ask(COAP_CON, COAP_POST, 15);
	took(COAP_ACK, COAP_205);
	assert_int_equal(t.requests, 2);
}

/* Whatever it asks for. */
static void a_duplicate_non_is_ignored(void **state)
{
	static const uint8_t codes[] = { COAP_POST, COAP_GET, COAP_FETCH };

	(void)state;
	for (uint16_t i = 0; i < sizeof(codes); i++) {
		ask(COAP_NON, codes[i], i);
		took(COAP_NON, COAP_205);
		ask(COAP_NON, codes[i], i);
		silent();
		assert_int_equal(t.requests, i + 1);
	}
}

static void duplicates_are_remembered_within_bounds(void **state)
{
	(void)state;
	for (uint16_t mid = 0; mid < 1000; mid++) {
		ask(COAP_CON, COAP_PUT, mid);
		took(COAP_ACK, COAP_205);
	}
	assert_int_equal(t.requests, 1000);
	ask(COAP_CON, COAP_PUT, 999);
	took(COAP_ACK, COAP_205);
	assert_int_equal(t.requests, 1000);
}

static void TD_COAP_CORE_31_ping(void **state)
{
	struct coap_msg m;

	(void)state;
	coap_msg_init(&m, COAP_CON, COAP_EMPTY);
	m.mid = 31;
	script_recv_msg(t.l, &m);
	assert_int_equal(took(COAP_RST, COAP_EMPTY).mid, 31);
}

static void too_many_requests_at_once(void **state)
{
	(void)state;
	t.hold = true;
	for (uint16_t mid = 0; mid < t.params.exchanges_max; mid++)
		ask(COAP_CON, COAP_GET, mid);
	silent();
	ask(COAP_CON, COAP_GET, 5000);
	took(COAP_ACK, COAP_503);
	session_free(t.s);
	t.s = NULL;
	assert_int_equal(t.canceled, t.params.exchanges_max);
}

static void bad_options(void **state)
{
	struct coap_msg m;

	(void)state;
	for (int type = COAP_CON; type <= COAP_NON; type++) {
		coap_msg_init(&m, (enum coap_type)type, COAP_GET);
		m.mid = 3;
		coap_add(&m, 65001, "x", 1);
		script_recv_msg(t.l, &m);
		if (type == COAP_CON)
			took(COAP_ACK, COAP_402);
		silent();
	}
	assert_int_equal(t.requests, 0);
	assert_int_equal(t.sc.sessions.count.malformed, 2);
}

/* A CON with a format error is reset, everything else is met by silence (RFC 7252 §4.2, §4.3). */
static void format_errors(void **state)
{
	static const uint8_t con[] = { 0x49, 1, 0, 5 }, non[] = { 0x59, 1, 0, 5 },
			     ack[] = { 0x69, 0x45, 0, 5 }, rst[] = { 0x79, 0, 0, 5 },
			     other_version[] = { 0x80, 1, 0, 5 }, reserved[] = { 0x40, 0x20, 0, 5 },
			     ack_request[] = { 0x60, 1, 0, 5 }, runt[] = { 0x40, 1 };

	(void)state;
	script_recv(t.l, con, sizeof(con));
	assert_int_equal(took(COAP_RST, COAP_EMPTY).mid, 5);
	script_recv(t.l, reserved, sizeof(reserved));
	took(COAP_RST, COAP_EMPTY);
	script_recv(t.l, non, sizeof(non));
	script_recv(t.l, ack, sizeof(ack));
	script_recv(t.l, rst, sizeof(rst));
	script_recv(t.l, other_version, sizeof(other_version));
	script_recv(t.l, ack_request, sizeof(ack_request));
	script_recv(t.l, runt, sizeof(runt));
	silent();
	assert_int_equal(t.requests, 0);
}

static void freed_in_a_request(void **state)
{
	(void)state;
	t.free_in_request = true;
	ask(COAP_CON, COAP_GET, 1);
	assert_null(t.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(TD_COAP_CORE_01_con_get_is_answered_by_its_ack),
		TEST(TD_COAP_CORE_05_non_get_is_answered_by_a_non),
		TEST(TD_COAP_CORE_01_to_08_10_12_methods_and_tokens),
		TEST(TD_COAP_CORE_17_a_late_answer_to_a_non),
		TEST(TD_COAP_CORE_09_11_a_late_answer_is_separate),
		TEST(TD_COAP_CORE_15_a_duplicate_gets_the_same_answer),
		TEST(a_duplicate_non_is_ignored),
		TEST(duplicates_are_remembered_within_bounds),
		TEST(TD_COAP_CORE_31_ping),
		TEST(too_many_requests_at_once),
		TEST(bad_options),
		TEST(format_errors),
		TEST(freed_in_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
