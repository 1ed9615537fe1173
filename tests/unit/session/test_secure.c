/* SPDX-License-Identifier: BSD-3-Clause */
/* OSCORE in a session: the test is the server, with the other end of the context (RFC 8613 §8). */
#include "peer.h"
#include "oscore/protect.h"

static struct aead *aead;
static struct oscore *ours, *theirs;
static uint8_t buf[4][2048];

static bool numberless;

/* Numbers that no context shares. */
static int reserve(void *ud, const struct oscore_cred *cred, uint32_t n, uint64_t *first)
{
	static uint64_t next = 1000;

	(void)ud;
	(void)cred;
	if (numberless)
		return LGW_EIO;
	*first = next;
	next += n;
	return LGW_OK;
}

static const struct oscore_ops numbers = { reserve };

static struct oscore *make(const char *sender, const char *recipient)
{
	struct oscore_params p = { .secret = { (const uint8_t *)"0123456789abcdef", 16 },
		.sender = { (const uint8_t *)sender, 1 },
		.recipient = { (const uint8_t *)recipient, 1 } };
	const struct oscore_cred *cred;
	struct oscore *c;
	char text[80];
	int err;

	assert_int_equal(oscore_cred_new(&p, &cred, text, sizeof(text)), LGW_OK);
	c = oscore_new(cred, &numbers, NULL, &err);
	assert_non_null(c);
	oscore_cred_unref(cred);
	return c;
}

static int begin_oscore(void **state)
{
	(void)state;
	aead = aead_new();
	ours = make("C", "S");
	theirs = make("S", "C");
	return begin_secure(ours);
}

static int end_oscore(void **state)
{
	int r = end(state);

	oscore_free(ours);
	oscore_free(theirs);
	aead_free(aead);
	return r;
}

/* --- the server's half -------------------------------------------------------------------- */

/* A protected request; out borrows from buf[0]. */
static void make_request(struct coap_msg *out, uint8_t code, uint16_t mid, int observe,
	const struct coap_opt *echo, struct oscore_bind *bind)
{
	struct wr w = wr_of(buf[0], sizeof(buf[0]));
	struct coap_msg m;

	coap_msg_init(&m, COAP_CON, code);
	m.mid = mid;
	m.tkl = 2;
	memcpy(m.token, "tk", 2);
	coap_add_str(&m, COAP_OPT_URI_PATH, "3");
	if (observe >= 0)
		coap_add_uint(&m, COAP_OPT_OBSERVE, (uint32_t)observe);
	if (echo)
		coap_add(&m, COAP_OPT_ECHO, echo->val, echo->len);
	assert_int_equal(oscore_protect_request(theirs, aead, &m, bind, &w, out), LGW_OK);
}

/* What a protected answer of ours says; in must be the one that was taken last. */
static struct coap_msg inside(const struct coap_msg *m, const struct oscore_bind *bind)
{
	struct wr w = wr_of(buf[1], sizeof(buf[1]));
	struct coap_msg in;
	int r = oscore_unprotect_answer(theirs, aead, m, bind, &w, &in);

	assert_true(r == LGW_OK || r == LGW_PENDING);
	return in;
}

/* The protected request that we sent, as the server reads it. */
static struct coap_msg took_request(struct coap_msg *outer, struct oscore_bind *bind, int status)
{
	struct wr w = wr_of(buf[2], sizeof(buf[2]));
	struct coap_msg in;

	*outer = took(COAP_CON, COAP_POST);
	assert_int_equal(oscore_unprotect_request(theirs, aead, outer, bind, &w, &in), status);
	return in;
}

static void answer(const struct coap_msg *outer, struct oscore_bind *bind, uint8_t code)
{
	struct wr w = wr_of(buf[3], sizeof(buf[3]));
	struct coap_msg m, out;

	script_answer_init(&m, outer, code);
	assert_int_equal(oscore_protect_answer(theirs, aead, &m, bind, &w, &out), LGW_OK);
	script_recv_msg(t.l, &out);
}

static void challenge(const struct coap_msg *outer, struct oscore_bind *bind)
{
	struct wr w = wr_of(buf[3], sizeof(buf[3]));
	struct coap_msg m, out;

	script_answer_init(&m, outer, COAP_401);
	assert_int_equal(oscore_challenge(theirs, aead, &m, bind, &w, &out), LGW_OK);
	script_recv_msg(t.l, &out);
}

/* A call that the server answers by its Echo first; by that both windows are valid. */
static void meet(void)
{
	struct oscore_bind bind;
	struct coap_msg outer;

	call();
	took_request(&outer, &bind, OSCORE_UNSURE);
	challenge(&outer, &bind);
	assert_int_equal(t.calls, 0);
	took_request(&outer, &bind, LGW_OK);
	answer(&outer, &bind, COAP_201);
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.code, COAP_201);
	t.calls = 0;
}

/* --- the tests ---------------------------------------------------------------------------- */

static void echo_is_sent_again_then_service(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m, in;

	(void)state;
	meet();
	make_request(&m, COAP_GET, 5, -1, NULL, &bind);
	script_recv_msg(t.l, &m);
	m = took(COAP_ACK, COAP_204);
	assert_int_equal(coap_opt_find(&m, COAP_OPT_OSCORE)->len, 0); /* no number of its own */
	in = inside(&m, &bind);
	assert_int_equal(in.code, COAP_205);
	assert_memory_equal(in.payload, "ok", 2);
}

/* The first request after our start may be an old one (B.1.2). */
static void echo_is_asked_for(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m, in;
	uint8_t echo[40];
	struct coap_opt e = { .num = COAP_OPT_ECHO, .val = echo };

	(void)state;
	make_request(&m, COAP_GET, 100, -1, NULL, &bind);
	script_recv_msg(t.l, &m);
	assert_int_equal(t.requests, 0);
	m = took(COAP_ACK, COAP_204);
	in = inside(&m, &bind);
	assert_int_equal(in.code, COAP_401);
	assert_non_null(coap_opt_find(&in, COAP_OPT_ECHO));
	e.len = coap_opt_find(&in, COAP_OPT_ECHO)->len;
	memcpy(echo, coap_opt_find(&in, COAP_OPT_ECHO)->val, e.len);
	make_request(&m, COAP_GET, 101, -1, &e, &bind);
	script_recv_msg(t.l, &m);
	assert_int_equal(t.requests, 1);
	m = took(COAP_ACK, COAP_204);
	in = inside(&m, &bind);
	assert_int_equal(in.code, COAP_205);
}

/* Item 17 of the interop list, and requests that somebody recorded, damaged or made up (12, 13,
 * 15): error answers of the unprotected kind, with Max-Age 0, and the handler hears nothing. */
static void what_is_not_genuine_is_refused(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m, bad;
	uint8_t text[200];

	(void)state;
	meet();
	ask(COAP_CON, COAP_GET, 1);
	m = took(COAP_ACK, COAP_401);
	assert_int_equal(coap_opt_uint(&m, COAP_OPT_MAX_AGE, 60), 0);

	make_request(&m, COAP_GET, 2, -1, NULL, &bind);
	bad = m;
	memcpy(text, m.payload, m.payload_len);
	text[0] ^= 1;
	bad.payload = text;
	script_recv_msg(t.l, &bad);
	bad = took(COAP_ACK, COAP_400);
	assert_memory_equal(bad.payload, "Decryption failed", bad.payload_len);
	assert_int_equal(coap_opt_uint(&bad, COAP_OPT_MAX_AGE, 60), 0);
	assert_int_equal(t.requests, 0);

	m.mid = 3;
	script_recv_msg(t.l, &m);
	assert_int_equal(t.requests, 1);
	took(COAP_ACK, COAP_204);
	m.mid = 4; /* recorded and sent by somebody else */
	script_recv_msg(t.l, &m);
	bad = took(COAP_ACK, COAP_401);
	assert_memory_equal(bad.payload, "Replay detected", bad.payload_len);

	m.opts[m.nopts - 1].val = (const uint8_t *)"\x09\x70X";
	m.opts[m.nopts - 1].len = 3;
	m.mid = 5;
	script_recv_msg(t.l, &m);
	bad = took(COAP_ACK, COAP_401);
	assert_memory_equal(bad.payload, "Security context not found", bad.payload_len);
	m.opts[m.nopts - 1].val = (const uint8_t *)"\xe9\x70S";
	m.mid = 6;
	script_recv_msg(t.l, &m);
	bad = took(COAP_ACK, COAP_402);
	assert_memory_equal(bad.payload, "Failed to decode COSE", bad.payload_len);
	assert_int_equal(t.requests, 1);
	assert_int_equal(t.sc.sessions.count.unverified, 5);
}

/* The message layer finds a duplicate before it could be a replay. */
static void duplicates_get_the_same_bytes(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m;
	uint8_t first[200];
	const uint8_t *p;
	size_t len, again;

	(void)state;
	meet();
	make_request(&m, COAP_GET, 9, 0, NULL, &bind); /* outer FETCH, which has no memory else */
	script_recv_msg(t.l, &m);
	p = script_take_bytes(t.l, &len);
	assert_non_null(p);
	memcpy(first, p, len);
	script_recv_msg(t.l, &m);
	p = script_take_bytes(t.l, &again);
	assert_int_equal(again, len);
	assert_memory_equal(p, first, len);
	assert_int_equal(t.requests, 1);
}

static void retransmissions_are_the_same_bytes(void **state)
{
	uint8_t first[200];
	const uint8_t *p;
	size_t len, again;

	(void)state;
	call();
	p = script_take_bytes(t.l, &len);
	memcpy(first, p, len);
	script_advance(&t.sc, 3000);
	p = script_take_bytes(t.l, &again);
	assert_int_equal(again, len);
	assert_memory_equal(p, first, len);
}

static void notifications(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m, in;
	uint64_t last = 0;

	(void)state;
	meet();
	t.observe = true;
	make_request(&m, COAP_GET, 20, 0, NULL, &bind);
	assert_int_equal(m.code, COAP_FETCH);
	script_recv_msg(t.l, &m);
	assert_non_null(t.o);
	m = took(COAP_ACK, COAP_205);
	in = inside(&m, &bind);
	assert_int_equal(coap_opt_find(&in, COAP_OPT_OBSERVE)->len, 0);
	for (int i = 0; i < 3; i++) {
		const struct coap_opt *o;
		uint64_t piv = 0;

		coap_msg_init(&m, COAP_NON, COAP_205);
		m.payload = (const uint8_t *)"21.5";
		m.payload_len = 4;
		assert_int_equal(observer_notify(t.o, &m, 0), LGW_OK);
		m = took(COAP_NON, COAP_205);
		assert_non_null(coap_opt_find(&m, COAP_OPT_OBSERVE));
		o = coap_opt_find(&m, COAP_OPT_OSCORE);
		assert_int_equal(o->val[0], o->len - 1); /* a number, and nothing else */
		for (unsigned k = 1; k < o->len; k++)
			piv = piv << 8 | o->val[k];
		assert_true(piv > last);
		last = piv;
		in = inside(&m, &bind);
		assert_int_equal(in.code, COAP_205);
		assert_memory_equal(in.payload, "21.5", 4);
	}
	/* The last word is an error: no Observe, and a number all the same. */
	coap_msg_init(&m, COAP_NON, COAP_404);
	assert_int_equal(observer_notify(t.o, &m, NOTIFY_LAST), LGW_OK);
	m = took(COAP_NON, COAP_205);
	assert_true(coap_opt_find(&m, COAP_OPT_OSCORE)->len > 1);
	in = inside(&m, &bind);
	assert_int_equal(in.code, COAP_404);
	t.o = NULL;
}

/* What cannot be numbered at present is not lost: it is for later. */
static void no_number_for_a_notification(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m;
	int r = LGW_OK;

	(void)state;
	meet();
	t.observe = true;
	make_request(&m, COAP_GET, 20, 0, NULL, &bind);
	script_recv_msg(t.l, &m);
	assert_non_null(t.o);
	numberless = true;
	for (unsigned k = 0; !r && k < 10000; k++) {
		coap_msg_init(&m, COAP_NON, COAP_205);
		r = observer_notify(t.o, &m, 0);
	}
	assert_int_equal(r, LGW_EUNAVAIL);
	numberless = false;
	coap_msg_init(&m, COAP_NON, COAP_205);
	assert_int_equal(observer_notify(t.o, &m, 0), LGW_OK);
	observer_free(t.o);
	t.o = NULL;
}

/* Another life with the same keys goes on with what this one was asked for. */
static void notifications_after_a_restart(void **state)
{
	struct oscore_bind bind;
	struct oscore *before;
	uint8_t note[32];
	struct wr w = wr_of(note, sizeof(note));
	struct coap_msg m, in;

	(void)state;
	meet();
	t.observe = true;
	make_request(&m, COAP_GET, 20, 0, NULL, &bind);
	script_recv_msg(t.l, &m);
	assert_non_null(t.o);
	took(COAP_ACK, COAP_205);
	observer_put(t.o, &w);
	observer_free(t.o);
	before = ours;
	ours = make("C", "S");
	assert_true(oscore_configured(ours));
	begin_anew(ours);
	oscore_free(before);
	assert_null(observer_restore(t.s, note, 3, NULL, NULL, NULL)); /* a token only */
	assert_null(observer_restore(t.s, note, 2, NULL, NULL, NULL)); /* not even that */
	t.o = observer_restore(t.s, note, w.len, NULL, NULL, NULL);
	assert_non_null(t.o);
	coap_msg_init(&m, COAP_NON, COAP_205);
	m.payload = (const uint8_t *)"21.5";
	m.payload_len = 4;
	assert_int_equal(observer_notify(t.o, &m, 0), LGW_OK);
	m = took(COAP_NON, COAP_205);
	assert_true(coap_opt_find(&m, COAP_OPT_OSCORE)->len > 1);
	in = inside(&m, &bind);
	assert_int_equal(in.code, COAP_205);
	assert_memory_equal(in.payload, "21.5", 4);
}

/* Item 14: an answer that is forged, or not protected, is as if it had not come. */
static void answers_that_are_not_genuine_are_dropped(void **state)
{
	struct oscore_bind bind, other;
	struct coap_msg m, outer;

	(void)state;
	meet();
	call();
	took_request(&outer, &bind, LGW_OK);
	script_answer_init(&m, &outer, COAP_201);
	script_recv_msg(t.l, &m);
	script_answer_init(&m, &outer, COAP_404);
	script_recv_msg(t.l, &m);
	assert_int_equal(t.calls, 0);
	other = bind;
	other.piv[0] ^= 1;
	answer(&outer, &other, COAP_201); /* the answer to another request */
	assert_int_equal(t.calls, 0);
	bind.used = false;
	script_advance(&t.sc, 3000);
	outer = took(COAP_CON, COAP_POST); /* goes on as if nothing had come */
	answer(&outer, &bind, COAP_201);
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.code, COAP_201);
}

/* The server lost everything: refused without protection, then new keys by B.2, in one call. */
static void a_server_that_lost_its_context(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m, outer;

	(void)state;
	meet();
	call();
	outer = took(COAP_CON, COAP_POST);
	script_answer_init(&m, &outer, COAP_401);
	coap_add_uint(&m, COAP_OPT_MAX_AGE, 0);
	script_recv_msg(t.l, &m);
	took_request(&outer, &bind, OSCORE_UNSURE); /* under ID1 */
	challenge(&outer, &bind);                   /* R2 */
	assert_int_equal(t.calls, 0);
	took_request(&outer, &bind, LGW_OK); /* under R2 | R3 */
	answer(&outer, &bind, COAP_201);
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.code, COAP_201);

	make_request(&m, COAP_GET, 50, -1, NULL, &bind);
	script_recv_msg(t.l, &m);
	assert_int_equal(t.requests, 1);
	took(COAP_ACK, COAP_204);
	silent();
}

/* The same with two requests under way: one asks for new keys, the other one waits for them. */
static void two_requests_at_a_server_that_lost_its_context(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m, outer[2];

	(void)state;
	t.params.nstart = 2;
	meet();
	call();
	call();
	for (int i = 0; i < 2; i++)
		outer[i] = took(COAP_CON, COAP_POST);
	for (int i = 0; i < 2; i++) {
		script_answer_init(&m, &outer[i], COAP_401);
		script_recv_msg(t.l, &m);
	}
	took_request(&outer[0], &bind, OSCORE_UNSURE);
	silent();
	challenge(&outer[0], &bind);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(t.calls, i);
		took_request(&outer[0], &bind, LGW_OK);
		answer(&outer[0], &bind, COAP_201);
		assert_int_equal(t.code, COAP_201);
	}
	assert_int_equal(t.calls, 2);
	silent();
}

/* Nobody there who knows B.2: the refusal arrives, and later calls use the old keys. */
static void a_server_that_does_not_know_us(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m, outer;

	(void)state;
	meet();
	call();
	for (int i = 0; i < 2; i++) {
		outer = took(COAP_CON, COAP_POST);
		script_answer_init(&m, &outer, COAP_401);
		script_recv_msg(t.l, &m);
	}
	assert_int_equal(t.calls, 1);
	assert_int_equal(t.code, COAP_401);
	silent();
	call();
	took_request(&outer, &bind, LGW_OK);
	answer(&outer, &bind, COAP_201);
	assert_int_equal(t.code, COAP_201);
}

/* Nor one that a request under new keys only makes fall silent, or send a reset. */
static void a_server_that_new_keys_confuse(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m, outer;

	(void)state;
	meet();
	for (int silence = 0; silence < 2; silence++) {
		call();
		outer = took(COAP_CON, COAP_POST);
		script_answer_init(&m, &outer, COAP_401);
		script_recv_msg(t.l, &m);
		outer = took(COAP_CON, COAP_POST);
		coap_msg_init(&m, COAP_RST, COAP_EMPTY);
		m.mid = outer.mid;
		if (silence)
			script_advance(&t.sc, 100000);
		else
			script_recv_msg(t.l, &m);
		assert_int_equal(t.status, silence ? LGW_ETIMEDOUT : LGW_ERESET);
		while (script_take_bytes(t.l, &(size_t){ 0 }))
			;
		call();
		took_request(&outer, &bind, LGW_OK);
		answer(&outer, &bind, COAP_201);
		assert_int_equal(t.code, COAP_201);
	}
}

/* Item 16 from the other side: no context here, the option is critical. */
static void oscore_without_a_context(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m;

	(void)state;
	session_free(t.s);
	script_fini(&t.sc);
	assert_int_equal(begin_secure(NULL), 0);
	make_request(&m, COAP_GET, 1, -1, NULL, &bind);
	script_recv_msg(t.l, &m);
	took(COAP_ACK, COAP_402);
	assert_int_equal(t.requests, 0);
}

static void a_handler_may_free_the_session(void **state)
{
	struct oscore_bind bind;
	struct coap_msg m, outer;

	(void)state;
	meet();
	call();
	took_request(&outer, &bind, LGW_OK);
	t.free_in_call = true;
	answer(&outer, &bind, COAP_201);
	assert_null(t.s);
	assert_int_equal(t.calls, 1);
	script_fini(&t.sc);
	assert_int_equal(begin_secure(ours), 0);
	t.free_in_request = true;
	make_request(&m, COAP_GET, 60, -1, NULL, &bind);
	script_recv_msg(t.l, &m);
	assert_null(t.s);
}

int main(void)
{
#define T(name_) cmocka_unit_test_setup_teardown(name_, begin_oscore, end_oscore)
	const struct CMUnitTest tests[] = {
		T(echo_is_sent_again_then_service),
		T(echo_is_asked_for),
		T(what_is_not_genuine_is_refused),
		T(duplicates_get_the_same_bytes),
		T(retransmissions_are_the_same_bytes),
		T(notifications),
		T(no_number_for_a_notification),
		T(notifications_after_a_restart),
		T(answers_that_are_not_genuine_are_dropped),
		T(a_server_that_lost_its_context),
		T(two_requests_at_a_server_that_lost_its_context),
		T(a_server_that_does_not_know_us),
		T(a_server_that_new_keys_confuse),
		T(oscore_without_a_context),
		T(a_handler_may_free_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
