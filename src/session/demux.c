/* SPDX-License-Identifier: BSD-3-Clause */
/* What a datagram is, and which room it belongs to (RFC 7252 §4.2, §4.3, §5.4.1). */
#include "coap/opt.h"
#include "coap/push.h"
#include "session/state.h"
#include "util/err.h"
#include "util/log.h"

LOG_MODULE("session");

static void malformed(struct session *s, const struct coap_msg *m, int err)
{
	s->env->count.malformed++;
	s->malformed++;
	/* The first ones, then ever fewer: a flood must not become a flood of lines. */
	if (!(s->malformed & (s->malformed - 1)))
		log_notice((&(struct log_ctx){ s->endpoint, session_peer(s) }),
			"malformed datagram dropped (%s), %u from this peer so far", err_text(err),
			s->malformed);
	if (err != LGW_ENOTSUP && m->type == COAP_CON)
		session_send_empty(s, COAP_RST, m->mid);
}

/* ACK or RST without a code. */
static void empty(struct session *s, const struct coap_msg *m)
{
	struct conmsg *c;

	switch (m->type) {
	case COAP_CON: /* a ping */
		session_send_empty(s, COAP_RST, m->mid);
		return;
	case COAP_NON:
		return;
	default:
		break;
	}
	if (m->type == COAP_RST)
		s->env->count.resets_rx++;
	c = conmsg_find(s, m->mid);
	if (c)
		conmsg_end(s, c, m->type == COAP_RST ? LGW_ERESET : LGW_OK);
	else if (m->type == COAP_RST && !observer_reset(s, m->mid))
		s->env->count.unmatched++;
}

static void bad_option(struct session *s, const struct coap_msg *req)
{
	struct coap_msg m;

	s->env->count.malformed++;
	if (req->type != COAP_CON && !s->stream)
		return;
	coap_msg_answer(&m, COAP_ACK, COAP_402, req);
	session_send(s, &m);
}

static void request(struct session *s, struct coap_msg *m)
{
	if (m->type != COAP_CON && m->type != COAP_NON) {
		s->env->count.malformed++;
		return;
	}
	/* Critical, and not understood where there is no context (RFC 8613 §2). */
	if (coap_opts_check(m) || (!s->oscore && coap_opt_find(m, COAP_OPT_OSCORE)))
		bad_option(s, m);
	else
		exchange_begin(s, m);
}

static void response(struct session *s, struct coap_msg *m)
{
	/* One with an unknown critical option is as if it had not come (RFC 7252 §5.4.1). */
	if (m->type == COAP_RST || coap_opts_check(m)) {
		s->env->count.malformed++;
		if (m->type == COAP_CON)
			session_send_empty(s, COAP_RST, m->mid);
		return;
	}
	call_response(s, m);
}

void session_dispatch(struct session *s, struct coap_msg *m)
{
	switch (COAP_CODE_CLASS(m->code)) {
	case 0:
		if (m->code == COAP_EMPTY)
			empty(s, m);
		else
			request(s, m);
		break;
	case 2:
	case 4:
	case 5:
		response(s, m);
		break;
	default:
		malformed(s, m, LGW_EINVAL);
	}
}

/* The WAP form of a trigger (only carriers that cut messages to units have it). */
static bool receive_push(struct session *s, const uint8_t *p, size_t len)
{
	const uint8_t *inner;
	struct coap_msg m;
	size_t n;

	if (!s->link->unit || !coap_push_decode(p, len, &inner, &n))
		return false;
	if (coap_udp_decode(&m, inner, n) || !coap_is_request(m.code) || coap_opts_check(&m))
		s->env->count.malformed++;
	else if (s->h->push)
		s->h->push(s->ud, &m);
	return true;
}

void session_receive(struct session *s, const uint8_t *p, size_t len)
{
	struct coap_msg m;
	int r;

	if (s->h->traffic)
		s->h->traffic(s->ud, false, len);
	if (receive_push(s, p, len))
		return;
	r = coap_udp_decode(&m, p, len);
	if (r)
		malformed(s, &m, r);
	else
		session_dispatch(s, &m);
}
