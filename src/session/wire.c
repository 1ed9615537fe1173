/* SPDX-License-Identifier: BSD-3-Clause */
/* The one place where messages of ours become the bytes that their link carries. */
#include "session/state.h"
#include "util/err.h"

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
	coap_udp_encode(w, m);
	return wr_err(w) || !s->link || w->len > link_mtu(s->link) ? LGW_ETOOBIG : LGW_OK;
}

void wire_stamp(uint8_t *bytes, enum coap_type type, uint16_t mid)
{
	bytes[0] = (uint8_t)((bytes[0] & ~0x30u) | (unsigned)type << 4);
	bytes[2] = (uint8_t)(mid >> 8);
	bytes[3] = (uint8_t)mid;
}
