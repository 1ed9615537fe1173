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

void stream_new(struct session *s)
{
	s->stream = xcalloc(1, sizeof(*s->stream));
	s->stream->peer_max = COAP_TCP_BASE_SIZE;
}

static void let_go(struct stream *t)
{
	free(t->held);
	t->held = NULL;
	t->held_len = 0;
}

void stream_free(struct session *s)
{
	if (!s->stream)
		return;
	let_go(s->stream);
	free(s->stream);
	s->stream = NULL;
}

void stream_up(struct session *s)
{
	struct stream *t = s->stream;

	let_go(t);
	*t = (struct stream){ .peer_max = COAP_TCP_BASE_SIZE, .epoch = t->epoch + 1 };
	signal_csm(s);
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

void stream_receive(struct session *s, const uint8_t *p, size_t len)
{
	struct stream *t = s->stream;
	uint8_t *joined = NULL;
	size_t used;

	if (t->held) {
		joined = xreallocarray(t->held, t->held_len + len, 1);
		memcpy(joined + t->held_len, p, len);
		p = joined;
		len += t->held_len;
		t->held = NULL;
		t->held_len = 0;
	}
	used = messages(s, p, len);
	if (used < len) {
		t->held = xmemdup(p + used, len - used);
		t->held_len = len - used;
	}
	free(joined);
}
