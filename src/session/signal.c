/* SPDX-License-Identifier: BSD-3-Clause */
/* Signalling on connections (RFC 8323 §5). */
#include "coap/wire_tcp.h"
#include "session/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/str.h"

LOG_MODULE("session");

#define RELEASE_MS   5000   /* for what is under way, once the peer wants to close */
#define HOLD_OFF_MAX 86400u /* seconds that it may keep us away */

void signal_csm(struct session *s)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_NON, COAP_CSM);
	coap_add_uint(&m, COAP_CSM_MAX_MESSAGE_SIZE, SCRATCH_BYTES);
	coap_add(&m, COAP_CSM_BLOCK_WISE, NULL, 0);
	session_send(s, &m);
}

void signal_ping(struct session *s)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_NON, COAP_PING);
	coap_add(&m, COAP_PING_CUSTODY, NULL, 0);
	session_send(s, &m);
}

void signal_release(struct session *s)
{
	struct coap_msg m;

	coap_msg_init(&m, COAP_NON, COAP_RELEASE);
	session_send(s, &m);
}

static void csm(struct session *s, const struct coap_msg *m)
{
	struct stream *t = s->stream;

	t->csm = true;
	t->peer_max = coap_opt_uint(m, COAP_CSM_MAX_MESSAGE_SIZE, t->peer_max);
	t->blocks = t->blocks || coap_opt_find(m, COAP_CSM_BLOCK_WISE);
	/* Less than a header and a token could never carry an answer. */
	if (t->peer_max < 64)
		stream_abort(s, COAP_CSM_MAX_MESSAGE_SIZE, "Max-Message-Size too small");
}

static void ping(struct session *s, const struct coap_msg *m)
{
	struct coap_msg pong;

	coap_msg_answer(&pong, COAP_NON, COAP_PONG, m);
	/* All that came before is done, in the order of the stream, but for what devices do. */
	if (coap_opt_find(m, COAP_PING_CUSTODY) && !s->nexchanges)
		coap_add(&pong, COAP_PING_CUSTODY, NULL, 0);
	session_send(s, &pong);
}

static void release(struct session *s, const struct coap_msg *m)
{
	uint32_t hold = coap_opt_uint(m, COAP_RELEASE_HOLD_OFF, 0);

	if (hold > HOLD_OFF_MAX)
		hold = HOLD_OFF_MAX;
	s->stream->hold_until = session_now(s) + (int64_t)hold * 1000;
	s->stream->release_due = session_now(s) + RELEASE_MS;
	signal_tick(s);
}

static void abort_(struct session *s, const struct coap_msg *m)
{
	char why[128];

	str_printable(why, sizeof(why), m->payload, m->payload_len);
	log_notice((&(struct log_ctx){ s->endpoint, session_peer(s) }),
		"the peer aborted the connection%s%s", *why ? ": " : "", why);
	s->link->ops->close(s->link);
	session_lost(s, LGW_ERESET);
}

/* An unknown option with an odd number must be understood (RFC 8323 §5.2); none of ours is odd. */
static uint16_t critical(const struct coap_msg *m)
{
	for (unsigned k = 0; k < m->nopts; k++)
		if (m->opts[k].num & 1)
			return m->opts[k].num;
	return 0;
}

void signal_receive(struct session *s, const struct coap_msg *m)
{
	uint16_t bad = critical(m);

	if (bad && m->code != COAP_ABORT) {
		stream_abort(s, m->code == COAP_CSM ? bad : 0, "critical option not understood");
		return;
	}
	switch (m->code) {
	case COAP_CSM:
		csm(s, m);
		break;
	case COAP_PING:
		ping(s, m);
		break;
	case COAP_RELEASE:
		release(s, m);
		break;
	case COAP_ABORT:
		abort_(s, m);
		break;
	case COAP_PONG:
		observers_ponged(s);
		break;
	default: /* not known: ignored (§5.1) */
		break;
	}
}

/* As soon as nothing is under way. */
int64_t signal_due(const struct session *s)
{
	const struct call *c = TAILQ_FIRST(&s->calls);
	bool busy = s->nexchanges || (c && c->sent);

	return busy ? s->stream->release_due : session_now(s);
}

void signal_tick(struct session *s)
{
	struct stream *t = s->stream;

	if (!t->release_due || !s->up || signal_due(s) > session_now(s))
		return;
	log_info((&(struct log_ctx){ s->endpoint, session_peer(s) }), "released by the peer");
	t->release_due = 0;
	s->link->ops->close(s->link);
	session_lost(s, LGW_ERESET);
}
