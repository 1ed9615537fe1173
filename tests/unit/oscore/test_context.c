/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two ends of a context: what is protected, what is refused, numbers that never repeat, and the
 * recoveries of RFC 8613 Appendix B.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <lgw/status.h>
#include "oscore/protect.h"
#include "oscore/state.h"
#include "util/mem.h"

static struct aead *aead;

/* Numbers as a test wants them. */
struct numbers {
	uint64_t next;
	unsigned asked;
	int status;
};

static int reserve(void *ud, const struct oscore_cred *cred, uint32_t n, uint64_t *first)
{
	struct numbers *k = ud;

	(void)cred;
	if (k->status)
		return k->status;
	k->asked++;
	*first = k->next;
	k->next += n;
	return LGW_OK;
}
static const struct oscore_ops ops = { reserve };

static struct oscore_bytes str(const char *s)
{
	return (struct oscore_bytes){ (const uint8_t *)s, strlen(s) };
}

static struct oscore_params params(bool client)
{
	return (struct oscore_params){ .secret = str("0123456789abcdef"),
		.salt = str("salt"),
		.sender = str(client ? "C" : "S"),
		.recipient = str(client ? "S" : "C") };
}

static struct oscore *make(const struct oscore_params *p, struct numbers *n)
{
	const struct oscore_cred *cred;
	struct oscore *c;
	char text[80];
	int err;

	assert_int_equal(oscore_cred_new(p, &cred, text, sizeof(text)), LGW_OK);
	c = oscore_new(cred, &ops, n, &err);
	assert_non_null(c);
	oscore_cred_unref(cred);
	return c;
}

struct pair {
	struct numbers cn, sn;
	struct oscore *c, *s;
	uint8_t a[600], b[600], d[600], e[600];
};

static void setup_alg(struct pair *p, int alg)
{
	struct oscore_params cp = params(true), sp = params(false);

	memset(p, 0, sizeof(*p));
	cp.aead = sp.aead = alg;
	p->c = make(&cp, &p->cn);
	p->s = make(&sp, &p->sn);
	oscore_window_reset(&p->c->window);
	oscore_window_reset(&p->s->window);
}

static void setup(struct pair *p)
{
	setup_alg(p, 0);
}

static void done(struct pair *p)
{
	oscore_free(p->c);
	oscore_free(p->s);
}

static const struct coap_opt *opt(const struct coap_msg *m, uint16_t num)
{
	return coap_opt_find(m, num);
}

static void post(struct coap_msg *m, const char *path)
{
	coap_msg_init(m, COAP_CON, COAP_POST);
	m->mid = 7;
	m->tkl = 1;
	m->token[0] = 0x55;
	coap_add_str(m, COAP_OPT_URI_PATH, path);
}

/* from asks, to answers 2.05 "hello"; the status of the answer at from. */
static int exchange(struct pair *p, struct oscore *from, struct oscore *to, struct coap_msg *ans)
{
	struct wr a = wr_of(p->a, sizeof(p->a)), b = wr_of(p->b, sizeof(p->b)),
		  d = wr_of(p->d, sizeof(p->d)), e = wr_of(p->e, sizeof(p->e));
	struct coap_msg m, out, in, res;
	struct oscore_bind mine, theirs;
	int r;

	post(&m, "rd");
	assert_int_equal(oscore_protect_request(from, aead, &m, &mine, &a, &out), LGW_OK);
	r = oscore_unprotect_request(to, aead, &out, &theirs, &b, &in);
	if (r == OSCORE_UNSURE) {
		assert_int_equal(oscore_challenge(to, aead, &out, &theirs, &d, &res), LGW_OK);
	} else {
		if (r)
			return r;
		assert_int_equal(in.code, COAP_POST);
		coap_msg_init(&m, COAP_ACK, COAP_205);
		m.payload = (const uint8_t *)"hello";
		m.payload_len = 5;
		assert_int_equal(oscore_protect_answer(to, aead, &m, &theirs, &d, &res), LGW_OK);
	}
	return oscore_unprotect_answer(from, aead, &res, &mine, &e, ans);
}

/* §4: codes, and which option is where. */
static void options_are_where_they_belong(void **state)
{
	struct pair p;
	struct wr a, b;
	struct coap_msg m, out, in;
	struct oscore_bind mine, theirs;

	(void)state;
	setup(&p);
	a = wr_of(p.a, sizeof(p.a));
	b = wr_of(p.b, sizeof(p.b));
	post(&m, "3");
	m.code = COAP_GET;
	coap_add_str(&m, COAP_OPT_URI_HOST, "host");
	coap_add_uint(&m, COAP_OPT_OBSERVE, 0);
	coap_add_uint(&m, COAP_OPT_ACCEPT, 40);
	coap_add_uint(&m, COAP_OPT_BLOCK2, 2);
	coap_add_uint(&m, 258, 26); /* No-Response, and whatever else is not known: class E */
	assert_int_equal(oscore_protect_request(p.c, aead, &m, &mine, &a, &out), LGW_OK);
	assert_int_equal(out.code, COAP_FETCH);
	assert_int_equal(out.nopts, 3);
	assert_non_null(opt(&out, COAP_OPT_URI_HOST));
	assert_non_null(opt(&out, COAP_OPT_OBSERVE));
	assert_non_null(opt(&out, COAP_OPT_OSCORE));
	assert_true(mine.fetch);

	/* What somebody added outside is not seen. */
	coap_add_str(&out, COAP_OPT_URI_PATH, "5");
	coap_add_uint(&out, COAP_OPT_ACCEPT, 0);
	assert_int_equal(oscore_unprotect_request(p.s, aead, &out, &theirs, &b, &in), LGW_OK);
	assert_int_equal(in.code, COAP_GET);
	assert_int_equal(in.nopts, 6);
	assert_int_equal(coap_opt_uint(&in, COAP_OPT_ACCEPT, 0), 40);
	assert_memory_equal(opt(&in, COAP_OPT_URI_PATH)->val, "3", 1);

	/* A notification: FETCH is answered by 2.05, its inner Observe is empty. */
	wr_reset(&a);
	wr_reset(&b);
	coap_msg_init(&m, COAP_NON, COAP_205);
	coap_add_uint(&m, COAP_OPT_OBSERVE, 77);
	assert_int_equal(oscore_protect_answer(p.s, aead, &m, &theirs, &a, &out), LGW_OK);
	assert_int_equal(out.code, COAP_205);
	assert_int_equal(coap_opt_uint(&out, COAP_OPT_OBSERVE, 0), 77);
	assert_int_equal(opt(&out, COAP_OPT_OSCORE)->val[0], 1); /* a number of its own */
	assert_int_equal(oscore_unprotect_answer(p.c, aead, &out, &mine, &b, &in), LGW_OK);
	assert_int_equal(opt(&in, COAP_OPT_OBSERVE)->len, 0);
	done(&p);
}

/* §4.1.3.5.1: somebody took Observe away on the way. */
static void observe_counts_when_it_is_outside_too(void **state)
{
	struct pair p;
	struct wr a, b;
	struct coap_msg m, out, in;
	struct oscore_bind mine, theirs;

	(void)state;
	setup(&p);
	a = wr_of(p.a, sizeof(p.a));
	b = wr_of(p.b, sizeof(p.b));
	post(&m, "3");
	m.code = COAP_GET;
	coap_add_uint(&m, COAP_OPT_OBSERVE, 0);
	oscore_protect_request(p.c, aead, &m, &mine, &a, &out);
	for (unsigned i = 0; i < out.nopts; i++)
		if (out.opts[i].num == COAP_OPT_OBSERVE)
			out.opts[i].num = COAP_OPT_URI_HOST; /* sorted still */
	assert_int_equal(oscore_unprotect_request(p.s, aead, &out, &theirs, &b, &in), LGW_OK);
	assert_null(opt(&in, COAP_OPT_OBSERVE));
	done(&p);
}

static void every_algorithm_works(void **state)
{
	static const int algs[] = { 1, 2, 3, 10, 11, 12, 13, 24, 30, 31, 32, 33 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(algs); i++) {
		struct coap_msg ans;
		struct pair p;

		setup_alg(&p, algs[i]);
		for (int n = 0; n < 3; n++) {
			assert_int_equal(exchange(&p, p.c, p.s, &ans), LGW_OK);
			assert_int_equal(ans.payload_len, 5);
			assert_int_equal(exchange(&p, p.s, p.c, &ans), LGW_OK);
		}
		done(&p);
	}
}

/* One bit wrong anywhere is noticed, and what is good after it is still taken. */
static void damage_is_noticed(void **state)
{
	struct pair p;
	struct coap_msg m, out, in;
	struct oscore_bind mine, theirs;

	(void)state;
	setup(&p);
	for (size_t bit = 0;; bit++) {
		struct wr a = wr_of(p.a, sizeof(p.a)), b = wr_of(p.b, sizeof(p.b));
		uint8_t *hit;

		post(&m, "rd");
		assert_int_equal(oscore_protect_request(p.c, aead, &m, &mine, &a, &out), LGW_OK);
		if (bit == 8 * out.payload_len)
			break;
		hit = a.p + (out.payload - a.p) + bit / 8;
		*hit ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(
			oscore_unprotect_request(p.s, aead, &out, &theirs, &b, &in), OSCORE_FORGED);
		*hit ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(
			oscore_unprotect_request(p.s, aead, &out, &theirs, &b, &in), LGW_OK);
	}
	done(&p);
}

static void refusals(void **state)
{
	static const struct {
		const char *option;
		size_t len;
		int status;
	} t[] = {
		{ "", 0, OSCORE_MALFORMED },         /* no number, no id */
		{ "\x01\x05", 2, OSCORE_MALFORMED }, /* no id */
		{ "\x08"
		  "C",
			2, OSCORE_MALFORMED }, /* no number */
		{ "\x27\x05", 2, OSCORE_MALFORMED },
		{ "\x09\x05X", 3, OSCORE_UNKNOWN },
		{ "\x09\x05"
		  "CC",
			4, OSCORE_UNKNOWN },
		{ "\x19\x05\x01XC", 5, OSCORE_UNKNOWN },     /* an id context of another kind */
		{ "\x19\x05\x02\x41XC", 6, OSCORE_UNKNOWN }, /* B.2, but nobody with our keys */
		{ "\x09\x05"
		  "C",
			3, OSCORE_FORGED },
	};
	struct pair p;

	(void)state;
	setup(&p);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct wr b = wr_of(p.b, sizeof(p.b));
		struct oscore_bind bind;
		struct coap_msg m, in;

		coap_msg_init(&m, COAP_CON, COAP_POST);
		coap_add(&m, COAP_OPT_OSCORE, t[i].option, t[i].len);
		m.payload = (const uint8_t *)"0123456789abcdef";
		m.payload_len = 16;
		assert_int_equal(
			oscore_unprotect_request(p.s, aead, &m, &bind, &b, &in), t[i].status);
		m.payload_len = 8; /* a tag and no code */
		if (t[i].status == OSCORE_FORGED)
			assert_int_equal(oscore_unprotect_request(p.s, aead, &m, &bind, &b, &in),
				OSCORE_MALFORMED);
	}
	done(&p);
}

/* B.1.1: reserved ahead in ranges; none is left, none goes out. */
static void numbers_are_reserved_first(void **state)
{
	struct wr a;
	struct coap_msg m, out;
	struct oscore_bind bind;
	struct pair p;

	(void)state;
	setup(&p);
	assert_int_equal(p.cn.asked, 1);
	post(&m, "rd");
	for (unsigned i = 0; i < 2 * OSCORE_SEQ_STEP; i++) {
		a = wr_of(p.a, sizeof(p.a));
		assert_int_equal(oscore_protect_request(p.c, aead, &m, &bind, &a, &out), LGW_OK);
		assert_int_equal(bind.piv[0], i);
		assert_true(p.cn.next > i);
	}
	assert_int_equal(p.cn.asked, 2);
	p.cn.status = LGW_EUNAVAIL;
	a = wr_of(p.a, sizeof(p.a));
	assert_int_equal(oscore_protect_request(p.c, aead, &m, &bind, &a, &out), LGW_EUNAVAIL);
	p.cn.status = LGW_OK;
	p.cn.next = OSCORE_SEQ_END;
	assert_int_equal(oscore_protect_request(p.c, aead, &m, &bind, &a, &out), LGW_ETOOBIG);
	done(&p);
}

/* B.1.2: what comes first after a restart may be old. */
static void echo_tells_that_a_request_is_fresh(void **state)
{
	struct wr a, b, d, e;
	struct coap_msg m, out, in, res, ans;
	struct oscore_bind mine, theirs;
	struct pair p;

	(void)state;
	setup(&p);
	p.s->window.valid = false;
	a = wr_of(p.a, sizeof(p.a));
	b = wr_of(p.b, sizeof(p.b));
	d = wr_of(p.d, sizeof(p.d));
	e = wr_of(p.e, sizeof(p.e));
	post(&m, "rd");
	oscore_protect_request(p.c, aead, &m, &mine, &a, &out);
	assert_int_equal(
		oscore_unprotect_request(p.s, aead, &out, &theirs, &b, &in), OSCORE_UNSURE);
	assert_int_equal(oscore_challenge(p.s, aead, &out, &theirs, &d, &res), LGW_OK);
	assert_true(opt(&res, COAP_OPT_OSCORE)->len > 0); /* never the nonce of the request */
	assert_int_equal(oscore_unprotect_answer(p.c, aead, &res, &mine, &e, &ans), LGW_OK);
	assert_int_equal(ans.code, COAP_401);
	assert_non_null(opt(&ans, COAP_OPT_ECHO));

	a = wr_of(p.a, sizeof(p.a));
	coap_add(&m, COAP_OPT_ECHO, opt(&ans, COAP_OPT_ECHO)->val, opt(&ans, COAP_OPT_ECHO)->len);
	oscore_protect_request(p.c, aead, &m, &mine, &a, &out);
	assert_int_equal(oscore_unprotect_request(p.s, aead, &out, &theirs, &b, &in), LGW_OK);
	assert_int_equal(
		oscore_unprotect_request(p.s, aead, &out, &theirs, &b, &in), OSCORE_REPLAY);
	assert_int_equal(exchange(&p, p.c, p.s, &ans), LGW_OK);
	done(&p);
}

/* B.2 with each side as the one that lost its state: two exchanges, then new keys at both. */
static void new_keys_after_a_loss(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct oscore_keys old;
		struct coap_msg ans;
		struct pair p;
		struct oscore *x, *y;

		setup(&p);
		x = i ? p.s : p.c;
		y = i ? p.c : p.s;
		old = x->keys;
		assert_int_equal(oscore_recover(x), LGW_OK);
		assert_int_equal(exchange(&p, x, y, &ans), LGW_PENDING);
		assert_int_equal(ans.code, COAP_401);
		assert_int_equal(exchange(&p, x, y, &ans), LGW_OK);
		assert_int_equal(ans.code, COAP_205);
		assert_int_equal(x->phase, OSCORE_STEADY);
		assert_memory_equal(x->keys.send, y->keys.recv, 16);
		assert_memory_not_equal(x->keys.send, old.send, 16);
		for (int n = 0; n < 3; n++) {
			assert_int_equal(exchange(&p, x, y, &ans), LGW_OK);
			assert_int_equal(exchange(&p, y, x, &ans), LGW_OK);
		}
		/* A second loss, with an id context already there. */
		assert_int_equal(oscore_recover(x), LGW_OK);
		assert_int_equal(exchange(&p, x, y, &ans), LGW_PENDING);
		assert_int_equal(exchange(&p, x, y, &ans), LGW_OK);
		done(&p);
	}
}

/* A peer without B.2: back to the keys of the configuration, and never to an old number. */
static void recovery_that_nobody_answers_ends(void **state)
{
	struct coap_msg ans;
	struct pair p;
	uint64_t seq;

	(void)state;
	setup(&p);
	assert_int_equal(exchange(&p, p.c, p.s, &ans), LGW_OK);
	seq = p.c->seq;
	assert_int_equal(oscore_recover(p.c), LGW_OK);
	assert_int_equal(oscore_recover(p.c), LGW_EEXIST);
	assert_int_equal(p.c->seq, seq);
	assert_int_equal(exchange(&p, p.c, p.s, &ans), LGW_OK);
	seq = p.c->seq;
	oscore_unanswered(p.c);
	assert_int_equal(p.c->seq, seq);
	assert_int_equal(oscore_recover(p.c), LGW_OK);
	oscore_unanswered(p.c);
	assert_int_equal(p.c->seq, seq);
	assert_int_equal(exchange(&p, p.c, p.s, &ans), LGW_OK);
	done(&p);
}

/* Lost for good: the configured keys are not used at all. */
static void lost_numbers_mean_new_keys(void **state)
{
	struct coap_msg ans;
	struct pair p;
	struct oscore_params cp = params(true);

	(void)state;
	setup(&p);
	oscore_free(p.c);
	p.cn.status = LGW_ENOENT;
	p.c = make(&cp, &p.cn);
	oscore_unanswered(p.c); /* there is nothing to go back to */
	assert_int_equal(exchange(&p, p.c, p.s, &ans), LGW_PENDING);
	assert_int_equal(exchange(&p, p.c, p.s, &ans), LGW_OK);
	assert_int_equal(exchange(&p, p.s, p.c, &ans), LGW_OK);
	done(&p);
}

static void creds_are_checked(void **state)
{
	static const char long_[80] =
		"0123456789012345678901234567890123456789012345678901234567890123"
		"456789";
	struct oscore_params p;
	const struct oscore_cred *c, *d;
	char text[80];

	(void)state;
#define REFUSED(change_, status_)                                                       \
	do {                                                                            \
		p = params(true);                                                       \
		change_;                                                                \
		text[0] = '\0';                                                         \
		assert_int_equal(oscore_cred_new(&p, &c, text, sizeof(text)), status_); \
		assert_true(text[0] != '\0');                                           \
	} while (0)
	REFUSED(p.secret.len = 0, LGW_EINVAL);
	REFUSED(p.secret = str(long_), LGW_EINVAL);
	REFUSED(p.salt = str(long_), LGW_EINVAL);
	REFUSED(p.id_context = str(long_), LGW_EINVAL);
	REFUSED(p.sender = str("12345678"), LGW_ETOOBIG);
	REFUSED(p.recipient = p.sender, LGW_EINVAL);
	REFUSED(p.aead = 99, LGW_ENOTSUP);
	REFUSED(p.hkdf = 4, LGW_ENOTSUP);
	REFUSED((p.aead = 12, p.sender = str("12")), LGW_ETOOBIG);
#undef REFUSED
	p = params(true);
	assert_int_equal(oscore_cred_new(&p, &c, text, sizeof(text)), LGW_OK);
	p.hkdf = -10;
	assert_int_equal(oscore_cred_new(&p, &d, text, sizeof(text)), LGW_OK);
	assert_true(oscore_cred_eq(c, d)); /* the default, said aloud */
	oscore_cred_unref(d);
	p.has_id_context = true;
	assert_int_equal(oscore_cred_new(&p, &d, text, sizeof(text)), LGW_OK);
	assert_false(oscore_cred_eq(c, d)); /* an empty id context is not none */
	oscore_cred_unref(d);
	oscore_cred_unref(c);
	oscore_cred_unref(NULL);
	oscore_free(NULL);
}

static int group_setup(void **state)
{
	(void)state;
	aead = aead_new();
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	aead_free(aead);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_where_they_belong),
		cmocka_unit_test(observe_counts_when_it_is_outside_too),
		cmocka_unit_test(every_algorithm_works),
		cmocka_unit_test(damage_is_noticed),
		cmocka_unit_test(refusals),
		cmocka_unit_test(numbers_are_reserved_first),
		cmocka_unit_test(echo_tells_that_a_request_is_fresh),
		cmocka_unit_test(new_keys_after_a_loss),
		cmocka_unit_test(recovery_that_nobody_answers_ends),
		cmocka_unit_test(lost_numbers_mean_new_keys),
		cmocka_unit_test(creds_are_checked),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
