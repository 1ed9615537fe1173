/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sessions over a connection (RFC 8323): messages cut out of a stream, without a message layer: no
 * acknowledgements, no duplicates, nothing sent twice.
 */
#include <stdlib.h>
#include <string.h>
#include "coap/wire_tcp.h"
#include "session/state.h"
#include "util/err.h"
#include "util/log.h"
#include "util/mem.h"

LOG_MODULE("session");

/* The begin of a message, and what a link may hand over at once. */
#define HELD_MAX (4 * SCRATCH_BYTES)

void stream_new(struct session *s)
{
	s->stream = xcalloc(1, sizeof(*s->stream));
	s->stream->held = wr_grow(HELD_MAX);
	s->stream->peer_max = COAP_TCP_BASE_SIZE;
}

void stream_free(struct session *s)
{
	if (!s->stream)
		return;
	wr_fini(&s->stream->held);
	free(s->stream);
	s->stream = NULL;
}

void stream_up(struct session *s)
{
	struct stream *t = s->stream;

	*t = (struct stream){
		.held = t->held, .peer_max = COAP_TCP_BASE_SIZE, .epoch = t->epoch + 1
	};
	signal_csm(s);
}

void stream_down(struct session *s)
{
	struct stream *t = s->stream;

	wr_fini(&t->held);
	t->held_due = t->release_due = 0;
	t->waits = false;
}

size_t stream_mtu(const struct session *s)
{
	return s->stream->peer_max < SCRATCH_BYTES ? s->stream->peer_max : SCRATCH_BYTES;
}

void stream_abort(struct session *s, uint16_t bad, const char *why)
{
	struct coap_msg m;

	s->env->count.malformed++;
	log_notice(
		(&(struct log_ctx){ s->endpoint, session_peer(s) }), "connection aborted: %s", why);
	coap_msg_init(&m, COAP_NON, COAP_ABORT);
	if (bad)
		coap_add_uint(&m, COAP_ABORT_BAD_CSM_OPTION, bad);
	m.payload = (const uint8_t *)why;
	m.payload_len = strlen(why);
	session_send(s, &m);
	s->link->ops->close(s->link);
	session_lost(s, LGW_EINVAL);
}

static void message(struct session *s, const uint8_t *p, size_t len)
{
	struct coap_msg m;

	if (s->h->traffic)
		s->h->traffic(s->ud, false, len);
	if (coap_tcp_decode(&m, p, len))
		stream_abort(s, 0, "malformed message");
	else if (!s->stream->csm && m.code != COAP_CSM)
		stream_abort(s, 0, "no CSM at the begin");
	else if (coap_is_signal(m.code))
		signal_receive(s, &m);
	else
		session_dispatch(s, &m);
}

/* Handles what is whole of these bytes; how many that were. */
static size_t messages(struct session *s, const uint8_t *p, size_t len)
{
	const unsigned epoch = s->stream->epoch;
	size_t used = 0, total;

	while (used < len && !s->dead && s->up && s->stream->epoch == epoch) {
		int r = coap_tcp_frame(p + used, len - used, SCRATCH_BYTES, &total);

		if (r == LGW_EINCOMPLETE || (!r && total > len - used))
			return used;
		if (r) {
			stream_abort(s, 0,
				r == LGW_ETOOBIG ? "larger than Max-Message-Size"
						 : "malformed message");
			break;
		}
		message(s, p + used, total);
		used += total;
	}
	return len; /* nobody waits for the rest */
}

/* The end of a message that began has the time of an answer: its peer may be stuck in the middle.
 */
static int64_t time_for_the_end(const struct session *s)
{
	return session_now(s) + s->params->response_timeout_ms;
}

void stream_receive(struct session *s, const uint8_t *p, size_t len)
{
	struct stream *t = s->stream;
	struct wr joined =
		t->held; /* ours while messages are handled: they may end the connection */
	int64_t due = t->held_due;
	size_t used;

	t->held = wr_grow(HELD_MAX);
	t->held_due = 0;
	if (joined.len) {
		wr_bytes(&joined, p, len);
		p = joined.p;
		len = joined.len;
	}
	if (wr_err(&joined)) {
		wr_fini(&joined);
		stream_abort(s, 0, "too much at once");
		return;
	}
	used = messages(s, p, len);
	if (used == len) {
		wr_fini(&joined);
		return;
	}
	if (!joined.len) {
		wr_bytes(&joined, p + used, len - used);
	} else if (used) {
		memmove(joined.p, joined.p + used, len - used);
		joined.len = len - used;
	}
	t->held = joined;
	t->held_due = due && !used ? due : time_for_the_end(s);
}

void stream_tick(struct session *s)
{
	struct stream *t = s->stream;
	int r;

	if (t->waits && t->hold_until <= session_now(s)) {
		t->waits = false;
		r = s->link->ops->open(s->link);
		if (r)
			session_lost(s, r);
		return;
	}
	if (!t->held_due || t->held_due > session_now(s))
		return;
	s->env->count.timeouts++;
	stream_abort(s, 0, "the end of a message did not come");
}
