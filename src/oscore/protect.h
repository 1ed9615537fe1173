/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Protect and unprotect messages (RFC 8613 §4-§8), pure: a message in, a message out. What comes
 * out borrows from what went in and from the caller's memory.
 */
#ifndef OSCORE_PROTECT_H
#define OSCORE_PROTECT_H

#include "coap/msg.h"
#include "oscore/context.h"
#include "oscore/option.h"
#include "util/err.h"

/* What answers to one request are bound to. */
struct oscore_bind {
	uint8_t piv[OSCORE_PIV_MAX]; /* of the request */
	uint8_t piv_len;
	uint8_t epoch;  /* of the keys that the request came under */
	bool fetch : 1; /* the outer method was FETCH: it asked for Observe */
	bool used : 1;  /* its nonce protects an answer already, or may not */
};

/* Other keys are in use than when it was made: nothing can answer to it any more. */
bool oscore_stale(const struct oscore *c, const struct oscore_bind *b);
/* The binding as bytes, for another life with the same keys (oscore_configured). */
#define OSCORE_BIND_BYTES (1 + OSCORE_PIV_MAX)
struct wr;
void oscore_bind_put(const struct oscore_bind *b, struct wr *w);
/* LGW_EINVAL. Its answers have numbers of their own from then on. */
int oscore_bind_take(const struct oscore *c, const uint8_t *p, size_t len, struct oscore_bind *out);

/* How an unprotected request ends, beside LGW_OK. */
enum oscore_refusal {
	OSCORE_MALFORMED = LGW_EINVAL, /* 4.02 "Failed to decode COSE" */
	OSCORE_UNKNOWN = LGW_ENOENT,   /* 4.01 "Security context not found" */
	OSCORE_REPLAY = LGW_EEXIST,    /* 4.01 "Replay detected" */
	OSCORE_FORGED = LGW_EACCES,    /* 4.00 "Decryption failed" */
	/* Genuine, but perhaps an old one: answered by what oscore_challenge makes. */
	OSCORE_UNSURE = LGW_EINCOMPLETE
};

/*
 * A request or an answer of ours. w: memory for the ciphertext and the option, cap beyond the size
 * of the message by OSCORE_OVERHEAD. in keeps its token, type and message id in out. bind is filled
 * in by a request, and used by its answers; the first one of a fresh request needs no number of its
 * own unless piv says that it is a notification. LGW_ETOOBIG, LGW_EUNAVAIL (no number now).
 */
#define OSCORE_OVERHEAD (AEAD_TAG_MAX + OSCORE_OPTION_MAX + 16)
int oscore_protect_request(struct oscore *c, struct aead *a, const struct coap_msg *in,
	struct oscore_bind *bind, struct wr *w, struct coap_msg *out);
int oscore_protect_answer(struct oscore *c, struct aead *a, const struct coap_msg *in,
	struct oscore_bind *bind, struct wr *w, struct coap_msg *out);
/* The answer to a request that ended OSCORE_UNSURE: a protected 4.01 with Echo (B.1.2), or with R2
 * for a peer that lost its state (B.2). in: token, type, message id. */
int oscore_challenge(struct oscore *c, struct aead *a, const struct coap_msg *in,
	struct oscore_bind *bind, struct wr *w, struct coap_msg *out);

/* A request of the peer; w: memory for the plain text. LGW_OK or an enum oscore_refusal. */
int oscore_unprotect_request(struct oscore *c, struct aead *a, const struct coap_msg *in,
	struct oscore_bind *bind, struct wr *w, struct coap_msg *out);
/*
 * An answer to the request that bind belongs to. LGW_OK; LGW_EINVAL, LGW_EACCES: drop it;
 * LGW_PENDING: as LGW_OK, and keys have changed: if the answer says 4.01, send the request again.
 */
int oscore_unprotect_answer(struct oscore *c, struct aead *a, const struct coap_msg *in,
	const struct oscore_bind *bind, struct wr *w, struct coap_msg *out);

#endif
