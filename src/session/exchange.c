/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests of the peer until they are answered: piggybacked, or separate after an empty ACK. */
#include <string.h>
#include "session/state.h"
#include "util/err.h"

/*
 * May it be done again, so that nothing need be remembered? One in blocks may not: its parts count.
 * A NON that comes twice is not repeated by its sender, who waits for one answer.
 */
static bool repeatable(const struct coap_msg *m)
{
	return m->type == COAP_CON &&
	       (m->code == COAP_GET ||
		       (m->code == COAP_FETCH && !coap_opt_find(m, COAP_OPT_BLOCK1)));
}

static void release(struct exchange *x)
{
	struct session *s = x->session;

	LIST_REMOVE(x, next);
	s->nexchanges--;
	pool_put(&s->env->pools->exchanges, x);
	if (s->stream && s->stream->release_due) /* perhaps what the end waits for */
		session_arm(s);
}

static void refuse(
	struct session *s, const struct coap_msg *req, struct oscore_bind *bind, uint8_t code)
{
	struct coap_msg m;
	struct wr w;

	if (req->type != COAP_CON && !s->stream)
		return;
	s->env->count.refused++;
	coap_msg_answer(&m, COAP_ACK, code, req);
	if (wire_encode(s, &m, bind, &w))
		return;
	dedup_answer(s, m.mid, w.p, w.len);
	session_send_bytes(s, w.p, w.len);
}

/* Is it one that waits for our answer already? A GET leaves no other trace. */
static struct exchange *pending(struct session *s, uint16_t mid)
{
	struct exchange *x;

	LIST_FOREACH(x, &s->exchanges, next)
		if (x->mid == mid)
			break;
	return x;
}

static bool is_duplicate(struct session *s, const struct coap_msg *m)
{
	struct exchange *x = pending(s, m->mid);
	struct done_request *r = dedup_find(s, m->mid);

	if (!x && !r)
		return false;
	s->env->count.duplicates++;
	if (m->type != COAP_CON)
		return true;
	if (r && r->bytes)
		session_send_bytes(s, r->bytes, r->len);
	else if (x && x->acked)
		session_send_empty(s, COAP_ACK, m->mid);
	return true;
}

void exchange_begin(struct session *s, struct coap_msg *m)
{
	struct oscore_bind bind = { .piv_len = 0 };
	struct coap_msg inner;
	struct exchange *x;

	if (!s->stream && is_duplicate(s, m))
		return;
	if (s->oscore) {
		dedup_add(s, m->mid); /* also what is refused: a second time it may be a replay */
		if (!secure_request(s, m, &bind, &inner))
			return;
		m = &inner;
	}
	if (s->nexchanges >= s->params->exchanges_max) {
		refuse(s, m, &bind, COAP_503);
		return;
	}
	x = pool_get(&s->env->pools->exchanges);
	x->session = s;
	x->mid = m->mid;
	x->type = m->type;
	x->code = m->code;
	x->tkl = m->tkl;
	x->bind = bind;
	memcpy(x->token, m->token, sizeof(x->token));
	if (m->type == COAP_CON)
		x->ack_due = session_now(s) + s->params->separate_after_ms;
	LIST_INSERT_HEAD(&s->exchanges, x, next);
	s->nexchanges++;
	x->remember = s->oscore || !repeatable(m);
	if (x->remember && !s->oscore)
		dedup_add(s, m->mid);
	block_request(s, x, m);
}

/* The answer's type and message id (RFC 7252 §5.2). */
static void address(struct exchange *x, struct coap_msg *m)
{
	struct session *s = x->session;

	m->tkl = x->tkl;
	memcpy(m->token, x->token, sizeof(m->token));
	if (x->type == COAP_CON && !x->acked) {
		m->type = COAP_ACK;
		m->mid = x->mid;
		return;
	}
	m->type = x->type;
	m->mid = session_next_mid(s);
}

void exchange_reply(struct exchange *x, const struct coap_msg *resp)
{
	struct session *s = x->session;
	struct coap_msg m = *resp, big;
	struct wr w;

	address(x, &m);
	block_cut(s, &x->wish, &m);
	if (wire_encode(s, &m, &x->bind, &w)) {
		coap_msg_answer(&big, (enum coap_type)m.type, COAP_413, &m);
		if (wire_encode(s, &big, &x->bind, &w)) {
			release(x);
			return;
		}
	}
	if (x->remember)
		dedup_answer(s, x->mid, w.p, w.len);
	if (m.type == COAP_CON)
		conmsg_send(s, w.p, w.len, m.mid, NULL, NULL);
	else
		session_send_bytes(s, w.p, w.len);
	release(x);
}

void exchange_ignore(struct exchange *x)
{
	release(x);
}

void exchange_on_cancel(struct exchange *x, void (*fn)(void *ud), void *ud)
{
	x->cancel = fn;
	x->cancel_ud = ud;
}

void exchange_cancel_all(struct session *s)
{
	struct exchange *x;

	while ((x = LIST_FIRST(&s->exchanges))) {
		void (*cancel)(void *) = x->cancel;
		void *ud = x->cancel_ud;

		release(x);
		if (cancel)
			cancel(ud);
	}
}

void exchange_tick(struct session *s)
{
	int64_t now = session_now(s);
	struct exchange *x;

	LIST_FOREACH(x, &s->exchanges, next) {
		if (!x->ack_due || x->ack_due > now)
			continue;
		x->ack_due = 0;
		x->acked = true;
		session_send_empty(s, COAP_ACK, x->mid);
	}
}
