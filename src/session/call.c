/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests of ours, NSTART at a time (RFC 7252 §4.7), matched by token (§5.2, §5.3.2). */
#include <stdlib.h>
#include <string.h>
#include "session/state.h"
#include "util/err.h"
#include "util/mem.h"

#define AGAIN_MAX 3 /* requests repeated since new keys were asked for, or agreed on */

static void acked(struct session *s, void *ud, int status);

/* Those under way are the first of the queue, and at most NSTART. */
static void set_sent(struct call *c, bool sent)
{
	c->session->nsent = (uint8_t)(c->session->nsent + sent - c->sent);
	c->sent = sent;
}

static void release(struct call *c)
{
	struct session *s = c->session;

	set_sent(c, false);
	TAILQ_REMOVE(&s->calls, c, next);
	conmsg_drop(s, c->msg);
	call_blocks_free(c->blocks);
	free(c->request);
	pool_put(&s->env->pools->calls, c);
}

/* Its next message. A token is used once in a session (RFC 9175 §4). */
static int send_next(struct call *c)
{
	struct session *s = c->session;
	struct coap_msg m;
	struct wr w;
	int r = call_build(c, &m);

	m.mid = session_next_mid(s);
	m.tkl = sizeof(c->token);
	session_new_token(s, m.mid, m.token);
	memcpy(c->token, m.token, sizeof(c->token));
	r = r ? r : wire_encode(s, &m, &c->bind, &w);
	if (r)
		return r;
	set_sent(c, true);
	c->deadline = 0;
	if (!s->stream) {
		c->msg = conmsg_send(s, w.p, w.len, m.mid, acked, c);
		return LGW_OK;
	}
	c->deadline = session_now(s) + s->params->response_timeout_ms;
	session_arm(s);
	return session_send_bytes(s, w.p, w.len);
}

/* NSTART; and one alone while new keys are agreed on, since its answers change them. */
static bool has_room(const struct session *s)
{
	return s->nsent < (s->oscore && oscore_recovering(s->oscore) ? 1 : s->params->nstart);
}

/* The first of those that wait go, as many as there is room for. */
static void start_next(struct session *s)
{
	struct call *c;

	if (s->dead || !s->up || !has_room(s))
		return;
	TAILQ_FOREACH(c, &s->calls, next) {
		if (c->sent)
			continue;
		if (!has_room(s))
			return;
		if (send_next(c)) { /* it ends soon, not under its caller's feet */
			set_sent(c, true);
			c->deadline = session_now(s);
			session_arm(s);
		}
	}
}

static void end(struct call *c, int status, const struct coap_msg *resp)
{
	struct session *s = c->session;
	call_fn fn = c->fn;
	void *ud = c->ud;
	struct call_blocks *blocks = c->blocks; /* they hold the answer's body */

	c->blocks = NULL;
	if (status && s->oscore && !oscore_stale(s->oscore, &c->bind))
		oscore_unanswered(s->oscore);
	session_enter(s);
	release(c);
	start_next(s);
	fn(ud, status, resp);
	call_blocks_free(blocks);
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

/* It is kept as long as the call, to be repeated or cut to blocks. */
static int keep_request(struct call *c, const struct coap_msg *req)
{
	struct wr w = wr_grow(req->payload_len + SCRATCH_BYTES);
	size_t len;
	int r;

	coap_body_encode(&w, req);
	r = wr_err(&w);
	c->code = req->code;
	c->request = wr_steal(&w, &len);
	c->request_len = (uint32_t)len;
	return r;
}

/* In the queue, nothing sent yet. */
static int call_new(
	struct session *s, const struct coap_msg *req, call_fn fn, void *ud, struct call **out)
{
	struct call *c;
	int r;

	if (!s->up || (s->stream && s->stream->release_due))
		return LGW_EUNAVAIL;
	if (req->payload_len > s->params->body_max)
		return LGW_ETOOBIG;
	c = pool_get(&s->env->pools->calls);
	c->session = s;
	c->fn = fn;
	c->ud = ud;
	TAILQ_INSERT_TAIL(&s->calls, c, next);
	r = keep_request(c, req);
	if (r)
		release(c);
	*out = c;
	return r;
}

static int call_go(struct call *c, struct call **out)
{
	int r = has_room(c->session) ? send_next(c) : LGW_OK;

	if (r)
		release(c);
	else if (out)
		*out = c;
	return r;
}

int session_call(
	struct session *s, const struct coap_msg *req, call_fn fn, void *ud, struct call **out)
{
	struct call *c;
	int r = call_new(s, req, fn, ud, &c);

	return r ? r : call_go(c, out);
}

int session_call_from(struct session *s, const struct coap_msg *req, uint64_t offset,
	const uint8_t *etag, size_t etag_len, call_data_fn data, call_fn fn, void *ud,
	struct call **out)
{
	struct call *c;
	int r = call_new(s, req, fn, ud, &c);

	if (r)
		return r;
	c->data = data;
	if (offset)
		call_resume(c, offset, etag, etag_len);
	return call_go(c, out);
}

void call_stream(struct call *c, call_data_fn data)
{
	c->data = data;
}

void call_cancel(struct call *c)
{
	struct session *s;

	if (!c)
		return;
	s = c->session;
	session_enter(s);
	release(c);
	start_next(s);
	session_leave(s);
}

/* It goes on with another message, after those of the calls that wait for their turn. */
static void go_on(struct call *c)
{
	struct session *s = c->session;

	conmsg_drop(s, c->msg);
	c->msg = NULL;
	set_sent(c, false);
	c->deadline = 0;
	TAILQ_REMOVE(&s->calls, c, next);
	TAILQ_INSERT_TAIL(&s->calls, c, next);
	start_next(s);
}

/* The one under way with this token. */
static struct call *find_sent(const struct session *s, const struct coap_msg *m)
{
	struct call *c;

	TAILQ_FOREACH(c, &s->calls, next) {
		if (!c->sent || m->tkl != sizeof(c->token))
			return NULL;
		if (!memcmp(m->token, c->token, sizeof(c->token)))
			break;
	}
	return c;
}

void call_response(struct session *s, struct coap_msg *m)
{
	struct call *c = find_sent(s, m);
	enum secure_verdict verdict = SECURE_DELIVER;
	struct coap_msg inner;
	int r;

	/* A piggybacked answer must carry the message id of the request as well. */
	if (!c || (m->type == COAP_ACK && (!c->msg || c->msg->mid != m->mid))) {
		s->env->count.unmatched++;
		if (m->type == COAP_CON)
			session_send_empty(s, COAP_RST, m->mid);
		return;
	}
	if (s->oscore)
		verdict = secure_answer(s, m, &c->bind, !c->again, &inner);
	if (verdict == SECURE_DROP)
		return;
	if (m->type == COAP_CON)
		session_send_empty(s, COAP_ACK, m->mid);
	if (s->oscore)
		m = &inner;
	r = call_progress(c, m);
	if (verdict == SECURE_AGAIN && c->again++ < AGAIN_MAX)
		r = LGW_PENDING;
	if (r == LGW_PENDING)
		go_on(c);
	else
		end(c, r, r ? NULL : m);
}

void call_fail_sent(struct session *s, int status)
{
	struct call *c;

	/* Others follow those that end. */
	for (unsigned n = s->nsent; n && !s->dead; n--)
		if ((c = TAILQ_FIRST(&s->calls)) && c->sent)
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

int64_t call_due(const struct session *s)
{
	int64_t due = INT64_MAX;
	const struct call *c;

	TAILQ_FOREACH(c, &s->calls, next) {
		if (!c->sent)
			break;
		if (c->deadline && c->deadline < due)
			due = c->deadline;
	}
	return due;
}

void call_tick(struct session *s)
{
	struct call *c;

again:
	TAILQ_FOREACH(c, &s->calls, next) {
		if (!c->deadline || c->deadline > session_now(s))
			continue;
		s->env->count.timeouts++;
		end(c, LGW_ETIMEDOUT, NULL);
		if (s->dead)
			return;
		goto again; /* the list may be another one now */
	}
}
