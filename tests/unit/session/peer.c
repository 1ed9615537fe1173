/* SPDX-License-Identifier: BSD-3-Clause */
#include "peer.h"

struct stage t;

static void canceled(void *ud)
{
	(void)ud;
	t.canceled++;
	t.held = NULL;
}

static void observe_ended(void *ud, enum observe_end why)
{
	(void)ud;
	t.ended++;
	t.why = why;
	t.o = NULL;
}

static void on_request(void *ud, struct exchange *x, const struct coap_msg *req)
{
	struct coap_msg m;

	(void)ud;
	(void)req;
	t.requests++;
	if (t.free_in_request) {
		session_free(t.s);
		t.s = NULL;
		return;
	}
	if (t.hold) {
		t.held = x;
		exchange_on_cancel(x, canceled, NULL);
		return;
	}
	coap_msg_init(&m, COAP_ACK, COAP_205);
	m.payload = (const uint8_t *)"ok";
	m.payload_len = 2;
	if (t.observe) {
		t.o = observer_new(x, observe_ended, NULL, NULL);
		if (t.o) {
			observer_reply(t.o, x, &m);
			return;
		}
	}
	exchange_reply(x, &m);
}

static void on_event(void *ud, enum session_event ev, int err)
{
	(void)ud;
	(void)err;
	t.ups += ev == SESSION_UP;
	t.downs += ev == SESSION_DOWN;
}

static void on_traffic(void *ud, bool sent, size_t bytes)
{
	(void)ud;
	*(sent ? &t.sent_bytes : &t.received_bytes) += bytes;
}

static const struct session_handler handler = {
	.request = on_request, .event = on_event, .traffic = on_traffic
};

static void on_answer(void *ud, int status, const struct coap_msg *resp)
{
	(void)ud;
	t.calls++;
	t.status = status;
	t.code = resp ? resp->code : 0;
	if (t.free_in_call) {
		session_free(t.s);
		t.s = NULL;
	}
}

static void open_session(const char *uri, struct oscore *c)
{
	const struct session_security security = { .oscore = c };
	int err;

	t.s = session_new(
		&t.sc.sessions, &t.sc.links, uri, &security, &t.params, &handler, NULL, &err);
	session_open(t.s);
	script_settle(&t.sc);
	t.l = script_link(&t.sc, "server");
}

static int begin_with(const char *uri, struct oscore *c)
{
	memset(&t, 0, sizeof(t));
	script_init(&t.sc);
	t.params = session_params_default;
	open_session(uri, c);
	return t.ups == 1 ? 0 : -1;
}

int begin(void **state)
{
	(void)state;
	return begin_with("coap://server", NULL);
}

int begin_at(const char *uri)
{
	return begin_with(uri, NULL);
}

int begin_secure(struct oscore *c)
{
	return begin_with("coap://server", c);
}

void begin_anew(struct oscore *c)
{
	session_free(t.s);
	open_session("coap://server", c);
}

int end(void **state)
{
	(void)state;
	session_free(t.s);
	script_fini(&t.sc);
	return 0;
}

void call(void)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_CON, COAP_POST);
	coap_add_str(&m, COAP_OPT_URI_PATH, "rd");
	assert_int_equal(session_call(t.s, &m, on_answer, NULL, NULL), LGW_OK);
}

/* A request of the server. */
void ask(enum coap_type type, uint8_t code, uint16_t mid)
{
	struct coap_msg m;

	coap_msg_init(&m, type, code);
	m.mid = mid;
	m.tkl = 2;
	memcpy(m.token, "tk", 2);
	coap_add_str(&m, COAP_OPT_URI_PATH, "3");
	script_recv_msg(t.l, &m);
}

struct coap_msg took(enum coap_type type, uint8_t code)
{
	struct coap_msg m;

	assert_true(script_take(t.l, &m));
	assert_int_equal(m.type, type);
	assert_int_equal(m.code, code);
	return m;
}

void silent(void)
{
	assert_int_equal(script_sent(t.l), 0);
}
