/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests of ours, one at a time (NSTART 1), matched by token (RFC 7252 §5.2, §5.3.2). */
#include <stdlib.h>
#include <string.h>
#include "crypto/rand.h"
#include "session/state.h"
#include "util/err.h"
#include "util/mem.h"

#define AGAIN_MAX 3 /* new keys asked for, new keys agreed on, Echo */

static void acked(struct session *s, void *ud, int status);

static void release(struct call *c)
{
	struct session *s = c->session;

	TAILQ_REMOVE(&s->calls, c, next);
	conmsg_drop(s, c->msg);
	free(c->bytes);
	free(c->plain);
	pool_put(&s->env->pools->calls, c);
}

/* Protected only when it goes: keys may change while it waits, numbers are in the order of sending.
 */
static int protect(struct call *c, struct wr *w)
{
	struct session *s = c->session;
	struct coap_msg m;
	int r;

	free(c->plain);
	c->plain = c->bytes;
	c->bytes = NULL;
	r = wire_decode(s, &m, c->plain, c->len);
	return r ? r : wire_encode(s, &m, &c->bind, w);
}

static void go(struct call *c, uint8_t *bytes, size_t len)
{
	struct session *s = c->session;
	uint16_t mid = s->next_mid++;

	wire_stamp(s, bytes, COAP_CON, mid);
	if (!s->stream) {
		c->msg = conmsg_send(s, bytes, len, mid, acked, c);
		return;
	}
	session_send_bytes(s, bytes, len);
	c->deadline = session_now(s) + s->params->response_timeout_ms;
	session_arm(s);
}

static void start_protected(struct call *c)
{
	struct session *s = c->session;
	struct wr w;

	if (protect(c, &w)) { /* no number to be had: it ends soon, not under its caller's feet */
		c->deadline = session_now(s);
		session_arm(s);
		return;
	}
	go(c, w.p, w.len);
}

/* The first of the queue goes, if it has not gone yet. */
static void start_first(struct session *s)
{
	struct call *c = TAILQ_FIRST(&s->calls);
	uint8_t *bytes;

	if (s->dead || !s->up || !c || !c->bytes)
		return;
	if (s->oscore) {
		start_protected(c);
		return;
	}
	bytes = c->bytes;
	c->bytes = NULL;
	go(c, bytes, c->len);
	free(bytes);
}

static void end(struct call *c, int status, const struct coap_msg *resp)
{
	struct session *s = c->session;
	call_fn fn = c->fn;
	void *ud = c->ud;

	session_enter(s);
	release(c);
	start_first(s);
	fn(ud, status, resp);
	session_leave(s);
}

static void acked(struct session *s, void *ud, int status)
{
	struct call *c = ud;

	c->msg = NULL;
	if (status)
		end(c, status, NULL);
	else
		c->deadline = session_now(s) + s->params->response_timeout_ms;
}

int session_call(
	struct session *s, const struct coap_msg *req, call_fn fn, void *ud, struct call **out)
{
	struct coap_msg m = *req;
	struct call *c;
	struct wr w;

	if (!s->up)
		return LGW_EUNAVAIL;
	m.type = COAP_CON;
	m.tkl = COAP_TOKEN_MAX;
	rand_bytes(m.token, m.tkl);
	if (wire_encode(s, &m, NULL, &w))
		return LGW_ETOOBIG;
	c = pool_get(&s->env->pools->calls);
	c->session = s;
	c->fn = fn;
	c->ud = ud;
	c->bytes = xmemdup(w.p, w.len);
	c->len = (uint32_t)w.len;
	memcpy(c->token, m.token, sizeof(c->token));
	TAILQ_INSERT_TAIL(&s->calls, c, next);
	if (out)
		*out = c;
	start_first(s);
	return LGW_OK;
}

void call_cancel(struct call *c)
{
	struct session *s;

	if (!c)
		return;
	s = c->session;
	session_enter(s);
	release(c);
	start_first(s);
	session_leave(s);
}

/* The same request once more: under new keys, or with the Echo that the peer asks for. */
static void send_again(struct call *c, const struct coap_opt *echo)
{
	struct session *s = c->session;
	struct coap_msg m;
	struct wr w;

	conmsg_drop(s, c->msg);
	c->msg = NULL;
	c->deadline = 0;
	c->again++;
	if (wire_decode(s, &m, c->plain, c->len))
		return;
	if (echo)
		coap_add(&m, COAP_OPT_ECHO, echo->val, echo->len);
	if (!wire_encode(s, &m, NULL, &w)) {
		c->bytes = xmemdup(w.p, w.len);
		c->len = (uint32_t)w.len;
	}
	start_first(s);
}

/* What m, the answer to c, says under OSCORE; false: nothing that ends it. */
static bool unprotected(struct call *c, const struct coap_msg *m, struct coap_msg *inner)
{
	enum secure_verdict v = secure_answer(c->session, m, &c->bind, !c->again, inner);
	const struct coap_opt *echo;

	if (v == SECURE_DROP)
		return false;
	if (m->type == COAP_CON)
		session_send_empty(c->session, COAP_ACK, m->mid);
	echo = inner->code == COAP_401 ? coap_opt_find(inner, COAP_OPT_ECHO) : NULL;
	if (c->again == AGAIN_MAX || (v == SECURE_DELIVER && !echo))
		return true;
	send_again(c, echo);
	return false;
}

void call_response(struct session *s, const struct coap_msg *m)
{
	struct call *c = TAILQ_FIRST(&s->calls);
	struct coap_msg inner;
	bool match = c && !c->bytes && m->tkl == sizeof(c->token) &&
		     !memcmp(m->token, c->token, sizeof(c->token));

	/* A piggybacked answer must carry the message id of the request as well. */
	if (match && m->type == COAP_ACK && (!c->msg || c->msg->mid != m->mid))
		match = false;
	if (!match) {
		s->env->count.unmatched++;
		if (m->type == COAP_CON)
			session_send_empty(s, COAP_RST, m->mid);
		return;
	}
	if (s->oscore) {
		if (unprotected(c, m, &inner))
			end(c, LGW_OK, &inner);
		return;
	}
	if (m->type == COAP_CON)
		session_send_empty(s, COAP_ACK, m->mid);
	end(c, LGW_OK, m);
}

void call_fail_first(struct session *s, int status)
{
	struct call *c = TAILQ_FIRST(&s->calls);

	if (c && !c->bytes)
		end(c, status, NULL);
}

void call_fail_all(struct session *s, int status)
{
	struct call *c;
	size_t n = 0;

	/* Those that a callback adds meanwhile are not ours to end. */
	TAILQ_FOREACH(c, &s->calls, next)
		n++;
	while (n-- && (c = TAILQ_FIRST(&s->calls)))
		end(c, status, NULL);
}

void call_tick(struct session *s)
{
	struct call *c = TAILQ_FIRST(&s->calls);

	if (c && c->deadline && c->deadline <= session_now(s)) {
		s->env->count.timeouts++;
		end(c, LGW_ETIMEDOUT, NULL);
	}
}
