/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two endpoints and a network between them that loses, delays, reorders and doubles datagrams, in
 * virtual time: bodies in blocks both ways. The dice are seeded and ACK_RANDOM_FACTOR is 1, so that
 * each run is the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "scripted.h"
#include "session/session.h"
#include "util/err.h"
#include "util/mem.h"

#define FLYING_MAX 64
#define BODY_MAX   (1u << 20)

struct network {
	uint32_t loss, twice; /* per thousand */
	int64_t delay_ms;     /* on average, half as much to half as much again */
};

struct datagram {
	int64_t due;
	uint8_t *bytes;
	size_t len;
	unsigned to, n;
};

static struct {
	struct script sc;
	struct session_params params;
	struct session *end[2]; /* asks, is asked */
	struct scripted_link *link[2];
	struct network net;
	struct datagram flying[FLYING_MAX];
	size_t nflying;
	uint32_t dice;
	unsigned lost, doubled, late; /* what the network did */
	unsigned sent, newest[2];     /* numbers of datagrams */
	uint8_t body[BODY_MAX];
	size_t len;
	unsigned requests, answers;
	int status;
	bool right;
} w;

static uint32_t roll(uint32_t below)
{
	w.dice = w.dice * 1664525 + 1013904223;
	return (w.dice >> 8) % below;
}

static void fly(unsigned to, const uint8_t *p, size_t len)
{
	assert_true(w.nflying < FLYING_MAX);
	w.flying[w.nflying++] = (struct datagram){ .due = w.sc.now + w.net.delay_ms / 2 +
							  roll((uint32_t)w.net.delay_ms + 1),
		.bytes = xmemdup(p, len),
		.len = len,
		.to = to,
		.n = ++w.sent };
}

static void take_off(void)
{
	const uint8_t *p;
	size_t len = 0;

	for (unsigned from = 0; from < 2; from++)
		while ((p = script_take_bytes(w.link[from], &len))) {
			if (roll(1000) < w.net.loss) {
				w.lost++;
				continue;
			}
			fly(!from, p, len);
			if (roll(1000) < w.net.twice) {
				w.doubled++;
				fly(!from, p, len);
			}
		}
}

static void land(void)
{
	for (size_t k = 0; k < w.nflying;) {
		struct datagram d = w.flying[k];

		if (d.due > w.sc.now) {
			k++;
			continue;
		}
		w.flying[k] = w.flying[--w.nflying];
		w.late += d.n < w.newest[d.to];
		w.newest[d.to] = d.n;
		script_recv(w.link[d.to], d.bytes, d.len);
		free(d.bytes);
	}
}

static void on_request(void *ud, struct exchange *x, const struct coap_msg *req)
{
	struct coap_msg m;

	(void)ud;
	w.requests++;
	coap_msg_init(&m, COAP_ACK, req->code == COAP_GET ? COAP_205 : COAP_204);
	if (req->code == COAP_GET) {
		m.payload = w.body;
		m.payload_len = w.len;
	} else {
		w.right = req->payload_len == w.len && !memcmp(req->payload, w.body, w.len);
	}
	exchange_reply(x, &m);
}

static void on_event(void *ud, enum session_event ev, int err)
{
	(void)ud;
	(void)ev;
	(void)err;
}

static void on_answer(void *ud, int status, const struct coap_msg *resp)
{
	(void)ud;
	w.answers++;
	w.status = status;
	if (resp && resp->code == COAP_205)
		w.right = resp->payload_len == w.len && !memcmp(resp->payload, w.body, w.len);
}

static const struct session_handler handler = { .request = on_request, .event = on_event };

static int begin(void **state)
{
	static const char *const uris[] = { "coap://device", "coap://server" };
	const struct session_security none = { 0 };
	int err;

	(void)state;
	memset(&w, 0, sizeof(w));
	script_init(&w.sc);
	w.params = session_params_default;
	w.params.ack_random_pct = 100;
	w.params.body_max = BODY_MAX;
	w.dice = 20;
	for (unsigned k = 0; k < 2; k++) {
		w.end[k] = session_new(&w.sc.sessions, &w.sc.links, uris[k], &none, &w.params,
			&handler, NULL, &err);
		session_open(w.end[k]);
		script_settle(&w.sc);
		w.link[k] = script_link(&w.sc, uris[k] + strlen("coap://"));
	}
	for (size_t k = 0; k < BODY_MAX; k++)
		w.body[k] = (uint8_t)(k * 7 + k / 251);
	return 0;
}

static int end(void **state)
{
	(void)state;
	while (w.nflying)
		free(w.flying[--w.nflying].bytes);
	session_free(w.end[0]);
	session_free(w.end[1]);
	script_fini(&w.sc);
	return 0;
}

/* A request and all that follows, in two hours at most. */
static void transfer(uint8_t code, size_t len)
{
	const int64_t until = w.sc.now + 7200000;
	const unsigned requests = w.requests, answers = w.answers;
	struct coap_msg m;

	w.len = len;
	w.right = false;
	coap_msg_init(&m, COAP_CON, code);
	coap_add_str(&m, COAP_OPT_URI_PATH, "19");
	if (code != COAP_GET) {
		m.payload = w.body;
		m.payload_len = len;
	}
	assert_int_equal(session_call(w.end[0], &m, on_answer, NULL, NULL), LGW_OK);
	while (w.answers == answers && w.sc.now < until) {
		take_off();
		script_advance(&w.sc, 5);
		land();
	}
	assert_int_equal(w.answers, answers + 1);
	assert_int_equal(w.status, LGW_OK);
	assert_true(w.right);
	if (code != COAP_GET) /* whatever came twice was done once; a GET may be done again */
		assert_int_equal(w.requests, requests + 1);
}

static void transfers(const struct network *net, size_t len)
{
	w.net = *net;
	transfer(COAP_PUT, len);
	transfer(COAP_GET, len);
	assert_true(w.lost && w.doubled && w.late);
	assert_true(w.sc.sessions.count.retransmits && w.sc.sessions.count.duplicates);
	assert_int_equal(w.sc.sessions.count.timeouts, 0);
	assert_int_equal(w.sc.sessions.count.malformed, 0);
}

/* 5 % lost, 5 % twice, 200 ms late and out of order; the timers of RFC 7252. */
static void default_timers_64_kib(void **state)
{
	(void)state;
	transfers(&(struct network){ .loss = 50, .twice = 50, .delay_ms = 200 }, 65536);
}

/* 20 % lost; ack_timeout 200 ms, max_retransmit 8. */
static void one_in_five_1_mib(void **state)
{
	(void)state;
	w.params.ack_timeout_ms = 200;
	w.params.max_retransmit = 8;
	transfers(&(struct network){ .loss = 200, .twice = 50, .delay_ms = 40 }, 1048576);
}

/* A delay beyond ACK_TIMEOUT: everything is sent more than once, and done once. */
static void later_than_the_timer(void **state)
{
	(void)state;
	transfers(&(struct network){ .loss = 50, .twice = 50, .delay_ms = 3000 }, 16384);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = { TEST(default_timers_64_kib), TEST(one_in_five_1_mib),
		TEST(later_than_the_timer) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
