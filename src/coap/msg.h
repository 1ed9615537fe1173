/* SPDX-License-Identifier: BSD-3-Clause */
/* CoAP messages, pure: bytes in, struct out (RFC 7252 §3). Everything borrowed. */
#ifndef COAP_MSG_H
#define COAP_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "util/wr.h"

enum coap_type { COAP_CON = 0, COAP_NON = 1, COAP_ACK = 2, COAP_RST = 3 };

#define COAP_CODE(class_, detail_) ((uint8_t)((class_) << 5 | (detail_)))
#define COAP_CODE_CLASS(code_)     ((code_) >> 5)
enum coap_code {
	COAP_EMPTY = 0,
	COAP_GET = 1,
	COAP_POST = 2,
	COAP_PUT = 3,
	COAP_DELETE = 4,
	COAP_FETCH = 5,
	COAP_PATCH = 6,
	COAP_IPATCH = 7,
	COAP_201 = COAP_CODE(2, 1),
	COAP_202 = COAP_CODE(2, 2),
	COAP_203 = COAP_CODE(2, 3),
	COAP_204 = COAP_CODE(2, 4),
	COAP_205 = COAP_CODE(2, 5),
	COAP_231 = COAP_CODE(2, 31),
	COAP_400 = COAP_CODE(4, 0),
	COAP_401 = COAP_CODE(4, 1),
	COAP_402 = COAP_CODE(4, 2),
	COAP_403 = COAP_CODE(4, 3),
	COAP_404 = COAP_CODE(4, 4),
	COAP_405 = COAP_CODE(4, 5),
	COAP_406 = COAP_CODE(4, 6),
	COAP_408 = COAP_CODE(4, 8),
	COAP_409 = COAP_CODE(4, 9),
	COAP_412 = COAP_CODE(4, 12),
	COAP_413 = COAP_CODE(4, 13),
	COAP_415 = COAP_CODE(4, 15),
	COAP_500 = COAP_CODE(5, 0),
	COAP_501 = COAP_CODE(5, 1),
	COAP_503 = COAP_CODE(5, 3),
	COAP_504 = COAP_CODE(5, 4),
	COAP_505 = COAP_CODE(5, 5)
};

enum coap_option {
	COAP_OPT_IF_MATCH = 1,
	COAP_OPT_URI_HOST = 3,
	COAP_OPT_ETAG = 4,
	COAP_OPT_IF_NONE_MATCH = 5,
	COAP_OPT_OBSERVE = 6,
	COAP_OPT_URI_PORT = 7,
	COAP_OPT_LOCATION_PATH = 8,
	COAP_OPT_OSCORE = 9,
	COAP_OPT_URI_PATH = 11,
	COAP_OPT_CONTENT_FORMAT = 12,
	COAP_OPT_MAX_AGE = 14,
	COAP_OPT_URI_QUERY = 15,
	COAP_OPT_ACCEPT = 17,
	COAP_OPT_LOCATION_QUERY = 20,
	COAP_OPT_BLOCK2 = 23,
	COAP_OPT_BLOCK1 = 27,
	COAP_OPT_SIZE2 = 28,
	COAP_OPT_PROXY_URI = 35,
	COAP_OPT_PROXY_SCHEME = 39,
	COAP_OPT_SIZE1 = 60,
	COAP_OPT_ECHO = 252,
	COAP_OPT_REQUEST_TAG = 292
};

#define COAP_TOKEN_MAX   8
#define COAP_OPTS_MAX    32
#define COAP_SMALL_BYTES 40

struct coap_opt {
	uint16_t num;
	uint16_t len;
	const uint8_t *val;
};

struct coap_msg {
	uint8_t type; /* enum coap_type */
	uint8_t code;
	uint16_t mid;
	uint8_t tkl;
	uint8_t nopts;
	uint8_t token[COAP_TOKEN_MAX];
	struct coap_opt opts[COAP_OPTS_MAX]; /* ascending by number */
	uint8_t small[COAP_SMALL_BYTES];     /* of options added by coap_add_copy and _uint */
	uint8_t small_used;
	const uint8_t *payload;
	size_t payload_len;
	/* Of an answer that is made piece by piece: which part of its body the payload is. */
	size_t body_at, body_len; /* body_len 0: it is all of it */
};

/* Header fields set, no options, no payload, no token. */
void coap_msg_init(struct coap_msg *m, enum coap_type type, uint8_t code);
/* The same with the message id and the token of a request. */
void coap_msg_answer(
	struct coap_msg *m, enum coap_type type, uint8_t code, const struct coap_msg *req);

/*
 * Parse one datagram. LGW_OK; LGW_ENOTSUP: silence is due (not version 1, under 4 bytes);
 * LGW_EINVAL: format error (type, code and mid are filled in, for the reset that a CON gets);
 * LGW_ETOOBIG: more than COAP_OPTS_MAX options (to be treated like LGW_EINVAL).
 */
int coap_udp_decode(struct coap_msg *m, const void *p, size_t len);
/* Append the bytes of a message; wr_err() tells whether it fitted. */
void coap_udp_encode(struct wr *w, const struct coap_msg *m);

/*
 * Options and payload alone, as they follow the header in every framing and inside of OSCORE. Into
 * a message that has none yet; LGW_EINVAL, LGW_ETOOBIG.
 */
int coap_body_decode(struct coap_msg *m, const void *p, size_t len);
void coap_body_encode(struct wr *w, const struct coap_msg *m);

/* Add an option in any order of numbers (kept sorted, stable); val borrowed. LGW_ENOMEM if full. */
int coap_add(struct coap_msg *m, uint16_t num, const void *val, size_t len);
int coap_add_str(struct coap_msg *m, uint16_t num, const char *s);
/* The bytes live inside the message, which has room for COAP_SMALL_BYTES of them. */
int coap_add_copy(struct coap_msg *m, uint16_t num, const void *val, size_t len);
/* Shortest encoding, likewise. */
int coap_add_uint(struct coap_msg *m, uint16_t num, uint32_t v);
/* Take out all options with this number. */
void coap_drop(struct coap_msg *m, uint16_t num);
/* First option with this number from index *it on (start with 0, left after it), or NULL. */
const struct coap_opt *coap_opt_next(const struct coap_msg *m, uint16_t num, unsigned *it);
const struct coap_opt *coap_opt_find(const struct coap_msg *m, uint16_t num);
/* Value of an unsigned integer option; dflt when it is absent. Longer than 4 bytes: dflt. */
uint32_t coap_opt_uint(const struct coap_msg *m, uint16_t num, uint32_t dflt);

static inline bool coap_is_request(uint8_t code)
{
	return code >= 1 && code < 32;
}
/* "2.05" into a buffer of 8; returns it. */
const char *coap_code_text(char *buf, uint8_t code);

#endif
