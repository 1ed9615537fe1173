/* SPDX-License-Identifier: BSD-3-Clause */
#include "blockplay.h"

uint8_t pattern[1 << 20];

struct play p;

static void on_request(void *ud, struct exchange *x, const struct coap_msg *req)
{
	struct coap_msg m;

	p.requests++;
	p.got = (long)req->payload_len;
	assert_memory_equal(req->payload_len ? req->payload : pattern, pattern, req->payload_len);
	coap_msg_init(&m, COAP_ACK,
		p.ok                                               ? p.ok
		: req->code == COAP_GET || req->code == COAP_FETCH ? COAP_205
								   : COAP_204);
	m.payload = pattern;
	m.payload_len = p.answer;
	if (coap_opt_find(req, COAP_OPT_OBSERVE)) {
		p.o = observer_new(x, NULL, NULL, NULL);
		observer_reply(p.o, x, &m);
	} else {
		exchange_reply(x, &m);
	}
}

static void on_event(void *ud, enum session_event ev, int err)
{
}

static uint8_t sink_write(void *ud, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(b[i], pattern[(p.streamed + i) % sizeof(pattern)]);
	p.streamed += len;
	return p.sink_code;
}

static void sink_end(void *ud, struct exchange *x, const struct coap_msg *req)
{
	struct coap_msg m;

	p.ended++;
	if (!x)
		return;
	assert_int_equal(req->payload_len, 0);
	coap_msg_init(&m, COAP_ACK, COAP_204);
	exchange_reply(x, &m);
	if (p.freed) {
		session_free(p.s);
		p.s = NULL;
	}
}

static bool on_body(void *ud, const struct coap_msg *first, struct body_sink *sink)
{
	p.streamed = 0;
	if (p.sunk)
		*sink = (struct body_sink){ sink_write, sink_end, NULL };
	return !p.refuse;
}

static const struct session_handler handler = {
	.request = on_request, .event = on_event, .body = on_body
};

int on_data(void *ud, uint64_t offset, const uint8_t *b, size_t len, const struct coap_msg *resp)
{
	assert_int_equal(offset, p.streamed);
	return sink_write(ud, b, len) ? LGW_ENOMEM : LGW_OK;
}

void on_answer(void *ud, int status, const struct coap_msg *resp)
{
	p.done = true;
	p.status = status;
	p.code = resp ? resp->code : 0;
	p.done_len = resp ? resp->payload_len : 0;
	if (p.done_len)
		assert_memory_equal(resp->payload, pattern, p.done_len);
}

struct session *open_session(const char *uri)
{
	static const struct session_security none;
	int err;
	struct session *s = session_new(
		&p.sc.sessions, &p.sc.links, uri, &none, &p.params, &handler, NULL, &err);

	session_open(s);
	script_settle(&p.sc);
	return s;
}

int begin(void **state)
{
	memset(&p, 0, sizeof(p));
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i * 7 + i / 251);
	script_init(&p.sc);
	p.params = session_params_default;
	p.got = -1;
	p.s = open_session("coap://server");
	p.l = script_link(&p.sc, "server");
	return 0;
}

int end(void **state)
{
	session_free(p.s);
	session_free(p.s2);
	script_fini(&p.sc);
	return 0;
}
