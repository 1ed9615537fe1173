/* SPDX-License-Identifier: BSD-3-Clause */
/* The framing of CoAP over streams, pure (RFC 8323 §3.2): no type, no message id, a length. */
#ifndef COAP_WIRE_TCP_H
#define COAP_WIRE_TCP_H

#include "coap/msg.h"

/* Signalling (RFC 8323 §5). */
enum coap_signal {
	COAP_CSM = COAP_CODE(7, 1),
	COAP_PING = COAP_CODE(7, 2),
	COAP_PONG = COAP_CODE(7, 3),
	COAP_RELEASE = COAP_CODE(7, 4),
	COAP_ABORT = COAP_CODE(7, 5)
};
enum coap_signal_option {
	COAP_CSM_MAX_MESSAGE_SIZE = 2,
	COAP_CSM_BLOCK_WISE = 4,
	COAP_PING_CUSTODY = 2,
	COAP_RELEASE_HOLD_OFF = 4,
	COAP_ABORT_BAD_CSM_OPTION = 2
};
/* Until the peer's CSM says more (RFC 8323 §5.3.1). */
#define COAP_TCP_BASE_SIZE 1152

/*
 * How long the message is that begins at p: LGW_OK with *total (header included);
 * LGW_EINCOMPLETE: more bytes are needed to tell; LGW_EINVAL: no message (its token is too long);
 * LGW_ETOOBIG: longer than max.
 */
int coap_tcp_frame(const void *p, size_t len, size_t max, size_t *total);
/* Parse one whole message; type is COAP_NON, mid 0. LGW_EINVAL, LGW_ETOOBIG (options). */
int coap_tcp_decode(struct coap_msg *m, const void *p, size_t len);
/* Append the bytes of a message; wr_err() tells whether it fitted. */
void coap_tcp_encode(struct wr *w, const struct coap_msg *m);

static inline bool coap_is_signal(uint8_t code)
{
	return COAP_CODE_CLASS(code) == 7;
}

#endif
