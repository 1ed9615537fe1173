/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a client and a server share beforehand (RFC 8613 §3.2), as LwM2M's object 21 holds it.
 * Immutable, counted, wiped at the end.
 */
#ifndef CRYPTO_OSCRED_H
#define CRYPTO_OSCRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crypto/aead.h"

#define OSCORE_SECRET_MAX     64
#define OSCORE_SALT_MAX       64
#define OSCORE_ID_MAX         7 /* nonce of 13 bytes less 6; shorter nonces take shorter ids */
#define OSCORE_ID_CONTEXT_MAX 64
#define OSCORE_NAME_BYTES     32

struct oscore_bytes {
	const uint8_t *p;
	size_t len;
};

struct oscore_params {
	struct oscore_bytes secret, salt;
	struct oscore_bytes sender, recipient; /* ids as this side sees them; may be empty */
	struct oscore_bytes id_context;
	bool has_id_context;
	int aead; /* COSE's numbers; 0: AES-CCM-16-64-128 */
	int hkdf; /* 0: HKDF-SHA-256 */
	/* Begin with keys of an own by RFC 8613 Appendix B.2, for servers that do so but do not
	 * know the Echo option. */
	bool rederive;
	/* For servers that take short numbers only: when these keys were made, ms since 1970, and
	 * not later than any use of them; 0: numbers may be long. */
	int64_t since_ms;
};

struct oscore_cred {
	struct oscore_params p; /* own copies */
	const struct aead_alg *alg;
	const char *digest;
	uint8_t name[OSCORE_NAME_BYTES]; /* a digest of all of it: tells nothing */
	uint32_t refs;
};
/* LGW_EINVAL, LGW_ETOOBIG, LGW_ENOTSUP; text says why and never holds a secret. */
int oscore_cred_new(
	const struct oscore_params *p, const struct oscore_cred **out, char *text, size_t size);
const struct oscore_cred *oscore_cred_ref(const struct oscore_cred *c); /* takes NULL */
void oscore_cred_unref(const struct oscore_cred *c);                    /* takes NULL */
bool oscore_cred_eq(const struct oscore_cred *a, const struct oscore_cred *b);

#endif
