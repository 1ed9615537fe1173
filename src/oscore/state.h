/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of this folder share. */
#ifndef OSCORE_STATE_H
#define OSCORE_STATE_H

#include "oscore/context.h"
#include "oscore/option.h"
#include "oscore/protect.h"
#include "oscore/replay.h"

#define OSCORE_SEQ_END  (1ULL << 40) /* numbers have five bytes */
#define OSCORE_SEQ_STEP 32           /* reserved at a time */
#define OSCORE_R_BYTES  8            /* of R2 and R3, and of an ID1 of ours */
#define OSCORE_ECHO_LEN 8

struct oscore_keys {
	uint8_t send[AEAD_KEY_MAX], recv[AEAD_KEY_MAX], iv[AEAD_NONCE_MAX];
};

/* An id context of the peer's or ours; n < 0: none. */
struct oscore_idctx {
	int16_t n;
	uint8_t b[OSCORE_ID_CONTEXT_MAX];
};

enum oscore_phase {
	OSCORE_STEADY,
	OSCORE_ASKING,    /* requests go out under ID1 */
	OSCORE_CONFIRMING /* requests go out under R2 | R3 and say so */
};

struct oscore {
	const struct oscore_cred *cred;
	const struct oscore_ops *ops;
	void *ud;
	struct oscore_keys keys;
	struct oscore_idctx idctx;
	struct oscore_window window;
	uint64_t seq, reserved;           /* the next number; those below reserved may be used */
	uint64_t base_seq, base_reserved; /* of the configured keys, while others are in use */
	struct oscore_idctx *asked;       /* ID1 of a peer that lost its state, and our R2 */
	uint8_t r2[OSCORE_R_BYTES];
	uint8_t echo[OSCORE_ECHO_LEN];
	uint8_t phase; /* enum oscore_phase */
	uint8_t epoch; /* counts the keys */
	bool base;     /* the configured keys are in use */
};

/* context.c */
int oscore_derive(
	const struct oscore_cred *cred, const struct oscore_idctx *id, struct oscore_keys *out);
/* The next number; LGW_EUNAVAIL, LGW_ETOOBIG (used up). */
int oscore_next(struct oscore *c, uint64_t *seq);
void oscore_adopt(struct oscore *c, const struct oscore_keys *k, const struct oscore_idctx *id);

/* protect.c */
struct oscore_crypt {
	const struct oscore *c;
	const uint8_t *key, *iv;
	struct oscore_bytes kid, piv;         /* of the nonce */
	struct oscore_bytes req_kid, req_piv; /* of the additional data */
};
/* Seal or open len bytes (with tag) at p. */
int oscore_crypt(struct aead *a, const struct oscore_crypt *x, bool seal, uint8_t *p, size_t len);

/* recover.c */
/* An id context from a kid context that is a CBOR byte string. */
bool oscore_unwrap(struct oscore_idctx *out, const uint8_t *p, size_t len);
size_t oscore_wrap(uint8_t *out, const uint8_t *p, size_t len);
bool oscore_join(
	struct oscore_idctx *out, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen);
/* Response #1 was verified: our keys are R2 | R3 from now on. */
int oscore_confirm(struct oscore *c, const struct oscore_idctx *r2);

#endif
