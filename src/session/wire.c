/* SPDX-License-Identifier: BSD-3-Clause */
/* The one place where messages of ours become the bytes that their link carries. */
#include "coap/wire_tcp.h"
#include "session/state.h"
#include "util/err.h"

/* Largest message that may be sent now. */
static size_t mtu_now(const struct session *s)
{
	if (!s->link)
		return 0;
	return s->stream ? stream_mtu(s) : link_mtu(s->link);
}

int wire_encode(struct session *s, const struct coap_msg *m, struct oscore_bind *bind, struct wr *w)
{
	struct coap_msg outer;
	int r;

	if (s->oscore && bind) {
		r = secure_protect(s, m, bind, &outer);
		if (r)
			return r;
		m = &outer;
	}
	*w = wr_of(s->env->pools->scratch, SCRATCH_BYTES);
	if (s->stream)
		coap_tcp_encode(w, m);
	else
		coap_udp_encode(w, m);
	return wr_err(w) || w->len > mtu_now(s) ? LGW_ETOOBIG : LGW_OK;
}

size_t wire_bert(const struct session *s)
{
	size_t mtu = mtu_now(s);

	return s->stream && s->stream->blocks && mtu > COAP_TCP_BASE_SIZE
		       ? (mtu - BLOCK_HEADER_ROOM) / 1024
		       : 0;
}

size_t session_unit(const struct session *s)
{
	return s->link && !s->stream ? link_unit(s->link) : mtu_now(s);
}

void wire_stamp(const struct session *s, uint8_t *bytes, enum coap_type type, uint16_t mid)
{
	if (s->stream) /* no such things there */
		return;
	bytes[0] = (uint8_t)((bytes[0] & ~0x30u) | (unsigned)type << 4);
	bytes[2] = (uint8_t)(mid >> 8);
	bytes[3] = (uint8_t)mid;
}
