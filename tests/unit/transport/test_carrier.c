/* SPDX-License-Identifier: BSD-3-Clause */
/* Links over a carrier: up and down from the loop; one address of ours for several clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "scripted.h"
#include "transport/carrier.h"
#include "util/err.h"
#include "util/str.h"
#include "util/wr.h"

#define SERVER "+4915112345678"
#define URI    "sms://+49 151-12345678"

static struct {
	struct script sc;
	struct carriers *carriers;
	struct carrier *carrier;
	char sent_to[LGW_PEER_MAX];
	unsigned sent;
	uint8_t bytes[1000];
	size_t len;
	int refuse;
} t;

struct user {
	struct link *link;
	int ups, downs, err;
	size_t got;
	bool free_on_up;
};

static int carry(void *state, const char *peer, const void *p, size_t len)
{
	assert_ptr_equal(state, &t);
	str_copy(t.sent_to, sizeof(t.sent_to), peer);
	memcpy(t.bytes, p, len);
	t.len = len;
	t.sent++;
	return t.refuse;
}

static const struct lgw_carrier desc = { "sms", 140, sizeof(t.bytes), carry };

static void on_recv(void *ud, const uint8_t *p, size_t len)
{
	(void)p;
	((struct user *)ud)->got += len;
}

static void on_event(void *ud, enum link_event ev, int err)
{
	struct user *u = ud;

	u->ups += ev == LINK_UP;
	u->downs += ev == LINK_DOWN;
	u->err = err;
	if (ev == LINK_UP && u->free_on_up) {
		link_free(u->link);
		u->link = NULL;
	}
}

static const struct link_handler handler = { on_recv, on_event };

static int begin(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	script_init(&t.sc);
	t.sc.links.carriers = t.carriers = carriers_new(&t.sc.links, t.sc.timers);
	t.sc.links.pick = session_pick;
	t.sc.links.pick_ud = &t.sc.sessions;
	t.carrier = carriers_add(t.carriers, &desc);
	return 0;
}

static int end(void **state)
{
	(void)state;
	carriers_free(t.carriers);
	script_fini(&t.sc);
	return 0;
}

static void carrier_is(bool up)
{
	const struct lgw_carrier_state state = { .up = up, .own = "+1", .pause_ms = 30000 };

	carrier_attach(t.carrier, &t);
	carrier_state(t.carrier, &state);
}

static struct user make(const char *uri)
{
	struct user u = { 0 };

	assert_int_equal(link_new(&t.sc.links, uri, NULL, &handler, &u, &u.link), 0);
	return u;
}

static void up_and_down(void **state)
{
	struct user u = make(URI);

	(void)state;
	u.link->ud = &u;
	assert_ptr_equal(carriers_add(t.carriers, &desc), t.carrier);
	assert_null(carriers_own(t.carriers));
	u.link->ops->open(u.link);
	script_settle(&t.sc);
	assert_int_equal(u.ups + u.downs, 0); /* it waits for the plugin */
	assert_int_equal(u.link->ops->send(u.link, "x", 1), LGW_EUNAVAIL);
	carrier_is(true);
	assert_int_equal(u.ups, 0); /* from the loop only */
	script_settle(&t.sc);
	assert_int_equal(u.ups, 1);
	assert_string_equal(carriers_own(t.carriers), "+1");
	assert_int_equal(link_unit(u.link), 140);
	assert_int_equal(u.link->ops->pause_ms, 30000);
	assert_int_equal(u.link->ops->send(u.link, "abc", 3), 0);
	assert_string_equal(t.sent_to, SERVER);
	assert_int_equal(t.len, 3);
	assert_int_equal(u.link->ops->send(u.link, t.bytes, sizeof(t.bytes) + 1), LGW_ETOOBIG);
	carrier_is(false);
	script_settle(&t.sc);
	assert_int_equal(u.downs, 1);
	assert_int_equal(u.err, LGW_EUNAVAIL);
	carrier_is(true);
	script_settle(&t.sc);
	assert_int_equal(u.ups, 1); /* its owner did not open it again */
	u.link->ops->open(u.link);
	script_settle(&t.sc);
	assert_int_equal(u.ups, 2);
	carrier_attach(t.carrier, NULL); /* the plugin went */
	script_settle(&t.sc);
	assert_int_equal(u.downs, 2);
	link_free(u.link);
}

static void strangers(void **state)
{
	struct user u = make(URI);

	(void)state;
	u.link->ud = &u;
	assert_int_equal(carrier_recv(t.carrier, "+490", t.bytes, 5), LGW_ENOENT);
	assert_int_equal(t.sc.links.count.foreign, 1);
	assert_int_equal(carrier_recv(t.carrier, SERVER, t.bytes, 5), 0);
	assert_int_equal(u.got, 5);
	link_free(u.link);
	assert_int_equal(carrier_recv(t.carrier, SERVER, t.bytes, 5), LGW_ENOENT);
}

static void freed_when_told(void **state)
{
	struct user a = make(URI), b = make("sms:+1"), c = make(URI);

	(void)state;
	a.link->ud = &a;
	b.link->ud = &b;
	c.link->ud = &c;
	a.free_on_up = c.free_on_up = true;
	a.link->ops->open(a.link);
	b.link->ops->open(b.link);
	c.link->ops->open(c.link);
	carrier_is(true);
	for (int k = 0; k < 4; k++)
		script_settle(&t.sc);
	assert_int_equal(a.ups + b.ups + c.ups, 3);
	assert_null(a.link);
	assert_int_equal(carrier_recv(t.carrier, SERVER, t.bytes, 1), LGW_ENOENT);
	link_free(b.link);
}

/* --- sessions that share it ------------------------------------------------------------------- */

struct client {
	struct session *session;
	int status;
	unsigned requests, pushes;
};

static void on_request(void *ud, struct exchange *x, const struct coap_msg *req)
{
	struct coap_msg m;

	(void)req;
	((struct client *)ud)->requests++;
	coap_msg_init(&m, COAP_ACK, COAP_205);
	exchange_reply(x, &m);
}

static void on_push(void *ud, const struct coap_msg *req)
{
	assert_int_equal(req->code, COAP_POST);
	((struct client *)ud)->pushes++;
}

static void session_event(void *ud, enum session_event ev, int err)
{
	(void)ud;
	(void)ev;
	(void)err;
}

static const struct session_handler session_handler = {
	.request = on_request, .push = on_push, .event = session_event
};

static void answered(void *ud, int status, const struct coap_msg *resp)
{
	struct client *c = ud;

	c->status = status ? status : resp->code;
}

static void ask(struct client *c, struct coap_msg *sent)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_CON, COAP_POST);
	c->status = LGW_PENDING;
	assert_int_equal(session_call(c->session, &m, answered, c, NULL), 0);
	assert_int_equal(coap_udp_decode(sent, t.bytes, t.len), 0);
}

static void receive(const struct coap_msg *m)
{
	uint8_t buf[200];
	struct wr w = wr_of(buf, sizeof(buf));

	coap_udp_encode(&w, m);
	assert_int_equal(carrier_recv(t.carrier, SERVER, w.p, w.len), 0);
}

static void answers_find_their_session(void **state)
{
	static const struct session_security none;
	static const uint8_t push[] = { 0x44, 6, 3, 0xc4, 0xaf, 0x9a, 0x40, 2, 0, 1 };
	struct client c[3] = { 0 };
	struct coap_msg sent[3], m;
	int err;

	(void)state;
	carrier_is(true);
	for (int k = 0; k < 3; k++) {
		c[k].session = session_new(&t.sc.sessions, &t.sc.links, URI, &none,
			&session_params_default, &session_handler, &c[k], &err);
		assert_int_equal(session_open(c[k].session), 0);
	}
	session_take_requests(c[1].session);
	for (int k = 0; k < 4; k++)
		script_settle(&t.sc);
	for (int k = 0; k < 3; k++)
		ask(&c[k], &sent[k]);
	/* One number, one endpoint: no message id comes twice. */
	assert_int_equal((uint16_t)(sent[0].mid + 1), sent[1].mid);
	assert_int_equal((uint16_t)(sent[0].mid + 2), sent[2].mid);
	script_answer_init(&m, &sent[2], COAP_201);
	receive(&m);
	assert_int_equal(c[2].status, COAP_201);
	assert_int_equal(c[0].status, LGW_PENDING);
	/* A separate answer by its token. */
	m = (struct coap_msg){ .type = COAP_CON, .code = COAP_204, .mid = 7, .tkl = sent[0].tkl };
	memcpy(m.token, sent[0].token, sizeof(m.token));
	receive(&m);
	assert_int_equal(c[0].status, COAP_204);
	assert_int_equal(c[1].status, LGW_PENDING);
	/* Requests and pushes go to the one that takes them. */
	m = (struct coap_msg){ .type = COAP_CON, .code = COAP_GET, .mid = 8 };
	receive(&m);
	assert_int_equal(c[0].requests + c[2].requests, 0);
	assert_int_equal(c[1].requests, 1);
	assert_int_equal(carrier_recv(t.carrier, SERVER, push, sizeof(push)), 0);
	assert_int_equal(c[1].pushes, 1);
	/* One that is gone gets nothing any more. */
	session_free(c[0].session);
	script_answer_init(&m, &sent[0], COAP_201);
	receive(&m);
	session_free(c[1].session);
	session_free(c[2].session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(up_and_down, begin, end),
		cmocka_unit_test_setup_teardown(strangers, begin, end),
		cmocka_unit_test_setup_teardown(freed_when_told, begin, end),
		cmocka_unit_test_setup_teardown(answers_find_their_session, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
